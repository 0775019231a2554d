// Hands lean. Where they lean further than those that a network learned from, digits stand above each other's
// feet and run together; such a line is set upright before anything is read.
#pragma once

#include "recognizer/network_input.h"

namespace inkfield::recognizer {

/// How far the strokes of a line lean: columns to the right for each row up, -1 to 1. Measured on the steep
/// edges of the ink, by least squares; 0 where there are none.
float slant_of(const NetworkInput& line);

/// Chosen on strips of a bank that the network never saw (940 of 1,079 right instead of 925) and on lines of
/// held-out writers, who hardly lean (4,797 of 5,000 instead of 4,805).
inline constexpr float kMostSlant = 0.2F;
/// The line as it is if it leans by `kMostSlant` at most to either side; else sheared until it does, with
/// `margin_px` of paper before and behind the ink and the offset that maps its middle row back. Lines too
/// wide to be sheared stay as they are.
NetworkInput set_upright(NetworkInput line, int margin_px);

}  // namespace inkfield::recognizer
