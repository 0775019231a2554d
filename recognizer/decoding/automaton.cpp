// Builders: each describes its strings as a machine over small keys, which is explored, trimmed of dead ends
// and shrunk to the smallest automaton with the same strings.
#include "recognizer/decoding/automaton.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

constexpr int kSymbolCount = static_cast<int>(Automaton::kSymbols.size());
using Mask = std::uint32_t;  // set of symbols

constexpr Mask kDigits = 0x3FFU;
constexpr Mask kAll = (1U << kSymbolCount) - 1U;

int symbol_index(char symbol) {
  if (symbol >= '0' && symbol <= '9') return symbol - '0';
  const auto at = Automaton::kSymbols.find(symbol);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorKind::invalid_argument, what); }

Mask symbol_mask(char symbol, const char* what) {
  const int index = symbol_index(symbol);
  if (index < 0 || symbol == '?') fail(std::string(what) + " '" + symbol + "' is not one of 0123456789,.-/=");
  return 1U << index;
}

}  // namespace

/// Makes automata out of deterministic machines given as keys and functions.
class AutomatonBuilder {
 public:
  using Key = std::vector<std::int32_t>;
  /// The key reached from a key by a symbol, or nothing.
  using Step = std::function<std::optional<Key>(const Key&, int symbol)>;
  using Accept = std::function<bool(const Key&)>;

  static Automaton explore(const Key& start, const Step& step, const Accept& accept) {
    Automaton raw;
    std::map<Key, int> known;
    std::vector<const Key*> keys;
    const auto intern = [&](const Key& key) {
      const auto [at, is_new] = known.emplace(key, static_cast<int>(keys.size()));
      if (is_new) {
        check_size(keys.size());
        keys.push_back(&at->first);
        raw.next_.resize(raw.next_.size() + kSymbolCount, -1);
        raw.accepting_.push_back(accept(key) ? 1 : 0);
      }
      return at->second;
    };
    raw.start_ = intern(start);
    for (std::size_t state = 0; state < keys.size(); ++state) {
      for (int symbol = 0; symbol < kSymbolCount; ++symbol) {
        if (const auto key = step(*keys[state], symbol))
          raw.next_[state * kSymbolCount + static_cast<std::size_t>(symbol)] = intern(*key);
      }
    }
    return minimal(raw);
  }

  /// Adds the states of one string to a tree.
  static void insert(Automaton& tree, const std::string& text) {
    if (tree.start_ < 0) tree.start_ = add_state(tree);
    int state = tree.start_;
    for (const char symbol : text) {
      const auto at =
          static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(symbol_index(symbol));
      if (tree.next_[at] < 0) {
        const int made = add_state(tree);
        tree.next_[at] = made;
      }
      state = tree.next_[at];
    }
    tree.accepting_[static_cast<std::size_t>(state)] = 1;
  }

  static int add_state(Automaton& automaton) {
    check_size(automaton.accepting_.size());
    automaton.next_.resize(automaton.next_.size() + kSymbolCount, -1);
    automaton.accepting_.push_back(0);
    return static_cast<int>(automaton.accepting_.size()) - 1;
  }

  static std::int32_t& next(Automaton& automaton, int state, int symbol) {
    return automaton.next_[static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(symbol)];
  }

