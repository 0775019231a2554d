// Steps that treat every value by itself and are no hot loops: the functions and per-unit constants of older
// and of other people's networks. Plain C++ without fused products or library transcendentals, so one
// compiled form gives the same bits on every processor and needs no table of kernels.
#pragma once

#include <cstddef>

namespace inkfield::recognizer::pointwise {

/// Each works on `count` neighbouring floats, whole blocks of lanes as in kernels.h.
void tanh(const float* input, float* output, std::size_t count);
void sigmoid(const float* input, float* output, std::size_t count);
/// Between `least` and `most`.
void clip(const float* input, float* output, std::size_t count, float least, float most);
/// Negative values times the `slope` of their lane.
void leaky_relu(const float* input, const float* slope, float* output, std::size_t count);
/// input * scale + shift, each value with its own two numbers.
void scale_shift_units(const float* input, const float* scale, const float* shift, float* output,
                       std::size_t count, bool relu);

}  // namespace inkfield::recognizer::pointwise
