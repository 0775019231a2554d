// The parts of an ONNX file that a small network needs, as plain values. Nothing of the file is trusted:
// every length, shape and count is checked here, so that the rest of the engine never meets a lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inkfield::recognizer::onnx {

/// Most elements of one tensor and of all tensors of a file together.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{64} << 20U;

/// TensorProto.DataType values that matter here.
enum class DataType : std::int32_t { undefined = 0, float32 = 1, int32 = 6, int64 = 7, float64 = 11 };

/// The values of float weights. They stay in the file's bytes where it holds them raw, at whatever address: a
/// copy of all weights would cost as much time as the rest of the reading, most of it for fresh memory.
class FloatList {
 public:
  FloatList() = default;
  FloatList(std::vector<float> values)  // NOLINT: a list is what its values are
      : own_(std::make_shared<const std::vector<float>>(std::move(values))),
        bytes_(reinterpret_cast<const char*>(own_->data())),
        size_(own_->size()) {}
  static FloatList within(const char* bytes, std::size_t size) {
    FloatList list;
    list.bytes_ = bytes;
    list.size_ = size;
    return list;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  float operator[](std::size_t index) const {
    float value = 0;
    std::memcpy(&value, bytes_ + index * sizeof value, sizeof value);
    return value;
  }
  [[nodiscard]] std::vector<float> values() const {
    std::vector<float> copy(size_);
    if (size_ > 0) std::memcpy(copy.data(), bytes_, size_ * sizeof(float));
    return copy;
  }

 private:
  std::shared_ptr<const std::vector<float>> own_;
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// A constant. Weights come as `floats` (float32), shapes as `ints` (int32 or int64); of other types only the
/// shape is kept. The number of values always equals the product of `dims`.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int32_t data_type = 0;
  FloatList floats;
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

/// A whole file of at most kMaxModelBytes. Throws Error(not_found, io_error or invalid_model).
std::vector<std::uint8_t> read_file(const std::string& path);
/// Throws Error(invalid_model). The weights of the model lie in `file`, which must outlive it.
Model read_model(std::span<const std::uint8_t> file);

/// A name from the file, made fit for a message: printable, in quotes, not long.
std::string quoted(std::string_view name);
/// Throws Error(invalid_model) with what stands against the file.
[[noreturn]] void fail(const std::string& what);

}  // namespace inkfield::recognizer::onnx
