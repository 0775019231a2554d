// Convolutions of 3 x 3 by Winograd's minimal filtering (Lavin and Gray, 2016), once for each instruction
// set: included after kernels_float.h. What is computed is in winograd.h.
//
// Three passes over so many tiles that what they pass on stays in the second cache: tiles of the input are
// transformed, then at each position of a tile all channels are multiplied and summed, as a convolution of 1
// x 1, then sums are transformed to outputs. Each pass computes every value in one order, whatever the
// instruction set, the batch and the number of tiles.
#pragma once

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/kernels_tiles.h"

namespace inkfield::recognizer {
namespace {

/// The transforms of one row or column of a tile, `kSide` outputs long.
template <int kSide>
struct TileTransform;

template <>
struct TileTransform<2> {
  static void of_input(const Vector (&d)[4], Vector (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
  static void of_sums(const Vector (&m)[4], Vector (&y)[2]) {
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

/// Where a tile lies; tiles are counted through all images.
struct TileCursor {
  int image = 0, row = 0, column = 0;
  void step(const WinogradTask& task) {
    if (++column < task.tile_columns) return;
    column = 0;
    if (++row < task.tile_rows) return;
    row = 0;
    ++image;
  }
};

/// Input tiles from `tile` on, to [position][input block][tile][kLanes].
template <int kSide>
void transform_input(const WinogradTask& task, TileCursor tile, int count) {
  constexpr int kReach = kSide + 2;
  for (int t = 0; t < count; ++t, tile.step(task)) {
    const float* corner = task.input.data + tile.image * task.input.image_step +
                          tile.row * kSide * task.input.row_step +
                          std::ptrdiff_t{tile.column} * kSide * kLanes;
    float* to = task.scratch + std::ptrdiff_t{t} * kLanes;
    for (int block = 0; block < task.input_blocks; ++block) {
      for (int lane = 0; lane < kLanes; lane += kWidth) {
        Vector half[kReach][kReach];
#pragma GCC unroll 8
        for (int x = 0; x < kReach; ++x) {
          Vector column[kReach];
          Vector transformed[kReach];
#pragma GCC unroll 8
          for (int y = 0; y < kReach; ++y)
            column[y] = load(corner + y * task.input.row_step + x * kLanes + lane);
          TileTransform<kSide>::of_input(column, transformed);
#pragma GCC unroll 8
          for (int y = 0; y < kReach; ++y) half[y][x] = transformed[y];
        }
#pragma GCC unroll 8
        for (int y = 0; y < kReach; ++y) {
          Vector transformed[kReach];
          TileTransform<kSide>::of_input(half[y], transformed);
#pragma GCC unroll 8
          for (int x = 0; x < kReach; ++x)
            store(to + (y * kReach + x) * task.input_step + lane, transformed[x]);
        }
      }
      corner += task.input.block_step;
      to += std::ptrdiff_t{task.most_tiles} * kLanes;
    }
  }
}

/// At each position the channels of `count` tiles, summed: to [position][output block][tile][kLanes].
void sum_channels(const WinogradTask& task, int positions, int count) {
  static constexpr float kNoBias[4 * kLanes] = {};
  ConvolutionTask row;
  row.column_step = kLanes;
  row.taps = task.taps;
  row.tap_count = task.tap_count;
  row.bias = kNoBias;
  row.output_width = count;
  row.output.block_step = std::ptrdiff_t{task.most_tiles} * kLanes;
  row.output.data = task.scratch + positions * task.input_step;
  const auto block_weights = static_cast<std::ptrdiff_t>(task.tap_count) * kLanes;
  for (int block = 0; block < task.output_blocks;) {
    const auto choice = choose_tiles<FloatArithmetic>(row, task.output_blocks - block, 1);
    for (int position = 0; position < positions; ++position) {
      TilePlace<FloatArithmetic> place = {};
      place.input[0] = task.scratch + position * task.input_step;
      place.output[0] = position * task.sum_step + block * row.output.block_step;
      place.weights = task.weights + (position * task.output_blocks + block) * block_weights;
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

/// Sums of `count` tiles to outputs, pooled and cut where a tile hangs over the border.
template <int kSide>
void transform_sums(const WinogradTask& task, TileCursor tile, int count) {
  constexpr int kReach = kSide + 2;
  const float* from = task.scratch + kReach * kReach * task.input_step;
  const int pool_y = task.pool_height;
  const int pool_x = task.pool_width;
  for (int t = 0; t < count; ++t, tile.step(task), from += kLanes) {
    const int first_row = tile.row * kSide / pool_y;
    const int first_column = tile.column * kSide / pool_x;
    const int rows_left = task.output_height - first_row;
    const int columns_left = task.output_width - first_column;
    float* to = task.output.data + tile.image * task.output.image_step + first_row * task.output.row_step +
                std::ptrdiff_t{first_column} * kLanes;
    for (int block = 0; block < task.output_blocks; ++block, to += task.output.block_step) {
      const float* sums = from + std::ptrdiff_t{block} * task.most_tiles * kLanes;
      for (int lane = 0; lane < kLanes; lane += kWidth) {
        Vector half[kSide][kReach];
#pragma GCC unroll 8
        for (int x = 0; x < kReach; ++x) {
          Vector column[kReach];
          Vector transformed[kSide];
#pragma GCC unroll 8
          for (int y = 0; y < kReach; ++y) column[y] = load(sums + (y * kReach + x) * task.sum_step + lane);
          TileTransform<kSide>::of_sums(column, transformed);
#pragma GCC unroll 8
          for (int y = 0; y < kSide; ++y) half[y][x] = transformed[y];
        }
        const Vector bias = load(task.bias + block * kLanes + lane);
        Vector outputs[kSide][kSide];
#pragma GCC unroll 8
        for (int y = 0; y < kSide; ++y) {
          TileTransform<kSide>::of_sums(half[y], outputs[y]);
#pragma GCC unroll 8
          for (int x = 0; x < kSide; ++x) outputs[y][x] = outputs[y][x] + bias;
        }
        if (pool_y == 2) {
#pragma GCC unroll 8
          for (int y = 0; y < kSide; y += 2) {
#pragma GCC unroll 8
            for (int x = 0; x < kSide; ++x) outputs[y / 2][x] = larger(outputs[y + 1][x], outputs[y][x]);
          }
        }
        if (pool_x == 2) {
#pragma GCC unroll 8
          for (int y = 0; y < kSide / 2; ++y) {
#pragma GCC unroll 8
            for (int x = 0; x < kSide; x += 2) outputs[y][x / 2] = larger(outputs[y][x + 1], outputs[y][x]);
          }
        }
#pragma GCC unroll 8
        for (int y = 0; y < kSide; ++y) {
          if (y >= kSide / pool_y || y >= rows_left) break;
          float* row = to + y * task.output.row_step + lane;
#pragma GCC unroll 8
          for (int x = 0; x < kSide; ++x) {
            if (x >= kSide / pool_x || x >= columns_left) break;
            store(row + x * kLanes, task.relu ? at_least_zero(outputs[y][x]) : outputs[y][x]);
          }
        }
      }
    }
  }
}

template <int kSide>
void convolve_tiles_of(const WinogradTask& task) {
  constexpr int kReach = kSide + 2;
  const int tiles = task.images * task.tile_rows * task.tile_columns;
  const int passes = (tiles + task.most_tiles - 1) / task.most_tiles;
  TileCursor next;
  for (int pass = 0, done = 0; pass < passes; ++pass) {
    const int count = (tiles - done) / (passes - pass);
    const TileCursor first = next;
    transform_input<kSide>(task, first, count);
    sum_channels(task, kReach * kReach, count);
    transform_sums<kSide>(task, first, count);
    for (int t = 0; t < count; ++t) next.step(task);
    done += count;
  }
}

void convolve_winograd(const WinogradTask& task) {
  if (task.side == 2) return convolve_tiles_of<2>(task);
  convolve_tiles_of<4>(task);
}

}  // namespace
}  // namespace inkfield::recognizer
