// How often every gray value occurs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace inkfield::page {

/// Counts gray values: most of a page is one value, so eight equal ones are taken at once and others four ways, for one counter would wait
/// for itself.
class LevelCounts {
 public:
  void add(const std::uint8_t* pixels, std::size_t count) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, pixels + i, sizeof eight);
      if (eight == pixels[i] * kOnes) {
        counts_[0][pixels[i]] += 8;
        continue;
      }
      for (std::size_t k = 0; k < 8; ++k) ++counts_[k % 4][pixels[i + k]];
    }
    for (; i < count; ++i) ++counts_[0][pixels[i]];
  }

  [[nodiscard]] std::array<std::int64_t, 256> total() const {
    std::array<std::int64_t, 256> sum{};
    for (const auto& part : counts_) {
      for (std::size_t level = 0; level < sum.size(); ++level) sum[level] += part[level];
    }
    return sum;
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 4> counts_{};
};

}  // namespace inkfield::page
