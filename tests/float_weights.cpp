// Field numbers are those of onnx.proto.
#include "tests/float_weights.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "recognizer/engine/onnx_reader.h"
#include "recognizer/training/protobuf_fields.h"

namespace inkfield::test {
namespace {

namespace onnx = recognizer::onnx;
using training::with_fields;

const onnx::Tensor& initializer(const onnx::Model& model, const std::string& name) {
  const auto found = std::find_if(model.initializers.begin(), model.initializers.end(),
                                  [&](const onnx::Tensor& tensor) { return tensor.name == name; });
  if (found == model.initializers.end()) onnx::fail(onnx::quoted(name) + " is no constant");
  return *found;
}

std::string float_tensor(const std::string& name, const onnx::Tensor& tensor) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  for (const std::int64_t dim : tensor.dims) writer.add_int64(1, dim);
  writer.add_int32(2, static_cast<std::int32_t>(onnx::DataType::float32));
  writer.add_string(8, name);
  const std::vector<float> values = tensor.floats.values();
  writer.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

// The first text of this field; empty if there is none.
std::string text(std::string_view message, protozero::pbf_tag_type tag) {
  protozero::pbf_reader fields(protozero::data_view(message.data(), message.size()));
  return fields.next(tag) ? fields.get_string() : std::string();
}

}  // namespace

std::string with_float_weights(std::span<const std::uint8_t> file) {
  const onnx::Model model = onnx::read_model(file);
  std::set<std::string, std::less<>> gone;
  std::string made;
  for (const onnx::Node& node : model.nodes) {
    if (node.op_type != "DequantizeLinear") continue;
    const onnx::Tensor floats = onnx::dequantised(initializer(model, node.inputs.at(0)), initializer(model, node.inputs.at(1)),
                                                  node.int_attribute("axis", 1), node.name);
    protozero::pbf_writer(made).add_message(5, float_tensor(node.outputs.at(0), floats));
    gone.insert(node.inputs.begin(), node.inputs.end());
  }
  const auto kept = [](std::string_view content, bool keep) { return keep ? std::optional(std::string(content)) : std::nullopt; };
  return with_fields({reinterpret_cast<const char*>(file.data()), file.size()}, 7, [&](std::string_view graph) {
    const std::string nodes =
        with_fields(graph, 1, [&](std::string_view node) { return kept(node, text(node, 4) != "DequantizeLinear"); });
    return made + with_fields(nodes, 5, [&](std::string_view tensor) { return kept(tensor, !gone.contains(text(tensor, 8))); });
  });
}

}  // namespace inkfield::test
