// The figures of trust that `inkfield eval` prints, against numbers worked out elsewhere or by hand, and the picture of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/hosts/command_line/confidence_quality.h"
#include "adapters/hosts/command_line/evaluation_picture.h"
#include "adapters/hosts/command_line/evaluation_report.h"
#include "adapters/hosts/command_line/proportions.h"

namespace inkfield::command_line {
namespace {

using testing::HasSubstr;
using testing::Not;

// From the closed forms of the interval at its ends: 1 - 0.025^(1/n) and its mirror, and (R's) binom.test.
TEST(ClopperPearson, KnownCounts_GiveTheKnownIntervals) {
  EXPECT_NEAR(clopper_pearson(0, 19).low, 0, 0);
  EXPECT_NEAR(clopper_pearson(0, 19).high, 1 - std::pow(0.025, 1.0 / 19), 1e-12);
  EXPECT_NEAR(clopper_pearson(7, 7).low, std::pow(0.025, 1.0 / 7), 1e-12);
  EXPECT_NEAR(clopper_pearson(7, 7).high, 1, 0);
  EXPECT_NEAR(clopper_pearson(5, 10).low, 0.1870860, 1e-6);
  EXPECT_NEAR(clopper_pearson(5, 10).high, 0.8129140, 1e-6);
  EXPECT_NEAR(clopper_pearson(29, 10000).low, 0.0019430, 1e-6);
  EXPECT_NEAR(clopper_pearson(29, 10000).high, 0.0041623, 1e-6);
}

TEST(ClopperPearson, Limits_AreWhereTheBinomialTailsAreAFortieth) {
  const auto tail_up_to = [](int most, int n, double p) {
    double sum = 0;
    for (int k = 0; k <= most; ++k) {
      sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(p) + (n - k) * std::log1p(-p));
    }
    return sum;
  };
  for (const int n : {3, 54, 1080, 20000}) {
    for (const int k : {1, n / 3, n - 1}) {
      const Interval interval = clopper_pearson(static_cast<std::size_t>(k), static_cast<std::size_t>(n));
      EXPECT_NEAR(tail_up_to(k, n, interval.high), 0.025, 1e-7) << k << " of " << n;
      EXPECT_NEAR(1 - tail_up_to(k - 1, n, interval.low), 0.025, 1e-7) << k << " of " << n;
    }
  }
}

TEST(ClopperPearson, NothingCounted_SaysNothing) {
  EXPECT_EQ(clopper_pearson(0, 0).low, 0);
  EXPECT_EQ(clopper_pearson(0, 0).high, 1);
}

TEST(Reliability, Bins_HoldAsManyEach) {
  std::vector<Judged> judged;
  for (int i = 0; i < 100; ++i) judged.push_back({(i * 37 % 100) / 100.0, i % 2 == 0});
  const Reliability result = reliability(judged);
  ASSERT_EQ(result.bins.size(), 15u);
  std::size_t items = 0;
  for (const ReliabilityBin& bin : result.bins) {
    EXPECT_TRUE(bin.items == 6 || bin.items == 7);
    items += bin.items;
  }
  EXPECT_EQ(items, 100u);
  EXPECT_LT(result.bins.front().confidence, 0.05);
  EXPECT_GT(result.bins.back().confidence, 0.95);
}

TEST(Reliability, Scores_AreTheTextbooks) {
  const Reliability result = reliability({{0.8, true}, {0.6, false}});
  EXPECT_NEAR(result.log_loss, -(std::log(0.8) + std::log(0.4)) / 2, 1e-12);
  EXPECT_NEAR(result.brier, (0.04 + 0.36) / 2, 1e-12);
  EXPECT_NEAR(result.expected_error, (0.2 + 0.6) / 2, 1e-12);
}

TEST(Reliability, HonestReader_HasASmallErrorAndABoastfulOneItsBoast) {
  std::vector<Judged> honest;
  std::vector<Judged> boastful;
  for (int i = 0; i < 15000; ++i) {
    honest.push_back({0.9, i % 10 != 0});
    boastful.push_back({0.99, i % 10 != 0});
  }
  EXPECT_NEAR(reliability(honest).expected_error, 0, 1e-9);
  EXPECT_NEAR(reliability(boastful).expected_error, 0.09, 1e-9);
  EXPECT_LT(reliability(honest).log_loss, reliability(boastful).log_loss);
}

TEST(Reliability, CertaintyThatWasWrong_CostsMuchButNotWithoutEnd) {
  EXPECT_NEAR(reliability({{1.0, false}}).log_loss, -std::log(kLeastDoubt), 1e-6);
  EXPECT_NEAR(reliability({{1.0, true}}).log_loss, 0, 1e-8);
}

TEST(Reliability, Nothing_IsNothing) {
  EXPECT_TRUE(reliability({}).bins.empty());
  EXPECT_EQ(reliability({}).log_loss, 0);
}

TEST(AcceptanceCurve, EqualConfidences_AreOnePoint) {
  const auto curve = acceptance_curve({{0.5, true}, {0.9, true}, {0.5, false}});
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[0].accepted, 1u);
  EXPECT_EQ(curve[1].accepted, 3u);
  EXPECT_EQ(curve[1].wrong, 1u);
  EXPECT_EQ(most_accepted(curve, 0.3).accepted, 1u);
  EXPECT_EQ(most_accepted(curve, 0.34).accepted, 3u);
  EXPECT_EQ(most_accepted({}, 1).accepted, 0u);
}

