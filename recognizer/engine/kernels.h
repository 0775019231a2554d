// The inner loops of the engine, once for each kind of processor, behind one table of functions.
//
// The promise: every table gives the same bits. Each output value is one sum in one fixed order (bias first,
// then the taps in the order of the weights), a lane of a vector is an output channel, and product and sum
// are rounded separately. A faster kernel may reorder channels, pixels and memory, never a sum.
//
// Tensors are blocked by channels: [channels / kLanes, rounded up][height][width][kLanes], the unused lanes
// of the last block being anything finite. The image that enters a network is one plane with one lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace inkfield::recognizer {

/// Channels in a block: one AVX-512 register of floats, two of AVX2, four of SSE2.
inline constexpr int kLanes = 16;

/// A convolution over an input that already carries its border of zeros.
struct ConvolutionTask {
  const float* input = nullptr;
  const float* weights = nullptr;        ///< [output block][tap][kLanes]
  const float* bias = nullptr;           ///< [output block][kLanes]
  float* output = nullptr;               ///< [output block][output_height][output_width][kLanes]
  const std::int32_t* taps = nullptr;    ///< offset of each tap from the first one of an output, in floats
  std::size_t tap_count = 0;             ///< input channels x kernel height x kernel width
  std::ptrdiff_t input_row_step = 0;     ///< floats from the first tap of one output row to the next
  std::ptrdiff_t input_column_step = 0;  ///< the same along a row
  int output_blocks = 0;
  int output_height = 0;
  int output_width = 0;
  bool relu = false;
};

/// Largest or mean value of each window of each channel; windows are cut at the border.
struct PoolTask {
  const float* input = nullptr;
  float* output = nullptr;
  int blocks = 0;
  int input_height = 0, input_width = 0;
  int output_height = 0, output_width = 0;
  int kernel_height = 1, kernel_width = 1;
  int stride_y = 1, stride_x = 1;
  int pad_top = 0, pad_left = 0;
  /// Mean: divide by the whole window even where it hangs over the border.
  bool count_border = false;
};

struct Kernels {
  const char* name;
  void (*convolve)(const ConvolutionTask&);
  void (*pool_largest)(const PoolTask&);
  void (*pool_mean)(const PoolTask&);
  /// output = a + b, and no less than zero if `relu`.
  void (*add)(const float* a, const float* b, float* output, std::size_t count, bool relu);
  /// output = input * scale + shift for each lane of each of `blocks` planes of `pixels`.
  void (*scale_shift)(const float* input, const float* scale, const float* shift, float* output, int blocks,
                      std::size_t pixels, bool relu);
  void (*relu)(const float* input, float* output, std::size_t count);
};

/// All tables that this processor can run, the plainest first and the fastest last.
std::span<const Kernels* const> available_kernels();
/// The fastest of them.
const Kernels& best_kernels();

}  // namespace inkfield::recognizer
