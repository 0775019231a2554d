// The words for a precision on command lines and in configuration files.
#pragma once

#include <inkfield/inkfield.h>

#include <string_view>

namespace inkfield::hosts {

/// Zero for any word but "float32" and "int8".
inline inkfield_precision precision_named(std::string_view word) {
  return word == "float32" ? INKFIELD_PRECISION_FLOAT32 : word == "int8" ? INKFIELD_PRECISION_INT8 : 0;
}

}  // namespace inkfield::hosts
