// A gray picture as a PNG file; zlib does the packing, and the rest of the format is a few lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

struct GrayPicture {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> pixels;  ///< rows from the top, 0 is black
};

/// The bytes of the file. Throws std::invalid_argument: no pixels, or not width times height of them.
std::string png_of(const GrayPicture& picture);

}  // namespace inkfield::watch_folder
