// The kernels for processors with AVX-512F.
#include <immintrin.h>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 16;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

inline Vector splat(float value) { return (Vector)_mm512_set1_ps(value); }
inline Vector larger(Vector a, Vector b) { return (Vector)_mm512_max_ps((__m512)a, (__m512)b); }
inline Vector fused(Vector a, Vector b, Vector c) {
  return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

inline Vector from_bytes(const std::int8_t* from) {
  return (Vector)_mm512_cvtepi32_ps(
      _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
}

// 32 registers: three for weights, one for the input. Rates of Zen 5 and of Intel's server cores.
constexpr int kMostFloatSums = 28;
constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 1.75F;  // two in theory; at full use they get into each other's way
constexpr float kLatency = 4;

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_weights.h"
#include "recognizer/engine/kernels_winograd.h"

namespace inkfield::recognizer {

// Bytes as for AVX2: what is faster comes with VNNI.
extern const Kernels kAvx512Floats;
const Kernels kAvx512Floats = {.name = "avx512",
                               .convolve = convolve,
                               .convolve_winograd = convolve_winograd,
                               .pool_largest = pool<true>,
                               .pool_mean = pool<false>,
                               .add = add,
                               .scale_shift = scale_shift,
                               .relu = rectify,
                               .largest_size = largest_size,
                               .pack_weights = pack_weights};

}  // namespace inkfield::recognizer
