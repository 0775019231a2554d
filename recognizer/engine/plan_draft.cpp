// Names, shapes and steps of a plan that is being made.
#include "recognizer/engine/plan_draft.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace inkfield::recognizer::planning {

using onnx::fail;
using onnx::quoted;

namespace {

constexpr std::int64_t kMaxPlaneSize = 8192;

}  // namespace

PlanDraft::PlanDraft(const onnx::Model& model) : model_(model) {
  plan_.steps.reserve(model_.nodes.size());
  for (const auto& node : model_.nodes) {
    for (const auto& name : node.inputs) ++consumers_[name];
    if (node.op_type == "Conv" && !node.inputs.empty()) convolved_[node.inputs[0]] = true;
    for (const auto& name : node.outputs) {
      if (!name.empty()) made_somewhere_[name] = true;
    }
  }
  for (const auto& output : model_.outputs) ++consumers_[output.name];
}

void PlanDraft::begin_node(const onnx::Node& node) {
  node_ = onnx::quoted(node.op_type).substr(1);
  node_.pop_back();
  node_ += " " + quoted(node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name);
}

void PlanDraft::fail_node(const std::string& what) const { fail("node " + node_ + ": " + what); }

const Named* PlanDraft::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second;
}

void PlanDraft::define(const std::string& name, const Named& named) {
  if (name.empty()) fail_node("an output has no name");
  if (!names_.emplace(name, named).second) fail("two things are called " + quoted(name));
  if (named.value >= 0) plan_.values[static_cast<std::size_t>(named.value)].name = name;
}

void PlanDraft::define_input(const std::string& name, const Named& named, PlaneSize narrow, PlaneSize wide) {
  plan_.values.push_back({.channels = 1, .lanes = 1});
  traced_.push_back({.narrow = narrow, .wide = wide});
  node_ = quoted(name);
  define(name, named);
}

void PlanDraft::define_initializer(const onnx::Tensor& tensor) {
  if (tensor.name.empty()) fail("an initializer has no name");
  node_ = quoted(tensor.name);
  define(tensor.name, {.constant = &tensor});
}

void PlanDraft::define_output(const onnx::Node& node, const Named& named) {
  if (node.outputs.empty()) fail_node("it has no output");
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (!node.outputs[i].empty() && consumers_.contains(node.outputs[i])) {
      fail_node("its second output is used, which is not supported");
    }
  }
  define(node.outputs[0], named);
}

void PlanDraft::define_alias(const onnx::Node& node, const Named& from, const Named& to) {
  if (!has_one_reader(node.inputs[0])) shared_values_[from.value] = true;
  define_output(node, to);
}

void PlanDraft::define_sizes(const onnx::Node& node, std::vector<std::int64_t> sizes) {
  if (sizes.size() > kMaxSizes) fail_node("it makes a list of more than 64 sizes");
  made_sizes_.push_back(std::make_unique<std::vector<std::int64_t>>(std::move(sizes)));
  define_output(node, {.sizes = made_sizes_.back().get()});
}

void PlanDraft::define_constant(const onnx::Node& node, onnx::Tensor tensor) {
  claim_weights(tensor.element_count(), "the network's weights are too large");
  made_constants_.push_back(std::make_unique<onnx::Tensor>(std::move(tensor)));
  define_output(node, {.constant = made_constants_.back().get()});
}

const Named& PlanDraft::named_input(const onnx::Node& node, std::size_t index) const {
  if (!node.has_input(index)) fail_node("input " + std::to_string(index) + " is missing");
  const auto& name = node.inputs[index];
  const auto found = names_.find(name);
  if (found == names_.end()) {
    fail_node("its input " + quoted(name) +
              (made_somewhere_.contains(name) ? " hangs on this node itself: the graph has a cycle"
                                              : " is made by nothing in the graph"));
  }
  return found->second;
}

const Named& PlanDraft::any_activation(const onnx::Node& node, std::size_t index) const {
  const Named& named = named_input(node, index);
  if (named.value < 0) fail_node("input " + quoted(node.inputs[index]) + " must not be a constant");
  if (named.softmax) fail_node("nothing may follow the softmax");
  return named;
}

