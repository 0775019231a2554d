// A photographed page is turned upright and its lines made parallel before anything is looked for on it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "plugin/pipeline/form_registration.h"
#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_observation.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"
#include "registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

using page::Point;

/// How what `find_print` made of a page lies against the form: a quarter turn is none.
struct Left {
  double degrees = 0;      ///< of a level line through the middle
  double convergence = 0;  ///< radians between lines of one direction at the form's two edges
};

Left left_over(const DrawnForm& drawn, const ScannedPage& page) {
  const PrintEvidence print = find_print(page.gray, true);
  const page::Transform upright_from_mm = print.source_from_upright.inverse().after(page.px_from_mm);
  const double width = drawn.form.width_mm;
  const double height = drawn.form.height_mm;
  const auto angle = [&](Point from, Point to) {
    const Point a = upright_from_mm(from);
    const Point b = upright_from_mm(to);
    return std::remainder(std::atan2(b.y - a.y, b.x - a.x), std::numbers::pi / 2);
  };
  Left left;
  left.degrees = angle({width / 2 - 1, height / 2}, {width / 2 + 1, height / 2}) * 180 / std::numbers::pi;
  left.convergence = std::max(std::fabs(angle({0, 0}, {width, 0}) - angle({0, height}, {width, height})),
                              std::fabs(angle({0, 0}, {0, height}) - angle({width, 0}, {width, height})));
  return left;
}

ScanSettings tilted(double tilt_x, double tilt_y, double degrees) {
  ScanSettings settings;
  settings.dpi = 200;
  settings.tilt_x = tilt_x;
  settings.tilt_y = tilt_y;
  settings.degrees = degrees;
  settings.surround = 90;
  settings.margin_mm = 12;
  settings.noise = 8;
  settings.blur_px = 1;
  return settings;
}

// A form with lines enough to tell how they converge; what is left the search and the fit take.
TEST(Camera, TiltedPhotograph_LiesStraight) {
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 1);
  for (const auto& [tilt_x, tilt_y] : {std::pair{9.0, -7.0}, {12.0, -11.0}, {-10.0, 6.0}, {0.0, 13.0}, {13.0, 0.0}, {-14.0, 12.0}, {14.0, -9.0}}) {
    for (const double degrees : {0.0, -16.0, 72.0, 101.0}) {
      const Left left = left_over(drawn, scan(drawn, tilted(tilt_x, tilt_y, degrees)));
      EXPECT_LT(std::fabs(left.degrees), 0.4) << "tilt " << tilt_x << '/' << tilt_y << ", turned by " << degrees;
      EXPECT_LT(left.convergence, 0.03) << "tilt " << tilt_x << '/' << tilt_y << ", turned by " << degrees;
    }
  }
}

// Too few lines to tell how they converge: the sheet's own sides do.
TEST(Camera, FewLinesOnATiltedSheet_LieStraightAndAreFound) {
  for (const int layout : {0, 2}) {
    const DrawnForm drawn = draw_form(FormStyle::landmarks, layout);
    const FormReference reference(drawn.form, {});
    for (const auto& [tilt_x, tilt_y] : {std::pair{-10.0, 6.0}, {8.0, 5.0}, {13.0, -12.0}}) {
      for (const double degrees : {-17.0, 12.0, 104.0}) {
        SCOPED_TRACE(testing::Message() << "layout " << layout << ", tilt " << tilt_x << '/' << tilt_y << ", turned by " << degrees);
        const ScannedPage page = scan(drawn, tilted(tilt_x, tilt_y, degrees));
        const Left left = left_over(drawn, page);
        EXPECT_LT(std::fabs(left.degrees), 0.4);
        EXPECT_LT(left.convergence, 0.03);
        EXPECT_EQ(find_form(PageEvidence(page.gray), {&reference}, [] {}).form_index, 0);
      }
    }
  }
}

// Beside a turned sheet the upright picture shows nothing, though it has pixels there.
TEST(Upright, BesideATurnedPage_HoldsNothing) {
  ScanSettings settings;
  settings.dpi = 150;
  settings.degrees = 8;
  settings.margin_mm = 0;
  const ScannedPage page = scan(draw_form(FormStyle::landmarks, 1), settings);
  const PrintEvidence print = find_print(page.gray, true);
  int beside = 0;
  for (int y = 0; y < print.height; ++y) {
    for (int x = 0; x < print.width; ++x) {
      const Point source = print.source_from_upright(Point{x + 0.5, y + 0.5});
      const double out = std::max({-source.x, source.x - page.gray.width_px, -source.y, source.y - page.gray.height_px});
      if (std::fabs(out) < 2) continue;  // on the rim itself
      ASSERT_EQ(print.holds(x + 0.5, y + 0.5), out < 0) << x << ", " << y;
      beside += out > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(beside, 1000);
}

// A solid mark from column 20 on, in a picture that shows nothing left of column 12.
TEST(View, RimThatThePicturesEdgeCuts_SaysNothing) {
  PrintEvidence print;
  print.width = 40;
  print.height = 40;
  print.dark.assign(1600, 0);
  for (int y = 0; y < 40; ++y) std::fill_n(print.dark.begin() + y * 40 + 20, 20, std::uint8_t{1});
  print.shown.assign(40, {12, 40});
  const View view(print, Pose::scale_shift(1, 1, 0, 0), PrintReference());
  const auto look = [&](double x, double out) { return view.look({x, 20, PrintKind::edge, out, 0}, 1); };
  EXPECT_EQ(look(20, -1), 1);
  EXPECT_EQ(look(16, -1), 0);
  EXPECT_EQ(look(13, -1), -1) << "what lies outside of it is not seen";
  EXPECT_EQ(look(13, 1), -1) << "what lies inside of it is not seen";
  EXPECT_EQ(look(11, -1), -1);
}

// Ink that begins at column 12, because a mark does, or because nothing left of it is shown.
TEST(Observation, RimThatThePicturesEdgeCuts_IsNoRim) {
  PrintEvidence print;
  print.width = 40;
  print.height = 40;
  print.gray = page::GrayImage(40, 40);
  print.dark.assign(1600, 0);
  for (std::size_t i = 0; i < 1600; ++i) {
    print.dark[i] = i % 40 >= 12 ? 1 : 0;
    print.gray.pixels[i] = print.dark[i] != 0 ? 0 : 255;
  }
  PrintReference reference;
  PrintElement rim;
  rim.samples = {{14, 20, PrintKind::edge, -1, 0}};
  reference.elements = {rim};
  const auto observed = [&](int first_shown, bool fine) {
    print.shown.assign(40, {first_shown, 40});
    return observe(reference, print, Pose::scale_shift(1, 1, 0, 0), 4, fine, false);
  };
  for (const bool fine : {false, true}) {
    const std::vector<Observation> whole = observed(0, fine);
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_TRUE(whole[0].of_x);
    EXPECT_NEAR(whole[0].value, 12, 0.1);
    EXPECT_TRUE(observed(12, fine).empty());
  }
}

}  // namespace
}  // namespace inkfield::pipeline
