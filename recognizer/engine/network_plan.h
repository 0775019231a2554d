// From the nodes of an ONNX graph to the few kinds of steps that the kernels run, checked from end to end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recognizer/engine/byte_buffer.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_inspection.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {

/// Widest input of a network whose width is open; normalize_line never gives a wider one.
inline constexpr int kMaxInputWidthPx = 2048;
/// What one input may cost at most, at the greatest width: working memory and multiply-adds. A network of
/// 13 M multiply-adds a digit needs 0.8 G here.
inline constexpr std::int64_t kMaxWorkingBytes = std::int64_t{512} << 20U;
inline constexpr std::int64_t kMaxMultiplyAdds = 40'000'000'000;
/// Weights of all steps together, after padding to whole blocks of channels.
inline constexpr std::int64_t kMaxPlanWeights = std::int64_t{128} << 20U;
/// Weights of all convolutions by Winograd's way, transformed; further convolutions are plain.
inline constexpr std::int64_t kMaxWinogradWeights = std::int64_t{16} << 20U;

/// Up to so many outputs a channel, two tiles, weights are multiplied faster than they come from the third
/// cache, where those of a large network are: then they are read as bytes if they can be.
inline constexpr std::int64_t kFewOutputs = 16;

enum class StepKind {
  convolve,
  pool_largest,
  pool_mean,
  pool_global,
  add,
  scale_shift,
  scale_shift_units,
  relu,
  leaky_relu,
  clip,
  tanh,
  sigmoid,
  pad,
  quantise,
  spread
};

/// One step reads one or two values and writes one. Fully connected layers are convolutions whose kernel is
/// as large as their input; batch normalisation, bias additions, ReLU and small pools are folded into the
/// step before.
struct Step {
  StepKind kind = StepKind::relu;
  std::string node = {};  ///< for messages: "Conv 'conv1'"
  int input = 0;
  int second_input = -1;
  int output = 0;
  int kernel_height = 1, kernel_width = 1;
  int stride_y = 1, stride_x = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int pool_height = 1, pool_width = 1;  ///< of a convolution: largest of so many outputs, 1x1, 2x1 or 2x2
  int winograd = 0;  ///< of a convolution: outputs a side of its tiles, see winograd.h; 0: plain sums
  bool relu = false;
  bool count_border = false;
  float least = 0, most = 0;  ///< clip; pad fills with `least`
  /// Of a convolution until `lay_weights` or `use_int8`: [output][channel][row][column]. They lie in the file's bytes.
  onnx::FloatList plain_weights = {};
  /// scale_shift: scale by channel; leaky_relu: slope by channel; scale_shift_units: scale of every value,
  /// blocked as the value itself
  std::vector<float> weights = {};
  std::vector<float> bias = {};  ///< by channel, whole blocks; scale_shift_units: of every value
  /// Of a convolution, as ConvolutionTask or WinogradTask has them. These arrays lie in the plan's memory.
  std::span<float> float_weights = {};
  /// The same as bytes, beside them, where the file has bytes and one input has few outputs: see
  /// ConvolutionTask.
  std::span<std::int8_t> byte_weights = {};
  /// Of a convolution in int8, in place of weights and bias: see Int8ConvolutionTask.
  std::span<std::int8_t> int8_weights = {};
  std::span<std::int16_t> pair_weights = {};  ///< in place of them where it has tiles: see Int8WinogradTask
  std::vector<std::int32_t> int8_bias = {};
  /// Of a convolution in int8, or of byte_weights: by channel, whole blocks. quantise: one.
  std::vector<float> scale = {};
};

/// Pixels of zeros around every plane of a value, as wide as the convolutions that read it need.
struct Border {
  int top = 0, left = 0, bottom = 0, right = 0;
};

/// A tensor that passes between steps. Value 0 is the input: one plane, one lane.
struct PlanValue {
  int channels = 0;
  int lanes = kLanes;  ///< 1: a single plane without lanes
  bool bytes = false;  ///< unsigned bytes: 255 stands for `largest`
  float largest = 0;
  std::string name = {};  ///< in the file; the last one if several follow from folded nodes
  Border border = {};
  bool grouped = false;  ///< kept for every input of a group, see NetworkPlan::first_grouped_step
  int slot = -1;         ///< which of the working buffers it lives in
};

/// Blocks of kLanes that hold so many channels.
constexpr int block_count(int channels) { return (channels + kLanes - 1) / kLanes; }

struct PlaneSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

struct NetworkPlan {
  std::vector<Step> steps;
  std::vector<PlanValue> values;
  int slot_count = 0;
  int output = 0;
  /// From this step on, weights outweigh the planes they meet: a step is done for a group of inputs before
  /// the next one begins, so that its weights are fetched once for all. The steps before are done input by
  /// input, while its planes are in the nearest cache. The last step is always grouped.
  int first_grouped_step = 0;
  int class_count = 0;
  int input_height_px = 0;
  int fixed_width_px = 0;  ///< 0: any width
  std::int64_t parameter_count = 0;
  std::vector<std::string> layers;
  bool int8_tiles = false;     ///< the kernels have tiles for convolutions in int8
  bool int8_by_place = false;  ///< the kernels take their taps so, see Int8ConvolutionTask
  /// Of convolutions: sums of bytes that `use_int8` laid, and what `lay_weights` did.
  ArrayMemory int8_weights = {};
  ArrayMemory weights = {};

  /// Size of every value for an input `width_px` wide; throws Error(invalid_argument) naming the node that
  /// the input is too small for.
  [[nodiscard]] std::vector<PlaneSize> sizes(int width_px) const;
  [[nodiscard]] std::int64_t multiply_adds(const std::vector<PlaneSize>& sizes) const;
};

/// Sizes for the input by which the plan is judged: one of open width is square then, a lone symbol.
std::vector<PlaneSize> judged_sizes(const NetworkPlan& plan);

/// Size of what a step makes of an input of this size; nothing of it is less than 1 if the input is large
/// enough.
PlaneSize output_size(const Step& step, PlaneSize in);

/// Places the values: their borders, which of them wait for a group, which share memory. Throws
/// Error(invalid_model) if one input of the greatest width would need too much memory or work.
void arrange(NetworkPlan& plan);

/// Brings the weights of convolutions that run in float32, or in tiles, into the order of the kernels; the
/// file's bytes are needed no longer. Those of other sums of bytes went with `use_int8`.
void lay_weights(NetworkPlan& plan);

/// Fills `plan.layers`, one line for each node that does something, for people.
void describe(NetworkPlan& plan);

/// Everything that stands in the way of planning a network and believing its metadata; empty if nothing does.
std::vector<ModelFault> find_faults(const onnx::Model& model);
/// An error's message in its parts; `where` is used where the message names no place.
ModelFault fault_of(const Error& error, const std::string& where);

/// The weights of its convolutions still lie in the file's bytes. Throws Error(invalid_model).
NetworkPlan plan_network(const onnx::Model& model);

}  // namespace inkfield::recognizer
