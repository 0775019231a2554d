// Writes JSON text: valid UTF-8, numbers without the locale, no library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inkfield::abi {

/// Keys and values are appended in order; commas are put where they belong.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);  ///< bytes that are no UTF-8 become U+FFFD
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);  ///< the shortest that reads back the same; what is not finite becomes 0
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(bool truth);
  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
  bool comma_ = false;
};

/// Appends a code point as UTF-8; what is no code point becomes U+FFFD.
void append_utf8(std::string& text, std::uint32_t codepoint);

}  // namespace inkfield::abi
