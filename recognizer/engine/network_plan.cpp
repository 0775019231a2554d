// Takes the nodes in the order of their use into a draft of the plan, which the operators turn into steps.
#include "recognizer/engine/network_plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "recognizer/engine/network_metadata.h"
#include "recognizer/engine/operator_support.h"
#include "recognizer/engine/plan_draft.h"
#include "recognizer/engine/plan_operators.h"

namespace inkfield::recognizer {
namespace {

using onnx::fail;
using onnx::quoted;
using planning::Named;
using planning::Order;

constexpr std::int64_t kNewestOpset = 25;
// Where the width of the input is open, shapes are followed for this width and twice as much.
constexpr int kProbeWidthPx = 64;

// ONNX demands nodes in the order of their use, and some exporters do not care. What hangs on a cycle comes
// last.
std::vector<const onnx::Node*> in_order(const onnx::Model& model) {
  std::map<std::string_view, std::size_t> maker;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const auto& name : model.nodes[i].outputs) {
      if (!name.empty()) maker.emplace(name, i);
    }
  }
  std::vector<int> awaited(model.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> readers(model.nodes.size());
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const auto& name : model.nodes[i].inputs) {
      const auto found = maker.find(name);
      if (found == maker.end()) continue;
      ++awaited[i];
      readers[found->second].push_back(i);
    }
    if (awaited[i] == 0) ready.insert(i);
  }
  std::vector<const onnx::Node*> order;
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(&model.nodes[next]);
    for (const auto reader : readers[next]) {
      if (--awaited[reader] == 0) ready.insert(reader);
    }
  }
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    if (awaited[i] > 0) order.push_back(&model.nodes[i]);
  }
  return order;
}

class Planner {
 public:
  explicit Planner(const onnx::Model& model) : model_(model), draft_(model) {}

  NetworkPlan plan() {
    check_operator_set();
    take_constants();
    take_input();
    for (const auto* node : in_order(model_)) take_node(*node);
    take_output();
    finish();
    return std::move(draft_.plan());
  }

  // Goes on after a fault: what hangs on it is followed no further, but every node is still looked at by
  // itself.
  std::vector<ModelFault> faults() {
    attempt("file", [&] { check_operator_set(); });
    attempt("file", [&] { take_constants(); });
    const bool has_input = attempt("file", [&] { take_input(); });
    for (const auto& input : model_.inputs) {
      if (!has_input && draft_.find(input.name) == nullptr) doubtful_[input.name] = true;
    }
    for (const auto* node : in_order(model_)) look_at(*node);
    if (doubtful_.empty()) {
      attempt("file", [&] {
        take_output();
        finish();
      });
    }
    if (faults_.empty()) attempt("metadata", [&] { read_facts(model_, draft_.plan()); });
    return std::move(faults_);
  }

