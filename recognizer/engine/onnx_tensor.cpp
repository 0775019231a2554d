// Shapes and counts of constants are checked against what the file holds; small ones are copied, large ones stay where they are.
#include "recognizer/engine/onnx_tensor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "recognizer/engine/onnx_message.h"
#include "recognizer/error.h"

namespace inkfield::recognizer::onnx {
namespace {

using protozero::pbf_reader;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::size_t kMaxDims = 8;
// Of raw_data: beyond this it stays in the file.
constexpr std::size_t kMostCopiedBytes = 4096;

template <typename T>
void append_raw(const std::string& raw, std::vector<T>& values) {
  values.resize(raw.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), values.size() * sizeof(T));
}

// A tensor while its fields come in.
class TensorFields {
 public:
  explicit TensorFields(Budget& budget) : budget_(budget) {}

  /// raw_data that stays where it is.
  void take_raw(ModelBytes& bytes, std::size_t first, std::size_t size) {
    source_ = &bytes;
    raw_first_ = first;
    raw_size_ = size;
    has_raw_ = true;
  }

  void take(pbf_reader& reader) {
    switch (reader.tag_and_type()) {
      case varint(1):
        add_dim(reader.get_int64());
        break;
      case bytes(1):
        for (const auto dim : reader.get_packed_int64()) add_dim(dim);
        break;
      case varint(2):
        tensor_.data_type = reader.get_int32();
        break;
      case bytes(4): {
        const auto view = reader.get_view();
        if (view.size() % sizeof(float) != 0) fail("float_data of a tensor is cut inside a number");
        budget_.spend(static_cast<std::int64_t>(view.size() / sizeof(float)));
        const std::size_t before = float_data_.size();
        float_data_.resize(before + view.size() / sizeof(float));
        if (view.size() > 0) std::memcpy(float_data_.data() + before, view.data(), view.size());
        break;
      }
      case fixed32(4): {
        budget_.spend(1);
        float_data_.push_back(reader.get_float());
        break;
      }
      case varint(5):
        add_int(int32_data_, reader.get_int32());
        break;
      case bytes(5):
        for (const auto value : reader.get_packed_int32()) add_int(int32_data_, value);
        break;
      case varint(7):
        add_int(int64_data_, reader.get_int64());
        break;
      case bytes(7):
        for (const auto value : reader.get_packed_int64()) add_int(int64_data_, value);
        break;
      case bytes(8):
        tensor_.name = read_text(reader, "the name of a tensor");
        break;
      case bytes(9): {
        const auto view = reader.get_view();
        raw_.assign(view.data(), view.size());
        raw_size_ = raw_.size();
        source_ = nullptr;
        has_raw_ = true;
        break;
      }
      case bytes(13):
        external_ = true;
        reader.skip();
        break;
      case varint(14):
        if (reader.get_int32() != 0) external_ = true;  // read in any case
        break;
      default:
        reader.skip();
    }
  }

  Tensor finish() {
    who_ = "tensor " + onnx::quoted(tensor_.name);
    if (external_) fail(who_ + " keeps its values in another file; save the model as one file");
    for (const auto dim : tensor_.dims) {
      if (dim < 0) fail(who_ + " has the negative dimension " + std::to_string(dim));
      if (dim > kMaxTensorElements || (dim > 0 && count_ > kMaxTensorElements / dim)) {
        fail(who_ + " asks for more than " + std::to_string(kMaxTensorElements) + " values");
      }
      count_ *= dim;
    }
    switch (static_cast<DataType>(tensor_.data_type)) {
      case DataType::float32:
        take_floats();
        break;
      case DataType::int64:
        if (has_raw_) {
          check_raw(sizeof(std::int64_t));
          append_raw(copied_raw(), tensor_.ints);
        } else {
          check_count(int64_data_.size());
          tensor_.ints = std::move(int64_data_);
        }
        break;
      case DataType::int32:
        if (has_raw_) {
          check_raw(sizeof(std::int32_t));
          std::vector<std::int32_t> narrow;
          append_raw(copied_raw(), narrow);
          tensor_.ints.assign(narrow.begin(), narrow.end());
        } else {
          check_count(int32_data_.size());
          tensor_.ints = std::move(int32_data_);
        }
        break;
      case DataType::int8:
        take_bytes();
        break;
      default:
        break;  // refused where it is used, if it is
    }
    return std::move(tensor_);
  }

 private:
  void add_dim(std::int64_t dim) {
    check_length(tensor_.dims, kMaxDims, "dimensions of a tensor");
    tensor_.dims.push_back(dim);
  }

  void add_int(std::vector<std::int64_t>& list, std::int64_t value) {
    budget_.spend(1);
    list.push_back(value);
  }

  void check_count(std::size_t found) const {
    if (found != static_cast<std::size_t>(count_)) {
      fail(who_ + ": its shape says " + std::to_string(count_) + " values, the file holds " +
           std::to_string(found));
    }
  }

  void check_raw(std::size_t size) {
    if (raw_size_ != static_cast<std::size_t>(count_) * size) {
      fail(who_ + ": its shape needs " + std::to_string(static_cast<std::size_t>(count_) * size) +
           " bytes of raw_data, the file holds " + std::to_string(raw_size_));
    }
    budget_.spend(count_);
  }

