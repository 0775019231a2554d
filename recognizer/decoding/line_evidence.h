// What several looks at one line say about strings: a string is as probable as the looks find it on average.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/decoding/automaton.h"
#include "recognizer/decoding/ctc.h"

namespace inkfield::recognizer {

struct ScoredText {
  std::string text;
  double probability = 0;
};

/// Each look has its own number of frames; all have the classes of the alphabet, class 0 the blank.
class LineEvidence {
 public:
  /// The alphabet must outlive this object.
  LineEvidence(std::vector<FrameProbabilities> looks, std::string_view alphabet);

  [[nodiscard]] double probability(std::string_view text) const;
  /// The likeliest of what the looks show frame by frame, whatever it is.
  [[nodiscard]] ScoredText best_path() const;
  /// The most probable strings that `format` accepts, best first.
  [[nodiscard]] std::vector<ScoredText> search(const Automaton& format, int count) const;
  /// The same where strings that differ in the format's silent symbols alone are one: it is doubtful where a comma stood,
  /// not what the number is, so their probabilities add up to that of the number.
  [[nodiscard]] std::vector<ScoredText> values(const Automaton& format, int count) const;
  /// Where each symbol of `text` stands in the first look, with the probability that the looks give it on average; empty if
  /// it does not fit there.
  [[nodiscard]] std::vector<CtcSpan> alignment(std::string_view text) const;

 private:
  std::vector<FrameProbabilities> looks_;
  std::string_view alphabet_;
};

/// How far the first of `values` (of LineEvidence, under `format`) stands above its strongest rival, 0 to 1:
/// p / (p + rival + share * all other probability). A line of n digits that run into each other spreads a
/// good part of it over many spellings, none of which comes near the best: that says less against the best
/// than one rival does, so its share is `spread`. A lone digit has nothing to spread over, it is in doubt:
/// the share is 1 / n^2 where that is more. What the looks show without a format (`shown`) is a rival, too: a
/// format makes no reading surer. With a spread of 1 it is the value's probability.
double standing(std::span<const ScoredText> values, const ScoredText& shown, const Automaton& format,
                double spread);

}  // namespace inkfield::recognizer
