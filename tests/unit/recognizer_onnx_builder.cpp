// Field numbers are those of onnx.proto.
#include "tests/unit/recognizer_onnx_builder.h"

#include <protozero/pbf_writer.hpp>

namespace inkfield::recognizer::test {
namespace {

void add_value_info(protozero::pbf_writer& graph, std::uint32_t tag, const std::string& name,
                    const std::vector<std::int64_t>& dims, int element_type) {
  protozero::pbf_writer info(graph, tag);
  info.add_string(1, name);
  protozero::pbf_writer type(info, 2);
  protozero::pbf_writer tensor(type, 1);
  tensor.add_int32(1, element_type);
  protozero::pbf_writer shape(tensor, 2);
  for (const auto dim : dims) {
    protozero::pbf_writer one(shape, 1);
    if (dim == -1) {
      one.add_string(2, "open");
    } else {
      one.add_int64(1, dim);
    }
  }
}

}  // namespace

OnnxBuilder& OnnxBuilder::input(const std::string& name, const std::vector<std::int64_t>& dims,
                                int element_type) {
  protozero::pbf_writer graph(graph_);
  add_value_info(graph, 11, name, dims, element_type);
  return *this;
}

OnnxBuilder& OnnxBuilder::output(const std::string& name, const std::vector<std::int64_t>& dims) {
  protozero::pbf_writer graph(graph_);
  add_value_info(graph, 12, name, dims, 1);
  return *this;
}

OnnxBuilder& OnnxBuilder::weights(const std::string& name, const std::vector<std::int64_t>& dims,
                                  const std::vector<float>& values, bool raw) {
  protozero::pbf_writer graph(graph_);
  protozero::pbf_writer tensor(graph, 5);
  tensor.add_packed_int64(1, dims.begin(), dims.end());
  tensor.add_int32(2, 1);
  if (raw) {
    tensor.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  } else {
    tensor.add_packed_float(4, values.begin(), values.end());
  }
  tensor.add_string(8, name);
  return *this;
}

OnnxBuilder& OnnxBuilder::byte_weights(const std::string& name, const std::vector<std::int64_t>& dims,
                                       const std::vector<std::int32_t>& values, bool raw) {
  protozero::pbf_writer graph(graph_);
  protozero::pbf_writer tensor(graph, 5);
  tensor.add_packed_int64(1, dims.begin(), dims.end());
  tensor.add_int32(2, 3);
  tensor.add_string(8, name);
  if (raw) {
    const std::string bytes(values.begin(), values.end());
    tensor.add_bytes(9, bytes);
  } else {
    tensor.add_packed_int32(5, values.begin(), values.end());
  }
  return *this;
}

OnnxBuilder& OnnxBuilder::external_weights(const std::string& name, const std::vector<std::int64_t>& dims,
                                           const std::string& location) {
  protozero::pbf_writer graph(graph_);
  protozero::pbf_writer tensor(graph, 5);
  tensor.add_packed_int64(1, dims.begin(), dims.end());
  tensor.add_int32(2, 1);
  tensor.add_string(8, name);
  {
    protozero::pbf_writer entry(tensor, 13);
    entry.add_string(1, "location");
    entry.add_string(2, location);
  }
  tensor.add_int32(14, 1);
  return *this;
}

OnnxBuilder& OnnxBuilder::shape(const std::string& name, const std::vector<std::int64_t>& values, bool raw) {
  protozero::pbf_writer graph(graph_);
  protozero::pbf_writer tensor(graph, 5);
  tensor.add_int64(1, static_cast<std::int64_t>(values.size()));
  tensor.add_int32(2, 7);
  if (raw) {
    tensor.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t));
  } else {
    tensor.add_packed_int64(7, values.begin(), values.end());
  }
  tensor.add_string(8, name);
  return *this;
}

OnnxBuilder& OnnxBuilder::node(const std::string& op, const std::vector<std::string>& inputs,
                               const std::vector<std::string>& outputs,
                               const std::vector<OnnxAttribute>& attributes, const std::string& name) {
  protozero::pbf_writer graph(graph_);
  protozero::pbf_writer node(graph, 1);
  for (const auto& input : inputs) node.add_string(1, input);
  for (const auto& output : outputs) node.add_string(2, output);
  node.add_string(3, name);
  node.add_string(4, op);
  for (const auto& attribute : attributes) {
    protozero::pbf_writer writer(node, 5);
    writer.add_string(1, attribute.name);
    if (attribute.f) writer.add_float(2, *attribute.f);
    if (attribute.i) writer.add_int64(3, *attribute.i);
    if (attribute.s) writer.add_bytes(4, *attribute.s);
    if (attribute.int_tensor) {
      protozero::pbf_writer tensor(writer, 5);
      const auto& values = *attribute.int_tensor;
      if (values.size() != 1) tensor.add_int64(1, static_cast<std::int64_t>(values.size()));
      tensor.add_int32(2, 7);
      tensor.add_packed_int64(7, values.begin(), values.end());
    }
    if (attribute.ints) {
      for (const auto value : *attribute.ints) writer.add_int64(8, value);  // unpacked, as exporters write it
    }
  }
  return *this;
}

OnnxBuilder& OnnxBuilder::metadata(const std::string& key, const std::string& value) {
  metadata_.emplace_back(key, value);
  return *this;
}

std::vector<std::uint8_t> OnnxBuilder::bytes() const {
  std::string file;
  protozero::pbf_writer model(file);
  model.add_int64(1, 8);
  model.add_message(7, graph_);
  {
    protozero::pbf_writer set(model, 8);
    set.add_string(1, "");
    set.add_int64(2, opset);
  }
  for (const auto& [key, value] : metadata_) {
    protozero::pbf_writer entry(model, 14);
    entry.add_string(1, key);
    entry.add_string(2, value);
  }
  return {file.begin(), file.end()};
}

std::vector<float> seeded_values(std::size_t count, std::uint32_t seed) {
  std::vector<float> values(count);
  for (auto& value : values) {
    seed = seed * 1664525U + 1013904223U;
    value =
        static_cast<float>(static_cast<std::int32_t>(seed >> 8U) - (1 << 23)) / static_cast<float>(1 << 23);
  }
  return values;
}

OnnxBuilder small_line_network() {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 32, -1})
      .weights("w1", {5, 1, 3, 3}, seeded_values(45, 1))
      .weights("b1", {5}, seeded_values(5, 2))
      .weights("w2", {17, 5, 8, 1}, seeded_values(17 * 5 * 8, 3), false)
      .weights("b2", {17}, seeded_values(17, 4), false)
      .node("Conv", {"ink", "w1", "b1"}, {"c1"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}}, "conv1")
      .node("Relu", {"c1"}, {"r1"}, {}, "relu1")
      .node("MaxPool", {"r1"}, {"p1"},
            {{.name = "kernel_shape", .ints = {{4, 4}}}, {.name = "strides", .ints = {{4, 4}}}}, "pool1")
      .node("Conv", {"p1", "w2", "b2"}, {"scores"}, {}, "conv2")
      .output("scores", {-1, 17, 1, -1})
      .metadata("inkfield.name", "small")
      .metadata("inkfield.version", "1")
      .metadata("inkfield.alphabet", "0123456789,.-/=?")
      .metadata("inkfield.blank", "0")
      .metadata("inkfield.input", R"({"height_px":32,"frame_stride_px":4,"layout":"line"})");
  return onnx;
}

}  // namespace inkfield::recognizer::test
