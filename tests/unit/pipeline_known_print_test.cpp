// Print that the blank form shows, looked for in a field's ink.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "plugin/pipeline/known_print.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr double kScannedPxPerMm = 10;

/// A word of four upright bars, moved by so much.
GrayImage bars(int dx, int dy, std::uint8_t darkness = 200) {
  GrayImage picture(200, 60, 0);
  for (const int left : {40, 70, 100, 145}) {
    for (int y = 20; y < 40; ++y) std::fill_n(picture.row(y + dy) + left + dx, 6, darkness);
  }
  return picture;
}

/// Where what was found lies; nothing if it is not there.
bool lies_as(const GrayImage& found, const GrayImage& print) {
  return !found.empty() && found.pixels == print.pixels;
}

TEST(AlignedPrint, MovedOnThePage_IsFoundWhereItIs) {
  for (const auto& [dx, dy] : {std::pair{0, 0}, std::pair{5, -3}, std::pair{-6, 6}}) {
    EXPECT_TRUE(lies_as(aligned_print(bars(0, 0), bars(dx, dy), kScannedPxPerMm), bars(dx, dy)))
        << dx << ", " << dy;
  }
}

TEST(AlignedPrint, ThatThePageDoesNotShow_IsNone) {
  GrayImage stroke(200, 60, 0);
  for (int x = 20; x < 180; ++x) std::fill_n(stroke.row(30 + x % 3) + x, 1, std::uint8_t{255});
  EXPECT_TRUE(aligned_print(bars(0, 0), GrayImage(200, 60, 0), kScannedPxPerMm).empty());
  EXPECT_TRUE(aligned_print(bars(0, 0), stroke, kScannedPxPerMm).empty());
  EXPECT_TRUE(aligned_print(bars(0, 0), bars(0, 0, 40), kScannedPxPerMm).empty()) << "too faint a copy";
  EXPECT_TRUE(aligned_print(GrayImage(200, 60, 0), bars(0, 0), kScannedPxPerMm).empty())
      << "nothing is printed";
  EXPECT_TRUE(aligned_print(bars(0, 0), GrayImage(100, 60, 0), kScannedPxPerMm).empty()) << "of another size";
}

// A sharp print on the blank form, a blurred one on the page.
TEST(SubtractPrint, SoftEdges_GoWithIt) {
  GrayImage ink = bars(0, 0);
  for (int y = 17; y < 43; ++y) {
    for (int x = 3; x < 197; ++x) {
      if (ink.at(x, y) == 0 && (bars(0, 0).at(x + 3, y) != 0 || bars(0, 0).at(x - 3, y) != 0))
        ink.row(y)[x] = 60;
    }
  }
  subtract_print(ink, bars(0, 0), {});
  EXPECT_EQ(std::count_if(ink.pixels.begin(), ink.pixels.end(), [](std::uint8_t v) { return v > 0; }), 0);
}

TEST(SubtractPrint, FaintWritingBesideIt_Stays) {
  GrayImage ink = bars(0, 0);
  for (int x = 10; x < 190; ++x) std::fill_n(ink.row(52) + x, 1, std::uint8_t{60});
  subtract_print(ink, bars(0, 0), {});
  for (int x = 10; x < 190; ++x) EXPECT_EQ(ink.at(x, 52), 60) << x;
  EXPECT_EQ(ink.at(42, 30), 0);
}

}  // namespace
}  // namespace inkfield::pipeline
