// Days as ISO 8601 writes them, for the limits of date fields.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inkfield::config {

struct Day {
  int year = 0;
  int month = 0;
  int day = 0;
  auto operator<=>(const Day&) const = default;
};

/// Nothing unless the text is YYYY-MM-DD and such a day exists in the Gregorian calendar.
std::optional<Day> parse_iso_day(std::string_view text);

std::string iso_text(const Day& day);

/// Days since 1970-01-01; negative before.
std::int64_t day_number(const Day& day);

}  // namespace inkfield::config
