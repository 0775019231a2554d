#include "tests/bench/tesseract_zones.h"

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

extern "C" void omp_set_max_active_levels(int levels);

namespace inkfield::bench {
namespace {

constexpr double kZoneHeightPx = 60;  // digits fill six tenths of a zone
constexpr int kMarginPx = 16;

}  // namespace

struct TesseractZones::Impl {
  tesseract::TessBaseAPI api;
};

TesseractZones::TesseractZones() : impl_(std::make_unique<Impl>()) {
  omp_set_max_active_levels(0);  // its loops ask for threads of their own; only this stops them
  setMsgSeverity(L_SEVERITY_NONE);
  if (impl_->api.Init(nullptr, "eng", tesseract::OEM_LSTM_ONLY) != 0) throw std::runtime_error("Tesseract's data for \"eng\" is not there");
  impl_->api.SetVariable("tessedit_char_whitelist", "0123456789.,-/=");
  impl_->api.SetVariable("debug_file", "/dev/null");
  impl_->api.SetPageSegMode(tesseract::PSM_SINGLE_LINE);
}

TesseractZones::~TesseractZones() = default;

ZoneReading TesseractZones::read(const std::uint8_t* pixels, int width_px, int height_px, int channels, const std::array<double, 9>& px_from_mm,
                                 const config::Field& field) {
  const double scale = kZoneHeightPx / field.zone.height_mm;
  const int zone_width = std::max(1, static_cast<int>(field.zone.width_mm * scale));
  const int zone_height = static_cast<int>(kZoneHeightPx);
  const int width = zone_width + 2 * kMarginPx;
  const int height = zone_height + 2 * kMarginPx;
  std::vector<std::uint8_t> gray(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 255);
  // As many samples a side as source pixels go into one.
  const double source_scale = std::sqrt(std::fabs(px_from_mm[0] * px_from_mm[4] - px_from_mm[1] * px_from_mm[3]));
  const int samples = std::clamp(static_cast<int>(source_scale / scale + 0.5), 1, 6);
  for (int y = 0; y < zone_height; ++y) {
    for (int x = 0; x < zone_width; ++x) {
      double sum = 0;
      for (int j = 0; j < samples; ++j) {
        for (int i = 0; i < samples; ++i) {
          const double mm_x = field.zone.x_mm + (x + (i + 0.5) / samples) / scale;
          const double mm_y = field.zone.y_mm + (y + (j + 0.5) / samples) / scale;
          const double w = px_from_mm[6] * mm_x + px_from_mm[7] * mm_y + px_from_mm[8];
          const int px = static_cast<int>(std::floor((px_from_mm[0] * mm_x + px_from_mm[1] * mm_y + px_from_mm[2]) / w));
          const int py = static_cast<int>(std::floor((px_from_mm[3] * mm_x + px_from_mm[4] * mm_y + px_from_mm[5]) / w));
          if (px < 0 || py < 0 || px >= width_px || py >= height_px) {
            sum += 255;
            continue;
          }
          const std::uint8_t* sample = pixels + (static_cast<std::size_t>(py) * static_cast<std::size_t>(width_px) + static_cast<std::size_t>(px)) * static_cast<std::size_t>(channels);
          sum += channels == 3 ? (sample[0] * 77 + sample[1] * 150 + sample[2] * 29) / 256.0 : sample[0];
        }
      }
      gray[static_cast<std::size_t>(y + kMarginPx) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x + kMarginPx)] = static_cast<std::uint8_t>(sum / (samples * samples));
    }
  }
  impl_->api.SetImage(gray.data(), width, height, 1, width);
  impl_->api.SetSourceResolution(300);
  const std::unique_ptr<char[]> text(impl_->api.GetUTF8Text());
  ZoneReading reading;
  for (const char* c = text.get(); c != nullptr && *c != 0; ++c) {
    if (*c != '\n' && *c != ' ') reading.text += *c;
  }
  // Nothing seen is an answer where a field may be empty, as it is for us.
  reading.confidence = reading.text.empty() ? (field.required ? 0.0 : 1.0) : impl_->api.MeanTextConf() / 100.0;
  return reading;
}

}  // namespace inkfield::bench
