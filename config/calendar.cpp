// Gregorian throughout: no form asks for a day before 1582.
#include "config/calendar.h"

#include <array>
#include <cstddef>

namespace inkfield::config {
namespace {

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

std::string digits(int value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace

std::optional<Day> parse_iso_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  }
  const auto number = [&](std::size_t begin, std::size_t end) {
    int value = 0;
    for (std::size_t i = begin; i < end; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const Day day{number(0, 4), number(5, 7), number(8, 10)};
  if (day.month < 1 || day.month > 12 || day.day < 1) return std::nullopt;
  if (day.day > days_in_month(day.year, day.month)) return std::nullopt;
  return day;
}

std::string iso_text(const Day& day) {
  return digits(day.year, 4) + '-' + digits(day.month, 2) + '-' + digits(day.day, 2);
}

std::int64_t day_number(const Day& day) {
  // Years that begin in March, so that the leap day comes last.
  const std::int64_t year = day.month > 2 ? day.year : day.year - 1;
  const std::int64_t month = day.month > 2 ? day.month - 3 : day.month + 9;
  const std::int64_t in_year = (153 * month + 2) / 5 + day.day - 1;
  constexpr std::int64_t kDaysBefore1970 = 719468;  // from 0000-03-01
  return year * 365 + year / 4 - year / 100 + year / 400 + in_year - kDaysBefore1970;
}

}  // namespace inkfield::config
