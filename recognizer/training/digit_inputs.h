// Lone digits of a set as a plain classifier sees them: framed by the function that reading uses, and varied.
#pragma once

#include <span>
#include <vector>

#include "recognizer/normalization.h"
#include "recognizer/synthesis/random.h"
#include "recognizer/training/digit_sets.h"

namespace inkfield::training {

/// How far one digit is led away from what it was. 0 switches a kind off; lengths are shares of the ink's box.
struct Variation {
  float turn = 0.11F;         ///< standard deviations: radians
  float shear = 0.12F;
  float stretch = 0.08F;      ///< of the logarithm of either side
  float shift = 0.045F;
  float bend = 0.045F;        ///< of a smooth field of displacements
  float bend_step = 0.28F;    ///< distance of the field's knots
  float thickness = 0.4F;     ///< chance of a thicker or thinner stroke
  float tone = 0.3F;          ///< chance of another tone curve
  float erase = 0.12F;        ///< chance of a hole
  float noise = 0.0F;         ///< chance of grain
};

/// A set framed once for all, so that an epoch costs no more than its warps.
class FramedDigits {
 public:
  /// `reference_height_px` as reading passes it: the height of the set's images.
  FramedDigits(const DigitSet& set, const recognizer::SymbolFraming& framing, float reference_height_px);

  [[nodiscard]] int count() const { return static_cast<int>(digits_.size()); }
  [[nodiscard]] int label(int index) const { return digits_[static_cast<std::size_t>(index)].label; }
  [[nodiscard]] int side_px() const { return framing_.size_px; }
  /// Fills `out` (side x side) with the digit as reading would present it.
  void plain(int index, std::span<float> out) const;
  /// The same led away by `variation`, each kind scaled by `strength`.
  void varied(int index, const Variation& variation, float strength, synthesis::Random& random,
              std::span<float> out) const;

 private:
  struct Framed {
    std::vector<float> ink;  ///< 0 to 1, whatever levels the framing has
    int label = 0;
  };
  void to_levels(std::span<float> out) const;

  recognizer::SymbolFraming framing_;
  std::vector<Framed> digits_;
};

}  // namespace inkfield::training
