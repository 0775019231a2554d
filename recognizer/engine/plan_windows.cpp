// Operators that look at a window of their input, or at all of it: convolutions, fully connected layers,
// pools and the pads around them.
#include "recognizer/engine/plan_operators.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/engine/plan_draft.h"

namespace inkfield::recognizer::planning {
namespace {

constexpr std::int64_t kMaxKernel = 64;
constexpr std::int64_t kMaxChannels = 65536;

// `before`: zeros that a Pad has already put around the input.
void take_own_window(const PlanDraft& draft, const onnx::Node& node, Step& step,
                     const std::array<int, 4>& before) {
  const auto strides = draft.int_list(node, "strides", 2, 1, kMaxKernel, 1);
  step.stride_y = strides[0];
  step.stride_x = strides[1];
  const auto pads = draft.int_list(node, "pads", 4, 0, kMaxKernel, 0);
  step.pad_top = pads[0];
  step.pad_left = pads[1];
  step.pad_bottom = pads[2];
  step.pad_right = pads[3];
  const auto* named = node.attribute("auto_pad");
  if (named == nullptr || named->s == "NOTSET" || named->s.empty()) return;
  if (named->s == "VALID") {
    step.pad_top = step.pad_left = step.pad_bottom = step.pad_right = 0;
    return;
  }
  const auto total = [](std::int64_t size, int kernel, int stride) {
    const std::int64_t windows = (size + stride - 1) / stride;
    return static_cast<int>(std::max<std::int64_t>(0, (windows - 1) * stride + kernel - size));
  };
  const auto& in = draft.trace_of(step.input);
  const std::int64_t higher = before[0] + before[2];
  const std::int64_t wider = before[1] + before[3];
  const int vertical = total(in.narrow.height + higher, step.kernel_height, step.stride_y);
  const int horizontal = total(in.narrow.width + wider, step.kernel_width, step.stride_x);
  if (horizontal != total(in.wide.width + wider, step.kernel_width, step.stride_x)) {
    draft.fail_node("auto_pad depends on the width of the input; export with explicit pads");
  }
  const bool upper = named->s == "SAME_UPPER";
  step.pad_top = upper ? vertical / 2 : vertical - vertical / 2;
  step.pad_bottom = vertical - step.pad_top;
  step.pad_left = upper ? horizontal / 2 : horizontal - horizontal / 2;
  step.pad_right = horizontal - step.pad_left;
}

// Kernel, strides and pads; `pads` may come by name (auto_pad).
void take_window(const PlanDraft& draft, const onnx::Node& node, Step& step,
                 const std::array<int, 4>& before = {}) {
  take_own_window(draft, node, step, before);
  step.pad_top += before[0];
  step.pad_left += before[1];
  step.pad_bottom += before[2];
  step.pad_right += before[3];
}

// Room for the weights of all outputs, in whole blocks of lanes.
void claim_convolution(PlanDraft& draft, Step& step, int outputs, std::int64_t taps) {
  const int blocks = block_count(outputs);
  draft.claim_weights(static_cast<std::int64_t>(blocks) * kLanes * taps,
                      "the network's weights are larger than " + std::to_string(kMaxPlanWeights) + " values");
  step.bias.assign(static_cast<std::size_t>(blocks) * kLanes, 0.0F);
  draft.count_parameters(outputs * taps);
}

// Weights that do not stand in the file as they are needed: [output][input channel][row][column].
template <typename WeightAt>
onnx::FloatList reordered(int outputs, std::int64_t taps, const WeightAt& weight_at) {
  std::vector<float> weights;
  weights.reserve(static_cast<std::size_t>(outputs * taps));
  for (int o = 0; o < outputs; ++o) {
    for (std::int64_t t = 0; t < taps; ++t) weights.push_back(weight_at(o, t));
  }
  return weights;
}

void set_bias(PlanDraft& draft, const onnx::Node& node, std::size_t index, Step& step, int outputs,
              float factor) {
  if (!node.has_input(index)) return;
  const auto& tensor = draft.weights(node, index);
  const std::vector<float> values = tensor.floats.values();
  const std::int64_t count = tensor.element_count();
  const bool by_channel = !tensor.dims.empty() && tensor.dims.back() == count;
  if (count != 1 && (count != outputs || !by_channel)) {
    draft.fail_node("its bias has " + std::to_string(count) + " values for " + std::to_string(outputs) +
                    " channels");
  }
  for (int o = 0; o < outputs; ++o) {
    const auto at = static_cast<std::size_t>(count == 1 ? 0 : o);
    step.bias[static_cast<std::size_t>(o)] = values[at] * factor;
  }
  draft.count_parameters(count);
}

// What must be added behind so that a last window is kept that hangs over the end.
int ceil_pad(std::int64_t size, int kernel, int stride, int before, int after) {
  const std::int64_t room = size + before + after - kernel;
  if (room < 0) return 0;
  std::int64_t windows = (room + stride - 1) / stride + 1;
  if ((windows - 1) * stride >= size + before) --windows;  // it would begin behind the input
  return static_cast<int>(std::max<std::int64_t>(0, (windows - 1) * stride - room));
}

// A convolution takes the largest of two rows, or of two by two, while its sums are still in registers.
bool fold_pool(PlanDraft& draft, const onnx::Node& node, const Step& pool) {
  const bool rows_of_two = pool.kind == StepKind::pool_largest && pool.kernel_height == 2 &&
                           pool.stride_y == 2 && pool.kernel_width == pool.stride_x && pool.kernel_width <= 2;
  if (!rows_of_two || pool.pad_top + pool.pad_left + pool.pad_bottom + pool.pad_right > 0) return false;
  Step* before = draft.lone_producer(node, 0);
  if (before == nullptr || before->kind != StepKind::convolve || before->pool_height > 1) return false;
  if (before->input == 0 || before->stride_x != 1) return false;  // no kernel for these
  before->pool_height = 2;
  before->pool_width = pool.kernel_width;
  draft.retrace(*before);
  return true;
}

}  // namespace

void take_convolution(PlanDraft& draft, const onnx::Node& node) {
  const Named in = draft.activation(node, 0);
  if (in.flattened && !draft.is_single_pixel(in.value)) draft.fail_node("it follows a flatten");
  const auto& kernel = draft.weights(node, 1);
  if (kernel.dims.size() != 4)
    draft.fail_node("its weights have " + std::to_string(kernel.dims.size()) + " dimensions, not 4");
  const int channels = draft.channels_of(in.value);
  if (kernel.dims[0] > kMaxChannels)
    draft.fail_node("it has " + std::to_string(kernel.dims[0]) + " output channels");
  // Groups and dilations are run as the dense convolution that has zeros where they have nothing.
  const std::int64_t groups = node.int_attribute("group", 1);
  if (groups < 1 || groups > kMaxChannels || kernel.dims[0] % groups != 0) {
    draft.fail_node("its " + std::to_string(kernel.dims[0]) + " output channels do not fall into " +
                    std::to_string(groups) + " groups");
  }
  if (kernel.dims[1] > kMaxChannels || kernel.dims[1] * groups != channels) {
    draft.fail_node("its weights are for " + std::to_string(kernel.dims[1]) + " input channels" +
                    (groups == 1 ? "" : " in each of " + std::to_string(groups) + " groups") +
                    ", the input has " + std::to_string(channels));
  }
  if (kernel.dims[2] > kMaxKernel || kernel.dims[3] > kMaxKernel) {
    draft.fail_node("kernels larger than " + std::to_string(kMaxKernel) + " are not supported");
  }
  Step step{.kind = StepKind::convolve, .input = in.value};
  const auto dilations = draft.int_list(node, "dilations", 2, 1, kMaxKernel, 1);
  step.kernel_height = static_cast<int>((kernel.dims[2] - 1) * dilations[0] + 1);
  step.kernel_width = static_cast<int>((kernel.dims[3] - 1) * dilations[1] + 1);
  if (step.kernel_height > kMaxKernel || step.kernel_width > kMaxKernel) {
    draft.fail_node("kernels that reach over more than " + std::to_string(kMaxKernel) +
                    " values are not supported");
  }
  const auto shape = draft.int_list(node, "kernel_shape", 2, 1, kMaxKernel, 0);
  if (shape[0] != 0 && (shape[0] != kernel.dims[2] || shape[1] != kernel.dims[3])) {
    draft.fail_node("kernel_shape and the shape of its weights differ");
  }
  take_window(draft, node, step, in.pads);
  const auto outputs = static_cast<int>(kernel.dims[0]);
  const std::int64_t reach = std::int64_t{step.kernel_height} * step.kernel_width;
  const std::int64_t group_inputs = kernel.dims[1];
  const std::int64_t group_outputs = outputs / groups;
  const bool plain = groups == 1 && dilations[0] == 1 && dilations[1] == 1;
  claim_convolution(draft, step, outputs, channels * reach);
  const std::vector<float> weights = plain ? std::vector<float>() : kernel.floats.values();
  step.plain_weights = plain ? kernel.floats : reordered(outputs, channels * reach, [&](int o, std::int64_t t) {
    const std::int64_t channel = t / reach - o / group_outputs * group_inputs;
    const std::int64_t y = t % reach / step.kernel_width;
    const std::int64_t x = t % step.kernel_width;
    if (channel < 0 || channel >= group_inputs || y % dilations[0] != 0 || x % dilations[1] != 0) return 0.0F;
    const std::int64_t row = (o * group_inputs + channel) * kernel.dims[2] + y / dilations[0];
    return weights[static_cast<std::size_t>(row * kernel.dims[3] + x / dilations[1])];
  });
  draft.count_parameters(kernel.element_count() - outputs * channels * reach);
  set_bias(draft, node, 2, step, outputs, 1.0F);
  draft.define_output(node, {.value = draft.append(std::move(step), outputs)});
}

void take_fully_connected(PlanDraft& draft, const onnx::Node& node) {
  const bool plain = node.op_type == "MatMul";
  const Named in = draft.activation(node, 0);
  if (!in.flattened && !draft.is_single_pixel(in.value)) draft.fail_node("its input must be flattened first");
  const auto& matrix = draft.weights(node, 1);
  if (matrix.dims.size() != 2)
    draft.fail_node("its weights have " + std::to_string(matrix.dims.size()) + " dimensions, not 2");
  const bool transposed = !plain && node.int_attribute("transB", 0) != 0;
  const float alpha = plain ? 1.0F : draft.float_attribute(node, "alpha", 1.0F);
  const float beta = plain ? 1.0F : draft.float_attribute(node, "beta", 1.0F);
  const std::int64_t outputs = matrix.dims[transposed ? 0 : 1];
  const std::int64_t inputs = matrix.dims[transposed ? 1 : 0];
  const auto trace = draft.trace_of(in.value);
  if (trace.narrow.width != trace.wide.width) {
    draft.fail_node("it needs an input of fixed width, but the network's input width is open");
  }
  const std::int64_t found = draft.channels_of(in.value) * trace.narrow.height * trace.narrow.width;
  if (inputs != found) {
    draft.fail_node("its weights are for " + std::to_string(inputs) + " inputs, it gets " +
                    std::to_string(found));
  }
  if (outputs > kMaxChannels) draft.fail_node("it has " + std::to_string(outputs) + " outputs");
  Step step{.kind = StepKind::convolve, .input = in.value};
  step.kernel_height = static_cast<int>(trace.narrow.height);
  step.kernel_width = static_cast<int>(trace.narrow.width);
  claim_convolution(draft, step, static_cast<int>(outputs), inputs);
  const std::vector<float> weights = matrix.floats.values();
  step.plain_weights = reordered(static_cast<int>(outputs), inputs, [&](int o, std::int64_t t) {
    const std::int64_t row = draft.flat_index(in, t);
    return alpha * weights[static_cast<std::size_t>(transposed ? o * inputs + row : row * outputs + o)];
  });
  if (!plain) set_bias(draft, node, 2, step, static_cast<int>(outputs), beta);
  draft.define_output(node,
                      {.value = draft.append(std::move(step), static_cast<int>(outputs)), .flattened = true});
}

void take_pool(PlanDraft& draft, const onnx::Node& node) {
  const bool largest = node.op_type == "MaxPool";
  const Named in = draft.activation(node, 0);
  if (in.flattened) draft.fail_node("it follows a flatten");
  Step step{.kind = largest ? StepKind::pool_largest : StepKind::pool_mean, .input = draft.blocked(in.value)};
  const auto shape = draft.int_list(node, "kernel_shape", 2, 1, kMaxKernel, 1);
  step.kernel_height = shape[0];
  step.kernel_width = shape[1];
  take_window(draft, node, step);
  if (step.pad_top >= shape[0] || step.pad_bottom >= shape[0] || step.pad_left >= shape[1] ||
      step.pad_right >= shape[1]) {
    draft.fail_node("its pads are not smaller than its window");
  }
  step.count_border = node.int_attribute("count_include_pad", 0) != 0;
  if (node.int_attribute("ceil_mode", 0) != 0) {
    const auto size = draft.trace_of(step.input);
    const int right =
        ceil_pad(size.narrow.width, step.kernel_width, step.stride_x, step.pad_left, step.pad_right);
    if (right != ceil_pad(size.wide.width, step.kernel_width, step.stride_x, step.pad_left, step.pad_right)) {
      draft.fail_node("ceil_mode depends on the width of the input; export without it");
    }
    const int bottom =
        ceil_pad(size.narrow.height, step.kernel_height, step.stride_y, step.pad_top, step.pad_bottom);
    if (step.count_border && right + bottom > 0) {
      draft.fail_node("ceil_mode together with count_include_pad is not supported");
    }
    step.pad_right += right;
    step.pad_bottom += bottom;
  }
  if (fold_pool(draft, node, step)) return draft.define_output(node, in);
  const int channels = draft.channels_of(step.input);
  draft.define_output(node, {.value = draft.append(std::move(step), channels)});
}

void take_global_pool(PlanDraft& draft, const onnx::Node& node) {
  const Named in = draft.activation(node, 0);
  if (in.flattened) draft.fail_node("it follows a flatten");
  const int value = draft.blocked(in.value);
  draft.define_output(node, {.value = draft.append({.kind = StepKind::pool_global, .input = value},
                                                   draft.channels_of(value))});
}

void take_reduce_mean(PlanDraft& draft, const onnx::Node& node) {
  Named named = draft.any_activation(node, 0);
  const auto axes = draft.axes_of(node, draft.item_sizes(named).size() + 1);
  using Axes = std::vector<std::int64_t>;
  if (named.flattened || named.order == Order::no_channels ||
      axes != (named.order == Order::channels_last ? Axes{1, 2} : Axes{2, 3})) {
    draft.fail_node("a mean is supported only over all rows and columns");
  }
  const int value = draft.blocked(named.value);
  named.value = draft.append({.kind = StepKind::pool_global, .input = value}, draft.channels_of(value));
  if (node.int_attribute("keepdims", 1) == 0) draft.flatten(named);
  draft.define_output(node, named);
}

void take_pad(PlanDraft& draft, const onnx::Node& node) {
  Named named = draft.any_activation(node, 0);
  if (node.has_input(3))
    draft.fail_node("padding along chosen axes is not supported; export with operator set 13");
  const auto* attribute = node.attribute("pads");
  const auto pads = attribute != nullptr ? attribute->ints : draft.size_list(node, 1);
  const float value = draft.number(node, "value", 2).value_or(0.0F);
  const std::size_t rank = draft.item_sizes(named).size() + 1;
  if (named.flattened || pads.size() != 2 * rank) {
    draft.fail_node("it has " + std::to_string(pads.size()) + " pads, expected " + std::to_string(2 * rank) +
                    " around a plane");
  }
  // Only rows and columns may be padded.
  const std::size_t rows = named.order == Order::channels_first ? 2 : 1;
  for (std::size_t i = 0; i < pads.size(); ++i) {
    const bool plane = i % rank == rows || i % rank == rows + 1;
    if (pads[i] < 0 || pads[i] > (plane ? kMaxKernel : 0)) {
      draft.fail_node("it pads by " + std::to_string(pads[i]) + "; allowed are 0 to " +
                      std::to_string(kMaxKernel) + " in rows and columns, nothing elsewhere");
    }
  }
  const std::array<int, 4> frame = {static_cast<int>(pads[rows]), static_cast<int>(pads[rows + 1]),
                                    static_cast<int>(pads[rank + rows]),
                                    static_cast<int>(pads[rank + rows + 1])};
  const bool nothing = frame == std::array<int, 4>{};
  if (nothing || (value == 0.0F && draft.only_convolved(node) && named.order == Order::channels_first)) {
    named.pads = frame;
    return draft.define_alias(node, draft.named_input(node, 0), named);
  }
  Step step{.kind = StepKind::pad,
            .input = draft.blocked(named.value),
            .pad_top = frame[0],
            .pad_left = frame[1],
            .pad_bottom = frame[2],
            .pad_right = frame[3],
            .least = value};
  const int channels = draft.channels_of(step.input);
  named.value = draft.append(std::move(step), channels);
  draft.define_output(node, named);
}

}  // namespace inkfield::recognizer::planning
