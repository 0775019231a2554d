// Convolutions of 3 x 3 by Winograd's minimal filtering (Lavin and Gray, 2016), once for each instruction
// set. What is computed is in winograd.h.
//
// Three passes over so many tiles that what they pass on stays in the second cache: tiles of the input are
// transformed, then at each position of a tile all channels are multiplied and summed, as a convolution of 1
// x 1, then sums are transformed to outputs. Each pass computes every value in one order, whatever the
// instruction set, the batch and the number of tiles. What is multiplied and how comes as Tiles, FloatTiles
// below or those of bytes in kernels_avx2.cpp:
//   Task, Products           the task, and the Arithmetic (kernels_tiles.h) of the second pass
//   Input, InputVector       a register of inputs and transformed inputs, kInputWidth of them
//   Total, kTotalWidth       a register of sums and outputs
//   load_input, store_tile, load_sum, finished, larger, output_steps, with_output
#pragma once

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/kernels_float.h"
#include "recognizer/engine/kernels_tiles.h"

namespace inkfield::recognizer {
namespace {

/// The transforms of one row or column of a tile, `kSide` outputs long.
template <int kSide>
struct TileTransform;

template <>
struct TileTransform<2> {
  template <typename V>
  static void of_input(const V (&d)[4], V (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
  template <typename V>
  static void of_sums(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]);
    y[1] = (m[1] - m[2]) - m[3];
  }
};

template <>
struct TileTransform<4> {
  static Vector times(float factor, Vector a, Vector b) { return fused(splat(factor), a, b); }

  static void of_input(const Vector (&d)[6], Vector (&v)[6]) {
    constexpr float kP2 = kWinogradP * kWinogradP;
    constexpr float kQ2 = kWinogradQ * kWinogradQ;
    v[0] = times(kP2 * kQ2, d[0], times(-kP2 - kQ2, d[2], d[4]));
    const Vector p_even = times(-kQ2, d[2], d[4]);
    const Vector p_odd = times(-kQ2, d[1], d[3]);
    v[1] = times(kWinogradP, p_odd, p_even);
    v[2] = times(-kWinogradP, p_odd, p_even);
    const Vector q_even = times(-kP2, d[2], d[4]);
    const Vector q_odd = times(-kP2, d[1], d[3]);
    v[3] = times(kWinogradQ, q_odd, q_even);
    v[4] = times(-kWinogradQ, q_odd, q_even);
    v[5] = times(kP2 * kQ2, d[1], times(-kP2 - kQ2, d[3], d[5]));
  }
  static void of_sums(const Vector (&m)[6], Vector (&y)[4]) {
    constexpr float kP2 = kWinogradP * kWinogradP;
    constexpr float kQ2 = kWinogradQ * kWinogradQ;
    const Vector p_even = m[1] + m[2];
    const Vector p_odd = m[1] - m[2];
    const Vector q_even = m[3] + m[4];
    const Vector q_odd = m[3] - m[4];
    y[0] = m[0] + (p_even + q_even);
    y[1] = times(kWinogradQ, q_odd, splat(kWinogradP) * p_odd);
    y[2] = times(kQ2, q_even, splat(kP2) * p_even);
    y[3] = times(kWinogradQ * kQ2, q_odd, times(kWinogradP * kP2, p_odd, m[5]));
  }
};

/// Sums over channels at one position, for tiles side by side; they start at zero.
template <typename Element>
struct ChannelSumsTask : ConvolutionShape {
  Element* output = nullptr;
  std::ptrdiff_t block_step = 0;
};

struct FloatProducts : FloatArithmetic {
  using Task = ChannelSumsTask<float>;
  static Sum start(const Task& /*task*/, int /*lane*/) { return Vector{}; }
  static OutputSteps output_steps(const Task& task) { return {0, task.block_step, 0}; }
  template <typename Body>
  static void with_output(const Task& task, int /*lane*/, Body body) {
    float* const to = task.output;
    body([to](std::ptrdiff_t at, int, Total total) { store(to + at, total); });
  }
};

struct FloatTiles {
  using Task = WinogradTask;
  using Products = FloatProducts;
  using Input = float;
  using InputVector = Vector;
  using Total = Vector;
  static constexpr int kInputWidth = kWidth;
  static constexpr int kTotalWidth = kWidth;

