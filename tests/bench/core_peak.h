// What one core can do at most: loops of multiply-adds that never leave the registers, with the widest
// vectors that this processor has.
#pragma once

#include <cstdint>

namespace inkfield::bench {

struct PeakLoop {
  const char* vectors;                ///< "AVX-512 fused multiply-add", for people
  double multiply_adds_per_round;     ///< of one call with `rounds` 1
  float (*run)(std::int64_t rounds);  ///< the result only keeps the loop alive
};

PeakLoop float_peak();
/// Four-way products of bytes where the processor has them; `run` is null where it has none.
PeakLoop int8_peak();

}  // namespace inkfield::bench
