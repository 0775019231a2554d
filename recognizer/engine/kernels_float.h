// The kernels of floats, compiled once for each instruction set. Each kernels_*.cpp defines, in its own
// unnamed namespace, before it includes this:
//   Vector, kWidth           a register of floats and how many it holds
//   splat(value)             the value in every lane
//   fused(a, b, c)           a * b + c, rounded once
//   from_bytes(bytes)        kWidth signed bytes as floats
//   larger(a, b)             a > b ? a : b, so b where one of them is NaN and where both are zeros
//   kMostFloatSums           registers that a tile of outputs may take for its sums
//   kMultiplyRate, kLoadRate, kLatency   what the processor does in a cycle, to choose tiles by
#pragma once

#include "recognizer/engine/kernels_tiles.h"

namespace inkfield::recognizer {
namespace {

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

struct FloatArithmetic {
  using Task = ConvolutionTask;
  using Input = float;
  using Weight = float;
  using Value = Vector;
  using Weights = Vector;
  using Sum = Vector;
  using Total = Vector;
  static constexpr int kVectors = kLanes / kWidth;
  static constexpr int kWeightStep = kLanes;
  static constexpr int kMostSums = kMostFloatSums;

  static Value splat(const float* value) { return recognizer::splat(*value); }
  static Weights load(const float* weights) { return recognizer::load(weights); }
  static Sum start(const Task& task, int lane) { return recognizer::load(task.bias + lane); }
  static Sum add(Value value, Weights weights, Sum sum) { return fused(value, weights, sum); }
  static Total total(Sum sum) { return sum; }
  static Total larger(Total a, Total b) { return recognizer::larger(a, b); }
  static OutputSteps output_steps(const Task& task) {
    return {task.output.image_step, task.output.block_step, task.output.row_step};
  }
  /// Calls `body` with what stores a total at an offset of the output.
  template <typename Body>
  static void with_output(const Task& task, int /*lane*/, Body body) {
    float* const to = task.output.data;
    if (task.relu) {
      body([to](std::ptrdiff_t at, int, Total total) { store(to + at, at_least_zero(total)); });
    } else {
      body([to](std::ptrdiff_t at, int, Total total) { store(to + at, total); });
    }
  }
};

/// The same with weights that are bytes until they are wanted.
struct ByteWeightArithmetic : FloatArithmetic {
  using Weight = std::int8_t;
  static Weights load(const Task& task, int lane, const std::int8_t* weights) {
    return from_bytes(weights) * recognizer::load(task.scale + lane);
  }
};

void convolve(const ConvolutionTask& task) {
  if (task.byte_weights != nullptr) return convolve_all<ByteWeightArithmetic>(task);
  convolve_all<FloatArithmetic>(task);
}

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
        for (int v = 0; v < kLanes / kWidth; ++v) {
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
