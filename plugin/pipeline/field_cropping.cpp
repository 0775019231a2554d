// One resampling from the source, none before it: the strokes keep what the scanner saw of them.
#include "plugin/pipeline/field_cropping.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

constexpr double kMostUpsampling = 1.5;
constexpr double kLeastMarginMm = 2.5;
constexpr double kMostMarginMm = 5.0;
constexpr double kMarginShare = 0.5;  // of the zone's height: tails of digits hang out so far
constexpr int kMostCropPx = 12'000;   // a side; templates and pages are bounded, this is a second fence
constexpr int kMostSamples = 6;       // a side of the grid of samples behind one crop pixel

// The gray value at a point, pixel centres at .5, the edge pixels going on outside.
class Bilinear {
 public:
  explicit Bilinear(const page::GrayImage& image) : image_(image), last_x_(image.width_px - 1), last_y_(image.height_px - 1) {}

  [[nodiscard]] float operator()(float x, float y) const {
    x -= 0.5F;
    y -= 0.5F;
    if (x >= 0 && y >= 0 && x < static_cast<float>(last_x_) && y < static_cast<float>(last_y_)) {
      const int left = static_cast<int>(x);
      const int top = static_cast<int>(y);
      const std::uint8_t* upper = image_.row(top) + left;
      return between(upper, upper + image_.width_px, 1, x - static_cast<float>(left), y - static_cast<float>(top));
    }
    x = std::clamp(x, 0.0F, static_cast<float>(last_x_));
    y = std::clamp(y, 0.0F, static_cast<float>(last_y_));
    const int left = static_cast<int>(x);
    const int top = static_cast<int>(y);
    const std::uint8_t* upper = image_.row(top) + left;
    const std::uint8_t* lower = image_.row(std::min(top + 1, last_y_)) + left;
    return between(upper, lower, std::min(1, last_x_ - left), x - static_cast<float>(left), y - static_cast<float>(top));
  }

 private:
  static float between(const std::uint8_t* upper, const std::uint8_t* lower, int step, float part_x, float part_y) {
    const float above = static_cast<float>(upper[0]) * (1 - part_x) + static_cast<float>(upper[step]) * part_x;
    const float below = static_cast<float>(lower[0]) * (1 - part_x) + static_cast<float>(lower[step]) * part_x;
    return above * (1 - part_y) + below * part_y;
  }

  const page::GrayImage& image_;
  int last_x_;
  int last_y_;
};

}  // namespace

page::FieldCrop crop_field(const page::GrayImage& page, const page::RegisteredForm& registered, const config::Field& field,
                           double px_per_mm) {
  if (page.empty()) throw Error(ErrorKind::internal, "a field was to be cut out of an empty page");
  const double source_scale = registered.scale_px_per_mm > 0 ? registered.scale_px_per_mm : kCropPxPerMm;
  const double scale = px_per_mm > 0 ? px_per_mm : std::min(kCropPxPerMm, kMostUpsampling * source_scale);
  const double margin = std::clamp(kMarginShare * field.zone.height_mm, kLeastMarginMm, kMostMarginMm);
  const double left_mm = field.zone.x_mm - margin;
  const double top_mm = field.zone.y_mm - margin;
  const auto side = [&](double mm) { return std::clamp(static_cast<int>(std::ceil(mm * scale)), 1, kMostCropPx); };
  page::FieldCrop crop;
  crop.field = &field;
  crop.px_per_mm = scale;
  crop.gray = page::GrayImage(side(field.zone.width_mm + 2 * margin), side(field.zone.height_mm + 2 * margin));
  crop.zone.left = margin * scale;
  crop.zone.top = margin * scale;
  crop.zone.right = (margin + field.zone.width_mm) * scale;
  crop.zone.bottom = (margin + field.zone.height_mm) * scale;
  const page::Transform mm_from_crop = page::Transform::scale_shift(1 / scale, 1 / scale, left_mm, top_mm);
  crop.source_from_crop = registered.source_px_from_mm.after(mm_from_crop);
  // Area sampling: as many samples a side as source pixels go into one crop pixel.
  const int samples = std::clamp(static_cast<int>(std::floor(source_scale / scale + 0.5)), 1, kMostSamples);
  const Bilinear gray(page);
  const std::array<double, 9>& m = crop.source_from_crop.m;
  const float weight = 1.0F / static_cast<float>(samples * samples);
  // Without a camera's view a point's place is a sum of what its column and what its row give.
  const bool flat = m[6] == 0 && m[7] == 0 && m[8] == 1;
  std::vector<double> columns_x;
  std::vector<double> columns_y;
  for (int k = 0; flat && k < crop.gray.width_px * samples; ++k) {
    const double cx = k / samples + (k % samples + 0.5) / samples;
    columns_x.push_back(m[0] * cx);
    columns_y.push_back(m[3] * cx);
  }
  const auto sum_flat = [&](int x, double cy) {
    const double along_x = m[1] * cy;
    const double along_y = m[4] * cy;
    float sum = 0;
    for (auto k = static_cast<std::size_t>(x * samples), end = k + static_cast<std::size_t>(samples); k < end; ++k) {
      sum += gray(static_cast<float>(columns_x[k] + along_x + m[2]), static_cast<float>(columns_y[k] + along_y + m[5]));
    }
    return sum;
  };
  const auto sum_seen = [&](int x, double cy) {
    float sum = 0;
    for (int i = 0; i < samples; ++i) {
      const double cx = x + (i + 0.5) / samples;
      const double w = m[6] * cx + m[7] * cy + m[8];
      const double inverse = w != 0 ? 1 / w : 0;
      sum += gray(static_cast<float>((m[0] * cx + m[1] * cy + m[2]) * inverse), static_cast<float>((m[3] * cx + m[4] * cy + m[5]) * inverse));
    }
    return sum;
  };
  for (int y = 0; y < crop.gray.height_px; ++y) {
    std::uint8_t* row = crop.gray.row(y);
    for (int x = 0; x < crop.gray.width_px; ++x) {
      float sum = 0;
      for (int j = 0; j < samples; ++j) {
        const double cy = y + (j + 0.5) / samples;
        sum += flat ? sum_flat(x, cy) : sum_seen(x, cy);
      }
      row[x] = static_cast<std::uint8_t>(std::clamp(sum * weight + 0.5F, 0.0F, 255.0F));
    }
  }
  return crop;
}

page::FieldCrop whole_crop(const page::GrayImage& picture, const config::Field& field) {
  page::FieldCrop crop;
  crop.field = &field;
  crop.gray = picture;
  crop.zone = {0, 0, static_cast<double>(picture.width_px), static_cast<double>(picture.height_px)};
  return crop;
}

}  // namespace inkfield::pipeline
