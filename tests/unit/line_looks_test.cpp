// The further looks at a line: where the ink goes, and that no line is too wide or too narrow for them.
#include "recognizer/line_looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "tests/unit/line_pictures.h"

namespace inkfield::recognizer {
namespace {

using test::ink_of;
using test::paper;

// An upright stroke three columns thick, `left` the first of them.
NetworkInput stroke(int width_px, int left) {
  NetworkInput line = paper(width_px);
  for (int y = 4; y < 28; ++y) {
    for (int x = left; x < left + 3; ++x) line.pixels[static_cast<std::size_t>(y * width_px + x)] = 1.0F;
  }
  return line;
}

// Where the middle of a row's ink lies, in columns from the left edge.
float middle_of_row(const NetworkInput& line, int y) {
  float sum = 0;
  float moment = 0;
  for (int x = 0; x < line.width_px; ++x) {
    const float value = line.pixels[static_cast<std::size_t>(y * line.width_px + x)];
    sum += value;
    moment += value * (static_cast<float>(x) + 0.5F);
  }
  return moment / sum;
}

TEST(FurtherLooks, OfAnUprightStroke_LeanToEitherSideOrStandFurtherOn) {
  const NetworkInput line = stroke(64, 30);  // its middle at 31.5
  const auto looks = further_looks(line);
  EXPECT_NEAR(middle_of_row(looks[0], 4), 31.5 + 2 + 0.12 * 11.5, 0.05) << "the upper end to the right";
  EXPECT_NEAR(middle_of_row(looks[0], 27), 31.5 + 2 - 0.12 * 11.5, 0.05);
  EXPECT_NEAR(middle_of_row(looks[1], 4), 31.5 + 2 - 0.12 * 11.5, 0.05) << "the upper end to the left";
  EXPECT_NEAR(middle_of_row(looks[1], 27), 31.5 + 2 + 0.12 * 11.5, 0.05);
  EXPECT_NEAR(middle_of_row(looks[2], 4), 31.5 * 1.1 + 2, 0.05) << "wider";
  EXPECT_NEAR(middle_of_row(looks[2], 27), 31.5 * 1.1 + 2, 0.05);
  for (const NetworkInput& look : looks) {
    EXPECT_EQ(look.width_px % kFrameStridePx, 0);
    EXPECT_EQ(look.height_px, kInputHeightPx);
    EXPECT_THAT(look.pixels, testing::Each(testing::AllOf(testing::Ge(0.0F), testing::Le(1.0F))));
  }
  EXPECT_NEAR(ink_of(looks[0]), ink_of(line), 0.02 * ink_of(line));
  EXPECT_NEAR(ink_of(looks[2]), 1.1 * ink_of(line), 0.03 * ink_of(line));
}

TEST(FurtherLooks, OfInkAtTheEdges_KeepAllOfIt) {
  for (const int left : {0, 17}) {
    const NetworkInput line = stroke(20, left);
    for (const NetworkInput& look : further_looks(line)) EXPECT_GT(ink_of(look), 0.97 * ink_of(line)) << left;
  }
}

TEST(FurtherLooks, OfTheWidestLine_AreNoWider) {
  for (const NetworkInput& look : further_looks(stroke(kMaxLineWidthPx, 1000))) {
    EXPECT_EQ(look.width_px, kMaxLineWidthPx);
    EXPECT_EQ(look.pixels.size(), static_cast<std::size_t>(kMaxLineWidthPx) * kInputHeightPx);
  }
  for (const NetworkInput& look : further_looks(paper(kFrameStridePx))) EXPECT_GE(look.width_px, kFrameStridePx);
}

}  // namespace
}  // namespace inkfield::recognizer
