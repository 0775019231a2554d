// The kernels of bytes for processors with AMX, whose registers are tiles: 16 pixels of one row times 16
// output channels, up to 64 products for each sum, in one instruction.
//
// A tile of the input is a stretch of neighbouring outputs' first taps and what lies behind each of them: in
// a plane the pixels of a row of the kernel are one stretch of bytes, which is why this takes the taps
// `by_place`. Neighbours overlap in memory, and the processor does not mind.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "recognizer/engine/kernels_int8_avx512.h"

namespace inkfield::recognizer {

extern const Kernels kAvx512VnniBytes;

namespace {

constexpr int kTileRows = 16;
constexpr int kRowBytes = 64;
constexpr int kTapBytes = kLanes * kDot;  // of weights
constexpr int kBlockTaps = kLanes / kDot;

// The tile registers: four sums, of two stretches of outputs and two blocks of channels, two stretches of
// input, weights of two blocks. Instructions name them by number.
constexpr int kInputs = 4;
constexpr int kWeights = 6;

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64);

/// How a convolution is cut: so many pixels of a row, before they are pooled, and so many taps at a time. The
/// last stretch of a row begins so much earlier that it ends with the row; what it has in common with the one
/// before comes out the same.
struct Cut {
  int pixels;
  int taps;
};

Cut cut(const Int8ConvolutionTask& task) {
  const int most = kTileRows / task.pool_width;  // windows
  const int stretches = (task.output_width + most - 1) / most;
  const int windows = (task.output_width + stretches - 1) / stretches;
  const int row_taps = task.kernel_width * kBlockTaps;
  int parts = (row_taps * kDot + kRowBytes - 1) / kRowBytes;
  while (row_taps % parts != 0) ++parts;
  return {windows * task.pool_width, row_taps / parts};
}

void configure(const Cut& cut) {
  TileConfig config;
  for (int tile = 0; tile < kWeights + 2; ++tile) {
    const bool weights = tile >= kWeights;
    const bool input = tile >= kInputs && !weights;
    config.rows[tile] = static_cast<std::uint8_t>(weights ? cut.taps : cut.pixels);
    config.row_bytes[tile] = static_cast<std::uint16_t>(input ? cut.taps * kDot : kRowBytes);
  }
  __asm__ volatile("" : : "r"(&config) : "memory");  // GCC 12 takes the next one to read eight bytes only
  _tile_loadconfig(&config);
}

/// What is multiplied at a time: one or two stretches of outputs, or the two rows of pool windows, times one
/// or two blocks.
struct Part {
  const std::uint8_t* input[2];
  std::ptrdiff_t output[2];
  int count;
  int block, blocks;
};

using Sums = std::int32_t[2][2][kTileRows][kLanes];  // [stretch][block]

template <int kStretches, int kBlocks>
void multiply(const Int8ConvolutionTask& task, const Cut& cut, const Part& part, Sums& sums) {
  static_assert(kInputs == 4 && kWeights == 6);
  const auto block_weights = static_cast<std::ptrdiff_t>(task.tap_count) * kTapBytes;
  const std::int8_t* weights = task.weights + part.block * block_weights;
  const std::int32_t* bias = task.bias + part.block * kLanes;
  _tile_loadd(0, bias, 0);
  if constexpr (kBlocks == 2) _tile_loadd(1, bias + kLanes, 0);
  if constexpr (kStretches == 2) _tile_loadd(2, bias, 0);
  if constexpr (kStretches == 2 && kBlocks == 2) _tile_loadd(3, bias + kLanes, 0);
  const auto step = static_cast<std::size_t>(cut.taps);
  for (std::size_t tap = 0; tap < task.tap_count; tap += step) {
    const std::ptrdiff_t offset = task.taps[tap];
    _tile_loadd(6, weights, kTapBytes);
    _tile_loadd(4, part.input[0] + offset, task.column_step);
    _tile_dpbusd(0, 4, 6);
    if constexpr (kBlocks == 2) {
      _tile_loadd(7, weights + block_weights, kTapBytes);
      _tile_dpbusd(1, 4, 7);
    }
    if constexpr (kStretches == 2) {
      _tile_loadd(5, part.input[1] + offset, task.column_step);
      _tile_dpbusd(2, 5, 6);
      if constexpr (kBlocks == 2) _tile_dpbusd(3, 5, 7);
    }
    weights += step * kTapBytes;
  }
  _tile_stored(0, sums[0][0], kRowBytes);
  if constexpr (kBlocks == 2) _tile_stored(1, sums[0][1], kRowBytes);
  if constexpr (kStretches == 2) _tile_stored(2, sums[1][0], kRowBytes);
  if constexpr (kStretches == 2 && kBlocks == 2) _tile_stored(3, sums[1][1], kRowBytes);
}

using Total = Int8Totals::Total;

Total load(const std::int32_t* sums) { return _mm512_loadu_si512(sums); }

/// Bytes of four totals.
__m512i nearest_bytes(Total a, Total b, Total c, Total d, __m512 scale) {
  const auto rounded = [scale](Total total) {
    return _mm512_cvtps_epi32(
        _mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(total), scale), _mm512_set1_ps(255.0F)));
  };
  // Packing takes negative ones to zero, and puts four channels of every pixel side by side.
  const __m512i packed = _mm512_packus_epi16(_mm512_packs_epi32(rounded(a), rounded(b)),
                                             _mm512_packs_epi32(rounded(c), rounded(d)));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, packed);
}

