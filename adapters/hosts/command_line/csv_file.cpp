// A small state machine over the bytes.
#include "adapters/hosts/command_line/csv_file.h"

#include <algorithm>
#include <utility>

#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

char separator_of(std::string_view text) {
  const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
  for (const char separator : {',', ';', '\t'}) {
    if (header.find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

[[noreturn]] void fail(const std::string& source, std::size_t line, const std::string& message) {
  throw DataError(source + ": line " + std::to_string(line) + ": " + message);
}

std::vector<CsvRow> rows_of(std::string_view text, char separator, const std::string& source) {
  std::vector<CsvRow> rows;
  CsvRow row;
  std::string cell;
  std::size_t line = 1;
  row.line = 1;
  enum class State { start_of_cell, plain, quoted, after_quote } state = State::start_of_cell;
  const auto end_cell = [&] {
    row.cells.push_back(std::exchange(cell, {}));
    state = State::start_of_cell;
  };
  const auto end_row = [&] {
    const bool empty_line = row.cells.empty() && cell.empty() && state == State::start_of_cell;
    end_cell();
    if (!empty_line) rows.push_back(std::move(row));
    row = CsvRow{line, {}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') fail(source, line, "has a zero byte: this is no text file");
    if (state == State::quoted) {
      if (c == '"') {
        if (i + 1 < text.size() && text[i + 1] == '"') {
          cell += '"';
          ++i;
        } else {
          state = State::after_quote;
        }
      } else {
        if (c == '\n') ++line;
        cell += c;
      }
      continue;
    }
    if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      ++line;
      end_row();
    } else if (c == separator) {
      end_cell();
    } else if (c == '"' && state == State::start_of_cell) {
      state = State::quoted;
    } else if (state == State::after_quote) {
      fail(source, line, "has text after a closing quote; a quote inside a quoted cell is written twice");
    } else {
      cell += c;
      state = State::plain;
    }
  }
  if (state == State::quoted) fail(source, row.line, "a quoted cell is never closed");
  if (!row.cells.empty() || !cell.empty() || state != State::start_of_cell) end_row();
  return rows;
}

}  // namespace

std::size_t CsvTable::column(const std::string& name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  std::string known;
  for (const std::string& column : header) known += (known.empty() ? "" : ", ") + hosts::printable(column);
  throw DataError(source + ": has no column \"" + hosts::printable(name) + "\"; its columns are: " + known);
}

CsvTable parse_csv(std::string_view text, const std::string& source) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  CsvTable table;
  table.source = source;
  std::vector<CsvRow> rows = rows_of(text, separator_of(text), source);
  if (rows.empty()) throw DataError(source + ": is empty; the first line names the columns");
  table.header = std::move(rows.front().cells);
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (std::count(table.header.begin(), table.header.end(), table.header[i]) > 1) {
      fail(source, 1, "column \"" + hosts::printable(table.header[i]) + "\" is there twice");
    }
  }
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].cells.size() != table.header.size()) {
      fail(source, rows[i].line,
           "has " + std::to_string(rows[i].cells.size()) + " cells, the header " + std::to_string(table.header.size()));
    }
    table.rows.push_back(std::move(rows[i]));
  }
  return table;
}

CsvTable read_csv(const std::string& path) { return parse_csv(whole_file(path), path); }

std::string csv_text(std::string_view text) {
  std::string cell;
  const std::size_t first = text.find_first_not_of(' ');
  const std::string_view start = first == std::string_view::npos ? std::string_view() : text.substr(first);
  bool formula = !start.empty() && std::string_view("=+-@\t\r\n").find(start.front()) != std::string_view::npos;
  // The same signs in full width, which some spreadsheets fold.
  for (const std::string_view wide : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    formula = formula || start.substr(0, 3) == wide;
  }
  if (formula) cell += '\'';
  cell.append(text);
  if (cell.find_first_of(",;\t\"\r\n") == std::string::npos && cell.find_first_of(' ') != 0) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace inkfield::command_line
