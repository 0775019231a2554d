// How sure Tesseract's own figures make us: a curve fitted on words of scanned forms for free text, one on drawn and scanned numbers where
// the field knows the shape of what it holds.
#pragma once

#include <string_view>

namespace inkfield::tesseract {

/// Of three letters or more, A to Z in either case, and nothing else. At the same figure such words are wrong a third as
/// often as short ones, numbers and words with marks at them.
bool is_plain_word(std::string_view word);

/// The probability that `word` (without blanks) is read exactly, from Tesseract's confidence of it, 0 to 100. Never
/// falls as the figure rises.
double word_probability(std::string_view word, double figure);

/// The probability that a field of a known format, which the reading fits, is read exactly: from the least certain word of the one look that was
/// enough, or of two that agree. `mixed`: letters and figures may both stand there, so that O passes for 0.
double shaped_probability(double figure, bool mixed);

/// The probability from which on such readings are wrong no more often than allowed, all of them together. Where the sample is too small to show so
/// rare a fault, or `mixed` ones show more, it is the probability that itself allows no more.
double shaped_threshold(double allowed_wrong_rate, bool mixed);

}  // namespace inkfield::tesseract
