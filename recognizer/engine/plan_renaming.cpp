// Operators that compute nothing: they give what is there another name, order or shape, or make constants and
// lists of sizes.
#include "recognizer/engine/plan_operators.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/engine/plan_draft.h"

namespace inkfield::recognizer::planning {
namespace {

void reshape_constant(PlanDraft& draft, const onnx::Node& node, const onnx::Tensor& constant,
                      const std::vector<std::int64_t>& shape) {
  // Some exporters reshape the weights of a fully connected layer.
  onnx::Tensor reshaped = constant;
  const std::int64_t elements = constant.element_count();
  std::int64_t count = 1;
  for (const auto dim : shape) {
    if (dim > onnx::kMaxTensorElements) draft.fail_node("it reshapes a constant to no valid shape");
  }
  for (auto& dim : reshaped.dims = shape) {
    if (dim == -1 && elements > 0) {
      std::int64_t others = 1;
      for (const auto other : shape) others *= other > 0 && others <= elements ? other : 1;
      dim = elements / others;
    }
    if (dim < 1 || dim > onnx::kMaxTensorElements / count)
      draft.fail_node("it reshapes a constant to no valid shape");
    count *= dim;
  }
  if (shape.size() > 8 || count != elements)
    draft.fail_node("it reshapes a constant to another number of values");
  draft.define_constant(node, std::move(reshaped));
}

void transpose_constant(PlanDraft& draft, const onnx::Node& node, const onnx::Tensor& tensor,
                        const onnx::Attribute* attribute) {
  if (tensor.dims.size() != 2 || tensor.floats.empty() ||
      (attribute != nullptr && attribute->ints != std::vector<std::int64_t>{1, 0})) {
    draft.fail_node("of constants only a matrix may be transposed; export with constants folded");
  }
  onnx::Tensor turned = tensor;
  std::swap(turned.dims[0], turned.dims[1]);
  const auto rows = static_cast<std::size_t>(tensor.dims[0]);
  const auto columns = static_cast<std::size_t>(tensor.dims[1]);
  const std::vector<float> straight = tensor.floats.values();
  std::vector<float> values(straight.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i % columns * rows + i / columns] = straight[i];
  }
  turned.floats = std::move(values);
  draft.define_constant(node, std::move(turned));
}

}  // namespace

void take_flatten(PlanDraft& draft, const onnx::Node& node) {
  Named flat = draft.any_activation(node, 0);
  const auto rank = static_cast<std::int64_t>(draft.item_sizes(flat).size()) + 1;
  const std::int64_t axis = node.int_attribute("axis", 1);
  if (axis != 1 && axis != 1 - rank) draft.fail_node("only a flatten from axis 1 is supported");
  draft.flatten(flat);
  draft.define_alias(node, draft.any_activation(node, 0), flat);
}

