// libinkfield_barcode.so: ZXing behind two C functions. The only file that includes ZXing.
#include "adapters/engines/zxing/barcode_module.h"

#define ZX_USE_UTF8
#include <ZXing/ReadBarcode.h>

#include <array>
#include <cstddef>
#include <string>

namespace {

using ZXing::BarcodeFormat;

// In the order of the bits.
constexpr std::array kFormats = {BarcodeFormat::Code39, BarcodeFormat::Code93, BarcodeFormat::Code128, BarcodeFormat::Codabar,
                                 BarcodeFormat::ITF,    BarcodeFormat::EAN8,   BarcodeFormat::EAN13,   BarcodeFormat::UPCA,
                                 BarcodeFormat::UPCE,   BarcodeFormat::DataBar, BarcodeFormat::QRCode, BarcodeFormat::DataMatrix,
                                 BarcodeFormat::PDF417, BarcodeFormat::Aztec};

// So many in one zone are noise, or somebody's joke.
constexpr int kMostCodes = 16;

std::uint32_t bit_of(BarcodeFormat format) {
  if (format == BarcodeFormat::DataBarExpanded) format = BarcodeFormat::DataBar;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i] == format) return 1U << i;
  }
  return 0;
}

ZXing::BarcodeFormats formats_of(std::uint32_t symbologies) {
  ZXing::BarcodeFormats formats;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if ((symbologies >> i & 1U) != 0) formats |= kFormats[i];
  }
  if (formats.testFlag(BarcodeFormat::DataBar)) formats |= BarcodeFormat::DataBarExpanded;
  return formats;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int32_t inkfield_barcode_version(void) { return INKFIELD_BARCODE_MODULE_VERSION; }

extern "C" __attribute__((visibility("default"))) int32_t inkfield_barcode_read(const uint8_t* gray, int32_t width_px, int32_t height_px,
                                                                                int32_t stride_bytes, uint32_t symbologies,
                                                                                inkfield_barcode_sink sink, void* user) {
  try {
    ZXing::DecodeHints hints;
    hints.setFormats(formats_of(symbologies)).setMaxNumberOfSymbols(kMostCodes);
    const ZXing::ImageView view(gray, width_px, height_px, ZXing::ImageFormat::Lum, stride_bytes);
    for (const ZXing::Result& result : ZXing::ReadBarcodes(view, hints)) {
      if (!result.isValid()) continue;
      const std::string text = result.text();
      inkfield_found_barcode found{};
      found.bytes = reinterpret_cast<const char*>(result.bytes().data());
      found.bytes_count = result.bytes().size();
      found.text = text.data();
      found.text_bytes = text.size();
      found.symbology = bit_of(result.format());
      found.lines = result.lineCount();
      for (std::size_t i = 0; i < 4; ++i) {
        found.corners_px[2 * i] = result.position()[i].x;
        found.corners_px[2 * i + 1] = result.position()[i].y;
      }
      sink(user, &found);
    }
    return 0;
  } catch (...) {  // nothing of C++ crosses the module's edge
    return -1;
  }
}
