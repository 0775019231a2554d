// Field numbers are those of onnx.proto (IR version 8).
#include "recognizer/training/onnx_writer.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "recognizer/error.h"

namespace inkfield::training {
namespace {

using protozero::pbf_writer;

void add_ints(pbf_writer& node, std::string_view name, const std::vector<std::int64_t>& values) {
  std::string bytes;
  pbf_writer attribute(bytes);
  attribute.add_string(1, name.data(), name.size());
  for (const std::int64_t value : values) attribute.add_int64(8, value);
  attribute.add_enum(20, 7);  // INTS
  node.add_message(5, bytes);
}

std::string make_node(std::string_view op, std::string_view name, const std::vector<std::string>& inputs,
                      const std::string& output,
                      const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& attributes) {
  std::string bytes;
  pbf_writer node(bytes);
  for (const std::string& input : inputs) node.add_string(1, input);
  node.add_string(2, output);
  node.add_string(3, name.data(), name.size());
  node.add_string(4, op.data(), op.size());
  for (const auto& [key, values] : attributes) add_ints(node, key, values);
  return bytes;
}

std::string make_tensor(const std::string& name, const torch::Tensor& values) {
  std::string bytes;
  pbf_writer tensor(bytes);
  for (const std::int64_t size : values.sizes()) tensor.add_int64(1, size);
  tensor.add_int32(2, 1);  // FLOAT
  tensor.add_string(8, name);
  static_assert(sizeof(float) == 4);
  // raw_data is little-endian; training runs on nothing else.
  tensor.add_bytes(9, reinterpret_cast<const char*>(values.data_ptr<float>()),
                   static_cast<std::size_t>(values.numel()) * 4);
  return bytes;
}

std::string make_value(const std::string& name, const std::vector<std::string>& dimensions) {
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

std::string to_onnx(const CtcNetworkImpl& network, const std::map<std::string, std::string>& metadata) {
  const std::vector<LayerPlan>& plan = network.plan();
  std::string graph_bytes;
  pbf_writer graph(graph_bytes);
  std::vector<std::string> tensors;
  std::string current = "ink";
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const LayerPlan& layer = plan[i];
    const bool last = i + 1 == plan.size();
    const std::string id = std::to_string(i + 1);
    const auto [weight, bias] = network.folded(i);
    tensors.push_back(make_tensor("weight" + id, weight));
    tensors.push_back(make_tensor("bias" + id, bias));
    std::string next = last ? "scores" : "conv" + id + "_out";
    graph.add_message(
        1, make_node("Conv", "conv" + id, {current, "weight" + id, "bias" + id}, next,
                     {{"dilations", {1, 1}},
                      {"kernel_shape", {layer.kernel_height, layer.kernel_width}},
                      {"pads", {layer.pad_height, layer.pad_width, layer.pad_height, layer.pad_width}},
                      {"strides", {1, 1}}}));
    current = next;
    if (last) break;
    next = "relu" + id + "_out";
    graph.add_message(1, make_node("Relu", "relu" + id, {current}, next, {}));
    current = next;
    if (layer.pool_height * layer.pool_width > 1) {
      next = "pool" + id + "_out";
      const std::vector<std::int64_t> pool = {layer.pool_height, layer.pool_width};
      graph.add_message(1, make_node("MaxPool", "pool" + id, {current}, next,
                                     {{"kernel_shape", pool}, {"pads", {0, 0, 0, 0}}, {"strides", pool}}));
      current = next;
    }
  }
  graph.add_string(2, "inkfield");
  for (const std::string& tensor : tensors) graph.add_message(5, tensor);
  graph.add_message(11, make_value("ink", {"N", "1", std::to_string(recognizer::kInputHeightPx), "W"}));
  graph.add_message(12, make_value("scores", {"N", std::to_string(kClassCount), "1", "F"}));

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

void write_file(const std::string& path, const std::string& bytes) {
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) throw Error(ErrorKind::io_error, "cannot write " + part);
  }
  std::error_code failure;
  std::filesystem::rename(part, path, failure);
  if (failure) throw Error(ErrorKind::io_error, "cannot write " + path + ": " + failure.message());
}

}  // namespace inkfield::training
