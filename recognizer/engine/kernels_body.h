// The kernels' source, compiled once for each instruction set by the kernels_*.cpp that include it.
//
// Everything here has internal linkage and calls no library function: an inline function compiled for AVX-512
// that the linker picked for the whole program would crash older processors. No include guard on purpose:
// each kernels_*.cpp sets INKFIELD_VECTOR_FLOATS (the width of a register) and INKFIELD_TILE_PIXELS
// (so many that the sums stay in registers) and includes this once.

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = INKFIELD_VECTOR_FLOATS;
constexpr int kVectors = kLanes / kWidth;
constexpr int kTile = INKFIELD_TILE_PIXELS;

using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

// By memcpy, which every compiler turns into one unaligned move: an alignment given to the type is lost on some.
inline Vector load(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
inline void store(float* to, Vector value) { __builtin_memcpy(to, &value, sizeof value); }
inline Vector splat(float value) { return Vector{} + value; }
// Written as a comparison, it gives zero for a NaN and for -0.0 on every processor.
inline Vector at_least_zero(Vector value) { return value > Vector{} ? value : Vector{}; }
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }

/// `kPixels` neighbouring outputs of one row, all lanes of one block.
template <int kPixels>
inline void convolve_tile(const ConvolutionTask& task, const float* weights, const float* bias,
                          const float* input, float* output) {
  Vector sums[kPixels][kVectors];
  for (int p = 0; p < kPixels; ++p) {
    for (int v = 0; v < kVectors; ++v) sums[p][v] = load(bias + v * kWidth);
  }
  const std::ptrdiff_t step = task.input_column_step;
  for (std::size_t t = 0; t < task.tap_count; ++t) {
    const float* at = input + task.taps[t];
    Vector weight[kVectors];
    for (int v = 0; v < kVectors; ++v) weight[v] = load(weights + v * kWidth);
    weights += kLanes;
    for (int p = 0; p < kPixels; ++p) {
      const Vector value = splat(at[p * step]);
      for (int v = 0; v < kVectors; ++v) sums[p][v] = sums[p][v] + value * weight[v];
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    for (int v = 0; v < kVectors; ++v) {
      const Vector sum = sums[p][v];
      store(output + p * kLanes + v * kWidth, task.relu ? at_least_zero(sum) : sum);
    }
  }
}

void convolve(const ConvolutionTask& task) {
  float* output = task.output;
  for (int block = 0; block < task.output_blocks; ++block) {
    const float* weights = task.weights + static_cast<std::size_t>(block) * task.tap_count * kLanes;
    const float* bias = task.bias + static_cast<std::ptrdiff_t>(block) * kLanes;
    for (int y = 0; y < task.output_height; ++y) {
      const float* input = task.input + y * task.input_row_step;
      int x = 0;
      for (; x + kTile <= task.output_width; x += kTile) {
        convolve_tile<kTile>(task, weights, bias, input, output);
        input += kTile * task.input_column_step;
        output += kTile * kLanes;
      }
      for (; x + 2 <= task.output_width; x += 2) {
        convolve_tile<2>(task, weights, bias, input, output);
        input += 2 * task.input_column_step;
        output += 2 * kLanes;
      }
      for (; x < task.output_width; ++x) {
        convolve_tile<1>(task, weights, bias, input, output);
        input += task.input_column_step;
        output += kLanes;
      }
    }
  }
}

template <bool kLargest>
void pool(const PoolTask& task) {
  float* output = task.output;
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(task.input_width) * kLanes;
  for (int block = 0; block < task.blocks; ++block) {
    const float* plane = task.input + block * row * task.input_height;
    for (int y = 0; y < task.output_height; ++y) {
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
          const float* lane = plane + v * kWidth;
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
  for (std::size_t i = 0; i < count; i += kWidth) {  // counts are whole blocks
    const Vector sum = load(a + i) + load(b + i);
    store(output + i, relu ? at_least_zero(sum) : sum);
  }
}

void scale_shift(const float* input, const float* scale, const float* shift, float* output, int blocks,
                 std::size_t pixels, bool relu) {
  for (int block = 0; block < blocks; ++block) {
    for (std::size_t p = 0; p < pixels; ++p) {
      for (int v = 0; v < kVectors; ++v) {
        const int lane = block * kLanes + v * kWidth;
        const Vector value = load(input + v * kWidth) * load(scale + lane) + load(shift + lane);
        store(output + v * kWidth, relu ? at_least_zero(value) : value);
      }
      input += kLanes;
      output += kLanes;
    }
  }
}

void rectify(const float* input, float* output, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kWidth) store(output + i, at_least_zero(load(input + i)));
}

}  // namespace
}  // namespace inkfield::recognizer
