#include "tests/generator/picture.h"

#include <leptonica/allheaders.h>

#include <cmath>
#include <memory>
#include <stdexcept>

namespace inkfield::generator {
namespace {

struct PixDestroyer {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using PixPointer = std::unique_ptr<Pix, PixDestroyer>;

PixPointer to_pix(const Picture& picture) {
  const int depth = picture.bilevel ? 1 : picture.channels == 1 ? 8 : 32;
  PixPointer pix(pixCreate(picture.width_px, picture.height_px, depth));
  if (!pix) {
    throw std::runtime_error("no memory for a picture");
  }
  const int words = pixGetWpl(pix.get());
  for (int y = 0; y < picture.height_px; ++y) {
    l_uint32* line = pixGetData(pix.get()) + static_cast<std::ptrdiff_t>(y) * words;
    const std::uint8_t* from = picture.row(y);
    for (int x = 0; x < picture.width_px; ++x) {
      const std::uint8_t* sample = from + static_cast<std::ptrdiff_t>(x) * picture.channels;
      if (depth == 1) {
        if (sample[0] < 128) {
          SET_DATA_BIT(line, x);
        }
      } else if (depth == 8) {
        SET_DATA_BYTE(line, x, sample[0]);
      } else {
        composeRGBPixel(sample[0], sample[1], sample[2], line + x);
      }
    }
  }
  const int tag = static_cast<int>(std::lround(picture.dpi_tag));
  pixSetResolution(pix.get(), tag, tag);
  return pix;
}

}  // namespace

void write_picture(const Picture& picture, const std::string& path, FileKind kind, int jpeg_quality) {
  const PixPointer pix = to_pix(picture);
  l_int32 failed = 0;
  if (kind == FileKind::jpeg) {
    failed = pixWriteJpeg(path.c_str(), pix.get(), jpeg_quality, 0);
  } else if (kind == FileKind::tiff) {
    failed = pixWriteTiff(path.c_str(), pix.get(), picture.bilevel ? IFF_TIFF_G4 : IFF_TIFF_ZIP, "w");
  } else {
    failed = pixWrite(path.c_str(), pix.get(), IFF_PNG);
  }
  if (failed != 0) {
    throw std::runtime_error(path + ": cannot be written; is the folder there and is there room?");
  }
}

}  // namespace inkfield::generator
