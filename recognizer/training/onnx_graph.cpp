// Field numbers are those of onnx.proto (IR version 8).
#include "recognizer/training/onnx_graph.h"

#include <cstddef>
#include <protozero/pbf_writer.hpp>
#include <string_view>

namespace inkfield::training {
namespace {

using protozero::pbf_writer;

std::string attribute_bytes(const OnnxAttribute& attribute) {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_string(1, attribute.name);
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    writer.add_int64(3, *number);
    writer.add_enum(20, 2);  // INT
  } else if (const auto* real = std::get_if<float>(&attribute.value)) {
    writer.add_float(2, *real);
    writer.add_enum(20, 1);  // FLOAT
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    writer.add_bytes(4, *text);
    writer.add_enum(20, 3);  // STRING
  } else {
    for (const std::int64_t value : std::get<std::vector<std::int64_t>>(attribute.value)) writer.add_int64(8, value);
    writer.add_enum(20, 7);  // INTS
  }
  return bytes;
}

std::string tensor_bytes(const std::string& name, const std::vector<std::int64_t>& dims, int type, const void* values,
                         std::size_t size) {
  std::string bytes;
  pbf_writer tensor(bytes);
  for (const std::int64_t dim : dims) tensor.add_int64(1, dim);
  tensor.add_int32(2, type);
  tensor.add_string(8, name);
  // raw_data is little-endian; training runs on nothing else.
  tensor.add_bytes(9, static_cast<const char*>(values), size);
  return bytes;
}

std::string value_bytes(const std::string& name, const std::vector<std::string>& dimensions) {
  std::string shape;
  {
    pbf_writer writer(shape);
    for (const std::string& dimension : dimensions) {
      std::string bytes;
      pbf_writer dim(bytes);
      if (dimension[0] >= '0' && dimension[0] <= '9') {
        dim.add_int64(1, std::stoll(dimension));
      } else {
        dim.add_string(2, dimension);
      }
      writer.add_message(1, bytes);
    }
  }
  std::string tensor;
  {
    pbf_writer writer(tensor);
    writer.add_int32(1, 1);  // FLOAT
    writer.add_message(2, shape);
  }
  std::string type;
  pbf_writer(type).add_message(1, tensor);
  std::string value;
  pbf_writer writer(value);
  writer.add_string(1, name);
  writer.add_message(2, type);
  return value;
}

}  // namespace

OnnxGraph::OnnxGraph() = default;

OnnxGraph& OnnxGraph::weights(const std::string& name, const std::vector<std::int64_t>& dims,
                              std::span<const float> values) {
  static_assert(sizeof(float) == 4);
  pbf_writer(constants_).add_message(5, tensor_bytes(name, dims, 1, values.data(), values.size_bytes()));
  return *this;
}

OnnxGraph& OnnxGraph::bytes(const std::string& name, const std::vector<std::int64_t>& dims, std::span<const std::int8_t> values) {
  pbf_writer(constants_).add_message(5, tensor_bytes(name, dims, 3, values.data(), values.size()));
  return *this;
}

OnnxGraph& OnnxGraph::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  pbf_writer(constants_)
      .add_message(5, tensor_bytes(name, {static_cast<std::int64_t>(values.size())}, 7, values.data(),
                                   values.size() * sizeof(std::int64_t)));
  return *this;
}

OnnxGraph& OnnxGraph::node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                           const std::string& output, const std::vector<OnnxAttribute>& attributes) {
  std::string bytes;
  pbf_writer node(bytes);
  for (const std::string& input : inputs) node.add_string(1, input);
  node.add_string(2, output);
  node.add_string(3, name);
  node.add_string(4, op);
  for (const OnnxAttribute& attribute : attributes) node.add_message(5, attribute_bytes(attribute));
  pbf_writer(nodes_).add_message(1, bytes);
  return *this;
}

std::string OnnxGraph::model(const std::pair<std::string, std::vector<std::string>>& input,
                             const std::pair<std::string, std::vector<std::string>>& output,
                             const std::map<std::string, std::string>& metadata) const {
  std::string graph_bytes = nodes_;
  pbf_writer graph(graph_bytes);
  graph.add_string(2, "inkfield");
  graph_bytes += constants_;
  graph.add_message(11, value_bytes(input.first, input.second));
  graph.add_message(12, value_bytes(output.first, output.second));

  std::string model_bytes;
  pbf_writer model(model_bytes);
  model.add_int64(1, 8);
  model.add_string(2, "inkfield-train");
  model.add_message(7, graph_bytes);
  std::string opset;
  {
    pbf_writer writer(opset);
    writer.add_string(1, "");
    writer.add_int64(2, 13);
  }
  model.add_message(8, opset);
  for (const auto& [key, value] : metadata) {
    std::string entry;
    pbf_writer writer(entry);
    writer.add_string(1, key);
    writer.add_string(2, value);
    model.add_message(14, entry);
  }
  return model_bytes;
}

}  // namespace inkfield::training
