// A strict UTF-8 walk shared by the three functions.
#include "adapters/hosts/common/printable.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace inkfield::hosts {

namespace {

struct Decoded {
  std::uint32_t codepoint = 0;
  std::size_t bytes = 0;  ///< 0: not UTF-8 here
};

/// Well-formed sequences as the Unicode standard's table 3-7 has them: no overlong forms, no surrogates.
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint32_t codepoint = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    codepoint = first & 0x1Fu;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    codepoint = first & 0x0Fu;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    codepoint = first & 0x07u;
  } else {
    return {};
  }
  if (text.size() - at < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    codepoint = (codepoint << 6) | (byte(i) & 0x3Fu);
  }
  const std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (codepoint < least[length] || codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint <= 0xDFFF)) return {};
  return {codepoint, length};
}

void append_hex(std::string& out, const char* format, unsigned value) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), format, value);
  out += digits.data();
}

bool is_control(std::uint32_t c) {
  // C0, DEL, C1, and the marks that reorder or hide text.
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0x2028 || c == 0x2029 || c == 0xFEFF;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    if (c.bytes == 0) {
      append_hex(out, "\\x%02x", static_cast<std::uint8_t>(text[i]));
      ++i;
      continue;
    }
    if (c.codepoint == '\n') {
      out += "\\n";
    } else if (c.codepoint == '\t') {
      out += "\\t";
    } else if (is_control(c.codepoint)) {
      append_hex(out, c.codepoint < 0x100 ? "\\x%02x" : "\\u%04x", c.codepoint);
    } else {
      out.append(text.substr(i, c.bytes));
    }
    i += c.bytes;
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode(text, i);
    i += decoded.bytes == 0 ? 1 : decoded.bytes;
    const std::uint32_t c = decoded.codepoint;
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F)) continue;
    const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                      (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                      (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
    width += wide ? 2 : 1;
  }
  return width;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Decoded c = decode(text, i);
    if (c.bytes == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (c.codepoint == '"' || c.codepoint == '\\') {
      out += '\\';
      out += text[i];
    } else if (c.codepoint == '\n') {
      out += "\\n";
    } else if (c.codepoint == '\t') {
      out += "\\t";
    } else if (c.codepoint < 0x20 || c.codepoint == 0x7F) {
      append_hex(out, "\\u%04x", c.codepoint);
    } else {
      out.append(text.substr(i, c.bytes));
    }
    i += c.bytes;
  }
  return out + '"';
}

}  // namespace inkfield::hosts
