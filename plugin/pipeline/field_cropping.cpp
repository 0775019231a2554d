// One resampling from the source, none before it: the strokes keep what the scanner saw of them.
#include "plugin/pipeline/field_cropping.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "plugin/pipeline/wide_loops.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

constexpr double kMostUpsampling = 1.5;
constexpr double kLeastMarginMm = 2.5;
constexpr double kMostMarginMm = 5.0;
constexpr double kMarginShare = 0.5;  // of the zone's height: tails of digits hang out so far
constexpr int kMostCropPx = 12'000;   // a side; templates and pages are bounded, this is a second fence
constexpr int kMostSamples = 6;       // a side of the grid of samples behind one crop pixel

// Gray values are added up in units of 1 / kGrayUnit: a product of two shares of a pixel in 256ths.
constexpr int kShare = 256;
constexpr std::uint32_t kGrayUnit = kShare * kShare;
// Places along a row are counted in 2^-32 of a source pixel, so that steps may be added up over the longest row.
constexpr double kPlaceUnit = 4294967296.0;
constexpr int kPlaceBits = 32;
constexpr int kShareBits = 8;

// The gray value between four pixels, in units of 1 / kGrayUnit.
std::uint32_t between(const std::uint8_t* upper, const std::uint8_t* lower, int step, int share_x, int share_y) {
  const int above = upper[0] * (kShare - share_x) + upper[step] * share_x;
  const int below = lower[0] * (kShare - share_x) + lower[step] * share_x;
  return static_cast<std::uint32_t>(above * (kShare - share_y) + below * share_y);
}

// The same at a point, pixel centres at 0, the edge pixels going on outside.
std::uint32_t gray_at(recognizer::ImageView image, double x, double y) {
  const int last_x = image.width_px - 1;
  const int last_y = image.height_px - 1;
  // A view that is no view gives points that are no points; they lie at the edge, too.
  x = x > 0 ? std::min<double>(x, last_x) : 0;
  y = y > 0 ? std::min<double>(y, last_y) : 0;
  const int left = static_cast<int>(x);
  const int top = static_cast<int>(y);
  const std::uint8_t* upper = image.row(top) + left;
  const std::uint8_t* lower = image.row(std::min(top + 1, last_y)) + left;
  return between(upper, lower, std::min(1, last_x - left), static_cast<int>((x - left) * kShare + 0.5), static_cast<int>((y - top) * kShare + 0.5));
}

// What lies between four pixels, in units of 1 / kGrayUnit. Places are parts of a pixel here, in 2^-32. Sixteen bits hold a value and its
// share, so that the compiler takes eight at a time.
inline std::uint32_t weighed(unsigned upper_left, unsigned upper_right, unsigned lower_left, unsigned lower_right, std::uint32_t part_x,
                             std::uint32_t part_y) {
  constexpr unsigned kShift = kPlaceBits - kShareBits;
  const auto right = static_cast<std::uint16_t>(part_x >> kShift);
  const auto down = static_cast<std::uint16_t>(part_y >> kShift);
  const auto left = static_cast<std::uint16_t>(kShare - right);
  const auto up = static_cast<std::uint16_t>(kShare - down);
  const auto above = static_cast<std::uint16_t>(upper_left * left + upper_right * right);
  const auto below = static_cast<std::uint16_t>(lower_left * left + lower_right * right);
  return std::uint32_t{above} * std::uint32_t{up} + std::uint32_t{below} * std::uint32_t{down};
}

// Of samples a pixel apart, or hardly more or less: neighbours in two rows of the source.
INKFIELD_WIDE_LOOPS void add_stretch(const std::uint8_t* upper, const std::uint8_t* lower, std::uint32_t part_x, std::uint32_t drift_x, std::uint32_t part_y,
                                     std::uint32_t drift_y, std::uint32_t* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] += weighed(upper[i], upper[i + 1], lower[i], lower[i + 1], part_x, part_y);
    part_x += drift_x;
    part_y += drift_y;
  }
}

// The same for samples further apart: of each, two neighbours of the upper row in one word, the left one in its low byte, and two of the lower.
INKFIELD_WIDE_LOOPS void add_pairs(const std::uint16_t* upper, const std::uint16_t* lower, std::uint32_t part_x, std::uint32_t step_x, std::uint32_t part_y,
                                   std::uint32_t step_y, std::uint32_t* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] += weighed(upper[i] & 255U, upper[i] >> 8U, lower[i] & 255U, lower[i] >> 8U, part_x, part_y);
    part_x += step_x;
    part_y += step_y;
  }
}

