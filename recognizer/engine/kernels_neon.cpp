// The kernels for 64-bit ARM.
#include <arm_neon.h>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/kernels_int8_plain.h"

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 4;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

inline Vector splat(float value) { return Vector{value, value, value, value}; }
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }
inline Vector fused(Vector a, Vector b, Vector c) {
  return (Vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}

inline Vector from_bytes(const std::int8_t* from) {
  using Bytes = std::int8_t __attribute__((vector_size(kWidth)));
  Bytes bytes;
  __builtin_memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, Vector);
}

// 32 registers: four for weights, one or two for the input.
constexpr int kMostFloatSums = 24;
constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_int8.h"
#include "recognizer/engine/kernels_weights.h"
#include "recognizer/engine/kernels_winograd.h"

namespace inkfield::recognizer {

extern const Kernels kNeonKernels;
const Kernels kNeonKernels = {.name = "neon",
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
