// Owned pixels inside the plugin: always 8-bit gray, 0 black to 255 white.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::page {

struct GrayImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> pixels;  ///< rows packed, width_px bytes each

  GrayImage() = default;
  explicit GrayImage(recognizer::ImageView view) : width_px(view.width_px), height_px(view.height_px) {
    pixels.reserve(static_cast<std::size_t>(width_px) * static_cast<std::size_t>(height_px));
    for (int y = 0; y < height_px; ++y) pixels.insert(pixels.end(), view.row(y), view.row(y) + width_px);
  }
  GrayImage(int width, int height, std::uint8_t fill = 255)
      : width_px(width), height_px(height), pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), fill) {}

  [[nodiscard]] bool empty() const { return pixels.empty(); }
  [[nodiscard]] recognizer::ImageView view() const { return {pixels.data(), width_px, height_px, width_px}; }
  operator recognizer::ImageView() const { return view(); }
  [[nodiscard]] const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::ptrdiff_t>(y) * width_px; }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels.data() + static_cast<std::ptrdiff_t>(y) * width_px; }
  [[nodiscard]] std::uint8_t at(int x, int y) const { return row(y)[x]; }
};

/// Which colour channels of a page are kept beside its gray.
struct ColourPlanes {
  bool red = false;
  bool green = false;
  bool blue = false;
  [[nodiscard]] bool any() const { return red || green || blue; }
};

/// A page as it came in. dpi 0 means unknown; registration never believes it.
struct Page {
  GrayImage gray;                   ///< empty where the host's own pixels are borrowed
  recognizer::ImageView host_gray;  ///< pixels of the host that are gray already: it lends them for the call
  GrayImage red;                    ///< the channels that were asked for, if the page has colour; else empty
  GrayImage green;
  GrayImage blue;
  double dpi_x = 0;
  double dpi_y = 0;

  [[nodiscard]] recognizer::ImageView pixels() const { return gray.empty() ? host_gray : gray.view(); }
};

}  // namespace inkfield::page
