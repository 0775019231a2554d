// Walks the protobuf of an ONNX file. Field numbers are those of onnx.proto (ONNX IR version 3 and later).
#include "recognizer/engine/onnx_reader.h"

#include <algorithm>
#include <protozero/pbf_reader.hpp>

#include "recognizer/engine/network.h"
#include "recognizer/engine/onnx_message.h"

namespace inkfield::recognizer::onnx {
namespace {

using protozero::pbf_reader;

constexpr std::size_t kMaxMetadataBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxDims = 8;
constexpr std::size_t kMaxListLength = 4096;  // inputs of a node, attributes, metadata entries

Attribute read_attribute(pbf_reader reader, Budget& budget) {
  Attribute attribute;
  const auto add_int = [&](std::int64_t value) {
    check_length(attribute.ints, kMaxListLength, "numbers in an attribute");
    attribute.ints.push_back(value);
  };
  const auto add_float = [&](float value) {
    check_length(attribute.floats, kMaxListLength, "numbers in an attribute");
    attribute.floats.push_back(value);
  };
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        attribute.name = read_text(reader, "the name of an attribute");
        break;
      case fixed32(2):
        attribute.f = reader.get_float();
        break;
      case varint(3):
        attribute.i = reader.get_int64();
        break;
      case bytes(4):
        attribute.s = read_text(reader, "an attribute");
        break;
      case bytes(5):
        attribute.t = read_tensor(reader.get_message(), budget);
        break;
      case fixed32(7):
        add_float(reader.get_float());
        break;
      case bytes(7):
        for (const auto value : reader.get_packed_float()) add_float(value);
        break;
      case varint(8):
        add_int(reader.get_int64());
        break;
      case bytes(8):
        for (const auto value : reader.get_packed_int64()) add_int(value);
        break;
      default:
        reader.skip();
    }
  }
  return attribute;
}

Node read_node(pbf_reader reader, Budget& budget) {
  Node node;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        check_length(node.inputs, kMaxListLength, "inputs of a node");
        node.inputs.push_back(read_text(reader, "the name of an input"));
        break;
      case bytes(2):
        check_length(node.outputs, kMaxListLength, "outputs of a node");
        node.outputs.push_back(read_text(reader, "the name of an output"));
        break;
      case bytes(3):
        node.name = read_text(reader, "the name of a node");
        break;
      case bytes(4):
        node.op_type = read_text(reader, "the operator of a node");
        break;
      case bytes(5):
        check_length(node.attributes, kMaxListLength, "attributes of a node");
        node.attributes.push_back(read_attribute(reader.get_message(), budget));
        break;
      case bytes(7):
        node.domain = read_text(reader, "the domain of a node");
        break;
      default:
        reader.skip();
    }
  }
  return node;
}

std::int64_t read_dimension(pbf_reader reader) {
  std::int64_t dim = -1;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        dim = reader.get_int64();
        if (dim < 0) fail("an input or output has the negative dimension " + std::to_string(dim));
        break;
      default:
        reader.skip();
    }
  }
  return dim;
}

void read_shape(pbf_reader reader, ValueInfo& info) {
  info.has_shape = true;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        check_length(info.dims, kMaxDims, "dimensions of an input or output");
        info.dims.push_back(read_dimension(reader.get_message()));
        break;
      default:
        reader.skip();
    }
  }
}

void read_tensor_type(pbf_reader reader, ValueInfo& info) {
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        info.element_type = reader.get_int32();
        break;
      case bytes(2):
        read_shape(reader.get_message(), info);
        break;
      default:
        reader.skip();
    }
  }
}

ValueInfo read_value_info(pbf_reader reader) {
  ValueInfo info;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        info.name = read_text(reader, "the name of an input or output");
        break;
      case bytes(2): {
        auto type = reader.get_message();
        while (type.next()) {
          if (type.tag_and_type() == bytes(1)) {
            read_tensor_type(type.get_message(), info);
          } else {
            type.skip();
          }
        }
        break;
      }
      default:
        reader.skip();
    }
  }
  return info;
}

