// How a convolution is cut into tiles, for floats and for bytes: compiled once for each instruction set.
//
// Everything here has internal linkage and calls no library function: an inline function compiled for AVX-512
// that the linker picked for the whole program would crash older processors. What is multiplied and how comes
// as an Arithmetic, see kernels_float.h and kernels_int8.h:
//   Task, Input, Weight      the task and the elements of its input and weights
//   Value, Weights, Sum      registers: an input spread over all lanes, weights and sums of some output
//   channels Total                    a finished sum kVectors                 Sums in a block of channels
//   kWeightStep              weights of a tap and block
//   kMostSums                Sums that a tile may keep in registers
//   splat, load, start, add, total, larger, with_output, output_steps
// Weights that are bytes until they are wanted (`load` takes the task and a channel then) have a scale for each channel.
// How fast a tile is depends on these, its bits do not.
#pragma once

#include <cstddef>
#include <utility>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

/// Widest tile. Its loops are unrolled whole, so that its sums never leave the registers.
constexpr int kMostPixels = 14;

/// So far ahead weights are asked for: those of a large network come from the third cache, and the
/// processor's own guess ends at each page. Asking past the last weight reads nothing. Half and twice as far
/// do alike.
constexpr int kBytesAhead = 1536;

struct OutputSteps {
  std::ptrdiff_t image, block, row;
};

/// Where one tile begins: one or two rows of outputs, some blocks of channels.
template <typename A>
struct TilePlace {
  const typename A::Input* input[2];
  std::ptrdiff_t output[2];  // from the first output of all; of a pooled tile, only one counts
  const typename A::Weight* weights;
  int lane;  // output channel
};

/// Weights are bytes until they are wanted.
template <typename A>
constexpr bool kScalesWeights = requires(const typename A::Task& task, const typename A::Weight* weights) {
  A::load(task, 0, weights);
};
/// To widen, convert and multiply a vector of weights, in multiplications.
constexpr float kScalingWork = 3;

template <typename A>
inline const typename A::Weight* weights_of(const typename A::Task& task) {
  if constexpr (kScalesWeights<A>)
    return task.byte_weights;
  else
    return task.weights;
}
template <typename A>
inline typename A::Weights load_weights(const typename A::Task& task, int lane,
                                        const typename A::Weight* weights) {
  if constexpr (kScalesWeights<A>)
    return A::load(task, lane, weights);
  else
    return A::load(weights);
}

/// The first `kKeptRows` x `kKeptPixels` totals of a tile.
template <typename A, int kKeptRows, int kKeptPixels, int kRows, int kPixels, int kBlocks>
inline void store_totals(const typename A::Task& task, const TilePlace<A>& place,
                         const typename A::Total (&totals)[kRows][kPixels][kBlocks][A::kVectors]) {
  constexpr int kPart = kLanes / A::kVectors;
  const std::ptrdiff_t block_step = A::output_steps(task).block;
  A::with_output(task, place.lane, [&](auto put) {
#pragma GCC unroll 32
    for (int r = 0; r < kKeptRows; ++r) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
        const std::ptrdiff_t at = place.output[r] + b * block_step;
#pragma GCC unroll 32
        for (int p = 0; p < kKeptPixels; ++p) {
#pragma GCC unroll 32
          for (int v = 0; v < A::kVectors; ++v) {
            put(at + p * kLanes + v * kPart, b * kLanes + v * kPart, totals[r][p][b][v]);
          }
        }
      }
    }
  });
}

/// `kRows` x `kPixels` outputs of `kBlocks` blocks. `kSpan` neighbouring taps are taken together: an input
/// value is then loaded once for all the outputs that it serves, which are reached in the order of their
/// sums.
template <typename A, int kRows, int kPixels, int kBlocks, int kSpan, int kStep>
void convolve_tile(const typename A::Task& task, const TilePlace<A>& place) {
  constexpr int kVectors = A::kVectors;
  const std::ptrdiff_t step = kStep != 0 ? kStep : task.column_step;
  const auto block_weights = static_cast<std::ptrdiff_t>(task.tap_count) * A::kWeightStep;
  const std::size_t tap_count = task.tap_count;
  const std::int32_t* taps = task.taps;
  const typename A::Weight* weights = place.weights;
  typename A::Sum sums[kRows][kPixels][kBlocks][kVectors];
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 32
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) {
          sums[r][p][b][v] = A::start(task, place.lane + b * kLanes + v * (kLanes / kVectors));
        }
      }
    }
  }
  for (std::size_t t = 0; t < tap_count; t += kSpan) {
    typename A::Weights weight[kSpan][kBlocks][kVectors];
#pragma GCC unroll 32
    for (int k = 0; k < kSpan; ++k) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
        __builtin_prefetch(weights + b * block_weights + k * A::kWeightStep +
                           kBytesAhead / static_cast<int>(sizeof *weights));
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) {
          weight[k][b][v] = load_weights<A>(
              task, place.lane + b * kLanes + v * (kLanes / kVectors),
              weights + b * block_weights + k * A::kWeightStep + v * (A::kWeightStep / kVectors));
        }
      }
    }
    weights += kSpan * A::kWeightStep;
