// Lengths are 32 bits, least significant byte first.
#include "adapters/hosts/watch_folder/message.h"

#include <array>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace inkfield::watch_folder {

namespace {

void append_length(std::string& bytes, std::size_t length) {
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>((length >> (8 * i)) & 0xFFu);
}

std::size_t length_at(std::string_view bytes, std::size_t at) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length |= std::size_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return length;
}

template <class Number>
Number parsed(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw std::runtime_error("a message holds no number where one belongs");
  return value;
}

}  // namespace

std::string packed(const Message& message) {
  std::size_t length = 0;
  for (const std::string& text : message) length += 4 + text.size();
  if (length > kMostMessageBytes) throw std::runtime_error("a message of " + std::to_string(length) + " bytes is too long");
  std::string bytes;
  bytes.reserve(length + 4);
  append_length(bytes, length);
  for (const std::string& text : message) {
    append_length(bytes, text.size());
    bytes += text;
  }
  return bytes;
}

std::optional<Message> MessageReader::next() {
  if (buffer_.size() < 4) return std::nullopt;
  const std::size_t length = length_at(buffer_, 0);
  if (length > kMostMessageBytes) throw std::runtime_error("a message announces " + std::to_string(length) + " bytes");
  if (buffer_.size() < 4 + length) return std::nullopt;
  Message message;
  std::size_t at = 4;
  const std::size_t end = 4 + length;
  while (at < end) {
    if (end - at < 4) throw std::runtime_error("a message ends within a length");
    const std::size_t text = length_at(buffer_, at);
    at += 4;
    if (text > end - at) throw std::runtime_error("a message is shorter than its texts");
    message.emplace_back(buffer_, at, text);
    at += text;
  }
  buffer_.erase(0, end);
  return message;
}

std::optional<Message> unpacked(std::string_view bytes) {
  try {
    MessageReader reader;
    reader.take(bytes);
    std::optional<Message> message = reader.next();
    return message && bytes.size() == 4 + length_at(bytes, 0) ? message : std::nullopt;
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

const std::string& MessageWalk::text() {
  if (at_ >= message_.size()) throw std::runtime_error("a message is too short");
  return message_[at_++];
}

std::int64_t MessageWalk::number() { return parsed<std::int64_t>(text()); }

double MessageWalk::real() { return parsed<double>(text()); }

std::string number_text(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return std::string(digits.data(), end);
}

}  // namespace inkfield::watch_folder
