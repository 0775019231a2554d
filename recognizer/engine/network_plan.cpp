// Reads the nodes in the order of their use and turns each into a step or folds it into one.
#include "recognizer/engine/network_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "recognizer/engine/network.h"
#include "recognizer/engine/network_metadata.h"
#include "recognizer/engine/operator_support.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

using onnx::quoted;

constexpr std::int64_t kMaxKernel = 64;
constexpr std::int64_t kNewestOpset = 25;
constexpr std::int64_t kMaxChannels = 65536;
constexpr std::int64_t kMaxPlaneSize = 8192;
// Where the width of the input is open, shapes are followed for two widths at once: what differs between
// them depends on the width.
constexpr int kProbeWidthPx = 64;
// In lists of sizes: the batch, and a width that is open.
constexpr std::int64_t kBatchSize = -1001;
constexpr std::int64_t kOpenSize = -1002;
constexpr std::size_t kMaxSizes = 64;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_model, "ONNX file: " + what);
}

class Planner {
 public:
  explicit Planner(const onnx::Model& model) : model_(model) {}

  NetworkPlan plan() {
    check_operator_set();
    take_constants();
    take_input();
    count_consumers();
    for (const auto* node : in_order()) take_node(*node);
    take_output();
    finish();
    return std::move(plan_);
  }

  // Goes on after a fault: what hangs on it is followed no further, but every node is still looked at by
  // itself.
  std::vector<ModelFault> faults() {
    attempt("file", [&] { check_operator_set(); });
    attempt("file", [&] { take_constants(); });
    const bool has_input = attempt("file", [&] { take_input(); });
    for (const auto& input : model_.inputs) {
      if (!has_input && !names_.contains(input.name)) doubtful_[input.name] = true;
    }
    count_consumers();
    for (const auto* node : in_order()) look_at(*node);
    if (doubtful_.empty()) {
      attempt("file", [&] {
        take_output();
        finish();
      });
    }
    if (faults_.empty()) attempt("metadata", [&] { read_facts(model_, plan_); });
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
    name_node(node);
    const auto parts = unsupported_parts(node);
    for (const auto& part : parts) {
      // A hundred nodes of one kind are one thing to be told.
      const auto same = std::find_if(faults_.begin(), faults_.end(), [&](const ModelFault& fault) {
        return fault.what == part.what && fault.advice == part.advice;
      });
      if (same != faults_.end()) {
        ++same->count;
      } else {
        faults_.push_back({.where = "node " + node_, .what = part.what, .advice = part.advice});
      }
    }
    const bool doubtful = std::any_of(node.inputs.begin(), node.inputs.end(),
                                      [&](const std::string& name) { return doubtful_.contains(name); });
    if (parts.empty() && !doubtful && attempt("node " + node_, [&] { take_node(node); })) return;
    for (const auto& name : node.outputs) doubtful_[name] = true;
  }

  void finish() {
    arrange(plan_);
    describe(plan_);
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

  // How the file sees an activation that here always lies channel, row, column.
  enum class Order { channels_first, channels_last, no_channels };
  // What a name of the graph stands for: an activation, a constant or a list of sizes.
  struct Named {
    int value = -1;
    bool flattened = false;
    bool trailing = false;  // flattened single values as [N, values, 1], for a batch normalisation
    bool softmax = false;   // scores have already been through softmax; nothing may follow
    const onnx::Tensor* constant = nullptr;
    Order order = Order::channels_first;  // of a flattened one: before it was flattened
    std::array<int, 4> pads = {};         // top, left, bottom, right; zeros that the next convolution adds
    const std::vector<std::int64_t>* sizes = nullptr;  // from Shape and what exporters do with it
  };
  struct Traced {
    PlaneSize narrow;
    PlaneSize wide;
    int producer = -1;  // step
  };

  [[noreturn]] void fail_node(const std::string& what) const { fail("node " + node_ + ": " + what); }

  void define(const std::string& name, const Named& named) {
    if (name.empty()) fail_node("an output has no name");
    if (!names_.emplace(name, named).second) fail("two things are called " + quoted(name));
    if (named.value >= 0) plan_.values[static_cast<std::size_t>(named.value)].name = name;
  }

  void take_constants() {
    for (const auto& tensor : model_.initializers) {
      if (tensor.name.empty()) fail("an initializer has no name");
      node_ = quoted(tensor.name);
      define(tensor.name, {.constant = &tensor});
    }
  }

  void take_input() {
    const onnx::ValueInfo* input = nullptr;
    for (const auto& candidate : model_.inputs) {
      if (names_.contains(candidate.name)) continue;  // older files list the weights as inputs too
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
    plan_.input_height_px = static_cast<int>(height);
    plan_.fixed_width_px = dims[3] == -1 ? 0 : static_cast<int>(dims[3]);
    const int narrow = plan_.fixed_width_px != 0 ? plan_.fixed_width_px : kProbeWidthPx;
    const int wide = plan_.fixed_width_px != 0 ? plan_.fixed_width_px : 2 * kProbeWidthPx;
    plan_.values.push_back({.channels = 1, .lanes = 1});
    traced_.push_back({.narrow = {height, narrow}, .wide = {height, wide}});
    node_ = quoted(input->name);
    define(input->name, named);
  }

  void count_consumers() {
    for (const auto& node : model_.nodes) {
      for (const auto& name : node.inputs) ++consumers_[name];
      if (node.op_type == "Conv" && !node.inputs.empty()) convolved_[node.inputs[0]] = true;
      for (const auto& name : node.outputs) {
        if (!name.empty()) made_somewhere_[name] = true;
      }
    }
    for (const auto& output : model_.outputs) ++consumers_[output.name];
  }

  // ONNX demands nodes in the order of their use, and some exporters do not care. What hangs on a cycle comes
  // last.
  std::vector<const onnx::Node*> in_order() const {
    std::map<std::string_view, std::size_t> maker;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      for (const auto& name : model_.nodes[i].outputs) {
        if (!name.empty()) maker.emplace(name, i);
      }
    }
    std::vector<int> awaited(model_.nodes.size(), 0);
    std::vector<std::vector<std::size_t>> readers(model_.nodes.size());
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      for (const auto& name : model_.nodes[i].inputs) {
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
      order.push_back(&model_.nodes[next]);
      for (const auto reader : readers[next]) {
        if (--awaited[reader] == 0) ready.insert(reader);
      }
    }
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (awaited[i] > 0) order.push_back(&model_.nodes[i]);
    }
    return order;
  }

  // --- what a node says
  // -------------------------------------------------------------------------------------

