#include "recognizer/decoding/line_borders.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace inkfield::recognizer {
namespace {

// In heights of a digit. Peaks of the shipped networks stand at the left edges of their digits, on average.
constexpr double kFurthestOn = 0.5;
constexpr double kNear = 0.2;

std::vector<std::int64_t> ink_of_columns(ImageView ink) {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(ink.width_px), 0);
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x];
  }
  return sums;
}

}  // namespace

std::vector<int> symbol_borders(ImageView ink, std::span<const double> peaks_px, double digit_height_px) {
  if (peaks_px.size() < 2 || ink.empty()) return {};
  const std::vector<std::int64_t> columns = ink_of_columns(ink);
  const auto at = [&](int x) {
    return columns[static_cast<std::size_t>(std::clamp(x, 0, ink.width_px - 1))];
  };
  std::vector<int> halves;
  for (std::size_t i = 0; i + 1 < peaks_px.size(); ++i) {
    halves.push_back(static_cast<int>(std::lround(0.5 * (peaks_px[i] + peaks_px[i + 1]))));
  }
  // The middle of the first of the best stretches: borders stand in gaps, not at their rims.
  const int furthest = static_cast<int>(kFurthestOn * digit_height_px);
  std::int64_t least = -1;
  int first = 0;
  int last = 0;
  for (int on = 0; on <= furthest; ++on) {
    std::int64_t crossed = 0;
    for (const int half : halves) crossed += at(half + on);
    if (least < 0 || crossed < least) {
      least = crossed;
      first = last = on;
    } else if (crossed == least && last == on - 1) {
      last = on;
    }
  }
  const int on = (first + last) / 2;
  const int near = std::max(1, static_cast<int>(kNear * digit_height_px));
  for (int& border : halves) {
    const int from = border + on;
    border = from;
    for (int x = from - near; x <= from + near; ++x) {
      if (at(x) < at(border) || (at(x) == at(border) && std::abs(x - from) < std::abs(border - from)))
        border = x;
    }
    border = std::clamp(border, 0, ink.width_px);
  }
  for (std::size_t i = 1; i < halves.size(); ++i) halves[i] = std::max(halves[i], halves[i - 1]);
  return halves;
}

}  // namespace inkfield::recognizer
