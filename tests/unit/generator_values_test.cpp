// What the generator writes on forms is what their templates allow.
#include "tests/generator/form_values.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/generator/cursive.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/generated_page.h"
#include "tests/unit/generator_templates.h"

namespace inkfield::generator {
namespace {

TEST(LuhnDigit, KnownNumber_GivesItsLastDigit) { EXPECT_EQ(luhn_digit("7992739871"), '3'); }

TEST(RandomValues, EveryForm_OneValueForEachFieldInOrder) {
  for (const SampleForm form : sample_forms()) {
    const config::FormTemplate form_template = template_of(form);
    Random random(5);
    const std::vector<FieldValue> values = random_values(form, form_template, random);
    ASSERT_EQ(values.size(), form_template.fields.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(values[i].field_id, form_template.fields[i].id);
    }
  }
}

TEST(RandomValues, RequiredField_IsNeverEmpty) {
  for (const SampleForm form : sample_forms()) {
    const config::FormTemplate form_template = template_of(form);
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Random random(seed);
      for (const FieldValue& value : random_values(form, form_template, random)) {
        if (field_of(form_template, value.field_id).required) {
          EXPECT_FALSE(value.written.empty()) << value.field_id;
        }
      }
    }
  }
}

TEST(RandomValues, BoxedNumber_FitsItsBoxes) {
  const config::FormTemplate form_template = template_of(SampleForm::census);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    for (const FieldValue& value : random_values(SampleForm::census, form_template, random)) {
      const config::Field& field = field_of(form_template, value.field_id);
      if (field.kind == config::FieldKind::handwritten_number) {
        EXPECT_LE(value.written.size(), static_cast<std::size_t>(field.layout.count)) << value.field_id;
      }
    }
  }
}

TEST(RandomValues, RowOfCheckBoxes_HasOneMark) {
  const config::FormTemplate form_template = template_of(SampleForm::census);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    std::map<std::string, int> marks;
    for (const FieldValue& value : random_values(SampleForm::census, form_template, random)) {
      const std::string group = value.field_id.substr(0, value.field_id.find('_'));
      if (value.written == "checked") {
        ++marks[group];
      }
    }
    for (const char* group : {"tenure", "water", "heating"}) {
      EXPECT_EQ(marks[group], 1) << group << ", seed " << seed;
    }
  }
}

TEST(AmountInWords, IndianScale_SaysLakhs) {
  EXPECT_EQ(amount_in_words(123456), "One lakh twenty three thousand four hundred fifty six only");
  EXPECT_EQ(amount_in_words(12), "Twelve only");
}

TEST(CellsOf, GapAfterTwo_ShiftsTheThird) {
  config::Field field;
  field.zone = {10, 5, 17, 6};
  field.layout.type = config::LayoutType::boxes;
  field.layout.count = 3;
  field.layout.pitch_mm = 5;
  field.layout.gaps = {{2, 2}};
  const std::vector<config::RectMm> cells = cells_of(field);
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_DOUBLE_EQ(cells[1].x_mm, 15);
  EXPECT_DOUBLE_EQ(cells[2].x_mm, 22);
}

}  // namespace
}  // namespace inkfield::generator