  /// The smallest automaton with the same strings. There are no loops, so that states can be merged from the
  /// ends backwards: two are the same if they accept alike and lead to the same states.
  static Automaton minimal(const Automaton& raw) {
    Automaton small;
    if (raw.start_ < 0) return small;
    struct Hash {
      std::size_t operator()(const std::array<std::int32_t, kSymbolCount + 1>& row) const {
        std::uint64_t hash = 1469598103934665603ULL;
        for (const auto value : row) hash = (hash ^ static_cast<std::uint32_t>(value)) * 1099511628211ULL;
        return static_cast<std::size_t>(hash ^ (hash >> 29U));
      }
    };
    constexpr std::int32_t kUnseen = -2;
    std::unordered_map<std::array<std::int32_t, kSymbolCount + 1>, std::int32_t, Hash> merged;
    std::vector<std::int32_t> renamed(raw.accepting_.size(), kUnseen);
    // Depth first without recursion: a state is named after all that follow it.
    std::vector<std::pair<int, int>> path{{raw.start_, 0}};
    while (!path.empty()) {
      auto& [state, symbol] = path.back();
      if (symbol < kSymbolCount) {
        const int target =
            raw.next_[static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(symbol)];
        ++symbol;
        if (target >= 0 && renamed[static_cast<std::size_t>(target)] == kUnseen) path.emplace_back(target, 0);
        continue;
      }
      std::array<std::int32_t, kSymbolCount + 1> row{};
      bool alive = raw.accepting_[static_cast<std::size_t>(state)] != 0;
      std::int32_t missing = alive ? 0 : -1;
      row[kSymbolCount] = alive ? 1 : 0;
      for (int s = 0; s < kSymbolCount; ++s) {
        const int target =
            raw.next_[static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(s)];
        const std::int32_t to = target < 0 ? -1 : renamed[static_cast<std::size_t>(target)];
        row[static_cast<std::size_t>(s)] = to;
        if (to < 0) continue;
        alive = true;
        const std::int32_t through = small.missing_[static_cast<std::size_t>(to)] + 1;
        if (missing < 0 || through < missing) missing = through;
      }
      std::int32_t name = -1;
      if (alive) {
        const auto [at, is_new] = merged.emplace(row, static_cast<std::int32_t>(small.accepting_.size()));
        name = at->second;
        if (is_new) {
          small.next_.insert(small.next_.end(), row.begin(), row.begin() + kSymbolCount);
          small.accepting_.push_back(row[kSymbolCount] != 0 ? 1 : 0);
          small.missing_.push_back(missing);
        }
      }
      renamed[static_cast<std::size_t>(state)] = name;
      path.pop_back();
    }
    small.start_ = renamed[static_cast<std::size_t>(raw.start_)];
    return small;
  }

  static const std::vector<std::int32_t>& transitions(const Automaton& automaton) { return automaton.next_; }

 private:
  static void check_size(std::size_t states) {
    if (states >= static_cast<std::size_t>(Automaton::kMaxStates)) {
      throw Error(ErrorKind::limit_exceeded, "the format needs more than " +
                                                 std::to_string(Automaton::kMaxStates) +
                                                 " states; narrow its lengths, its list or its check digit");
    }
  }
};

namespace {

using Key = AutomatonBuilder::Key;

/// A row of positions, each taking one of a set of symbols; several rows may share their beginning. A key of
/// the machine is the set of positions that may come next.
class PositionSet {
 public:
  struct Position {
    Mask symbols = 0;
    std::vector<int> following;
    bool may_end = false;
  };

  // `optional[i]`: the item may be left out.
  struct Item {
    Mask symbols = 0;
    bool optional = false;
  };

  void add(const std::vector<Item>& items) {
    const int first = static_cast<int>(positions_.size());
    const int count = static_cast<int>(items.size());
    // What may come at `from`: that item, and the next ones as long as items may be left out.
    const auto reach = [&](int from, std::vector<int>& into, bool& end) {
      int i = from;
      for (; i < count; ++i) {
        into.push_back(first + i);
        if (!items[static_cast<std::size_t>(i)].optional) return;
      }
      end = true;
    };
    reach(0, start_.following, start_.may_end);
    for (int i = 0; i < count; ++i) {
      Position position{
          .symbols = items[static_cast<std::size_t>(i)].symbols, .following = {}, .may_end = false};
      reach(i + 1, position.following, position.may_end);
      positions_.push_back(std::move(position));
    }
  }

  [[nodiscard]] Automaton build() const {
    // A key: the sorted positions that may come next, preceded by whether the string may end here.
    const auto key_of = [](std::vector<int> following, bool may_end) {
      std::sort(following.begin(), following.end());
      following.erase(std::unique(following.begin(), following.end()), following.end());
      Key key{may_end ? 1 : 0};
      key.insert(key.end(), following.begin(), following.end());
      return key;
    };
    return AutomatonBuilder::explore(
        key_of(start_.following, start_.may_end),
        [&](const Key& key, int symbol) -> std::optional<Key> {
          std::vector<int> following;
          bool may_end = false;
          bool any = false;
          for (std::size_t i = 1; i < key.size(); ++i) {
            const auto& position = positions_[static_cast<std::size_t>(key[i])];
            if ((position.symbols >> static_cast<unsigned>(symbol) & 1U) == 0) continue;
            any = true;
            may_end = may_end || position.may_end;
            following.insert(following.end(), position.following.begin(), position.following.end());
          }
          if (!any) return std::nullopt;
          return key_of(std::move(following), may_end);
        },
        [](const Key& key) { return key[0] != 0; });
  }

