// TIFF files of a single directory, whose entries may say anything.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace inkfield::tests {

/// Appends the `count` bytes of a number.
inline void put(std::string& bytes, std::uint32_t value, int count, bool big_endian) {
  for (int i = 0; i < count; ++i) {
    const int shift = 8 * (big_endian ? count - 1 - i : i);
    bytes += static_cast<char>(value >> shift & 255U);
  }
}

/// A little-endian TIFF of one directory with these entries (tag, type, count, value) and the next
/// directory's place.
inline std::string tiff(const std::vector<std::array<std::uint32_t, 4>>& entries, std::uint32_t next) {
  std::string bytes("II*\0", 4);
  put(bytes, 8, 4, false);
  put(bytes, static_cast<std::uint32_t>(entries.size()), 2, false);
  for (const auto& entry : entries) {
    put(bytes, entry[0], 2, false);
    put(bytes, entry[1], 2, false);
    put(bytes, entry[2], 4, false);
    put(bytes, entry[3], 4, false);
  }
  put(bytes, next, 4, false);
  return bytes + std::string(64, '\0');
}

/// Eight by eight pixels of a bit each.
inline const std::vector<std::array<std::uint32_t, 4>> kSmallTiff = {
    {256, 3, 1, 8},   {257, 3, 1, 8}, {258, 3, 1, 8}, {259, 3, 1, 1}, {262, 3, 1, 1},
    {273, 4, 1, 110}, {277, 3, 1, 1}, {278, 3, 1, 8}, {279, 4, 1, 64}};

}  // namespace inkfield::tests
