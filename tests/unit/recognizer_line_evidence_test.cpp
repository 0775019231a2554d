// Several looks at one line: the string that they find likeliest on average, wherever it was found.
#include "recognizer/decoding/line_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace inkfield::recognizer {
namespace {

const std::string kAlphabet = "0123456789,.-/=?";

struct Shown {
  char symbol;  // 0: the blank
  double probability;
};

// Each frame shows one symbol and its rival; what is left is the blank's.
FrameProbabilities look(const std::vector<std::vector<Shown>>& frames) {
  FrameProbabilities result{static_cast<int>(frames.size()), static_cast<int>(kAlphabet.size()) + 1, {}};
  for (const auto& frame : frames) {
    std::vector<double> values(kAlphabet.size() + 1, FrameProbabilities::kLeastProbability);
    double rest = 1;
    for (const Shown& shown : frame) {
      values[kAlphabet.find(shown.symbol) + 1] = shown.probability;
      rest -= shown.probability;
    }
    values[0] = std::max(rest, FrameProbabilities::kLeastProbability);
    result.values.insert(result.values.end(), values.begin(), values.end());
  }
  return result;
}

std::vector<std::string> texts(const std::vector<ScoredText>& found) {
  std::vector<std::string> result;
  for (const auto& each : found) result.push_back(each.text);
  return result;
}

TEST(LineEvidence, AProbability_IsTheMeanOfTheLooks) {
  const LineEvidence evidence({look({{{'3', 0.9}}}), look({{{'3', 0.2}, {'8', 0.7}}, {}})}, kAlphabet);
  EXPECT_NEAR(evidence.probability("3"), 0.55, 1e-9);
  EXPECT_NEAR(evidence.probability("8"), 0.35, 1e-9);
  EXPECT_NEAR(evidence.probability(""), 0.1, 1e-9);
}

TEST(Standing, OneRival_SpeaksAgainstATextMoreThanTheSameSpreadOverMany) {
  const Automaton digits = Automaton::digits(1, 8);
  const auto of = [&](double best, double rival, double spread) {
    return standing(std::vector<ScoredText>{{"123456", best}, {"723456", rival}}, {"123456", best}, digits,
                    spread);
  };
  EXPECT_EQ(of(0.7, 0.1, 1), 0.7) << "a spread of 1 is the probability";
  EXPECT_NEAR(of(0.7, 0.1, 0.1), 0.7 / (0.8 + 0.02), 1e-12);
  EXPECT_GT(of(0.7, 0.01, 0.03), 0.95);
  EXPECT_LT(of(0.7, 0.29, 0.03), 0.75);
  EXPECT_LT(of(1e-4, 1e-9, 0.03), 0.01) << "ink that is no number";
  EXPECT_EQ(of(0, 0, 0.03), 0);
  EXPECT_EQ(standing({}, {"12", 1}, digits, 0.03), 0);
}

TEST(Standing, AShortText_HasFewSpellingsToSpreadOver) {
  const Automaton digits = Automaton::digits(1, 8);
  const auto of = [&](const std::string& text) {
    return standing(std::vector<ScoredText>{{text, 0.6}}, {text, 0.6}, digits, 0.03);
  };
  EXPECT_NEAR(of("7"), 0.6, 1e-12);
  EXPECT_NEAR(of("12"), 0.6 / (0.6 + 0.4 / 4), 1e-12);
  EXPECT_NEAR(of("123456"), 0.6 / (0.6 + 0.03 * 0.4), 1e-12);
}

TEST(Standing, WhatIsShownWithoutAFormat_IsARivalUnlessItIsTheSameValue) {
  const std::vector<ScoredText> values = {{"1,234", 0.4}};
  Automaton::AmountRules rules;
  rules.decimals = 0;
  const Automaton amount = Automaton::amounts(rules);
  EXPECT_LT(standing(values, {"1?34", 0.5}, amount, 0.03), 0.5);
  EXPECT_GT(standing(values, {"1234", 0.5}, amount, 0.03), 0.9);
}

TEST(LineEvidence, WhatTheFirstLookMissed_WinsIfTheOthersSeeIt) {
  const auto blind = look({{{'1', 0.98}}});
  const auto seeing = look({{{'1', 0.9}}, {}, {{'1', 0.9}}});
  const LineEvidence evidence({blind, seeing, seeing}, kAlphabet);
  EXPECT_EQ(evidence.best_path().text, "11");
  const Automaton two = Automaton::digits(2, 2);
  EXPECT_NEAR(evidence.search(two, 1).front().probability, 2 * 0.81 / 3, 1e-6);
}

TEST(LineEvidence, OfAFormat_OffersValidStringsAloneEachOnce) {
  const auto first = look({{{'4', 0.6}, {'9', 0.3}}, {{'7', 0.9}}});
  const auto second = look({{{'4', 0.4}, {'9', 0.5}}, {{'7', 0.8}}});
  const LineEvidence evidence({first, second}, kAlphabet);
  const Automaton two = Automaton::digits(2, 2);
  const auto found = evidence.search(two, 4);
  EXPECT_EQ(found.front().text, "47");
  EXPECT_EQ(found[1].text, "97");
  auto all = texts(found);
  for (const auto& text : all) EXPECT_EQ(text.size(), 2U);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(LineEvidence, ABestPath_MayBeNothingAtAll) {
  const LineEvidence evidence({look({{{'7', 0.1}}}), look({{{'7', 0.6}}})}, kAlphabet);
  EXPECT_EQ(evidence.best_path().text, "");
  EXPECT_NEAR(evidence.best_path().probability, 0.65, 1e-9);
}

TEST(LineEvidence, ADoubtfulComma_IsNoDoubtOfTheValue) {
  Automaton::AmountRules rules;
  rules.decimals = 0;
  const Automaton amount = Automaton::amounts(rules);
  const auto with = look({{{'1', 0.99}}, {{',', 0.6}}, {{'2', 0.99}}, {{'3', 0.99}}, {{'4', 0.99}}});
  const auto without = look({{{'1', 0.99}}, {{',', 0.4}}, {{'2', 0.99}}, {{'3', 0.99}}, {{'4', 0.99}}});
  const LineEvidence evidence({with, without}, kAlphabet);
  const auto found = evidence.values(amount, 4);
  EXPECT_GT(found.front().probability, 0.94);
  EXPECT_NEAR(found.front().probability, evidence.probability("1,234") + evidence.probability("1234"), 1e-9);
}

TEST(LineEvidence, AnAlignment_IsWhereTheFirstLookHasItAndAsSureAsAllAre) {
  const LineEvidence evidence({look({{}, {{'5', 0.9}}, {}}), look({{{'5', 0.5}}, {}, {}, {}})}, kAlphabet);
  const auto spans = evidence.alignment("5");
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].begin_frame, 1);
  EXPECT_EQ(spans[0].end_frame, 2);
  EXPECT_NEAR(spans[0].probability, 0.7, 1e-9);
}

TEST(LineEvidence, AnAlignmentThatDoesNotFitTheFirstLook_IsEmpty) {
  const LineEvidence evidence({look({{{'5', 0.9}}}), look({{{'5', 0.9}}, {}, {{'5', 0.9}}})}, kAlphabet);
  EXPECT_TRUE(evidence.alignment("55").empty());
}

}  // namespace
}  // namespace inkfield::recognizer