void take_reshape(PlanDraft& draft, const onnx::Node& node) {
  const Named in = draft.named_input(node, 0);
  const auto shape = draft.size_list(node, 1);
  if (in.sizes != nullptr) return draft.define_output(node, in);
  if (in.constant != nullptr) return reshape_constant(draft, node, *in.constant, shape);
  Named named = draft.any_activation(node, 0);
  const auto now = draft.item_sizes(named);
  const auto refuse = [&] {
    std::string text;
    for (const auto size : shape) {
      text += (text.empty() ? "[" : ", ") + (size == kBatchSize  ? "N"
                                             : size == kOpenSize ? "width"
                                                                 : std::to_string(size));
    }
    draft.fail_node("a reshape to " + text +
                    "] is not supported: only one to [N, everything else], and between the " +
                    "orders of a plane with one channel");
  };
  // The batch goes through as it is.
  if (shape.size() < 2 || shape.size() > 4 || shape[0] == kOpenSize ||
      (shape[0] < -1 && shape[0] != kBatchSize))
    refuse();
  std::vector<std::int64_t> to(shape.begin() + 1, shape.end());
  std::int64_t count = 1;
  bool open = false;
  for (const auto size : now) {
    open = open || size == kOpenSize;
    count *= size == kOpenSize ? 1 : size;
  }
  // An open -1 takes what the others leave.
  std::int64_t rest = count;
  int unknown = shape[0] == -1 ? 1 : 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && i < now.size()) to[i] = now[i];
    if (to[i] == -1) {
      ++unknown;
    } else if (to[i] == kOpenSize && open) {
      continue;
    } else if (to[i] < 1 || rest % to[i] != 0) {
      refuse();
    } else {
      rest /= to[i];
    }
  }
  if (unknown > 1) refuse();
  for (auto& size : to) {
    if (size == -1) size = open ? kOpenSize : rest;
  }
  if (to == now) return draft.define_alias(node, named, named);
  const auto& size = draft.trace_of(named.value).narrow;
  const std::int64_t channels = draft.channels_of(named.value);
  const std::int64_t width = open ? kOpenSize : size.width;
  const bool any_order = channels == 1 || draft.is_single_pixel(named.value);
  named.trailing = false;
  if (to.size() == 1 && to[0] == (open ? kOpenSize : count)) {
    draft.flatten(named);
  } else if (to == std::vector{channels, size.height, width} &&
             (any_order || named.order == Order::channels_first)) {
    named.flattened = false;
    named.order = Order::channels_first;
  } else if (to == std::vector{size.height, width, channels} &&
             (any_order || named.order == Order::channels_last)) {
    named.flattened = false;
    named.order = Order::channels_last;
  } else if (channels == 1 && to == std::vector{size.height, width}) {
    named.flattened = false;
    named.order = Order::no_channels;
  } else {
    refuse();
  }
  draft.define_alias(node, draft.any_activation(node, 0), named);
}

void take_squeeze(PlanDraft& draft, const onnx::Node& node) {
  const bool unsqueeze = node.op_type == "Unsqueeze";
  const Named in = draft.named_input(node, 0);
  // The lists of sizes that exporters make are one number or a list of one: the same here.
  if (in.sizes != nullptr) return draft.define_output(node, in);
  if (in.constant != nullptr) {
    onnx::Tensor tensor = *in.constant;
    const std::size_t more = unsqueeze && node.attribute("axes") != nullptr
                                 ? node.attribute("axes")->ints.size()
                             : unsqueeze && node.has_input(1) ? draft.size_list(node, 1).size()
                                                              : 0;
    if (more > 8) draft.fail_node("it has more than 8 axes");
    auto axes = draft.axes_of(node, tensor.dims.size() + more);
    if (!unsqueeze) std::reverse(axes.begin(), axes.end());
    for (const auto axis : axes) {
      const auto at = tensor.dims.begin() + axis;
      if (unsqueeze) {
        tensor.dims.insert(at, 1);
      } else if (*at != 1) {
        draft.fail_node("it squeezes a dimension that is not 1");
      } else {
        tensor.dims.erase(at);
      }
    }
    return draft.define_constant(node, std::move(tensor));
  }
  Named named = draft.any_activation(node, 0);
  using Axes = std::vector<std::int64_t>;
  const std::size_t rank = draft.item_sizes(named).size() + 1;
  const bool single = draft.is_single_pixel(named.value);
  const bool one_channel = draft.channels_of(named.value) == 1;
  if (unsqueeze) {
    const auto* attribute = node.attribute("axes");
    const Axes axes = draft.axes_of(
        node, rank + (attribute != nullptr ? attribute->ints.size() : draft.size_list(node, 1).size()));
    if (!named.flattened && named.order == Order::no_channels && (axes == Axes{1} || axes == Axes{0})) {
      named.order = Order::channels_first;
    } else if (!named.flattened && named.order == Order::no_channels && axes == Axes{3}) {
      named.order = Order::channels_last;
    } else if (named.flattened && single && axes == Axes{2}) {
      named.trailing = true;
    } else if (named.flattened && single && axes == Axes{2, 3}) {
      named.flattened = false;
      named.order = Order::channels_first;
    } else {
      draft.fail_node("only a dimension of channels may be added");
    }
  } else {
    const Axes axes = draft.axes_of(node, rank);
    const bool first = !named.flattened && named.order == Order::channels_first;
    const bool last = !named.flattened && named.order == Order::channels_last;
    if (single && ((first && axes == Axes{2, 3}) || (last && axes == Axes{1, 2}))) {
      draft.flatten(named);
    } else if (named.trailing && axes == Axes{2}) {
      named.trailing = false;
    } else if (one_channel && ((first && axes == Axes{1}) || (last && axes == Axes{3}))) {
      named.order = Order::no_channels;
    } else {
      draft.fail_node("only rows and columns of a single value, or a single channel, may be squeezed away");
    }
  }
  draft.define_alias(node, draft.any_activation(node, 0), named);
}

