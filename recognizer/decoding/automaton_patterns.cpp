// Formats of so many symbols, of a pattern, or of a list.
#include "recognizer/decoding/automaton.h"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "recognizer/decoding/automaton_builder.h"
#include "recognizer/decoding/position_set.h"

namespace inkfield::recognizer {
namespace {

using automata::fail;
using automata::Items;
using automata::kAll;
using automata::kDigits;
using automata::Mask;
using automata::PositionSet;
using automata::run_of;
using automata::symbol_index;
using automata::symbol_mask;

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
    const Items run = run_of(symbols, least, most);
    items.insert(items.end(), run.begin(), run.end());
    if (items.size() > static_cast<std::size_t>(kMaxPatternLength)) wrong("the pattern is too long");
  }
  return items;
}

void check_lengths(int least, int most) {
  if (least < 0 || most < least || most > kMaxPatternLength) {
    fail("lengths from " + std::to_string(least) + " to " + std::to_string(most) +
         " make no sense; allowed are 0 to " + std::to_string(kMaxPatternLength));
  }
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

}  // namespace inkfield::recognizer
