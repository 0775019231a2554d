// The valid readings of a field, as a deterministic automaton that the search walks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::recognizer {

/// Immutable; states are small integers, -1 is dead. Symbols are the characters of a network's alphabet.
/// Every builder gives the smallest automaton for its strings; there are no loops, since every field ends.
/// Throws Error(invalid_argument) for arguments that make no sense and Error(limit_exceeded) for a format
/// that would need more than `kMaxStates` states.
class Automaton {
 public:
  static constexpr int kMaxStates = 400'000;
  /// All symbols that a reading may hold.
  static constexpr std::string_view kSymbols = "0123456789,.-/=?";

  /// Every string of symbols, `?` included, with at most `max_length` of them: no format at all.
  static Automaton anything(int max_length);
  /// `min_length` to `max_length` digits.
  static Automaton digits(int min_length, int max_length);
  /// The pattern language of templates: 9 = a digit, any of ,.-/= itself, [..] one of, {n} or {n,m}
  /// repeats what stands before, ? makes it optional. Throws Error(invalid_argument) saying where.
  static Automaton pattern(std::string_view pattern);
  /// Exactly these strings (a list of valid values).
  static Automaton any_of(const std::vector<std::string>& values);

  /// Calendar dates from `earliest` to `latest` (ISO), leap years respected. `order` is a string of D, M, Y
  /// such as "DDMMYYYY" or "YYMMDD"; each of `separators` may stand between the parts, and none may.
  static Automaton dates(std::string_view order, std::string_view earliest, std::string_view latest,
                         std::string_view separators);

  struct AmountRules {
    bool group_thousands = true;  ///< 1,234,567
    bool group_indian = true;     ///< 12,34,567, and 110,00,00,000 beside 1,10,00,00,000
    bool ungrouped = true;
    char decimal_mark = '.';
    int decimals = 2;
    bool decimals_optional = true;
    std::vector<std::string> terminators;
    int max_digits = 15;
  };
  static Automaton amounts(const AmountRules& rules);

  /// Only those strings of this automaton whose digits alone also satisfy ... (products; all keep this one
  /// intact).
  [[nodiscard]] Automaton with_value_between(double minimum, double maximum, char decimal_mark) const;
  enum class CheckDigit { luhn, mod10_weight31, mod11, mod97, verhoeff, aba };
  [[nodiscard]] Automaton with_check_digit(CheckDigit kind) const;

  [[nodiscard]] int start() const;
  [[nodiscard]] int step(int state, char symbol) const;  ///< -1: no valid reading goes on that way
  [[nodiscard]] bool accepts(int state) const;
  [[nodiscard]] bool accepts(std::string_view text) const;
  [[nodiscard]] bool is_empty() const;  ///< true: no string is valid
  [[nodiscard]] int state_count() const;
  /// Symbols that may stand in a valid reading without changing its value: grouping marks and terminators of an
  /// amount, separators of a date. Readings that differ in them alone say the same.
  [[nodiscard]] const std::string& silent_symbols() const { return silent_symbols_; }
  /// No valid reading holds anything but digits.
  [[nodiscard]] bool digits_only() const { return digits_only_; }
  /// How many symbols at least are missing from `state` to a valid reading.
  [[nodiscard]] int symbols_to_accept(int state) const;

 private:
  friend class AutomatonBuilder;
  [[nodiscard]] Automaton with_same_silence(Automaton made) const;
  [[nodiscard]] std::int32_t next(int state, int symbol) const {  // by its index in kSymbols
    return next_[static_cast<std::size_t>(state) * kSymbols.size() + static_cast<std::size_t>(symbol)];
  }
  int start_ = -1;
  std::vector<std::int32_t> next_;       // [state][index in kSymbols]
  std::vector<std::uint8_t> accepting_;  // [state]
  std::vector<std::int32_t> missing_;    // [state] symbols_to_accept
  std::string silent_symbols_;
  bool digits_only_ = true;
};

}  // namespace inkfield::recognizer
