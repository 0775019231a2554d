// Field kinds: the registry, check-box groups, signatures, and a kind of one's own from template to result. The last is
// the example that plugin/pipeline/README.md points to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

#include "config/template_loader.h"
#include "plugin/pipeline/checkbox_group_reader.h"
#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/form_barcode.h"
#include "plugin/pipeline/form_reader.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/signature_reader.h"
#include "recognizer/engine/network.h"
#include "recognizer/ink_components.h"
#include "tests/unit/pipeline_drawn_crops.h"

namespace inkfield::pipeline {
namespace {

using config::Field;
using config::FieldKind;
using page::FieldState;
using testing::HasSubstr;

TEST(FieldKinds, EveryKindOfTheLanguage_HasOneReaderAndAName) {
  EXPECT_EQ(config::standard_kinds().size(), standard_kind_readers().size());
  for (const config::KindRules& rules : config::standard_kinds()) {
    const auto& readers = standard_kind_readers();
    EXPECT_EQ(std::count_if(readers.begin(), readers.end(), [&](const KindReader& row) { return row.kind == rules.kind; }), 1) << rules.name;
    EXPECT_EQ(config::kind_name(rules.kind), rules.name);
  }
}

TEST(FieldKinds, KindWithoutReader_FailsAndSaysSo) {
  Field field;
  field.kind = FieldKind::barcode;
  FieldReaders readers({}, {});
  const page::Reading reading = readers.read(uncalibrated(page::GrayImage(10, 10), &field), {});
  EXPECT_THAT(reading.failure, HasSubstr("no reader"));
  FieldReaders without_engine(standard_kind_readers(), {});
  EXPECT_THAT(without_engine.read(uncalibrated(page::GrayImage(10, 10), &field), {}).failure, HasSubstr("no reader for barcodes"));
}

TEST(FormBarcode, Text_IsHeldAgainstWhatTheTemplateSays) {
  config::FormBarcode barcode;
  EXPECT_FALSE(code_fits(barcode, "anything"));
  barcode.text = "FORM-7";
  EXPECT_TRUE(code_fits(barcode, "FORM-7"));
  EXPECT_FALSE(code_fits(barcode, "FORM-71"));
  barcode.text.clear();
  barcode.begins_with = "FORM-7";
  EXPECT_TRUE(code_fits(barcode, "FORM-71"));
  EXPECT_FALSE(code_fits(barcode, "FORM-"));
  barcode.begins_with.clear();
  barcode.pattern = "9{4}-9";
  EXPECT_TRUE(code_fits(barcode, "2024-3"));
  EXPECT_FALSE(code_fits(barcode, "2024-33"));
}

// --- check-box groups: three boxes of 4 mm, 12 mm apart, at 11.8 px/mm

class CheckboxGroup : public testing::Test {
 protected:
  static constexpr double kPxPerMm = 11.8;
  CheckboxGroup() : drawing_(560, 130) {
    field_.kind = FieldKind::checkbox_group;
    field_.allowed_wrong_rate = 0.05;
    for (int i = 0; i < 3; ++i) {
      field_.options.push_back({std::string(1, static_cast<char>('a' + i)), {10 + 12.0 * i, 20, 4, 4}});
      const Box box = at(i);
      drawing_.rectangle(box.left, box.top, box.left + 4 * kPxPerMm, box.top + 4 * kPxPerMm, 3);
    }
    field_.zone = {10, 20, 28, 4};
  }
  struct Box {
    double left, top;
  };
  static Box at(int i) { return {40 + 12.0 * kPxPerMm * i, 40}; }
  void tick(int i) {
    const Box box = at(i);
    drawing_.stroke({{box.left + 10, box.top + 22}, {box.left + 18, box.top + 35}, {box.left + 40, box.top + 6}}, 3.5);
  }
  void cross(int i) {
    const Box box = at(i);
    drawing_.line(box.left + 6, box.top + 6, box.left + 41, box.top + 41, 3.5);
    drawing_.line(box.left + 41, box.top + 6, box.left + 6, box.top + 41, 3.5);
  }
  void fill(int i) {
    const Box box = at(i);
    for (double y = 2; y < 46; y += 3) drawing_.line(box.left + 2, box.top + y, box.left + 45, box.top + y, 4);
  }
  void strike_through(int i) {
    const Box box = at(i);
    drawing_.line(box.left - 32, box.top + 28, box.left + 80, box.top + 20, 3.5);
    drawing_.line(box.left - 30, box.top + 18, box.left + 78, box.top + 30, 3.5);
  }
  page::FieldResult result() {
    const page::FieldCrop crop = calibrated(drawing_.picture(), field_, {40, 40, 40 + 28 * kPxPerMm, 40 + 4 * kPxPerMm}, kPxPerMm);
    CheckboxGroupReader reader;
    return decide(field_, reader.read(crop, {}), nullptr, {}, {});
  }
  Field field_;
  Drawing drawing_;
};

TEST_F(CheckboxGroup, OneMark_IsTheChoice) {
  cross(1);
  const page::FieldResult read = result();
  EXPECT_EQ(read.text, "b");
  EXPECT_EQ(read.normalized, "b");
  EXPECT_EQ(read.state, FieldState::accepted) << read.reason;
}

TEST_F(CheckboxGroup, NoMark_IsEmptyOrMissed) {
  EXPECT_EQ(result().state, FieldState::review);
  EXPECT_EQ(result().text, "");
  field_.required = false;
  EXPECT_EQ(result().state, FieldState::empty);
}

TEST_F(CheckboxGroup, TwoMarks_AreFineWhereAnyMayBeChosen) {
  tick(0);
  cross(2);
  EXPECT_EQ(result().state, FieldState::review);
  EXPECT_THAT(result().reason, HasSubstr("more than one"));
  field_.choose = config::Choose::any;
  EXPECT_EQ(result().text, "a,c");
  EXPECT_EQ(result().state, FieldState::accepted) << result().reason;
}

TEST_F(CheckboxGroup, BlackedOutBesideATick_IsDoubtedAndTheTickOffered) {
  fill(0);
  tick(2);
  EXPECT_EQ(result().text, "c");
  EXPECT_EQ(result().state, FieldState::review);
  EXPECT_THAT(result().reason, HasSubstr("taken back"));
}

TEST_F(CheckboxGroup, AllFilled_IsAWayToMark) {
  fill(1);
  EXPECT_EQ(result().text, "b");
  EXPECT_EQ(result().state, FieldState::accepted) << result().reason;
}

TEST_F(CheckboxGroup, StruckThroughMark_IsDoubted) {
  cross(1);
  strike_through(1);
  EXPECT_EQ(result().state, FieldState::review);
  EXPECT_THAT(result().reason, HasSubstr("struck through"));
}

TEST_F(CheckboxGroup, CropOfUnknownScale_IsReadByItsZone) {
  cross(2);
  const page::GrayImage& whole = drawing_.picture();
  page::GrayImage cut(static_cast<int>(28 * kPxPerMm) + 6, static_cast<int>(4 * kPxPerMm) + 6);
  for (int y = 0; y < cut.height_px; ++y) std::copy_n(whole.row(37 + y) + 37, cut.width_px, cut.row(y));
  CheckboxGroupReader reader;
  const page::Reading reading = reader.read(uncalibrated(cut, &field_), {});
  EXPECT_EQ(reading.raw_text, "c");
}

TEST_F(CheckboxGroup, NothingToLookAt_Fails) {
  CheckboxGroupReader reader;
  EXPECT_FALSE(reader.read(uncalibrated(page::GrayImage(), &field_), {}).failure.empty());
  field_.options.clear();
  EXPECT_FALSE(reader.read(uncalibrated(page::GrayImage(50, 50), &field_), {}).failure.empty());
}

// --- signatures

page::FieldResult read_signature(Drawing& drawing, bool required = true) {
  Field field;
  field.kind = FieldKind::signature;
  field.required = required;
  field.zone = {0, 0, 50, 11};
  SignatureReader reader;
  return decide(field, reader.read(calibrated(drawing.picture(), field, {30, 30, 620, 160}, 11.8), {}), nullptr, {}, {});
}

TEST(Signature, LineAloneAndSpecks_AreUnsigned) {
  Drawing drawing(650, 200);
  drawing.line(40, 150, 610, 150, 3);
  drawing.line(100, 80, 102, 81, 2);
  EXPECT_EQ(read_signature(drawing).state, FieldState::review);
  EXPECT_THAT(read_signature(drawing).reason, HasSubstr("nothing is written"));
  EXPECT_EQ(read_signature(drawing, false).state, FieldState::empty);
}

TEST(Signature, DustAllOverIt_IsNone) {
  Drawing drawing(650, 200);
  drawing.line(40, 150, 610, 150, 3);
  for (int i = 0; i < 80; ++i)
    drawing.line(50 + 28 * (i % 20), 50 + 20 * (i / 20), 53 + 28 * (i % 20), 50 + 20 * (i / 20), 3);
  EXPECT_EQ(read_signature(drawing, false).state, FieldState::empty);
}

TEST(Signature, WritingOverTheLine_IsSigned) {
  Drawing drawing(650, 200);
  drawing.line(40, 150, 610, 150, 3);
  Polyline name;
  for (int i = 0; i < 120; ++i) name.push_back({150 + 2.2 * i + 12 * std::sin(i * 0.7), 110 + 35 * std::sin(i * 0.9)});
  drawing.stroke(name, 4);
  const page::FieldResult read = read_signature(drawing);
  EXPECT_EQ(read.state, FieldState::accepted) << read.reason;
  EXPECT_EQ(read.text, "signed");
  EXPECT_EQ(read.normalized, "true");
}

TEST(Signature, OneShortStroke_GoesToAPerson) {
  Drawing drawing(650, 200);
  drawing.line(40, 150, 610, 150, 3);
  drawing.line(200, 80, 270, 110, 4);
  const page::FieldResult read = read_signature(drawing);
  EXPECT_EQ(read.state, FieldState::review);
  EXPECT_THAT(read.reason, HasSubstr("too little"));
}

// --- a kind of one's own: how many upright strokes a tally has

constexpr auto kTally = static_cast<FieldKind>(1000);

class TallyReader final : public page::FieldReader {
 public:
  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& /*context*/) override {
    const InkMap ink = extract_ink(crop.gray);
    int strokes = 0;
    for (const recognizer::InkComponent& piece : recognizer::find_ink_components(ink.view()).pieces) {
      strokes += piece.height_px() > 4 * piece.width_px() ? 1 : 0;
    }
    page::Reading reading;
    reading.raw_text = std::to_string(strokes);
    reading.normalized = reading.raw_text;
    reading.confidence = 0.99;
    reading.threshold = 1 - crop.field->allowed_wrong_rate;
    reading.candidates.push_back({reading.raw_text, reading.confidence});
    return reading;
  }
};

TEST(KindOfOnesOwn, TwoRowsAndAClass_AreReadFromATemplate) {
  if (!std::filesystem::exists(INKFIELD_MODEL)) GTEST_SKIP() << "no model at " << INKFIELD_MODEL;
  config::KindTable kinds = config::standard_kinds();
  kinds.push_back({"tally", kTally, "a tally", {}, {}, {}, false});
  KindReaders readers = standard_kind_readers();
  readers.push_back({kTally, [](const KindParts&) -> std::unique_ptr<page::FieldReader> { return std::make_unique<TallyReader>(); }});

  const auto loaded = config::load_field(R"({"kind": "tally", "id": "votes", "allowed_wrong_rate": 0.05})", "test", kinds);
  ASSERT_TRUE(loaded.ok()) << loaded.faults.front().message;
  EXPECT_FALSE(config::load_field(R"({"kind": "tally", "format": {"type": "digits"}})", "test", kinds).ok());
  EXPECT_FALSE(config::load_field(R"({"kind": "tally"})", "test").ok());

  auto network = std::make_shared<const recognizer::Network>(recognizer::Network::from_file(INKFIELD_MODEL));
  auto catalogue = std::make_shared<const FormCatalogue>(std::make_shared<const recognizer::NumberReader>(network), nullptr);
  FormReader reader(catalogue, {}, readers);
  Drawing drawing(300, 100);
  for (int i = 0; i < 4; ++i) drawing.line(40 + 30 * i, 20, 42 + 30 * i, 80, 4);
  page::Page page;
  page.gray = drawing.picture();
  const page::FieldResult read = reader.read_crop(page, loaded.values.front(), {}).fields.at(0);
  EXPECT_EQ(read.text, "4");
  EXPECT_EQ(read.state, FieldState::accepted) << read.reason;
}

}  // namespace
}  // namespace inkfield::pipeline
