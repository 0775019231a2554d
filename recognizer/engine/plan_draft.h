// The plan of a network while it is made: which name of the graph stands for what, and the steps so far. The
// operators (plan_operators.h) ask it what a node says and give it what the node makes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/onnx_reader.h"

namespace inkfield::recognizer::planning {

/// In lists of sizes: the batch, and a width that is open.
inline constexpr std::int64_t kBatchSize = -1001;
inline constexpr std::int64_t kOpenSize = -1002;
inline constexpr std::size_t kMaxSizes = 64;

/// How the file sees an activation that here always lies channel, row, column.
enum class Order { channels_first, channels_last, no_channels };

/// What a name of the graph stands for: an activation, a constant or a list of sizes.
struct Named {
  int value = -1;
  bool flattened = false;
  bool trailing = false;  ///< flattened single values as [N, values, 1], for a batch normalisation
  bool softmax = false;   ///< scores have already been through softmax; nothing may follow
  const onnx::Tensor* constant = nullptr;
  Order order = Order::channels_first;  ///< of a flattened one: before it was flattened
  std::array<int, 4> pads = {};         ///< top, left, bottom, right; zeros that the next convolution adds
  const std::vector<std::int64_t>* sizes = nullptr;  ///< from Shape and what exporters do with it
};

/// Where a value comes from and how large it is. Where the width of the input is open, shapes are followed
/// for two widths at once: what differs between them depends on the width.
struct Traced {
  PlaneSize narrow;
  PlaneSize wide;
  int producer = -1;  ///< step
};

/// Everything that is refused throws Error(invalid_model) with the name of the node at work.
class PlanDraft {
 public:
  /// The model must outlive it.
  explicit PlanDraft(const onnx::Model& model);

  [[nodiscard]] NetworkPlan& plan() { return plan_; }
  [[nodiscard]] std::int64_t opset() const { return model_.opset; }

  /// The node at work, as messages name it.
  void begin_node(const onnx::Node& node);
  [[nodiscard]] const std::string& node_name() const { return node_; }
  [[noreturn]] void fail_node(const std::string& what) const;

  // What names stand for.
  [[nodiscard]] const Named* find(std::string_view name) const;
  void define_input(const std::string& name, const Named& named, PlaneSize narrow, PlaneSize wide);
  void define_initializer(const onnx::Tensor& tensor);
  void define_output(const onnx::Node& node, const Named& named);
  /// A second name for a value: what reads the first name is no longer the only reader.
  void define_alias(const onnx::Node& node, const Named& from, const Named& to);
  void define_sizes(const onnx::Node& node, std::vector<std::int64_t> sizes);
  void define_constant(const onnx::Node& node, onnx::Tensor tensor);

  // What a node says.
  [[nodiscard]] const Named& named_input(const onnx::Node& node, std::size_t index) const;
  /// An activation in whatever order.
  [[nodiscard]] const Named& any_activation(const onnx::Node& node, std::size_t index) const;
  /// One with its channels first, or flattened.
  [[nodiscard]] const Named& activation(const onnx::Node& node, std::size_t index) const;
  [[nodiscard]] const onnx::Tensor& weights(const onnx::Node& node, std::size_t index) const;
  /// A list of whole numbers from a constant or from what was made of a shape.
  [[nodiscard]] const std::vector<std::int64_t>& size_list(const onnx::Node& node, std::size_t index) const;
  /// Axes from an attribute of older operator sets or an input of newer ones, from 0 and in order.
  [[nodiscard]] std::vector<std::int64_t> axes_of(const onnx::Node& node, std::size_t rank) const;
  /// One number from an attribute of older operator sets or an input of newer ones; nothing if neither is
  /// there.
  [[nodiscard]] std::optional<float> number(const onnx::Node& node, std::string_view attribute,
                                            std::size_t input) const;
  [[nodiscard]] float float_attribute(const onnx::Node& node, std::string_view name, float otherwise) const;
  [[nodiscard]] std::vector<int> int_list(const onnx::Node& node, std::string_view name, std::size_t length,
                                          std::int64_t least, std::int64_t most, int otherwise) const;

  // Values and their shapes.
  [[nodiscard]] int channels_of(int value) const {
    return plan_.values[static_cast<std::size_t>(value)].channels;
  }
  [[nodiscard]] const Traced& trace_of(int value) const { return traced_[static_cast<std::size_t>(value)]; }
  [[nodiscard]] bool is_single_pixel(int value) const;
  /// The sizes of one item as the file sees it, without the batch.
  [[nodiscard]] std::vector<std::int64_t> item_sizes(const Named& in) const;
  /// Where a flattened activation has the value that here is number `t` in the order channel, row, column.
  [[nodiscard]] std::int64_t flat_index(const Named& in, std::int64_t t) const {
    if (in.order != Order::channels_last) return t;
    const auto& size = trace_of(in.value).narrow;
    const std::int64_t pixels = size.height * size.width;
    return t % pixels * channels_of(in.value) + t / pixels;
  }
  void flatten(Named& named) const;

  // Steps.
  /// Appends a step that makes a new value of so many channels.
  int append(Step step, int channels);
  /// The input plane has one lane; all steps but a convolution want whole blocks.
  int blocked(int value);
  /// The step that made this value for this node alone, so that something may be folded into it.
  [[nodiscard]] Step* lone_producer(const onnx::Node& node, std::size_t index);
  /// The same if a ReLU may still follow in it.
  [[nodiscard]] Step* foldable(const onnx::Node& node, std::size_t index);
  /// Whether one convolution reads what the node makes, and nothing else does.
  [[nodiscard]] bool only_convolved(const onnx::Node& node) const;
  /// Follows the shape again of what a step makes, after something was folded into it.
  void retrace(const Step& step);
  /// Counts weights against the limit; `refusal` says what is over it.
  void claim_weights(std::int64_t count, const std::string& refusal);
  void count_parameters(std::int64_t count) { plan_.parameter_count += count; }

 private:
  void define(const std::string& name, const Named& named);
  [[nodiscard]] bool has_one_reader(const std::string& name) const;

  const onnx::Model& model_;
  NetworkPlan plan_;
  std::vector<Traced> traced_;
  std::map<std::string, Named, std::less<>> names_;
  std::map<std::string, int, std::less<>> consumers_;
  std::map<std::string, bool, std::less<>> made_somewhere_;
  std::map<std::string, bool, std::less<>> convolved_;
  std::map<int, bool> shared_values_;
  std::vector<std::unique_ptr<onnx::Tensor>> made_constants_;
  std::vector<std::unique_ptr<std::vector<std::int64_t>>> made_sizes_;
  std::int64_t plan_weights_ = 0;
  int spread_ = -1;
  std::string node_;
};

}  // namespace inkfield::recognizer::planning