const Named& PlanDraft::activation(const onnx::Node& node, std::size_t index) const {
  const Named& named = any_activation(node, index);
  if (!named.flattened && named.order != Order::channels_first) {
    fail_node(named.order == Order::channels_last
                  ? "its input has the order [N, height, width, channels]; a Transpose to [N, channels, "
                    "height, width] must come first"
                  : "its input has no dimension of channels; an Unsqueeze or Reshape to [N, 1, height, "
                    "width] must come first");
  }
  return named;
}

const onnx::Tensor& PlanDraft::weights(const onnx::Node& node, std::size_t index) const {
  const Named& named = named_input(node, index);
  if (named.constant == nullptr) fail_node("input " + quoted(node.inputs[index]) + " must be a constant");
  if (named.constant->data_type != static_cast<std::int32_t>(onnx::DataType::float32)) {
    fail_node("weights " + quoted(node.inputs[index]) + " are not float32; export the network in float32");
  }
  if (named.constant->element_count() == 0) fail_node("weights " + quoted(node.inputs[index]) + " are empty");
  return *named.constant;
}

const std::vector<std::int64_t>& PlanDraft::size_list(const onnx::Node& node, std::size_t index) const {
  const Named& named = named_input(node, index);
  if (named.sizes != nullptr) return *named.sizes;
  if (named.constant == nullptr || named.constant->dims.size() > 1 ||
      named.constant->ints.size() != static_cast<std::size_t>(named.constant->element_count())) {
    fail_node("input " + quoted(node.inputs[index]) + " must be a constant list of int64");
  }
  return named.constant->ints;
}

std::vector<std::int64_t> PlanDraft::axes_of(const onnx::Node& node, std::size_t rank) const {
  const auto* attribute = node.attribute("axes");
  if (attribute == nullptr && !node.has_input(1)) fail_node("its axes are missing");
  auto axes = attribute != nullptr ? attribute->ints : size_list(node, 1);
  for (auto& axis : axes) {
    if (axis < 0) axis += static_cast<std::int64_t>(rank);
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) fail_node("an axis is out of range");
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) fail_node("an axis stands twice");
  return axes;
}

std::optional<float> PlanDraft::number(const onnx::Node& node, std::string_view attribute,
                                       std::size_t input) const {
  if (node.attribute(attribute) != nullptr) return float_attribute(node, attribute, 0);
  if (!node.has_input(input)) return std::nullopt;
  const auto& tensor = weights(node, input);
  if (tensor.element_count() != 1) fail_node("input " + quoted(node.inputs[input]) + " must be one number");
  return tensor.floats.values()[0];
}

float PlanDraft::float_attribute(const onnx::Node& node, std::string_view name, float otherwise) const {
  const auto* attribute = node.attribute(name);
  if (attribute == nullptr) return otherwise;
  if (!std::isfinite(attribute->f)) fail_node("attribute " + std::string(name) + " is not finite");
  return attribute->f;
}

std::vector<int> PlanDraft::int_list(const onnx::Node& node, std::string_view name, std::size_t length,
                                     std::int64_t least, std::int64_t most, int otherwise) const {
  const auto* attribute = node.attribute(name);
  if (attribute == nullptr) return std::vector<int>(length, otherwise);
  if (attribute->ints.size() != length) {
    fail_node("attribute " + std::string(name) + " has " + std::to_string(attribute->ints.size()) +
              " numbers, expected " + std::to_string(length));
  }
  std::vector<int> list;
  for (const auto value : attribute->ints) {
    if (value < least || value > most) {
      fail_node("attribute " + std::string(name) + " holds " + std::to_string(value) + ", allowed are " +
                std::to_string(least) + " to " + std::to_string(most));
    }
    list.push_back(static_cast<int>(value));
  }
  return list;
}

