// The kernels of bytes, compiled once for each instruction set. Each kernels_*.cpp defines, in its own
// unnamed namespace, before it includes this, a struct Int8Products with
//   kVectors                 Sums in a block of channels
//   kMostSums                Sums that a tile of outputs may take
//   Value, Weights, Sum      registers: four bytes of the input in every lane, weights, sums
//   Total                    a register of int32, a finished sum for each output channel
//   splat, load, start, add, total, larger
//   store_bytes(to, total, scale), store_floats<relu>(to, total, scale), with scales for each channel
//   quantise(input, scale, output, count)
// and the rates that kernels_tiles.h chooses by. 32-bit sums are exact, so their order is free; each step
// from sum to output is one operation of IEEE 754: int32 to float, times scale, limits, to the nearest (even)
// integer.
#pragma once

#include "recognizer/engine/kernels_tiles.h"

namespace inkfield::recognizer {
namespace {

struct Int8Arithmetic : Int8Products {
  using Task = Int8ConvolutionTask;
  using Input = std::uint8_t;
  using Weight = std::int8_t;
  static constexpr int kWeightStep = kLanes * kDot;

  static Sum start(const Task& task, int lane) { return Int8Products::start(task.bias + lane); }
  static OutputSteps output_steps(const Task& task) {
    if (task.floats.data != nullptr)
      return {task.floats.image_step, task.floats.block_step, task.floats.row_step};
    return {task.bytes.image_step, task.bytes.block_step, task.bytes.row_step};
  }
  /// Calls `body` with what stores a total at an offset of the output.
  template <typename Body>
  static void with_output(const Task& task, int lane, Body body) {
    const float* const scale = task.scale + lane;
    if (task.floats.data == nullptr) {
      std::uint8_t* const to = task.bytes.data;
      body(
          [=](std::ptrdiff_t at, int channel, Total total) { store_bytes(to + at, total, scale + channel); });
      return;
    }
    float* const to = task.floats.data;
    if (task.relu) {
      body([=](std::ptrdiff_t at, int channel, Total total) {
        Int8Products::store_floats<true>(to + at, total, scale + channel);
      });
    } else {
      body([=](std::ptrdiff_t at, int channel, Total total) {
        Int8Products::store_floats<false>(to + at, total, scale + channel);
      });
    }
  }
};

void convolve_int8(const Int8ConvolutionTask& task) { convolve_all<Int8Arithmetic>(task); }

}  // namespace
}  // namespace inkfield::recognizer
