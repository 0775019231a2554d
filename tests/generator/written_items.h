// Handwriting of real people from the data folder, for sets of made-up items: MNIST's digits by NIST writer, tablet letters as the
// pen went. The pictures made from them go to a folder that the user names and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/generator/canvas.h"

namespace inkfield::generator {

/// One scanned digit; 255 is ink.
struct WrittenDigit {
  static constexpr int kSide = 28;
  std::array<std::uint8_t, std::size_t{kSide} * kSide> ink{};
  int label = 0;
  int writer = 0;
  /// The box of its ink, last ones not in it; empty if there is none.
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

enum class MnistPart { train, test };

/// Digits with ink, each with its writer. Throws std::runtime_error naming the file: missing, damaged, of another shape.
std::vector<WrittenDigit> read_mnist(const std::filesystem::path& data, MnistPart part);

/// One in fourteen of MNIST's training writers, the very ones that the trainer keeps from training (its `split_by_writer`).
bool is_held_out(int writer);

/// A letter as the pen went on a tablet, its strokes in a square of side 1, the longer side of its box touching.
struct WrittenLetter {
  char letter = 0;
  int writer = 0;
  std::vector<std::vector<config::PointMm>> strokes;
};

/// The letters of Chars74k's hand-drawn part. Throws std::runtime_error naming the file.
std::vector<WrittenLetter> read_letters(const std::filesystem::path& data);

}  // namespace inkfield::generator
