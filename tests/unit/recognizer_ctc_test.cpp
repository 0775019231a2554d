// Probabilities of strings and the search for the best, against the enumeration of every path on small cases.
#include "recognizer/decoding/ctc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "recognizer/decoding/calibration.h"
#include "recognizer/decoding/cells.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

constexpr std::string_view kAlphabet = "0123456789,.-/=?";

/// Frames over the blank and the first `symbols` symbols of an alphabet, with scores spread by `sharpness`.
FrameProbabilities random_frames(int frames, int symbols, float sharpness, std::uint32_t seed) {
  auto scores = test::seeded_values(static_cast<std::size_t>(frames * (symbols + 1)), seed);
  for (auto& score : scores) score *= sharpness;
  return softmax(scores, frames, symbols + 1);
}

/// Every path over the frames, summed by the string it gives.
std::map<std::string, double> all_strings(const FrameProbabilities& frames, std::string_view alphabet) {
  std::map<std::string, double> sums;
  std::vector<int> path(static_cast<std::size_t>(frames.frames), 0);
  while (true) {
    double p = 1;
    std::string text;
    int last = 0;
    for (int t = 0; t < frames.frames; ++t) {
      const int c = path[static_cast<std::size_t>(t)];
      p *= frames.frame(t)[c];
      if (c != 0 && c != last) text += alphabet[static_cast<std::size_t>(c - 1)];
      last = c;
    }
    sums[text] += p;
    std::size_t at = 0;
    while (at < path.size() && ++path[at] == frames.classes) path[at++] = 0;
    if (at == path.size()) return sums;
  }
}

/// Frames that say `text` with `surety`, a blank between any two.
FrameProbabilities frames_saying(std::string_view text, double surety) {
  const int classes = static_cast<int>(kAlphabet.size()) + 1;
  FrameProbabilities frames{
      .frames = static_cast<int>(2 * text.size() + 1), .classes = classes, .values = {}};
  for (int t = 0; t < frames.frames; ++t) {
    std::vector<double> frame(static_cast<std::size_t>(classes), (1 - surety) / (classes - 1));
    const std::size_t said = t % 2 == 0 ? 0 : kAlphabet.find(text[static_cast<std::size_t>(t / 2)]) + 1;
    frame[said] = surety;
    frames.values.insert(frames.values.end(), frame.begin(), frame.end());
  }
  return frames;
}

TEST(Ctc_Softmax, AnyScores_SumToOneAndNeverZero) {
  const std::vector<float> scores = {1, 2, 3, 0, 0, 0, 1000, -1000, 0, NAN, 1, 2, INFINITY, 1, 1};
  const auto frames = softmax(scores, 5, 3);
  for (int t = 0; t < 5; ++t) {
    double sum = 0;
    for (int c = 0; c < 3; ++c) {
      EXPECT_GT(frames.frame(t)[c], 0);
      sum += frames.frame(t)[c];
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
  }
  EXPECT_NEAR(frames.frame(0)[2], 0.66524095, 1e-8);
  EXPECT_NEAR(frames.frame(3)[0], 1.0 / 3, 1e-12);
}

TEST(Ctc_Probability, SmallCases_EqualsSumOverAllPaths) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    const auto frames = random_frames(6, 3, 3, seed);
    double total = 0;
    for (const auto& [text, wanted] : all_strings(frames, "012")) {
      const double found = std::exp(ctc_log_probability(frames, "012", text));
      EXPECT_NEAR(found, wanted, 1e-12) << text;
      total += found;
    }
    EXPECT_NEAR(total, 1.0, 1e-9);
  }
}

TEST(Ctc_Probability, ImpossibleText_MinusInfinity) {
  const auto frames = random_frames(3, 3, 1, 1);
  EXPECT_EQ(ctc_log_probability(frames, "012", "0101"), -INFINITY);
  EXPECT_EQ(ctc_log_probability(frames, "012", "00"), ctc_log_probability(frames, "012", "00"));
  EXPECT_EQ(ctc_log_probability(random_frames(2, 3, 1, 1), "012", "00"), -INFINITY);
  EXPECT_EQ(ctc_log_probability(frames, "012", "x"), -INFINITY);
}

TEST(Ctc_Probability, LongLine_DoesNotUnderflow) {
  const auto frames = random_frames(512, 16, 1, 3);
  const double found = ctc_log_probability(frames, kAlphabet, std::string(40, '7'));
  EXPECT_TRUE(std::isfinite(found));
  EXPECT_LT(found, -500);
}

TEST(Ctc_Search, SmallCasesWithoutFormat_BestOfAllStrings) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const auto frames = random_frames(6, 3, 2 + static_cast<float>(seed % 5), seed);
    std::string best;
    double best_probability = 0;
    for (const auto& [text, p] : all_strings(frames, "012")) {
      if (p > best_probability) {
        best = text;
        best_probability = p;
      }
    }
    const auto found = ctc_search(frames, "012", nullptr, 4);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().text, best) << seed;
    EXPECT_NEAR(std::exp(found.front().log_probability), best_probability, 1e-12);
  }
}

