// Digits cut from real courtesy amounts, for the research recipe.
#pragma once

#include <filesystem>

#include "recognizer/training/digit_sets.h"

namespace inkfield::training {

/// The labelled digits of the ORAND-CAR-A training strips, paper removed. Neighbouring strips are often of
/// one hand and share a writer number. Labels known to be wrong are put right from corrections.csv.
/// Punctuation has no boxes in that set, so whole strips are not used as lines.
DigitSet load_amount_digits(const std::filesystem::path& data);

}  // namespace inkfield::training
