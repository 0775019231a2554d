// Eight pixels looked at together, so that paper is passed over quickly.
#pragma once

#include <cstdint>
#include <cstring>

namespace inkfield::recognizer {

inline constexpr std::uint64_t kEightOnes = 0x0101010101010101U;

inline std::uint64_t load_eight(const std::uint8_t* pixels) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, pixels, sizeof eight);
  return eight;
}

/// Whether any of eight pixels is at or above the threshold.
inline bool any_of_eight(const std::uint8_t* pixels, std::uint8_t threshold) {
  constexpr std::uint64_t kHigh = 0x80 * kEightOnes;
  const std::uint64_t eight = load_eight(pixels);
  // The sum of the lower seven bits reaches the eighth where they are at least the threshold's.
  const std::uint64_t sum = (eight & ~kHigh) + kEightOnes * (threshold <= 128U ? 128U - threshold : 256U - threshold);
  return ((threshold <= 128U ? sum | eight : sum & eight) & kHigh) != 0;
}

/// The first place from `begin` on where a pixel is at or above the threshold; `end` if there is none.
inline int find_at_least(const std::uint8_t* row, int begin, int end, std::uint8_t threshold) {
  int x = begin;
  while (x + 8 <= end && !any_of_eight(row + x, threshold)) x += 8;
  while (x < end && row[x] < threshold) ++x;
  return x;
}

}  // namespace inkfield::recognizer