/// `total(i)` is that of the i-th output of `count` neighbours.
template <typename TotalAt>
void store(const Int8ConvolutionTask& task, std::ptrdiff_t at, int lane, int count, TotalAt total) {
  const float* scale = task.scale + lane;
  if (task.floats.data != nullptr) {
    for (int i = 0; i < count; ++i) {
      if (task.relu) {
        Int8Totals::store_floats<true>(task.floats.data + at + i * kLanes, total(i), scale);
      } else {
        Int8Totals::store_floats<false>(task.floats.data + at + i * kLanes, total(i), scale);
      }
    }
    return;
  }
  const __m512 factors = _mm512_loadu_ps(scale);
  std::uint8_t* to = task.bytes.data + at;
  int i = 0;
  for (; i + 4 <= count; i += 4, to += 4 * kLanes)
    _mm512_storeu_si512(to, nearest_bytes(total(i), total(i + 1), total(i + 2), total(i + 3), factors));
  for (; i < count; ++i, to += kLanes) Int8Totals::store_bytes(to, total(i), scale);
}

void finish(const Int8ConvolutionTask& task, const Cut& cut, const Part& part, const Sums& sums) {
  const std::ptrdiff_t block_step =
      task.floats.data != nullptr ? task.floats.block_step : task.bytes.block_step;
  for (int b = 0; b < part.blocks; ++b) {
    const int lane = (part.block + b) * kLanes;
    const auto* first = sums[0][b];
    const auto* second = sums[1][b];
    if (task.pool_height == 1) {
      for (int s = 0; s < part.count; ++s) {
        store(task, part.output[s] + (part.block + b) * block_step, lane, cut.pixels,
              [&](int i) { return load(sums[s][b][i]); });
      }
      continue;
    }
    const auto larger = [&](int i) { return Int8Totals::larger(load(first[i]), load(second[i])); };
    if (task.pool_width == 1) {
      store(task, part.output[0] + (part.block + b) * block_step, lane, cut.pixels, larger);
    } else {
      store(task, part.output[0] + (part.block + b) * block_step, lane, cut.pixels / 2,
            [&](int i) { return Int8Totals::larger(larger(2 * i), larger(2 * i + 1)); });
    }
  }
}

/// Goes through the stretches of all rows of all images.
class Cursor {
 public:
  Cursor(const Int8ConvolutionTask& task, const Cut& cut)
      : task_(task),
        pixels_(cut.pixels),
        last_(task.output_width * task.pool_width - cut.pixels),
        floats_(task.floats.data != nullptr) {}

  [[nodiscard]] bool done() const { return image_ == task_.images; }
  void next(Part& part, int which) {
    const int x = x_ < last_ ? x_ : last_;
    part.input[which] = task_.input.data + image_ * task_.input.image_step +
                        y_ * task_.pool_height * task_.input.row_step + x * task_.column_step;
    part.output[which] = image_ * (floats_ ? task_.floats.image_step : task_.bytes.image_step) +
                         y_ * (floats_ ? task_.floats.row_step : task_.bytes.row_step) +
                         (task_.pool_width == 2 ? x / 2 : x) * kLanes;
    x_ += pixels_;
    if (x_ < last_ + pixels_) return;
    x_ = 0;
    if (++y_ < task_.output_height) return;
    y_ = 0;
    ++image_;
  }

 private:
  const Int8ConvolutionTask& task_;
  int pixels_, last_;
  bool floats_;
  int image_ = 0, y_ = 0, x_ = 0;
};

void multiply(const Int8ConvolutionTask& task, const Cut& cut, const Part& part, Sums& sums) {
  if (part.count == 2) {
    part.blocks == 2 ? multiply<2, 2>(task, cut, part, sums) : multiply<2, 1>(task, cut, part, sums);
  } else {
    part.blocks == 2 ? multiply<1, 2>(task, cut, part, sums) : multiply<1, 1>(task, cut, part, sums);
  }
}

// Blocks outermost, as their weights are read again for every stretch.
void convolve_int8(const Int8ConvolutionTask& task) {
  if (!task.by_place)
    return kAvx512VnniBytes.convolve_int8(task);  // the image has too few bytes behind a pixel
  const Cut cut = recognizer::cut(task);
  configure(cut);
  alignas(kRowBytes) Sums sums;
  for (int block = 0; block < task.output_blocks; block += 2) {
    Part part = {};
    part.block = block;
    part.blocks = task.output_blocks - block < 2 ? 1 : 2;
    for (Cursor cursor(task, cut); !cursor.done();) {
      cursor.next(part, 0);
      part.count = 2;
      if (task.pool_height == 2) {
        part.input[1] = part.input[0] + task.input.row_step;
      } else if (!cursor.done()) {
        cursor.next(part, 1);
      } else {
        part.count = 1;
      }
      multiply(task, cut, part, sums);
      finish(task, cut, part, sums);
    }
  }
  _tile_release();
}

}  // namespace

/// The part of a table that kernels.cpp puts together with the floats of AVX-512.
extern const Kernels kAmxBytes;
const Kernels kAmxBytes = {
    .name = "amx", .convolve_int8 = convolve_int8, .by_place = true, .quantise = Int8Totals::quantise};

}  // namespace inkfield::recognizer
