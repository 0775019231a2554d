// PNG as W3C's specification has it: signature, IHDR, IDAT, IEND; every row without a filter.
#include "adapters/hosts/watch_folder/outputs/gray_png.h"

#include <zlib.h>

#include <stdexcept>

namespace inkfield::watch_folder {

namespace {

std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(sum));
}

}  // namespace

std::string png_of(const GrayPicture& picture) {
  const auto width = static_cast<std::size_t>(picture.width_px);
  const auto height = static_cast<std::size_t>(picture.height_px);
  if (picture.width_px <= 0 || picture.height_px <= 0 || picture.pixels.size() != width * height) {
    throw std::invalid_argument("a picture needs width times height pixels");
  }
  std::string rows;
  rows.reserve((width + 1) * height);
  for (std::size_t y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(picture.pixels.data() + y * width), width);
  }
  uLongf size = ::compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  if (::compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()), 6) != Z_OK) {
    throw std::bad_alloc();
  }
  packed.resize(size);
  const std::string eight_bit_gray{8, 0, 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big_endian(static_cast<std::uint32_t>(width)) + big_endian(static_cast<std::uint32_t>(height)) + eight_bit_gray) +
         chunk("IDAT", packed) + chunk("IEND", "");
}

}  // namespace inkfield::watch_folder
