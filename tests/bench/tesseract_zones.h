// The peer of the degradation bench: Tesseract alone over the zones of a form, laid where the generator knows them to be.
#pragma once

#include <memory>
#include <string>

#include "config/form_template.h"
#include "tests/generator/damaged_page.h"

namespace inkfield::bench {

struct ZoneReading {
  std::string text;
  double confidence = 0;  ///< Tesseract's mean over the words, 0 to 1; nothing seen is 1 where the field may be empty, else 0
};

/// One OpenMP thread, the object kept open, digits and the marks of dates and amounts only, a single line of text a zone.
/// Zones are cut out upright and scaled so that digits are about 36 px high, which it likes best.
class TesseractZones {
 public:
  TesseractZones();  ///< throws std::runtime_error if Tesseract's data for "eng" is not there
  ~TesseractZones();
  /// `picture` as decoded (`channels` 1 or 3, rows packed).
  ZoneReading read(const std::uint8_t* pixels, int width_px, int height_px, int channels, const std::array<double, 9>& px_from_mm, const config::Field& field);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkfield::bench
