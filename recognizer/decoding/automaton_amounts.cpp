// Amounts of money, and numbers between two bounds.
#include "recognizer/decoding/automaton.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "recognizer/decoding/automaton_builder.h"
#include "recognizer/decoding/position_set.h"

namespace inkfield::recognizer {
namespace {

using automata::fail;
using automata::Items;
using automata::kDigits;
using automata::Mask;
using automata::PositionSet;
using automata::run_of;
using automata::symbol_index;
using automata::symbol_mask;
using Key = AutomatonBuilder::Key;

constexpr int kMaxValueDigits = 24;
constexpr int kMaxFractionDigits = 6;

/// A bound as decimal digits: whole part without leading zeros, fraction filled up with zeros.
struct Bound {
  std::string whole;
  std::string fraction;
};

Bound decimal_bound(double value) {
  std::array<char, 400> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                          std::chars_format::fixed, kMaxFractionDigits);
  if (error != std::errc()) fail("a bound cannot be written as a decimal number");
  const std::string_view all(text.data(), static_cast<std::size_t>(end - text.data()));
  const auto point = all.find('.');
  Bound bound{.whole = std::string(all.substr(0, point)), .fraction = std::string(all.substr(point + 1))};
  bound.whole.erase(0, std::min(bound.whole.find_first_not_of('0'), bound.whole.size()));
  return bound;
}

}  // namespace

Automaton Automaton::amounts(const AmountRules& rules) {
  if (rules.max_digits < 1 || rules.max_digits > 18) fail("an amount has 1 to 18 digits before the mark");
  if (rules.decimals < 0 || rules.decimals > kMaxFractionDigits) fail("an amount has 0 to 6 decimals");
  if (!rules.group_thousands && !rules.group_indian && !rules.ungrouped) {
    fail("an amount must be allowed grouped or ungrouped");
  }
  const Mask mark = symbol_mask(rules.decimal_mark, "decimal mark");
  if ((mark & kDigits) != 0) fail("a digit cannot be the decimal mark");
  const Mask group = symbol_mask(rules.decimal_mark == ',' ? '.' : ',', "group mark");

  std::vector<Items> wholes;
  if (rules.ungrouped) wholes.push_back(run_of(kDigits, 1, rules.max_digits));
  // Grouped from the right: three digits, then groups of three or, the Indian way, of two. There a first
  // group may have three, too: hundreds of lakhs or crores are seldom parted from the rest of them.
  const auto add_grouped = [&](int size) {
    for (int count = 1; count <= rules.max_digits; ++count) {
      Items items;
      for (int i = 0; i < count; ++i) {
        const int left = count - i;  // digits from this one on
        if (i > 0 && (left == 3 || (left > 3 && (left - 3) % size == 0))) {
          items.push_back({.symbols = group, .optional = size == 2 && i == 1 && left > 5});
        }
        items.push_back({.symbols = kDigits});
      }
      wholes.push_back(std::move(items));
    }
  };
  if (rules.group_thousands) add_grouped(3);
  if (rules.group_indian) add_grouped(2);

  std::vector<std::string> ends{""};
  for (const auto& terminator : rules.terminators) {
    if (terminator.size() > 8) fail("the terminator \"" + terminator + "\" is too long");
    ends.push_back(terminator);
  }
  PositionSet set;
  for (const auto& whole : wholes) {
    for (const bool with_fraction : {false, true}) {
      if (with_fraction ? rules.decimals == 0 : (rules.decimals > 0 && !rules.decimals_optional)) continue;
      for (const auto& end : ends) {
        Items items = whole;
        if (with_fraction) {
          items.push_back({.symbols = mark});
          for (int i = 0; i < rules.decimals; ++i) items.push_back({.symbols = kDigits});
        }
        for (const char symbol : end) items.push_back({.symbols = symbol_mask(symbol, "in a terminator,")});
        set.add(items);
      }
    }
  }
  Automaton amounts = set.build();
  amounts.silent_symbols_ = rules.decimal_mark == ',' ? "." : ",";
  for (const auto& end : ends) {
    for (const char symbol : end) {
      const bool tells = symbol == rules.decimal_mark && rules.decimals > 0;
      if (!tells && amounts.silent_symbols_.find(symbol) == std::string::npos)
        amounts.silent_symbols_ += symbol;
    }
  }
  return amounts;
}

