// Check digits over a whole text, for rules that join several fields. (Inside one field they are automata that the search
// walks: recognizer/decoding/automaton.h; here letters and X occur, too.)
#pragma once

#include <string>
#include <string_view>

#include "config/form_rules.h"

namespace inkfield::pipeline {

/// Digits, capital letters and `*`: what is left of a code without blanks, dots, dashes, slashes and commas.
std::string bare_code(std::string_view text);

/// Whether a bare code ends in its check digit. False for texts that the method cannot be applied to.
bool check_digit_fits(config::CheckMethod method, std::string_view bare);

}  // namespace inkfield::pipeline
