// Operators that take each value by itself: activation functions, sums of branches, constants added or
// multiplied, batch normalisation. What can be folded into the step before is.
#include "recognizer/engine/plan_operators.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recognizer/engine/plan_draft.h"

namespace inkfield::recognizer::planning {

using onnx::quoted;

namespace {

void append_elementwise(PlanDraft& draft, const onnx::Node& node, Step step) {
  Named named = draft.any_activation(node, 0);
  step.input = draft.blocked(named.value);
  const int channels = draft.channels_of(step.input);
  named.value = draft.append(std::move(step), channels);
  draft.define_output(node, named);
}

// What multiplies and what is added, by channel or, if `by_unit`, for every value in the order channel,
// row, column.
struct Affine {
  bool by_unit = false;
  std::vector<float> scale;
  std::vector<float> shift;
};

// A constant spread over the values of an activation by the rules of ONNX: aligned at the last dimension.
std::vector<float> spread_constant(const PlanDraft& draft, const onnx::Tensor& tensor, const Named& in,
                                   bool& by_unit) {
  const auto& trace = draft.trace_of(in.value);
  const std::int64_t channels = draft.channels_of(in.value);
  const std::int64_t height = trace.narrow.height;
  const std::int64_t width = trace.narrow.width;
  const bool open = width != trace.wide.width;
  const bool last = in.order == Order::channels_last;
  std::vector<std::int64_t> shape = draft.item_sizes(in);
  shape.insert(shape.begin(), 1);
  // Where the shape has channels, rows and columns; steps of a missing dimension are zero.
  const std::size_t channel_at = in.flattened || in.order == Order::no_channels ? 4 : last ? 3 : 1;
  const std::size_t row_at = in.flattened ? 4 : in.order == Order::channels_first ? 2 : 1;
  const std::size_t column_at = in.flattened ? 4 : row_at + 1;
  const auto& dims = tensor.dims;
  bool fits = dims.size() <= shape.size();
  std::array<std::int64_t, 5> steps = {};
  std::int64_t step = 1;
  for (std::size_t i = 1; fits && i <= dims.size(); ++i) {
    const std::size_t at = shape.size() - i;
    const std::int64_t dim = dims[dims.size() - i];
    fits = dim == 1 || (dim == shape[at] && !(open && (in.flattened || at == column_at)));
    if (dim != 1) steps[at] = step;
    step *= dim;
  }
  if (!fits) {
    draft.fail_node(
        "its constant does not fit its input; it may be one number, one for each channel or one for each "
        "value");
  }
  const std::int64_t pixels = height * width;
  by_unit = !draft.is_single_pixel(in.value) &&
            (in.flattened ? steps[1] != 0 : steps[row_at] != 0 || steps[column_at] != 0);
  const std::vector<float> constant = tensor.floats.values();
  std::vector<float> values(static_cast<std::size_t>(by_unit ? channels * pixels : channels));
  std::size_t i = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t p = 0; p < (by_unit ? pixels : 1); ++p) {
      const std::int64_t from =
          in.flattened ? draft.flat_index(in, c * pixels + p) * steps[1]
                       : c * steps[channel_at] + p / width * steps[row_at] + p % width * steps[column_at];
      values[i++] = constant[static_cast<std::size_t>(from)];
    }
  }
  return values;
}

// Finite constants can still multiply to an infinity, and one such weight makes every answer none.
void check_finite(const PlanDraft& draft, const std::vector<float>& weights, const std::vector<float>& bias) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(weights.begin(), weights.end(), finite) || !std::all_of(bias.begin(), bias.end(), finite)) {
    draft.fail_node("its constants and the weights before it multiply to numbers beyond float32");
  }
}