 private:
  Position start_;
  std::vector<Position> positions_;
};

using Items = std::vector<PositionSet::Item>;

constexpr int kMaxPatternLength = 128;

Items parse_pattern(std::string_view pattern) {
  Items items;
  std::size_t at = 0;
  const auto wrong = [&](const std::string& what) {
    fail("pattern \"" + std::string(pattern) + "\", character " + std::to_string(at + 1) + ": " + what);
  };
  const auto number = [&] {
    int value = 0;
    const auto [end, error] = std::from_chars(pattern.data() + at, pattern.data() + pattern.size(), value);
    if (error != std::errc() || value < 0 || value > kMaxPatternLength) {
      wrong("expected a number from 0 to " + std::to_string(kMaxPatternLength));
    }
    at = static_cast<std::size_t>(end - pattern.data());
    return value;
  };
  while (at < pattern.size()) {
    Mask symbols = 0;
    const char c = pattern[at];
    if (c == '9') {
      symbols = kDigits;
      ++at;
    } else if (c == '[') {
      ++at;
      while (at < pattern.size() && pattern[at] != ']') {
        const char from = pattern[at];
        if (symbol_index(from) < 0 || from == '?') wrong("in [ ] only digits and ,.-/= may stand");
        const bool range = at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] >= '0' &&
                           pattern[at + 2] <= '9' && from >= '0' && from <= '9';
        const char to = range ? pattern[at + 2] : from;
        if (to < from) wrong("the range runs backwards");
        for (char symbol = from; symbol <= to; ++symbol) symbols |= 1U << symbol_index(symbol);
        at += range ? 3 : 1;
      }
      if (at == pattern.size()) wrong("the [ has no ]");
      if (symbols == 0) wrong("[ ] is empty");
      ++at;
    } else if (symbol_index(c) >= 10 && c != '?') {
      symbols = 1U << symbol_index(c);
      ++at;
    } else {
      wrong("expected 9, [..] or one of ,.-/= (a certain digit is written [7])");
    }
    int least = 1;
    int most = 1;
    if (at < pattern.size() && pattern[at] == '{') {
      ++at;
      least = most = number();
      if (at < pattern.size() && pattern[at] == ',') {
        ++at;
        most = number();
      }
      if (at == pattern.size() || pattern[at] != '}') wrong("the { has no }");
      if (most < least) wrong("the range runs backwards");
      ++at;
    }
    if (at < pattern.size() && pattern[at] == '?') {
      // n or none at all: only the simple case can be said by single positions.
      if (least > 1) wrong("? after a repeat of more than one is not supported; use {0,n}");
      least = 0;
      ++at;
    }
    for (int i = 0; i < most; ++i) items.push_back({.symbols = symbols, .optional = i >= least});
    if (items.size() > static_cast<std::size_t>(kMaxPatternLength)) wrong("the pattern is too long");
  }
  return items;
}

Items run_of(Mask symbols, int least, int most) {
  Items items;
  for (int i = 0; i < most; ++i) items.push_back({.symbols = symbols, .optional = i >= least});
  return items;
}

void check_lengths(int least, int most) {
  if (least < 0 || most < least || most > kMaxPatternLength) {
    fail("lengths from " + std::to_string(least) + " to " + std::to_string(most) +
         " make no sense; allowed are 0 to " + std::to_string(kMaxPatternLength));
  }
}

// --- dates
// ----------------------------------------------------------------------------------------------------

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

// --- check digits
// ---------------------------------------------------------------------------------------------