void take_transpose(PlanDraft& draft, const onnx::Node& node) {
  const Named in = draft.named_input(node, 0);
  const auto* attribute = node.attribute("perm");
  if (in.constant != nullptr) return transpose_constant(draft, node, *in.constant, attribute);
  Named named = draft.any_activation(node, 0);
  const std::size_t rank = draft.item_sizes(named).size() + 1;
  std::vector<std::int64_t> order(rank);
  for (std::size_t i = 0; i < rank; ++i) order[i] = static_cast<std::int64_t>(rank - 1 - i);
  if (attribute != nullptr) order = attribute->ints;
  using Axes = std::vector<std::int64_t>;
  if (!std::is_sorted(order.begin(), order.end()) || order.size() != rank) {
    if (!named.flattened && named.order == Order::channels_first && order == Axes{0, 2, 3, 1}) {
      named.order = Order::channels_last;
    } else if (!named.flattened && named.order == Order::channels_last && order == Axes{0, 3, 1, 2}) {
      named.order = Order::channels_first;
    } else {
      draft.fail_node(
          "only the channels may be moved, from [N, height, width, channels] to [N, channels, height, "
          "width] or back");
    }
  }
  draft.define_alias(node, draft.any_activation(node, 0), named);
}

void take_constant(PlanDraft& draft, const onnx::Node& node) {
  if (const auto* attribute = node.attribute("value"); attribute != nullptr && attribute->t) {
    return draft.define_output(node, {.constant = &*attribute->t});
  }
  onnx::Tensor tensor;
  if (const auto* one = node.attribute("value_float"); one != nullptr) {
    tensor.floats = std::vector<float>{one->f};
  } else if (const auto* several = node.attribute("value_floats"); several != nullptr) {
    tensor.floats = several->floats;
    tensor.dims = {static_cast<std::int64_t>(several->floats.size())};
  } else if (const auto* whole = node.attribute("value_int"); whole != nullptr) {
    tensor.ints = {whole->i};
  } else if (const auto* list = node.attribute("value_ints"); list != nullptr) {
    tensor.ints = list->ints;
    tensor.dims = {static_cast<std::int64_t>(list->ints.size())};
  } else {
    draft.fail_node("only constants given as a tensor or as numbers are supported");
  }
  tensor.data_type =
      static_cast<std::int32_t>(tensor.ints.empty() ? onnx::DataType::float32 : onnx::DataType::int64);
  for (const float value : tensor.floats.values()) {
    if (!std::isfinite(value)) draft.fail_node("it holds a value that is not finite");
  }
  draft.define_constant(node, std::move(tensor));
}

void take_shape(PlanDraft& draft, const onnx::Node& node) {
  const Named& in = draft.any_activation(node, 0);
  if (node.attribute("start") != nullptr || node.attribute("end") != nullptr) {
    draft.fail_node("a part of a shape is not supported");
  }
  auto sizes = draft.item_sizes(in);
  sizes.insert(sizes.begin(), kBatchSize);
  draft.define_sizes(node, std::move(sizes));
}

