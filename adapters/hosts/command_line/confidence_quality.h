// Whether confidences can be believed: the reliability diagram in numbers, proper scores, and what could be accepted at which rate
// of wrong answers.
#pragma once

#include <cstddef>
#include <vector>

#include "adapters/hosts/command_line/proportions.h"

namespace inkfield::command_line {

/// An answer's probability to be right, as told, and whether it was.
struct Judged {
  double confidence = 0;
  bool right = false;
};

/// Some answers of like confidence.
struct ReliabilityBin {
  std::size_t items = 0;
  std::size_t right = 0;
  double confidence = 0;  ///< mean
  Interval interval;      ///< of the share that is right
};

struct Reliability {
  std::vector<ReliabilityBin> bins;  ///< as many answers in each, by rising confidence
  double expected_error = 0;         ///< mean distance of a bin's confidence from the share that is right, by answers
  double log_loss = 0;               ///< mean of -ln of the probability given to what was true
  double brier = 0;                  ///< mean squared distance of confidence and truth
};

inline constexpr std::size_t kReliabilityBins = 15;
/// A probability of 0 or 1 that was wrong would cost without end; the log loss takes none nearer to them than this.
inline constexpr double kLeastDoubt = 1e-9;

/// All zero, no bins, of nothing. Fewer bins if there are fewer answers.
Reliability reliability(std::vector<Judged> judged);

/// How many would be accepted, and wrong among them, from a confidence up.
struct AcceptancePoint {
  double confidence = 0;
  std::size_t accepted = 0;
  std::size_t wrong = 0;
};

/// A point for each confidence that occurs, by falling confidence: answers of one confidence are taken or left together, since no
/// threshold parts them.
std::vector<AcceptancePoint> acceptance_curve(std::vector<Judged> judged);

/// The last point of the curve with at most this share wrong; nothing accepted if there is none.
AcceptancePoint most_accepted(const std::vector<AcceptancePoint>& curve, double wrong_rate);

}  // namespace inkfield::command_line
