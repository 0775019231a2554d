#include "plugin/pipeline/faint_strokes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr int kReach = 2;  // means over 5 x 5: a fifth of the noise, most of a stroke

GrayImage smoothed(const GrayImage& darkness, int left, int top, int right, int bottom) {
  const int width = right - left;
  const int height = bottom - top;
  constexpr int kSide = 2 * kReach + 1;
  std::vector<std::int32_t> rows(static_cast<std::size_t>(width) * static_cast<std::size_t>(height + 2 * kReach));
  const auto row = [&](int j) { return rows.data() + static_cast<std::ptrdiff_t>(j) * width; };
  for (int j = 0; j < height + 2 * kReach; ++j) {
    const std::uint8_t* from = darkness.row(std::clamp(top + j - kReach, 0, darkness.height_px - 1));
    for (int x = 0; x < width; ++x) {
      std::int32_t sum = 0;
      for (int d = -kReach; d <= kReach; ++d) sum += from[std::clamp(left + x + d, 0, darkness.width_px - 1)];
      row(j)[x] = sum;
    }
  }
  GrayImage out(width, height, 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::int32_t sum = 0;
      for (int d = 0; d < kSide; ++d) sum += row(y + d)[x];
      out.row(y)[x] = static_cast<std::uint8_t>(sum / (kSide * kSide));
    }
  }
  return out;
}

}  // namespace

bool has_faint_stroke(const GrayImage& darkness, const page::RectPx& area, double least_extent, int faintest, bool any_way) {
  const int left = std::clamp(static_cast<int>(std::ceil(area.left)), 0, darkness.width_px);
  const int right = std::clamp(static_cast<int>(std::floor(area.right)), left, darkness.width_px);
  const int top = std::clamp(static_cast<int>(std::ceil(area.top)), 0, darkness.height_px);
  const int bottom = std::clamp(static_cast<int>(std::floor(area.bottom)), top, darkness.height_px);
  if (right - left < 6 || bottom - top < 6) return false;
  GrayImage mean = smoothed(darkness, left, top, right, bottom);
  std::array<int, 256> histogram{};
  for (const std::uint8_t value : mean.pixels) ++histogram[value];
  int paper = 0;
  for (std::size_t seen = 0; paper < 255 && (seen += static_cast<std::size_t>(histogram[static_cast<std::size_t>(paper)])) * 2 < mean.pixels.size();) ++paper;
  for (std::uint8_t& value : mean.pixels) value = value >= paper + faintest ? 255 : 0;
  const recognizer::InkComponents components = recognizer::find_ink_components(mean.view());
  return std::any_of(components.pieces.begin(), components.pieces.end(), [&](const recognizer::InkComponent& piece) {
    return piece.height_px() >= least_extent * (bottom - top) || (any_way && piece.width_px() >= least_extent * (right - left));
  });
}

}  // namespace inkfield::pipeline
