// Every pixel of a field's crop is the mean of samples between the page's pixels, however the page lies and whatever its scale.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <ostream>
#include <random>

#include "config/form_template.h"
#include "plugin/page/raster.h"
#include "plugin/page/registered_form.h"
#include "plugin/page/transform.h"
#include "plugin/pipeline/field_cropping.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;

// Shares of a pixel are counted in 256ths, twice, and the result is rounded.
constexpr double kTolerance = 2;

GrayImage noise(int width, int height) {
  GrayImage image(width, height);
  std::minstd_rand random(3);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random() % 256);
  return image;
}

double gray_at(const GrayImage& image, const Point& point) {
  const double x = std::clamp(point.x - 0.5, 0.0, image.width_px - 1.0);
  const double y = std::clamp(point.y - 0.5, 0.0, image.height_px - 1.0);
  const int left = std::min(static_cast<int>(x), image.width_px - 2);
  const int top = std::min(static_cast<int>(y), image.height_px - 2);
  const double right_share = x - left;
  const double upper = image.at(left, top) * (1 - right_share) + image.at(left + 1, top) * right_share;
  const double lower = image.at(left, top + 1) * (1 - right_share) + image.at(left + 1, top + 1) * right_share;
  return upper + (lower - upper) * (y - top);
}

double largest_difference(const GrayImage& page, const page::FieldCrop& crop, int samples) {
  double largest = 0;
  for (int y = 0; y < crop.gray.height_px; ++y) {
    for (int x = 0; x < crop.gray.width_px; ++x) {
      double sum = 0;
      for (int j = 0; j < samples; ++j) {
        for (int i = 0; i < samples; ++i) sum += gray_at(page, crop.source_from_crop(Point{x + (i + 0.5) / samples, y + (j + 0.5) / samples}));
      }
      largest = std::max(largest, std::fabs(sum / (samples * samples) - crop.gray.at(x, y)));
    }
  }
  return largest;
}

struct Lying {
  double px_per_mm;
  double degrees;
  double crop_px_per_mm;
  int samples;  // a side of what one crop pixel is the mean of
};

std::ostream& operator<<(std::ostream& out, const Lying& lying) {
  return out << lying.px_per_mm << " px a mm turned by " << lying.degrees << " degrees, cut at " << lying.crop_px_per_mm;
}

class CropSampling : public ::testing::TestWithParam<Lying> {};

TEST_P(CropSampling, IsTheMeanBetweenThePagesPixels) {
  const Lying& lying = GetParam();
  const GrayImage page = noise(900, 500);
  page::RegisteredForm registered;
  registered.scale_px_per_mm = lying.px_per_mm;
  registered.source_px_from_mm =
      page::Transform::scale_shift(lying.px_per_mm, lying.px_per_mm, 60.3, 200.7).after(page::Transform::rotation(lying.degrees * std::numbers::pi / 180));
  config::Field field;
  field.zone = {4, 1, 540 / lying.px_per_mm, 60 / lying.px_per_mm};
  const page::FieldCrop crop = crop_field(page, registered, field, lying.crop_px_per_mm);
  EXPECT_LE(largest_difference(page, crop, lying.samples), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(AtEveryScaleAndAngle, CropSampling,
                         ::testing::Values(Lying{11.81, 0, 11.81, 1}, Lying{11.81, 0.4, 11.81, 1}, Lying{11.81, 0, 8.86, 1}, Lying{11.81, -0.7, 8.86, 1},
                                           Lying{11.81, 12, 8.86, 1}, Lying{7.87, 0, 11.81, 1}, Lying{7.87, 0.3, 8.86, 1}, Lying{23.62, 0, 11.81, 2},
                                           Lying{23.62, 1, 8.86, 3}, Lying{11.81, 180, 8.86, 1}));

}  // namespace
}  // namespace inkfield::pipeline
