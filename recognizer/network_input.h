// What a network sees: a picture of fixed height, and where it came from.
#pragma once

#include <vector>

namespace inkfield::recognizer {

/// Height of every network input. Widths vary in multiples of `kFrameStridePx`.
inline constexpr int kInputHeightPx = 32;
/// Columns of input behind one output frame of the shipped networks.
inline constexpr int kFrameStridePx = 4;
/// No line is given to a network wider than this.
inline constexpr int kMaxLineWidthPx = 2048;

/// One network input: `height_px` rows of `width_px` floats, row-major, 0 paper to 1 ink unless a framing
/// says otherwise.
///
/// `to_source_scale` and the offsets map a column or row back into the ink map it came from:
/// x_source_px = (x_input_px - offset_x_px) * to_source_scale, likewise y. A line that was set upright
/// (`line_slant.h`) has its columns so in its middle row.
struct NetworkInput {
  int width_px = 0;
  int height_px = kInputHeightPx;
  std::vector<float> pixels;
  float to_source_scale = 1.0F;
  float offset_x_px = 0.0F;
  float offset_y_px = 0.0F;
  [[nodiscard]] bool empty() const { return width_px == 0; }
};

}  // namespace inkfield::recognizer
