// A part of an ink map at the scale of the standard's grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::recognizer {

/// Ink, 0 to 255, rows packed. Wider integers than it needs, for sums of products are taken of them.
struct E13bInk {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::int16_t> values;
  [[nodiscard]] const std::int16_t* row(int y) const {
    return values.data() + static_cast<std::ptrdiff_t>(y) * width_px;
  }
};

/// `width` by `height` pixels, each of them `px` pixels of `ink` wide, the first one's corner at (`left`,
/// `top`). Paper lies around `ink`. Places must be under 2^23 pixels off.
E13bInk sample_ink(const ImageView& ink, double left, double top, double px, int width, int height);

/// Means of two by two pixels; an odd last row or column is left out.
E13bInk halved(const E13bInk& fine);

}  // namespace inkfield::recognizer
