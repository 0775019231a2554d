// What `inkfield eval` counts: readings of labelled items against the truth.
//
// - Digits are compared with digits: grouping, currency, terminators and blanks do not count.
// - A first reading is the best candidate, whatever the decision. An item is right if its digits are the truth's.
// - A `?` in the truth means that nobody can know: such an item is right only if it is rejected, and stays out of
//   every rate. Accepted, it is one more wrong answer in `wrong_accepted`.
// - An answer counts as accepted if no person would look: states `accepted` and `empty` (nothing written).
// - A truth without digits (an empty box, a letter, a scribble) holds no number: the only right reading is none, and an accepted
//   answer with digits is an invented number.
// - Calibration is judged on the items without `?`: the confidence against whether the first reading is right, and beside it the
//   probability that the network gave that reading before any calibration.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hosts/command_line/confidence_quality.h"

namespace inkfield::command_line {

/// One labelled item and what was read.
struct EvaluatedItem {
  std::string item;     ///< the key in the table of truths, or the index in an idx file
  std::string truth;    ///< as labelled
  std::string reading;  ///< first reading, as read
  double confidence = 0;
  bool accepted = false;
  double uncalibrated = 0;  ///< the network's own probability of the first reading
};

struct ReadRate {
  double wrong_rate = 0;  ///< at most this share of the accepted items is wrong
  double read_rate = 0;   ///< the largest share of the items that can be accepted so
  AcceptancePoint at;     ///< the counts, and the least confidence among them
};

struct Misread {
  std::string item;
  std::string truth;
  std::string reading;
  double confidence = 0;
  bool accepted = false;
};

struct Evaluation {
  std::size_t items = 0;             ///< everything that was read
  std::size_t rated_items = 0;       ///< items without `?`: the denominator of every rate
  std::size_t unknowable_items = 0;  ///< items with `?`
  std::size_t unknowable_accepted = 0;
  std::size_t right = 0;  ///< rated items whose first reading is right
  double right_rate = 0;
  double error_rate = 0;
  /// Share of the truth's digits that the first readings have: position by position where lengths agree, else those that a least-
  /// edits alignment matches (of several such alignments the one with the most matches).
  double digit_right_rate = 0;
  std::size_t accepted = 0;        ///< by the field's own threshold, with and without `?`
  std::size_t wrong_accepted = 0;  ///< of those: wrong digits, or a `?` in the truth
  std::size_t no_number_items = 0;     ///< items whose truth has neither digits nor `?`
  std::size_t no_number_accepted = 0;  ///< of those: accepted with digits
  std::size_t no_number_empty = 0;     ///< of those: answered with nothing, without a person
  std::vector<ReadRate> read_rate_at;
  double reject_rate_at_1_percent = 0;  ///< the least share to leave to people for 1 % wrong among the others
  std::vector<AcceptancePoint> curve;
  Reliability calibrated;
  Reliability uncalibrated;
  std::vector<Misread> misread;  ///< wrong first readings, and accepted items with `?`
};

/// The digits of a text. With `keep_doubt`, `?` stays in: a reading with a hole in it is not a shorter number.
std::string digits_of(std::string_view text, bool keep_doubt);

/// Digits of `truth` that `reading` has right, see Evaluation::digit_right_rate. Both bare digits.
std::size_t digits_right(std::string_view truth, std::string_view reading);

/// Wrong rates at which the curve is given.
inline constexpr double kWrongRates[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05};

Evaluation evaluate(const std::vector<EvaluatedItem>& items);

}  // namespace inkfield::command_line
