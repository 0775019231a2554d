// The day that a form's rules call today: hosts say it, the plugin never looks at a clock.
#pragma once

#include <array>
#include <ctime>
#include <string>

namespace inkfield::hosts {

/// This machine's day now, in its own time zone, as YYYY-MM-DD; "" if its clock cannot be read.
inline std::string local_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::array<char, 16> text{};
  if (::localtime_r(&now, &parts) == nullptr || std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts) == 0) return "";
  return text.data();
}

}  // namespace inkfield::hosts
