// The pattern language of templates, as far as a template's check needs it: is it one, and how long are its
// texts? Reading by a pattern is the recognizer's work.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inkfield::config {

inline constexpr int kMaxPatternLength = 100;  ///< characters of the longest text that a pattern may describe

struct PatternShape {
  std::string fault;         ///< what is wrong with the pattern; "" if nothing is
  std::size_t fault_at = 0;  ///< which of its characters, from 0
  int shortest = 0;          ///< characters of the shortest and the longest text
  int longest = 0;
  int fewest_digits = 0;
  int most_digits = 0;
};

/// 9 is a digit; , . - / = stand for themselves; [137] or [1-5] is one of these digits; {n} or {n,m} repeats
/// what stands before it; ? makes it optional.
PatternShape measure_pattern(std::string_view pattern);

}  // namespace inkfield::config
