// How well a network reads, and how sure it was: the figures of a model card and the stuff of calibration.
#pragma once

#include <string>
#include <vector>

#include "recognizer/training/calibration_fit.h"
#include "recognizer/training/digit_sets.h"
#include "recognizer/training/samples.h"
#include "recognizer/training/strips.h"

namespace inkfield::training {

class CtcNetwork;

/// The likeliest lone symbol or nothing (""), with its probability by CTC; as in reading, marks that come
/// second are left out of the sum.
struct SymbolAnswer {
  std::string text;
  double probability = 0;
};
SymbolAnswer answer_symbol(const float* log_probabilities, int frames);

/// log P of all texts together that have these digits, whatever commas, dots, dashes, slashes stand between them.
double log_digits_probability(const float* log_probabilities, int frames, const std::string& digits);

struct Score {
  int count = 0;
  int right = 0;
  int digits = 0;                 ///< true digits of the lone symbols or lines
  std::vector<Outcome> outcomes;  ///< of the answers that could be accepted
  [[nodiscard]] double error() const { return count == 0 ? 0.0 : 1.0 - static_cast<double>(right) / count; }
};

/// Reads samples as lone symbols or as lines. The network must be in evaluation mode. Of a line whose marks are not
/// labelled the digits are compared, and its probability is theirs, however marks stand between them.
Score score_symbols(CtcNetwork& network, const std::vector<Sample>& samples);
Score score_lines(CtcNetwork& network, const std::vector<Sample>& samples);
/// Lines of digits alone, as a format that has nothing else is read. Their probabilities are how far the
/// answers stand above their rivals under `spread`, see decoding/line_evidence.h.
Score score_digit_lines(CtcNetwork& network, const std::vector<Sample>& samples, double spread);
/// Reads whole strips as lines.
Score score_strips(CtcNetwork& network, const StripSet& strips);
/// Reads whole images of a labelled set as lone digits; the best digit counts, as in the literature.
Score score_digits(CtcNetwork& network, const IdxImages& images);

}  // namespace inkfield::training
