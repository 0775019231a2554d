// Where one symbol of a line ends and the next begins.
#pragma once

#include <span>
#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::recognizer {

/// Columns of `ink` that part symbols, one fewer than `peaks_px`. A peak is the column at which a network
/// showed a symbol, from left to right: somewhere about the symbol, but in one network at its left edge and
/// in the next in its middle. The halves between the peaks are moved on together, by up to half a digit, to
/// where they cross the least ink, and then each to the barest column near it.
std::vector<int> symbol_borders(ImageView ink, std::span<const double> peaks_px, double digit_height_px);

}  // namespace inkfield::recognizer
