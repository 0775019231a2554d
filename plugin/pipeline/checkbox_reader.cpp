// The nearer the ink is to the line between checked and not, the less sure the answer: the odds grow with the sixth
// power of the ratio, so that half or twice the line's ink is 98 % sure and at the line itself it is a coin's throw.
#include "plugin/pipeline/checkbox_reader.h"

#include <algorithm>

#include "plugin/pipeline/ink_extraction.h"

namespace inkfield::pipeline {
namespace {

constexpr double kLeastShare = 1e-4;
// Two sides of a frame that lies aside cover up to a sixth of the area; a quarter is a mark so heavy that the frame is lost in it.
constexpr double kMostFrameInk = 0.25;
// A tick or cross is a stroke through much of the box; chosen, not measured.
constexpr double kLeastStroke = 0.4;
constexpr double kMostSure = 0.9999;

}  // namespace

page::Reading judge_checkbox(double ink_share, double checked_ink_share, double allowed_wrong_rate) {
  const double line = checked_ink_share > 0 ? checked_ink_share : kCheckedInkShare;
  const double share = std::max(ink_share, kLeastShare);
  const bool checked = share >= line;
  const double ratio = checked ? share / line : line / share;
  const double cube = ratio * ratio * ratio;
  const double odds = cube * cube;
  page::Reading reading;
  reading.confidence = std::min(kMostSure, odds / (1 + odds));
  reading.threshold = 1 - allowed_wrong_rate;
  reading.raw_text = checked ? "checked" : "unchecked";
  reading.normalized = checked ? "true" : "false";
  reading.box_ink_share = ink_share;
  reading.candidates.push_back({reading.raw_text, reading.confidence});
  reading.candidates.push_back({checked ? "unchecked" : "checked", 1 - reading.confidence});
  return reading;
}

page::Reading CheckboxReader::read(const page::FieldCrop& crop, const page::ReadContext& context) {
  context.checkpoint();
  if (crop.field == nullptr || crop.gray.empty()) {
    page::Reading reading;
    reading.failure = "the crop holds no pixels";
    return reading;
  }
  const CheckboxInk ink = extract_checkbox(crop);
  if (context.explain && !ink.inside.empty()) context.explain("inside", ink.inside);
  page::Reading reading = judge_checkbox(ink.share, crop.field->checked_ink_share, crop.field->allowed_wrong_rate);
  // Without its frame the box may lie beside where it was looked for, and the ink may be the frame's own.
  if (!ink.framed && crop.field->layout.printed_lines && crop.px_per_mm > 0 && ink.share > 0.5 * kCheckedInkShare && ink.share < kMostFrameInk) {
    reading.doubt = "there is ink, but the printed box does not show where the form has it";
  }
  if (reading.raw_text == "unchecked" && ink.faint && reading.doubt.empty()) reading.doubt = "there is something too faint to read in the box";
  if (reading.raw_text == "checked" && ink.longest_stroke < kLeastStroke && reading.doubt.empty()) {
    reading.doubt = "the box holds specks, but no stroke";
  }
  if (reading.raw_text == "checked" && ink.runs_through && reading.doubt.empty()) {
    reading.doubt = "what is in the box reaches far out of it on both sides: a fold, or a mark that was struck through";
  }
  if (reading.raw_text == "checked" && ink.beside > kMostGrain * ink.share && reading.doubt.empty()) reading.doubt = kGrainyBox;
  return reading;
}

}  // namespace inkfield::pipeline
