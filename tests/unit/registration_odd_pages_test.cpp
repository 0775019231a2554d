// Pages that are no form at all: each gets a calm "none fits".
#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/pipeline/form_registration.h"
#include "tests/unit/registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

class OddPage : public testing::Test {
 protected:
  void SetUp() override {
    for (const FormStyle style : {FormStyle::marks, FormStyle::landmarks, FormStyle::blank_picture}) {
      const DrawnForm drawn = draw_form(style, 0);
      references_.push_back(std::make_unique<FormReference>(drawn.form, style == FormStyle::blank_picture ? blank_picture(drawn, 8) : GrayImage{}));
    }
  }

  void expect_refused(const GrayImage& gray) {
    const PageEvidence evidence(gray);
    for (const auto& reference : references_) {
      const FormMatch match = find_form(evidence, {reference.get()}, [] {});
      EXPECT_EQ(match.form_index, -1) << "match " << match.registered.match << ", confidence " << match.confidence;
      EXPECT_NE(match.reason, "");
    }
  }

  std::vector<std::unique_ptr<FormReference>> references_;
};

void draw_lines(GrayImage& gray, int step, bool level, bool upright) {
  for (int y = 0; y < gray.height_px; ++y) {
    for (int x = 0; x < gray.width_px; ++x) {
      if ((level && y % step < 2) || (upright && x % step < 2)) gray.row(y)[x] = 0;
    }
  }
}

TEST_F(OddPage, White_IsBlank) {
  const GrayImage white(1200, 1700, 255);
  EXPECT_TRUE(PageEvidence(white).blank());
  expect_refused(white);
}

TEST_F(OddPage, WhiteWithSpecksAndRim_IsBlank) {
  GrayImage page(1200, 1700, 250);
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) page.row(static_cast<int>(random() % 1700))[random() % 1200] = 20;
  for (int y = 0; y < 1700; ++y) std::fill(page.row(y), page.row(y) + 8, std::uint8_t{0});
  EXPECT_TRUE(PageEvidence(page).blank());
  expect_refused(page);
}

TEST_F(OddPage, FilledForm_IsNotBlank) { EXPECT_FALSE(PageEvidence(scan(draw_form(FormStyle::landmarks, 0), {}).gray).blank()); }

TEST_F(OddPage, Black_IsRefused) { expect_refused(GrayImage(1200, 1700, 0)); }

TEST_F(OddPage, MidGray_IsRefused) { expect_refused(GrayImage(1200, 1700, 128)); }

TEST_F(OddPage, Noise_IsRefused) {
  std::mt19937 random(3);
  GrayImage page(1200, 1700);
  for (std::uint8_t& value : page.pixels) value = static_cast<std::uint8_t>(random() & 255U);
  expect_refused(page);
}

TEST_F(OddPage, BlackAndWhiteNoise_IsRefused) {
  std::mt19937 random(4);
  GrayImage page(1240, 1754);
  for (std::uint8_t& value : page.pixels) value = random() % 8 == 0 ? 0 : 255;
  expect_refused(page);
}

TEST_F(OddPage, NothingButBoxes_IsRefused) {
  for (const int step : {12, 20, 33, 43, 57, 80, 130}) {
    SCOPED_TRACE(step);
    GrayImage page(1240, 1754);
    draw_lines(page, step, true, true);
    expect_refused(page);
  }
}

TEST_F(OddPage, RuledPaper_IsRefused) {
  for (const int step : {7, 24, 40, 64}) {
    SCOPED_TRACE(step);
    GrayImage page(1240, 1754);
    draw_lines(page, step, true, false);
    expect_refused(page);
  }
}

TEST_F(OddPage, TwentyThousandSpecks_IsRefused) {
  std::mt19937 random(9);
  GrayImage page(1240, 1754);
  for (int i = 0; i < 20000; ++i) {
    const int x = static_cast<int>(random() % 1236);
    const int y = static_cast<int>(random() % 1750);
    for (int k = 0; k < 3; ++k) std::fill(page.row(y + k) + x, page.row(y + k) + x + 3, std::uint8_t{0});
  }
  expect_refused(page);
}

TEST_F(OddPage, TornInHalf_IsRefused) {
  const ScannedPage whole = scan(draw_form(FormStyle::landmarks, 0), {});
  GrayImage upper(whole.gray.width_px, whole.gray.height_px * 2 / 5);
  std::copy(whole.gray.pixels.begin(), whole.gray.pixels.begin() + static_cast<std::ptrdiff_t>(upper.pixels.size()), upper.pixels.begin());
  expect_refused(upper);
}

TEST_F(OddPage, OddSizes_AreRefused) {
  expect_refused(GrayImage{});
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{2, 3}, std::pair{17, 17}, std::pair{20000, 1}, std::pair{1, 20000}, std::pair{20000, 3}, std::pair{7, 9000}}) {
    SCOPED_TRACE(testing::Message() << width << " x " << height);
    expect_refused(GrayImage(width, height, 255));
    expect_refused(GrayImage(width, height, 0));
    GrayImage stripes(width, height, 255);
    for (std::size_t i = 0; i < stripes.pixels.size(); i += 3) stripes.pixels[i] = 0;
    expect_refused(stripes);
  }
}

}  // namespace
}  // namespace inkfield::pipeline
