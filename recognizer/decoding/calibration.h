// From a decoder's probability to one that can be trusted, and to the least one that may be accepted.
#pragma once

#include "recognizer/engine/network.h"

namespace inkfield::recognizer {

/// 1 / (1 + exp(-(a logit(p) + b))), with p clamped to [1e-9, 1 - 1e-9].
double calibrated(const CalibrationCurve& curve, double probability);

/// The least confidence at which the share of wrong answers among the accepted ones stayed within
/// `allowed_wrong_rate` on held-out data.
///
/// Between two measured rates the threshold of the stricter one holds. Below the strictest measured rate
/// nothing is known; the distance from certainty then shrinks in proportion to the rate. Without thresholds
/// the confidence is taken at its word: 1 - rate. A rate of 1 accepts everything, 0 nothing (above 1).
double least_confidence(const CalibrationCurve& curve, double allowed_wrong_rate);

}  // namespace inkfield::recognizer
