// Tags and lengths by protozero, a few bytes at a time.
#include "recognizer/engine/onnx_message.h"

#include <algorithm>

namespace inkfield::recognizer::onnx {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

std::string read_text(pbf_reader& reader, const char* what, std::size_t limit) {
  const auto view = reader.get_view();
  if (view.size() > limit) {
    fail(std::string(what) + " has " + std::to_string(view.size()) + " bytes, more than " +
         std::to_string(limit));
  }
  return {view.data(), view.size()};
}

bool LargeMessage::next() {
  if (next_ >= end_) return false;
  // A tag, and a length or a number.
  constexpr std::size_t kMostHead = 2 * protozero::max_varint_length;
  const std::size_t head = std::min(kMostHead, end_ - next_);
  field_ = next_;
  const char* const begin = bytes_->view(field_, head);
  pbf_reader reader(begin, head);
  reader.next();
  tag_and_type_ = reader.tag_and_type();
  const char* at = reader.data().data();
  std::uint64_t size = 0;
  switch (reader.wire_type()) {
    case pbf_wire_type::varint:
      protozero::decode_varint(&at, begin + head);
      break;
    case pbf_wire_type::length_delimited:
      size = protozero::decode_varint(&at, begin + head);
      break;
    case pbf_wire_type::fixed32:
      size = sizeof(std::uint32_t);
      break;
    case pbf_wire_type::fixed64:
      size = sizeof(std::uint64_t);
      break;
    default:
      throw protozero::unknown_pbf_wire_type_exception{};
  }
  payload_ = field_ + static_cast<std::size_t>(at - begin);
  if (size > end_ - payload_) throw protozero::end_of_buffer_exception{};
  next_ = payload_ + static_cast<std::size_t>(size);
  return true;
}

pbf_reader LargeMessage::message() const { return {bytes_->view(payload_, payload_size()), payload_size()}; }

pbf_reader LargeMessage::field() const {
  pbf_reader reader(bytes_->view(field_, next_ - field_), next_ - field_);
  reader.next();
  return reader;
}

}  // namespace inkfield::recognizer::onnx
