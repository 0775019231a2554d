// Copies a protobuf message with one of its fields changed; all else stays as it is, byte for byte.
#pragma once

#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>

namespace inkfield::training {

/// `message` with every field `tag` that holds text or a message replaced by what `change` makes of its content, or left out where
/// that is nothing. Throws protozero::exception if it is no message.
template <typename Change>
std::string with_fields(std::string_view message, protozero::pbf_tag_type tag, Change change) {
  std::string copy;
  const char* begin = message.data();
  for (protozero::pbf_reader fields(protozero::data_view(message.data(), message.size())); fields.next();) {
    if (fields.tag() == tag && fields.wire_type() == protozero::pbf_wire_type::length_delimited) {
      const protozero::data_view content = fields.get_view();
      const std::optional<std::string> changed = change(std::string_view(content.data(), content.size()));
      if (changed) protozero::pbf_writer(copy).add_bytes(tag, *changed);
    } else {
      fields.skip();
      copy.append(begin, fields.data().data());
    }
    begin = fields.data().data();
  }
  return copy;
}

}  // namespace inkfield::training
