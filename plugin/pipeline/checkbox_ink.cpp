// The ink of a check box: how much of the area inside its frame is marked.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "plugin/pipeline/cell_row_search.h"
#include "plugin/pipeline/faint_strokes.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/known_print.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;

constexpr double kFrameInset = 0.12;  // of a check box whose frame was not found
constexpr double kMostBlur = 0.2;     // of the area's side: so far a blurred frame reaches in
constexpr int kFrameBlurInk = 50;
constexpr double kFaintMark = 0.4;    // of the area's side that a faint stroke covers
constexpr double kNoInk = 0.01;
constexpr double kCheckSpeckSide = 0.06;

// A frame out of focus reaches further in than its lines: the area steps back from a side while most of its edge is gray.
void step_off_blurred_frame(const GrayImage& ink, int& x0, int& x1, int& y0, int& y1) {
  const int most_x = static_cast<int>(kMostBlur * (x1 - x0));
  const int most_y = static_cast<int>(kMostBlur * (y1 - y0));
  const auto gray_row = [&](int y) {
    int dark = 0;
    for (int x = x0; x < x1; ++x) dark += ink.at(x, y) >= kFrameBlurInk ? 1 : 0;
    return 2 * dark > x1 - x0;
  };
  const auto gray_column = [&](int x) {
    int dark = 0;
    for (int y = y0; y < y1; ++y) dark += ink.at(x, y) >= kFrameBlurInk ? 1 : 0;
    return 2 * dark > y1 - y0;
  };
  for (int i = 0; i < most_y && y1 - y0 > 6 && gray_row(y0); ++i) ++y0;
  for (int i = 0; i < most_y && y1 - y0 > 6 && gray_row(y1 - 1); ++i) --y1;
  for (int i = 0; i < most_x && x1 - x0 > 6 && gray_column(x0); ++i) ++x0;
  for (int i = 0; i < most_x && x1 - x0 > 6 && gray_column(x1 - 1); ++i) --x1;
}

// Ink of the pieces that are no specks.
void measure_inside(CheckboxInk& result) {
  const GrayImage& inner = result.inside;
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
}

// Of a box's side: ink of one piece that reaches so far out of the box on two opposite sides was struck through it, or is a fold.
constexpr double kStruckReach = 0.5;

bool reaches_out_on_opposite_sides(const GrayImage& ink, const page::RectPx& zone) {
  const double reach = kStruckReach * std::min(zone.width(), zone.height());
  const auto pieces = recognizer::find_ink_components(ink.view()).pieces;
  return std::any_of(pieces.begin(), pieces.end(), [&](const InkComponent& piece) {
    const bool in_box = piece.right_px > zone.left && piece.left_px < zone.right && piece.bottom_px > zone.top && piece.top_px < zone.bottom;
    if (!in_box) return false;
    const bool across = piece.left_px < zone.left - reach && piece.right_px > zone.right + reach;
    const bool down = piece.top_px < zone.top - reach && piece.bottom_px > zone.bottom + reach;
    return across || down;
  });
}

// Of the zone's side: so far from it the frame and marks that overshoot are not looked at.
constexpr double kFrameRoom = 0.3;

double ink_beside(const GrayImage& ink, const page::RectPx& zone) {
  const double room_x = kFrameRoom * zone.width();
  const double room_y = kFrameRoom * zone.height();
  const auto share = [&](double left, double top, double right, double bottom) {
    const int x0 = std::clamp(static_cast<int>(std::ceil(left)), 0, ink.width_px);
    const int x1 = std::clamp(static_cast<int>(std::floor(right)), 0, ink.width_px);
    const int y0 = std::clamp(static_cast<int>(std::ceil(top)), 0, ink.height_px);
    const int y1 = std::clamp(static_cast<int>(std::floor(bottom)), 0, ink.height_px);
    if (x1 - x0 < 3 || y1 - y0 < 3) return 0.0;  // too little paper to tell
    std::int64_t inked = 0;
    for (int y = y0; y < y1; ++y) inked += std::count_if(ink.row(y) + x0, ink.row(y) + x1, [](std::uint8_t v) { return v >= recognizer::kInkThreshold; });
    return static_cast<double>(inked) / (static_cast<double>(x1 - x0) * (y1 - y0));
  };
  std::array<double, 4> sides = {share(0, zone.top, zone.left - room_x, zone.bottom), share(zone.right + room_x, zone.top, ink.width_px, zone.bottom),
                                 share(zone.left, 0, zone.right, zone.top - room_y), share(zone.left, zone.bottom + room_y, zone.right, ink.height_px)};
  std::sort(sides.begin(), sides.end());
  return sides[1];
}

}  // namespace

