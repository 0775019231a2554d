// Labelled crops made by a program where no real set asks the question: strings of one writer's digits, and what stands in boxes and
// is no digit. They are measured with `inkfield eval`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace inkfield::generator {

struct ItemSetOptions {
  std::filesystem::path data;  ///< folder of the real data sets
  std::filesystem::path out;   ///< made if it is not there
  int count = 0;
  std::uint64_t seed = 1;
};

/// Letters that, alone in a box, a person may take for a digit too; they are not among the rejects.
extern const std::string kLettersLikeDigits;

/// Five digits of one writer of MNIST's test part side by side: gaps from -4 to 8 px of 28 between the boxes of their ink, three in ten of
/// them 0 or less (touching or overlapping), each digit up to 2 px off the line. Gray PNG and truth.csv (file, digits, writer).
void make_strings(const ItemSetOptions& options);

/// `count` each of empty boxes (printed lines, dirt, remains), letters, and scribbles and crossings-out, and `count` digits of held-out
/// writers, all in printed boxes scanned alike. truth.csv (file, digits, kind) has digits "" where none is; nothing.txt and digits.txt
/// name the files of either sort, and empty.txt, letter.txt, scribble.txt those of each kind, for `inkfield eval --only`.
void make_rejects(const ItemSetOptions& options);

/// Digits and strings of two to eight digits of MNIST's held-out training writers, `count` of each (as many digits as there are, if
/// fewer): digits/, strings/ and a table of each.
void make_held_out(const ItemSetOptions& options);

}  // namespace inkfield::generator
