// The severity table, and that every kind of damage in it does something to a page, more at a higher severity, and nothing to its truth.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tests/generator/damaged_page.h"
#include "tests/generator/degradation.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/generated_page.h"
#include "tests/generator/soiling.h"

namespace inkfield::generator {
namespace {

TEST(SeverityTable, EveryRow_StandsAtItsPlaceAndGetsWorse) {
  const auto& table = severity_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const SeverityRow& row = table[i];
    EXPECT_EQ(static_cast<std::size_t>(row.damage), i) << row.name;
    const double direction = row.value[4] > row.value[0] ? 1 : -1;
    for (std::size_t severity = 1; severity < row.value.size(); ++severity) {
      EXPECT_GE(direction * (row.value[severity] - row.value[severity - 1]), 0) << row.name << " " << severity;
    }
    EXPECT_NE(row.value[2], row.value[0]) << row.name;
    EXPECT_NE(row.value[3], row.value[2]) << row.name;
    EXPECT_NE(row.value[4], row.value[3]) << row.name;
  }
}

TEST(PageDamage, Together_LiesBetweenTheSeverityBelowAndItsOwn) {
  for (int severity = 0; severity < kSeverityCount; ++severity) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      Random random(seed);
      const PageDamage page = damage_together(severity, random);
      for (const SeverityRow& row : severity_table()) {
        const double none = row.value[0];
        const double worst = severity_value(row.damage, severity);
        EXPECT_LE(std::fabs(page.of(row.damage) - none), std::fabs(worst - none) + 1e-9) << row.name;
      }
      EXPECT_TRUE(!page.bilevel || severity >= 2);
      EXPECT_TRUE(!page.bilevel || page.of(Damage::perspective) == 0);
    }
  }
}

class EachDamage : public ::testing::TestWithParam<int> {};

TEST_P(EachDamage, WorseSeverity_ChangesThePageAndNotWhatIsWrittenOnIt) {
  const auto damage = static_cast<Damage>(GetParam());
  const SeverityRow& row = severity_table()[static_cast<std::size_t>(GetParam())];
  const config::FormTemplate form = load_sample_template(SampleForm::lab, INKFIELD_SAMPLE_FORMS);
  PageDamage little;
  little.of(Damage::dpi) = 60;
  PageDamage much = little;
  if (damage != Damage::dpi) {
    much.of(damage) = severity_value(damage, 3);
  } else {
    much.of(damage) = 40;
  }
  const DamagedPage plain = damaged_page(SampleForm::lab, form, little, 5);
  const DamagedPage worse = damaged_page(SampleForm::lab, form, much, 5);
  ASSERT_EQ(plain.values.size(), worse.values.size());
  for (std::size_t i = 0; i < plain.values.size(); ++i) EXPECT_EQ(plain.values[i].written, worse.values[i].written);
  if (damage == Damage::jpeg) {
    EXPECT_EQ(worse.file, FileKind::jpeg);
    EXPECT_EQ(worse.jpeg_quality, static_cast<int>(row.value[3]));
  } else {
    EXPECT_NE(plain.picture.samples, worse.picture.samples) << row.name;
  }
}
INSTANTIATE_TEST_SUITE_P(Table, EachDamage, ::testing::Range(0, kDamageCount),
                         [](const auto& tested) {
                           std::string name;
                           for (const char c : std::string(severity_table()[static_cast<std::size_t>(tested.param)].name)) {
                             if (c != ' ') name += c;
                           }
                           return name;
                         });

TEST(DamagedPage, MapFromMillimetres_LandsOnTheCornerMarks) {
  const config::FormTemplate form = load_sample_template(SampleForm::census, INKFIELD_SAMPLE_FORMS);
  PageDamage damage;
  damage.of(Damage::dpi) = 100;
  damage.of(Damage::skew) = 10;
  damage.of(Damage::scale) = 0.05;
  damage.of(Damage::perspective) = 0.08;
  damage.of(Damage::shift) = 5;
  for (const bool upside_down : {false, true}) {
    damage.upside_down = upside_down;
    const DamagedPage page = damaged_page(SampleForm::census, form, damage, 8);
    ASSERT_FALSE(form.find_by.corner_marks.empty());
    for (const config::CornerMark& mark : form.find_by.corner_marks) {
      // The mean of what is dark within 8 mm of where the mark should be.
      const auto& m = page.px_from_mm;
      const double w = m[6] * mark.center.x_mm + m[7] * mark.center.y_mm + m[8];
      const double x = (m[0] * mark.center.x_mm + m[1] * mark.center.y_mm + m[2]) / w;
      const double y = (m[3] * mark.center.x_mm + m[4] * mark.center.y_mm + m[5]) / w;
      double weight = 0;
      double sum_x = 0;
      double sum_y = 0;
      const int reach = static_cast<int>(0.9 * mark.size_mm * 100 / 25.4);
      for (int py = std::max(0, static_cast<int>(y) - reach); py < std::min(page.picture.height_px, static_cast<int>(y) + reach); ++py) {
        for (int px = std::max(0, static_cast<int>(x) - reach); px < std::min(page.picture.width_px, static_cast<int>(x) + reach); ++px) {
          if (page.picture.row(py)[3 * px] > 100) continue;
          weight += 1;
          sum_x += px + 0.5;
          sum_y += py + 0.5;
        }
      }
      ASSERT_GT(weight, 50);
      EXPECT_NEAR(sum_x / weight, x, 1.5);
      EXPECT_NEAR(sum_y / weight, y, 1.5);
    }
  }
}

TEST(Fold, SheetBeyondTheCrease_LiesAsideAndShaded) {
  Picture picture;
  picture.width_px = 400;
  picture.height_px = 400;
  picture.channels = 1;
  picture.dpi = 254;  // 10 px a mm
  picture.samples.assign(400 * 400, 255);
  for (int y = 0; y < 400; ++y) picture.row(y)[200] = 0;
  fold(picture, {0, 150, 400, 150}, 0.5, 1.0);
  EXPECT_EQ(picture.row(100)[200], 0) << "before the crease nothing moves";
  EXPECT_EQ(picture.row(350)[190], 0) << "10 px aside beyond it";
  EXPECT_GT(picture.row(350)[200], 200);
  EXPECT_LT(picture.row(160)[50], 160) << "shade";
  EXPECT_GT(picture.row(350)[50], 250);
}

TEST(CoffeeRing, Rim_IsDarkerThanInsideAndOutside) {
  Picture picture;
  picture.width_px = 400;
  picture.height_px = 400;
  picture.channels = 3;
  picture.dpi = 100;
  picture.samples.assign(3 * 400 * 400, 255);
  Random random(2);
  add_coffee_ring(picture, 200, 200, 130, 0.6, random);
  int darkest = 255;
  for (int x = 0; x < 400; ++x) darkest = std::min<int>(darkest, picture.row(200)[3 * x + 2]);
  EXPECT_LT(darkest, 200);
  EXPECT_EQ(picture.row(200)[3 * 10 + 2], 255);
  EXPECT_GT(picture.row(200)[3 * 200 + 2], 225);
  EXPECT_GT(picture.row(200)[3 * 200], picture.row(200)[3 * 200 + 2]) << "brown: blue suffers most";
}

}  // namespace
}  // namespace inkfield::generator
