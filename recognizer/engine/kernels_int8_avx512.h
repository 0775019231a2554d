// What becomes of sums of bytes in registers of AVX-512, whichever instruction multiplied.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

struct Int8Totals {
  using Total = __m512i;

  static Total larger(Total a, Total b) { return _mm512_max_epi32(a, b); }

  static __m512 scaled(Total total, const float* scale) {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(total), _mm512_loadu_ps(scale));
  }
  static __m128i nearest(__m512 value) {
    const __m512 raised = _mm512_max_ps(value, _mm512_setzero_ps());
    return _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(_mm512_min_ps(raised, _mm512_set1_ps(255.0F))));
  }
  static void store_bytes(std::uint8_t* to, Total total, const float* scale) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), nearest(scaled(total, scale)));
  }
  template <bool kRelu>
  static void store_floats(float* to, Total total, const float* scale) {
    const __m512 value = scaled(total, scale);
    _mm512_storeu_ps(to, kRelu ? _mm512_max_ps(value, _mm512_setzero_ps()) : value);
  }
  static void quantise(const float* input, float scale, std::uint8_t* output, std::size_t count) {
    const __m512 factor = _mm512_set1_ps(scale);
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
      const __m128i bytes = nearest(_mm512_mul_ps(_mm512_loadu_ps(input + i), factor));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(output + i), bytes);
    }
    for (; i < count; ++i) {
      output[i] = static_cast<std::uint8_t>(_mm_extract_epi8(nearest(_mm512_set1_ps(input[i] * scale)), 0));
    }
  }
};

}  // namespace
}  // namespace inkfield::recognizer
