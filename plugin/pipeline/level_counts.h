// How often every gray value occurs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace inkfield::pipeline {

/// Counts gray values four ways: most of a page is one value, and one counter would wait for itself.
class LevelCounts {
 public:
  void add(const std::uint8_t* pixels, std::size_t count) {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      ++counts_[0][pixels[i]];
      ++counts_[1][pixels[i + 1]];
      ++counts_[2][pixels[i + 2]];
      ++counts_[3][pixels[i + 3]];
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

}  // namespace inkfield::pipeline