void read_graph(LargeMessage graph, Model& model, Budget& budget) {
  while (graph.next()) {
    switch (graph.tag_and_type()) {
      case bytes(1):
        check_length(model.nodes, static_cast<std::size_t>(kMaxModelNodes), "nodes");
        model.nodes.push_back(read_node(graph.message(), budget));
        break;
      case bytes(5):
        check_length(model.initializers, static_cast<std::size_t>(kMaxModelNodes) * 4, "initializers");
        model.initializers.push_back(read_tensor(graph.large_message(), budget));
        break;
      case bytes(11):
        check_length(model.inputs, static_cast<std::size_t>(kMaxModelNodes) * 4, "inputs");
        model.inputs.push_back(read_value_info(graph.message()));
        break;
      case bytes(12):
        check_length(model.outputs, kMaxListLength, "outputs");
        model.outputs.push_back(read_value_info(graph.message()));
        break;
      case bytes(15):
        fail("sparse initializers are not supported; export dense weights");
      default:
        break;
    }
  }
}

void read_opset(pbf_reader reader, Model& model) {
  std::string domain;
  std::int64_t version = 0;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        domain = read_text(reader, "the domain of an operator set");
        break;
      case varint(2):
        version = reader.get_int64();
        break;
      default:
        reader.skip();
    }
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

void read_metadata(pbf_reader reader, Model& model) {
  std::string key;
  std::string value;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        key = read_text(reader, "a metadata key");
        break;
      case bytes(2):
        value = read_text(reader, "a metadata value", kMaxMetadataBytes);
        break;
      default:
        reader.skip();
    }
  }
  check_length(model.metadata, kMaxListLength, "metadata entries");
  model.metadata.emplace_back(std::move(key), std::move(value));
}

Model read_model_message(ModelBytes& source) {
  Model model;
  Budget budget;
  bool has_graph = false;
  std::string producer_version;
  LargeMessage message(source, 0, source.size());
  while (message.next()) {
    switch (message.tag_and_type()) {
      case bytes(2): {
        pbf_reader field = message.field();
        model.producer = read_text(field, "the name of the producer");
        break;
      }
      case bytes(3): {
        pbf_reader field = message.field();
        producer_version = read_text(field, "the version of the producer");
        break;
      }
      case bytes(7):
        if (has_graph) fail("it holds two graphs");
        has_graph = true;
        read_graph(message.large_message(), model, budget);
        break;
      case bytes(8):
        read_opset(message.message(), model);
        break;
      case bytes(14):
        read_metadata(message.message(), model);
        break;
      case bytes(25):
        fail("model-local functions are not supported; export with functions inlined");
        break;
      default:
        break;
    }
  }
  if (!producer_version.empty()) model.producer += " " + producer_version;
  if (!has_graph) fail("it holds no graph; is it an ONNX model?");
  return model;
}

}  // namespace

const Attribute* Node::attribute(std::string_view wanted) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const Attribute& a) { return a.name == wanted; });
  return found == attributes.end() ? nullptr : &*found;
}

std::int64_t Node::int_attribute(std::string_view wanted, std::int64_t otherwise) const {
  const auto* found = attribute(wanted);
  return found == nullptr ? otherwise : found->i;
}

bool Node::has_input(std::size_t index) const { return index < inputs.size() && !inputs[index].empty(); }

Model read_model(ModelBytes& bytes) {
  if (bytes.size() == 0) fail("it is empty; copy or export it again");
  if (bytes.size() > kMaxModelBytes) {
    fail("it has " + std::to_string(bytes.size()) + " bytes, more than the " + std::to_string(kMaxModelBytes) +
         " allowed");
  }
  try {
    return read_model_message(bytes);
  } catch (const protozero::exception& cut) {
    fail(std::string("it is cut short or is no ONNX model (") + cut.what() + "); copy or export it again");
  }
}

Model read_model(std::span<const std::uint8_t> bytes) {
  ModelBytes in_memory(bytes);
  return read_model(in_memory);
}

}  // namespace inkfield::recognizer::onnx
