// Resamples along the rows only. Only +, -, * and / on floats, in a fixed order: the same line gives the same
// bits on every processor.
#include "recognizer/line_shear.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace inkfield::recognizer {
namespace {

// A cubic through the four nearest columns (Catmull and Rom, 1974) blurs less than a straight line through
// two.
std::array<float, 4> cubic(float at) {
  const float squared = at * at;
  const float cubed = squared * at;
  return {-0.5F * cubed + squared - 0.5F * at, 1.5F * cubed - 2.5F * squared + 1.0F,
          -1.5F * cubed + 2.0F * squared + 0.5F * at, 0.5F * cubed - 0.5F * squared};
}

}  // namespace

NetworkInput sheared(const NetworkInput& line, const Shear& shear) {
  const auto width = static_cast<float>(line.width_px);
  const int paper_px = 2 * shear.on_px;
  const float stretch = std::min(shear.stretch, static_cast<float>(kMaxLineWidthPx - paper_px) / width);
  const int needed_px = static_cast<int>(std::ceil(width * stretch)) + paper_px;
  NetworkInput result = line;
  result.width_px =
      std::min(kMaxLineWidthPx, (needed_px + kFrameStridePx - 1) / kFrameStridePx * kFrameStridePx);
  result.pixels.assign(static_cast<std::size_t>(result.width_px) * static_cast<std::size_t>(line.height_px),
                       0.0F);
  const float middle = 0.5F * static_cast<float>(line.height_px - 1);
  for (int y = 0; y < line.height_px; ++y) {
    const float* row =
        line.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(line.width_px);
    float* to =
        result.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(result.width_px);
    const float begin = static_cast<float>(shear.on_px) + shear.lean * (middle - static_cast<float>(y));
    for (int x = 0; x < result.width_px; ++x) {
      const float at = (static_cast<float>(x) + 0.5F - begin) / stretch - 0.5F;
      const float floor = std::floor(at);
      const int left = static_cast<int>(floor) - 1;
      if (left <= -4 || left >= line.width_px) continue;
      const std::array<float, 4> weights = cubic(at - floor);
      float sum = 0;
      for (int k = 0; k < 4; ++k) {
        if (left + k >= 0 && left + k < line.width_px)
          sum += weights[static_cast<std::size_t>(k)] * row[left + k];
      }
      to[x] = std::clamp(sum, 0.0F, 1.0F);
    }
  }
  return result;
}

}  // namespace inkfield::recognizer
