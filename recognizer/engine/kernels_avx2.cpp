// The kernels for processors with AVX2 and FMA.
#include <immintrin.h>

#include <cstdint>

#include "recognizer/engine/kernels_int8_avx2.h"

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 8;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

inline Vector splat(float value) { return (Vector)_mm256_set1_ps(value); }
inline Vector larger(Vector a, Vector b) { return (Vector)_mm256_max_ps((__m256)a, (__m256)b); }
inline Vector fused(Vector a, Vector b, Vector c) {
  return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

inline Vector from_bytes(const std::int8_t* from) {
  return (Vector)_mm256_cvtepi32_ps(
      _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
}

// 16 registers: two for weights, one for the input.
constexpr int kMostFloatSums = 12;
constexpr float kMultiplyRate = 2;
constexpr float kLoadRate = 2;
constexpr float kLatency = 4;

struct Int8Products : Int8Totals {
  // 16-bit products, whose sums of two do not fit in 16 bits: so not vpmaddubsw, which would cut them off. Of
  // the four bytes, the first and third and then the second and fourth are multiplied, as they stand in 32
  // bits.
  struct Value {
    __m256i even, odd;
  };
  struct Weights {
    __m256i even, odd;
  };
  static constexpr int kMostSums = 8;

  static Value splat(const std::uint8_t* from) {
    int bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    const __m256i all = _mm256_set1_epi32(bytes);
    return {_mm256_and_si256(all, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(all, 8)};
  }
  static Weights load(const std::int8_t* from) {
    const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return {_mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8), _mm256_srai_epi16(all, 8)};
  }
  static Sum add(Value value, Weights weights, Sum sum) {
    const __m256i even = _mm256_add_epi32(sum, _mm256_madd_epi16(value.even, weights.even));
    return _mm256_add_epi32(even, _mm256_madd_epi16(value.odd, weights.odd));
  }
};

}  // namespace
}  // namespace inkfield::recognizer

#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_int8.h"
#include "recognizer/engine/kernels_weights.h"
#include "recognizer/engine/kernels_winograd.h"

namespace inkfield::recognizer {
namespace {

/// Pairs of neighbouring channels, 16 bits each.
struct PairProducts {
  using Task = ChannelSumsTask<std::int32_t>;
  using Input = std::int16_t;
  using Weight = std::int16_t;
  using Value = __m256i;
  using Weights = __m256i;
  using Sum = __m256i;
  using Total = __m256i;
  static constexpr int kVectors = 2;
  static constexpr int kWeightStep = 2 * kLanes;
  static constexpr int kMostSums = 12;

  static Value splat(const std::int16_t* from) {
    int pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return _mm256_set1_epi32(pair);
  }
  static Weights load(const std::int16_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  static Sum start(const Task& /*task*/, int /*lane*/) { return _mm256_setzero_si256(); }
  static Sum add(Value value, Weights weights, Sum sum) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(value, weights));
  }
  static Total total(Sum sum) { return sum; }
  static Total larger(Total a, Total b) { return _mm256_max_epi32(a, b); }
  static OutputSteps output_steps(const Task& task) { return {0, task.block_step, 0}; }
  template <typename Body>
  static void with_output(const Task& task, int /*lane*/, Body body) {
    std::int32_t* const to = task.output;
    body([to](std::ptrdiff_t at, int, Total total) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at), total);
    });
  }
};

/// Transformed bytes take 11 bits and their weights 12. Sums may leave 32 bits on the way to an output, which
/// fits: so they are unsigned.
struct ByteTiles {
  using Task = Int8WinogradTask;
  using Products = PairProducts;
  using Input = std::uint8_t;
  using InputVector = std::int16_t __attribute__((vector_size(32)));
  using Total = std::uint32_t __attribute__((vector_size(32)));
  static constexpr int kInputWidth = 16;
  static constexpr int kTotalWidth = 8;

  static InputVector load_input(const std::uint8_t* from) {
    return (InputVector)_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  static void store_tile(std::int16_t* to, InputVector value) { __builtin_memcpy(to, &value, sizeof value); }
  static Total load_sum(const std::int32_t* from) {
    Total value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
  }
  static Total finished(const Task& task, int lane, Total sum) {
    return (Total)_mm256_srai_epi32((__m256i)sum, 2) + load_sum(task.bias + lane);
  }
  static Total larger(Total a, Total b) { return (Total)_mm256_max_epi32((__m256i)a, (__m256i)b); }
  static const std::int16_t* weights(const Task& task) { return task.pair_weights; }
  static OutputSteps output_steps(const Task& task) { return Int8Arithmetic::output_steps(task); }
  template <typename Body>
  static void with_output(const Task& task, int lane, Body body) {
    Int8Arithmetic::with_output(task, lane, [&](auto put) {
      body([put](std::ptrdiff_t at, int channel, Total total) { put(at, channel, (__m256i)total); });
    });
  }
};

void convolve_winograd_int8(const Int8WinogradTask& task) { convolve_tiles<ByteTiles, 2>(task); }

}  // namespace

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {.name = "avx2",
                              .convolve = convolve,
                              .convolve_winograd = convolve_winograd,
                              .convolve_int8 = convolve_int8,
                              .convolve_winograd_int8 = convolve_winograd_int8,
                              .pool_largest = pool<true>,
                              .pool_mean = pool<false>,
                              .add = add,
                              .scale_shift = scale_shift,
                              .relu = rectify,
                              .quantise = Int8Products::quantise,
                              .largest_size = largest_size,
                              .pack_weights = pack_weights};

}  // namespace inkfield::recognizer
