// Lines whose strokes lean: how far is measured, and the ones that lean too far come out upright with all of
// their ink.
#include "recognizer/line_slant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/unit/line_pictures.h"

namespace inkfield::recognizer {
namespace {

using test::ink_of;
using test::paper;

constexpr int kMarginPx = 8;
constexpr float kMiddle = 0.5F * (kInputHeightPx - 1);

// Strokes three columns wide over the middle 21 rows; `middles` is where they cross the middle of the line.
NetworkInput strokes(int width_px, const std::vector<float>& middles, float slant) {
  NetworkInput line = paper(width_px);
  for (int y = 6; y < 27; ++y) {
    for (const float middle : middles) {
      const float left = middle - 1.5F + slant * (kMiddle - static_cast<float>(y));
      for (int x = 0; x < width_px; ++x) {
        const auto column = static_cast<float>(x);
        const float covered = std::min(column + 1, left + 3) - std::max(column, left);
        float& pixel = line.pixels[static_cast<std::size_t>(y * width_px + x)];
        pixel = std::max(pixel, std::clamp(covered, 0.0F, 1.0F));
      }
    }
  }
  return line;
}

// Columns of a row with ink.
std::vector<int> inked(const NetworkInput& line, int y) {
  std::vector<int> columns;
  for (int x = 0; x < line.width_px; ++x) {
    if (line.pixels[static_cast<std::size_t>(y * line.width_px + x)] > 0.5F) columns.push_back(x);
  }
  return columns;
}

TEST(LineSlant, OfStrokes_IsMeasured) {
  for (const float slant : {-0.7F, -0.3F, 0.0F, 0.2F, 0.5F, 0.9F}) {
    EXPECT_NEAR(slant_of(strokes(200, {40, 80, 120, 160}, slant)), slant, 0.06) << slant;
  }
}

TEST(LineSlant, WithoutSteepEdges_IsNone) {
  EXPECT_EQ(slant_of(paper(40)), 0.0F);
  EXPECT_EQ(slant_of(paper(1)), 0.0F);
  NetworkInput dash = paper(80);
  for (int y = 15; y < 18; ++y) std::fill_n(dash.pixels.begin() + y * 80 + 10, 60, 1.0F);
  EXPECT_NEAR(slant_of(dash), 0, 0.01);
}

TEST(LineSlant, ALineThatLeansLittle_StaysAsItIs) {
  for (const float slant : {-0.15F, 0.0F, 0.15F}) {
    const NetworkInput line = strokes(200, {40, 100, 160}, slant);
    const NetworkInput kept = set_upright(line, kMarginPx);
    EXPECT_EQ(kept.pixels, line.pixels);
    EXPECT_EQ(kept.offset_x_px, line.offset_x_px);
  }
  EXPECT_EQ(set_upright(paper(40), kMarginPx).width_px, 40);
}

TEST(LineSlant, ALineThatLeansFar_IsSetUprightWithAllOfItsInk) {
  for (const float slant : {-0.8F, 0.6F, 1.0F}) {
    const std::vector<float> middles = {40, 100, 160};
    NetworkInput line = strokes(200, middles, slant);
    line.to_source_scale = 2.5F;
    line.offset_x_px = 3;
    const NetworkInput upright = set_upright(line, kMarginPx);
    EXPECT_NEAR(slant_of(upright), slant > 0 ? kMostSlant : -kMostSlant, 0.06) << slant;
    EXPECT_NEAR(ink_of(upright), ink_of(line), 0.02 * ink_of(line));
    EXPECT_EQ(upright.width_px % kFrameStridePx, 0);
    EXPECT_LT(upright.width_px, line.width_px) << "what no longer leans takes less room";
    EXPECT_EQ(upright.height_px, kInputHeightPx);
    EXPECT_THAT(upright.pixels, testing::Each(testing::AllOf(testing::Ge(0.0F), testing::Le(1.0F))));
    // Nothing in the margins but what is fainter than ink.
    for (int y = 0; y < kInputHeightPx; ++y) {
      const auto row = upright.pixels.begin() + y * upright.width_px;
      EXPECT_LT(*std::max_element(row, row + kMarginPx), 0.2F);
    }
    // The middle of the line maps back to where it came from.
    const int y = static_cast<int>(kMiddle);
    const std::vector<int> columns = inked(upright, y);
    ASSERT_FALSE(columns.empty());
    const auto source_of = [&](float x) { return (x - upright.offset_x_px) * upright.to_source_scale; };
    EXPECT_NEAR(source_of(static_cast<float>(columns.front())), (middles.front() - 1.5F - 3) * 2.5F, 2.5);
    EXPECT_NEAR(source_of(static_cast<float>(columns.back() + 1)), (middles.back() + 1.5F - 3) * 2.5F, 2.5);
  }
}

TEST(LineSlant, ALineTooWideToBeSheared_StaysAsItIs) {
  const NetworkInput line = strokes(kMaxLineWidthPx, {100, 1000, 1900}, 0.8F);
  EXPECT_EQ(set_upright(line, kMarginPx).pixels, line.pixels);
}

}  // namespace
}  // namespace inkfield::recognizer
