// The kernels' source, compiled once for each instruction set by the kernels_*.cpp that include it.
//
// Everything here has internal linkage and calls no library function: an inline function compiled for AVX-512
// that the linker picked for the whole program would crash older processors. No include guard on purpose:
// each kernels_*.cpp defines, in its own unnamed namespace,
//   Vector, kWidth          a register of floats and how many it holds
//   splat(value)            the value in every lane
//   fused(a, b, c)          a * b + c, rounded once
//   larger(a, b)            a > b ? a : b, so b where one of them is NaN and where both are zeros
//   kMostSums               registers that a tile of outputs may take for its sums
//   kMultiplyRate, kLoadRate, kLatency   what the processor does in a cycle, to choose tiles by
// and includes this once. How fast a tile is depends on these, its bits do not.

namespace inkfield::recognizer {
namespace {

constexpr int kVectors = kLanes / kWidth;
/// Widest tile. Its loops are unrolled whole, so that its sums never leave the registers.
constexpr int kMostPixels = 14;

// By memcpy, which every compiler turns into one unaligned move: an alignment given to the type is lost on
// some.
inline Vector load(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
inline void store(float* to, Vector value) { __builtin_memcpy(to, &value, sizeof value); }
// Zero also for a NaN and for -0.0.
inline Vector at_least_zero(Vector value) { return larger(value, Vector{}); }

/// Where one tile begins: one or two rows of outputs, some blocks of channels.
struct TilePlace {
  const float* input[2];
  float* output[2];  // of a pooled tile, only the first counts
  const float* weights;
  const float* bias;
};

/// The first `kKeptRows` x `kKeptPixels` sums of a tile.
template <int kKeptRows, int kKeptPixels, int kRows, int kPixels, int kBlocks>
inline void store_sums(const ConvolutionTask& task, const TilePlace& place,
                       const Vector (&sums)[kRows][kPixels][kBlocks][kVectors]) {
  const std::ptrdiff_t block_step = task.output.block_step;
  const auto store_all = [&](auto finish) {
#pragma GCC unroll 32
    for (int r = 0; r < kKeptRows; ++r) {
      float* const to = place.output[r];
#pragma GCC unroll 32
      for (int p = 0; p < kKeptPixels; ++p) {
#pragma GCC unroll 32
        for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
          for (int v = 0; v < kVectors; ++v) {
            store(to + b * block_step + p * kLanes + v * kWidth, finish(sums[r][p][b][v]));
          }
        }
      }
    }
  };
  if (task.relu) {
    store_all([](Vector sum) { return at_least_zero(sum); });
  } else {
    store_all([](Vector sum) { return sum; });
  }
}

/// `kRows` x `kPixels` outputs of `kBlocks` blocks. `kSpan` neighbouring taps are taken together: an input
/// value is then loaded once for all the outputs that it serves, which are reached in the order of their
/// sums.
template <int kRows, int kPixels, int kBlocks, int kSpan, int kStep>
void convolve_tile(const ConvolutionTask& task, const TilePlace& place) {
  const std::ptrdiff_t step = kStep != 0 ? kStep : task.column_step;
  const auto block_weights = static_cast<std::ptrdiff_t>(task.tap_count) * kLanes;
  const float* weights = place.weights;
  Vector sums[kRows][kPixels][kBlocks][kVectors];
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 32
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) sums[r][p][b][v] = load(place.bias + b * kLanes + v * kWidth);
      }
    }
  }
  for (std::size_t t = 0; t < task.tap_count; t += kSpan) {
    Vector weight[kSpan][kBlocks][kVectors];
#pragma GCC unroll 32
    for (int k = 0; k < kSpan; ++k) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) {
          weight[k][b][v] = load(weights + b * block_weights + k * kLanes + v * kWidth);
        }
      }
    }
    weights += kSpan * kLanes;
#pragma GCC unroll 32
    for (int r = 0; r < kRows; ++r) {
      const float* at = place.input[r] + task.taps[t];
#pragma GCC unroll 32
      for (int column = 0; column < kPixels + kSpan - 1; ++column) {
        const Vector value = splat(at[column * step]);
#pragma GCC unroll 32
        for (int k = kSpan - 1; k >= 0; --k) {
          const int p = column - k;
          if (p < 0 || p >= kPixels) continue;
#pragma GCC unroll 32
          for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
            for (int v = 0; v < kVectors; ++v) {
              sums[r][p][b][v] = fused(value, weight[k][b][v], sums[r][p][b][v]);
            }
          }
        }
      }
    }
  }
  if (kRows < 2 || task.pool_height == 1) return store_sums<kRows, kPixels>(task, place, sums);
#pragma GCC unroll 32
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 32
    for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v)
        sums[0][p][b][v] = larger(sums[kRows - 1][p][b][v], sums[0][p][b][v]);
    }
  }
  if (kPixels % 2 == 1 || task.pool_width == 1) return store_sums<1, kPixels>(task, place, sums);
