// The values of constants of an ONNX file, most of which stay where they are until they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/engine/model_bytes.h"

namespace inkfield::recognizer::onnx {

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

/// Whether none of them is infinite or not a number.
bool all_finite(const float* values, std::size_t count);
/// One weight that is not a number would make every answer of the network none. Throws Error(invalid_model) that begins with `who`.
[[noreturn]] void fail_not_finite(const std::string& who);

}  // namespace inkfield::recognizer::onnx
