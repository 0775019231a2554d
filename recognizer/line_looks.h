// A line is looked at more than once. Where digits touch, a network that missed a border at one placing of
// its columns finds it at another, and a hand that leans stands nearer to upright in one of the looks.
#pragma once

#include <array>

#include "recognizer/network_input.h"

namespace inkfield::recognizer {

/// Looks at a line beside the one that `normalize_line` gives.
inline constexpr int kFurtherLooks = 3;

/// The looks at a line that is not empty: leaning a little to the right, a little to the left, and a little wider, half an
/// output column on. Widths are multiples of `kFrameStridePx`, at most kMaxLineWidthPx. How to map back to the ink is told
/// by `line` itself; the looks repeat it unchanged.
std::array<NetworkInput, kFurtherLooks> further_looks(const NetworkInput& line);

}  // namespace inkfield::recognizer
