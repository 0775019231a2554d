// Lines of E-13B: the shapes are the standard's, every one is told from every other at any scale, and what is
// no shape is said to be none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "recognizer/e13b/e13b_line.h"
#include "recognizer/e13b/e13b_shapes.h"

namespace inkfield::recognizer {
namespace {

// 26 squares of margin on all sides, so that the zone can be anything.
constexpr double kLeftMm = 8;
constexpr double kTopMm = 5;

struct Ink {
  int width_px = 0;
  int height_px = 0;
  double px_per_mm = 0;
  std::vector<std::uint8_t> pixels;
  [[nodiscard]] ImageView view() const { return {pixels.data(), width_px, height_px, width_px}; }
  [[nodiscard]] E13bZone zone(double left_mm, double right_mm) const {
    return {left_mm * px_per_mm, (kTopMm - 1.5) * px_per_mm, right_mm * px_per_mm,
            (kTopMm + 4.5) * px_per_mm};
  }
  [[nodiscard]] E13bZone zone() const { return zone(kLeftMm - 1, width_px / px_per_mm - kLeftMm + 1); }

  /// Each pixel of the rectangle (in mm) becomes darker by the share of it that is covered.
  void fill(double left, double top, double right, double bottom) {
    for (int y = std::max(0, static_cast<int>(top * px_per_mm));
         y < std::min<double>(height_px, bottom * px_per_mm); ++y) {
      for (int x = std::max(0, static_cast<int>(left * px_per_mm));
           x < std::min<double>(width_px, right * px_per_mm); ++x) {
        const double wide =
            std::min<double>(x + 1, right * px_per_mm) - std::max<double>(x, left * px_per_mm);
        const double high =
            std::min<double>(y + 1, bottom * px_per_mm) - std::max<double>(y, top * px_per_mm);
        std::uint8_t& pixel = pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_px) +
                                     static_cast<std::size_t>(x)];
        pixel = static_cast<std::uint8_t>(std::min(255.0, pixel + 255 * wide * high));
      }
    }
  }
};

Ink paper(std::size_t characters, double px_per_mm) {
  Ink ink;
  ink.px_per_mm = px_per_mm;
  ink.width_px = static_cast<int>((static_cast<double>(characters) * kE13bPitchMm + 2 * kLeftMm) * px_per_mm);
  ink.height_px = static_cast<int>((2 * kTopMm + 3) * px_per_mm);
  ink.pixels.assign(static_cast<std::size_t>(ink.width_px) * static_cast<std::size_t>(ink.height_px), 0);
  return ink;
}

/// A line, each character in a cell of its own; `slope` in mm per mm.
Ink drawn(const std::string& text, double px_per_mm, double slope = 0) {
  Ink ink = paper(text.size(), px_per_mm);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t symbol = kE13bSymbols.find(text[i]);
    if (symbol == std::string_view::npos) continue;
    const double left = kLeftMm + static_cast<double>(i) * kE13bPitchMm;
    const double top = kTopMm + slope * (left - kLeftMm);
    for (const E13bBar& bar : e13b_bars(symbol)) {
      const double half = kE13bSquareMm / 2;
      ink.fill(left + bar.left * half, top + bar.top * half, left + bar.right * half,
               top + bar.bottom * half);
    }
  }
  return ink;
}

double surest(const std::vector<E13bCharacter>& line) {
  double best = 0;
  for (const E13bCharacter& character : line) best = std::max(best, character.probability);
  return best;
}

