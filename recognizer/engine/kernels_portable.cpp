// The kernels for any processor; four floats wide, which every 64-bit x86 and ARM has.
//
// Where the target has no fused multiply-add, it is put together from double precision: the product of two
// floats is exact there, the sum is rounded to odd, and rounding that to float gives what one rounding of the
// exact value would (Boldo and Melquiond, 2008: 53 bits are at least 24 + 2). No call to the C library, whose
// fmaf asks the processor anew or takes many times as long.
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/kernels_int8_plain.h"

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 4;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

inline Vector splat(float value) { return Vector{value, value, value, value}; }
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }

#ifdef __FP_FAST_FMAF
inline Vector fused(Vector a, Vector b, Vector c) {
  Vector result;
  for (int i = 0; i < kWidth; ++i) result[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return result;
}
#else
inline Vector fused(Vector a, Vector b, Vector c) {
  using Doubles = double __attribute__((vector_size(kWidth * sizeof(double))));
  using Bits = long long __attribute__((vector_size(kWidth * sizeof(double))));
  const Doubles product = __builtin_convertvector(a, Doubles) * __builtin_convertvector(b, Doubles);
  const Doubles addend = __builtin_convertvector(c, Doubles);
  const Doubles sum = product + addend;
  // What the rounding of the sum lost, exactly (Knuth); NaN beside infinities, which compares as neither.
  const Doubles part = sum - product;
  const Doubles lost = (product - (sum - part)) + (addend - part);
  const Bits inexact = (lost > 0.0) | (lost < 0.0);
  // To odd: of the two neighbours of an inexact sum, the one whose last bit is set. That is the sum itself,
  // or the next one away from zero (bits + 1) if what was lost has the sum's sign, else the one towards it.
  const Bits bits = (Bits)sum;
  const Bits away = (lost > 0.0) == (sum > 0.0);  // all ones (-1) for true
  const Bits even = (bits & 1) == 0;
  const Bits step = inexact & even & ((away & 1) | (~away & -1));
  return __builtin_convertvector((Doubles)(bits + step), Vector);
}
#endif

inline Vector from_bytes(const std::int8_t* from) {
  using Bytes = std::int8_t __attribute__((vector_size(kWidth)));
  Bytes bytes;
  __builtin_memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, Vector);
}

constexpr int kMostFloatSums = 8;
constexpr float kMultiplyRate = 1;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_int8.h"
#include "recognizer/engine/kernels_weights.h"
#include "recognizer/engine/kernels_winograd.h"

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;
const Kernels kPortableKernels = {.name = "portable",
                                  .convolve = convolve,
                                  .convolve_winograd = convolve_winograd,
                                  .convolve_int8 = convolve_int8,
                                  .pool_largest = pool<true>,
                                  .pool_mean = pool<false>,
                                  .add = add,
                                  .scale_shift = scale_shift,
                                  .relu = rectify,
                                  .quantise = Int8Products::quantise,
                                  .largest_size = largest_size,
                                  .pack_weights = pack_weights};

}  // namespace inkfield::recognizer