EvaluationReport sample_report() {
  std::vector<EvaluatedItem> items;
  for (int i = 0; i < 300; ++i) {
    const bool right = i % 20 != 0;
    items.push_back({"item " + std::to_string(i), "1", right ? "1" : "7", right ? 0.9 + i * 0.0003 : 0.5 + i * 0.0015, right && i > 50,
                     right ? 0.99 : 0.9});
  }
  EvaluationReport report;
  report.field = "folder/digit.json";
  report.model = "a <model> & \"more\"";
  report.sum = evaluate(items);
  report.threshold = 0.9;
  return report;
}

TEST(EvaluationPicture, Drawing_IsClosedAndSafe) {
  const std::string svg = evaluation_picture(sample_report());
  EXPECT_THAT(svg, HasSubstr("a &lt;model&gt; &amp; &quot;more&quot; on digit: 285 of 300 right (95.00 %)"));
  EXPECT_THAT(svg, Not(HasSubstr("<model>")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  std::size_t opened = 0;
  for (std::size_t at = svg.find("<text"); at != std::string::npos; at = svg.find("<text", at + 1)) ++opened;
  std::size_t closed = 0;
  for (std::size_t at = svg.find("</text>"); at != std::string::npos; at = svg.find("</text>", at + 1)) ++closed;
  EXPECT_EQ(opened, closed);
  EXPECT_GT(opened, 20u);
}

TEST(EvaluationPicture, FewOrCertainOrWrongItems_AreDrawnToo) {
  for (const bool right : {false, true}) {
    for (const double confidence : {0.0, 0.3, 1.0}) {
      EvaluationReport report;
      report.sum = evaluate({{"a", "1", right ? "1" : "2", confidence, confidence > 0.5, confidence}});
      const std::string svg = evaluation_picture(report);
      EXPECT_THAT(svg, Not(HasSubstr("nan"))) << right << confidence;
      EXPECT_THAT(svg, Not(HasSubstr("inf"))) << right << confidence;
    }
  }
  EXPECT_THAT(evaluation_picture({}), Not(HasSubstr("nan")));
}

TEST(ErrorList, MostConfident_ComesFirst) {
  EvaluationReport report;
  report.sum = evaluate({{"a", "1", "2", 0.5, false}, {"b", "1", "1", 0.99, true}, {"=c", "1", "3,4", 0.9, true}});
  std::ostringstream out;
  write_errors(report.sum, out);
  EXPECT_EQ(out.str(), "item,truth,answer,confidence,accepted\n'=c,1,\"3,4\",0.900000,1\na,1,2,0.500000,0\n");
}

TEST(Evaluation, ItemsWithoutNumber_AreInventedOnlyIfAcceptedWithDigits) {
  const Evaluation sum = evaluate({{"letter", "", "3", 0.99, true}, {"scribble", "", "3", 0.2, false}, {"paper", "", "", 1, true}, {"digit", "4", "4", 1, true}});
  EXPECT_EQ(sum.no_number_items, 3u);
  EXPECT_EQ(sum.no_number_accepted, 1u);
  EXPECT_EQ(sum.no_number_empty, 1u);
}

}  // namespace
}  // namespace inkfield::command_line
