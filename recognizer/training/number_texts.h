// What people write where a number is asked for, as text.
#pragma once

#include <string>

#include "recognizer/synthesis/random.h"

namespace inkfield::training {

std::string random_digits(int count, synthesis::Random& random);
/// Plain digits, an amount, a date or code, or a number with ink in it that is no symbol: `*`, which is read as `?`. About `length` long.
std::string random_number(int length, synthesis::Random& random);
/// The same as a round sum: all digits but the first one to three are zeros.
std::string rounded(std::string number, synthesis::Random& random);
/// A measured value: one point or comma, nothing else. 7.4, 12.05, 0,385
std::string random_decimal(synthesis::Random& random);

}  // namespace inkfield::training
