// The parts of an ONNX file that a small network needs, as plain values. Nothing of the file is trusted:
// every length, shape and count is checked here, so that the rest of the engine never meets a lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::recognizer::onnx {

/// Most elements of one tensor and of all tensors of a file together.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{64} << 20U;

/// TensorProto.DataType values that matter here.
enum class DataType : std::int32_t { undefined = 0, float32 = 1, int32 = 6, int64 = 7, float64 = 11 };

/// A constant. Weights come as `floats` (float32), shapes as `ints` (int32 or int64); of other types only the
/// shape is kept. The number of values always equals the product of `dims`.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int32_t data_type = 0;
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  [[nodiscard]] std::int64_t element_count() const;
};

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
};

/// A graph input or output. A dimension that the file leaves open is -1.
struct ValueInfo {
  std::string name;
  std::int32_t element_type = 0;
  bool has_shape = false;
  std::vector<std::int64_t> dims;
};

struct Model {
  std::int64_t opset = 0;  ///< of the default operator set
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Throws Error(invalid_model).
Model read_model(std::span<const std::uint8_t> file);

/// A name from the file, made fit for a message: printable, in quotes, not long.
std::string quoted(std::string_view name);

}  // namespace inkfield::recognizer::onnx
