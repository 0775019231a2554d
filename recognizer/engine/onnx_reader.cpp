// Walks the protobuf of an ONNX file. Field numbers are those of onnx.proto (ONNX IR version 3 and later).
//
// protozero checks wire types by assert only; so every message is walked by tag *and* wire type, and a known
// field that comes with another wire type is skipped like an unknown one.
#include "recognizer/engine/onnx_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <protozero/pbf_reader.hpp>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"

namespace inkfield::recognizer::onnx {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::size_t kMaxNameBytes = 1024;
constexpr std::size_t kMaxMetadataBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxDims = 8;
constexpr std::size_t kMaxListLength = 4096;  // inputs of a node, attributes, metadata entries

constexpr std::uint32_t varint(std::uint32_t tag) {
  return protozero::tag_and_type(tag, pbf_wire_type::varint);
}
constexpr std::uint32_t bytes(std::uint32_t tag) {
  return protozero::tag_and_type(tag, pbf_wire_type::length_delimited);
}
constexpr std::uint32_t fixed32(std::uint32_t tag) {
  return protozero::tag_and_type(tag, pbf_wire_type::fixed32);
}

std::string read_text(pbf_reader& reader, const char* what, std::size_t limit = kMaxNameBytes) {
  const auto view = reader.get_view();
  if (view.size() > limit) {
    fail(std::string(what) + " has " + std::to_string(view.size()) + " bytes, more than " +
         std::to_string(limit));
  }
  return {view.data(), view.size()};
}

template <typename T>
void check_length(const std::vector<T>& list, std::size_t limit, const char* what) {
  if (list.size() >= limit) fail("more than " + std::to_string(limit) + " " + what);
}

// Counts of everything read so far, so that many small lies cannot add up to a large one.
struct Budget {
  std::int64_t elements_left = kMaxTensorElements;
  void spend(std::int64_t count) {
    if (count > elements_left) {
      fail("its tensors hold more than " + std::to_string(kMaxTensorElements) + " values together");
    }
    elements_left -= count;
  }
};

template <typename T>
void append_raw(const protozero::data_view& raw, std::vector<T>& values) {
  values.resize(raw.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), values.size() * sizeof(T));
}

// Without a branch for each, so that the compiler takes several at once.
bool all_finite(const FloatList& values) {
  std::uint32_t not_finite = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    constexpr std::uint32_t kExponent = 0x7F800000U;
    not_finite |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(values[i]) & kExponent) == kExponent);
  }
  return not_finite == 0;
}

Tensor read_tensor(pbf_reader reader, Budget& budget) {
  Tensor tensor;
  protozero::data_view raw;
  bool has_raw = false;
  bool external = false;
  std::vector<std::int64_t> int32_data;
  std::vector<std::int64_t> int64_data;
  std::vector<float> float_data;
  const auto add_dim = [&](std::int64_t dim) {
    check_length(tensor.dims, kMaxDims, "dimensions of a tensor");
    tensor.dims.push_back(dim);
  };
  const auto add_int = [&](std::vector<std::int64_t>& list, std::int64_t value) {
    budget.spend(1);
    list.push_back(value);
  };
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case varint(1):
        add_dim(reader.get_int64());
        break;
      case bytes(1):
        for (const auto dim : reader.get_packed_int64()) add_dim(dim);
        break;
      case varint(2):
        tensor.data_type = reader.get_int32();
        break;
      case bytes(4): {
        const auto view = reader.get_view();
        if (view.size() % sizeof(float) != 0) fail("float_data of a tensor is cut inside a number");
        budget.spend(static_cast<std::int64_t>(view.size() / sizeof(float)));
        const std::size_t before = float_data.size();
        float_data.resize(before + view.size() / sizeof(float));
        if (view.size() > 0) std::memcpy(float_data.data() + before, view.data(), view.size());
        break;
      }
      case fixed32(4): {
        budget.spend(1);
        float_data.push_back(reader.get_float());
        break;
      }
      case varint(5):
        add_int(int32_data, reader.get_int32());
        break;
      case bytes(5):
        for (const auto value : reader.get_packed_int32()) add_int(int32_data, value);
        break;
      case varint(7):
        add_int(int64_data, reader.get_int64());
        break;
      case bytes(7):
        for (const auto value : reader.get_packed_int64()) add_int(int64_data, value);
        break;
      case bytes(8):
        tensor.name = read_text(reader, "the name of a tensor");
        break;
      case bytes(9):
        raw = reader.get_view();
        has_raw = true;
        break;
      case bytes(13):
        external = true;
        reader.skip();
        break;
      case varint(14):
        if (reader.get_int32() != 0) external = true;  // read in any case
        break;
      default:
        reader.skip();
    }
  }
  const std::string who = "tensor " + onnx::quoted(tensor.name);
  if (external) fail(who + " keeps its values in another file; save the model as one file");
  std::int64_t count = 1;
  for (const auto dim : tensor.dims) {
    if (dim < 0) fail(who + " has the negative dimension " + std::to_string(dim));
    if (dim > kMaxTensorElements || (dim > 0 && count > kMaxTensorElements / dim)) {
      fail(who + " asks for more than " + std::to_string(kMaxTensorElements) + " values");
    }
    count *= dim;
  }
  const auto check_count = [&](std::size_t found) {
    if (found != static_cast<std::size_t>(count)) {
      fail(who + ": its shape says " + std::to_string(count) + " values, the file holds " +
           std::to_string(found));
    }
  };
  const auto check_raw = [&](std::size_t size) {
    if (raw.size() != static_cast<std::size_t>(count) * size) {
      fail(who + ": its shape needs " + std::to_string(static_cast<std::size_t>(count) * size) +
           " bytes of raw_data, the file holds " + std::to_string(raw.size()));
    }
    budget.spend(count);
  };
  switch (static_cast<DataType>(tensor.data_type)) {
    case DataType::float32:
      if (has_raw) {
        check_raw(sizeof(float));
        tensor.floats = FloatList::within(raw.data(), static_cast<std::size_t>(count));
      } else {
        check_count(float_data.size());
        tensor.floats = std::move(float_data);
      }
      // One weight that is not a number would make every answer of the network none.
      if (!all_finite(tensor.floats)) fail(who + " holds a value that is not finite");
      break;
    case DataType::int64:
      if (has_raw) {
        check_raw(sizeof(std::int64_t));
        append_raw(raw, tensor.ints);
      } else {
        check_count(int64_data.size());
        tensor.ints = std::move(int64_data);
      }
      break;
    case DataType::int32:
      if (has_raw) {
        check_raw(sizeof(std::int32_t));
        std::vector<std::int32_t> narrow;
        append_raw(raw, narrow);
        tensor.ints.assign(narrow.begin(), narrow.end());
      } else {
        check_count(int32_data.size());
        tensor.ints = std::move(int32_data);
      }
      break;
    default:
      break;  // refused where it is used, if it is
  }
  return tensor;
}

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

