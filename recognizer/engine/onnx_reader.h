// The parts of an ONNX file that a small network needs, as plain values. Nothing of the file is trusted:
// every length, shape and count is checked here, so that the rest of the engine never meets a lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recognizer/engine/onnx_tensor.h"

namespace inkfield::recognizer::onnx {

struct Attribute {
  std::string name;
  float f = 0;
  std::int64_t i = 0;
  std::string s;
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  std::optional<Tensor> t;
};

struct Node {
  std::string op_type;
  std::string name;
  std::string domain;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
  [[nodiscard]] const Attribute* attribute(std::string_view wanted) const;
  [[nodiscard]] std::int64_t int_attribute(std::string_view wanted, std::int64_t otherwise) const;
  [[nodiscard]] bool has_input(std::size_t index) const;  ///< optional ones may be left out
};

/// A graph input or output. A dimension that the file leaves open is -1.
struct ValueInfo {
  std::string name;
  std::int32_t element_type = 0;
  bool has_shape = false;
  std::vector<std::int64_t> dims;
};

struct Model {
  std::string producer;    ///< name and version of the tool that wrote the file; may be empty
  std::int64_t opset = 0;  ///< of the default operator set
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Throws Error(invalid_model or io_error). Weights of the model stay in `bytes`, which must outlive it.
Model read_model(ModelBytes& bytes);
/// The same from memory.
Model read_model(std::span<const std::uint8_t> bytes);

}  // namespace inkfield::recognizer::onnx
