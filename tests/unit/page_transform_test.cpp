// The plane transforms that tie millimetres, pages and crops together.
#include "plugin/page/transform.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "recognizer/error.h"

namespace inkfield::page {
namespace {

void expect_near(Point actual, Point expected) {
  EXPECT_NEAR(actual.x, expected.x, 1e-9);
  EXPECT_NEAR(actual.y, expected.y, 1e-9);
}

TEST(Transform, Identity_LeavesPoints_Alone) { expect_near(Transform{}(Point{3, -4}), {3, -4}); }

TEST(Transform, After_TwoSteps_RunsTheArgumentFirst) {
  const Transform scale = Transform::scale_shift(2, 3, 0, 0);
  const Transform shift = Transform::scale_shift(1, 1, 10, 20);
  expect_near(shift.after(scale)(Point{1, 1}), {12, 23});
  expect_near(scale.after(shift)(Point{1, 1}), {22, 63});
}

TEST(Transform, Rotation_QuarterTurn_IsClockwiseAsSeen) {
  // y runs down, so a turn from +x to +y is clockwise.
  expect_near(Transform::rotation(std::numbers::pi / 2)(Point{1, 0}), {0, 1});
}

TEST(Transform, Inverse_ProjectiveMap_GoesBack) {
  Transform map;
  map.m = {11.8, 0.4, 250, -0.3, 11.9, 90, 1e-4, -2e-4, 1};
  for (const Point p : {Point{0, 0}, Point{210, 297}, Point{13.5, 200.25}}) expect_near(map.inverse()(map(p)), p);
}

TEST(Transform, Inverse_SingularOrNotANumber_Throws) {
  Transform flat;
  flat.m = {1, 2, 0, 2, 4, 0, 0, 0, 1};
  EXPECT_THROW(static_cast<void>(flat.inverse()), Error);
  Transform broken;
  broken.m[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(static_cast<void>(broken.inverse()), Error);
}

TEST(Transform, Rectangle_Corners_RunClockwiseFromTopLeft) {
  const Quad moved = Transform::scale_shift(2, 2, 1, 1)(rectangle(0, 10, 20, 30));
  expect_near(moved[0], {1, 21});
  expect_near(moved[1], {41, 21});
  expect_near(moved[2], {41, 61});
  expect_near(moved[3], {1, 61});
}

}  // namespace
}  // namespace inkfield::page
