// Sorting and counting.
#include "adapters/hosts/command_line/confidence_quality.h"

#include <algorithm>
#include <cmath>

namespace inkfield::command_line {

Reliability reliability(std::vector<Judged> judged) {
  Reliability result;
  if (judged.empty()) return result;
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.confidence < b.confidence; });
  const auto count = static_cast<double>(judged.size());
  for (const Judged& answer : judged) {
    const double p = std::clamp(answer.confidence, kLeastDoubt, 1 - kLeastDoubt);
    result.log_loss -= std::log(answer.right ? p : 1 - p) / count;
    const double miss = answer.confidence - (answer.right ? 1 : 0);
    result.brier += miss * miss / count;
  }
  const std::size_t bins = std::min(kReliabilityBins, judged.size());
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * judged.size() / bins;
    const std::size_t end = (b + 1) * judged.size() / bins;
    ReliabilityBin bin;
    bin.items = end - begin;
    for (std::size_t i = begin; i < end; ++i) {
      bin.right += judged[i].right ? 1 : 0;
      bin.confidence += judged[i].confidence / static_cast<double>(bin.items);
    }
    bin.interval = clopper_pearson(bin.right, bin.items);
    result.expected_error +=
        std::abs(bin.confidence - share(bin.right, bin.items)) * static_cast<double>(bin.items) / count;
    result.bins.push_back(bin);
  }
  return result;
}

std::vector<AcceptancePoint> acceptance_curve(std::vector<Judged> judged) {
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.confidence > b.confidence; });
  std::vector<AcceptancePoint> curve;
  AcceptancePoint point;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    point.confidence = judged[i].confidence;
    ++point.accepted;
    point.wrong += judged[i].right ? 0 : 1;
    if (i + 1 == judged.size() || judged[i + 1].confidence < judged[i].confidence) curve.push_back(point);
  }
  return curve;
}

AcceptancePoint most_accepted(const std::vector<AcceptancePoint>& curve, double wrong_rate) {
  AcceptancePoint most;
  for (const AcceptancePoint& point : curve) {
    // The small term takes up rounding of products like 0.02 * 50.
    if (static_cast<double>(point.wrong) <= wrong_rate * static_cast<double>(point.accepted) + 1e-9) most = point;
  }
  return most;
}

}  // namespace inkfield::command_line
