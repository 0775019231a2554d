// CSV cell by cell, and an open-addressed table: no list of strings is ever built.
#include "config/value_list.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <system_error>

#include "config/fault_list.h"
#include "config/object_reader.h"

namespace inkfield::config {
namespace {

constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kMaxEntriesBytes = 0xFFFF0000U;  // places are 32 bits wide
constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kMaxColumns = 1000;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash ^ (hash >> 32U);
}

// Length of the UTF-8 character at `at`; 0 if it is none (overlong and surrogates included).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool odd = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return odd ? 0 : length;
}

std::string_view trimmed(std::string_view cell) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!cell.empty() && is_blank(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && is_blank(cell.back())) cell.remove_suffix(1);
  return cell;
}

/// Cells of a CSV text, one after another.
class CsvCells {
 public:
  CsvCells(std::string_view text, char separator) : text_(text), separator_(separator) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }
  /// The next cell, valid until the one after it; `ends_line` tells whether its line ends with it. Nothing: see `problem`.
  std::optional<std::string_view> next(bool& ends_line) {
    problem.clear();
    std::string_view cell;
    std::size_t begin = at_;
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t') && text_[at_] != separator_) ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!quoted()) return std::nullopt;
      cell = unquoted_;
      while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t') && text_[at_] != separator_) ++at_;
      if (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') {
        problem = "something stands between a closing quote and the end of its cell; a quote inside a quoted cell is written twice";
        return std::nullopt;
      }
    } else {
      begin = at_;
      while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
      cell = trimmed(text_.substr(begin, at_ - begin));
    }
    ends_line = at_ >= text_.size() || text_[at_] != separator_;
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && (text_[at_] == separator_ || text_[at_] == '\n')) ++at_;
    if (cell.size() > kMaxListCellBytes) {
      problem = "a cell has more than " + std::to_string(kMaxListCellBytes) + " bytes; is a quote missing, or is this the wrong file?";
      return std::nullopt;
    }
    for (std::size_t i = 0; i < cell.size();) {
      const std::size_t length = utf8_length(cell, i);
      if (length == 0 || cell[i] == '\0') {
        problem = length == 0 ? "a cell is not UTF-8; save the file as UTF-8" : "a cell holds a zero character; is this a text file?";
        return std::nullopt;
      }
      i += length;
    }
    return cell;
  }
  /// To be called when a line ended, before the next cell.
  void count_line() { ++line_; }
  std::string problem;

 private:
  bool quoted() {
    unquoted_.clear();
    const std::size_t opening_line = line_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          ++at_;
        } else {
          ++at_;
          return true;
        }
      }
      if (text_[at_] == '\n') ++line_;
      if (unquoted_.size() > kMaxListCellBytes) break;
      unquoted_ += text_[at_];
    }
    line_ = opening_line;
    problem = "a quoted cell begins here and does not end within " + std::to_string(kMaxListCellBytes) + " bytes; a quote is missing";
    return false;
  }
  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string unquoted_;
};

}  // namespace

std::string_view ValueList::entry_at(std::uint32_t place) const {
  const auto low = static_cast<unsigned char>(entries_[place]);
  const auto high = static_cast<unsigned char>(entries_[place + 1]);
  return std::string_view(entries_).substr(place + kLengthBytes, low | static_cast<std::size_t>(high) << 8U);
}

std::size_t ValueList::slot_of(std::string_view entry) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash_of(entry)) & mask;
  while (slots_[slot] != 0 && entry_at(slots_[slot] - 1) != entry) slot = (slot + 1) & mask;
  return slot;
}

bool ValueList::contains(std::string_view key, std::string_view value) const {
  if (count_ == 0 || key.size() > kMaxListCellBytes || value.size() > kMaxListCellBytes) return false;
  std::string entry(key);
  entry += '\0';
  entry += value;
  return slots_[slot_of(entry)] != 0;
}

void ValueList::grow() {
  std::vector<std::uint32_t> old = std::move(slots_);
  slots_.assign(std::max(kFirstSlots, old.size() * 2), 0);
  for (const std::uint32_t place : old) {
    if (place != 0) slots_[slot_of(entry_at(place - 1))] = place;
  }
}

