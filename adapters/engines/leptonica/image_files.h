// Image files through Leptonica: opened by content, decoded a page at a time; and PNG out for explain
// pictures.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plugin/page/image_source.h"
#include "plugin/page/raster.h"

namespace inkfield::leptonica {

/// Files over this size are refused; they are held in memory while open.
inline constexpr std::int64_t kMaxFileBytes = std::int64_t{512} << 20U;

/// Colour pages over this size are handed out as gray, so that the decoder's copy (4 bytes a pixel) and
/// ours stay within a gigabyte together at the default budget of 200 million pixels.
inline constexpr std::int64_t kMaxColourPixels = 100'000'000;

/// PNG, JPEG, PNM, TIFF (strips, several pages) or BMP, whatever the name says. Throws Error(not_found,
/// io_error, invalid_image, limit_exceeded).
std::unique_ptr<page::ImageSource> open_image_file(const std::string& path);

/// The same for a file in memory; `name` stands for it in messages.
std::unique_ptr<page::ImageSource> open_image_bytes(std::vector<std::uint8_t> bytes, const std::string& name);

/// A gray picture as PNG. Throws Error(invalid_argument) for an empty one, Error(internal) if the encoder
/// fails.
std::vector<std::uint8_t> encode_png(const page::GrayImage& picture);

/// Keeps Leptonica from writing to stderr, unless the host has chosen a level itself (LEPT_MSG_SEVERITY in
/// the environment, or setMsgSeverity before). The level is process-wide.
void quiet_messages();

}  // namespace inkfield::leptonica
