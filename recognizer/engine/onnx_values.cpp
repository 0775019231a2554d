// Copies go straight from the file, or from memory, to where they are wanted.
#include "recognizer/engine/onnx_values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "recognizer/engine/onnx_tensor.h"

namespace inkfield::recognizer::onnx {

// Without a branch for each, so that the compiler takes several at once: one more in the lowest place of the exponent carries
// into the sign only where all its bits are set.
bool all_finite(const float* values, std::size_t count) {
  constexpr std::uint32_t kSign = 0x80000000U;
  constexpr std::uint32_t kLowestOfExponent = 0x00800000U;
  std::uint32_t carried = 0;
  for (std::size_t i = 0; i < count; ++i) carried |= (std::bit_cast<std::uint32_t>(values[i]) & ~kSign) + kLowestOfExponent;
  return (carried & kSign) == 0;
}

void fail_not_finite(const std::string& who) { fail(who + " holds a value that is not finite"); }

template <typename T>
ValueList<T> ValueList<T>::within(ModelBytes& bytes, std::size_t first, std::size_t size) {
  ValueList list;
  list.memory_ = bytes.in_memory();
  list.file_ = list.memory_ == nullptr ? &bytes : nullptr;
  list.place_ = first;
  list.size_ = size;
  return list;
}

template <typename T>
void ValueList<T>::copy(std::size_t first, std::size_t count, T* to) const {
  if (count == 0) return;
  if (own_) {
    std::copy_n(own_->data() + first, count, to);
    return;
  }
  const std::size_t at = place_ + first * sizeof(T);
  if (file_ != nullptr) {
    file_->copy(at, count * sizeof(T), reinterpret_cast<char*>(to));
  } else {
    std::memcpy(to, memory_ + at, count * sizeof(T));
  }
}

template class ValueList<float>;
template class ValueList<std::int8_t>;

FloatList FloatList::within(ModelBytes& bytes, std::size_t first, std::size_t size, std::string who) {
  FloatList list;
  list.floats_ = ValueList<float>::within(bytes, first, size);
  list.who_ = std::make_shared<const std::string>(std::move(who));
  return list;
}

FloatList FloatList::scaled(ByteList bytes, std::vector<float> scales, std::size_t per_scale) {
  FloatList list;
  list.bytes_ = std::move(bytes);
  list.scales_ = std::make_shared<const std::vector<float>>(std::move(scales));
  list.per_scale_ = per_scale;
  return list;
}

void FloatList::copy(std::size_t first, std::size_t count, float* to) const {
  copy_unseen(first, count, to);
  if (who_ && !all_finite(to, count)) refuse_not_finite();
}

void FloatList::copy_unseen(std::size_t first, std::size_t count, float* to) const {
  if (!scales_) {
    floats_.copy(first, count, to);
    return;
  }
  std::array<std::int8_t, 4096> piece;
  for (std::size_t done = 0; done < count; done += piece.size()) {
    const std::size_t some = std::min(piece.size(), count - done);
    bytes_.copy(first + done, some, piece.data());
    for (std::size_t i = 0; i < some; ++i) to[done + i] = static_cast<float>(piece[i]) * scale(first + done + i);
  }
}

void FloatList::refuse_not_finite() const { fail_not_finite(who_ ? *who_ : "a tensor"); }

std::vector<float> FloatList::values() const {
  std::vector<float> all(size());
  copy(0, all.size(), all.data());
  return all;
}

}  // namespace inkfield::recognizer::onnx