#pragma GCC unroll 32
    for (int r = 0; r < kRows; ++r) {
      const typename A::Input* at = place.input[r] + taps[t];
#pragma GCC unroll 32
      for (int column = 0; column < kPixels + kSpan - 1; ++column) {
        const typename A::Value value = A::splat(at + column * step);
#pragma GCC unroll 32
        for (int k = kSpan - 1; k >= 0; --k) {
          const int p = column - k;
          if (p < 0 || p >= kPixels) continue;
#pragma GCC unroll 32
          for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
            for (int v = 0; v < kVectors; ++v) {
              sums[r][p][b][v] = A::add(value, weight[k][b][v], sums[r][p][b][v]);
            }
          }
        }
      }
    }
  }
  typename A::Total totals[kRows][kPixels][kBlocks][kVectors];
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 32
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 32
      for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
        for (int v = 0; v < kVectors; ++v) totals[r][p][b][v] = A::total(sums[r][p][b][v]);
      }
    }
  }
  if (kRows < 2 || task.pool_height == 1) return store_totals<A, kRows, kPixels>(task, place, totals);
#pragma GCC unroll 32
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 32
    for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) {
        totals[0][p][b][v] = A::larger(totals[kRows - 1][p][b][v], totals[0][p][b][v]);
      }
    }
  }
  if (kPixels % 2 == 1 || task.pool_width == 1) return store_totals<A, 1, kPixels>(task, place, totals);
#pragma GCC unroll 32
  for (int p = 0; p < kPixels / 2; ++p) {
#pragma GCC unroll 32
    for (int b = 0; b < kBlocks; ++b) {
#pragma GCC unroll 32
      for (int v = 0; v < kVectors; ++v) {
        totals[0][p][b][v] = A::larger(totals[0][2 * p + 1][b][v], totals[0][2 * p][b][v]);
      }
    }
  }
  store_totals<A, 1, kPixels / 2>(task, place, totals);
}

// --- the choice of tiles
// --------------------------------------------------------------------------------------

/// Widest tile of so many rows and blocks whose sums stay in registers; one pool window where none fits.
template <typename A>
constexpr int most_pixels(int rows, int blocks, int window) {
  const int fit = A::kMostSums / (rows * blocks * A::kVectors);
  return fit > kMostPixels ? kMostPixels : fit < window ? window : fit;
}

/// Tiles of one kind, by width; no wider ones than fit are made.
template <typename A>
struct TileKind {
  int rows;
  int blocks;
  int span;
  void (*by_pixels[kMostPixels + 1])(const typename A::Task&, const TilePlace<A>&);
};

template <typename A, int kRows, int kBlocks, int kSpan, int kStep, int... kPixels>
constexpr TileKind<A> tile_kind(std::integer_sequence<int, kPixels...>) {
  return {kRows, kBlocks, kSpan, {nullptr, convolve_tile<A, kRows, kPixels + 1, kBlocks, kSpan, kStep>...}};
}
template <typename A, int kRows, int kBlocks, int kSpan, int kStep>
constexpr TileKind<A> tile_kind() {
  return tile_kind<A, kRows, kBlocks, kSpan, kStep>(
      std::make_integer_sequence<int, most_pixels<A>(kRows, kBlocks, 2)>());
}

// Rows of three taps at once where only one block shares what is loaded. Over blocks of 16 lanes:
template <typename A>
constexpr TileKind<A> kBlockTiles[] = {
    tile_kind<A, 1, 1, 1, kLanes>(), tile_kind<A, 1, 2, 1, kLanes>(), tile_kind<A, 1, 4, 1, kLanes>(),
    tile_kind<A, 2, 1, 1, kLanes>(), tile_kind<A, 2, 2, 1, kLanes>(), tile_kind<A, 2, 4, 1, kLanes>(),
    tile_kind<A, 1, 1, 3, kLanes>(), tile_kind<A, 2, 1, 3, kLanes>(),
};
// Over the image, which has one lane:
template <typename A>
constexpr TileKind<A> kImageTiles[] = {tile_kind<A, 1, 1, 1, 1>(), tile_kind<A, 1, 1, 3, 1>()};
// With a stride:
template <typename A>
constexpr TileKind<A> kStrideTiles[] = {tile_kind<A, 1, 1, 1, 0>(), tile_kind<A, 1, 2, 1, 0>()};

/// A row of outputs cut into tiles as equal as can be, whole pool windows each.
struct Cut {
  int count;
  int pixels;    // of the wider tiles
  int narrower;  // so many have one window less
  int window;
};

constexpr Cut cut_row(int width, int most, int window) {
  const int windows = width / window;
  const int most_windows = most / window;
  const int count = (windows + most_windows - 1) / most_windows;
  const int wide = (windows + count - 1) / count;
  return {count, wide * window, wide * count - windows, window};
}

