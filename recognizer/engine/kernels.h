// The inner loops of the engine, once for each kind of processor, behind one table of functions.
//
// The promise: every table gives the same bits. Each output value is one sum in one fixed order, bias first,
// then the taps in the order of the weights, each product fused with its addition (one rounding, as
// std::fma); of a convolution in tiles (WinogradTask) this holds for each value of each pass. A lane of a
// vector is an output channel. A faster kernel may reorder channels, pixels, images and memory, never a sum.
//
// Tensors are blocked by channels: [image][channels / kLanes, rounded up][height][width][kLanes], the unused
// lanes of the last block being anything finite. A plane may lie inside a border of zeros, so that a
// convolution's inner loop meets no edge. The image that enters a network is one plane with one lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace inkfield::recognizer {

/// Channels in a block: one AVX-512 register of floats, two of AVX2, four of SSE2 and NEON.
inline constexpr int kLanes = 16;

/// Where the pixels of a tensor lie; steps count elements and leap over borders.
template <typename Element>
struct Planes {
  Element* data = nullptr;  ///< first pixel of the first image
  std::ptrdiff_t image_step = 0;
  std::ptrdiff_t block_step = 0;
  std::ptrdiff_t row_step = 0;
};

/// What convolutions of floats and of bytes have in common: the largest of each pool window and ReLU are
/// taken before sums are stored.
struct ConvolutionShape {
  std::ptrdiff_t column_step = 0;      ///< from the first tap of one output to that of its right neighbour
  const std::int32_t* taps = nullptr;  ///< offset of each tap from the first one of an output
  std::size_t tap_count = 0;
  int kernel_width = 1;  ///< so many taps in a row lie side by side, one pixel apart
  int images = 1;
  int output_blocks = 0;
  int output_height = 0, output_width = 0;  ///< after pooling
  int pool_height = 1, pool_width = 1;      ///< 1 x 1, or 2 x 1 or 2 x 2 where column_step is kLanes
  bool relu = false;
};

/// A tap is an input channel at a place of the kernel.
struct ConvolutionTask : ConvolutionShape {
  Planes<const float>
      input;  ///< from the first tap of the first output; row_step: to the next row of outputs
  const float* weights = nullptr;  ///< [output block][tap][kLanes]
  /// If not null, taken in their place: bytes in the same order, each of which is a weight when it is
  /// multiplied by its lane's scale, rounded once. A quarter to read, and more to do for each tile.
  const std::int8_t* byte_weights = nullptr;
  const float* scale = nullptr;    ///< [output block][kLanes]
  const float* bias = nullptr;     ///< [output block][kLanes]
  Planes<float> output;
};

/// Neighbouring bytes that one instruction multiplies and adds.
inline constexpr int kDot = 4;

/// Unsigned bytes times signed bytes, summed exactly in 32 bits. A tap is four bytes of the input side by
/// side: four channels of a block at a place of the kernel, or four columns of the image.
struct Int8ConvolutionTask : ConvolutionShape {
  Planes<const std::uint8_t> input;
  /// Taps come block by block and place by place, the fours of a place side by side, so that those of a row of the
  /// kernel are one stretch of bytes. Else four channels by four, or four columns by four.
  bool by_place = false;
  const std::int8_t* weights = nullptr;  ///< [output block][tap][kLanes][kDot]
  const std::int32_t* bias = nullptr;    ///< [output block][kLanes], in units of the products
  const float* scale = nullptr;          ///< [output block][kLanes]; the unit of the output for each sum
  /// One of the two: bytes are sum x scale rounded to the nearest, even if halfway, from 0 to 255; floats are
  /// sum x scale.
  Planes<std::uint8_t> bytes;
  Planes<float> floats;
};

/// Points at which tiles of 4 x 4 outputs are evaluated, see winograd.h: 0, +-P, +-Q and infinity.
inline constexpr float kWinogradP = 0.625F;
inline constexpr float kWinogradQ = 1.5F;

