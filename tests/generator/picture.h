// A picture of a page as the generator and the degradations handle it, and the files it is written to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace inkfield::generator {

/// Packed 8-bit samples, one (gray) or three (RGB) a pixel, top row first.
struct Picture {
  int width_px = 0;
  int height_px = 0;
  int channels = 3;
  double dpi = 0;        ///< what the scanner's geometry really was
  double dpi_tag = 0;    ///< what is written into the file; 0: no tag
  bool bilevel = false;  ///< holds 0 and 255 only and is written as 1 bit
  std::vector<std::uint8_t> samples;

  [[nodiscard]] std::size_t row_bytes() const { return static_cast<std::size_t>(width_px) * static_cast<std::size_t>(channels); }
  [[nodiscard]] std::uint8_t* row(int y) { return samples.data() + static_cast<std::size_t>(y) * row_bytes(); }
  [[nodiscard]] const std::uint8_t* row(int y) const { return samples.data() + static_cast<std::size_t>(y) * row_bytes(); }
};

enum class FileKind { png, jpeg, tiff };

/// Writes the picture (TIFF: G4 when bilevel, else Deflate). Throws std::runtime_error naming the file.
void write_picture(const Picture& picture, const std::string& path, FileKind kind, int jpeg_quality = 85);

}  // namespace inkfield::generator
