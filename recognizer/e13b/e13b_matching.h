// The shapes of E-13B laid over ink: a coarse measure for every place, a fine one for a few.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "recognizer/e13b/e13b_ink.h"
#include "recognizer/e13b/e13b_shapes.h"

namespace inkfield::recognizer {

inline constexpr std::size_t kE13bShapeCount = kE13bSymbols.size();

/// All shapes at `kPxPerSquare`, each in a block of 8 by 11 squares: half a square of paper at its sides, one
/// above and below. A block's place is that of its upper left corner; it must lie in the ink.
template <int kPxPerSquare>
class E13bBlocks {
 public:
  static constexpr int kWidth = 8 * kPxPerSquare;
  static constexpr int kHeight = 11 * kPxPerSquare;
  static constexpr int kLeft = kPxPerSquare / 2;  ///< where the shape's grid begins in the block
  static constexpr int kTop = kPxPerSquare;

  static const E13bBlocks& standard();

  /// How much less the squared difference of ink and shape is than that of ink and paper, over the shape's
  /// own: 1 where the ink is the shape, 0 where half of it is there, -1 on paper. Ink beside the shape does
  /// not count. Times `weight`.
  [[nodiscard]] double explained(const E13bInk& ink, int x, int y, std::size_t shape) const;
  /// The shape's ink, in squares.
  [[nodiscard]] double weight(std::size_t shape) const { return weights_[shape]; }
  /// The correlation of the ink with each shape over the block, -1 to 1; 0 on paper.
  [[nodiscard]] std::array<double, kE13bShapeCount> correlations(const E13bInk& ink, int x, int y) const;

 private:
  using Block = std::array<std::int16_t, static_cast<std::size_t>(kWidth) * kHeight>;
  E13bBlocks();
  static std::int64_t product(const E13bInk& ink, int x, int y, const Block& block);

  std::array<Block, kE13bShapeCount> blocks_;
  std::array<double, kE13bShapeCount> weights_{};
  std::array<double, kE13bShapeCount> sums_{};
  std::array<double, kE13bShapeCount> squares_{};
};

using E13bCoarse = E13bBlocks<2>;
using E13bFine = E13bBlocks<4>;

}  // namespace inkfield::recognizer