TEST(E13bShapes, Widths_AreTheStandards) {
  const std::vector<int> squares = {7, 4, 4, 5, 6, 5, 6, 5, 7, 6, 7, 7, 7, 7};
  for (std::size_t i = 0; i < kE13bSymbols.size(); ++i) {
    int left = 14;
    int right = 0;
    int top = 18;
    int bottom = 0;
    for (const E13bBar& bar : e13b_bars(i)) {
      left = std::min(left, bar.left);
      right = std::max(right, bar.right);
      top = std::min(top, bar.top);
      bottom = std::max(bottom, bar.bottom);
    }
    EXPECT_EQ(right, 14) << kE13bSymbols[i];
    EXPECT_EQ(right - left, 2 * squares[i]) << kE13bSymbols[i];
    const int high = kE13bSymbols[i] == 'U' ? 14 : kE13bSymbols[i] == 'D' ? 8 : 18;
    EXPECT_EQ(bottom - top, high) << kE13bSymbols[i];
  }
}

/// What a magnetic head sees that passes over the shape: how much ink each column of the grid holds. Measured
/// on the outlines of a typeface that banks take (GnuMICR), in squares; its corners are a little rounder.
TEST(E13bShapes, InkByColumns_IsWhatTypefacesHave) {
  const std::map<char, std::vector<double>> columns = {
      {'0', {7.5, 2.2, 2.0, 2.0, 2.0, 2.2, 7.5}}, {'1', {0.0, 0.0, 0.0, 5.4, 9.0, 4.0, 3.9}},
      {'2', {0.0, 0.0, 0.0, 5.8, 3.1, 3.1, 5.8}}, {'3', {0.0, 0.0, 2.7, 3.0, 3.2, 9.0, 4.4}},
      {'4', {0.0, 6.9, 7.0, 1.0, 1.1, 3.9, 3.9}}, {'5', {0.0, 0.0, 5.8, 3.1, 3.0, 3.1, 5.8}},
      {'6', {0.0, 8.9, 3.2, 3.0, 4.4, 2.1, 3.9}}, {'7', {0.0, 0.0, 2.9, 1.0, 5.9, 2.2, 4.1}},
      {'8', {4.5, 9.0, 3.2, 3.0, 3.2, 9.0, 4.4}}, {'9', {0.0, 4.9, 2.1, 2.0, 2.0, 6.0, 8.9}},
      {'T', {5.9, 5.9, 0.0, 0.0, 5.8, 6.0, 5.8}}, {'U', {5.8, 0.0, 5.8, 0.0, 3.9, 4.0, 3.9}},
      {'A', {3.9, 3.9, 0.0, 4.3, 0.0, 3.9, 3.9}}, {'D', {3.9, 3.9, 0.0, 3.9, 3.9, 0.0, 3.8}}};
  for (std::size_t i = 0; i < kE13bSymbols.size(); ++i) {
    constexpr int kPx = 2;
    const std::vector<unsigned char> picture = draw_e13b(i, kPx, 7 * kPx, 9 * kPx, 0, 0, 0);
    for (int column = 0; column < 7; ++column) {
      double squares = 0;
      for (int y = 0; y < 9 * kPx; ++y) {
        for (int x = 0; x < kPx; ++x)
          squares += picture[static_cast<std::size_t>(y * 7 * kPx + column * kPx + x)] / 255.0 / (kPx * kPx);
      }
      EXPECT_NEAR(squares, columns.at(kE13bSymbols[i])[static_cast<std::size_t>(column)], 0.75)
          << kE13bSymbols[i] << " column " << column;
    }
  }
}

class E13bLineAt : public testing::TestWithParam<double> {};

TEST_P(E13bLineAt, EverySymbolBesideEveryOther_IsRead) {
  for (std::size_t step = 1; step < kE13bSymbols.size(); ++step) {
    std::string text;
    for (std::size_t i = 0; i < kE13bSymbols.size(); ++i)
      text += kE13bSymbols[(i * step + i / 7) % kE13bSymbols.size()];
    const Ink ink = drawn(text, GetParam());
    const std::vector<E13bCharacter> line = read_e13b_line(ink.view(), ink.zone(), GetParam());
    EXPECT_EQ(e13b_text(line), text);
    for (const E13bCharacter& character : line)
      EXPECT_GT(character.probability, 0.99) << character.symbol << " or " << character.second;
  }
}

