// The ink of a check box: how much of the area inside its frame is marked.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "plugin/pipeline/cell_row_search.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/ink_levels.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;

constexpr double kFrameInset = 0.12;  // of a check box whose frame was not found
constexpr double kCheckSpeckSide = 0.06;

}  // namespace

CheckboxInk extract_checkbox(const page::FieldCrop& crop) {
  CheckboxInk result;
  if (crop.gray.empty()) return result;
  const GrayImage darkness = measure_darkness(crop.gray);
  const GrayImage ink = stretch_ink(darkness, measure_ink_levels(darkness));
  config::Layout box;
  box.type = config::LayoutType::boxes;
  box.count = 1;
  const RowSearch search = find_printed_row(ink, crop, box);
  double left = crop.zone.left + kFrameInset * crop.zone.width();
  double right = crop.zone.right - kFrameInset * crop.zone.width();
  double top = crop.zone.top + kFrameInset * crop.zone.height();
  double bottom = crop.zone.bottom - kFrameInset * crop.zone.height();
  result.framed = search.row.has_value();
  if (search.row) {
    const PrintedRow& row = *search.row;
    const int x = static_cast<int>(0.5 * (crop.zone.left + crop.zone.right));
    const int y = static_cast<int>(0.5F * (row.top.center_at(x) + row.bottom.center_at(x)));
    left = row.verticals[0].center_at(y) + row.verticals[0].half_band() + 1.5;
    right = row.verticals[1].center_at(y) - row.verticals[1].half_band() - 0.5;
    top = row.top.center_at(x) + row.top.half_band() + 1.5;
    bottom = row.bottom.center_at(x) - row.bottom.half_band() - 0.5;
  }
  const int x0 = std::clamp(static_cast<int>(std::ceil(left)), 0, ink.width_px);
  const int x1 = std::clamp(static_cast<int>(std::floor(right)), x0, ink.width_px);
  const int y0 = std::clamp(static_cast<int>(std::ceil(top)), 0, ink.height_px);
  const int y1 = std::clamp(static_cast<int>(std::floor(bottom)), y0, ink.height_px);
  if (x1 - x0 < 3 || y1 - y0 < 3) return result;
  result.inside = GrayImage(x1 - x0, y1 - y0, 0);
  GrayImage& inner = result.inside;
  for (int y = y0; y < y1; ++y) std::copy(ink.row(y) + x0, ink.row(y) + x1, inner.row(y - y0));
  const double speck = kCheckSpeckSide * inner.width_px * kCheckSpeckSide * inner.height_px;
  std::int64_t area = 0;
  int longest = 0;
  for (const InkComponent& piece : recognizer::find_ink_components(inner.view()).pieces) {
    if (static_cast<double>(piece.area_px) < speck) continue;
    area += piece.area_px;
    longest = std::max({longest, piece.width_px(), piece.height_px()});
  }
  result.longest_stroke = static_cast<double>(longest) / std::max(inner.width_px, inner.height_px);
  result.share = static_cast<double>(area) / (static_cast<double>(inner.width_px) * inner.height_px);
  return result;
}

double checkbox_ink_share(const page::FieldCrop& crop) { return extract_checkbox(crop).share; }

}  // namespace inkfield::pipeline
