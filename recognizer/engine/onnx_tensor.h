// Constants of an ONNX file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recognizer/engine/model_bytes.h"

namespace protozero {
class pbf_reader;
}

namespace inkfield::recognizer::onnx {

class LargeMessage;

/// Most elements of one tensor and of all tensors of a file together.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{64} << 20U;

/// TensorProto.DataType values that matter here.
enum class DataType : std::int32_t { undefined = 0, float32 = 1, int8 = 3, int32 = 6, int64 = 7, float64 = 11 };

/// Values of a constant. Many of them stay in the model's bytes until they are asked for: a copy of all weights would cost as much
/// time as the rest of the loading, most of it for fresh memory.
template <typename T>
class ValueList {
 public:
  ValueList() = default;
  ValueList(std::vector<T> values)  // NOLINT: a list is what its values are
      : own_(std::make_shared<const std::vector<T>>(std::move(values))), size_(own_->size()) {}
  /// `size` values from byte `first` on. A file must outlive the list, or memory must.
  static ValueList within(ModelBytes& bytes, std::size_t first, std::size_t size);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Throws Error(io_error) if the file cannot be read any more.
  void copy(std::size_t first, std::size_t count, T* to) const;

 private:
  std::shared_ptr<const std::vector<T>> own_;
  ModelBytes* file_ = nullptr;
  const char* memory_ = nullptr;
  std::size_t place_ = 0;
  std::size_t size_ = 0;
};
using ByteList = ValueList<std::int8_t>;

/// The values of float weights, or signed bytes that a scale for each so many of them turns into floats.
class FloatList {
 public:
  FloatList() = default;
  FloatList(std::vector<float> values) : floats_(std::move(values)) {}  // NOLINT: a list is what its values are
  /// See ValueList; `who` is the tensor for messages.
  static FloatList within(ModelBytes& bytes, std::size_t first, std::size_t size, std::string who);
  /// Value i is byte i times scale i / per_scale; scales are finite and not negative.
  static FloatList scaled(ByteList bytes, std::vector<float> scales, std::size_t per_scale);

  [[nodiscard]] std::size_t size() const { return scales_ ? bytes_.size() : floats_.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Throws Error(invalid_model) if one of them is not finite, Error(io_error) if the file cannot be read any more.
  void copy(std::size_t first, std::size_t count, float* to) const;
  /// The same without a look at what they are, for who looks at them all the same and then refuses.
  void copy_unseen(std::size_t first, std::size_t count, float* to) const;
  [[noreturn]] void refuse_not_finite() const;
  [[nodiscard]] std::vector<float> values() const;

  /// Whether they are bytes whose scale is the same for the `row` values of each row at least.
  [[nodiscard]] bool has_bytes(std::size_t row) const { return scales_ && per_scale_ % row == 0; }
  [[nodiscard]] const ByteList& bytes() const { return bytes_; }
  [[nodiscard]] float scale(std::size_t value) const { return (*scales_)[value / per_scale_]; }

 private:
  ValueList<float> floats_;
  std::shared_ptr<const std::string> who_;  // of values that nobody has looked at
  ByteList bytes_;
  std::shared_ptr<const std::vector<float>> scales_;
  std::size_t per_scale_ = 1;
};

/// A constant. Weights come as `floats` (float32) or `bytes` (int8), shapes as `ints` (int32 or int64); of other types only the
/// shape is kept. The number of values always equals the product of `dims`.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int32_t data_type = 0;
  FloatList floats = {};
  ByteList bytes = {};
  std::vector<std::int64_t> ints = {};
  [[nodiscard]] std::int64_t element_count() const;
};

/// Counts of everything read so far, so that many small lies cannot add up to a large one.
struct Budget {
  std::int64_t elements_left = kMaxTensorElements;
  void spend(std::int64_t count);
};

/// Throws Error(invalid_model).
Tensor read_tensor(protozero::pbf_reader reader, Budget& budget);
Tensor read_tensor(LargeMessage message, Budget& budget);

/// What DequantizeLinear makes of constants: `bytes` times `scale`, one number or one for each place along `axis`. Throws
/// Error(invalid_model) that begins with `who` and says what does not fit.
Tensor dequantised(const Tensor& bytes, const Tensor& scale, std::int64_t axis, const std::string& who);

/// A name from the file, made fit for a message: printable, in quotes, not long.
std::string quoted(std::string_view name);
/// Throws Error(invalid_model) with what stands against the file.
[[noreturn]] void fail(const std::string& what);

}  // namespace inkfield::recognizer::onnx