Automaton Automaton::with_value_between(double minimum, double maximum, char decimal_mark) const {
  if (std::isnan(minimum) || std::isnan(maximum)) fail("a bound of a value is not a number");
  if (is_empty() || maximum < 0 || maximum < minimum) return {};
  const bool has_minimum = minimum > 0;
  const bool has_maximum = std::isfinite(maximum);
  if (has_minimum && !std::isfinite(minimum)) return {};
  const Bound low = decimal_bound(has_minimum ? minimum : 0.0);
  const Bound high = decimal_bound(has_maximum ? maximum : 0.0);

  // The number of digits before the mark is guessed at the start, one hypothesis each, so that digits can be
  // compared with the bound from the left. A hypothesis: digits left before the mark (or, in the fraction,
  // -1 - digits read), whether still equal to the lower and to the upper bound.
  struct Guess {
    std::int32_t left, equal_low, equal_high;
  };
  const auto pack = [](const Guess& g) { return (g.left + 64) * 4 + g.equal_low * 2 + g.equal_high; };
  const auto unpack = [](std::int32_t packed) {
    return Guess{.left = packed / 4 - 64, .equal_low = packed / 2 % 2, .equal_high = packed % 2};
  };
  // The digit of a bound at the same place; before its first digit it is zero.
  const auto digit_of = [](const Bound& bound, std::int32_t left) {
    if (left > 0) {
      const auto size = static_cast<std::int32_t>(bound.whole.size());
      return left > size ? 0 : bound.whole[static_cast<std::size_t>(size - left)] - '0';
    }
    const auto place = static_cast<std::size_t>(-1 - left);
    return place < bound.fraction.size() ? bound.fraction[place] - '0' : 0;
  };
  Key start{start_};
  for (std::int32_t count = 0; count <= kMaxValueDigits; ++count) {
    const bool low_longer = static_cast<std::int32_t>(low.whole.size()) > count;
    const bool high_longer = static_cast<std::int32_t>(high.whole.size()) > count;
    if (has_minimum && low_longer) continue;
    start.push_back(pack({.left = count,
                          .equal_low = has_minimum ? 1 : 0,
                          .equal_high = has_maximum && !high_longer ? 1 : 0}));
  }
  std::sort(start.begin() + 1, start.end());
  const int mark = symbol_index(decimal_mark);
  return with_same_silence(AutomatonBuilder::explore(
      start,
      [&](const Key& key, int symbol) -> std::optional<Key> {
        const int to = next(key[0], symbol);
        if (to < 0) return std::nullopt;
        Key reached{to};
        for (std::size_t i = 1; i < key.size(); ++i) {
          Guess guess = unpack(key[i]);
          if (symbol == mark) {
            if (guess.left != 0) continue;
            guess.left = -1;
          } else if (symbol < 10) {
            if (guess.left == 0) continue;  // more digits before the mark than guessed
            const int low_digit = digit_of(low, guess.left);
            const int high_digit = digit_of(high, guess.left);
            if (guess.equal_low != 0 && symbol < low_digit) continue;
            if (guess.equal_high != 0 && symbol > high_digit) continue;
            if (symbol != low_digit) guess.equal_low = 0;
            if (symbol != high_digit) guess.equal_high = 0;
            --guess.left;
          }
          reached.push_back(pack(guess));
        }
        if (reached.size() == 1) return std::nullopt;
        std::sort(reached.begin() + 1, reached.end());
        return reached;
      },
      [&](const Key& key) {
        if (accepting_[static_cast<std::size_t>(key[0])] == 0) return false;
        for (std::size_t i = 1; i < key.size(); ++i) {
          const Guess guess = unpack(key[i]);
          if (guess.left > 0) continue;
          // The digits not written are zeros.
          bool enough = true;
          if (guess.equal_low != 0) {
            for (std::int32_t left = std::min(guess.left, -1); left >= -kMaxFractionDigits; --left) {
              enough = enough && digit_of(low, left) == 0;
            }
          }
          if (enough) return true;
        }
        return false;
      }));
}

}  // namespace inkfield::recognizer
