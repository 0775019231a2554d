// The MICR line as a field: what its formats make of the symbols, and what goes to a person.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/micr_line_reader.h"
#include "recognizer/e13b/e13b_shapes.h"
#include "tests/unit/pipeline_drawn_crops.h"

namespace inkfield::pipeline {
namespace {

using config::Field;
using config::FormatType;
using page::FieldState;
using testing::HasSubstr;

constexpr double kPxPerMm = 11.8;
constexpr double kMarginPx = 60;

page::GrayImage printed(const std::string& text, int gray = 30, int paper = 240) {
  constexpr double kHalfPx = recognizer::kE13bSquareMm * kPxPerMm / 2;
  page::GrayImage picture(
      static_cast<int>(static_cast<double>(text.size()) * recognizer::kE13bPitchMm * kPxPerMm +
                       2 * kMarginPx),
      static_cast<int>(2 * kMarginPx + 18 * kHalfPx), static_cast<std::uint8_t>(paper));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t symbol = recognizer::kE13bSymbols.find(text[i]);
    if (symbol == std::string_view::npos) continue;
    const double left = kMarginPx + static_cast<double>(i) * recognizer::kE13bPitchMm * kPxPerMm;
    for (const recognizer::E13bBar& bar : recognizer::e13b_bars(symbol)) {
      for (int y = static_cast<int>(kMarginPx + bar.top * kHalfPx + 0.5);
           y < static_cast<int>(kMarginPx + bar.bottom * kHalfPx + 0.5); ++y) {
        for (int x = static_cast<int>(left + bar.left * kHalfPx + 0.5);
             x < static_cast<int>(left + bar.right * kHalfPx + 0.5); ++x) {
          picture.row(y)[x] = static_cast<std::uint8_t>(gray);
        }
      }
    }
  }
  return picture;
}

Field field_of(FormatType type) {
  Field field;
  field.kind = config::FieldKind::micr_line;
  field.format.type = type;
  field.format.min_length = 1;
  field.format.max_length = 100;
  return field;
}

page::FieldResult read(const page::GrayImage& picture, const Field& field, bool known_scale = true) {
  std::optional<recognizer::Automaton> format;
  if (has_automaton(field)) format = compile_format(field);
  MicrLineReader reader([&](const Field&) { return format ? &*format : nullptr; });
  const page::RectPx zone{kMarginPx - 20, kMarginPx - 20, picture.width_px - kMarginPx + 20,
                          picture.height_px - kMarginPx + 20};
  const page::FieldCrop crop =
      known_scale ? calibrated(picture, field, zone, kPxPerMm) : uncalibrated(picture, &field);
  return decide(field, reader.read(crop, {}), format ? &*format : nullptr, crop.source_from_crop, {});
}

TEST(MicrLine, Text_KeepsSymbolsAndBlanks) {
  const page::FieldResult result =
      read(printed("U154466U 567118205T 427100U 31"), field_of(FormatType::text));
  EXPECT_EQ(result.state, FieldState::accepted) << result.reason;
  EXPECT_EQ(result.text, "U154466U 567118205T 427100U 31");
  EXPECT_EQ(result.normalized, result.text);
  ASSERT_EQ(result.characters.size(), 27U);
  EXPECT_EQ(result.characters[1].codepoint, static_cast<std::uint32_t>('1'));
}

TEST(MicrLine, TextOfCertainCharacters_LeavesTheOthersOut) {
  Field field = field_of(FormatType::text);
  field.format.characters = "0123456789U";
  EXPECT_EQ(read(printed("U154466U 567118205T"), field).text, "U154466U567118205");
}

TEST(MicrLine, Digits_StandWithoutSymbols) {
  Field field = field_of(FormatType::digits);
  const page::FieldResult result = read(printed("U15D4466U"), field);
  EXPECT_EQ(result.state, FieldState::accepted) << result.reason;
  EXPECT_EQ(result.normalized, "154466");
  EXPECT_EQ(result.raw_text, "U15D4466U");
  EXPECT_EQ(result.characters.size(), 6U);
  field.format.min_length = field.format.max_length = 7;
  EXPECT_EQ(read(printed("U154466U"), field).state, FieldState::review);
}

TEST(MicrLine, Candidates_AreNeverTheSameTwice) {
  const page::FieldResult result = read(printed("U0A1T"), field_of(FormatType::digits));
  std::set<std::string> texts;
  for (const auto& candidate : result.candidates)
    EXPECT_TRUE(texts.insert(candidate.text).second) << candidate.text;
  EXPECT_EQ(result.normalized, "01");
}

TEST(MicrLine, Pattern_SeesTheDash) {
  Field field = field_of(FormatType::pattern);
  field.format.pattern = "9{5}-9{3}";
  EXPECT_EQ(read(printed("T91906D308T"), field).normalized, "91906-308");
}

TEST(MicrLine, CheckDigit_IsHeldAgainstTheReading) {
  Field field = field_of(FormatType::digits);
  field.format.check_digit = config::CheckDigit::aba;
  EXPECT_EQ(read(printed("T021000021T"), field).state, FieldState::accepted);
  EXPECT_EQ(read(printed("T021000022T"), field).state, FieldState::review);
}

TEST(MicrLine, CropOfUnknownScale_IsRead) {
  EXPECT_EQ(read(printed("T021000021T 5678"), field_of(FormatType::text), false).text, "T021000021T 5678");
}

TEST(MicrLine, FaintPrintOnGrayPaper_IsRead) {
  EXPECT_EQ(read(printed("T021000021T 5678", 110, 190), field_of(FormatType::text)).text, "T021000021T 5678");
}

TEST(MicrLine, Paper_IsEmpty) {
  Field field = field_of(FormatType::text);
  EXPECT_EQ(read(printed("      "), field).state, FieldState::review);
  field.required = false;
  EXPECT_EQ(read(printed("      "), field).state, FieldState::empty);
}

TEST(MicrLine, CharacterUnderABlot_GoesToAPerson) {
  page::GrayImage picture = printed("T021000021T");
  const int left = static_cast<int>(kMarginPx + 4 * recognizer::kE13bPitchMm * kPxPerMm);
  for (int y = static_cast<int>(kMarginPx) - 10; y < static_cast<int>(kMarginPx) + 34; ++y)
    std::fill_n(picture.row(y) + left - 5, 36, std::uint8_t{30});
  const page::FieldResult result = read(picture, field_of(FormatType::text));
  EXPECT_EQ(result.state, FieldState::review) << result.text;
}

TEST(MicrLine, NothingToLookAt_Fails) {
  const Field field = field_of(FormatType::text);
  EXPECT_EQ(read(page::GrayImage(), field, false).state, FieldState::failed);
}

}  // namespace
}  // namespace inkfield::pipeline