void read_graph(pbf_reader reader, Model& model, Budget& budget) {
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(1):
        check_length(model.nodes, static_cast<std::size_t>(kMaxModelNodes), "nodes");
        model.nodes.push_back(read_node(reader.get_message(), budget));
        break;
      case bytes(5):
        check_length(model.initializers, static_cast<std::size_t>(kMaxModelNodes) * 4, "initializers");
        model.initializers.push_back(read_tensor(reader.get_message(), budget));
        break;
      case bytes(11):
        check_length(model.inputs, static_cast<std::size_t>(kMaxModelNodes) * 4, "inputs");
        model.inputs.push_back(read_value_info(reader.get_message()));
        break;
      case bytes(12):
        check_length(model.outputs, kMaxListLength, "outputs");
        model.outputs.push_back(read_value_info(reader.get_message()));
        break;
      case bytes(15):
        fail("sparse initializers are not supported; export dense weights");
      default:
        reader.skip();
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

Model read_model_message(std::span<const std::uint8_t> file) {
  Model model;
  Budget budget;
  bool has_graph = false;
  std::string producer_version;
  pbf_reader reader(reinterpret_cast<const char*>(file.data()), file.size());
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case bytes(2):
        model.producer = read_text(reader, "the name of the producer");
        break;
      case bytes(3):
        producer_version = read_text(reader, "the version of the producer");
        break;
      case bytes(7):
        if (has_graph) fail("it holds two graphs");
        has_graph = true;
        read_graph(reader.get_message(), model, budget);
        break;
      case bytes(8):
        read_opset(reader.get_message(), model);
        break;
      case bytes(14):
        read_metadata(reader.get_message(), model);
        break;
      case bytes(25):
        fail("model-local functions are not supported; export with functions inlined");
        break;
      default:
        reader.skip();
    }
  }
  if (!producer_version.empty()) model.producer += " " + producer_version;
  if (!has_graph) fail("it holds no graph; is it an ONNX model?");
  return model;
}

}  // namespace

std::int64_t Tensor::element_count() const {
  std::int64_t count = 1;
  for (const auto dim : dims) count *= dim;  // bounded when the tensor was read
  return count;
}

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

std::string quoted(std::string_view name) {
  constexpr std::size_t kShown = 60;
  std::string text = "'";
  for (const char c : name.substr(0, kShown)) text += (c >= ' ' && c <= '~') ? c : '?';
  if (name.size() > kShown) text += "...";
  return text + "'";
}

void fail(const std::string& what) { throw Error(ErrorKind::invalid_model, "ONNX file: " + what); }

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    throw Error(ErrorKind::io_error, path + " is a folder, not a network file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::not_found, "network file " + path + " cannot be opened");
  // At once where the size can be asked, for fresh memory costs more than reading; in pieces from a pipe or a
  // device, and what a file has grown by.
  std::vector<std::uint8_t> content;
  const auto size = file.seekg(0, std::ios::end) ? static_cast<std::int64_t>(file.tellg()) : -1;
  file.clear();
  file.seekg(0);
  file.clear();
  if (size > 0 && size <= static_cast<std::int64_t>(kMaxModelBytes)) {
    content.resize(static_cast<std::size_t>(size));
    file.read(reinterpret_cast<char*>(content.data()), size);
    content.resize(static_cast<std::size_t>(file.gcount()));
  }
  std::vector<char> piece(std::size_t{64} << 10U);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    content.insert(content.end(), piece.begin(), piece.begin() + file.gcount());
    if (content.size() > kMaxModelBytes) {
      throw Error(ErrorKind::invalid_model,
                  path + ": more than " + std::to_string(kMaxModelBytes) + " bytes");
    }
  }
  if (file.bad()) throw Error(ErrorKind::io_error, "network file " + path + " cannot be read");
  return content;
}

Model read_model(std::span<const std::uint8_t> file) {
  if (file.empty()) fail("it is empty; copy or export it again");
  if (file.size() > kMaxModelBytes) {
    fail("it has " + std::to_string(file.size()) + " bytes, more than the " + std::to_string(kMaxModelBytes) +
         " allowed");
  }
  try {
    return read_model_message(file);
  } catch (const protozero::exception& cut) {
    fail(std::string("it is cut short or is no ONNX model (") + cut.what() + "); copy or export it again");
  }
}

}  // namespace inkfield::recognizer::onnx
