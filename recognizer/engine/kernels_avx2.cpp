// The kernels for processors with AVX2 and FMA.
#include <immintrin.h>

#include <cstdint>

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
constexpr int kMostFloatSums = 12;
constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

struct Int8Products {
  // 16-bit products, whose sums of two do not fit in 16 bits: so not vpmaddubsw, which would cut them off.
  struct Sum {
    __m256i low, high;  // channels 0-3 and 4-7, two partial sums each
  };
  struct Weights {
    __m256i low, high;  // four 16-bit weights for each channel
  };
  using Value = __m256i;  // the four bytes as 16-bit numbers, four times
  using Total = __m256i;
  static constexpr int kVectors = 2;
  static constexpr int kMostSums = 4;

  static Value splat(const std::uint8_t* from) {
    int bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    return _mm256_cvtepu8_epi16(_mm_set1_epi32(bytes));
  }
  static Weights load(const std::int8_t* from) {
    const auto half = [](const std::int8_t* at) {
      return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    };
    return {half(from), half(from + 16)};
  }
  static Sum start(const std::int32_t* bias) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i all =
        _mm256_permute4x64_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bias)), 0xD8);
    // 0 1 4 5 | 2 3 6 7 -> 0 - 1 - | 2 - 3 - and 4 - 5 - | 6 - 7 -
    return {_mm256_unpacklo_epi32(all, zero), _mm256_unpackhi_epi32(all, zero)};
  }
  static Sum add(Value value, Weights weights, Sum sum) {
    return {_mm256_add_epi32(sum.low, _mm256_madd_epi16(value, weights.low)),
            _mm256_add_epi32(sum.high, _mm256_madd_epi16(value, weights.high))};
  }
  static Total total(Sum sum) { return _mm256_permute4x64_epi64(_mm256_hadd_epi32(sum.low, sum.high), 0xD8); }
  static Total larger(Total a, Total b) { return _mm256_max_epi32(a, b); }

  static __m256 scaled(Total total, const float* scale) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(total), _mm256_loadu_ps(scale));
  }
  static __m128i nearest(__m256 value) {
    const __m256 raised = _mm256_max_ps(value, _mm256_setzero_ps());
    const __m256i rounded = _mm256_cvtps_epi32(_mm256_min_ps(raised, _mm256_set1_ps(255.0F)));
    const __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
    return _mm_packus_epi16(words, words);
  }
  static void store_bytes(std::uint8_t* to, Total total, const float* scale) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), nearest(scaled(total, scale)));
  }
  template <bool kRelu>
  static void store_floats(float* to, Total total, const float* scale) {
    const __m256 value = scaled(total, scale);
    _mm256_storeu_ps(to, kRelu ? _mm256_max_ps(value, _mm256_setzero_ps()) : value);
  }
  static void quantise(const float* input, float scale, std::uint8_t* output, std::size_t count) {
    const __m256 factor = _mm256_set1_ps(scale);
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
      const __m128i bytes = nearest(_mm256_mul_ps(_mm256_loadu_ps(input + i), factor));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(output + i), bytes);
    }
    for (; i < count; ++i) {
      output[i] = static_cast<std::uint8_t>(_mm_extract_epi8(nearest(_mm256_set1_ps(input[i] * scale)), 0));
    }
  }
};

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_int8.h"
#include "recognizer/engine/kernels_weights.h"
#include "recognizer/engine/kernels_winograd.h"

namespace inkfield::recognizer {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {
    "avx2", convolve,    convolve_winograd, convolve_int8,          pool<true>,   pool<false>,
    add,    scale_shift, rectify,           Int8Products::quantise, largest_size, pack_weights};

}  // namespace inkfield::recognizer
