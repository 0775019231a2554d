// The kernels of bytes for processors with AVX-512 VNNI: four products and their sum in one instruction.
#include <immintrin.h>

#include <cstdint>

#include "recognizer/engine/kernels_int8_avx512.h"

namespace inkfield::recognizer {
namespace {

constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 1.75F;
constexpr float kLatency = 4;

struct Int8Products : Int8Totals {
  using Value = __m512i;
  using Weights = __m512i;
  using Sum = __m512i;
  static constexpr int kVectors = 1;
  static constexpr int kMostSums = 28;

  static Value splat(const std::uint8_t* from) {
    int bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    return _mm512_set1_epi32(bytes);
  }
  static Weights load(const std::int8_t* from) { return _mm512_loadu_si512(from); }
  static Sum start(const std::int32_t* bias) { return _mm512_loadu_si512(bias); }
  // As assembly: around the intrinsic GCC 12 moves every sum to another register and back.
  static Sum add(Value value, Weights weights, Sum sum) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(value), "v"(weights));
    return sum;
  }
  static Total total(Sum sum) { return sum; }
};

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_int8.h"

namespace inkfield::recognizer {

/// The part of a table that kernels.cpp puts together with the floats of AVX-512.
extern const Kernels kAvx512VnniBytes;
const Kernels kAvx512VnniBytes = {
    .name = "avx512_vnni", .convolve_int8 = convolve_int8, .quantise = Int8Products::quantise};

}  // namespace inkfield::recognizer
