// SHA-256 (FIPS 180-4), so that a journal can say which text a template was read from.
#pragma once

#include <string>
#include <string_view>

namespace inkfield::config {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace inkfield::config
