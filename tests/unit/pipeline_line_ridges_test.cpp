// Ridges of faint printed lines.
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>

#include "plugin/pipeline/line_ridges.h"

namespace inkfield::pipeline {
namespace {

struct Span {
  int begin;
  int end;
};

/// 240 x 40, with a line of this slope that is at row 20 in its middle and shows in these columns.
page::GrayImage ridge_picture(double slope, std::initializer_list<Span> shown) {
  page::GrayImage ridges(240, 40, 0);
  for (const Span& span : shown) {
    for (int x = span.begin; x < span.end; ++x) {
      ridges.row(static_cast<int>(std::lround(20 + slope * (x - 120))))[x] = kDarkInk;
    }
  }
  return ridges;
}

ExpectedLine trimmed(const page::GrayImage& ridges, double slope) {
  ExpectedLine line{.begin = 0, .end = 240, .at = 20, .slope = slope};
  trim_ends(ridges, line);
  return line;
}

TEST(TrimEnds, LineThatShowsInPart_EndsWhereItDoes) {
  for (const double slope : {0.0, 0.05, -0.05}) {
    const ExpectedLine line = trimmed(ridge_picture(slope, {{60, 200}}), slope);
    EXPECT_NEAR(line.begin, 60, 4);
    EXPECT_NEAR(line.end, 200, 4);
    // It still lies where it lay: `at` is the row of its own middle.
    EXPECT_NEAR(line.at, 20 + slope * (0.5 * (line.begin + line.end) - 120), 1e-9);
  }
}

TEST(TrimEnds, GapsAndLoneSpecks_AreNoEnds) {
  const ExpectedLine line = trimmed(ridge_picture(0, {{3, 6}, {60, 110}, {118, 200}, {230, 233}}), 0);
  EXPECT_NEAR(line.begin, 60, 4);
  EXPECT_NEAR(line.end, 200, 4);
}

TEST(TrimEnds, WholeLine_KeepsItsLength) {
  const ExpectedLine line = trimmed(ridge_picture(0, {{0, 240}}), 0);
  EXPECT_EQ(line.begin, 0);
  EXPECT_EQ(line.end, 240);
}

}  // namespace
}  // namespace inkfield::pipeline
