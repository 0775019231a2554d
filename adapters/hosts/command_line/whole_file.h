// A file's bytes in memory, or a DataError that names it.
#pragma once

#include <istream>
#include <string>

namespace inkfield::command_line {

/// Largest text (template, field definition, table of truths) or standard input that is taken.
inline constexpr std::size_t kLargestFileBytes = std::size_t{1} << 30;

/// Throws DataError: not there, a folder, not readable, over kLargestFileBytes.
std::string whole_file(const std::string& path);

/// The rest of a stream, for standard input; `name` is used in messages.
std::string whole_stream(std::istream& in, const std::string& name);

}  // namespace inkfield::command_line
