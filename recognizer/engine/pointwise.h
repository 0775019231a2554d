// Steps that treat every value by itself and are no hot loops: the functions and per-unit constants of older
// and of other people's networks. Plain C++ without fused products or library transcendentals, so one
// compiled form gives the same bits on every processor and needs no table of kernels.
#pragma once

#include <cstddef>

namespace inkfield::recognizer::pointwise {

/// Tensors are blocked by channels as in kernels.h; `count` is a whole number of blocks.
void tanh(const float* input, float* output, std::size_t count);
void sigmoid(const float* input, float* output, std::size_t count);
/// Between `least` and `most`.
void clip(const float* input, float* output, std::size_t count, float least, float most);
/// Negative values times the `slope` of their lane.
void leaky_relu(const float* input, const float* slope, float* output, int blocks, std::size_t pixels);
/// input * scale + shift, each value with its own two numbers.
void scale_shift_units(const float* input, const float* scale, const float* shift, float* output,
                       std::size_t count, bool relu);

/// A frame of one value around each of `blocks` planes.
struct Frame {
  std::size_t height = 0, width = 0;  ///< of the input
  std::size_t top = 0, left = 0, bottom = 0, right = 0;
  float value = 0;
};
void pad(const float* input, float* output, int blocks, const Frame& frame);

}  // namespace inkfield::recognizer::pointwise
