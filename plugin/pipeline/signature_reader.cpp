// A signature is a good deal of pen stroke. Its length is what is measured: the ink that is left when base line and frame are
// taken out, over the width of a pen. Anything written counts; a printed or stamped name does too.
#include "plugin/pipeline/signature_reader.h"

#include <algorithm>
#include <cmath>

#include "plugin/pipeline/ink_extraction.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

constexpr double kPenMm = 0.45;        // a ball pen's line, scanned
constexpr double kSpeckMm2 = 0.35;     // dust and remains of lines; a stroke of 0.8 mm
constexpr double kAssumedZoneMm = 10;  // height of a zone in a crop of unknown scale
// Under the first nothing is written, from the second on it is surely more than a slip of the pen. The shortest initials
// (two strokes of 6 mm) lie above 10 mm, a check mark at about 8.
constexpr double kNothingMm = 2;
constexpr double kSignedMm = 18;
constexpr double kSignedWidthMm = 5;

}  // namespace

double signed_probability(double written_mm, double width_mm) {
  if (written_mm <= kNothingMm) return 0;
  const double by_length = (written_mm - kNothingMm) / (kSignedMm - kNothingMm);
  const double by_width = width_mm / kSignedWidthMm;
  return std::clamp(std::min(by_length, by_width), 0.0, 1.0);
}

page::Reading SignatureReader::read(const page::FieldCrop& crop, const page::ReadContext& context) {
  page::Reading reading;
  if (crop.field == nullptr || crop.gray.empty()) {
    reading.failure = "the crop holds no pixels";
    return reading;
  }
  context.checkpoint();
  const LineInk line = extract_line(crop, crop.field->layout);
  if (context.explain) context.explain("ink", line.ink);
  const double px_per_mm = crop.px_per_mm > 0 ? crop.px_per_mm : crop.zone.height() / kAssumedZoneMm;
  double area_px = 0;
  int left = line.ink.width_px;
  int right = 0;
  for (const recognizer::InkComponent& piece : recognizer::find_ink_components(line.ink.view()).pieces) {
    if (static_cast<double>(piece.area_px) < kSpeckMm2 * px_per_mm * px_per_mm) continue;
    area_px += static_cast<double>(piece.area_px);
    left = std::min(left, piece.left_px);
    right = std::max(right, piece.right_px);
  }
  const double written_mm = area_px / (px_per_mm * px_per_mm) / kPenMm;
  const double there = signed_probability(written_mm, std::max(0, right - left) / px_per_mm);
  reading.threshold = 1 - crop.field->allowed_wrong_rate;
  constexpr double kSure = 0.9999;
  if (there <= 0) {
    reading.empty_probability = kSure;
    if (line.strokes_lost) reading.doubt = "dark strokes are there that were taken for print";
    return reading;
  }
  reading.raw_text = "signed";
  reading.normalized = "true";
  reading.confidence = std::min(kSure, there);
  reading.candidates.push_back({reading.raw_text, reading.confidence});
  if (there < 1) reading.doubt = "too little is written to tell whether it is a signature";
  return reading;
}

}  // namespace inkfield::pipeline