  const Named& named_input(const onnx::Node& node, std::size_t index) const {
    if (index >= node.inputs.size() || node.inputs[index].empty()) {
      fail_node("input " + std::to_string(index) + " is missing");
    }
    const auto& name = node.inputs[index];
    const auto found = names_.find(name);
    if (found == names_.end()) {
      fail_node("its input " + quoted(name) +
                (made_somewhere_.contains(name) ? " hangs on this node itself: the graph has a cycle"
                                                : " is made by nothing in the graph"));
    }
    return found->second;
  }

  // An activation in whatever order.
  const Named& any_activation(const onnx::Node& node, std::size_t index) const {
    const Named& named = named_input(node, index);
    if (named.value < 0) fail_node("input " + quoted(node.inputs[index]) + " must not be a constant");
    if (named.softmax) fail_node("nothing may follow the softmax");
    return named;
  }

  const Named& activation(const onnx::Node& node, std::size_t index) const {
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

  const onnx::Tensor& weights(const onnx::Node& node, std::size_t index) const {
    const Named& named = named_input(node, index);
    if (named.constant == nullptr) fail_node("input " + quoted(node.inputs[index]) + " must be a constant");
    if (named.constant->data_type != static_cast<std::int32_t>(onnx::DataType::float32)) {
      fail_node("weights " + quoted(node.inputs[index]) + " are not float32; export the network in float32");
    }
    if (named.constant->element_count() == 0)
      fail_node("weights " + quoted(node.inputs[index]) + " are empty");
    return *named.constant;
  }

  bool has_input(const onnx::Node& node, std::size_t index) const {
    return index < node.inputs.size() && !node.inputs[index].empty();
  }

  std::int64_t int_attribute(const onnx::Node& node, std::string_view name, std::int64_t otherwise) const {
    const auto* attribute = node.attribute(name);
    return attribute == nullptr ? otherwise : attribute->i;
  }

  float float_attribute(const onnx::Node& node, std::string_view name, float otherwise) const {
    const auto* attribute = node.attribute(name);
    if (attribute == nullptr) return otherwise;
    if (!std::isfinite(attribute->f)) fail_node("attribute " + std::string(name) + " is not finite");
    return attribute->f;
  }

  std::vector<int> int_list(const onnx::Node& node, std::string_view name, std::size_t length,
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

  // --- steps
  // -------------------------------------------------------------------------------------------------

  int channels_of(int value) const { return plan_.values[static_cast<std::size_t>(value)].channels; }
  const Traced& trace_of(int value) const { return traced_[static_cast<std::size_t>(value)]; }

  bool is_single_pixel(int value) const {
    const auto& trace = trace_of(value);
    return trace.narrow.height == 1 && trace.narrow.width == 1 && trace.wide.width == 1;
  }

  // Appends a step that makes a new value of so many channels.
  int append(Step step, int channels) {
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

  // The input plane has one lane; all steps but a convolution want whole blocks.
  int blocked(int value) {
    if (value != 0) return value;
    if (spread_ < 0) spread_ = append({.kind = StepKind::spread, .input = 0}, 1);
    return spread_;
  }

  // The step that made this value for this node alone, so that something may be folded into it.
  Step* lone_producer(const onnx::Node& node, std::size_t index) {
    const int value = named_input(node, index).value;
    const auto found = consumers_.find(node.inputs[index]);
    if (found == consumers_.end() || found->second != 1) return nullptr;
    const int producer = trace_of(value).producer;
    if (producer < 0 || shared_values_.contains(value)) return nullptr;
    return &plan_.steps[static_cast<std::size_t>(producer)];
  }

  // The same if a ReLU may still follow in it.
  Step* foldable(const onnx::Node& node, std::size_t index) {
    Step* step = lone_producer(node, index);
    const bool kind =
        step != nullptr && (step->kind == StepKind::convolve || step->kind == StepKind::scale_shift ||
                            step->kind == StepKind::scale_shift_units || step->kind == StepKind::add);
    return kind && !step->relu ? step : nullptr;
  }

  void define_output(const onnx::Node& node, const Named& named) {
    if (node.outputs.empty()) fail_node("it has no output");
    for (std::size_t i = 1; i < node.outputs.size(); ++i) {
      if (!node.outputs[i].empty() && consumers_.contains(node.outputs[i])) {
        fail_node("its second output is used, which is not supported");
      }
    }
    define(node.outputs[0], named);
  }

  // A second name for a value: what reads the first name is no longer the only reader.
  void define_alias(const onnx::Node& node, const Named& from, Named to) {
    if (const auto found = consumers_.find(node.inputs[0]); found == consumers_.end() || found->second != 1) {
      shared_values_[from.value] = true;
    }
    define_output(node, to);
  }

  void name_node(const onnx::Node& node) {
    node_ = onnx::quoted(node.op_type).substr(1);
    node_.pop_back();
    node_ += " " + quoted(node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name);
  }

  void take_node(const onnx::Node& node) {
    name_node(node);
    if (const auto parts = unsupported_parts(node); !parts.empty()) {
      fail_node(parts[0].what + "; " + parts[0].advice);
    }
    const std::string_view op = node.op_type;
    if (op == "Conv") return take_convolution(node);
    if (op == "Gemm" || op == "MatMul") return take_fully_connected(node, op == "MatMul");
    if (op == "MaxPool" || op == "AveragePool") return take_pool(node, op == "MaxPool");
    if (op == "GlobalAveragePool") {
      const Named in = activation(node, 0);
      if (in.flattened) fail_node("it follows a flatten");
      const int value = blocked(in.value);
      return define_output(
          node, {.value = append({.kind = StepKind::pool_global, .input = value}, channels_of(value))});
    }
    if (op == "ReduceMean") return take_reduce_mean(node);
    if (op == "Relu") return take_relu(node);
    if (op == "Tanh") return take_elementwise(node, StepKind::tanh);
    if (op == "Sigmoid") return take_elementwise(node, StepKind::sigmoid);
    if (op == "Add") return take_add(node);
    if (op == "Sub" || op == "Mul" || op == "Div") return take_constant_arithmetic(node);
    if (op == "Clip") return take_clip(node);
    if (op == "LeakyRelu" || op == "PRelu") return take_leaky_relu(node);
    if (op == "Pad") return take_pad(node);
    if (op == "BatchNormalization") return take_batch_normalization(node);
    if (op == "Flatten") return take_flatten(node);
    if (op == "Squeeze" || op == "Unsqueeze") return take_squeeze(node, op == "Unsqueeze");
    if (op == "Transpose") return take_transpose(node);
    if (op == "Shape") return take_shape(node);
    if (op == "Gather") return take_gather(node);
    if (op == "Concat") return take_concat(node);
    if (op == "Cast") return take_cast(node);
    if (op == "Reshape") return take_reshape(node);
    if (op == "Softmax" || op == "LogSoftmax") return take_softmax(node);
    if (op == "Identity" || op == "Dropout") {
      const Named named = named_input(node, 0);
      if (named.value < 0) return define_output(node, named);
      return define_alias(node, named, named);
    }
    if (op == "Constant") return take_constant(node);
    fail_node("operator " + quoted(op) + " is not supported");
  }

  // Kernel, strides and pads; `pads` may come by name (auto_pad).
  void take_window(const onnx::Node& node, Step& step, const std::array<int, 4>& before = {}) const {
    take_own_window(node, step, before);
    step.pad_top += before[0];
    step.pad_left += before[1];
    step.pad_bottom += before[2];
    step.pad_right += before[3];
  }

  // `before`: zeros that a Pad has already put around the input.
  void take_own_window(const onnx::Node& node, Step& step, const std::array<int, 4>& before) const {
    const auto strides = int_list(node, "strides", 2, 1, kMaxKernel, 1);
    step.stride_y = strides[0];
    step.stride_x = strides[1];
    const auto pads = int_list(node, "pads", 4, 0, kMaxKernel, 0);
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
    const auto& in = trace_of(step.input);
    const std::int64_t higher = before[0] + before[2];
    const std::int64_t wider = before[1] + before[3];
    const int vertical = total(in.narrow.height + higher, step.kernel_height, step.stride_y);
    const int horizontal = total(in.narrow.width + wider, step.kernel_width, step.stride_x);
    if (horizontal != total(in.wide.width + wider, step.kernel_width, step.stride_x)) {
      fail_node("auto_pad depends on the width of the input; export with explicit pads");
    }
    const bool upper = named->s == "SAME_UPPER";
    step.pad_top = upper ? vertical / 2 : vertical - vertical / 2;
    step.pad_bottom = vertical - step.pad_top;
    step.pad_left = upper ? horizontal / 2 : horizontal - horizontal / 2;
    step.pad_right = horizontal - step.pad_left;
  }

  // [output][input channel][row][column] -> [output block][tap][lane], unused lanes zero.
  template <typename WeightAt>
  void block_weights(Step& step, int outputs, std::int64_t taps, const WeightAt& weight_at) {
    const int blocks = block_count(outputs);
    const std::int64_t size = static_cast<std::int64_t>(blocks) * kLanes * taps;
    plan_weights_ += size;
    if (plan_weights_ > kMaxPlanWeights) {
      fail_node("the network's weights are larger than " + std::to_string(kMaxPlanWeights) + " values");
    }
    step.weights.assign(static_cast<std::size_t>(size), 0.0F);
    step.bias.assign(static_cast<std::size_t>(blocks) * kLanes, 0.0F);
    for (int o = 0; o < outputs; ++o) {
      float* lane = step.weights.data() + static_cast<std::int64_t>(o / kLanes) * taps * kLanes + o % kLanes;
      for (std::int64_t t = 0; t < taps; ++t) lane[t * kLanes] = weight_at(o, t);
    }
    plan_.parameter_count += outputs * taps;
  }

  void set_bias(const onnx::Node& node, std::size_t index, Step& step, int outputs, float factor) {
    if (!has_input(node, index)) return;
    const auto& tensor = weights(node, index);
    const std::int64_t count = tensor.element_count();
    const bool by_channel = !tensor.dims.empty() && tensor.dims.back() == count;
    if (count != 1 && (count != outputs || !by_channel)) {
      fail_node("its bias has " + std::to_string(count) + " values for " + std::to_string(outputs) +
                " channels");
    }
    for (int o = 0; o < outputs; ++o) {
      const auto at = static_cast<std::size_t>(count == 1 ? 0 : o);
      step.bias[static_cast<std::size_t>(o)] = tensor.floats[at] * factor;
    }
    plan_.parameter_count += count;
  }

  void take_convolution(const onnx::Node& node) {
    const Named in = activation(node, 0);
    if (in.flattened && !is_single_pixel(in.value)) fail_node("it follows a flatten");
    const auto& kernel = weights(node, 1);
    if (kernel.dims.size() != 4)
      fail_node("its weights have " + std::to_string(kernel.dims.size()) + " dimensions, not 4");
    const int channels = channels_of(in.value);
    if (kernel.dims[0] > kMaxChannels)
      fail_node("it has " + std::to_string(kernel.dims[0]) + " output channels");
    // Groups and dilations are run as the dense convolution that has zeros where they have nothing.
    const std::int64_t groups = int_attribute(node, "group", 1);
    if (groups < 1 || groups > kMaxChannels || kernel.dims[0] % groups != 0) {
      fail_node("its " + std::to_string(kernel.dims[0]) + " output channels do not fall into " +
                std::to_string(groups) + " groups");
    }
    if (kernel.dims[1] > kMaxChannels || kernel.dims[1] * groups != channels) {
      fail_node("its weights are for " + std::to_string(kernel.dims[1]) + " input channels" +
                (groups == 1 ? "" : " in each of " + std::to_string(groups) + " groups") +
                ", the input has " + std::to_string(channels));
    }
    if (kernel.dims[2] > kMaxKernel || kernel.dims[3] > kMaxKernel) {
      fail_node("kernels larger than " + std::to_string(kMaxKernel) + " are not supported");
    }
    Step step{.kind = StepKind::convolve, .input = in.value};
    const auto dilations = int_list(node, "dilations", 2, 1, kMaxKernel, 1);
    step.kernel_height = static_cast<int>((kernel.dims[2] - 1) * dilations[0] + 1);
    step.kernel_width = static_cast<int>((kernel.dims[3] - 1) * dilations[1] + 1);
    if (step.kernel_height > kMaxKernel || step.kernel_width > kMaxKernel) {
      fail_node("kernels that reach over more than " + std::to_string(kMaxKernel) +
                " values are not supported");
    }
    const auto shape = int_list(node, "kernel_shape", 2, 1, kMaxKernel, 0);
    if (shape[0] != 0 && (shape[0] != kernel.dims[2] || shape[1] != kernel.dims[3])) {
      fail_node("kernel_shape and the shape of its weights differ");
    }
    take_window(node, step, in.pads);
    const auto outputs = static_cast<int>(kernel.dims[0]);
    const std::int64_t reach = std::int64_t{step.kernel_height} * step.kernel_width;
    const std::int64_t group_inputs = kernel.dims[1];
    const std::int64_t group_outputs = outputs / groups;
    const bool plain = groups == 1 && dilations[0] == 1 && dilations[1] == 1;
    block_weights(step, outputs, channels * reach, [&](int o, std::int64_t t) {
      if (plain) return kernel.floats[static_cast<std::size_t>(o * channels * reach + t)];
      const std::int64_t channel = t / reach - o / group_outputs * group_inputs;
      const std::int64_t y = t % reach / step.kernel_width;
      const std::int64_t x = t % step.kernel_width;
      if (channel < 0 || channel >= group_inputs || y % dilations[0] != 0 || x % dilations[1] != 0)
        return 0.0F;
      const std::int64_t row = (o * group_inputs + channel) * kernel.dims[2] + y / dilations[0];
      return kernel.floats[static_cast<std::size_t>(row * kernel.dims[3] + x / dilations[1])];
    });
    plan_.parameter_count += kernel.element_count() - outputs * channels * reach;
    set_bias(node, 2, step, outputs, 1.0F);
    define_output(node, {.value = append(std::move(step), outputs)});
  }

  // Where a flattened activation has the value that here is number `t` in the order channel, row, column.
  std::int64_t flat_index(const Named& in, std::int64_t t) const {
    if (in.order != Order::channels_last) return t;
    const auto& size = trace_of(in.value).narrow;
    const std::int64_t pixels = size.height * size.width;
    return t % pixels * channels_of(in.value) + t / pixels;
  }

  void take_fully_connected(const onnx::Node& node, bool plain) {
    const Named in = activation(node, 0);
    if (!in.flattened && !is_single_pixel(in.value)) fail_node("its input must be flattened first");
    const auto& matrix = weights(node, 1);
    if (matrix.dims.size() != 2)
      fail_node("its weights have " + std::to_string(matrix.dims.size()) + " dimensions, not 2");
    const bool transposed = !plain && int_attribute(node, "transB", 0) != 0;
    const float alpha = plain ? 1.0F : float_attribute(node, "alpha", 1.0F);
    const float beta = plain ? 1.0F : float_attribute(node, "beta", 1.0F);
    const std::int64_t outputs = matrix.dims[transposed ? 0 : 1];
    const std::int64_t inputs = matrix.dims[transposed ? 1 : 0];
    const auto trace = trace_of(in.value);
    if (trace.narrow.width != trace.wide.width) {
      fail_node("it needs an input of fixed width, but the network's input width is open");
    }
    const std::int64_t found = channels_of(in.value) * trace.narrow.height * trace.narrow.width;
    if (inputs != found) {
      fail_node("its weights are for " + std::to_string(inputs) + " inputs, it gets " +
                std::to_string(found));
    }
    if (outputs > kMaxChannels) fail_node("it has " + std::to_string(outputs) + " outputs");
    Step step{.kind = StepKind::convolve, .input = in.value};
    step.kernel_height = static_cast<int>(trace.narrow.height);
    step.kernel_width = static_cast<int>(trace.narrow.width);
    block_weights(step, static_cast<int>(outputs), inputs, [&](int o, std::int64_t t) {
      const std::int64_t row = flat_index(in, t);
      return alpha *
             matrix.floats[static_cast<std::size_t>(transposed ? o * inputs + row : row * outputs + o)];
    });
    if (!plain) set_bias(node, 2, step, static_cast<int>(outputs), beta);
    define_output(node, {.value = append(std::move(step), static_cast<int>(outputs)), .flattened = true});
  }

  // What must be added behind so that a last window is kept that hangs over the end.
  static int ceil_pad(std::int64_t size, int kernel, int stride, int before, int after) {
    const std::int64_t room = size + before + after - kernel;
    if (room < 0) return 0;
    std::int64_t windows = (room + stride - 1) / stride + 1;
    if ((windows - 1) * stride >= size + before) --windows;  // it would begin behind the input
    return static_cast<int>(std::max<std::int64_t>(0, (windows - 1) * stride - room));
  }

  void take_pool(const onnx::Node& node, bool largest) {
    const Named in = activation(node, 0);
    if (in.flattened) fail_node("it follows a flatten");
    Step step{.kind = largest ? StepKind::pool_largest : StepKind::pool_mean, .input = blocked(in.value)};
    const auto shape = int_list(node, "kernel_shape", 2, 1, kMaxKernel, 1);
    step.kernel_height = shape[0];
    step.kernel_width = shape[1];
    take_window(node, step);
    if (step.pad_top >= shape[0] || step.pad_bottom >= shape[0] || step.pad_left >= shape[1] ||
        step.pad_right >= shape[1]) {
      fail_node("its pads are not smaller than its window");
    }
    step.count_border = int_attribute(node, "count_include_pad", 0) != 0;
    if (int_attribute(node, "ceil_mode", 0) != 0) {
      const auto size = trace_of(step.input);
      const int right =
          ceil_pad(size.narrow.width, step.kernel_width, step.stride_x, step.pad_left, step.pad_right);
      if (right !=
          ceil_pad(size.wide.width, step.kernel_width, step.stride_x, step.pad_left, step.pad_right)) {
        fail_node("ceil_mode depends on the width of the input; export without it");
      }
      const int bottom =
          ceil_pad(size.narrow.height, step.kernel_height, step.stride_y, step.pad_top, step.pad_bottom);
      if (step.count_border && right + bottom > 0) {
        fail_node("ceil_mode together with count_include_pad is not supported");
      }
      step.pad_right += right;
      step.pad_bottom += bottom;
    }
    if (fold_pool(node, step)) return define_output(node, in);
    const int channels = channels_of(step.input);
    define_output(node, {.value = append(std::move(step), channels)});
  }

  // A convolution takes the largest of two rows, or of two by two, while its sums are still in registers.
  bool fold_pool(const onnx::Node& node, const Step& pool) {
    const bool rows_of_two = pool.kind == StepKind::pool_largest && pool.kernel_height == 2 &&
                             pool.stride_y == 2 && pool.kernel_width == pool.stride_x &&
                             pool.kernel_width <= 2;
    if (!rows_of_two || pool.pad_top + pool.pad_left + pool.pad_bottom + pool.pad_right > 0) return false;
    Step* before = lone_producer(node, 0);
    if (before == nullptr || before->kind != StepKind::convolve || before->pool_height > 1) return false;
    if (before->input == 0 || before->stride_x != 1) return false;  // no kernel for these
    before->pool_height = 2;
    before->pool_width = pool.kernel_width;
    auto& trace = traced_[static_cast<std::size_t>(before->output)];
    const auto& in = trace_of(before->input);
    trace.narrow = output_size(*before, in.narrow);
    trace.wide = output_size(*before, in.wide);
    if (trace.narrow.height < 1 || trace.narrow.width < 1 || trace.wide.width < 1) {
      fail_node("its window is larger than its input");
    }
    return true;
  }

  void take_relu(const onnx::Node& node) {
    const Named in = any_activation(node, 0);
    if (Step* before = foldable(node, 0)) {
      before->relu = true;
      return define_output(node, in);
    }
    take_elementwise(node, StepKind::relu);
  }

  void take_elementwise(const onnx::Node& node, StepKind kind) { append_elementwise(node, {.kind = kind}); }

  void append_elementwise(const onnx::Node& node, Step step) {
    Named named = any_activation(node, 0);
    step.input = blocked(named.value);
    const int channels = channels_of(step.input);
    named.value = append(std::move(step), channels);
    define_output(node, named);
  }

  // One number from an attribute of older operator sets or an input of newer ones; nothing if neither is
  // there.
  std::optional<float> number(const onnx::Node& node, std::string_view attribute, std::size_t input) const {
    if (node.attribute(attribute) != nullptr) return float_attribute(node, attribute, 0);
    if (!has_input(node, input)) return std::nullopt;
    const auto& tensor = weights(node, input);
    if (tensor.element_count() != 1) fail_node("input " + quoted(node.inputs[input]) + " must be one number");
    return tensor.floats[0];
  }

  void take_clip(const onnx::Node& node) {
    const auto least = number(node, "min", 1);
    const auto most = number(node, "max", 2);
    if (least && *least == 0.0F && !most) return take_relu(node);
    constexpr float kLargest = std::numeric_limits<float>::max();
    append_elementwise(
        node, {.kind = StepKind::clip, .least = least.value_or(-kLargest), .most = most.value_or(kLargest)});
  }

  void take_leaky_relu(const onnx::Node& node) {
    const Named& in = any_activation(node, 0);
    const auto channels = static_cast<std::size_t>(channels_of(in.value));
    Step step{.kind = StepKind::leaky_relu};
    step.weights.assign(static_cast<std::size_t>(block_count(static_cast<int>(channels))) * kLanes, 0.0F);
    if (node.op_type == "LeakyRelu") {
      std::fill_n(step.weights.begin(), channels, float_attribute(node, "alpha", 0.01F));
    } else {
      bool by_unit = false;
      const auto slopes = spread_constant(weights(node, 1), in, by_unit);
      if (by_unit) fail_node("slopes must be one number or one for each channel");
      std::copy(slopes.begin(), slopes.end(), step.weights.begin());
      plan_.parameter_count += weights(node, 1).element_count();
    }
    append_elementwise(node, std::move(step));
  }

  void take_pad(const onnx::Node& node) {
    Named named = any_activation(node, 0);
    if (has_input(node, 3))
      fail_node("padding along chosen axes is not supported; export with operator set 13");
    const auto* attribute = node.attribute("pads");
    const auto pads = attribute != nullptr ? attribute->ints : size_list(node, 1);
    const float value = number(node, "value", 2).value_or(0.0F);
    const std::size_t rank = item_sizes(named).size() + 1;
    if (named.flattened || pads.size() != 2 * rank) {
      fail_node("it has " + std::to_string(pads.size()) + " pads, expected " + std::to_string(2 * rank) +
                " around a plane");
    }
    // Only rows and columns may be padded.
    const std::size_t rows = named.order == Order::channels_first ? 2 : 1;
    for (std::size_t i = 0; i < pads.size(); ++i) {
      const bool plane = i % rank == rows || i % rank == rows + 1;
      if (pads[i] < 0 || pads[i] > (plane ? kMaxKernel : 0)) {
        fail_node("it pads by " + std::to_string(pads[i]) + "; allowed are 0 to " +
                  std::to_string(kMaxKernel) + " in rows and columns, nothing elsewhere");
      }
    }
    const std::array<int, 4> frame = {static_cast<int>(pads[rows]), static_cast<int>(pads[rows + 1]),
                                      static_cast<int>(pads[rank + rows]),
                                      static_cast<int>(pads[rank + rows + 1])};
    const bool nothing = frame == std::array<int, 4>{};
    const auto readers = node.outputs.empty() ? consumers_.end() : consumers_.find(node.outputs[0]);
    const bool convolved_only =
        readers != consumers_.end() && readers->second == 1 && convolved_.contains(node.outputs[0]);
    if (nothing || (value == 0.0F && convolved_only && named.order == Order::channels_first)) {
      named.pads = frame;
      return define_alias(node, named_input(node, 0), named);
    }
    Step step{.kind = StepKind::pad,
              .input = blocked(named.value),
              .pad_top = frame[0],
              .pad_left = frame[1],
              .pad_bottom = frame[2],
              .pad_right = frame[3],
              .least = value};
    const int channels = channels_of(step.input);
    named.value = append(std::move(step), channels);
    define_output(node, named);
  }

  // What multiplies and what is added, by channel or, if `by_unit`, for every value in the order channel,
  // row, column.
  struct Affine {
    bool by_unit = false;
    std::vector<float> scale;
    std::vector<float> shift;
  };

  // A constant spread over the values of an activation by the rules of ONNX: aligned at the last dimension.
  std::vector<float> spread_constant(const onnx::Tensor& tensor, const Named& in, bool& by_unit) {
    const auto& trace = trace_of(in.value);
    const std::int64_t channels = channels_of(in.value);
    const std::int64_t height = trace.narrow.height;
    const std::int64_t width = trace.narrow.width;
    const bool open = width != trace.wide.width;
    const bool last = in.order == Order::channels_last;
    std::vector<std::int64_t> shape = item_sizes(in);
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
      fail_node(
          "its constant does not fit its input; it may be one number, one for each channel or one for each "
          "value");
    }
    const std::int64_t pixels = height * width;
    by_unit = !is_single_pixel(in.value) &&
              (in.flattened ? steps[1] != 0 : steps[row_at] != 0 || steps[column_at] != 0);
    std::vector<float> values(static_cast<std::size_t>(by_unit ? channels * pixels : channels));
    std::size_t i = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < (by_unit ? pixels : 1); ++p) {
        const std::int64_t from =
            in.flattened ? flat_index(in, c * pixels + p) * steps[1]
                         : c * steps[channel_at] + p / width * steps[row_at] + p % width * steps[column_at];
        values[i++] = tensor.floats[static_cast<std::size_t>(from)];
      }
    }
    return values;
  }

