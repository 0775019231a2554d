// From an ink map of any size to what the network sees. Training and reading call the same functions,
// so a network never meets at work a picture that it could not have met in training.
#pragma once

#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::recognizer {

/// Height of every network input. Widths vary in multiples of `kFrameStridePx`.
inline constexpr int kInputHeightPx = 32;
/// Columns of input behind one output frame of the shipped networks.
inline constexpr int kFrameStridePx = 4;
/// Size of the square that a lone symbol is scaled to fit (MNIST's 20 in 28, carried to 32).
inline constexpr float kSymbolBoxPx = 23.0F;
/// Height to which the digits of a free line are scaled.
inline constexpr float kLineDigitHeightPx = 21.0F;
/// No line is given to a network wider than this.
inline constexpr int kMaxLineWidthPx = 2048;

/// One network input: `height_px` rows of `width_px` floats, row-major, 0 paper to 1 ink unless a framing says
/// otherwise.
///
/// `to_source_scale` and the offsets map a column or row back into the ink map it came from:
/// x_source_px = (x_input_px - offset_x_px) * to_source_scale, likewise y.
struct NetworkInput {
  int width_px = 0;
  int height_px = kInputHeightPx;
  std::vector<float> pixels;
  float to_source_scale = 1.0F;
  float offset_x_px = 0.0F;
  float offset_y_px = 0.0F;
  [[nodiscard]] bool empty() const { return width_px == 0; }
};

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
/// `kLineDigitHeightPx` high and centred, smaller and off the centre where one of them would not fit in; ink of
/// flourishes far above and below is cut, all of the width is kept, with 8 px of paper on either side. `reference_height_px` (the field's height) caps magnification.
/// Wider lines than `kMaxLineWidthPx` are scaled down to that. Empty ink gives an empty input.
NetworkInput normalize_line(ImageView ink, float reference_height_px);

}  // namespace inkfield::recognizer
