// Each box is judged alone as a check box is; what is said of the group follows from how they differ. People who change
// their mind black out the wrong box, strike its mark through or mark a second one: none of that is settled here.
#include "plugin/pipeline/checkbox_group_reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plugin/pipeline/checkbox_reader.h"
#include "plugin/pipeline/ink_extraction.h"

namespace inkfield::pipeline {
namespace {

using page::FieldCrop;
using page::GrayImage;

// As for single boxes: blacked out, where the other marks stay under half of it.
constexpr double kFilledShare = 0.6;
constexpr double kTickedShare = 0.3;
constexpr double kMarginMm = 2.5;

struct Box {
  double ink_share = 0;
  bool checked = false;
  double sure = 0;    ///< that it is as `checked` says
  bool struck = false;  ///< its ink reaches out on two opposite sides
  bool grainy = false;  ///< the paper beside it is as dark
};

/// The box's own patch of the group's crop, with a margin.
FieldCrop crop_of_option(const FieldCrop& group, const config::FieldOption& option, const config::Field& field) {
  const double scale_x = group.zone.width() / group.field->zone.width_mm;
  const double scale_y = group.zone.height() / group.field->zone.height_mm;
  const double left = group.zone.left + (option.zone.x_mm - group.field->zone.x_mm) * scale_x;
  const double top = group.zone.top + (option.zone.y_mm - group.field->zone.y_mm) * scale_y;
  const double right = left + option.zone.width_mm * scale_x;
  const double bottom = top + option.zone.height_mm * scale_y;
  const auto within = [](double value, int most) { return std::clamp(static_cast<int>(std::lround(value)), 0, most); };
  const int x0 = within(left - kMarginMm * scale_x, group.gray.width_px);
  const int x1 = within(right + kMarginMm * scale_x, group.gray.width_px);
  const int y0 = within(top - kMarginMm * scale_y, group.gray.height_px);
  const int y1 = within(bottom + kMarginMm * scale_y, group.gray.height_px);
  FieldCrop crop;
  crop.field = &field;
  crop.px_per_mm = scale_x;
  crop.zone = {left - x0, top - y0, right - x0, bottom - y0};
  if (x1 <= x0 || y1 <= y0) return crop;
  const auto part_of = [&](const GrayImage& whole) {
    if (whole.empty()) return GrayImage();
    GrayImage part(x1 - x0, y1 - y0);
    for (int y = y0; y < y1; ++y) std::copy(whole.row(y) + x0, whole.row(y) + x1, part.row(y - y0));
    return part;
  };
  crop.gray = part_of(group.gray);
  crop.with_lines = part_of(group.with_lines);
  crop.known_print = part_of(group.known_print);
  return crop;
}

Box judge(const FieldCrop& crop, const config::Field& group) {
  Box box;
  if (crop.gray.empty()) return box;
  const CheckboxInk ink = extract_checkbox(crop);
  box.ink_share = ink.share;
  const page::Reading alone = judge_checkbox(box.ink_share, group.checked_ink_share, group.allowed_wrong_rate);
  box.checked = alone.normalized == "true";
  box.sure = alone.confidence;
  box.struck = ink.runs_through;
  box.grainy = box.checked && ink.beside > kMostGrain * ink.share;
  return box;
}

std::string chosen_values(const config::Field& field, const std::vector<Box>& boxes) {
  std::string text;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].checked) text += (text.empty() ? "" : ",") + field.options[i].value;
  }
  return text;
}

std::string doubt_of(const config::Field& field, std::vector<Box>& boxes) {
  const auto count = [&](auto&& what) { return std::count_if(boxes.begin(), boxes.end(), what); };
  const auto checked = count([](const Box& box) { return box.checked; });
  const bool ticks = count([](const Box& box) { return box.checked && box.ink_share < kTickedShare; }) > 0;
  const bool filled = count([](const Box& box) { return box.ink_share >= kFilledShare; }) > 0;
  // Where lines of the form run through every box, reaching out means nothing.
  const bool empty_ones_reach_out = count([](const Box& box) { return !box.checked && box.struck; }) > 0;
  const bool struck = !empty_ones_reach_out && count([](const Box& box) { return box.checked && box.struck; }) > 0;
  if (ticks && filled) {
    // The blacked-out one is most likely taken back; the answer without it is what a person checks first.
    if (field.choose == config::Choose::one && checked == 2) {
      for (Box& box : boxes) box.checked = box.checked && box.ink_share < kFilledShare;
    }
    return "a box is filled in, where another is ticked: perhaps taken back";
  }
  if (count([](const Box& box) { return box.grainy; }) > 0) return kGrainyBox;
  if (struck) return "a mark reaches far out of its box on both sides: perhaps struck through";
  if (field.choose == config::Choose::one && checked > 1) return "more than one box is marked, where one may be chosen";
  return "";
}

}  // namespace

page::Reading CheckboxGroupReader::read(const FieldCrop& crop, const page::ReadContext& context) {
  page::Reading reading;
  if (crop.field == nullptr || crop.gray.empty() || crop.field->options.empty() || !(crop.field->zone.width_mm > 0) || !(crop.field->zone.height_mm > 0)) {
    reading.failure = "the group has no boxes to look at";
    return reading;
  }
  const config::Field& field = *crop.field;
  std::vector<Box> boxes;
  for (const config::FieldOption& option : field.options) {
    context.checkpoint();
    config::Field one;
    one.kind = config::FieldKind::checkbox;
    one.zone = option.zone;
    const FieldCrop patch = crop_of_option(crop, option, one);
    if (context.explain && !patch.gray.empty()) context.explain("option-" + std::to_string(boxes.size() + 1), patch.gray);
    boxes.push_back(judge(patch, field));
  }
  reading.threshold = 1 - field.allowed_wrong_rate;
  reading.doubt = doubt_of(field, boxes);
  double all_right = 1;
  for (const Box& box : boxes) all_right *= box.sure;
  reading.raw_text = chosen_values(field, boxes);
  reading.confidence = all_right;
  const bool none = std::none_of(boxes.begin(), boxes.end(), [](const Box& box) { return box.checked; });
  if (none) {
    // As sure as the boxes are; between, a person looks.
    reading.empty_probability = all_right;
    return reading;
  }
  reading.normalized = reading.raw_text;
  reading.candidates.push_back({reading.raw_text, all_right});
  const auto least = std::min_element(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.sure < b.sure; });
  const double other = all_right / std::max(least->sure, 1e-9) * (1 - least->sure);
  least->checked = !least->checked;
  reading.candidates.push_back({chosen_values(field, boxes), other});
  return reading;
}

}  // namespace inkfield::pipeline
