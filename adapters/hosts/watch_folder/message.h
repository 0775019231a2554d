// Texts packed one behind the other with their lengths: what goes between service and workers, and what lies beside a claimed document.
// Any bytes may be in them, so a file name that is not UTF-8 needs no special care.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::watch_folder {

using Message = std::vector<std::string>;

/// A message never has more bytes than this; a length beyond it means that the other side has gone mad.
inline constexpr std::size_t kMostMessageBytes = std::size_t{256} << 20;

/// The message as it travels: its length in 4 bytes, least significant first, then each text with its own length before it.
std::string packed(const Message& message);

/// Takes travelling bytes in pieces of any size and gives whole messages.
class MessageReader {
 public:
  void take(std::string_view bytes) { buffer_.append(bytes); }
  /// The next whole message; nothing if more bytes are needed. Throws std::runtime_error: lengths that do not fit.
  std::optional<Message> next();

 private:
  std::string buffer_;
};

/// The only message in `bytes`; nothing if it is not whole or something follows it.
std::optional<Message> unpacked(std::string_view bytes);

/// Takes the texts of a message one after the other. Each call throws std::runtime_error when there is none left or it is no number.
class MessageWalk {
 public:
  explicit MessageWalk(const Message& message, std::size_t from = 0) : message_(message), at_(from) {}
  const std::string& text();
  std::int64_t number();
  double real();

 private:
  const Message& message_;
  std::size_t at_;
};

/// Numbers as they stand in messages, without the locale and without losing a bit.
std::string number_text(double value);

}  // namespace inkfield::watch_folder
