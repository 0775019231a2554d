// Joined-up words as pen strokes: payees, amounts in words, signatures. Nothing on a sample form reads them; without
// them a cheque does not look like one.
#pragma once

#include <string>
#include <vector>

#include "tests/generator/canvas.h"
#include "tests/generator/random.h"

namespace inkfield::generator {

struct CursiveHand {
  double x_height_mm = 2;
  double slant = 0.25;
  double width = 1;
  double pen_mm = 0.35;
};

/// Writes the words from `left_mm` on, letters standing on `baseline_mm`; capital letters are written larger.
void write_words(const std::string& words, double left_mm, double baseline_mm, const CursiveHand& hand, Random& random, Canvas& canvas);
/// Width that `write_words` would take, without its unsteadiness.
double words_width_mm(const std::string& words, const CursiveHand& hand);
/// A name run together, with a stroke under it.
void write_signature(const std::string& name, double left_mm, double baseline_mm, const CursiveHand& hand, Random& random, Canvas& canvas);
/// "four thousand two hundred and ten only", in lower case, by the Indian scale.
std::string amount_in_words(long long amount);

}  // namespace inkfield::generator