// Folds into the step before where that is a convolution or of the same kind, else becomes a step.
void apply(PlanDraft& draft, const onnx::Node& node, std::size_t at, Named named, const Affine& affine) {
  const auto channels = static_cast<std::size_t>(draft.channels_of(named.value));
  const bool scales =
      std::any_of(affine.scale.begin(), affine.scale.end(), [](float s) { return s != 1.0F; });
  Step* before = draft.foldable(node, at);
  // The largest of a window is taken before anything folded in here; a negative factor would make it the
  // least.
  if (before != nullptr && before->pool_height > 1) before = nullptr;
  if (before != nullptr && !affine.by_unit && before->kind == StepKind::convolve) {
    std::vector<float> scaled;
    if (scales) {
      // Bits stay as they are where nothing is scaled.
      scaled = before->plain_weights.values();
      const std::size_t taps = scaled.size() / channels;
      for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= affine.scale[i / taps];
    }
    for (std::size_t c = 0; c < channels; ++c) {
      before->bias[c] = (scales ? before->bias[c] * affine.scale[c] : before->bias[c]) + affine.shift[c];
    }
    check_finite(draft, scaled, before->bias);
    if (scales) before->plain_weights = std::move(scaled);
    return draft.define_output(node, named);
  }
  if (before != nullptr && !affine.by_unit && before->kind == StepKind::scale_shift) {
    for (std::size_t c = 0; c < channels; ++c) {
      before->weights[c] *= affine.scale[c];
      before->bias[c] = before->bias[c] * affine.scale[c] + affine.shift[c];
    }
    check_finite(draft, before->weights, before->bias);
    return draft.define_output(node, named);
  }
  const int value = draft.blocked(named.value);
  Step step{.kind = affine.by_unit ? StepKind::scale_shift_units : StepKind::scale_shift, .input = value};
  const auto& size = draft.trace_of(value).narrow;
  const std::size_t pixels = affine.by_unit ? static_cast<std::size_t>(size.height * size.width) : 1;
  const std::size_t whole =
      static_cast<std::size_t>(block_count(static_cast<int>(channels))) * kLanes * pixels;
  draft.claim_weights(static_cast<std::int64_t>(whole), "the network's constants are too large");
  step.weights.assign(whole, 0.0F);
  step.bias.assign(whole, 0.0F);
  for (std::size_t i = 0; i < channels * pixels; ++i) {
    const std::size_t c = i / pixels;
    const std::size_t to = (c / kLanes * pixels + i % pixels) * kLanes + c % kLanes;
    step.weights[to] = affine.scale[i];
    step.bias[to] = affine.shift[i];
  }
  check_finite(draft, step.weights, step.bias);
  named.value = draft.append(std::move(step), static_cast<int>(channels));
  draft.define_output(node, named);
}

}  // namespace

void take_relu(PlanDraft& draft, const onnx::Node& node) {
  const Named in = draft.any_activation(node, 0);
  if (Step* before = draft.foldable(node, 0)) {
    before->relu = true;
    return draft.define_output(node, in);
  }
  append_elementwise(draft, node, {.kind = StepKind::relu});
}

void take_clip(PlanDraft& draft, const onnx::Node& node) {
  const auto least = draft.number(node, "min", 1);
  const auto most = draft.number(node, "max", 2);
  if (least && *least == 0.0F && !most) return take_relu(draft, node);
  constexpr float kLargest = std::numeric_limits<float>::max();
  append_elementwise(
      draft, node,
      {.kind = StepKind::clip, .least = least.value_or(-kLargest), .most = most.value_or(kLargest)});
}

void take_leaky_relu(PlanDraft& draft, const onnx::Node& node) {
  const Named& in = draft.any_activation(node, 0);
  const auto channels = static_cast<std::size_t>(draft.channels_of(in.value));
  Step step{.kind = StepKind::leaky_relu};
  step.weights.assign(static_cast<std::size_t>(block_count(static_cast<int>(channels))) * kLanes, 0.0F);
  if (node.op_type == "LeakyRelu") {
    std::fill_n(step.weights.begin(), channels, draft.float_attribute(node, "alpha", 0.01F));
  } else {
    bool by_unit = false;
    const auto slopes = spread_constant(draft, draft.weights(node, 1), in, by_unit);
    if (by_unit) draft.fail_node("slopes must be one number or one for each channel");
    std::copy(slopes.begin(), slopes.end(), step.weights.begin());
    draft.count_parameters(draft.weights(node, 1).element_count());
  }
  append_elementwise(draft, node, std::move(step));
}

void take_tanh(PlanDraft& draft, const onnx::Node& node) {
  append_elementwise(draft, node, {.kind = StepKind::tanh});
}

void take_sigmoid(PlanDraft& draft, const onnx::Node& node) {
  append_elementwise(draft, node, {.kind = StepKind::sigmoid});
}

