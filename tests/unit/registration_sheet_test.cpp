// A sheet's own sides: found where a camera saw a sheet on something darker, and nowhere else.
#include "plugin/pipeline/registration_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "tests/unit/registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;
using page::Transform;

constexpr int kPaper = 255;

ScanSettings photograph(double tilt_x, double tilt_y, double degrees) {
  ScanSettings settings;
  settings.dpi = 150;
  settings.tilt_x = tilt_x;
  settings.tilt_y = tilt_y;
  settings.degrees = degrees;
  settings.surround = 150;
  settings.margin_mm = 6;
  settings.noise = 8;
  return settings;
}

DrawnForm nearly_empty_form() { return draw_form(FormStyle::landmarks, 0); }

bool found(const GrayImage& gray) {
  Transform seen_from_flat;
  return find_sheet(gray, kPaper, seen_from_flat);
}

// Where the map puts the sheet's corners, it lies flat and as long as it is wide.
TEST(Sheet, TiltedOnADesk_LiesFlat) {
  const DrawnForm drawn = nearly_empty_form();
  const double width = drawn.form.width_mm;
  const double height = drawn.form.height_mm;
  for (const auto& [tilt_x, tilt_y, degrees] : {std::array{-10.0, 6.0, 17.0}, {8.0, 5.0, 12.0}, {3.0, 0.0, 0.0}, {14.0, -14.0, -20.0}, {0.0, -6.0, 185.0}}) {
    SCOPED_TRACE(testing::Message() << "tilt " << tilt_x << '/' << tilt_y << ", turned by " << degrees);
    const ScannedPage page = scan(drawn, photograph(tilt_x, tilt_y, degrees));
    Transform seen_from_flat;
    ASSERT_TRUE(find_sheet(page.gray, kPaper, seen_from_flat));
    const page::Quad flat = seen_from_flat.inverse().after(page.px_from_mm)(page::rectangle(0, 0, width, height));
    const auto way = [&](std::size_t from, std::size_t to) { return Point{flat[to].x - flat[from].x, flat[to].y - flat[from].y}; };
    const auto length = [](Point p) { return std::hypot(p.x, p.y); };
    EXPECT_NEAR(length(way(0, 1)) / length(way(3, 2)), 1, 0.01);
    EXPECT_NEAR(length(way(0, 3)) / length(way(1, 2)), 1, 0.01);
    EXPECT_NEAR((way(0, 1).x * way(0, 3).x + way(0, 1).y * way(0, 3).y) / length(way(0, 1)) / length(way(0, 3)), 0, 0.01);
    // The lens's reach is a guess, and with it how much a side is shortened.
    EXPECT_NEAR(length(way(0, 1)) / length(way(0, 3)) / (width / height), 1, 0.02);
  }
}

TEST(Sheet, Scanned_IsLeftAlone) {
  const DrawnForm drawn = nearly_empty_form();
  for (const int surround : {10, 150, 255}) {
    ScanSettings settings = photograph(0, 0, 7);
    settings.surround = static_cast<std::uint8_t>(surround);
    EXPECT_FALSE(found(scan(drawn, settings).gray)) << "on " << surround;
  }
}

TEST(Sheet, PrintOnPaperWithoutADesk_IsNone) {
  const DrawnForm drawn = nearly_empty_form();
  ScanSettings settings = photograph(-10, 6, 5);
  settings.surround = 255;
  EXPECT_FALSE(found(scan(drawn, settings).gray));
}

// What lies over a side, or beyond the picture's edge, leaves it unknown.
TEST(Sheet, SideHidden_IsNone) {
  const ScannedPage page = scan(nearly_empty_form(), photograph(-10, 6, 5));
  GrayImage covered = page.gray;
  for (int y = covered.height_px / 3; y < covered.height_px; ++y) std::fill(covered.row(y), covered.row(y) + covered.width_px / 4, std::uint8_t{90});
  EXPECT_FALSE(found(covered));
  GrayImage cut(page.gray.width_px * 3 / 4, page.gray.height_px);
  for (int y = 0; y < cut.height_px; ++y) std::copy(page.gray.row(y), page.gray.row(y) + cut.width_px, cut.row(y));
  EXPECT_FALSE(found(cut));
}

TEST(Sheet, NothingSmallOrNoise_IsNone) {
  EXPECT_FALSE(found(GrayImage(1, 1, 200)));
  EXPECT_FALSE(found(GrayImage(1, 2000, 200)));
  EXPECT_FALSE(found(GrayImage(900, 1200, 40)));
  GrayImage noise(900, 1200);
  std::uint32_t state = 7;
  for (std::uint8_t& value : noise.pixels) value = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24U);
  EXPECT_FALSE(found(noise));
}

}  // namespace
}  // namespace inkfield::pipeline