TEST(Ctc_Search, SmallCasesUnderFormat_BestOfTheValidStrings) {
  const auto format = Automaton::any_of({"012", "1", "2012", "2211", "00"});
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const auto frames = random_frames(7, 3, 3 + static_cast<float>(seed % 5), seed);
    std::string best;
    double best_probability = 0;
    for (const auto& [text, p] : all_strings(frames, "012")) {
      if (format.accepts(text) && p > best_probability) {
        best = text;
        best_probability = p;
      }
    }
    const auto found = ctc_search(frames, "012", &format, 8);
    ASSERT_FALSE(found.empty()) << seed;
    EXPECT_EQ(found.front().text, best) << seed;
    for (std::size_t i = 1; i < found.size(); ++i)
      EXPECT_LE(found[i].log_probability, found[i - 1].log_probability);
  }
}

TEST(Ctc_Search, FormatWantsMoreThanTheInkSays_WeakCandidateWithItsOwnProbability) {
  const auto frames = frames_saying("1234567", 0.999);
  const auto format = Automaton::digits(8, 8);
  const auto found = ctc_search(frames, kAlphabet, &format, 8);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().text.size(), 8U);
  EXPECT_LT(std::exp(found.front().log_probability), 0.01);
  const auto unlike = Automaton::any_of({"99", "8888"});
  EXPECT_FALSE(ctc_search(frames, kAlphabet, &unlike, 8).empty());
}

TEST(Ctc_Search, DateWithOneDoubtfulDigit_ValidOneChosenAndNotVouchedFor) {
  auto frames = frames_saying("35122023", 0.98);
  // The first digit: 3 a little more likely than 1.
  double* first = frames.values.data() + frames.classes;
  std::fill_n(first, frames.classes, 1e-4);
  first[4] = 0.6;
  first[2] = 0.3985;
  const auto raw = ctc_search(frames, kAlphabet, nullptr, 4);
  const auto format = Automaton::dates("DDMMYYYY", "1950-01-01", "2049-12-31", "");
  const auto found = ctc_search(frames, kAlphabet, &format, 8);
  EXPECT_EQ(raw.front().text, "35122023");
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().text, "15122023");
  EXPECT_LT(std::exp(found.front().log_probability), 0.4);
}

TEST(Ctc_Alignment, ClearText_EachSymbolOnItsFrame) {
  const auto spans = ctc_alignment(frames_saying("1907", 0.99), kAlphabet, "1907");
  ASSERT_EQ(spans.size(), 4U);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(spans[static_cast<std::size_t>(i)].begin_frame, 2 * i + 1);
    EXPECT_EQ(spans[static_cast<std::size_t>(i)].end_frame, 2 * i + 2);
    EXPECT_DOUBLE_EQ(spans[static_cast<std::size_t>(i)].probability, 0.99);
  }
  EXPECT_TRUE(ctc_alignment(frames_saying("1", 0.9), kAlphabet, "1234").empty());
}

// --- cells
// ------------------------------------------------------------------------------------------------------

CellEvidence cell_saying(std::string_view text, double surety) {
  return cell_evidence(frames_saying(text, surety), kAlphabet);
}

double total(const CellEvidence& cell) {
  double sum = cell.empty + cell.other;
  for (const double p : cell.symbols) sum += p;
  return sum;
}

TEST(Cells_Evidence, OneSymbol_ItsOwnProbability) {
  const auto cell = cell_saying("7", 0.999);
  EXPECT_EQ(cell.best_symbol(), 7);
  EXPECT_GT(cell.symbols[7], 0.99);
  EXPECT_LT(total(cell), 1.02);
}

TEST(Cells_Evidence, TwoSymbolsOrScribble_NoDigitIsLikely) {
  const auto two = cell_saying("12", 0.999);
  EXPECT_GT(two.other, 0.95);
  for (int digit = 0; digit < 10; ++digit)
    EXPECT_LT(two.symbols[static_cast<std::size_t>(digit)], 0.05) << digit;
  const auto scribble = cell_saying("?", 0.999);
  EXPECT_EQ(scribble.best_symbol(), 15);
  const auto with_mark = cell_saying("7-", 0.999);
  EXPECT_LT(with_mark.symbols[7], 0.05);
}

TEST(Cells_Evidence, MarkBesideDigit_LeftOutUnlessBest) {
  auto frames = frames_saying("1", 0.999);
  double* middle = frames.values.data() + frames.classes;
  middle[2] = 0.7;
  middle[14] = 0.299;  // a slash
  EXPECT_GT(cell_evidence(frames, kAlphabet).symbols[1], 0.97);
  std::swap(middle[2], middle[14]);
  const auto slash = cell_evidence(frames, kAlphabet);
  EXPECT_EQ(slash.best_symbol(), 13);
  EXPECT_LT(slash.symbols[1], 0.35);
}

