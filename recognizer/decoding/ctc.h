// What the frames of a network say about strings: connectionist temporal classification (Graves et al. 2006).
// A string's probability is the sum over all ways to spread its symbols, with blanks between, over the
// frames.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recognizer/decoding/automaton.h"

namespace inkfield::recognizer {

/// Probabilities of every class in every frame. No probability is less than `kLeastProbability`, so that
/// every string that fits into the frames remains possible, however unlikely.
struct FrameProbabilities {
  static constexpr double kLeastProbability = 1e-30;
  int frames = 0;
  int classes = 0;
  std::vector<double> values;  ///< [frame][class]
  [[nodiscard]] const double* frame(int index) const {
    return values.data() + static_cast<std::ptrdiff_t>(index) * classes;
  }
};

/// Softmax over the classes of each frame of raw scores. A frame that holds a value that is not finite says
/// nothing: all its classes are equally likely.
FrameProbabilities softmax(std::span<const float> scores, int frames, int classes);

/// Natural logarithm of the exact probability of `text`; minus infinity if it does not fit into the frames.
/// Class 0 is the blank, class i + 1 the symbol alphabet[i]; symbols outside the alphabet are impossible.
double ctc_log_probability(const FrameProbabilities& frames, std::string_view alphabet,
                           std::string_view text);

/// The text of the likeliest class of every frame: repeats and blanks are left out. Mostly the likeliest text.
std::string ctc_best_path(const FrameProbabilities& frames, std::string_view alphabet);

struct CtcCandidate {
  std::string text;
  double log_probability = 0;  ///< exact
};

/// The most probable strings that `format` accepts (any string without one), best first, by prefix beam
/// search; each then gets its exact probability. Prefixes of every length keep a place in the beam, so that a
/// format's strings are found even where the ink speaks for a shorter or longer one.
std::vector<CtcCandidate> ctc_search(const FrameProbabilities& frames, std::string_view alphabet,
                                     const Automaton* format, int count);

struct CtcSpan {
  int begin_frame = 0;
  int end_frame = 0;       ///< one past the last
  double probability = 0;  ///< of the symbol in its best frame
};

/// Where each symbol of `text` stands in the most probable way to spread it; empty if it does not fit.
std::vector<CtcSpan> ctc_alignment(const FrameProbabilities& frames, std::string_view alphabet,
                                   std::string_view text);

}  // namespace inkfield::recognizer
