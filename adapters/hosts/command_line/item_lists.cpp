// Names are compared bare, because one table says `train/a_7.jpg` and the next `a_7`.
#include "adapters/hosts/command_line/item_lists.h"

#include <algorithm>
#include <array>

#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

std::string_view picture_ending(std::string_view name) {
  static constexpr std::array<std::string_view, 11> kEndings = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pnm",
                                                                ".pgm", ".pbm", ".ppm",  ".bmp", ".webp"};
  for (const std::string_view ending : kEndings) {
    if (name.size() <= ending.size()) continue;
    const std::string_view tail = name.substr(name.size() - ending.size());
    const bool same = std::equal(tail.begin(), tail.end(), ending.begin(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
    if (same) return tail;
  }
  return {};
}

}  // namespace

bool is_picture_name(std::string_view name) { return !picture_ending(name).empty(); }

std::string bare_name(std::string_view name) {
  name.remove_prefix(name.find_last_of('/') + 1);  // npos + 1 is 0: nothing to remove
  name.remove_suffix(picture_ending(name).size());
  return std::string(name);
}

NameList NameList::parse(std::string_view text, const std::string& source) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  NameList list;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') list.met_.emplace(bare_name(line), false);
  }
  if (list.met_.empty()) throw DataError(source + ": names nothing; it should hold a name on each line");
  return list;
}

NameList NameList::read(const std::string& path) { return parse(whole_file(path), path); }

bool NameList::take(std::string_view name) {
  const auto found = met_.find(bare_name(name));
  if (found == met_.end()) return false;
  found->second = true;
  return true;
}

std::vector<std::string> NameList::never_met() const {
  std::vector<std::string> names;
  for (const auto& [name, met] : met_) {
    if (!met) names.push_back(name);
  }
  return names;
}

Corrections Corrections::from(const CsvTable& table) {
  if (table.header.size() < 2) {
    throw DataError(table.source + ": has one column; the first should name the picture, the last say what is written in it");
  }
  Corrections corrections;
  for (const CsvRow& row : table.rows) {
    if (!corrections.truths_.emplace(bare_name(row.cells.front()), row.cells.back()).second) {
      throw DataError(table.source + ": line " + std::to_string(row.line) + ": " + hosts::printable(row.cells.front()) +
                      " is there twice");
    }
  }
  return corrections;
}

std::size_t Corrections::mend(std::vector<EvaluatedItem>& items) const {
  std::size_t mended = 0;
  for (EvaluatedItem& item : items) {
    const auto found = truths_.find(bare_name(item.item));
    if (found == truths_.end()) continue;
    item.truth = found->second;
    ++mended;
  }
  return mended;
}

}  // namespace inkfield::command_line
