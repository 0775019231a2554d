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

/// `avx512`: whether vectors of it may be used.
PeakLoop float_peak(bool avx512);
/// Four-way products of bytes where the processor has them; `run` is null where it has none.
PeakLoop int8_peak(bool avx512);

}  // namespace inkfield::bench
