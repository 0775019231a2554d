// Random numbers for the generator: the handwriting's own generator, with draws in the words that forms need.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "recognizer/synthesis/random.h"

namespace inkfield::generator {

/// The same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : source_(seed) {}
  /// A generator of its own for one purpose of one page, so that a change in one place moves nothing elsewhere.
  Random(std::uint64_t seed, std::string_view purpose, std::uint64_t number);

  std::uint64_t bits() { return source_.next(); }
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }             ///< 0 <= x < 1
  double between(double low, double high) { return low + (high - low) * unit(); }      ///< low <= x < high
  bool chance(double probability) { return unit() < probability; }
  int integer(int low, int high);                                                      ///< low <= x <= high
  double normal(double mean, double deviation);  ///< sum of twelve, so no libm: ends at six deviations

  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(integer(0, static_cast<int>(items.size()) - 1))];
  }
  /// For the synthesizer, which draws from the same row of numbers.
  synthesis::Random& pen() { return source_; }

 private:
  synthesis::Random source_;
};

}  // namespace inkfield::generator