  static InputVector load_input(const float* from) { return load(from); }
  static void store_tile(float* to, InputVector value) { store(to, value); }
  static Total load_sum(const float* from) { return load(from); }
  static Total finished(const Task& task, int lane, Total sum) { return sum + load(task.bias + lane); }
  static Total larger(Total a, Total b) { return recognizer::larger(a, b); }
  static const float* weights(const Task& task) { return task.weights; }
  static OutputSteps output_steps(const Task& task) { return FloatArithmetic::output_steps(task); }
  template <typename Body>
  static void with_output(const Task& task, int lane, Body body) {
    FloatArithmetic::with_output(task, lane, body);
  }
};

/// Where a tile lies; tiles are counted through all images.
struct TileCursor {
  int image = 0, row = 0, column = 0;
  void step(const TileGrid& grid) {
    if (++column < grid.tile_columns) return;
    column = 0;
    if (++row < grid.tile_rows) return;
    row = 0;
    ++image;
  }
};

/// Input tiles from `tile` on, to [position][input block][tile][kLanes].
template <typename T, int kSide>
void transform_input(const typename T::Task& task, TileCursor tile, int count) {
  constexpr int kReach = kSide + 2;
  using V = typename T::InputVector;
  for (int t = 0; t < count; ++t, tile.step(task)) {
    const typename T::Input* corner = task.input.data + tile.image * task.input.image_step +
                                      tile.row * kSide * task.input.row_step +
                                      std::ptrdiff_t{tile.column} * kSide * kLanes;
    auto* to = task.tiles + std::ptrdiff_t{t} * kLanes;
    for (int block = 0; block < task.input_blocks; ++block) {
      for (int lane = 0; lane < kLanes; lane += T::kInputWidth) {
        V half[kReach][kReach];
#pragma GCC unroll 8
        for (int x = 0; x < kReach; ++x) {
          V column[kReach];
          V transformed[kReach];
#pragma GCC unroll 8
          for (int y = 0; y < kReach; ++y)
            column[y] = T::load_input(corner + y * task.input.row_step + x * kLanes + lane);
          TileTransform<kSide>::of_input(column, transformed);
#pragma GCC unroll 8
          for (int y = 0; y < kReach; ++y) half[y][x] = transformed[y];
        }
#pragma GCC unroll 8
        for (int y = 0; y < kReach; ++y) {
          V transformed[kReach];
          TileTransform<kSide>::of_input(half[y], transformed);
#pragma GCC unroll 8
          for (int x = 0; x < kReach; ++x)
            T::store_tile(to + (y * kReach + x) * task.input_step + lane, transformed[x]);
        }
      }
      corner += task.input.block_step;
      to += std::ptrdiff_t{task.most_tiles} * kLanes;
    }
  }
}

/// At each position the channels of `count` tiles, summed: to [position][output block][tile][kLanes].
template <typename T>
void sum_channels(const typename T::Task& task, int positions, int count) {
  using Products = typename T::Products;
  typename Products::Task row;
  row.column_step = kLanes;
  row.taps = task.taps;
  row.tap_count = task.tap_count;
  row.output_width = count;
  row.block_step = std::ptrdiff_t{task.most_tiles} * kLanes;
  row.output = task.sums;
  const auto block_weights = static_cast<std::ptrdiff_t>(task.tap_count) * Products::kWeightStep;
  for (int block = 0; block < task.output_blocks;) {
    const auto choice = choose_tiles<Products>(row, task.output_blocks - block, 1);
    for (int position = 0; position < positions; ++position) {
      TilePlace<Products> place = {};
      place.input[0] = task.tiles + position * task.input_step;
      place.output[0] = position * task.sum_step + block * row.block_step;
      place.weights = T::weights(task) + (position * task.output_blocks + block) * block_weights;
      for (int i = 0; i < choice.cut.count; ++i) {
        const int pixels = choice.cut.pixels - (i < choice.cut.narrower ? 1 : 0);
        choice.kind->by_pixels[pixels](row, place);
        place.input[0] += std::ptrdiff_t{pixels} * kLanes;
        place.output[0] += std::ptrdiff_t{pixels} * kLanes;
      }
    }
    block += choice.kind->blocks;
  }
}

/// The largest of each pool window, in place: those of the first window come first.
template <typename T, int kSide>
void pool_tile(const ConvolutionShape& shape, typename T::Total (&outputs)[kSide][kSide]) {
  if (shape.pool_height != 2) return;
#pragma GCC unroll 8
  for (int y = 0; y < kSide; y += 2) {
#pragma GCC unroll 8
    for (int x = 0; x < kSide; ++x) outputs[y / 2][x] = T::larger(outputs[y + 1][x], outputs[y][x]);
  }
  if (shape.pool_width != 2) return;
#pragma GCC unroll 8
  for (int y = 0; y < kSide / 2; ++y) {
#pragma GCC unroll 8
    for (int x = 0; x < kSide; x += 2) outputs[y][x / 2] = T::larger(outputs[y][x + 1], outputs[y][x]);
  }
}

/// Sums of `count` tiles to outputs, pooled and cut where a tile hangs over the border.
template <typename T, int kSide>
void transform_sums(const typename T::Task& task, TileCursor tile, int count) {
  constexpr int kReach = kSide + 2;
  using V = typename T::Total;
  const OutputSteps steps = T::output_steps(task);
  const int tile_height = kSide / task.pool_height;
  const int tile_width = kSide / task.pool_width;
  for (int t = 0; t < count; ++t, tile.step(task)) {
    const int first_row = tile.row * tile_height;
    const int first_column = tile.column * tile_width;
    const int rows =
        tile_height < task.output_height - first_row ? tile_height : task.output_height - first_row;
    const int columns =
        tile_width < task.output_width - first_column ? tile_width : task.output_width - first_column;
    const std::ptrdiff_t corner =
        tile.image * steps.image + first_row * steps.row + std::ptrdiff_t{first_column} * kLanes;
    for (int block = 0; block < task.output_blocks; ++block) {
      const auto* sums = task.sums + (std::ptrdiff_t{block} * task.most_tiles + t) * kLanes;
      T::with_output(task, block * kLanes, [&](auto put) {
        for (int lane = 0; lane < kLanes; lane += T::kTotalWidth) {
          V half[kSide][kReach];
#pragma GCC unroll 8
          for (int x = 0; x < kReach; ++x) {
            V column[kReach];
            V transformed[kSide];
#pragma GCC unroll 8
            for (int y = 0; y < kReach; ++y)
              column[y] = T::load_sum(sums + (y * kReach + x) * task.sum_step + lane);
            TileTransform<kSide>::of_sums(column, transformed);
#pragma GCC unroll 8
            for (int y = 0; y < kSide; ++y) half[y][x] = transformed[y];
          }
          V outputs[kSide][kSide];
#pragma GCC unroll 8
          for (int y = 0; y < kSide; ++y) {
            TileTransform<kSide>::of_sums(half[y], outputs[y]);
#pragma GCC unroll 8
            for (int x = 0; x < kSide; ++x)
              outputs[y][x] = T::finished(task, block * kLanes + lane, outputs[y][x]);
          }
          pool_tile<T, kSide>(task, outputs);
#pragma GCC unroll 8
          for (int y = 0; y < kSide; ++y) {
            if (y >= rows) break;
#pragma GCC unroll 8
            for (int x = 0; x < kSide; ++x) {
              if (x >= columns) break;
              put(corner + block * steps.block + y * steps.row + x * kLanes + lane, lane, outputs[y][x]);
            }
          }
        }
      });
    }
  }
}

template <typename T, int kSide>
void convolve_tiles(const typename T::Task& task) {
  constexpr int kReach = kSide + 2;
  const int tiles = task.images * task.tile_rows * task.tile_columns;
  const int passes = (tiles + task.most_tiles - 1) / task.most_tiles;
  TileCursor next;
  for (int pass = 0, done = 0; pass < passes; ++pass) {
    const int count = (tiles - done) / (passes - pass);
    const TileCursor first = next;
    transform_input<T, kSide>(task, first, count);
    sum_channels<T>(task, kReach * kReach, count);
    transform_sums<T, kSide>(task, first, count);
    for (int t = 0; t < count; ++t) next.step(task);
    done += count;
  }
}

void convolve_winograd(const WinogradTask& task) {
  if (task.side == 2) return convolve_tiles<FloatTiles, 2>(task);
  convolve_tiles<FloatTiles, 4>(task);
}

}  // namespace
}  // namespace inkfield::recognizer