/// The tiles of a convolution of 3 x 3, see winograd.h. Its input may be read as far as whole tiles reach,
/// and is finite there.
struct TileGrid {
  int side = 2;  ///< outputs of a tile along each side
  int input_blocks = 0;
  int tile_rows = 0, tile_columns = 0;  ///< of each image, enough for all outputs before they are pooled
  int most_tiles = 0;                   ///< that are worked on at a time
  /// From one position of tiles and of sums to the next.
  std::ptrdiff_t input_step = 0, sum_step = 0;
};

/// `taps` are offsets of the input channels among transformed tiles, `weights` [position][output block][input
/// channel][kLanes].
struct WinogradTask : ConvolutionTask, TileGrid {
  float* tiles = nullptr;  ///< [position][input block][tile][kLanes]
  float* sums = nullptr;   ///< [position][output block][tile][kLanes]
};

/// `taps` are offsets of pairs of input channels; tiles of 2 x 2 outputs. All of it is exact, so the outputs
/// are those of the plain convolution.
struct Int8WinogradTask : Int8ConvolutionTask, TileGrid {
  const std::int16_t* pair_weights =
      nullptr;  ///< [position][output block][pair][kLanes][2]: four times what winograd.h says
  std::int16_t* tiles = nullptr;
  std::int32_t* sums = nullptr;
};

/// The weights of one output channel as signed bytes, four to a tap: of four channels at a place, places in order; the last
/// channels are filled up with zeros. `beside` taps of a place lie side by side: 1, or the kLanes / kDot of a block.
struct PackingTask {
  const float* weights = nullptr;      ///< [channel][place]
  const std::int8_t* bytes = nullptr;  ///< the same where they are bytes already, in place of weights and factor
  std::size_t count = 0;
  std::size_t places = 1;           ///< of each channel
  std::size_t beside = 1;
  double factor = 0;                ///< weight x factor lies in -127 to 127; the nearest byte is taken, of two the larger one
  std::int8_t* output = nullptr;    ///< of the first tap; the next one is kLanes x kDot further
  std::int32_t* scratch = nullptr;  ///< taps x kDot of them

  [[nodiscard]] std::size_t taps() const {
    const std::size_t together = beside * places;
    return (count + kDot * together - 1) / (kDot * together) * together;
  }
};

/// Largest or mean value of each window of each channel; windows are cut at the border.
struct PoolTask {
  Planes<const float> input;
  Planes<float> output;
  int images = 1;
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
  const char* name = nullptr;
  void (*convolve)(const ConvolutionTask&) = nullptr;
  void (*convolve_winograd)(const WinogradTask&) = nullptr;
  void (*convolve_int8)(const Int8ConvolutionTask&) = nullptr;
  bool by_place = false;  ///< convolve_int8 wants the taps of blocks so
  /// Null where the plain one is as fast.
  void (*convolve_winograd_int8)(const Int8WinogradTask&) = nullptr;
  void (*pool_largest)(const PoolTask&) = nullptr;
  void (*pool_mean)(const PoolTask&) = nullptr;
  // The rest works on `count` neighbouring floats, whole blocks of lanes.
  /// output = a + b, and no less than zero if `relu`.
  void (*add)(const float* a, const float* b, float* output, std::size_t count, bool relu) = nullptr;
  /// output = input * scale + shift by lane, rounded once.
  void (*scale_shift)(const float* input, const float* scale, const float* shift, float* output,
                      std::size_t count, bool relu) = nullptr;
  void (*relu)(const float* input, float* output, std::size_t count) = nullptr;
  /// output = input x scale, rounded and limited as in Int8ConvolutionTask; any count.
  void (*quantise)(const float* input, float scale, std::uint8_t* output, std::size_t count) = nullptr;
  // When a network is loaded:
  /// The largest absolute value; 0 of none, infinite or not a number if one of them is.
  float (*largest_size)(const float* values, std::size_t count) = nullptr;
  void (*pack_weights)(const PackingTask&) = nullptr;
};

/// All tables that this processor can run, the plainest first and the fastest last.
std::span<const Kernels* const> available_kernels();
/// The fastest of them.
const Kernels& best_kernels();

}  // namespace inkfield::recognizer
