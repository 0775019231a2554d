// Reads a comma-separated table with a header, as spreadsheets write it, and writes cells that a spreadsheet may
// open without harm.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::command_line {

/// A file that is not what it should be; the message names the file.
class DataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CsvRow {
  std::size_t line = 0;  ///< where it begins, counted from 1
  std::vector<std::string> cells;
};

struct CsvTable {
  std::string source;
  std::vector<std::string> header;
  std::vector<CsvRow> rows;  ///< each as long as the header

  /// Index of a column. Throws DataError listing the columns that there are.
  [[nodiscard]] std::size_t column(const std::string& name) const;
};

/// RFC 4180 with what people really have: a byte order mark, CRLF or LF or CR, a last line without end, empty lines, and
/// semicolons or tabs instead of commas if the header has no comma. Quoted cells may hold separators, quotes (doubled) and line
/// breaks. Throws DataError naming `source` and the line: no header, an open quote, text after a closing quote,
/// a row of another length, a column named twice, a zero byte.
CsvTable parse_csv(std::string_view text, const std::string& source);
CsvTable read_csv(const std::string& path);

/// A cell, quoted if it must be. Text that a spreadsheet would take for a formula gets an apostrophe before it.
std::string csv_text(std::string_view text);

}  // namespace inkfield::command_line
