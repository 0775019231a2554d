// Text from files and file names made safe to print: a page must not be able to send escape codes to a clerk's
// terminal, nor a file name break a log line in two.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inkfield::hosts {

/// Control characters written as \n, \t or \x1b; bytes that are not UTF-8 as \xff.
std::string printable(std::string_view text);

/// Columns that `text`, already printable, takes on a terminal: wide East Asian characters take two, combining
/// marks none.
std::size_t display_width(std::string_view text);

/// JSON string literal of `text` with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace inkfield::hosts
