// What the builders of automata share: symbols and sets of them, and the way from a description of strings to
// the smallest automaton with the same strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/decoding/automaton.h"

namespace inkfield::recognizer {

namespace automata {

inline constexpr int kSymbolCount = static_cast<int>(Automaton::kSymbols.size());
using Mask = std::uint32_t;  ///< set of symbols

inline constexpr Mask kDigits = 0x3FFU;
inline constexpr Mask kAll = (1U << kSymbolCount) - 1U;

/// Where a symbol stands in kSymbols; -1 if nowhere.
constexpr int symbol_index(char symbol) {
  if (symbol >= '0' && symbol <= '9') return symbol - '0';
  const auto at = Automaton::kSymbols.find(symbol);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}
/// The set of one symbol; `what` begins the message of the error if it may not stand in a format.
Mask symbol_mask(char symbol, const char* what);
/// Throws Error(invalid_argument).
[[noreturn]] void fail(const std::string& what);

}  // namespace automata

/// Makes automata out of deterministic machines given as keys and functions.
class AutomatonBuilder {
 public:
  using Key = std::vector<std::int32_t>;
  /// The key reached from a key by a symbol, or nothing.
  using Step = std::function<std::optional<Key>(const Key&, int symbol)>;
  using Accept = std::function<bool(const Key&)>;

  static Automaton explore(const Key& start, const Step& step, const Accept& accept);
  /// Adds the states of one string to a tree.
  static void insert(Automaton& tree, const std::string& text);
  /// The smallest automaton with the same strings. There are no loops, so that states can be merged from the
  /// ends backwards: two are the same if they accept alike and lead to the same states.
  static Automaton minimal(const Automaton& raw);

 private:
  static int add_state(Automaton& automaton);
  static void check_size(std::size_t states);
};

}  // namespace inkfield::recognizer