TEST(Cells_Fillings, UnderFormat_EqualsExhaustiveBest) {
  const auto format = Automaton::any_of({"07", "123", "71", "0", "1230", "3"});
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::vector<CellEvidence> cells;
    const auto values = test::seeded_values(4 * 17, seed);
    for (int c = 0; c < 4; ++c) {
      CellEvidence cell{
          .has_ink = (seed + static_cast<std::uint32_t>(c)) % 5 != 0, .empty = 0, .other = 0, .symbols = {}};
      for (int s = 0; s < 16; ++s) {
        const double v = std::exp(4.0 * static_cast<double>(values[static_cast<std::size_t>(c * 17 + s)]));
        cell.symbols.push_back(v);
      }
      cell.empty = std::exp(4.0 * static_cast<double>(values[static_cast<std::size_t>(c * 17 + 16)]));
      const double sum = total(cell);
      for (auto& p : cell.symbols) p /= sum;
      cell.empty /= sum;
      cells.push_back(cell);
    }
    std::map<std::string, double> best;
    for (int filling = 0; filling < 5 * 5 * 5 * 5; ++filling) {
      constexpr int kSymbols[] = {-1, 0, 1, 2, 3};
      constexpr int kMore[] = {-1, 0, 7, 1, 3};
      for (const auto* symbols : {kSymbols, kMore}) {
        double p = 1;
        std::string text;
        int rest = filling;
        for (const auto& cell : cells) {
          const int symbol = symbols[rest % 5];
          rest /= 5;
          if (!cell.has_ink) {
            p *= symbol < 0 ? 1.0 : 0.0;
          } else {
            p *= symbol < 0 ? cell.empty : cell.symbols[static_cast<std::size_t>(symbol)];
          }
          if (symbol >= 0) text += kAlphabet[static_cast<std::size_t>(symbol)];
        }
        if (format.accepts(text) && p > 0) best[text] = std::max(best[text], p);
      }
    }
    const auto found = best_fillings(cells, kAlphabet, format, 6);
    ASSERT_EQ(found.size(), best.size()) << seed;
    for (const auto& filling : found) {
      EXPECT_NEAR(std::exp(filling.log_probability), best[filling.text], 1e-12) << filling.text;
    }
    for (std::size_t i = 1; i < found.size(); ++i)
      EXPECT_LE(found[i].log_probability, found[i - 1].log_probability);
  }
}

TEST(Cells_Fillings, CellWithoutInk_NeverFilled) {
  std::vector<CellEvidence> cells(3, cell_saying("4", 0.99));
  cells[1] = CellEvidence{.symbols = std::vector<double>(16, 0.0)};
  EXPECT_TRUE(best_fillings(cells, kAlphabet, Automaton::digits(3, 3), 4).empty());
  const auto two = best_fillings(cells, kAlphabet, Automaton::digits(2, 3), 4);
  ASSERT_FALSE(two.empty());
  EXPECT_EQ(two.front().text, "44");
  EXPECT_THAT(two.front().symbols, testing::ElementsAre(4, -1, 4));
}

// --- calibration
// ------------------------------------------------------------------------------------------------

TEST(Calibration_Curve, IdentityAndSlope_AsDefined) {
  EXPECT_NEAR(calibrated({}, 0.9), 0.9, 1e-12);
  EXPECT_NEAR(calibrated({}, 1.0), 1.0 - 1e-9, 1e-12);
  EXPECT_NEAR(calibrated({}, 0.0), 1e-9, 1e-12);
  const CalibrationCurve curve{.a = 0.5, .b = -1.0, .thresholds = {}};
  const double logit = 0.5 * std::log(0.9 / 0.1) - 1.0;
  EXPECT_NEAR(calibrated(curve, 0.9), 1 / (1 + std::exp(-logit)), 1e-12);
  double last = 0;
  for (double p = 0; p <= 1; p += 0.01) {
    EXPECT_GE(calibrated(curve, p), last);
    last = calibrated(curve, p);
  }
}

TEST(Calibration_Threshold, BetweenAndBelowMeasuredRates_TheCautiousOne) {
  const CalibrationCurve curve{.a = 1, .b = 0, .thresholds = {{0.001, 0.99}, {0.01, 0.9}, {0.1, 0.5}}};
  EXPECT_DOUBLE_EQ(least_confidence(curve, 0.01), 0.9);
  EXPECT_DOUBLE_EQ(least_confidence(curve, 0.05), 0.9);
  EXPECT_DOUBLE_EQ(least_confidence(curve, 0.0099), 0.99);
  EXPECT_DOUBLE_EQ(least_confidence(curve, 0.0001), 0.999);
  EXPECT_DOUBLE_EQ(least_confidence(curve, 0.5), 0.5);
  EXPECT_DOUBLE_EQ(least_confidence(curve, 1.0), 0.0);
  EXPECT_GT(least_confidence(curve, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(least_confidence({}, 0.02), 0.98);
}

}  // namespace
}  // namespace inkfield::recognizer