  // Add, Sub, Mul and Div of an activation and a constant.
  void take_constant_arithmetic(const onnx::Node& node) {
    const bool first_constant = named_input(node, 0).constant != nullptr;
    const bool second_constant = named_input(node, 1).constant != nullptr;
    if (first_constant && second_constant)
      fail_node("both its inputs are constants; export with constants folded");
    if (!first_constant && !second_constant) fail_node("one of its inputs must be a constant");
    const std::size_t at = first_constant ? 1 : 0;
    const Named named = any_activation(node, at);
    const auto& tensor = weights(node, 1 - at);
    Affine affine;
    const auto values = spread_constant(tensor, named, affine.by_unit);
    plan_.parameter_count += tensor.element_count();
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
        if (first_constant) fail_node("a constant divided by the input is not supported");
        if (!std::isfinite(affine.scale[i])) fail_node("it divides by zero");
      }
    }
    apply(node, at, named, affine);
  }

  // Finite constants can still multiply to an infinity, and one such weight makes every answer none.
  void check_finite(const Step& step) const {
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(step.weights.begin(), step.weights.end(), finite) ||
        !std::all_of(step.bias.begin(), step.bias.end(), finite)) {
      fail_node("its constants and the weights before it multiply to numbers beyond float32");
    }
  }

  // Folds into the step before where that is a convolution or of the same kind, else becomes a step.
  void apply(const onnx::Node& node, std::size_t at, Named named, const Affine& affine) {
    const auto channels = static_cast<std::size_t>(channels_of(named.value));
    const bool scales =
        std::any_of(affine.scale.begin(), affine.scale.end(), [](float s) { return s != 1.0F; });
    Step* before = foldable(node, at);
    // The largest of a window is taken before anything folded in here; a negative factor would make it the
    // least.
    if (before != nullptr && before->pool_height > 1) before = nullptr;
    if (before != nullptr && !affine.by_unit && before->kind == StepKind::convolve) {
      if (scales) {
        // Bits stay as they are where nothing is scaled.
        const std::size_t per_block = before->weights.size() / before->bias.size() * kLanes;
        for (std::size_t i = 0; i < before->weights.size(); ++i) {
          const std::size_t channel = i / per_block * kLanes + i % kLanes;
          if (channel < channels) before->weights[i] *= affine.scale[channel];
        }
      }
      for (std::size_t c = 0; c < channels; ++c) {
        before->bias[c] = (scales ? before->bias[c] * affine.scale[c] : before->bias[c]) + affine.shift[c];
      }
      check_finite(*before);
      return define_output(node, named);
    }
    if (before != nullptr && !affine.by_unit && before->kind == StepKind::scale_shift) {
      for (std::size_t c = 0; c < channels; ++c) {
        before->weights[c] *= affine.scale[c];
        before->bias[c] = before->bias[c] * affine.scale[c] + affine.shift[c];
      }
      check_finite(*before);
      return define_output(node, named);
    }
    const int value = blocked(named.value);
    Step step{.kind = affine.by_unit ? StepKind::scale_shift_units : StepKind::scale_shift, .input = value};
    const auto& size = trace_of(value).narrow;
    const std::size_t pixels = affine.by_unit ? static_cast<std::size_t>(size.height * size.width) : 1;
    const std::size_t whole =
        static_cast<std::size_t>(block_count(static_cast<int>(channels))) * kLanes * pixels;
    plan_weights_ += static_cast<std::int64_t>(whole);
    if (plan_weights_ > kMaxPlanWeights) fail_node("the network's constants are too large");
    step.weights.assign(whole, 0.0F);
    step.bias.assign(whole, 0.0F);
    for (std::size_t i = 0; i < channels * pixels; ++i) {
      const std::size_t c = i / pixels;
      const std::size_t to = (c / kLanes * pixels + i % pixels) * kLanes + c % kLanes;
      step.weights[to] = affine.scale[i];
      step.bias[to] = affine.shift[i];
    }
    check_finite(step);
    named.value = append(std::move(step), static_cast<int>(channels));
    define_output(node, named);
  }

  void take_add(const onnx::Node& node) {
    if (named_input(node, 0).constant != nullptr || named_input(node, 1).constant != nullptr) {
      return take_constant_arithmetic(node);
    }
    const Named a = any_activation(node, 0);
    const Named b = any_activation(node, 1);
    const int left = blocked(a.value);
    const int right = blocked(b.value);
    const auto same = [](PlaneSize s, PlaneSize t) { return s.height == t.height && s.width == t.width; };
    if (channels_of(left) != channels_of(right) || a.flattened != b.flattened || a.order != b.order ||
        !same(trace_of(left).narrow, trace_of(right).narrow) ||
        !same(trace_of(left).wide, trace_of(right).wide)) {
      fail_node("its inputs differ in shape");
    }
    const int value =
        append({.kind = StepKind::add, .input = left, .second_input = right}, channels_of(left));
    define_output(node, {.value = value, .flattened = a.flattened, .order = a.order});
  }

  void take_batch_normalization(const onnx::Node& node) {
    const Named named = activation(node, 0);
    Affine affine;
    affine.by_unit = named.flattened && !is_single_pixel(named.value);
    const auto& size = trace_of(named.value);
    if (affine.by_unit && size.narrow.width != size.wide.width)
      fail_node("it follows a flatten of open width");
    const auto channels = static_cast<std::size_t>(
        channels_of(named.value) * (affine.by_unit ? size.narrow.height * size.narrow.width : 1));
    const onnx::Tensor* parts[4] = {};
    for (std::size_t i = 0; i < 4; ++i) {
      parts[i] = &weights(node, i + 1);
      if (parts[i]->floats.size() != channels) {
        fail_node("input " + quoted(node.inputs[i + 1]) + " has " + std::to_string(parts[i]->floats.size()) +
                  " values for " + std::to_string(channels) + " channels");
      }
    }
    const double epsilon = float_attribute(node, "epsilon", 1e-5F);
    affine.scale.resize(channels);
    affine.shift.resize(channels);
    for (std::size_t unit = 0; unit < channels; ++unit) {
      const auto c = affine.by_unit
                         ? static_cast<std::size_t>(flat_index(named, static_cast<std::int64_t>(unit)))
                         : unit;
      const double variance = static_cast<double>(parts[3]->floats[c]) + epsilon;
      if (!(variance > 0)) fail_node("a variance is not positive");
      const double factor = static_cast<double>(parts[0]->floats[c]) / std::sqrt(variance);
      affine.scale[unit] = static_cast<float>(factor);
      affine.shift[unit] = static_cast<float>(static_cast<double>(parts[1]->floats[c]) -
                                              factor * static_cast<double>(parts[2]->floats[c]));
    }
    plan_.parameter_count += static_cast<std::int64_t>(2 * channels);
    apply(node, 0, named, affine);
  }

  // --- shapes
  // ------------------------------------------------------------------------------------------------

  // The sizes of one item as the file sees it, without the batch.
  std::vector<std::int64_t> item_sizes(const Named& in) const {
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

  // A list of whole numbers from a constant or from what was made of a shape.
  const std::vector<std::int64_t>& size_list(const onnx::Node& node, std::size_t index) const {
    const Named& named = named_input(node, index);
    if (named.sizes != nullptr) return *named.sizes;
    if (named.constant == nullptr || named.constant->dims.size() > 1 ||
        named.constant->ints.size() != static_cast<std::size_t>(named.constant->element_count())) {
      fail_node("input " + quoted(node.inputs[index]) + " must be a constant list of int64");
    }
    return named.constant->ints;
  }

  void define_sizes(const onnx::Node& node, std::vector<std::int64_t> sizes) {
    if (sizes.size() > kMaxSizes) fail_node("it makes a list of more than 64 sizes");
    made_sizes_.push_back(std::make_unique<std::vector<std::int64_t>>(std::move(sizes)));
    define_output(node, {.sizes = made_sizes_.back().get()});
  }

  void define_constant(const onnx::Node& node, onnx::Tensor tensor) {
    plan_weights_ += tensor.element_count();
    if (plan_weights_ > kMaxPlanWeights) fail_node("the network's weights are too large");
    made_constants_.push_back(std::make_unique<onnx::Tensor>(std::move(tensor)));
    define_output(node, {.constant = made_constants_.back().get()});
  }

  // Axes from an attribute of older operator sets or an input of newer ones, from 0 and in order.
  std::vector<std::int64_t> axes_of(const onnx::Node& node, std::size_t rank) const {
    const auto* attribute = node.attribute("axes");
    if (attribute == nullptr && !has_input(node, 1)) fail_node("its axes are missing");
    auto axes = attribute != nullptr ? attribute->ints : size_list(node, 1);
    for (auto& axis : axes) {
      if (axis < 0) axis += static_cast<std::int64_t>(rank);
      if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) fail_node("an axis is out of range");
    }
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) fail_node("an axis stands twice");
    return axes;
  }

  void take_constant(const onnx::Node& node) {
    if (const auto* attribute = node.attribute("value"); attribute != nullptr && attribute->t) {
      return define_output(node, {.constant = &*attribute->t});
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
      fail_node("only constants given as a tensor or as numbers are supported");
    }
    tensor.data_type =
        static_cast<std::int32_t>(tensor.ints.empty() ? onnx::DataType::float32 : onnx::DataType::int64);
    for (std::size_t i = 0; i < tensor.floats.size(); ++i) {
      if (!std::isfinite(tensor.floats[i])) fail_node("it holds a value that is not finite");
    }
    define_constant(node, std::move(tensor));
  }

  void take_shape(const onnx::Node& node) {
    const Named& in = any_activation(node, 0);
    if (node.attribute("start") != nullptr || node.attribute("end") != nullptr) {
      fail_node("a part of a shape is not supported");
    }
    auto sizes = item_sizes(in);
    sizes.insert(sizes.begin(), kBatchSize);
    define_sizes(node, std::move(sizes));
  }

  void take_gather(const onnx::Node& node) {
    const auto& from = size_list(node, 0);
    std::vector<std::int64_t> sizes;
    for (auto index : size_list(node, 1)) {
      if (index < 0) index += static_cast<std::int64_t>(from.size());
      if (index < 0 || index >= static_cast<std::int64_t>(from.size()))
        fail_node("its index is out of range");
      sizes.push_back(from[static_cast<std::size_t>(index)]);
    }
    define_sizes(node, std::move(sizes));
  }

  void take_concat(const onnx::Node& node) {
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (named_input(node, i).value >= 0)
        fail_node("activations side by side are not supported, only sizes");
      const auto& part = size_list(node, i);
      if (part.size() > kMaxSizes) fail_node("it joins a list of more than 64 sizes");
      sizes.insert(sizes.end(), part.begin(), part.end());
    }
    define_sizes(node, std::move(sizes));
  }

  void take_cast(const onnx::Node& node) {
    const Named named = named_input(node, 0);
    const std::int64_t to = int_attribute(node, "to", 0);
    constexpr auto kFloat = static_cast<std::int64_t>(onnx::DataType::float32);
    constexpr auto kWhole = static_cast<std::int64_t>(onnx::DataType::int64);
    const bool from_whole =
        named.sizes != nullptr || (named.constant != nullptr && named.constant->floats.empty());
    if (from_whole ? to != kWhole : to != kFloat) fail_node("a change of type is not supported");
    if (named.value < 0) return define_output(node, named);
    define_alias(node, named, named);
  }

  void take_flatten(const onnx::Node& node) {
    Named flat = any_activation(node, 0);
    const auto rank = static_cast<std::int64_t>(item_sizes(flat).size()) + 1;
    const std::int64_t axis = int_attribute(node, "axis", 1);
    if (axis != 1 && axis != 1 - rank) fail_node("only a flatten from axis 1 is supported");
    flatten(flat);
    define_alias(node, any_activation(node, 0), flat);
  }

  void flatten(Named& named) const {
    named.flattened = true;
    // Without channels, or with one, both orders are the same.
    if (channels_of(named.value) == 1 || is_single_pixel(named.value)) named.order = Order::channels_first;
  }

  void take_reshape(const onnx::Node& node) {
    const Named in = named_input(node, 0);
    const auto shape = size_list(node, 1);
    if (in.sizes != nullptr) return define_output(node, in);
    if (in.constant != nullptr) return reshape_constant(node, *in.constant, shape);
    Named named = any_activation(node, 0);
    const auto now = item_sizes(named);
    const auto refuse = [&] {
      std::string text;
      for (const auto size : shape) {
        text += (text.empty() ? "[" : ", ") + (size == kBatchSize  ? "N"
                                               : size == kOpenSize ? "width"
                                                                   : std::to_string(size));
      }
      fail_node("a reshape to " + text +
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
    if (to == now) return define_alias(node, named, named);
    const auto& size = trace_of(named.value).narrow;
    const std::int64_t channels = channels_of(named.value);
    const std::int64_t width = open ? kOpenSize : size.width;
    const bool any_order = channels == 1 || is_single_pixel(named.value);
    if (to.size() == 1 && to[0] == (open ? kOpenSize : count)) {
      flatten(named);
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
    define_alias(node, any_activation(node, 0), named);
  }

  void reshape_constant(const onnx::Node& node, const onnx::Tensor& constant,
                        const std::vector<std::int64_t>& shape) {
    // Some exporters reshape the weights of a fully connected layer.
    onnx::Tensor reshaped = constant;
    const std::int64_t elements = constant.element_count();
    std::int64_t count = 1;
    for (const auto dim : shape) {
      if (dim > onnx::kMaxTensorElements) fail_node("it reshapes a constant to no valid shape");
    }
    for (auto& dim : reshaped.dims = shape) {
      if (dim == -1 && elements > 0) {
        std::int64_t others = 1;
        for (const auto other : shape) others *= other > 0 && others <= elements ? other : 1;
        dim = elements / others;
      }
      if (dim < 1 || dim > onnx::kMaxTensorElements / count)
        fail_node("it reshapes a constant to no valid shape");
      count *= dim;
    }
    if (shape.size() > 8 || count != elements)
      fail_node("it reshapes a constant to another number of values");
    define_constant(node, std::move(reshaped));
  }

  void take_squeeze(const onnx::Node& node, bool unsqueeze) {
    const Named in = named_input(node, 0);
    // The lists of sizes that exporters make are one number or a list of one: the same here.
    if (in.sizes != nullptr) return define_output(node, in);
    if (in.constant != nullptr) {
      onnx::Tensor tensor = *in.constant;
      const std::size_t more = unsqueeze && node.attribute("axes") != nullptr
                                   ? node.attribute("axes")->ints.size()
                               : unsqueeze && has_input(node, 1) ? size_list(node, 1).size()
                                                                 : 0;
      if (more > 8) fail_node("it has more than 8 axes");
      auto axes = axes_of(node, tensor.dims.size() + more);
      if (!unsqueeze) std::reverse(axes.begin(), axes.end());
      for (const auto axis : axes) {
        const auto at = tensor.dims.begin() + axis;
        if (unsqueeze) {
          tensor.dims.insert(at, 1);
        } else if (*at != 1) {
          fail_node("it squeezes a dimension that is not 1");
        } else {
          tensor.dims.erase(at);
        }
      }
      return define_constant(node, std::move(tensor));
    }
    Named named = any_activation(node, 0);
    using Axes = std::vector<std::int64_t>;
    const std::size_t rank = item_sizes(named).size() + 1;
    const bool single = is_single_pixel(named.value);
    const bool one_channel = channels_of(named.value) == 1;
    if (unsqueeze) {
      const auto* attribute = node.attribute("axes");
      const Axes axes =
          axes_of(node, rank + (attribute != nullptr ? attribute->ints.size() : size_list(node, 1).size()));
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
        fail_node("only a dimension of channels may be added");
      }
    } else {
      const Axes axes = axes_of(node, rank);
      const bool first = !named.flattened && named.order == Order::channels_first;
      const bool last = !named.flattened && named.order == Order::channels_last;
      if (single && ((first && axes == Axes{2, 3}) || (last && axes == Axes{1, 2}))) {
        flatten(named);
      } else if (named.trailing && axes == Axes{2}) {
        named.trailing = false;
      } else if (one_channel && ((first && axes == Axes{1}) || (last && axes == Axes{3}))) {
        named.order = Order::no_channels;
      } else {
        fail_node("only rows and columns of a single value, or a single channel, may be squeezed away");
      }
    }
    define_alias(node, any_activation(node, 0), named);
  }

  void take_transpose(const onnx::Node& node) {
    const Named in = named_input(node, 0);
    const auto* attribute = node.attribute("perm");
    if (in.constant != nullptr) return transpose_constant(node, *in.constant, attribute);
    Named named = any_activation(node, 0);
    const std::size_t rank = item_sizes(named).size() + 1;
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
        fail_node(
            "only the channels may be moved, from [N, height, width, channels] to [N, channels, height, "
            "width] or back");
      }
    }
    define_alias(node, any_activation(node, 0), named);
  }

  void transpose_constant(const onnx::Node& node, const onnx::Tensor& tensor,
                          const onnx::Attribute* attribute) {
    if (tensor.dims.size() != 2 || tensor.floats.empty() ||
        (attribute != nullptr && attribute->ints != std::vector<std::int64_t>{1, 0})) {
      fail_node("of constants only a matrix may be transposed; export with constants folded");
    }
    onnx::Tensor turned = tensor;
    std::swap(turned.dims[0], turned.dims[1]);
    const auto rows = static_cast<std::size_t>(tensor.dims[0]);
    const auto columns = static_cast<std::size_t>(tensor.dims[1]);
    std::vector<float> values(tensor.floats.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i % columns * rows + i / columns] = tensor.floats[i];
    }
    turned.floats = std::move(values);
    define_constant(node, std::move(turned));
  }

  void take_reduce_mean(const onnx::Node& node) {
    Named named = any_activation(node, 0);
    const auto axes = axes_of(node, item_sizes(named).size() + 1);
    using Axes = std::vector<std::int64_t>;
    if (named.flattened || named.order == Order::no_channels ||
        axes != (named.order == Order::channels_last ? Axes{1, 2} : Axes{2, 3})) {
      fail_node("a mean is supported only over all rows and columns");
    }
    const int value = blocked(named.value);
    named.value = append({.kind = StepKind::pool_global, .input = value}, channels_of(value));
    if (int_attribute(node, "keepdims", 1) == 0) flatten(named);
    define_output(node, named);
  }

  void take_softmax(const onnx::Node& node) {
    Named named = activation(node, 0);
    const bool flat = named.flattened;
    const bool old = model_.opset < 13;
    const std::int64_t axis = int_attribute(node, "axis", old ? 1 : -1);
    if (flat && !is_single_pixel(named.value)) fail_node("it must run over the classes");
    if (axis != 1 && axis != (flat ? -1 : -3)) fail_node("it must run over the classes, axis 1");
    if (old && !flat && !is_single_pixel(named.value)) {
      fail_node("before operator set 13 a softmax runs over all axes; export with operator set 13 or later");
    }
    // The reader takes the softmax itself; what comes before it are the raw scores.
    named.softmax = true;
    define_alias(node, activation(node, 0), named);
  }

  // --- the whole
  // ---------------------------------------------------------------------------------------------

  void take_output() {
    if (model_.outputs.size() != 1) {
      fail("it has " + std::to_string(model_.outputs.size()) + " outputs, a network for Inkfield has one");
    }
    const auto& output = model_.outputs[0];
    const auto found = names_.find(output.name);
    if (found == names_.end() || found->second.value < 0) {
      fail("its output " + quoted(output.name) + " is made by no node");
    }
    const auto& named = found->second;
    const auto& trace = trace_of(named.value);
    if (named.value == 0) fail("its output is its input");
    if (trace.narrow.height != 1) {
      fail("its output has a height of " + std::to_string(trace.narrow.height) +
           "; expected [N, classes, 1, frames] or [N, classes]");
    }
    if (!named.flattened && named.order != Order::channels_first && !is_single_pixel(named.value)) {
      fail("its output has its channels last; expected [N, classes, 1, frames] or [N, classes]");
    }
    if (named.flattened && !is_single_pixel(named.value)) {
      fail("its output is flattened over several frames; expected [N, classes, 1, frames] or [N, classes]");
    }
    plan_.output = named.value;
    plan_.class_count = channels_of(named.value);
    if (plan_.class_count < 2 || plan_.class_count > 256) {
      fail("its output has " + std::to_string(plan_.class_count) + " classes, allowed are 2 to 256");
    }
  }

  const onnx::Model& model_;
  NetworkPlan plan_;
  std::vector<Traced> traced_;
  std::map<std::string, Named, std::less<>> names_;
  std::map<std::string, int, std::less<>> consumers_;
  std::map<std::string, bool, std::less<>> made_somewhere_;
  std::map<std::string, bool, std::less<>> convolved_;
  std::map<std::string, bool, std::less<>> doubtful_;  // what hangs on a node that has a fault
  std::vector<ModelFault> faults_;
  std::map<int, bool> shared_values_;
  std::vector<std::unique_ptr<onnx::Tensor>> made_constants_;
  std::vector<std::unique_ptr<std::vector<std::int64_t>>> made_sizes_;
  std::int64_t plan_weights_ = 0;
  int spread_ = -1;
  std::string node_;
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
