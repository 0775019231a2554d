// What an image file says about itself, read by our own bounds-checked code before any decoder sees it.
//
// Decoders believe headers: they allocate what a header asks for, follow directories in circles and hand back
// half a picture with a warning. So size, number of pages and completeness are found here first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inkfield::leptonica {

enum class FileFormat { png, jpeg, pnm, tiff, bmp };

/// One picture of a file.
struct PageHeader {
  std::int64_t width_px = 0;
  std::int64_t height_px = 0;
  double dpi_x = 0;  ///< 0: the file does not say
  double dpi_y = 0;
  std::uint32_t directory_offset = 0;  ///< TIFF only
};

struct FileStructure {
  FileFormat format = FileFormat::png;
  std::vector<PageHeader> pages;
};

/// More pages than this are refused: page by page, that is still a long night.
inline constexpr int kMaxPages = 10000;

/// Told by content. Throws Error(invalid_image): no format that we read, cut short, damaged, directories that
/// loop, tiled TIFF. `name` goes into the message.
FileStructure read_structure(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace inkfield::leptonica
