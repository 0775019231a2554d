// The kernels for processors with AVX2 and FMA.
#include <immintrin.h>

#include <utility>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 8;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

inline Vector splat(float value) { return (Vector)_mm256_set1_ps(value); }
inline Vector larger(Vector a, Vector b) { return (Vector)_mm256_max_ps((__m256)a, (__m256)b); }
inline Vector fused(Vector a, Vector b, Vector c) {
  return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

// 16 registers: two for weights, one for the input.
constexpr int kMostSums = 12;
constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_body.h"

namespace inkfield::recognizer {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {"avx2", convolve, pool<true>, pool<false>, add, scale_shift, rectify};

}  // namespace inkfield::recognizer