/// Cycles that a tap of all tiles of a row costs, for one row and block: what limits it is the multipliers,
/// the loads or the wait for a sum before it can be added to again.
template <typename A>
inline float row_cost(const TileKind<A>& kind, const Cut& cut) {
  const auto pixels = static_cast<float>(kind.rows * cut.pixels);
  const auto weights = static_cast<float>(kind.blocks * A::kVectors);
  const auto span = static_cast<float>(kind.span);
  const float multiplies = (pixels + (kScalesWeights<A> ? kScalingWork : 0)) * weights / kMultiplyRate;
  const float loads = (pixels + static_cast<float>(kind.rows) * (span - 1)) / span + weights;
  float cycles = loads / kLoadRate;
  if (multiplies > cycles) cycles = multiplies;
  if (cycles < kLatency) cycles = kLatency;
  return (cycles + 0.25F) * static_cast<float>(cut.count) / static_cast<float>(kind.rows * kind.blocks);
}

template <typename A>
struct Choice {
  const TileKind<A>* kind;
  Cut cut;
};

/// The cheapest kind for so many blocks and rows; a table always holds one for a single block and row.
template <typename A>
Choice<A> choose_tiles(const typename A::Task& task, int blocks, int rows) {
  const TileKind<A>* begin = kBlockTiles<A>;
  const TileKind<A>* end = begin + sizeof kBlockTiles<A> / sizeof *begin;
  if (task.column_step == 1) {
    begin = kImageTiles<A>;
    end = begin + sizeof kImageTiles<A> / sizeof *begin;
  } else if (task.column_step != kLanes) {
    begin = kStrideTiles<A>;
    end = begin + sizeof kStrideTiles<A> / sizeof *begin;
  }
  const int width = task.output_width * task.pool_width;
  Choice<A> best = {nullptr, {}};
  float least = 0;
  for (const TileKind<A>* kind = begin; kind != end; ++kind) {
    if (kind->blocks > blocks || kind->rows > rows || (task.pool_height == 2 && kind->rows != 2)) continue;
    if (kind->span != 1 && kind->span != task.kernel_width) continue;
    if (kind->blocks > 1 && kind->rows * kind->blocks * A::kVectors * task.pool_width > A::kMostSums)
      continue;
    const Cut cut =
        cut_row(width, most_pixels<A>(kind->rows, kind->blocks, task.pool_width), task.pool_width);
    const float cost = row_cost<A>(*kind, cut);
    if (best.kind != nullptr && cost >= least) continue;
    best = {kind, cut};
    least = cost;
  }
  return best;
}

/// Rows `first` to `last` of all images, counted through, of so many blocks from `block`.
template <typename A>
void convolve_rows(const typename A::Task& task, const Choice<A>& choice, int block, int first, int last) {
  const int rows = task.pool_height == 2 ? 1 : choice.kind->rows;  // of the output
  const OutputSteps steps = A::output_steps(task);
  TilePlace<A> start = {};
  start.weights = weights_of<A>(task) + block * static_cast<std::ptrdiff_t>(task.tap_count) * A::kWeightStep;
  start.lane = block * kLanes;
  for (int row = first; row < last; row += rows) {
    TilePlace<A> place = start;
    for (int r = 0; r < rows; ++r) {
      const int image = (row + r) / task.output_height;
      const int y = (row + r) % task.output_height;
      place.input[r] =
          task.input.data + image * task.input.image_step + y * task.pool_height * task.input.row_step;
      place.output[r] = image * steps.image + block * steps.block + y * steps.row;
    }
    if (task.pool_height == 2) place.input[1] = place.input[0] + task.input.row_step;
    for (int i = 0; i < choice.cut.count; ++i) {
      const int pixels = choice.cut.pixels - (i < choice.cut.narrower ? choice.cut.window : 0);
      choice.kind->by_pixels[pixels](task, place);
      for (int r = 0; r < 2; ++r) {
        if (place.input[r] != nullptr) place.input[r] += pixels * task.column_step;
        place.output[r] += pixels / task.pool_width * kLanes;
      }
    }
  }
}

// Blocks outermost: their weights are read again and again from the nearest cache while rows and images pass.
template <typename A>
void convolve_all(const typename A::Task& task) {
  const int rows = task.images * task.output_height;
  for (int block = 0; block < task.output_blocks;) {
    const int blocks = task.output_blocks - block;
    const Choice<A> choice = choose_tiles<A>(task, blocks, task.pool_height == 2 ? 2 : rows);
    const int whole = task.pool_height == 2 ? rows : rows - rows % choice.kind->rows;
    convolve_rows<A>(task, choice, block, 0, whole);
    const int step = choice.kind->blocks;
    if (whole < rows) {  // one row is left
      for (int left = 0; left < step;) {
        const Choice<A> single = choose_tiles<A>(task, step - left, 1);
        convolve_rows<A>(task, single, block + left, whole, rows);
        left += single.kind->blocks;
      }
    }
    block += step;
  }
}

}  // namespace
}  // namespace inkfield::recognizer
