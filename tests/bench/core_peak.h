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

/// Instructions that everybody may use: all of this processor's, or as one has them without AMX, or that ends at AVX2, with
/// or without AVX-VNNI.
enum class Instructions { all, avx512, avx2, avx_vnni };

PeakLoop float_peak(Instructions instructions);
/// Products of bytes, four or more to a sum, where there are such; else `run` is null.
PeakLoop int8_peak(Instructions instructions);

}  // namespace inkfield::bench
