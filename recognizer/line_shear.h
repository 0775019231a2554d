// A line drawn anew with its rows moved along: leaning, wider, further on.
#pragma once

#include "recognizer/network_input.h"

namespace inkfield::recognizer {

struct Shear {
  float lean = 0;  ///< columns to the right for each row up, the middle row staying
  float stretch = 1;
  int on_px = 0;  ///< paper before the line and behind it, so that a leaning one has room or the frames fall
                  ///< elsewhere
};

/// A line that is not empty, sheared. Its width is a multiple of `kFrameStridePx`, at most kMaxLineWidthPx:
/// what would be wider is stretched less. How to map back to the ink is told by `line` itself; the result
/// repeats it unchanged.
NetworkInput sheared(const NetworkInput& line, const Shear& shear);

}  // namespace inkfield::recognizer
