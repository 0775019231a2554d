// Logistic calibration and its table of thresholds; why they are cautious is said in the header.
#include "recognizer/decoding/calibration.h"

#include <algorithm>

#include "recognizer/engine/elementary.h"

namespace inkfield::recognizer {

double calibrated(const CalibrationCurve& curve, double probability) {
  const double p = std::clamp(probability, 1e-9, 1.0 - 1e-9);
  const double logit = log_exact(p) - log_exact(1.0 - p);
  return 1.0 / (1.0 + exp_exact(-(curve.a * logit + curve.b)));
}

double least_confidence(const CalibrationCurve& curve, double allowed_wrong_rate) {
  if (!(allowed_wrong_rate > 0)) return 2.0;
  if (allowed_wrong_rate >= 1.0) return 0.0;
  if (curve.thresholds.empty()) return 1.0 - allowed_wrong_rate;
  const auto& [strictest_rate, strictest] = curve.thresholds.front();
  if (allowed_wrong_rate < strictest_rate) {
    if (strictest >= 1.0) return 2.0;
    return 1.0 - (1.0 - strictest) * (allowed_wrong_rate / strictest_rate);
  }
  double threshold = strictest;
  for (const auto& [rate, confidence] : curve.thresholds) {
    if (rate <= allowed_wrong_rate) threshold = confidence;
  }
  return threshold;
}

}  // namespace inkfield::recognizer
