// Image files as the plugin sees them; an adapter decodes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugin/page/raster.h"

namespace inkfield::page {

/// Pixels of one decoded page, in a layout of the C ABI: gray or packed RGB, 8 bits a channel.
struct DecodedImage {
  int width_px = 0;
  int height_px = 0;
  int channels = 1;  ///< 1 gray (0 black), 3 RGB
  std::vector<std::uint8_t> pixels;
  double dpi_x = 0;
  double dpi_y = 0;
};

/// An opened file, told by its content, not its name.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  [[nodiscard]] virtual int page_count() const = 0;
  /// Decodes one page, whose size is checked against `max_pixels` before anything is decoded.
  /// Throws Error(invalid_image, limit_exceeded, not_found).
  [[nodiscard]] virtual DecodedImage decode(int page, std::int64_t max_pixels) = 0;
};

}  // namespace inkfield::page
