// From an ink map of any size to what the network sees. Training and reading call the same functions,
// so a network never meets at work a picture that it could not have met in training.
#pragma once

#include "recognizer/image_view.h"
#include "recognizer/network_input.h"

namespace inkfield::recognizer {

/// Size of the square that a lone symbol is scaled to fit (MNIST's 20 in 28, carried to 32).
inline constexpr float kSymbolBoxPx = 23.0F;
/// Height to which the digits of a free line are scaled.
inline constexpr float kLineDigitHeightPx = 21.0F;

/// How a lone symbol is framed for a network that was trained on another picture of it than the shipped ones: the
/// digits of 1989 filled 16 x 16 from -1 to 1, those of 1998 lay by their centre of mass in 32 x 32.
struct SymbolFraming {
  int size_px = kInputHeightPx;   ///< side of the square input
  float box_px = kSymbolBoxPx;    ///< the ink's longer side
  bool centred_by_mass = false;   ///< else by the ink's bounding box
  float paper = 0;                ///< what the network takes for paper and for full ink
  float ink = 1;
};

/// A lone symbol (a cell of a comb, an MNIST digit): the bounding box of the ink is scaled, aspect
/// kept, to fit `kSymbolBoxPx` and centred in a 32 x 32 input. Magnification is capped by
/// `reference_height_px` (the cell's height), so that a speck stays a speck. Empty ink gives an empty input.
NetworkInput normalize_symbol(ImageView ink, float reference_height_px);
/// The same as another framing has it. `framing` must be sane: 0 < box_px <= size_px.
NetworkInput normalize_symbol(ImageView ink, float reference_height_px, const SymbolFraming& framing);

/// A free-running number: scaled so that its digits (not its commas or flourishes) are
/// `kLineDigitHeightPx` high and centred, smaller and off the centre where one of them would not fit in; ink
/// of flourishes far above and below is cut, all of the width is kept, with 8 px of paper on either side.
/// `reference_height_px` (the field's height) caps magnification. Wider lines than `kMaxLineWidthPx` are
/// scaled down to that. Hands that lean far are set upright (`line_slant.h`). Empty ink gives an empty input.
NetworkInput normalize_line(ImageView ink, float reference_height_px);

}  // namespace inkfield::recognizer
