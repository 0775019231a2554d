// Walking the protobuf of an ONNX file.
//
// protozero checks wire types by assert only; so every message is walked by tag *and* wire type, and a known
// field that comes with another wire type is skipped like an unknown one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <vector>

#include "recognizer/engine/model_bytes.h"
#include "recognizer/engine/onnx_tensor.h"

namespace inkfield::recognizer::onnx {

inline constexpr std::size_t kMaxNameBytes = 1024;

constexpr std::uint32_t varint(std::uint32_t tag) {
  return protozero::tag_and_type(tag, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t bytes(std::uint32_t tag) {
  return protozero::tag_and_type(tag, protozero::pbf_wire_type::length_delimited);
}
constexpr std::uint32_t fixed32(std::uint32_t tag) {
  return protozero::tag_and_type(tag, protozero::pbf_wire_type::fixed32);
}

std::string read_text(protozero::pbf_reader& reader, const char* what, std::size_t limit = kMaxNameBytes);

template <typename T>
void check_length(const std::vector<T>& list, std::size_t limit, const char* what) {
  if (list.size() >= limit) fail("more than " + std::to_string(limit) + " " + what);
}

/// A message that may hold more than should be read at once. Throws what protozero throws, for the same reasons.
class LargeMessage {
 public:
  /// The bytes from `begin` to before `end`.
  LargeMessage(ModelBytes& bytes, std::size_t begin, std::size_t end) : bytes_(&bytes), next_(begin), end_(end) {}

  /// On to the next field, of which nothing but tag and length is looked at.
  bool next();
  [[nodiscard]] std::uint32_t tag_and_type() const { return tag_and_type_; }
  [[nodiscard]] ModelBytes& source() const { return *bytes_; }
  /// What a field of bytes holds, and how much.
  [[nodiscard]] std::size_t payload() const { return payload_; }
  [[nodiscard]] std::size_t payload_size() const { return next_ - payload_; }
  [[nodiscard]] LargeMessage large_message() const { return {*bytes_, payload_, next_}; }
  /// A message that is read at once; good until the next call for the bytes.
  [[nodiscard]] protozero::pbf_reader message() const;
  /// The field itself: a reader whose only field it is.
  [[nodiscard]] protozero::pbf_reader field() const;

 private:
  ModelBytes* bytes_;
  std::size_t field_ = 0;
  std::size_t payload_ = 0;
  std::size_t next_;
  std::size_t end_;
  std::uint32_t tag_and_type_ = 0;
};

}  // namespace inkfield::recognizer::onnx