#pragma GCC unroll 32
  for (int p = 0; p < kPixels / 2; ++p) {
#pragma GCC unroll 32
    for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v)
        sums[0][p][b][v] = larger(sums[0][2 * p + 1][b][v], sums[0][2 * p][b][v]);
    }
  }
  store_sums<1, kPixels / 2>(task, place, sums);
}

// --- the choice of tiles
// --------------------------------------------------------------------------------------

using TileFunction = void (*)(const ConvolutionTask&, const TilePlace&);

/// Widest tile of so many rows and blocks whose sums stay in registers; one pool window where none fits.
constexpr int most_pixels(int rows, int blocks, int window) {
  const int fit = kMostSums / (rows * blocks * kVectors);
  return fit > kMostPixels ? kMostPixels : fit < window ? window : fit;
}

/// Tiles of one kind, by width; no wider ones than fit are made.
struct TileKind {
  int rows;
  int blocks;
  int span;
  TileFunction by_pixels[kMostPixels + 1];
};

template <int kRows, int kBlocks, int kSpan, int kStep, int... kPixels>
constexpr TileKind tile_kind(std::integer_sequence<int, kPixels...>) {
  return {kRows, kBlocks, kSpan, {nullptr, convolve_tile<kRows, kPixels + 1, kBlocks, kSpan, kStep>...}};
}
template <int kRows, int kBlocks, int kSpan, int kStep>
constexpr TileKind tile_kind() {
  return tile_kind<kRows, kBlocks, kSpan, kStep>(
      std::make_integer_sequence<int, most_pixels(kRows, kBlocks, 2)>());
}

// Kernels one tap wide, or any, tap by tap; rows of three taps at once, by the table's span. Of blocks with
// 16 lanes:
constexpr TileKind kBlockTiles[] = {
    tile_kind<1, 1, 1, kLanes>(), tile_kind<1, 2, 1, kLanes>(), tile_kind<1, 4, 1, kLanes>(),
    tile_kind<2, 1, 1, kLanes>(), tile_kind<2, 2, 1, kLanes>(), tile_kind<2, 4, 1, kLanes>(),
    tile_kind<1, 1, 3, kLanes>(), tile_kind<2, 1, 3, kLanes>(),
};
// Of the image, which has one lane:
constexpr TileKind kImageTiles[] = {tile_kind<1, 1, 1, 1>(), tile_kind<1, 1, 3, 1>()};
// With a stride:
constexpr TileKind kStrideTiles[] = {tile_kind<1, 1, 1, 0>(), tile_kind<1, 2, 1, 0>()};

/// A row of outputs cut into tiles as equal as can be, whole pool windows each.
struct Cut {
  int count;
  int pixels;    // of the wider tiles
  int narrower;  // so many have one window less
  int unit;
};

constexpr Cut cut_row(int width, int most, int unit) {
  const int windows = width / unit;
  const int count = (windows * unit + most / unit * unit - 1) / (most / unit * unit);
  const int wide = (windows + count - 1) / count;
  return {count, wide * unit, wide * count - windows, unit};
}

/// Cycles that a tap of all tiles of a row costs, for one row and block: what limits it is the multipliers,
/// the loads or the wait for a sum before it can be added to again.
inline float row_cost(const TileKind& kind, const Cut& cut) {
  const auto pixels = static_cast<float>(kind.rows * cut.pixels);
  const auto weights = static_cast<float>(kind.blocks * kVectors);
  const float multiplies = pixels * weights / kMultiplyRate;
  const float loads =
      (pixels + static_cast<float>(kind.rows * (kind.span - 1))) / static_cast<float>(kind.span) + weights;
  float cycles = loads / kLoadRate;
  if (multiplies > cycles) cycles = multiplies;
  if (cycles < kLatency) cycles = kLatency;
  return (cycles + 0.25F) * static_cast<float>(cut.count) / static_cast<float>(kind.rows * kind.blocks);
}

struct Choice {
  const TileKind* kind;
  Cut cut;
};

/// The cheapest kind for so many blocks and rows; a table always holds one for a single block and row.
Choice choose_tiles(const ConvolutionTask& task, int blocks, int rows) {
  const TileKind* begin = kBlockTiles;
  const TileKind* end = begin + sizeof kBlockTiles / sizeof *begin;
  if (task.column_step == 1) {
    begin = kImageTiles;
    end = begin + sizeof kImageTiles / sizeof *begin;
  } else if (task.column_step != kLanes) {
    begin = kStrideTiles;
    end = begin + sizeof kStrideTiles / sizeof *begin;
  }
  const int width = task.output_width * task.pool_width;
  Choice best = {nullptr, {}};
  float least = 0;
  for (const TileKind* kind = begin; kind != end; ++kind) {
    if (kind->blocks > blocks || kind->rows > rows || (task.pool_height == 2 && kind->rows != 2)) continue;
    if (kind->span != 1 && kind->span != task.kernel_width) continue;
    if (kind->blocks > 1 && kind->rows * kind->blocks * kVectors * task.pool_width > kMostSums) continue;
    const Cut cut = cut_row(width, most_pixels(kind->rows, kind->blocks, task.pool_width), task.pool_width);
    const float cost = row_cost(*kind, cut);
    if (best.kind != nullptr && cost >= least) continue;
    best = {kind, cut};
    least = cost;
  }
  return best;
}

