// Printed numbers read by an engine and by our network: what both say, what only one says, and through the whole reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "pipeline_drawn_crops.h"
#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/form_reader.h"
#include "plugin/pipeline/second_reading.h"

namespace inkfield::pipeline {
namespace {

using page::Reading;

constexpr double kThreshold = 0.95;

Reading reading(const std::string& text, double confidence) {
  Reading made;
  made.raw_text = text;
  if (!text.empty()) made.candidates.push_back({text, confidence});
  made.confidence = confidence;
  made.threshold = kThreshold;
  return made;
}

class Weighed : public testing::Test {
 protected:
  Weighed() {
    field_.id = "account";
    field_.kind = config::FieldKind::printed_number;
    field_.format.type = config::FormatType::digits;
    field_.format.min_length = 1;
    field_.format.max_length = 8;
  }
  Reading weigh(const Reading& printed, const Reading& own) const { return weighed(field_, compile_format(field_), printed, own); }

  config::Field field_;
};

TEST_F(Weighed, TheSameFromBoth_IsSurerThanEither) {
  const Reading both = weigh(reading("4711", 0.6), reading("4711", 0.8));
  EXPECT_EQ(both.candidates.at(0).text, "4711");
  EXPECT_GT(both.confidence, 0.99);
  EXPECT_EQ(both.doubt, "");
  // Neither of them is worth much by itself: together less than one wrong of a hundred allows.
  const Reading weak = weigh(reading("4711", 0.42), reading("4711", 0.2));
  EXPECT_LT(weak.confidence, weak.threshold);
  EXPECT_DOUBLE_EQ(weak.threshold, 1 - field_.allowed_wrong_rate);
  EXPECT_DOUBLE_EQ(weigh(reading("4711", 0.96), reading("4711", 0.2)).threshold, kThreshold);
}

TEST_F(Weighed, SeparatorsLeftOut_AreTheSameDate) {
  field_.format.type = config::FormatType::date;
  field_.format.date_separators = "/";
  const Reading both = weigh(reading("27/05/2084", 0.9), reading("27052084", 0.9));
  EXPECT_EQ(both.candidates.at(0).text, "27/05/2084");
  EXPECT_GT(both.confidence, 0.99);
}

TEST_F(Weighed, SureButContradicted_GoesToReview) {
  const Reading one = weigh(reading("4711", 0.9999), reading("4771", 0.3));
  EXPECT_EQ(one.candidates.at(0).text, "4711");
  EXPECT_EQ(one.candidates.at(1).text, "4771");
  EXPECT_LE(one.confidence, 0.8);
  EXPECT_NE(one.doubt, "");
}

TEST_F(Weighed, DoubtfulAndContradictedBySureInk_GivesWay) {
  const Reading one = weigh(reading("4771", 0.4), reading("4711", 0.97));
  EXPECT_EQ(one.candidates.at(0).text, "4711");
  EXPECT_EQ(one.candidates.at(1).text, "4771");
  EXPECT_EQ(one.raw_text, "4711");
  EXPECT_LT(one.confidence, kThreshold);
  EXPECT_DOUBLE_EQ(one.threshold, kThreshold);
  EXPECT_NE(one.doubt, "");
  // Where the engine read nothing valid, ours is what a person gets to see.
  EXPECT_EQ(weigh(reading("", 0), reading("4711", 0.9)).candidates.at(0).text, "4711");
  // Neither is sure: the engine's stays first.
  EXPECT_EQ(weigh(reading("4771", 0.4), reading("4711", 0.4)).candidates.at(0).text, "4771");
  EXPECT_EQ(weigh(reading("4771", 0.4), reading("4711", kOwnBeforeDoubtful - 0.01)).candidates.at(0).text, "4771");
  EXPECT_EQ(weigh(reading("4771", 0.4), reading("4711", kOwnBeforeDoubtful)).candidates.at(0).text, "4711");
}

TEST_F(Weighed, OursWithoutAnAnswer_ChangesNothing) {
  Reading failed = reading("4711", 0.99);
  failed.failure = "the crop holds no pixels";
  for (const Reading& own : {reading("", 0), reading("9", 0.01), failed}) {
    const Reading one = weigh(reading("4711", 0.97), own);
    EXPECT_EQ(one.candidates.size(), 1U);
    EXPECT_DOUBLE_EQ(one.confidence, 0.97);
    EXPECT_EQ(one.doubt, "");
  }
}

/// An engine that always says the same and prepares nothing, if empty, or this.
class Parrot : public page::FieldReader {
 public:
  Parrot(std::string text, double confidence, page::GrayImage prepared) : text_(std::move(text)), confidence_(confidence), prepared_(std::move(prepared)) {}
  Reading read(const page::FieldCrop& /*crop*/, const page::ReadContext& /*context*/) override {
    Reading said = reading(text_, confidence_);
    if (!prepared_.empty()) {
      said.prepared = {std::make_shared<const page::GrayImage>(prepared_), [](double x, double y) { return page::Point{x, y}; }};
    }
    return said;
  }

 private:
  std::string text_;
  double confidence_;
  page::GrayImage prepared_;
};

class SecondReading : public testing::Test {
 protected:
  SecondReading() {
    const auto network = std::make_shared<const recognizer::Network>(recognizer::Network::from_file(INKFIELD_MODEL));
    catalogue_ = std::make_shared<const FormCatalogue>(std::make_shared<const recognizer::NumberReader>(network), nullptr);
    field_.id = "account";
    field_.kind = config::FieldKind::printed_text;
    field_.format.type = config::FormatType::text;
    field_.format.characters = "0123456789";
    field_.format.min_length = field_.format.max_length = 6;
  }