  const std::string& copied_raw() {
    if (source_ != nullptr) {
      raw_.resize(raw_size_);
      source_->copy(raw_first_, raw_size_, raw_.data());
    }
    return raw_;
  }

  void take_floats() {
    if (has_raw_ && source_ != nullptr) {
      check_raw(sizeof(float));
      tensor_.floats = FloatList::within(*source_, raw_first_, static_cast<std::size_t>(count_), who_);
      return;
    }
    if (has_raw_) {
      check_raw(sizeof(float));
      append_raw(raw_, float_data_);
    } else {
      check_count(float_data_.size());
    }
    if (!all_finite(float_data_.data(), float_data_.size())) fail_not_finite(who_);
    tensor_.floats = std::move(float_data_);
  }

  void take_bytes() {
    if (has_raw_ && source_ != nullptr) {
      check_raw(sizeof(std::int8_t));
      tensor_.bytes = ByteList::within(*source_, raw_first_, static_cast<std::size_t>(count_));
      return;
    }
    std::vector<std::int8_t> values;
    if (has_raw_) {
      check_raw(sizeof(std::int8_t));
      append_raw(raw_, values);
    } else {
      check_count(int32_data_.size());
      for (const auto value : int32_data_) {
        values.push_back(static_cast<std::int8_t>(value));
        if (values.back() != value) fail(who_ + " holds " + std::to_string(value) + ", which is no signed byte");
      }
    }
    tensor_.bytes = std::move(values);
  }

  Budget& budget_;
  Tensor tensor_;
  std::string who_;
  std::int64_t count_ = 1;
  std::string raw_;
  ModelBytes* source_ = nullptr;  // of raw_data that was left there
  std::size_t raw_first_ = 0;
  std::size_t raw_size_ = 0;
  bool has_raw_ = false;
  bool external_ = false;
  std::vector<std::int64_t> int32_data_;
  std::vector<std::int64_t> int64_data_;
  std::vector<float> float_data_;
};

}  // namespace

Tensor dequantised(const Tensor& bytes, const Tensor& scale, std::int64_t axis, const std::string& who) {
  if (bytes.data_type != static_cast<std::int32_t>(DataType::int8)) fail(who + ": only signed bytes can be turned into floats");
  if (bytes.bytes.empty()) fail(who + ": its bytes are none");
  const std::vector<float> scales = scale.floats.values();
  constexpr float kLargestScale = std::numeric_limits<float>::max() / 128;
  const bool usable = std::all_of(scales.begin(), scales.end(), [](float s) { return s >= 0 && s <= kLargestScale; });
  if (scales.empty() || !usable) fail(who + ": its scales must be float32, finite and not negative");
  Tensor floats{.name = bytes.name, .dims = bytes.dims, .data_type = static_cast<std::int32_t>(DataType::float32)};
  std::size_t per_scale = bytes.bytes.size();
  if (scales.size() > 1) {
    const auto rank = static_cast<std::int64_t>(bytes.dims.size());
    const std::int64_t at = axis < 0 ? axis + rank : axis;
    if (scale.dims.size() != 1 || at < 0 || at >= rank || bytes.dims[static_cast<std::size_t>(at)] != scale.dims[0]) {
      fail(who + ": its " + std::to_string(scales.size()) + " scales do not fit axis " + std::to_string(axis) + " of its bytes");
    }
    for (std::int64_t i = 0; i <= at; ++i) per_scale /= static_cast<std::size_t>(bytes.dims[static_cast<std::size_t>(i)]);
    if (at != 0) {
      std::vector<std::int8_t> whole(bytes.bytes.size());
      bytes.bytes.copy(0, whole.size(), whole.data());
      std::vector<float> values(whole.size());
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(whole[i]) * scales[i / per_scale % scales.size()];
      floats.floats = std::move(values);
      return floats;
    }
  }
  floats.floats = FloatList::scaled(bytes.bytes, scales, per_scale);
  return floats;
}

std::int64_t Tensor::element_count() const {
  std::int64_t count = 1;
  for (const auto dim : dims) count *= dim;  // bounded when the tensor was read
  return count;
}

void Budget::spend(std::int64_t count) {
  if (count > elements_left) {
    fail("its tensors hold more than " + std::to_string(kMaxTensorElements) + " values together");
  }
  elements_left -= count;
}

Tensor read_tensor(pbf_reader reader, Budget& budget) {
  TensorFields fields(budget);
  while (reader.next()) fields.take(reader);
  return fields.finish();
}

Tensor read_tensor(LargeMessage message, Budget& budget) {
  TensorFields fields(budget);
  while (message.next()) {
    if (message.tag_and_type() == bytes(9) && message.payload_size() > kMostCopiedBytes) {
      fields.take_raw(message.source(), message.payload(), message.payload_size());
    } else {
      pbf_reader field = message.field();
      fields.take(field);
    }
  }
  return fields.finish();
}

std::string quoted(std::string_view name) {
  constexpr std::size_t kShown = 60;
  std::string text = "'";
  for (const char c : name.substr(0, kShown)) text += (c >= ' ' && c <= '~') ? c : '?';
  if (name.size() > kShown) text += "...";
  return text + "'";
}

void fail(const std::string& what) { throw Error(ErrorKind::invalid_model, "ONNX file: " + what); }

}  // namespace inkfield::recognizer::onnx
