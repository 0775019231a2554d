// Sums of bytes in registers of AVX2, whichever instruction multiplies: where they begin and what becomes of
// them.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

struct Int8Totals {
  using Sum = __m256i;
  using Total = __m256i;
  static constexpr int kVectors = 2;

  static Sum start(const std::int32_t* bias) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bias));
  }
  static Total total(Sum sum) { return sum; }
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
