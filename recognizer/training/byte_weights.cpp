// The engine's own reader finds the weights; all else of the file is copied field by field. Field numbers are those of onnx.proto.
#include "recognizer/training/byte_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/training/onnx_graph.h"
#include "recognizer/training/protobuf_fields.h"

namespace inkfield::training {
namespace {

namespace onnx = recognizer::onnx;

constexpr protozero::pbf_tag_type kModelGraph = 7;
constexpr protozero::pbf_tag_type kGraphInitializer = 5;
constexpr protozero::pbf_tag_type kTensorName = 8;
constexpr double kLargestByte = 127;

// The float weights of convolutions that run in bytes, by name.
std::map<std::string, const onnx::Tensor*> weights_in_bytes(const onnx::Model& model,
                                                            const std::vector<std::pair<std::string, float>>& ranges) {
  std::map<std::string, const onnx::Tensor*> found;
  for (const onnx::Node& node : model.nodes) {
    const bool in_bytes = node.op_type == "Conv" && std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
                            return range.first == node.inputs[0];
                          });
    if (!in_bytes) continue;
    for (const onnx::Tensor& tensor : model.initializers) {
      if (tensor.name == node.inputs[1] && !tensor.floats.empty()) found[tensor.name] = &tensor;
    }
  }
  return found;
}

// What stands for one of them: two constants and the node between them and the convolution.
void add_bytes(const onnx::Tensor& weights, OnnxGraph& graph) {
  const std::vector<float> values = weights.floats.values();
  const auto rows = static_cast<std::size_t>(weights.dims[0]);
  const std::size_t size = values.size() / rows;
  std::vector<std::int8_t> bytes(values.size());
  std::vector<float> scales(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    float largest = 0;
    for (std::size_t i = row * size; i < (row + 1) * size; ++i) largest = std::max(largest, std::abs(values[i]));
    const double unit = static_cast<double>(largest) / kLargestByte;
    scales[row] = static_cast<float>(unit);
    if (scales[row] == 0) continue;  // its bytes stay zero
    for (std::size_t i = row * size; i < (row + 1) * size; ++i) {
      bytes[i] = static_cast<std::int8_t>(std::floor(static_cast<double>(values[i]) / unit + 0.5));
    }
  }
  graph.bytes(weights.name + "_bytes", weights.dims, bytes);
  graph.weights(weights.name + "_scale", {weights.dims[0]}, scales);
  graph.node("DequantizeLinear", weights.name + "_floats", {weights.name + "_bytes", weights.name + "_scale"}, weights.name,
             {{"axis", std::int64_t{0}}});
}

}  // namespace

std::string with_byte_weights(const std::string& file) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  const onnx::Model model = onnx::read_model(bytes);
  const auto weights =
      weights_in_bytes(model, recognizer::Network::from_onnx(bytes, {.precision = recognizer::Precision::float32}).facts().int8_ranges);
  if (weights.empty()) return file;
  OnnxGraph stored;
  for (const auto& [name, tensor] : weights) add_bytes(*tensor, stored);
  return with_fields(file, kModelGraph, [&](std::string_view graph) {
    // Nodes in the order of their work: what makes the weights comes first.
    return stored.nodes() + stored.constants() + with_fields(graph, kGraphInitializer, [&](std::string_view tensor) {
             protozero::pbf_reader fields(protozero::data_view(tensor.data(), tensor.size()));
             const bool replaced = fields.next(kTensorName) && weights.contains(fields.get_string());
             return replaced ? std::nullopt : std::optional(std::string(tensor));
           });
  });
}

}  // namespace inkfield::training
