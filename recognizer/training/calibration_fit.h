// From what the network believed about held-out writing, and whether it was right, to honest confidences.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace inkfield::training {

struct Outcome {
  double probability = 0;  ///< the network's, of its whole answer
  bool right = false;
};

/// (Allowed wrong rate, least confidence), the strictest rate first.
using Thresholds = std::vector<std::pair<double, double>>;

struct RowOfCells {
  int cells = 0;
  Thresholds thresholds;
};

/// confidence = 1 / (1 + exp(-(a * logit(p) + b))); thresholds as (allowed wrong rate, least confidence).
struct FittedCalibration {
  double a = 1;
  double b = 0;
  double spread =
      1;  ///< how the probabilities it was fitted to were made, see `standing` in decoding/line_evidence.h
  Thresholds thresholds;
  std::vector<RowOfCells> rows;  ///< for the product of a row's confidences, the shortest rows first
  [[nodiscard]] double confidence(double probability) const;
};

/// Platt's fit by Newton's method, with his smoothed targets. Needs both right and wrong outcomes to move
/// from the identity. A threshold is the least confidence at which the upper Clopper-Pearson bound (95 %, one-sided)
/// of the wrong among the accepted stays within the rate: a short held-out set may not promise more than it can show. For rates below what it can show at
/// all, the least confidence is 1 - rate, never less than that of a laxer rate. No threshold is below 0.5.
FittedCalibration fit_calibration(std::vector<Outcome> outcomes);

/// The same for lone symbols, and thresholds for rows of 2 to 32 of them, whose confidence is the product of theirs: counted on rows
/// drawn from the outcomes. A bad hand spoils several cells of one row; drawn apart its errors spoil more rows, so that what is
/// counted is rather too strict.
FittedCalibration fit_symbol_calibration(const std::vector<Outcome>& outcomes);

/// `{"a":..,"b":..,"thresholds":[[rate,confidence],..]}`, `"spread":..` if it is not 1, and
/// `"rows":[{"cells":2,"thresholds":[..]},..]` if there are any
std::string to_json(const FittedCalibration& calibration);

}  // namespace inkfield::training