// Means of so many samples from their sums: a shift and a product with 2^24 / n, rounded up, which is exact for so few.
INKFIELD_WIDE_LOOPS void write_means(const std::uint32_t* sums, std::size_t count, std::uint32_t samples, std::uint8_t* means) {
  const std::uint32_t half = kGrayUnit * samples / 2;
  const std::uint32_t reciprocal = ((1U << 24U) + samples - 1) / samples;
  for (std::size_t i = 0; i < count; ++i) means[i] = static_cast<std::uint8_t>((sums[i] + half) / kGrayUnit * reciprocal >> 24U);
}

// Takes the crop's samples from the source, a row of samples at a time, and adds them up for each pixel of the crop.
class PatchSampler {
 public:
  PatchSampler(recognizer::ImageView image, const page::Transform& source_from_crop, int samples,
               int width_px)
      : image_(image),
        view_(source_from_crop),
        samples_(samples),
        sums_(static_cast<std::size_t>(width_px)) {}

  void clear() { std::fill(sums_.begin(), sums_.end(), 0U); }

  void write_row(std::uint8_t* row) const { write_means(sums_.data(), sums_.size(), static_cast<std::uint32_t>(samples_ * samples_), row); }

  void add_row(double crop_y) {
    const std::array<double, 9>& m = view_.m;
    const bool flat = m[6] == 0 && m[7] == 0 && m[8] == 1;
    const page::Point first = place(0, crop_y);
    const page::Point last = place(static_cast<int>(sums_.size()) * samples_ - 1, crop_y);
    if (flat && inside(first) && inside(last)) {
      add_straight(first);
    } else {
      add_each(crop_y);
    }
  }

 private:
  // Where the sample of that number lies in the source, pixel centres at 0.
  [[nodiscard]] page::Point place(int sample, double crop_y) const {
    const std::array<double, 9>& m = view_.m;
    const double x = (sample + 0.5) / samples_;
    const double w = m[6] * x + m[7] * crop_y + m[8];
    const double inverse = w != 0 ? 1 / w : 0;
    return {(m[0] * x + m[1] * crop_y + m[2]) * inverse - 0.5, (m[3] * x + m[4] * crop_y + m[5]) * inverse - 0.5};
  }

  // With room for what rounding adds along the row.
  [[nodiscard]] bool inside(const page::Point& point) const {
    constexpr double kRoom = 1.0 / 64;
    return point.x >= kRoom && point.y >= kRoom && point.x < image_.width_px - 1 - kRoom && point.y < image_.height_px - 1 - kRoom;
  }

  // Without a camera's view the samples of a row lie on a line, evenly.
  void add_straight(const page::Point& first) {
    constexpr double kHalfShare = 0.5 / kShare;
    const auto step_x = static_cast<std::int64_t>(view_.m[0] / samples_ * kPlaceUnit);
    const auto step_y = static_cast<std::int64_t>(view_.m[3] / samples_ * kPlaceUnit);
    for (int i = 0; i < samples_; ++i) {
      const Place at{static_cast<std::int64_t>((first.x + kHalfShare) * kPlaceUnit) + i * step_x, static_cast<std::int64_t>((first.y + kHalfShare) * kPlaceUnit) + i * step_y};
      const Place step{samples_ * step_x, samples_ * step_y};
      constexpr std::int64_t kSlow = kWholePx / kLeastStretch;
      if (std::abs(step.x - kWholePx) <= kSlow && std::abs(step.y) <= kSlow) {
        add_neighbours(at, step);
      } else {
        add_apart(at, step);
      }
    }
  }

  // In units of 1 / kPlaceUnit of a source pixel.
  struct Place {
    std::int64_t x = 0;
    std::int64_t y = 0;
  };
  static constexpr std::int64_t kWholePx = std::int64_t{1} << kPlaceBits;
  // Fewer neighbours than this on one row of the source are not worth a loop of their own.
  static constexpr std::int64_t kLeastStretch = 16;

  [[nodiscard]] const std::uint8_t* pixel(const Place& at) const {
    return image_.data + (at.y >> kPlaceBits) * image_.stride_bytes + (at.x >> kPlaceBits);
  }

