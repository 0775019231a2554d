// Seven pixel layouts to one.
#include "plugin/abi/pixel_conversion.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "recognizer/error.h"

namespace inkfield::abi {
namespace {

/// Luminance by ITU-R BT.601, in 8-bit fixed point (77 + 150 + 29 = 256).
std::uint8_t luminance(unsigned r, unsigned g, unsigned b) {
  return static_cast<std::uint8_t>((r * 77U + g * 150U + b * 29U + 128U) >> 8U);
}

std::uint8_t over_white(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

void convert_row(inkfield_pixel_format format, const std::uint8_t* in, int width, std::uint8_t* out) {
  switch (format) {
    case INKFIELD_PIXELS_GRAY8:
      std::copy_n(in, width, out);
      break;
    case INKFIELD_PIXELS_RGB24:
      for (int x = 0; x < width; ++x, in += 3) out[x] = luminance(in[0], in[1], in[2]);
      break;
    case INKFIELD_PIXELS_BGR24:
      for (int x = 0; x < width; ++x, in += 3) out[x] = luminance(in[2], in[1], in[0]);
      break;
    case INKFIELD_PIXELS_RGBA32:
      for (int x = 0; x < width; ++x, in += 4) out[x] = over_white(luminance(in[0], in[1], in[2]), in[3]);
      break;
    case INKFIELD_PIXELS_BGRA32:
      for (int x = 0; x < width; ++x, in += 4) out[x] = over_white(luminance(in[2], in[1], in[0]), in[3]);
      break;
    default: {
      const unsigned black = format == INKFIELD_PIXELS_BILEVEL_BLACK_IS_1 ? 1U : 0U;
      for (int x = 0; x < width; ++x) {
        const unsigned bit = static_cast<unsigned>(in[x >> 3]) >> (7 - (x & 7)) & 1U;
        out[x] = bit == black ? 0 : 255;
      }
    }
  }
}

/// Where red, green and blue lie in a pixel, and its bytes; none for layouts without colour.
struct ColourLayout {
  int red = 0;
  int blue = 0;
  int bytes = 0;
};

ColourLayout colour_layout(inkfield_pixel_format format) {
  switch (format) {
    case INKFIELD_PIXELS_RGB24:
      return {0, 2, 3};
    case INKFIELD_PIXELS_BGR24:
      return {2, 0, 3};
    case INKFIELD_PIXELS_RGBA32:
      return {0, 2, 4};
    case INKFIELD_PIXELS_BGRA32:
      return {2, 0, 4};
    default:
      return {};
  }
}

page::GrayImage plane_of(const inkfield_image& image, std::int64_t stride, int offset, int bytes) {
  page::GrayImage plane(image.width_px, image.height_px);
  for (int y = 0; y < image.height_px; ++y) {
    const std::uint8_t* in = static_cast<const std::uint8_t*>(image.pixels) + y * stride;
    std::uint8_t* out = plane.row(y);
    if (bytes == 4) {
      for (int x = 0; x < image.width_px; ++x, in += 4) out[x] = over_white(in[offset], in[3]);
    } else {
      for (int x = 0; x < image.width_px; ++x, in += 3) out[x] = in[offset];
    }
  }
  return plane;
}

std::int64_t row_bytes(inkfield_pixel_format format, std::int64_t width) {
  switch (format) {
    case INKFIELD_PIXELS_GRAY8:
      return width;
    case INKFIELD_PIXELS_RGB24:
    case INKFIELD_PIXELS_BGR24:
      return width * 3;
    case INKFIELD_PIXELS_RGBA32:
    case INKFIELD_PIXELS_BGRA32:
      return width * 4;
    case INKFIELD_PIXELS_BILEVEL_BLACK_IS_0:
    case INKFIELD_PIXELS_BILEVEL_BLACK_IS_1:
      return (width + 7) / 8;
    default:
      return 0;
  }
}

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::invalid_argument, "image." + why); }

double known_dpi(double dpi) { return std::isfinite(dpi) && dpi > 0 ? dpi : 0; }

}  // namespace

page::Page page_from_pixels(const inkfield_image& image, std::int64_t max_pixels, page::ColourPlanes keep) {
  const std::int64_t width = image.width_px;
  const std::int64_t height = image.height_px;
  if (width <= 0 || height <= 0) {
    refuse("width_px and height_px are " + std::to_string(width) + " and " + std::to_string(height) +
           "; both must be positive");
  }
  const std::int64_t row = row_bytes(image.format, width);
  if (row == 0) refuse("format is " + std::to_string(image.format) + ", which is none of INKFIELD_PIXELS_*");
  if (width > max_pixels / height) {
    throw Error(ErrorKind::limit_exceeded, "the image has " + std::to_string(width) + " x " +
                                               std::to_string(height) + " pixels, over the budget of " +
                                               std::to_string(max_pixels));
  }
  if (image.pixels == nullptr) refuse("pixels is NULL");
  const std::int64_t stride = image.stride_bytes == 0 ? row : image.stride_bytes;
  if (stride < row) {
    refuse("stride_bytes is " + std::to_string(image.stride_bytes) + ", less than the " +
           std::to_string(row) + " bytes of a row; negative strides are not supported");
  }
  // Division, because (height - 1) * stride may overflow when the stride is nonsense.
  const std::uint64_t have = image.pixels_bytes;
  const auto row_size = static_cast<std::uint64_t>(row);
  if (have < row_size || (height > 1 && (have - row_size) / static_cast<std::uint64_t>(height - 1) <
                                            static_cast<std::uint64_t>(stride))) {
    refuse("pixels_bytes is " + std::to_string(have) + ", too little for " + std::to_string(height) +
           " rows of stride " + std::to_string(stride));
  }
  page::Page page;
  page.dpi_x = known_dpi(image.dpi_x);
  page.dpi_y = known_dpi(image.dpi_y);
  const auto* in = static_cast<const std::uint8_t*>(image.pixels);
  if (image.format == INKFIELD_PIXELS_GRAY8) {
    page.host_gray = {in, image.width_px, image.height_px, static_cast<std::ptrdiff_t>(stride)};
    return page;
  }
  page.gray = page::GrayImage(image.width_px, image.height_px);
  for (int y = 0; y < image.height_px; ++y)
    convert_row(image.format, in + y * stride, image.width_px, page.gray.row(y));
  const ColourLayout colour = colour_layout(image.format);
  if (colour.bytes > 0) {
    if (keep.red) page.red = plane_of(image, stride, colour.red, colour.bytes);
    if (keep.green) page.green = plane_of(image, stride, 1, colour.bytes);
    if (keep.blue) page.blue = plane_of(image, stride, colour.blue, colour.bytes);
  }
  return page;
}

page::GrayImage gray_of(const page::DecodedImage& image) {
  page::GrayImage gray(image.width_px, image.height_px);
  const inkfield_pixel_format format = image.channels == 3 ? INKFIELD_PIXELS_RGB24 : INKFIELD_PIXELS_GRAY8;
  const std::int64_t row = row_bytes(format, image.width_px);
  for (int y = 0; y < image.height_px; ++y)
    convert_row(format, image.pixels.data() + y * row, image.width_px, gray.row(y));
  return gray;
}

}  // namespace inkfield::abi
