// Calendar dates.
#include "recognizer/decoding/automaton.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/decoding/automaton_builder.h"

namespace inkfield::recognizer {
namespace {

using automata::fail;
using automata::kDigits;
using automata::Mask;
using automata::symbol_mask;
using Key = AutomatonBuilder::Key;

struct Date {
  int year = 0, month = 0, day = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

int days_in_month(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

Date parse_date(std::string_view iso) {
  const auto wrong = [&] { fail("\"" + std::string(iso) + "\" is no date; expected YYYY-MM-DD"); };
  if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') wrong();
  const auto part = [&](std::size_t from, std::size_t length) {
    int value = 0;
    for (const char c : iso.substr(from, length)) {
      if (c < '0' || c > '9') wrong();
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const Date date{.year = part(0, 4), .month = part(5, 2), .day = part(8, 2)};
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month))
    wrong();
  return date;
}

}  // namespace

Automaton Automaton::dates(std::string_view order, std::string_view earliest, std::string_view latest,
                           std::string_view separators) {
  const Date first = parse_date(earliest);
  const Date last = parse_date(latest);
  if (last < first)
    fail("the latest date " + std::string(latest) + " is before the earliest " + std::string(earliest));
  if (last.year - first.year > 1000) fail("a span of more than 1,000 years of dates");
  Mask between = 0;
  for (const char c : separators) between |= symbol_mask(c, "separator");
  if ((between & kDigits) != 0) fail("a digit cannot separate the parts of a date");
  // Parts in their order, such as DD, MM, YYYY.
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < order.size();) {
    std::size_t end = at;
    while (end < order.size() && order[end] == order[at]) ++end;
    const auto part = order.substr(at, end - at);
    const bool known = part == "DD" || part == "MM" || part == "YY" || part == "YYYY";
    const bool repeated = std::any_of(parts.begin(), parts.end(), [&](auto p) { return p[0] == part[0]; });
    if (!known || repeated)
      fail("date order \"" + std::string(order) + "\"; expected DD, MM and YYYY or YY, each once");
    parts.push_back(part);
    at = end;
  }
  if (parts.size() != 3)
    fail("date order \"" + std::string(order) + "\"; expected DD, MM and YYYY or YY, each once");

  // A tree of all dates, then shrunk: what follows 30 and 31 days, leap days and plain ones falls together.
  Automaton tree;
  std::string text;
  for (int year = first.year; year <= last.year; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= days_in_month(year, month); ++day) {
        const Date date{.year = year, .month = month, .day = day};
        if (date < first || last < date) continue;
        text.clear();
        for (const auto part : parts) {
          const int value = part[0] == 'D' ? day : part[0] == 'M' ? month : year;
          for (int place = static_cast<int>(part.size()) - 1, scale = 1; place >= 0; --place) {
            scale = 1;
            for (int i = 0; i < place; ++i) scale *= 10;
            text += static_cast<char>('0' + value / scale % 10);
          }
        }
        AutomatonBuilder::insert(tree, text);
      }
    }
  }
  const Automaton plain = AutomatonBuilder::minimal(tree);
  if (between == 0) return plain;
  // Key: state, digits read, whether a separator was just read. All dates are equally long.
  const auto first_end = static_cast<std::int32_t>(parts[0].size());
  const auto second_end = first_end + static_cast<std::int32_t>(parts[1].size());
  Automaton separated = AutomatonBuilder::explore(
      {plain.start(), 0, 0},
      [&](const Key& key, int symbol) -> std::optional<Key> {
        if ((between >> static_cast<unsigned>(symbol) & 1U) != 0) {
          if (key[2] != 0 || (key[1] != first_end && key[1] != second_end)) return std::nullopt;
          return Key{key[0], key[1], 1};
        }
        const int to = plain.step(key[0], kSymbols[static_cast<std::size_t>(symbol)]);
        if (to < 0) return std::nullopt;
        return Key{to, key[1] + 1, 0};
      },
      [&](const Key& key) { return key[2] == 0 && plain.accepts(key[0]); });
  separated.silent_symbols_ = separators;
  return separated;
}

}  // namespace inkfield::recognizer
