// Convolutions and pools by the plainest loops one can write, in the order of additions that the engine
// promises.
#pragma once

#include <vector>

namespace inkfield::recognizer::test {

/// [channel][row][column], the layout of ONNX.
struct Planes {
  int channels = 0, height = 0, width = 0;
  std::vector<float> data = {};
  float& at(int c, int y, int x) { return data[static_cast<std::size_t>((c * height + y) * width + x)]; }
  [[nodiscard]] float at(int c, int y, int x) const {
    return data[static_cast<std::size_t>((c * height + y) * width + x)];
  }
  /// Zeros around them.
  [[nodiscard]] float padded(int c, int y, int x) const {
    return y >= 0 && y < height && x >= 0 && x < width ? at(c, y, x) : 0.0F;
  }
};
Planes planes(int channels, int height, int width);

struct Window {
  int kernel_y = 1, kernel_x = 1, stride_y = 1, stride_x = 1, top = 0, left = 0, bottom = 0, right = 0;
};

/// `weights` are [output][channel][row][column].
Planes naive_convolution(const Planes& in, const std::vector<float>& weights, const std::vector<float>& bias,
                         int outputs, const Window& w);
/// The same in double precision.
std::vector<double> exact_convolution(const Planes& in, const std::vector<float>& weights,
                                      const std::vector<float>& bias, int outputs, const Window& w);
/// The same in tiles of `side` x `side` outputs, see recognizer/engine/winograd.h; kernel 3 x 3, stride 1.
Planes naive_winograd(const Planes& in, const std::vector<float>& weights, const std::vector<float>& bias,
                      int outputs, const Window& w, int side);

Planes naive_pool(const Planes& in, const Window& w, bool largest, bool count_border);

}  // namespace inkfield::recognizer::test