CheckboxInk extract_checkbox(const page::FieldCrop& crop) {
  CheckboxInk result;
  if (crop.gray.empty()) return result;
  GrayImage darkness = measure_darkness(crop.gray);
  GrayImage ink = stretch_ink(darkness, measure_ink_levels(darkness, crop));
  result.runs_through = reaches_out_on_opposite_sides(ink, crop.zone);
  const GrayImage print = aligned_print(crop.known_print, ink, crop.px_per_mm);
  config::Layout box;
  box.type = config::LayoutType::boxes;
  box.count = 1;
  RowSearch search;
  if (crop.with_lines.empty()) {
    search = find_printed_row(ink, crop, box);
  } else {
    const GrayImage shown = measure_darkness(crop.with_lines);
    search = find_printed_row(stretch_ink(shown, measure_ink_levels(shown)), crop, box);
  }
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
  int x0 = std::clamp(static_cast<int>(std::ceil(left)), 0, ink.width_px);
  int x1 = std::clamp(static_cast<int>(std::floor(right)), x0, ink.width_px);
  int y0 = std::clamp(static_cast<int>(std::ceil(top)), 0, ink.height_px);
  int y1 = std::clamp(static_cast<int>(std::floor(bottom)), y0, ink.height_px);
  if (result.framed) step_off_blurred_frame(ink, x0, x1, y0, y1);
  if (x1 - x0 < 3 || y1 - y0 < 3) return result;
  // The frame needs no taking out: nothing outside it is looked at.
  if (!print.empty() && result.framed) {
    const PrintedRow& row = *search.row;
    subtract_print(ink, print, {row.verticals[0], row.verticals[1], row.top, row.bottom});
  }
  result.inside = GrayImage(x1 - x0, y1 - y0, 0);
  for (int y = y0; y < y1; ++y) std::copy(ink.row(y) + x0, ink.row(y) + x1, result.inside.row(y - y0));
  measure_inside(result);
  if (result.share > kNoInk) {
    result.beside = ink_beside(ink, crop.zone);
    return result;
  }
  // Nothing as dark as the frame: a faint pen is weighed against the paper alone.
  GrayImage inner(x1 - x0, y1 - y0, 0);
  if (!print.empty()) subtract_print(darkness, print, {});
  for (int y = y0; y < y1; ++y) std::copy(darkness.row(y) + x0, darkness.row(y) + x1, inner.row(y - y0));
  const int faintest = crop.with_lines.empty() ? kFaintMarkStroke : kFaintStrokeDroppedOut;
  if (!has_faint_stroke(inner, {1, 1, inner.width_px - 1.0, inner.height_px - 1.0}, kFaintMark, faintest, true)) return result;
  result.faint = true;
  InkLevels faint = measure_ink_levels(inner);
  faint.full = std::max(faint.full, 2 * faintest);
  result.inside = stretch_ink(inner, faint);
  measure_inside(result);
  const GrayImage faint_ink = stretch_ink(darkness, faint);
  result.beside = ink_beside(faint_ink, crop.zone);
  result.runs_through = result.runs_through || reaches_out_on_opposite_sides(faint_ink, crop.zone);
  return result;
}

}  // namespace inkfield::pipeline
