// The fourteen shapes of E-13B (ISO 1004-1, ANSI X9.27): ten digits and four symbols on a grid of 7 by 9
// squares.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace inkfield::recognizer {

inline constexpr double kE13bSquareMm = 25.4 * 0.013;  ///< side of a square of the grid
inline constexpr double kE13bPitchMm = 25.4 * 0.125;   ///< from one character's right edge to the next one's
inline constexpr int kE13bSquaresWide = 7;             ///< narrower characters stand at the right
inline constexpr int kE13bSquaresHigh = 9;

/// The digits, then T transit, U on-us, A amount, D dash (U+2446, U+2448, U+2447 and U+2449).
inline constexpr std::string_view kE13bSymbols = "0123456789TUAD";

/// A rectangle of ink. In half squares from the grid's upper left corner: the symbols are centred by halves.
struct E13bBar {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

/// The bars that make up the symbol at `index` of kE13bSymbols.
std::span<const E13bBar> e13b_bars(std::size_t index);

/// The symbol as 8-bit ink, rows of `width_px`, `px_per_square` (even) to a side of a square, the grid's
/// corner at (`left_px`, `top_px`), smoothed so often: each time a pixel becomes the mean of itself and its
/// neighbours, itself counted twice.
std::vector<unsigned char> draw_e13b(std::size_t index, int px_per_square, int width_px, int height_px,
                                     int left_px, int top_px, int smoothings);

}  // namespace inkfield::recognizer