constexpr int kVerhoeffProduct[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                          {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                          {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                          {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                          {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
constexpr int kVerhoeffTurn[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

int verhoeff_turned(int digit, int times) {
  for (int i = 0; i < times; ++i) digit = kVerhoeffTurn[digit];
  return digit;
}

// What a check digit remembers of the digits so far. Those whose weights count from the right keep one state
// for each possible place of the next digit.
struct CheckMachine {
  std::vector<std::int32_t> start;
  std::function<void(std::vector<std::int32_t>&, int digit)> step;
  std::function<bool(const std::vector<std::int32_t>&)> accept;
};

// Sums that weigh every second digit from the right: state 0 is the sum if the last digit read is the last of
// all, state 1 if one more follows.
CheckMachine alternating(int (*weighted)(int)) {
  return {.start = {0, 0},
          .step =
              [weighted](std::vector<std::int32_t>& sums, int digit) {
                const std::int32_t last = (sums[1] + digit) % 10;
                sums[1] = (sums[0] + weighted(digit)) % 10;
                sums[0] = last;
              },
          .accept = [](const std::vector<std::int32_t>& sums) { return sums[0] == 0; }};
}

CheckMachine check_machine(Automaton::CheckDigit kind) {
  using CheckDigit = Automaton::CheckDigit;
  switch (kind) {
    case CheckDigit::luhn:
      return alternating([](int digit) { return digit < 5 ? 2 * digit : 2 * digit - 9; });
    case CheckDigit::mod10_weight31:  // EAN, GTIN, ISSN-13 and their kin
      return alternating([](int digit) { return 3 * digit; });
    case CheckDigit::mod11:  // ISO 7064 MOD 11-2; numbers whose check is X cannot be written in digits
      return {.start = {0, 0},
              .step =
                  [](std::vector<std::int32_t>& state, int digit) {
                    state[1] = (state[0] + digit) % 11;  // if this is the check digit
                    state[0] = 2 * (state[0] + digit) % 11;
                  },
              .accept = [](const std::vector<std::int32_t>& state) { return state[1] == 1; }};
    case CheckDigit::mod97:  // ISO 7064 MOD 97-10
      return {.start = {0},
              .step = [](std::vector<std::int32_t>& state,
                         int digit) { state[0] = (state[0] * 10 + digit) % 97; },
              .accept = [](const std::vector<std::int32_t>& state) { return state[0] == 1; }};
    case CheckDigit::aba:  // US bank routing number: nine digits, weights 3 7 1 from the left
      return {
          .start = {0, 0},
          .step =
              [](std::vector<std::int32_t>& state, int digit) {
                static constexpr std::array<int, 3> kWeights = {3, 7, 1};
                state[1] = (state[1] + digit * kWeights[static_cast<std::size_t>(state[0] % 3)]) % 10;
                state[0] = std::min(state[0] + 1, 10);
              },
          .accept = [](const std::vector<std::int32_t>& state) { return state[0] == 9 && state[1] == 0; }};
    case CheckDigit::verhoeff:
      break;  // its weights have a period of eight, see with_verhoeff
  }
  return {};
}

// --- value ranges
// ---------------------------------------------------------------------------------------------

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

Automaton Automaton::anything(int max_length) {
  check_lengths(0, max_length);
  PositionSet set;
  set.add(run_of(kAll, 0, max_length));
  return set.build();
}

Automaton Automaton::digits(int min_length, int max_length) {
  check_lengths(min_length, max_length);
  PositionSet set;
  set.add(run_of(kDigits, min_length, max_length));
  return set.build();
}

Automaton Automaton::pattern(std::string_view pattern) {
  PositionSet set;
  set.add(parse_pattern(pattern));
  return set.build();
}

Automaton Automaton::any_of(const std::vector<std::string>& values) {
  Automaton tree;
  for (const auto& value : values) {
    for (const char symbol : value) symbol_mask(symbol, "in a list of values,");
    if (value.size() > static_cast<std::size_t>(kMaxPatternLength)) fail("a value of the list is too long");
    AutomatonBuilder::insert(tree, value);
  }
  return AutomatonBuilder::minimal(tree);
}

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
  // Grouped from the right: three digits, then groups of three or, the Indian way, of two.
  const auto add_grouped = [&](int size) {
    for (int count = 1; count <= rules.max_digits; ++count) {
      Items items;
      for (int i = 0; i < count; ++i) {
        const int left = count - i;  // digits from this one on
        if (i > 0 && (left == 3 || (left > 3 && (left - 3) % size == 0))) items.push_back({.symbols = group});
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
      if (!tells && amounts.silent_symbols_.find(symbol) == std::string::npos) amounts.silent_symbols_ += symbol;
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
        const int to =
            next_[static_cast<std::size_t>(key[0]) * kSymbolCount + static_cast<std::size_t>(symbol)];
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

Automaton Automaton::with_check_digit(CheckDigit kind) const {
  if (is_empty()) return {};
  if (kind != CheckDigit::verhoeff) {
    const CheckMachine machine = check_machine(kind);
    // Key: state, digits seen (two or more say: a body and its check digit), the machine's own.
    Key start{start_, 0};
    start.insert(start.end(), machine.start.begin(), machine.start.end());
    return with_same_silence(AutomatonBuilder::explore(
        start,
        [&](const Key& key, int symbol) -> std::optional<Key> {
          const int to =
              next_[static_cast<std::size_t>(key[0]) * kSymbolCount + static_cast<std::size_t>(symbol)];
          if (to < 0) return std::nullopt;
          Key reached = key;
          reached[0] = to;
          if (symbol < 10) {
            reached[1] = std::min(reached[1] + 1, 2);
            std::vector<std::int32_t> state(key.begin() + 2, key.end());
            machine.step(state, symbol);
            std::copy(state.begin(), state.end(), reached.begin() + 2);
          }
          return reached;
        },
        [&](const Key& key) {
          return accepting_[static_cast<std::size_t>(key[0])] != 0 && key[1] == 2 &&
                 machine.accept({key.begin() + 2, key.end()});
        }));
  }
  // Verhoeff turns each digit by its place from the right, with a period of eight: one hypothesis for each
  // remainder of the digits still to come that the state allows. The product runs from the last digit to the
  // first, so that a digit read later is multiplied on from the left.
  const std::size_t states = accepting_.size();
  std::vector<std::uint8_t> remainders(states, 0);  // bit r: r digits (mod 8) may follow
  // States are numbered after all that follow them (see AutomatonBuilder::minimal).
  for (std::size_t state = 0; state < states; ++state) {
    unsigned bits = accepting_[state] != 0 ? 1U : 0U;
    for (int symbol = 0; symbol < kSymbolCount; ++symbol) {
      const int to = next_[state * kSymbolCount + static_cast<std::size_t>(symbol)];
      if (to < 0) continue;
      const unsigned after = remainders[static_cast<std::size_t>(to)];
      bits |= symbol < 10 ? ((after << 1U | after >> 7U) & 0xFFU) : after;
    }
    remainders[state] = static_cast<std::uint8_t>(bits);
  }
  Key start{start_, 0};
  for (std::int32_t r = 0; r < 8; ++r) {
    if ((remainders[static_cast<std::size_t>(start_)] >> static_cast<unsigned>(r) & 1U) != 0)
      start.push_back(r * 10);
  }
  return with_same_silence(AutomatonBuilder::explore(
      start,
      [&](const Key& key, int symbol) -> std::optional<Key> {
        const int to =
            next_[static_cast<std::size_t>(key[0]) * kSymbolCount + static_cast<std::size_t>(symbol)];
        if (to < 0) return std::nullopt;
        Key reached{to, symbol < 10 ? std::min(key[1] + 1, 2) : key[1]};
        for (std::size_t i = 2; i < key.size(); ++i) {
          std::int32_t left = key[i] / 10;
          std::int32_t product = key[i] % 10;
          if (symbol < 10) {
            left = (left + 7) % 8;  // this digit stands `left` places from the right
            product = kVerhoeffProduct[verhoeff_turned(symbol, left)][product];
          }
          if ((remainders[static_cast<std::size_t>(to)] >> static_cast<unsigned>(left) & 1U) == 0) continue;
          reached.push_back(left * 10 + product);
        }
        if (reached.size() == 2) return std::nullopt;
        std::sort(reached.begin() + 2, reached.end());
        return reached;
      },
      [&](const Key& key) {
        return accepting_[static_cast<std::size_t>(key[0])] != 0 && key[1] == 2 &&
               std::find(key.begin() + 2, key.end(), 0) != key.end();
      }));
}

Automaton Automaton::with_same_silence(Automaton made) const {
  made.silent_symbols_ = silent_symbols_;
  return made;
}

int Automaton::start() const { return start_; }

int Automaton::step(int state, char symbol) const {
  const int index = symbol_index(symbol);
  if (state < 0 || index < 0) return -1;
  return next_[static_cast<std::size_t>(state) * kSymbolCount + static_cast<std::size_t>(index)];
}

bool Automaton::accepts(int state) const {
  return state >= 0 && accepting_[static_cast<std::size_t>(state)] != 0;
}

bool Automaton::accepts(std::string_view text) const {
  int state = start_;
  for (const char symbol : text) state = step(state, symbol);
  return accepts(state);
}

bool Automaton::is_empty() const { return start_ < 0; }
int Automaton::state_count() const { return static_cast<int>(accepting_.size()); }
int Automaton::symbols_to_accept(int state) const {
  return state < 0 ? -1 : missing_[static_cast<std::size_t>(state)];
}

}  // namespace inkfield::recognizer