bool PlanDraft::is_single_pixel(int value) const {
  const auto& trace = trace_of(value);
  return trace.narrow.height == 1 && trace.narrow.width == 1 && trace.wide.width == 1;
}

std::vector<std::int64_t> PlanDraft::item_sizes(const Named& in) const {
  const auto& trace = trace_of(in.value);
  const std::int64_t channels = channels_of(in.value);
  const std::int64_t height = trace.narrow.height;
  const std::int64_t width = trace.narrow.width == trace.wide.width ? trace.narrow.width : kOpenSize;
  if (in.trailing) return {channels * height * width, 1};
  if (in.flattened) return {width == kOpenSize ? kOpenSize : channels * height * width};
  if (in.order == Order::channels_last) return {height, width, channels};
  if (in.order == Order::no_channels) return {height, width};
  return {channels, height, width};
}

void PlanDraft::flatten(Named& named) const {
  named.flattened = true;
  named.trailing = false;
  // Without channels, or with one, both orders are the same.
  if (channels_of(named.value) == 1 || is_single_pixel(named.value)) named.order = Order::channels_first;
}

int PlanDraft::append(Step step, int channels) {
  const auto in = trace_of(step.input);
  Traced out{.narrow = output_size(step, in.narrow),
             .wide = output_size(step, in.wide),
             .producer = static_cast<int>(plan_.steps.size())};
  if (out.narrow.height < 1 || out.narrow.width < 1 || out.wide.width < 1) {
    fail_node("its window is larger than its input of " + std::to_string(in.narrow.height) + " x " +
              std::to_string(in.narrow.width));
  }
  // Pads may make planes grow from node to node; this keeps every later product far from overflow.
  if (out.narrow.height > kMaxPlaneSize || out.wide.width > kMaxPlaneSize)
    fail_node("its output is too large");
  step.node = node_;
  step.output = static_cast<int>(plan_.values.size());
  plan_.values.push_back({.channels = channels});
  traced_.push_back(out);
  plan_.steps.push_back(std::move(step));
  return plan_.steps.back().output;
}

int PlanDraft::blocked(int value) {
  if (value != 0) return value;
  if (spread_ < 0) spread_ = append({.kind = StepKind::spread, .input = 0}, 1);
  return spread_;
}

bool PlanDraft::has_one_reader(const std::string& name) const {
  const auto found = consumers_.find(name);
  return found != consumers_.end() && found->second == 1;
}

Step* PlanDraft::lone_producer(const onnx::Node& node, std::size_t index) {
  const int value = named_input(node, index).value;
  if (!has_one_reader(node.inputs[index])) return nullptr;
  const int producer = trace_of(value).producer;
  if (producer < 0 || shared_values_.contains(value)) return nullptr;
  return &plan_.steps[static_cast<std::size_t>(producer)];
}

Step* PlanDraft::foldable(const onnx::Node& node, std::size_t index) {
  Step* step = lone_producer(node, index);
  const bool kind =
      step != nullptr && (step->kind == StepKind::convolve || step->kind == StepKind::scale_shift ||
                          step->kind == StepKind::scale_shift_units || step->kind == StepKind::add);
  return kind && !step->relu ? step : nullptr;
}

bool PlanDraft::only_convolved(const onnx::Node& node) const {
  return !node.outputs.empty() && has_one_reader(node.outputs[0]) && convolved_.contains(node.outputs[0]);
}

void PlanDraft::retrace(const Step& step) {
  auto& trace = traced_[static_cast<std::size_t>(step.output)];
  const auto& in = trace_of(step.input);
  trace.narrow = output_size(step, in.narrow);
  trace.wide = output_size(step, in.wide);
  if (trace.narrow.height < 1 || trace.narrow.width < 1 || trace.wide.width < 1) {
    fail_node("its window is larger than its input");
  }
}

void PlanDraft::claim_weights(std::int64_t count, const std::string& refusal) {
  plan_weights_ += count;
  if (plan_weights_ > kMaxPlanWeights) fail_node(refusal);
}

}  // namespace inkfield::recognizer::planning
