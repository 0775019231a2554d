// The words for a precision on command lines and in configuration files.
#pragma once

#include <inkfield/inkfield.h>

#include <optional>
#include <string_view>

namespace inkfield::hosts {

inline constexpr const char* kPrecisionWords = "there are fastest, float32 and int8";

/// Nothing for any word but "fastest" (the plugin's default, as is no word at all), "float32" and "int8".
inline std::optional<inkfield_precision> precision_named(std::string_view word) {
  if (word.empty() || word == "fastest") return 0;
  if (word == "float32") return INKFIELD_PRECISION_FLOAT32;
  if (word == "int8") return INKFIELD_PRECISION_INT8;
  return std::nullopt;
}

}  // namespace inkfield::hosts