  page::FieldResult read(const page::GrayImage& gray, const std::string& said, double confidence, const page::GrayImage& prepared) {
    FieldEngines engines;
    engines.printed_text = [&] { return std::make_unique<Parrot>(said, confidence, prepared); };
    FormReader reader(catalogue_, std::move(engines));
    page::Page page;
    page.gray = gray;
    return reader.read_crop(page, field_, {}).fields.at(0);
  }

  std::shared_ptr<const FormCatalogue> catalogue_;
  config::Field field_;
};

page::GrayImage written_line(const std::string& digits) {
  Drawing drawing(80 + 50 * static_cast<int>(digits.size()), 100);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    for (const Polyline& stroke : digit_strokes(digits[i], 40 + 50.0 * static_cast<double>(i), 20, 56)) drawing.stroke(stroke, 5);
  }
  return drawing.picture();
}

TEST_F(SecondReading, WhatTheInkShowsToBoth_IsAccepted) {
  const page::GrayImage line = written_line("204713");
  for (const page::GrayImage& prepared : {page::GrayImage(), line}) {
    const page::FieldResult agreed = read(line, "204713", 0.8, prepared);
    EXPECT_EQ(agreed.state, page::FieldState::accepted) << agreed.reason;
    EXPECT_EQ(agreed.text, "204713");
    EXPECT_GT(agreed.confidence, 0.97);
  }
}

TEST_F(SecondReading, AWrongDigitThatTheEngineIsSureOf_IsNot) {
  const page::FieldResult contradicted = read(written_line("204713"), "204773", 0.9999, {});
  EXPECT_EQ(contradicted.state, page::FieldState::review);
  EXPECT_EQ(contradicted.reason, "two readings of the number differ");
  ASSERT_GE(contradicted.candidates.size(), 2U);
  EXPECT_EQ(contradicted.candidates[1].text, "204713");
}

TEST_F(SecondReading, AnEngineInDoubt_GivesWayToTheInk) {
  const page::FieldResult taken = read(written_line("204713"), "2", 0.3, {});
  EXPECT_EQ(taken.text, "204713");
  EXPECT_EQ(taken.state, page::FieldState::review);
  ASSERT_EQ(taken.characters.size(), 6U);
  EXPECT_LT(taken.characters[0].source_quad[0].x, taken.characters[5].source_quad[0].x);
}

// As where a number is stamped over a frame that only the engine's preparation takes out.
TEST_F(SecondReading, InkThatShowsNothing_IsReadAsTheEnginePreparedIt) {
  Drawing hatched(380, 100);
  for (int x = 10; x < 370; x += 12) hatched.line(x, 10, x + 30, 90, 5);
  const page::FieldResult agreed = read(hatched.picture(), "204713", 0.8, written_line("204713"));
  EXPECT_EQ(agreed.state, page::FieldState::accepted) << agreed.reason;
  EXPECT_NE(read(hatched.picture(), "204713", 0.8, {}).state, page::FieldState::accepted);
  // Its places are those of the prepared picture.
  const page::FieldResult taken = read(hatched.picture(), "2", 0.3, written_line("204713"));
  EXPECT_EQ(taken.text, "204713");
  ASSERT_EQ(taken.characters.size(), 6U);
  EXPECT_LT(taken.characters[0].source_quad[0].x, taken.characters[5].source_quad[0].x);
}

// Bad print leaves much besides the best reading, however far that one stands above each of the others.
TEST_F(SecondReading, BadPrint_IsWorthNoMoreThanItsProbability) {
  const auto network =
      std::make_shared<const recognizer::Network>(recognizer::Network::from_file(INKFIELD_MODEL));
  const auto numbers = std::make_shared<const recognizer::NumberReader>(network);
  field_.format.type = config::FormatType::digits;
  const recognizer::Automaton format = compile_format(field_);
  const auto format_of = [&](const config::Field& /*field*/) { return &format; };
  SecondReader second(numbers, format_of);
  HandwrittenNumberReader handwritten(numbers, format_of);
  std::minstd_rand random(3);
  int overrated = 0;
  for (int line = 0; line < 12; ++line) {
    page::GrayImage gray = written_line("204713");
    for (int spot = 0; spot < 60; ++spot) {
      const auto left = static_cast<int>(random() % static_cast<unsigned>(gray.width_px - 12));
      const auto top = static_cast<int>(20 + random() % 52);
      for (int y = top; y < top + 5; ++y)
        std::fill_n(gray.row(y) + left, 12, static_cast<std::uint8_t>(spot % 2 == 0 ? 255 : 30));
    }
    const page::FieldCrop crop = uncalibrated(gray, &field_);
    const Reading as_handwriting = handwritten.read(crop, {});
    const Reading as_print = second.read(crop, {}, {});
    ASSERT_FALSE(as_print.candidates.empty());
    EXPECT_LE(as_print.confidence, as_print.candidates[0].probability);
    overrated += as_handwriting.confidence > as_handwriting.candidates[0].probability + 0.02 ? 1 : 0;
  }
  EXPECT_GT(overrated, 0) << "the crops show nothing to be wary of";
}

TEST_F(SecondReading, FreeText_IsTheEnginesAlone) {
  field_.format.characters = "";
  const page::FieldResult alone = read(written_line("204713"), "204773", 0.9999, {});
  EXPECT_EQ(alone.state, page::FieldState::accepted);
  EXPECT_EQ(alone.text, "204773");
}

}  // namespace
}  // namespace inkfield::pipeline
