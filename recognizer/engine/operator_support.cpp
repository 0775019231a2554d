// The functions that take nodes into a plan (plan_operators.h) check what depends on shapes.
#include "recognizer/engine/operator_support.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "recognizer/engine/plan_operators.h"

namespace inkfield::recognizer {
namespace {

using onnx::quoted;

std::string operators() {
  std::string list;
  for (const auto& known : planning::operators()) (list += list.empty() ? "" : ", ") += known.name;
  return list;
}

// What people meet, and what has served them.
std::string advice_for(std::string_view op) {
  const auto is = [op](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), op) != names.end();
  };
  if (op.find("uantize") != std::string_view::npos || op.starts_with("QLinear") ||
      is({"ConvInteger", "MatMulInteger"})) {
    return "export the float32 network from before quantization; bytes are made of it here (weights alone may be "
           "stored as bytes, with DequantizeLinear)";
  }
  if (is({"LSTM", "GRU", "RNN"}))
    return "recurrent layers are not run; train a network of convolutions, which reads lines as well";
  if (is({"Elu", "Selu", "Gelu", "Erf", "HardSigmoid", "HardSwish", "Softplus", "Softsign", "Mish", "Swish",
          "Celu", "ThresholdedRelu"})) {
    return "train with Relu, LeakyRelu, PRelu, Clip, Tanh or Sigmoid";
  }
  if (is({"LRN", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "LpNormalization",
          "MeanVarianceNormalization"})) {
    return "train with BatchNormalization, which costs nothing once trained";
  }
  if (is({"ConvTranspose", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth", "Scan", "Loop", "If"})) {
    return "export a network that only classifies, without control flow or layers that enlarge";
  }
  if (is({"GlobalMaxPool", "ReduceMax", "ReduceSum", "LpPool", "GlobalLpPool"})) {
    return "use MaxPool, AveragePool, GlobalAveragePool or ReduceMean";
  }
  if (is({"ArgMax", "TopK", "Hardmax"}))
    return "export the scores themselves, before the best class is chosen";
  if (is({"Exp", "Log", "Sqrt", "Pow", "Neg", "Abs", "Reciprocal", "Slice", "Split", "Expand", "Tile",
          "Where", "Equal", "ConstantOfShape", "Range"})) {
    return "export for a fixed shape with constants folded; what then remains of it must be trained without";
  }
  return "train or export without it; a network may use " + operators();
}

}  // namespace

std::vector<NodeFault> unsupported_parts(const onnx::Node& node) {
  const std::string_view op = node.op_type;
  if (!node.domain.empty() && node.domain != "ai.onnx") {
    return {{"operator " + quoted(op) + " of the domain " + quoted(node.domain) + " is not supported",
             "export with the operators of ONNX itself"}};
  }
  if (planning::find_operator(op) == nullptr) {
    std::string advice = advice_for(op);
    if (advice.find("a network may use") == std::string::npos) advice += "; a network may use " + operators();
    return {{"operator " + quoted(op) + " is not supported", std::move(advice)}};
  }
  std::vector<NodeFault> faults;
  const auto text = [&](std::string_view name) {
    const auto* attribute = node.attribute(name);
    return attribute == nullptr ? std::string() : attribute->s;
  };
  if (op == "Conv" || op == "MaxPool" || op == "AveragePool") {
    const std::string pad = text("auto_pad");
    if (!pad.empty() && pad != "NOTSET" && pad != "VALID" && pad != "SAME_UPPER" && pad != "SAME_LOWER") {
      faults.push_back({"auto_pad " + quoted(pad) + " is unknown", "export with explicit pads"});
    }
  }
  if (op == "MaxPool" || op == "AveragePool") {
    if (const auto* dilations = node.attribute("dilations");
        dilations != nullptr &&
        std::any_of(dilations->ints.begin(), dilations->ints.end(), [](auto d) { return d != 1; })) {
      faults.push_back({"dilations of a pool other than 1 are not supported", "pool without dilations"});
    }
    if (node.attribute("kernel_shape") == nullptr)
      faults.push_back({"kernel_shape is missing", "export it again"});
  }
  if (op == "Gemm" && node.int_attribute("transA", 0) != 0) {
    faults.push_back({"transA is not supported", "export with the activations untransposed"});
  }
  if (op == "BatchNormalization" && node.int_attribute("training_mode", 0) != 0) {
    faults.push_back({"it is in training mode", "export for inference (eval mode)"});
  }
  if (op == "Pad") {
    if (const std::string mode = text("mode"); !mode.empty() && mode != "constant") {
      faults.push_back({"padding of the mode " + quoted(mode) + " is not supported", "pad with a constant"});
    }
  }
  return faults;
}

}  // namespace inkfield::recognizer
