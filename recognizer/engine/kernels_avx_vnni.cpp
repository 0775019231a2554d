// The kernels of bytes for processors with AVX-VNNI: four products and their sum in one instruction, without
// AVX-512.
#include <immintrin.h>

#include <cstdint>

#include "recognizer/engine/kernels_int8_avx2.h"

namespace inkfield::recognizer {
namespace {

constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

struct Int8Products : Int8Totals {
  using Value = __m256i;
  using Weights = __m256i;
  static constexpr int kMostSums = 12;

  static Value splat(const std::uint8_t* from) {
    int bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    return _mm256_set1_epi32(bytes);
  }
  static Weights load(const std::int8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  // As assembly for the reason that AVX-512's has; the prefix asks for the encoding without AVX-512.
  static Sum add(Value value, Weights weights, Sum sum) {
    __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(value), "x"(weights));
    return sum;
  }
};

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_int8.h"

namespace inkfield::recognizer {

/// The part of a table that kernels.cpp puts together with the floats of AVX2.
extern const Kernels kAvxVnniBytes;
const Kernels kAvxVnniBytes = {
    .name = "avx_vnni", .convolve_int8 = convolve_int8, .quantise = Int8Products::quantise};

}  // namespace inkfield::recognizer