void take_add(PlanDraft& draft, const onnx::Node& node) {
  if (draft.named_input(node, 0).constant != nullptr || draft.named_input(node, 1).constant != nullptr) {
    return take_constant_arithmetic(draft, node);
  }
  const Named a = draft.any_activation(node, 0);
  const Named b = draft.any_activation(node, 1);
  const int left = draft.blocked(a.value);
  const int right = draft.blocked(b.value);
  const auto same = [](PlaneSize s, PlaneSize t) { return s.height == t.height && s.width == t.width; };
  if (draft.channels_of(left) != draft.channels_of(right) || a.flattened != b.flattened ||
      a.order != b.order || !same(draft.trace_of(left).narrow, draft.trace_of(right).narrow) ||
      !same(draft.trace_of(left).wide, draft.trace_of(right).wide)) {
    draft.fail_node("its inputs differ in shape");
  }
  const int value =
      draft.append({.kind = StepKind::add, .input = left, .second_input = right}, draft.channels_of(left));
  draft.define_output(node, {.value = value, .flattened = a.flattened, .order = a.order});
}

// Add, Sub, Mul and Div of an activation and a constant.
void take_constant_arithmetic(PlanDraft& draft, const onnx::Node& node) {
  const bool first_constant = draft.named_input(node, 0).constant != nullptr;
  const bool second_constant = draft.named_input(node, 1).constant != nullptr;
  if (first_constant && second_constant)
    draft.fail_node("both its inputs are constants; export with constants folded");
  if (!first_constant && !second_constant) draft.fail_node("one of its inputs must be a constant");
  const std::size_t at = first_constant ? 1 : 0;
  const Named named = draft.any_activation(node, at);
  const auto& tensor = draft.weights(node, 1 - at);
  Affine affine;
  const auto values = spread_constant(draft, tensor, named, affine.by_unit);
  draft.count_parameters(tensor.element_count());
  affine.scale.assign(values.size(), 1.0F);
  affine.shift.assign(values.size(), 0.0F);
  const std::string_view op = node.op_type;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (op == "Add") {
      affine.shift[i] = values[i];
    } else if (op == "Sub") {
      affine.shift[i] = first_constant ? values[i] : -values[i];
      if (first_constant) affine.scale[i] = -1.0F;
    } else if (op == "Mul") {
      affine.scale[i] = values[i];
    } else {
      affine.scale[i] = 1.0F / values[i];
      if (first_constant) draft.fail_node("a constant divided by the input is not supported");
      if (!std::isfinite(affine.scale[i])) draft.fail_node("it divides by zero");
    }
  }
  apply(draft, node, at, named, affine);
}

void take_batch_normalization(PlanDraft& draft, const onnx::Node& node) {
  const Named named = draft.activation(node, 0);
  Affine affine;
  affine.by_unit = named.flattened && !draft.is_single_pixel(named.value);
  const auto& size = draft.trace_of(named.value);
  if (affine.by_unit && size.narrow.width != size.wide.width)
    draft.fail_node("it follows a flatten of open width");
  const auto channels = static_cast<std::size_t>(
      draft.channels_of(named.value) * (affine.by_unit ? size.narrow.height * size.narrow.width : 1));
  std::array<std::vector<float>, 4> parts;
  for (std::size_t i = 0; i < 4; ++i) {
    parts[i] = draft.weights(node, i + 1).floats.values();
    if (parts[i].size() != channels) {
      draft.fail_node("input " + quoted(node.inputs[i + 1]) + " has " +
                      std::to_string(parts[i].size()) + " values for " + std::to_string(channels) +
                      " channels");
    }
  }
  const double epsilon = draft.float_attribute(node, "epsilon", 1e-5F);
  affine.scale.resize(channels);
  affine.shift.resize(channels);
  for (std::size_t unit = 0; unit < channels; ++unit) {
    const auto c = affine.by_unit
                       ? static_cast<std::size_t>(draft.flat_index(named, static_cast<std::int64_t>(unit)))
                       : unit;
    const double variance = static_cast<double>(parts[3][c]) + epsilon;
    if (!(variance > 0)) draft.fail_node("a variance is not positive");
    const double factor = static_cast<double>(parts[0][c]) / std::sqrt(variance);
    affine.scale[unit] = static_cast<float>(factor);
    affine.shift[unit] = static_cast<float>(static_cast<double>(parts[1][c]) -
                                            factor * static_cast<double>(parts[2][c]));
  }
  draft.count_parameters(static_cast<std::int64_t>(2 * channels));
  apply(draft, node, 0, named, affine);
}

}  // namespace inkfield::recognizer::planning
