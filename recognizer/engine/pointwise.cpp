// Compiled once, for the plainest processor: see the header.
#include "recognizer/engine/pointwise.h"

#include <algorithm>

#include "recognizer/engine/elementary.h"
#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer::pointwise {
namespace {

float tanh_exact(float x) {
  // Odd, so that tanh(-x) = -tanh(x) bit for bit.
  const double magnitude = x < 0 ? -static_cast<double>(x) : static_cast<double>(x);
  const double e = exp_exact(-2.0 * magnitude);
  const auto y = static_cast<float>((1.0 - e) / (1.0 + e));
  return x < 0 ? -y : y;
}

float sigmoid_exact(float x) { return static_cast<float>(1.0 / (1.0 + exp_exact(-static_cast<double>(x)))); }

}  // namespace

void tanh(const float* input, float* output, std::size_t count) {
  std::transform(input, input + count, output, tanh_exact);
}

void sigmoid(const float* input, float* output, std::size_t count) {
  std::transform(input, input + count, output, sigmoid_exact);
}

void clip(const float* input, float* output, std::size_t count, float least, float most) {
  for (std::size_t i = 0; i < count; ++i) {
    const float raised = input[i] > least ? input[i] : least;
    output[i] = raised < most ? raised : most;
  }
}

void leaky_relu(const float* input, const float* slope, float* output, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    output[i] = input[i] > 0 ? input[i] : input[i] * slope[i % kLanes];
  }
}

void scale_shift_units(const float* input, const float* scale, const float* shift, float* output,
                       std::size_t count, bool relu) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = input[i] * scale[i] + shift[i];
    output[i] = !relu || value > 0 ? value : 0.0F;
  }
}

}  // namespace inkfield::recognizer::pointwise
