// Reads pictures and labels in the idx format of MNIST and its kin, plain or gzip-compressed.
// Source: the format's description on the MNIST page (big-endian sizes, then bytes).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"

namespace inkfield::command_line {

/// Pictures of one size, one byte a pixel, row by row, ink high.
struct IdxImages {
  std::size_t count = 0;
  int height_px = 0;
  int width_px = 0;
  std::vector<std::uint8_t> pixels;

  [[nodiscard]] std::span<const std::uint8_t> image(std::size_t index) const;
};

/// Both throw DataError naming the file: not idx, other dimensions or types, sides over 4096 px, fewer or more bytes than
/// the header promises, a damaged gzip stream.
IdxImages read_idx_images(const std::string& path);
std::vector<std::uint8_t> read_idx_labels(const std::string& path);

/// What a label means: 0 to 9 and the ASCII digits are that digit; anything else (letters among digits) is "?", a thing
/// that no reader of digits may accept.
std::string truth_of_label(std::uint8_t label);

}  // namespace inkfield::command_line