INSTANTIATE_TEST_SUITE_P(Scales, E13bLineAt,
                         testing::Values(100 / 25.4, 150 / 25.4, 200 / 25.4, 300 / 25.4, 600 / 25.4));

TEST(E13bLine, Blanks_StandWhereThePrintHasThem) {
  const Ink ink = drawn("U154466U 567118205T 427100U 31", 11.8);
  EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), ink.zone(), 11.8)), "U154466U 567118205T 427100U 31");
}

TEST(E13bLine, Characters_AreWhereTheyWereDrawn) {
  const Ink ink = drawn("47", 11.8);
  const std::vector<E13bCharacter> line = read_e13b_line(ink.view(), ink.zone(), 11.8);
  ASSERT_EQ(line.size(), 2U);
  EXPECT_NEAR(line[1].left_px, (kLeftMm + kE13bPitchMm) * 11.8, 1.5);
  EXPECT_NEAR(line[1].right_px, (kLeftMm + kE13bPitchMm + 7 * kE13bSquareMm) * 11.8, 1.5);
  EXPECT_NEAR(line[1].top_px, kTopMm * 11.8, 1.5);
  EXPECT_NEAR(line[1].bottom_px, (kTopMm + 9 * kE13bSquareMm) * 11.8, 1.5);
}

TEST(E13bLine, SlightSlope_IsFollowed) {
  const Ink ink = drawn("T602326850T 65709061U 1960", 11.8, 0.012);
  EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), ink.zone(), 11.8)), "T602326850T 65709061U 1960");
}

TEST(E13bLine, UnknownScale_IsToldFromTheLineItself) {
  for (const double px_per_mm : {5.0, 7.9, 11.8, 23.6}) {
    const Ink ink = drawn("T602326850T 65709061U 1960", px_per_mm);
    const E13bZone whole{0, 0, static_cast<double>(ink.width_px), static_cast<double>(ink.height_px)};
    EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), whole, 0)), "T602326850T 65709061U 1960") << px_per_mm;
  }
}

TEST(E13bLine, SkewedLineOfUnknownScale_IsReadThoughItLooksHigher) {
  const Ink ink = drawn("T602326850T 65709061U 1960", 7.9, 0.006);
  const E13bZone whole{0, 0, static_cast<double>(ink.width_px), static_cast<double>(ink.height_px)};
  const std::vector<E13bCharacter> line = read_e13b_line(ink.view(), whole, 0);
  EXPECT_EQ(e13b_text(line), "T602326850T 65709061U 1960");
  for (const E13bCharacter& character : line) EXPECT_GT(character.certainty, 0.85) << character.symbol;
}

TEST(E13bLine, StrokeBetweenCharacters_IsUnknown) {
  Ink ink = drawn("15    46", 11.8);
  const double left = kLeftMm + 2 * kE13bPitchMm;
  for (double x = 0; x < 9; x += 0.05)
    ink.fill(left + 1 + x, kTopMm + x / 3, left + 1.05 + x, kTopMm + x / 3 + 0.4);
  EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), ink.zone(), 11.8)), "15 ? 46");
}

TEST(E13bLine, BarBetweenCharacters_IsNoRowOfDashes) {
  Ink ink = drawn("15    46", 11.8);
  const double left = kLeftMm + 2 * kE13bPitchMm;
  ink.fill(left + 1, kTopMm + 1.2, left + 10, kTopMm + 1.8);
  for (const E13bCharacter& character : read_e13b_line(ink.view(), ink.zone(), 11.8)) {
    EXPECT_LT(character.symbol == 'D' ? character.probability : 0, 0.5);
  }
}

