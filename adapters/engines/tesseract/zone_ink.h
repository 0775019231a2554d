// What is ink in a zone of printed text: its levels, the lines that are none of the print, its rows, its specks.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/page/raster.h"

namespace inkfield::tesseract {

struct Levels {
  int threshold = 128;  ///< ink is at or below
  double ink = 0;
  double paper = 255;
  double ink_share = 0;
};

/// Otsu's threshold and the means on its two sides.
Levels measure_levels(const page::GrayImage& gray);

/// A thresholded copy whose pixels can be looked up in both directions.
struct Ink {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> on;
  [[nodiscard]] std::uint8_t& at(int x, int y) {
    return on[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// Ink is what is at or below the level.
Ink ink_of(const page::GrayImage& gray, int level);

/// Marks box and base lines, a byte for each pixel: 1 is to be painted as paper. `frame_likely`: of a field of digits, or a crop that
/// a host cut with its frame.
std::vector<std::uint8_t> find_lines(Ink& ink, bool scale_known, double px_per_mm, bool frame_likely);
/// Takes what find_lines marked out of the ink and paints it with paper. The blurred flanks of a line are lighter than ink; they go
/// with it.
void erase_lines(const std::vector<std::uint8_t>& marked, std::uint8_t paper, Ink& ink, page::GrayImage& gray);

/// A row of print.
struct Band {
  int begin = 0;
  int end = 0;
  [[nodiscard]] int height() const { return end - begin; }
};

/// Rows of print, by their ink. Specks of a pixel or two make no row.
std::vector<Band> find_bands(Ink& ink);
/// Paints pieces of ink lower than `least_height` with paper, flanks included.
void erase_low_pieces(Ink& ink, int least_height, std::uint8_t paper, page::GrayImage& gray);

}  // namespace inkfield::tesseract
