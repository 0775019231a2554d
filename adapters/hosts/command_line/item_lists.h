// What a person writes down about labelled pictures beside their labels: which ones are meant, and which labels are wrong.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/evaluation.h"

namespace inkfield::command_line {

/// Whether a file name ends like a picture, in either case.
bool is_picture_name(std::string_view name);

/// A picture's name as tables tell it apart: no folder, no picture's ending. `train/a_7.jpg` and `a_7` are one.
std::string bare_name(std::string_view name);

/// Names, one a line; blank lines and lines that start with # do not count.
class NameList {
 public:
  /// Throws DataError naming `source`: no name at all.
  static NameList parse(std::string_view text, const std::string& source);
  static NameList read(const std::string& path);

  /// Marks the name as met.
  bool take(std::string_view name);
  /// Names that were never met, for a complaint.
  [[nodiscard]] std::vector<std::string> never_met() const;

 private:
  std::map<std::string, bool, std::less<>> met_;
};

/// Labels that are wrong, and what is written really: the first column of a table names the picture, the last one says what a
/// person reads there. Other columns (what the label said, why) are for people.
class Corrections {
 public:
  /// Throws DataError: not such a table, a picture named twice.
  static Corrections from(const CsvTable& table);
  static Corrections read(const std::string& path) { return from(read_csv(path)); }

  /// Puts the truth into items that are listed; how many there were.
  std::size_t mend(std::vector<EvaluatedItem>& items) const;

 private:
  std::map<std::string, std::string, std::less<>> truths_;
};

}  // namespace inkfield::command_line