TEST(E13bLine, CharactersBesideTheZone_AreLeftOut) {
  const Ink ink = drawn("U154466U 567118205T", 11.8);
  const double gap_mm = kLeftMm + 8.3 * kE13bPitchMm;
  EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), ink.zone(kLeftMm - 1, gap_mm), 11.8)), "U154466U");
  EXPECT_EQ(e13b_text(read_e13b_line(ink.view(), ink.zone(gap_mm, gap_mm + 40), 11.8)), "567118205T");
}

TEST(E13bLine, Paper_IsEmpty) {
  const Ink ink = paper(20, 11.8);
  EXPECT_TRUE(read_e13b_line(ink.view(), ink.zone(), 11.8).empty());
  EXPECT_TRUE(read_e13b_line(ink.view(), ink.zone(), 0).empty());
}

TEST(E13bLine, InkThatIsNoShape_IsSaidToBeNone) {
  Ink blot = drawn("1544 6", 11.8);
  const double left = kLeftMm + 4 * kE13bPitchMm;
  blot.fill(left, kTopMm + 0.3, left + 2.2, kTopMm + 2.4);
  const std::vector<E13bCharacter> line = read_e13b_line(blot.view(), blot.zone(), 11.8);
  ASSERT_EQ(line.size(), 6U) << e13b_text(line);
  EXPECT_LT(line[4].probability, 0.9);
  // Above the line, where no line of E-13B can be: still not empty.
  Ink above = paper(6, 11.8);
  above.fill(kLeftMm + 5, kTopMm - 1.2, kLeftMm + 7, kTopMm + 0.2);
  const std::vector<E13bCharacter> something = read_e13b_line(above.view(), above.zone(), 11.8);
  ASSERT_FALSE(something.empty());
  EXPECT_LE(surest(something), 0.9);
}

TEST(E13bLine, NoiseBarsAndBlackness_AreNeverSure) {
  std::uint32_t state = 7;
  Ink noise = paper(12, 11.8);
  for (std::uint8_t& pixel : noise.pixels)
    pixel = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24U);
  EXPECT_LT(surest(read_e13b_line(noise.view(), noise.zone(), 11.8)), 0.5);
  Ink bars = paper(12, 11.8);
  for (double x = 0; x < 50; x += 1.3) bars.fill(x, 0, x + 0.5, 20);
  EXPECT_LT(surest(read_e13b_line(bars.view(), bars.zone(), 11.8)), 0.9);
  Ink black = paper(12, 11.8);
  std::fill(black.pixels.begin(), black.pixels.end(), 255);
  EXPECT_LT(surest(read_e13b_line(black.view(), black.zone(), 11.8)), 0.5);
}

TEST(E13bLine, HostileSizes_AreNeverReadAsEmptyAndTakeNoMemory) {
  const std::vector<std::uint8_t> pixels(1'000'000, 255);
  const ImageView wide{pixels.data(), 1'000'000, 1, 1'000'000};
  const ImageView high{pixels.data(), 1, 1'000'000, 1};
  EXPECT_FALSE(read_e13b_line(wide, {0, 0, 1e6, 1}, 0).empty());
  EXPECT_FALSE(read_e13b_line(high, {0, 0, 1, 1e6}, 0).empty());
  EXPECT_FALSE(read_e13b_line(wide, {0, 0, 1e6, 1}, 1e-6).empty());
  EXPECT_FALSE(read_e13b_line(wide, {0, 0, 1e6, 1}, 1e9).empty());
  EXPECT_TRUE(read_e13b_line({}, {0, 0, 10, 10}, 11.8).empty());
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(read_e13b_line(wide, {0, 0, 1e6, 1}, kNone).empty());
  EXPECT_FALSE(read_e13b_line(wide, {kNone, kNone, kNone, kNone}, 11.8).empty());
  EXPECT_FALSE(read_e13b_line(wide, {kNone, kNone, kNone, kNone}, 0).empty());
  EXPECT_FALSE(read_e13b_line(wide, {-1e300, -1e300, 1e300, 1e300}, 0).empty());
}

}  // namespace
}  // namespace inkfield::recognizer