 private:
  template <typename Work>
  bool attempt(const std::string& where, const Work& work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      faults_.push_back(fault_of(error, where));
      return false;
    }
  }

  void look_at(const onnx::Node& node) {
    draft_.begin_node(node);
    const auto parts = unsupported_parts(node);
    for (const auto& part : parts) {
      // A hundred nodes of one kind are one thing to be told.
      const auto same = std::find_if(faults_.begin(), faults_.end(), [&](const ModelFault& fault) {
        return fault.what == part.what && fault.advice == part.advice;
      });
      if (same != faults_.end()) {
        ++same->count;
      } else {
        faults_.push_back({.where = "node " + draft_.node_name(), .what = part.what, .advice = part.advice});
      }
    }
    const bool doubtful = std::any_of(node.inputs.begin(), node.inputs.end(),
                                      [&](const std::string& name) { return doubtful_.contains(name); });
    if (parts.empty() && !doubtful && attempt("node " + draft_.node_name(), [&] { take_node(node); })) return;
    for (const auto& name : node.outputs) doubtful_[name] = true;
  }

  void finish() {
    arrange(draft_.plan());
    describe(draft_.plan());
  }

  void check_operator_set() const {
    if (model_.opset < 7) {
      fail("operator set " + std::to_string(model_.opset) +
           " is older than 7; export with operator set 13 or later");
    }
    if (model_.opset > kNewestOpset) {
      fail("operator set " + std::to_string(model_.opset) + " is newer than " + std::to_string(kNewestOpset) +
           ", the last one known here; export with operator set 13 to " + std::to_string(kNewestOpset));
    }
  }

  void take_constants() {
    for (const auto& tensor : model_.initializers) draft_.define_initializer(tensor);
  }

  void take_input() {
    const onnx::ValueInfo* input = nullptr;
    for (const auto& candidate : model_.inputs) {
      if (draft_.find(candidate.name) != nullptr) continue;  // older files list the weights as inputs too
      if (input != nullptr)
        fail("it has more than one input: " + quoted(input->name) + ", " + quoted(candidate.name));
      input = &candidate;
    }
    if (input == nullptr) fail("it has no input");
    const std::string who = "input " + quoted(input->name);
    if (input->element_type != static_cast<std::int32_t>(onnx::DataType::float32)) {
      fail(who + " is not float32; export the network in float32");
    }
    if (!input->has_shape) fail(who + " has no shape; expected [N, 1, height, width]");
    // Other orders of the same plane: [N, height, width, 1], [N, height, width] and [N, pixels] of a square.
    auto dims = input->dims;
    Named named{.value = 0};
    const auto square = [](std::int64_t pixels) {
      const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
      return side * side == pixels ? side : 0;
    };
    if (dims.size() == 4 && dims[1] != 1 && dims[3] == 1) {
      dims = {dims[0], 1, dims[1], dims[2]};
      named.order = Order::channels_last;
    } else if (dims.size() == 3) {
      dims = {dims[0], 1, dims[1], dims[2]};
      named.order = Order::no_channels;
    } else if (dims.size() == 2 && dims[1] > 0 && dims[1] <= 128 * 128 && square(dims[1]) >= 8) {
      dims = {dims[0], 1, square(dims[1]), square(dims[1])};
      named.flattened = true;
    }
    if (dims.size() != 4) {
      fail(who + " must have the shape [N, 1, height, width], found " + std::to_string(dims.size()) +
           " dimensions");
    }
    if (dims[0] == 0 || (dims[1] != 1 && dims[1] != -1)) {
      fail(who + " must have the shape [N, 1, height, width] with one channel, found " +
           std::to_string(dims[1]));
    }
    const std::int64_t height = dims[2] == -1 ? 32 : dims[2];
    if (height < 8 || height > 128)
      fail(who + " has a height of " + std::to_string(height) + ", allowed are 8 to 128");
    if (dims[3] != -1 && (dims[3] < 4 || dims[3] > kMaxInputWidthPx)) {
      fail(who + " has a width of " + std::to_string(dims[3]) + ", allowed are 4 to " +
           std::to_string(kMaxInputWidthPx) + " or an open one");
    }
    auto& plan = draft_.plan();
    plan.input_height_px = static_cast<int>(height);
    plan.fixed_width_px = dims[3] == -1 ? 0 : static_cast<int>(dims[3]);
    const int narrow = plan.fixed_width_px != 0 ? plan.fixed_width_px : kProbeWidthPx;
    const int wide = plan.fixed_width_px != 0 ? plan.fixed_width_px : 2 * kProbeWidthPx;
    draft_.define_input(input->name, named, {height, narrow}, {height, wide});
  }

  void take_node(const onnx::Node& node) {
    draft_.begin_node(node);
    if (const auto parts = unsupported_parts(node); !parts.empty()) {
      draft_.fail_node(parts[0].what + "; " + parts[0].advice);
    }
    planning::find_operator(node.op_type)->take(draft_, node);
  }

  void take_output() {
    if (model_.outputs.size() != 1) {
      fail("it has " + std::to_string(model_.outputs.size()) + " outputs, a network for Inkfield has one");
    }
    const auto& output = model_.outputs[0];
    const auto* found = draft_.find(output.name);
    if (found == nullptr || found->value < 0) {
      fail("its output " + quoted(output.name) + " is made by no node");
    }
    const auto& named = *found;
    const auto& trace = draft_.trace_of(named.value);
    if (named.value == 0) fail("its output is its input");
    if (trace.narrow.height != 1) {
      fail("its output has a height of " + std::to_string(trace.narrow.height) +
           "; expected [N, classes, 1, frames] or [N, classes]");
    }
    if (!named.flattened && named.order != Order::channels_first && !draft_.is_single_pixel(named.value)) {
      fail("its output has its channels last; expected [N, classes, 1, frames] or [N, classes]");
    }
    if (named.flattened && !draft_.is_single_pixel(named.value)) {
      fail("its output is flattened over several frames; expected [N, classes, 1, frames] or [N, classes]");
    }
    auto& plan = draft_.plan();
    plan.output = named.value;
    plan.class_count = draft_.channels_of(named.value);
    if (plan.class_count < 2 || plan.class_count > 256) {
      fail("its output has " + std::to_string(plan.class_count) + " classes, allowed are 2 to 256");
    }
  }

  const onnx::Model& model_;
  planning::PlanDraft draft_;
  std::map<std::string, bool, std::less<>> doubtful_;  // what hangs on a node that has a fault
  std::vector<ModelFault> faults_;
};

}  // namespace

NetworkPlan plan_network(const onnx::Model& model) { return Planner(model).plan(); }

std::vector<ModelFault> find_faults(const onnx::Model& model) { return Planner(model).faults(); }

ModelFault fault_of(const Error& error, const std::string& where) {
  ModelFault fault{.where = where, .what = error.what(), .advice = {}};
  for (const std::string_view start : {"ONNX file: ", "ONNX metadata: "}) {
    if (fault.what.starts_with(start)) fault.what.erase(0, start.size());
  }
  // "node Conv 'c1': its pads ...; export ..."
  if (fault.what.starts_with("node ")) {
    const std::size_t end = fault.what.find("': ");
    if (end != std::string::npos) {
      fault.where = fault.what.substr(0, end + 1);
      fault.what.erase(0, end + 3);
    }
  }
  if (const std::size_t advice = fault.what.find("; "); advice != std::string::npos) {
    fault.advice = fault.what.substr(advice + 2);
    fault.what.erase(advice);
  }
  return fault;
}

}  // namespace inkfield::recognizer