  // Pixels are fetched first, one after the other, and weighed then, many at a time.
  void add_apart(Place at, const Place& step) {
    static_assert(std::endian::native == std::endian::little, "the first byte of a word is its lowest");
    constexpr std::size_t kBlock = 256;
    std::array<std::uint16_t, kBlock> upper;
    std::array<std::uint16_t, kBlock> lower;
    for (std::size_t x = 0; x < sums_.size(); x += kBlock) {
      const std::size_t count = std::min(kBlock, sums_.size() - x);
      const Place first = at;
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* above = pixel(at);
        std::memcpy(&upper[i], above, sizeof upper[i]);
        std::memcpy(&lower[i], above + image_.stride_bytes, sizeof lower[i]);
        at.x += step.x;
        at.y += step.y;
      }
      add_pairs(upper.data(), lower.data(), static_cast<std::uint32_t>(first.x), static_cast<std::uint32_t>(step.x), static_cast<std::uint32_t>(first.y),
                static_cast<std::uint32_t>(step.y), sums_.data() + x, count);
    }
  }

  // Of the same scale as the source and hardly turned: long stretches of samples take neighbouring pixels of one row.
  void add_neighbours(Place at, const Place& step) {
    const std::int64_t drift = step.x - kWholePx;
    for (std::size_t x = 0; x < sums_.size();) {
      const std::int64_t most = static_cast<std::int64_t>(sums_.size() - x);
      const std::int64_t count = std::min({most, steps_within_pixel(at.x, drift), steps_within_pixel(at.y, step.y)});
      const std::uint8_t* upper = pixel(at);
      add_stretch(upper, upper + image_.stride_bytes, static_cast<std::uint32_t>(at.x),
                  static_cast<std::uint32_t>(drift), static_cast<std::uint32_t>(at.y),
                  static_cast<std::uint32_t>(step.y), sums_.data() + x, static_cast<std::size_t>(count));
      at.x += count * step.x;
      at.y += count * step.y;
      x += static_cast<std::size_t>(count);
    }
  }

  // How many samples, the first one counted, lie in the same pixel when each is `drift` further.
  static std::int64_t steps_within_pixel(std::int64_t at, std::int64_t drift) {
    const std::int64_t part = at & (kWholePx - 1);
    if (drift > 0) return (kWholePx - 1 - part) / drift + 1;
    if (drift < 0) return part / -drift + 1;
    return std::numeric_limits<std::int64_t>::max();
  }

  void add_each(double crop_y) {
    for (std::size_t x = 0; x < sums_.size(); ++x) {
      for (int i = 0; i < samples_; ++i) {
        const page::Point point = place(static_cast<int>(x) * samples_ + i, crop_y);
        sums_[x] += gray_at(image_, point.x, point.y);
      }
    }
  }

  recognizer::ImageView image_;
  page::Transform view_;
  int samples_;
  std::vector<std::uint32_t> sums_;
};

}  // namespace

double crop_scale(const page::RegisteredForm& registered, double finest_px_per_mm) {
  return registered.scale_px_per_mm > 0
             ? std::min(finest_px_per_mm, kMostUpsampling * registered.scale_px_per_mm)
             : finest_px_per_mm;
}

page::FieldCrop crop_field(recognizer::ImageView page, const page::RegisteredForm& registered,
                           const config::Field& field, double px_per_mm) {
  if (page.empty()) throw Error(ErrorKind::internal, "a field was to be cut out of an empty page");
  const double source_scale = registered.scale_px_per_mm > 0 ? registered.scale_px_per_mm : kCropPxPerMm;
  const double scale = px_per_mm > 0 ? px_per_mm : crop_scale(registered, kCropPxPerMm);
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
  PatchSampler sampler(page, crop.source_from_crop, samples, crop.gray.width_px);
  for (int y = 0; y < crop.gray.height_px; ++y) {
    sampler.clear();
    for (int j = 0; j < samples; ++j) sampler.add_row(y + (j + 0.5) / samples);
    sampler.write_row(crop.gray.row(y));
  }
  return crop;
}

page::FieldCrop whole_crop(recognizer::ImageView picture, const config::Field& field) {
  page::FieldCrop crop;
  crop.field = &field;
  crop.gray = page::GrayImage(picture);
  crop.zone = {0, 0, static_cast<double>(picture.width_px), static_cast<double>(picture.height_px)};
  return crop;
}

}  // namespace inkfield::pipeline
