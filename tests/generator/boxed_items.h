// Single printed boxes with something in them or nothing, scanned.
#pragma once

#include "tests/generator/picture.h"
#include "tests/generator/random.h"
#include "tests/generator/written_items.h"

namespace inkfield::generator {

/// Printed lines, dirt, remains of what was erased.
Picture empty_box(Random& random);
Picture letter_box(const WrittenLetter& letter, Random& random);
/// A scribble, or `digit` crossed out so that nobody could take it for meant.
Picture scribble_box(const WrittenDigit& digit, Random& random);
Picture digit_box(const WrittenDigit& digit, Random& random);

}  // namespace inkfield::generator