/// Rows `first` to `last` of all images, counted through, of so many blocks from `block`.
void convolve_rows(const ConvolutionTask& task, const Choice& choice, int block, int first, int last) {
  const int rows = task.pool_height == 2 ? 1 : choice.kind->rows;  // of the output
  TilePlace start = {};
  start.weights = task.weights + block * static_cast<std::ptrdiff_t>(task.tap_count) * kLanes;
  start.bias = task.bias + static_cast<std::ptrdiff_t>(block) * kLanes;
  for (int row = first; row < last; row += rows) {
    TilePlace place = start;
    for (int r = 0; r < rows; ++r) {
      const int image = (row + r) / task.output_height;
      const int y = (row + r) % task.output_height;
      place.input[r] =
          task.input.data + image * task.input.image_step + y * task.pool_height * task.input.row_step;
      place.output[r] = task.output.data + image * task.output.image_step + block * task.output.block_step +
                        y * task.output.row_step;
    }
    if (task.pool_height == 2) place.input[1] = place.input[0] + task.input.row_step;
    for (int i = 0; i < choice.cut.count; ++i) {
      const int pixels = choice.cut.pixels - (i < choice.cut.narrower ? choice.cut.unit : 0);
      choice.kind->by_pixels[pixels](task, place);
      for (int r = 0; r < 2; ++r) {
        if (place.input[r] != nullptr) place.input[r] += pixels * task.column_step;
        if (place.output[r] != nullptr) place.output[r] += pixels / task.pool_width * kLanes;
      }
    }
  }
}

// Blocks outermost: their weights are read again and again from the nearest cache while rows and images pass.
void convolve(const ConvolutionTask& task) {
  const int rows = task.images * task.output_height;
  for (int block = 0; block < task.output_blocks;) {
    const int blocks = task.output_blocks - block;
    const Choice choice = choose_tiles(task, blocks, task.pool_height == 2 ? 2 : rows);
    const int whole = task.pool_height == 2 ? rows : rows - rows % choice.kind->rows;
    convolve_rows(task, choice, block, 0, whole);
    const int step = choice.kind->blocks;
    if (whole < rows) {  // one row is left
      for (int left = 0; left < step;) {
        const Choice single = choose_tiles(task, step - left, 1);
        convolve_rows(task, single, block + left, whole, rows);
        left += single.kind->blocks;
      }
    }
    block += step;
  }
}

// --- the rest
// -------------------------------------------------------------------------------------------------

template <bool kLargest>
void pool(const PoolTask& task) {
  const std::ptrdiff_t row = task.input.row_step;
  for (int plane = 0; plane < task.images * task.blocks; ++plane) {
    const int image = plane / task.blocks;
    const int block = plane % task.blocks;
    const float* from = task.input.data + image * task.input.image_step + block * task.input.block_step;
    for (int y = 0; y < task.output_height; ++y) {
      float* output = task.output.data + image * task.output.image_step + block * task.output.block_step +
                      y * task.output.row_step;
      const int top = y * task.stride_y - task.pad_top;
      const int y0 = top < 0 ? 0 : top;
      const int y1 =
          top + task.kernel_height > task.input_height ? task.input_height : top + task.kernel_height;
      for (int x = 0; x < task.output_width; ++x) {
        const int left = x * task.stride_x - task.pad_left;
        const int x0 = left < 0 ? 0 : left;
        const int x1 =
            left + task.kernel_width > task.input_width ? task.input_width : left + task.kernel_width;
        const int counted =
            task.count_border ? task.kernel_height * task.kernel_width : (y1 - y0) * (x1 - x0);
        for (int v = 0; v < kVectors; ++v) {
          const float* lane = from + v * kWidth;
          Vector result = kLargest ? load(lane + y0 * row + x0 * kLanes) : Vector{};
          for (int r = y0; r < y1; ++r) {
            for (int c = x0; c < x1; ++c) {
              const Vector value = load(lane + r * row + c * kLanes);
              result = kLargest ? larger(value, result) : result + value;
            }
          }
          if (!kLargest) result = result / splat(static_cast<float>(counted));
          store(output + v * kWidth, result);
        }
        output += kLanes;
      }
    }
  }
}

void add(const float* a, const float* b, float* output, std::size_t count, bool relu) {
  for (std::size_t i = 0; i < count; i += kWidth) {
    const Vector sum = load(a + i) + load(b + i);
    store(output + i, relu ? at_least_zero(sum) : sum);
  }
}

void scale_shift(const float* input, const float* scale, const float* shift, float* output, std::size_t count,
                 bool relu) {
  for (std::size_t i = 0; i < count; i += kWidth) {
    const std::size_t lane = i % kLanes;
    const Vector value = fused(load(input + i), load(scale + lane), load(shift + lane));
    store(output + i, relu ? at_least_zero(value) : value);
  }
}

void rectify(const float* input, float* output, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kWidth) store(output + i, at_least_zero(load(input + i)));
}

}  // namespace
}  // namespace inkfield::recognizer
