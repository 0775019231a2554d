// Constants of an ONNX file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/engine/onnx_values.h"

namespace protozero {
class pbf_reader;
}

namespace inkfield::recognizer::onnx {

class LargeMessage;

/// Most elements of one tensor and of all tensors of a file together.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{64} << 20U;

/// TensorProto.DataType values that matter here.
enum class DataType : std::int32_t { undefined = 0, float32 = 1, int8 = 3, int32 = 6, int64 = 7, float64 = 11 };

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
