// Training samples: real and synthetic writing composed in ink maps, spoilt as scanners and forms spoil it,
// and normalized by the very functions that reading uses.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recognizer/normalization.h"
#include "recognizer/synthesis/handwriting.h"
#include "recognizer/synthesis/random.h"
#include "recognizer/training/digit_sets.h"
#include "recognizer/training/strips.h"

namespace inkfield::training {

/// What the shipped networks can say; class 0 is the CTC blank, symbol i is class i + 1.
inline constexpr char kAlphabet[] = "0123456789,.-/=?";
inline constexpr int kClassCount = 17;
/// Class of a symbol, 0 if the alphabet lacks it.
int class_of(char symbol);

struct Sample {
  recognizer::NetworkInput input;
  std::string text;  ///< over kAlphabet; empty for paper
  bool marks_labelled = true;  ///< false: `text` holds the digits alone, commas and dashes may stand between them
};

/// How often lines are written so that they are hard to part.
struct LineHands {
  float crowded = 0.4F;         ///< lines whose real digits are crowded
  float touching = 0.3F;        ///< of the digits of those: that touch or overlap
  float deepest_touch = 0.2F;   ///< overlap at most, in digit heights
  float linked_zeros = 0;       ///< lines whose runs of zeros are written in one go
  float round_sums = 0;         ///< lines whose digits are all zeros but for the first ones
  float large_commas = 0;       ///< lines with commas up to half as high as their digits
};

/// Everything that samples are drawn from.
struct SampleSources {
  struct Weighted {
    DigitSet set;
    float symbol_weight = 1;  ///< share among lone real digits
    float line_weight = 1;    ///< share among lines of real digits
    /// Digits of one writer, for lines; filled by `index`.
    std::vector<std::vector<int>> by_writer;
  };
  std::vector<Weighted> sets;
  DigitSet letters;                 ///< more rejects; may be empty
  /// Shares of cells and of lines that are spoilt beyond what work brings. The others look as they leave the plugin's
  /// ink extraction; calibration asks for more of those than training does.
  float symbol_roughness = 1;
  float line_roughness = 1;
  float synthetic_symbols = 0.16F;  ///< share of synthetic among lone digits
  float synthetic_lines = 0.30F;
  float decimal_lines = 0.10F;      ///< share of measured values, with one point or comma, among composed lines
  LineHands line_hands;
  float regional_hands = 0;         ///< hands that write shapes of some countries, see synthesis/glyphs.h
  bool digits_alone = false;        ///< lines hold digits and nothing else
  StripSet strips;        ///< whole real lines; may be empty
  float strip_share = 0;  ///< of the lines
  /// Strips by the length of their text; filled by `index`.
  std::vector<std::vector<int>> strips_by_length;

  void index();
  [[nodiscard]] bool has_digits() const;
};

/// A cell of a comb, or a digit cut out of a page: one symbol, or none, or ink that is no symbol.
Sample make_symbol(const SampleSources& sources, synthesis::Random& random);
/// A free-running number of about `length` characters.
Sample make_line(const SampleSources& sources, int length, synthesis::Random& random);

}  // namespace inkfield::training
