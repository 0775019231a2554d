// What a person at a terminal sees beyond the results: colours, aligned columns and a progress bar. Nothing of it reaches a
// pipe or a file.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::command_line {

/// Whether file descriptor `fd` is a terminal that shows colour: NO_COLOR unset or empty, TERM not "dumb".
bool shows_colour(int fd);
bool is_terminal(int fd);

enum class Colour { none, bold, dim, red, green, yellow, cyan };

/// `text` between the codes of a colour; `text` itself if not `enabled`.
std::string coloured(std::string_view text, Colour colour, bool enabled);

struct TableCell {
  std::string text;  ///< printable, without colour codes
  Colour colour = Colour::none;
};

/// Writes rows in columns as wide as their widest cell, two blanks apart, each line after `indent`. Columns named in `right` are
/// aligned right. Nothing is padded at a line's end.
void write_table(std::ostream& out, const std::vector<std::vector<TableCell>>& rows, const std::vector<std::size_t>& right,
                 std::string_view indent, bool colour);

/// One line on standard error that is drawn over and over. Does nothing unless `enabled`.
class ProgressBar {
 public:
  explicit ProgressBar(bool enabled) : enabled_(enabled) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  [[nodiscard]] bool enabled() const { return enabled_; }
  /// fraction from 0 to 1; drawn at most ten times a second.
  void show(double fraction, std::string_view label);
  /// Wipes the line, so that something else can be printed.
  void clear();

 private:
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace inkfield::command_line