bool ValueList::add(std::string_view key, std::string_view value) {
  scratch_.assign(key);
  scratch_ += '\0';
  scratch_ += value;
  if (scratch_.size() > 0xFFFF || entries_.size() + scratch_.size() + kLengthBytes > kMaxEntriesBytes) return false;
  if (slots_.empty() || count_ * 4 >= slots_.size() * 3) grow();
  const std::size_t slot = slot_of(scratch_);
  if (slots_[slot] != 0) return true;
  slots_[slot] = static_cast<std::uint32_t>(entries_.size()) + 1;
  entries_ += static_cast<char>(scratch_.size() & 0xFFU);
  entries_ += static_cast<char>(scratch_.size() >> 8U);
  entries_ += scratch_;
  ++count_;
  return true;
}

std::string parse_value_list(std::string_view text, const std::string& path, const ValueListColumns& columns, ValueList& list) {
  const auto at_line = [&](std::size_t line, const std::string& what) { return path + ", line " + std::to_string(line) + ": " + what; };
  if (text.substr(0, 2) == "\xFF\xFE" || text.substr(0, 2) == "\xFE\xFF") return path + " is UTF-16; save it as UTF-8";
  CsvCells cells(text, columns.separator);
  std::vector<std::string> names;
  for (bool ends = cells.at_end(); !ends;) {
    const auto cell = cells.next(ends);
    if (!cell) return at_line(cells.line(), cells.problem);
    names.emplace_back(*cell);
    if (names.size() > kMaxColumns) return at_line(1, "more than " + std::to_string(kMaxColumns) + " columns; is this the wrong file?");
  }
  cells.count_line();
  std::string problem;
  const auto column_of = [&](const std::string& name) -> std::size_t {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      if (std::find(found + 1, names.end(), name) != names.end() && problem.empty()) {
        problem = at_line(1, "two columns are called " + in_quotes(name) + "; rename one");
      }
      return static_cast<std::size_t>(found - names.begin());
    }
    if (!problem.empty()) return 0;
    const std::vector<std::string_view> words(names.begin(), names.end());
    problem = at_line(1, "no column is called " + in_quotes(name));
    if (const std::string_view near = nearest_word(name, words); !near.empty()) {
      problem += "; did you mean " + in_quotes(near) + "?";
    } else if (names.size() == 1 && names[0].find_first_of(";\t") != std::string::npos) {
      problem += "; the first line is one cell, perhaps \"separator\" is another";
    } else {
      problem += "; the first line must name the columns";
    }
    return 0;
  };
  const std::size_t value_column = column_of(columns.value);
  const std::size_t key_column = columns.key.empty() ? names.size() : column_of(columns.key);
  if (!problem.empty()) return problem;
  const std::size_t needed = std::max(value_column, columns.key.empty() ? 0 : key_column);
  std::string value;
  std::string key;
  while (!cells.at_end()) {
    value.clear();
    key.clear();
    const std::size_t line = cells.line();
    std::size_t count = 0;
    bool blank_line = true;
    for (bool ends = false; !ends; ++count) {
      const auto cell = cells.next(ends);
      if (!cell) return at_line(cells.line(), cells.problem);
      blank_line = blank_line && cell->empty() && ends;
      if (count == value_column) value = *cell;
      if (count == key_column) key = *cell;
    }
    cells.count_line();
    if (blank_line) continue;
    if (count <= needed) return at_line(line, "only " + std::to_string(count) + " cells, but the first line names " + std::to_string(names.size()) + " columns");
    if (value.empty()) continue;
    if (!list.add(key, value)) return at_line(line, "the list is longer than can be held");
  }
  if (list.size() == 0) return path + " holds no value in its column " + in_quotes(columns.value);
  return "";
}

std::string read_value_list(const std::string& path, const ValueListColumns& columns, ValueList& list) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "no file at " + path + "; put the list there or correct the path";
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return path + " cannot be looked at; may this user read it?";
  if (bytes > kMaxListBytes) return path + " has more than the " + std::to_string(kMaxListBytes) + " bytes of the longest list; is this the wrong file?";
  std::ifstream file(path, std::ios::binary);
  if (!file) return path + " cannot be opened; may this user read it?";
  std::string text(static_cast<std::size_t>(bytes), '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  if (file.bad() || static_cast<std::uintmax_t>(file.gcount()) != bytes) return "reading " + path + " failed half way";
  return parse_value_list(text, path, columns, list);
}

}  // namespace inkfield::config
