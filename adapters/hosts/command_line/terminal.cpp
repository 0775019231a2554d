// ANSI codes that every terminal of the last thirty years knows.
#include "adapters/hosts/command_line/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool shows_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return is_terminal(fd) && (no_colour == nullptr || *no_colour == '\0') &&
         !(terminal != nullptr && std::string_view(terminal) == "dumb");
}

std::string coloured(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::none || text.empty()) return std::string(text);
  const char* code = "";
  switch (colour) {
    case Colour::bold:
      code = "1";
      break;
    case Colour::dim:
      code = "2";
      break;
    case Colour::red:
      code = "31";
      break;
    case Colour::green:
      code = "32";
      break;
    case Colour::yellow:
      code = "33";
      break;
    case Colour::cyan:
      code = "36";
      break;
    case Colour::none:
      break;
  }
  return std::string("\x1b[") + code + 'm' + std::string(text) + "\x1b[0m";
}

void write_table(std::ostream& out, const std::vector<std::vector<TableCell>>& rows,
                 const std::vector<std::size_t>& right, std::string_view indent, bool colour) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], hosts::display_width(row[i].text));
  }
  for (const auto& row : rows) {
    std::size_t cells = row.size();
    while (cells > 0 && row[cells - 1].text.empty()) --cells;
    out << indent;
    for (std::size_t i = 0; i < cells; ++i) {
      const std::string padding(widths[i] - hosts::display_width(row[i].text), ' ');
      const bool to_the_right = std::find(right.begin(), right.end(), i) != right.end();
      if (i > 0) out << "  ";
      if (to_the_right) out << padding;
      out << coloured(row[i].text, row[i].colour, colour);
      if (!to_the_right && i + 1 < cells) out << padding;
    }
    out << '\n';
  }
}

void ProgressBar::show(double fraction, std::string_view label) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  constexpr int kWidth = 24;
  const int full = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * kWidth));
  std::string line = "[";
  for (int i = 0; i < kWidth; ++i) line += i < full ? '#' : '.';
  line += "] ";
  const std::string percent = std::to_string(std::lround(std::clamp(fraction, 0.0, 1.0) * 100));
  line += std::string(percent.size() < 3 ? 3 - percent.size() : 0, ' ') + percent + " %  ";
  std::string shown = hosts::printable(label);
  const std::size_t columns = terminal_columns();
  const std::size_t room = columns > line.size() + 1 ? columns - line.size() - 1 : 0;
  if (hosts::display_width(shown) > room) {
    // Cutting from the front keeps the page number and the end of the file's name; only whole characters are dropped.
    while (!shown.empty() && hosts::display_width(shown) > room) {
      shown.erase(0, 1);
      while (!shown.empty() && (static_cast<unsigned char>(shown.front()) & 0xC0u) == 0x80u) shown.erase(0, 1);
    }
  }
  std::cerr << '\r' << line << shown << "\x1b[K" << std::flush;
}

void ProgressBar::clear() {
  if (!enabled_ || !drawn_) return;
  std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace inkfield::command_line
