// Twelve sums at once: two units with a latency of four or five cycles are kept busy by ten.
#include "tests/bench/core_peak.h"

#include <algorithm>
#include <string_view>

#include "recognizer/engine/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace inkfield::bench {
namespace {

constexpr int kSums = 12;

#if defined(__x86_64__)

__attribute__((target("avx512f"))) float run_avx512(std::int64_t rounds) {
  __m512 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  __m512 factor = _mm512_set1_ps(0.999F);
  __m512 addend = _mm512_set1_ps(0.001F);
  asm volatile("" : "+v"(factor), "+v"(addend));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, addend);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  float lanes[16];
  _mm512_storeu_ps(lanes, sums[0]);
  return lanes[0] + lanes[15];
}

__attribute__((target("avx2,fma"))) float run_avx2(std::int64_t rounds) {
  __m256 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  __m256 factor = _mm256_set1_ps(0.999F);
  __m256 addend = _mm256_set1_ps(0.001F);
  asm volatile("" : "+x"(factor), "+x"(addend));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, addend);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  float lanes[8];
  _mm256_storeu_ps(lanes, sums[0]);
  return lanes[0] + lanes[7];
}

float run_sse2(std::int64_t rounds) {
  __m128 sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm_set1_ps(static_cast<float>(i));
  __m128 factor = _mm_set1_ps(0.999F);
  __m128 addend = _mm_set1_ps(0.001F);
  asm volatile("" : "+x"(factor), "+x"(addend));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm_add_ps(_mm_mul_ps(sums[i], factor), addend);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}

__attribute__((target("avx512f,avx512vnni"))) float run_vnni(std::int64_t rounds) {
  __m512i sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm512_set1_epi32(i);
  __m512i bytes = _mm512_set1_epi8(3);
  __m512i weights = _mm512_set1_epi8(5);
  asm volatile("" : "+v"(bytes), "+v"(weights));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = _mm512_dpbusd_epi32(sums[i], bytes, weights);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm512_add_epi32(sums[0], sums[i]);
  std::int32_t lanes[16];
  _mm512_storeu_si512(lanes, sums[0]);
  return static_cast<float>(lanes[0] + lanes[15]);
}

__attribute__((target("avx2,avxvnni"))) float run_avx_vnni(std::int64_t rounds) {
  __m256i sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm256_set1_epi32(i);
  __m256i bytes = _mm256_set1_epi8(3);
  __m256i weights = _mm256_set1_epi8(5);
  asm volatile("" : "+x"(bytes), "+x"(weights));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) {
      // Around the intrinsic GCC 12 moves every sum to another register and back.
      __m256i sum = sums[i];
      __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(bytes), "x"(weights));
      sums[i] = sum;
    }
  }
  for (int i = 1; i < kSums; ++i) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
  return static_cast<float>(_mm256_extract_epi32(sums[0], 0) + _mm256_extract_epi32(sums[0], 7));
}

// Tiles of 16 by 16 sums of 64 products.
__attribute__((target("amx-tile,amx-int8"))) float run_amx(std::int64_t rounds) {
  struct alignas(64) {
    std::uint8_t palette = 1;
    std::uint8_t zeros[15] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16};
  } config;
  asm volatile("" : : "r"(&config) : "memory");
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (std::int64_t r = 0; r < rounds; ++r) {
    _tile_dpbusd(0, 4, 5);
    _tile_dpbusd(1, 4, 5);
    _tile_dpbusd(2, 4, 5);
    _tile_dpbusd(3, 4, 5);
  }
  std::int32_t sums[256];
  _tile_stored(0, sums, 64);
  _tile_release();
  return static_cast<float>(sums[0]);
}

// As the engine finds them.
bool knows_kernels(std::string_view name) {
  const auto tables = recognizer::available_kernels();
  return std::any_of(tables.begin(), tables.end(), [name](const recognizer::Kernels* kernels) { return kernels->name == name; });
}

#elif defined(__aarch64__)

float run_neon(std::int64_t rounds) {
  float32x4_t sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = vdupq_n_f32(static_cast<float>(i));
  float32x4_t factor = vdupq_n_f32(0.999F);
  float32x4_t addend = vdupq_n_f32(0.001F);
  asm volatile("" : "+w"(factor), "+w"(addend));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = vfmaq_f32(addend, sums[i], factor);
  }
  for (int i = 1; i < kSums; ++i) sums[0] = vaddq_f32(sums[0], sums[i]);
  return vaddvq_f32(sums[0]);
}

#else

float run_plain(std::int64_t rounds) {
  float sums[kSums] = {};
  volatile float factor = 0.999F;
  const float f = factor;
  for (std::int64_t r = 0; r < rounds; ++r) {
    for (float& sum : sums) sum = sum * f + 0.001F;
  }
  float total = 0;
  for (const float sum : sums) total += sum;
  return total;
}

#endif

}  // namespace

PeakLoop float_peak([[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  const bool avx512 = instructions == Instructions::all || instructions == Instructions::avx512;
  if (avx512 && __builtin_cpu_supports("avx512f"))
    return {"AVX-512, fused", kSums * 16.0, run_avx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {"AVX2, fused", kSums * 8.0, run_avx2};
  return {"SSE2, product and sum", kSums * 4.0, run_sse2};
#elif defined(__aarch64__)
  return {"NEON, fused", kSums * 4.0, run_neon};
#else
  return {"scalar", kSums * 1.0, run_plain};
#endif
}

PeakLoop int8_peak([[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  const bool avx512 = instructions == Instructions::all || instructions == Instructions::avx512;
  if (instructions == Instructions::all && knows_kernels("amx")) return {"AMX", 4 * 16384.0, run_amx};
  if (avx512 && __builtin_cpu_supports("avx512vnni")) return {"AVX-512 VNNI", kSums * 64.0, run_vnni};
  if (instructions != Instructions::avx2 && knows_kernels("avx_vnni")) return {"AVX-VNNI", kSums * 32.0, run_avx_vnni};
#endif
  return {"", 0.0, nullptr};
}

}  // namespace inkfield::bench
