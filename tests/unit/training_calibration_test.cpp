// Confidences must mean what they say, and thresholds must keep what they promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "recognizer/synthesis/random.h"
#include "recognizer/training/calibration_fit.h"

namespace inkfield::training {
namespace {

// Answers of a reader that claims p but is right with 1 / (1 + exp(-(a * logit(p) + b))).
std::vector<Outcome> answers(double a, double b, int count, std::uint64_t seed) {
  synthesis::Random random(seed);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < count; ++i) {
    const double z = random.uniform(-3.0F, 9.0F);
    const double claimed = 1 / (1 + std::exp(-z));
    const double truth = 1 / (1 + std::exp(-(a * z + b)));
    outcomes.push_back({claimed, static_cast<double>(random.unit()) < truth});
  }
  return outcomes;
}

TEST(Calibration, OfAnOverconfidentReader_IsFound) {
  const FittedCalibration fit = fit_calibration(answers(0.6, -0.5, 40000, 1));
  EXPECT_NEAR(fit.a, 0.6, 0.05);
  EXPECT_NEAR(fit.b, -0.5, 0.1);
}

TEST(Calibration, Thresholds_KeepTheirRateOnNewAnswers) {
  const FittedCalibration fit = fit_calibration(answers(0.8, 0.2, 40000, 2));
  const std::vector<Outcome> fresh = answers(0.8, 0.2, 40000, 3);
  double previous = 2;
  for (const auto& [rate, threshold] : fit.thresholds) {
    EXPECT_LE(threshold, previous) << "a laxer rate never asks for more";
    previous = threshold;
    int accepted = 0;
    int wrong = 0;
    for (const Outcome& outcome : fresh) {
      if (fit.confidence(outcome.probability) < threshold) continue;
      ++accepted;
      wrong += outcome.right ? 0 : 1;
    }
    if (accepted > 0) {
      EXPECT_LE(static_cast<double>(wrong) / accepted, 1.5 * rate + 0.001) << rate;
    }
  }
}

TEST(Calibration, OfAFewAnswers_AsksForTheConfidenceItself) {
  const FittedCalibration fit = fit_calibration(std::vector<Outcome>(50, Outcome{0.96, true}));
  EXPECT_EQ(fit.a, 1);
  EXPECT_DOUBLE_EQ(fit.thresholds.front().second, 0.9999) << "50 right answers do not show 1 in 10,000";
  EXPECT_GT(fit.thresholds.back().second, 0.949) << "nor 1 in 20: 58 would";
  const FittedCalibration more = fit_calibration(std::vector<Outcome>(59, Outcome{0.96, true}));
  EXPECT_NEAR(more.thresholds.back().second, 0.96, 1e-9);
}

TEST(Calibration, OfAnAlmostPerfectReader_StillLeavesTheUnlikelyToAPerson) {
  std::vector<Outcome> outcomes(5000, Outcome{0.999, true});
  outcomes.push_back({0.01, false});
  for (const auto& [rate, threshold] : fit_calibration(outcomes).thresholds) EXPECT_GE(threshold, 0.5) << rate;
}

TEST(Calibration, ThresholdsOfRows_KeepTheirRateOnNewRows) {
  const FittedCalibration fit = fit_symbol_calibration(answers(0.9, 2, 40000, 4));
  const std::vector<Outcome> fresh = answers(0.9, 2, 80000, 5);
  ASSERT_GE(fit.rows.size(), 3U);
  for (const RowOfCells& row : fit.rows) {
    const auto cells = static_cast<std::size_t>(row.cells);
    int most_accepted = 0;
    for (const auto& [rate, threshold] : row.thresholds) {
      int accepted = 0;
      int wrong = 0;
      for (std::size_t i = 0; i + cells <= fresh.size(); i += cells) {
        double confidence = 1;
        bool right = true;
        for (std::size_t k = i; k < i + cells; ++k) {
          confidence *= fit.confidence(fresh[k].probability);
          right = right && fresh[k].right;
        }
        if (confidence < threshold) continue;
        ++accepted;
        wrong += right ? 0 : 1;
      }
      most_accepted = std::max(most_accepted, accepted);
      EXPECT_LE(wrong, 1.5 * rate * accepted + 3) << rate << ", " << cells << " cells";
      const auto same = std::find_if(fit.thresholds.begin(), fit.thresholds.end(), [r = rate](const auto& entry) { return entry.first == r; });
      if (rate >= 0.01) {
        EXPECT_GE(threshold, same->second) << "a row errs where any of its cells does";
      }
    }
    // Of so poor a reader long rows are hardly ever accepted.
    if (cells <= 8) {
      EXPECT_GT(most_accepted, 30) << cells << " cells";
    }
  }
}

TEST(Calibration, OfNothing_IsTheIdentity) {
  const FittedCalibration fit = fit_calibration({});
  EXPECT_DOUBLE_EQ(fit.confidence(0.25), 0.25);
}

TEST(Calibration, AsJson_HasItsThreeParts) {
  FittedCalibration fit;
  fit.a = 0.5;
  fit.thresholds = {{0.01, 0.75}};
  EXPECT_EQ(to_json(fit), R"({"a":0.5,"b":0,"thresholds":[[0.01,0.75]]})");
  fit.rows = {{4, {{0.01, 0.8}}}, {8, {{0.01, 0.9}}}};
  EXPECT_EQ(to_json(fit), R"({"a":0.5,"b":0,"thresholds":[[0.01,0.75]],"rows":[{"cells":4,"thresholds":[[0.01,0.8]]},{"cells":8,"thresholds":[[0.01,0.9]]}]})");
}

}  // namespace
}  // namespace inkfield::training