void take_gather(PlanDraft& draft, const onnx::Node& node) {
  const auto& from = draft.size_list(node, 0);
  std::vector<std::int64_t> sizes;
  for (auto index : draft.size_list(node, 1)) {
    if (index < 0) index += static_cast<std::int64_t>(from.size());
    if (index < 0 || index >= static_cast<std::int64_t>(from.size()))
      draft.fail_node("its index is out of range");
    sizes.push_back(from[static_cast<std::size_t>(index)]);
  }
  draft.define_sizes(node, std::move(sizes));
}

void take_concat(PlanDraft& draft, const onnx::Node& node) {
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (draft.named_input(node, i).value >= 0)
      draft.fail_node("activations side by side are not supported, only sizes");
    const auto& part = draft.size_list(node, i);
    if (part.size() > kMaxSizes) draft.fail_node("it joins a list of more than 64 sizes");
    sizes.insert(sizes.end(), part.begin(), part.end());
  }
  draft.define_sizes(node, std::move(sizes));
}

void take_cast(PlanDraft& draft, const onnx::Node& node) {
  const Named named = draft.named_input(node, 0);
  const std::int64_t to = node.int_attribute("to", 0);
  constexpr auto kFloat = static_cast<std::int64_t>(onnx::DataType::float32);
  constexpr auto kWhole = static_cast<std::int64_t>(onnx::DataType::int64);
  const bool from_whole =
      named.sizes != nullptr || (named.constant != nullptr && named.constant->floats.empty());
  if (from_whole ? to != kWhole : to != kFloat) draft.fail_node("a change of type is not supported");
  if (named.value < 0) return draft.define_output(node, named);
  draft.define_alias(node, named, named);
}

// Weights may be stored as signed bytes, as a network in int8 uses them.
void take_dequantize(PlanDraft& draft, const onnx::Node& node) {
  const Named& bytes = draft.named_input(node, 0);
  if (bytes.constant == nullptr) draft.fail_node("only weights may be stored as bytes; leave activations in float32");
  if (node.has_input(2)) {
    const auto* zero = draft.named_input(node, 2).constant;
    std::vector<std::int8_t> points(zero == nullptr ? 0 : zero->bytes.size());
    if (zero != nullptr) zero->bytes.copy(0, points.size(), points.data());
    if (points.empty() || std::any_of(points.begin(), points.end(), [](std::int8_t point) { return point != 0; })) {
      draft.fail_node("its zero point is not 0; quantise weights symmetrically, to signed bytes");
    }
  }
  const onnx::Tensor& scale = draft.weights(node, 1);
  draft.define_constant(node, onnx::dequantised(*bytes.constant, scale, node.int_attribute("axis", 1), "node " + draft.node_name()));
}

void take_identity(PlanDraft& draft, const onnx::Node& node) {
  const Named named = draft.named_input(node, 0);
  if (named.value < 0) return draft.define_output(node, named);
  draft.define_alias(node, named, named);
}

void take_softmax(PlanDraft& draft, const onnx::Node& node) {
  Named named = draft.activation(node, 0);
  const bool flat = named.flattened;
  const bool old = draft.opset() < 13;
  const std::int64_t axis = node.int_attribute("axis", old ? 1 : -1);
  if (flat && !draft.is_single_pixel(named.value)) draft.fail_node("it must run over the classes");
  if (axis != 1 && axis != (flat ? -1 : -3)) draft.fail_node("it must run over the classes, axis 1");
  if (old && !flat && !draft.is_single_pixel(named.value)) {
    draft.fail_node(
        "before operator set 13 a softmax runs over all axes; export with operator set 13 or later");
  }
  // The reader takes the softmax itself; what comes before it are the raw scores.
  named.softmax = true;
  draft.define_alias(node, draft.activation(node, 0), named);
}

}  // namespace inkfield::recognizer::planning
