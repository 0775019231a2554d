// One pass over the pattern: an item, then perhaps its repetition or `?`.
#include "config/field_pattern.h"

#include <optional>

namespace inkfield::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PatternParser {
 public:
  explicit PatternParser(std::string_view pattern) : pattern_(pattern) {}

  PatternShape parse() {
    if (pattern_.empty()) fail("the pattern is empty");
    while (ok() && at_ < pattern_.size()) {
      const bool digit = item();
      if (!ok()) break;
      int least = 1;
      int most = 1;
      if (peek() == '{') {
        repetition(least, most);
        if (ok() && peek() == '?')
          fail("'?' makes one character optional; behind a repetition write {0,n} instead");
      } else if (peek() == '?') {
        least = 0;
        ++at_;
      }
      if (!ok()) break;
      // Never overflows: both stay under the limit before each step, and one step adds 999 at most.
      shape_.shortest += least;
      shape_.longest += most;
      if (digit) {
        shape_.fewest_digits += least;
        shape_.most_digits += most;
      }
      if (shape_.longest > kMaxPatternLength) {
        fail("it describes texts of more than " + std::to_string(kMaxPatternLength) + " characters");
      }
    }
    if (ok() && shape_.longest == 0) fail("it describes nothing but the empty text");
    if (ok() && shape_.shortest == 0) {
      fail("an empty field would fit it; demand one character (an optional field says \"required\": false)");
    }
    return shape_;
  }

 private:
  [[nodiscard]] bool ok() const { return shape_.fault.empty(); }
  [[nodiscard]] char peek() const { return at_ < pattern_.size() ? pattern_[at_] : '\0'; }

  void fail(std::string what) {
    shape_.fault = std::move(what);
    shape_.fault_at = at_;
  }

  // True for an item that is a digit.
  bool item() {
    const char c = peek();
    if (c == '9') {
      ++at_;
      return true;
    }
    if (c == ',' || c == '.' || c == '-' || c == '/' || c == '=') {
      ++at_;
      return false;
    }
    if (c == '[') return one_of();
    if (c == '{' || c == '?') {
      fail(std::string("nothing stands before this '") + c + "' that it could repeat");
    } else if (is_digit(c)) {
      fail(std::string("9 stands for any digit; this very digit is written [") + c + "]");
    } else {
      fail("only 9 , . - / = [ ] { } ? mean something in a pattern");
    }
    return false;
  }

  bool one_of() {
    const std::size_t open = at_++;
    while (is_digit(peek())) {
      const char first = peek();
      ++at_;
      if (peek() != '-') continue;
      ++at_;
      if (!is_digit(peek()) || peek() < first) {
        fail("a range between [ and ] is written upwards, as in [1-5]");
        return true;
      }
      ++at_;
    }
    if (peek() != ']') {
      fail("only digits and ranges of digits such as 1-5 may stand between [ and ]");
    } else if (at_ == open + 1) {
      fail("no digit stands between [ and ]");
    } else {
      ++at_;
    }
    return true;
  }

  std::optional<int> count() {
    int value = 0;
    int digits = 0;
    while (is_digit(peek()) && digits < 3) {
      value = value * 10 + (peek() - '0');
      ++digits;
      ++at_;
    }
    if (digits == 0 || is_digit(peek())) {
      fail("a repetition is {n} or {n,m}, with numbers up to 999");
      return std::nullopt;
    }
    return value;
  }

  void repetition(int& least, int& most) {
    const std::size_t open = at_++;
    const std::optional<int> first = count();
    if (!first) return;
    std::optional<int> second = first;
    if (peek() == ',') {
      ++at_;
      second = count();
      if (!second) return;
    }
    if (peek() != '}') {
      fail("a repetition is {n} or {n,m}");
      return;
    }
    ++at_;
    if (*second < *first) {
      at_ = open;
      fail("it repeats at least " + std::to_string(*first) + " but at most " + std::to_string(*second) +
           " times; turn the two around");
      return;
    }
    least = *first;
    most = *second;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  PatternShape shape_;
};

}  // namespace

PatternShape measure_pattern(std::string_view pattern) { return PatternParser(pattern).parse(); }

}  // namespace inkfield::config
