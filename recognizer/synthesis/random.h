// A small seeded generator: the same numbers on every machine and standard library, which <random>'s
// distributions do not promise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace inkfield::synthesis {

/// SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, passes BigCrush, one addition a step.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  /// A generator of its own, for a part whose draws must not move the others.
  Random split() { return Random(next()); }
  /// In [0, 1).
  float unit() { return static_cast<float>(next() >> 40U) * (1.0F / 16777216.0F); }
  /// In [low, high).
  float uniform(float low, float high) { return low + (high - low) * unit(); }
  /// About normal (sum of four uniforms), never further than 3.5 deviations from the mean.
  float normal(float mean, float deviation) {
    const float sum = unit() + unit() + unit() + unit() - 2.0F;
    return mean + deviation * 1.7320508F * sum;
  }
  bool chance(float probability) { return unit() < probability; }
  /// In 0 .. count-1; count must be positive.
  int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
  template <typename T>
  const T& pick(std::span<const T> items) {
    return items[static_cast<std::size_t>(next() % items.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace inkfield::synthesis
