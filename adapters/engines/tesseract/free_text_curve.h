// How sure Tesseract's figure makes us of a word of free text: a curve fitted on words of scanned forms.
#pragma once

#include <string_view>

namespace inkfield::tesseract {

/// Of three letters or more, A to Z in either case, and nothing else. At the same figure such words are wrong a third as
/// often as short ones, numbers and words with marks at them.
bool is_plain_word(std::string_view word);

/// The probability that `word` (without blanks) is read exactly, from Tesseract's confidence of it, 0 to 100. Never
/// falls as the figure rises.
double word_probability(std::string_view word, double figure);

}  // namespace inkfield::tesseract
