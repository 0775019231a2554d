// The ink of a free line: frames and base lines out, what a hand wrote stays.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/faint_strokes.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/known_print.h"
#include "plugin/pipeline/printed_lines.h"
#include "plugin/pipeline/zone_frame.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;
using recognizer::InkComponents;

constexpr double kWidestStroke = 0.25;     // of the zone's height
constexpr int kLeastWidestStrokePx = 9;
constexpr int kMostWidestStrokePx = 40;
constexpr double kSpeckSide = 0.035;       // of the zone's height; smaller pieces are dirt, dots of a pen are larger
constexpr double kLeastInside = 0.5;       // share of a piece's ink that lies in the zone
constexpr double kLeastWrittenHeight = 0.3;  // of the zone's: what a piece from outside must reach into it to matter
constexpr double kEdgePrintHeight = 0.12;
constexpr double kEdgePrintReach = 0.06;
constexpr double kTailReach = 0.15;          // of the zone's height: strokes are followed so far out of it
// What counts as a dark stroke in the gray crop itself, whatever was made of it: so much darker than the paper,
constexpr int kDarkStroke = 110;
constexpr double kStrokeHeight = 0.35;       // so high within the zone,
constexpr double kStrokeArea = 0.02;         // and of so much area, of the zone's height squared

// Ink that fills less of the zone than one thin stroke.
bool is_nearly_empty(const InkMap& ink, double height) {
  const auto dark = std::count_if(ink.pixels.begin(), ink.pixels.end(), [](std::uint8_t value) { return value >= 128; });
  return static_cast<double>(dark) < kStrokeArea * height * height;
}

// Looks at the gray crop once more, without any of what was decided about paper and print but for level lines.
bool has_dark_strokes(const page::FieldCrop& crop, const ZoneFrame& frame, const GrayImage& known_print) {
  GrayImage strokes = measure_darkness(crop.gray);
  if (!known_print.empty()) subtract_print(strokes, known_print, frame.lines);
  for (std::uint8_t& value : strokes.pixels) value = value >= kDarkStroke ? 255 : 0;
  std::vector<PrintedLine> print;
  for (const PrintedLine& line : frame.lines) {
    // A side stands at the zone's edge; an upright line elsewhere may be a 1.
    const double at = line.center_at((line.begin + line.end) / 2);
    const double edge = line.half_band() + 3;
    if (!line.vertical || at < frame.zone.left + edge || at > frame.zone.right - edge) print.push_back(line);
  }
  remove_lines(strokes, print);
  const double height = frame.zone.height();
  const double inset = 0.1 * height;
  const int left = std::max(0, static_cast<int>(frame.zone.left + inset));
  const int right = std::min(strokes.width_px, static_cast<int>(frame.zone.right - inset));
  const int top = std::max(0, static_cast<int>(frame.zone.top + inset));
  const int bottom = std::min(strokes.height_px, static_cast<int>(frame.zone.bottom - inset));
  if (right <= left || bottom <= top) return false;
  GrayImage inner(right - left, bottom - top, 0);
  for (int y = top; y < bottom; ++y) std::copy(strokes.row(y) + left, strokes.row(y) + right, inner.row(y - top));
  const InkComponents components = recognizer::find_ink_components(inner.view());
  return std::any_of(components.pieces.begin(), components.pieces.end(), [&](const InkComponent& piece) {
    return piece.height_px() >= kStrokeHeight * height && static_cast<double>(piece.area_px) >= kStrokeArea * height * height;
  });
}

// Something written so faintly that none of it counts as ink.
bool has_faint_writing(const page::FieldCrop& crop, const ZoneFrame& frame, const GrayImage& known_print) {
  GrayImage darkness = measure_darkness(crop.gray);
  if (!known_print.empty()) subtract_print(darkness, known_print, frame.lines);
  remove_lines(darkness, frame.lines);
  const page::RectPx& zone = frame.zone;
  const double inset = 0.1 * zone.height();
  return has_faint_stroke(darkness, {zone.left + inset, zone.top + inset, zone.right - inset, zone.bottom - inset}, kStrokeHeight,
                          crop.with_lines.empty() ? kFaintStroke : kFaintStrokeDroppedOut, false);
}

}  // namespace

LineInk extract_line(const page::FieldCrop& crop, const config::Layout& layout) {
  LineInk result;
  if (crop.gray.empty()) return result;
  const int widest_stroke = std::clamp(static_cast<int>(kWidestStroke * crop.zone.height()), kLeastWidestStrokePx, kMostWidestStrokePx);
  const GrayImage darkness = measure_darkness(crop.gray, widest_stroke);
  const InkLevels levels = measure_ink_levels(darkness, crop);
  GrayImage ink = stretch_ink(darkness, levels);
  ZoneFrame frame;
  frame.zone = crop.zone;
  const GrayImage print = aligned_print(crop.known_print, ink, crop.px_per_mm);
  if (layout.printed_lines && crop.with_lines.empty()) {
    frame = find_zone_frame(ink, darkness, levels.full, crop);
    remove_lines(ink, frame.lines);
  }
  if (!print.empty()) subtract_print(ink, print, frame.lines);
  const page::RectPx& zone = frame.zone;
  result.zone = zone;
  // Around the zone is more of the page: what is outside is other print, what hangs out of it is not.
  const bool has_margin = crop.px_per_mm > 0 || frame.framed;
  const double height = zone.height();
  const InkComponents components = recognizer::find_ink_components(ink.view(), recognizer::kInkThreshold, true);
  const auto width = static_cast<std::size_t>(ink.width_px);
  // Tails hang out of the zone; a piece that lies mostly outside is other print.
  std::vector<std::int64_t> inside(components.pieces.size(), 0);
  const double reach = has_margin ? 0.1 * height : 0.0;
  for (int y = std::max(0, static_cast<int>(zone.top - reach)); y < std::min(ink.height_px, static_cast<int>(zone.bottom + reach)); ++y) {
    for (int x = std::max(0, static_cast<int>(zone.left)); x < std::min(ink.width_px, static_cast<int>(zone.right)); ++x) {
      const std::int32_t label = components.labels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
      if (label >= 0) ++inside[static_cast<std::size_t>(label)];
    }
  }
  // How much of a piece's height lies well within the zone.
  const double core_top = zone.top + 0.1 * height;
  const double core_bottom = zone.bottom - 0.1 * height;
  const double speck = std::min(16.0, kSpeckSide * height * kSpeckSide * height);
  // Bits of a broken line: flat or small, at the very edge of the zone, where no digit's dash or point stands.
  const auto is_edge_print = [&](const InkComponent& piece) {
    if (!has_margin || piece.height_px() > kEdgePrintHeight * height) return false;
    const double middle = 0.5 * (piece.top_px + piece.bottom_px);
    const double from_edge = std::min(middle - zone.top, zone.bottom - middle);
    return from_edge < kEdgePrintReach * height || (from_edge < 2 * kEdgePrintReach * height && piece.width_px() > 5 * piece.height_px());
  };
  std::vector<std::uint8_t> keep(components.pieces.size(), 0);
  constexpr std::uint8_t kWhole = 1;
  constexpr std::uint8_t kInZone = 2;
  bool any = false;
  int left = ink.width_px;
  int right = 0;
  int top = ink.height_px;
  int bottom = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    const InkComponent& piece = components.pieces[i];
    if (static_cast<double>(piece.area_px) < speck) continue;
    if (is_line_remainder(piece, frame.lines, height) || is_edge_print(piece)) continue;
    if (static_cast<double>(inside[i]) >= kLeastInside * static_cast<double>(piece.area_px)) {
      keep[i] = kWhole;
    } else {
      // Other print, unless writing hangs on to it (a digit that touches a frame): then what lies in the zone counts.
      if (static_cast<double>(inside[i]) < kLeastWrittenHeight * height) continue;
      int first = ink.height_px;
      int last = -1;
      for (int y = std::max(0, static_cast<int>(core_top)); y < std::min(ink.height_px, static_cast<int>(core_bottom)); ++y) {
        for (int x = std::max(piece.left_px, static_cast<int>(zone.left) + 1); x < std::min(piece.right_px, static_cast<int>(zone.right)); ++x) {
          if (components.labels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] != static_cast<std::int32_t>(i)) continue;
          first = std::min(first, y);
          last = y;
        }
      }
      if (last - first < kLeastWrittenHeight * height) continue;
      keep[i] = kInZone;
    }
    any = true;
    left = std::min(left, std::max(piece.left_px, keep[i] == kWhole ? 0 : static_cast<int>(zone.left)));
    right = std::max(right, std::min(piece.right_px, keep[i] == kWhole ? ink.width_px : static_cast<int>(zone.right)));
    top = std::min(top, std::max(piece.top_px, keep[i] == kWhole ? 0 : static_cast<int>(zone.top)));
    bottom = std::max(bottom, std::min(piece.bottom_px, keep[i] == kWhole ? ink.height_px : static_cast<int>(zone.bottom)));
  }
  if (!any) {
    result.ink = InkMap(std::max(1, static_cast<int>(zone.width())), std::max(1, static_cast<int>(height)), 0);
    result.origin_x_px = zone.left;
    result.origin_y_px = zone.top;
    result.strokes_lost = has_dark_strokes(crop, frame, print) || has_faint_writing(crop, frame, print);
    return result;
  }
  if (has_margin) {
    // A long slash through the frame must not make the digits beside it look small.
    top = std::max(top, static_cast<int>(zone.top - kTailReach * height));
    bottom = std::min(bottom, static_cast<int>(zone.bottom + kTailReach * height));
  }
  left = std::max(0, std::min(left - 2, static_cast<int>(zone.left)));
  top = std::max(0, std::min(top - 2, static_cast<int>(zone.top)));
  right = std::min(ink.width_px, std::max(right + 2, static_cast<int>(zone.right)));
  bottom = std::min(ink.height_px, std::max(bottom + 2, static_cast<int>(zone.bottom)));
  result.origin_x_px = left;
  result.origin_y_px = top;
  result.ink = InkMap(right - left, bottom - top, 0);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      if (ink.at(x, y) == 0) continue;
      bool own = false;
      const bool in_zone = x >= zone.left && x < zone.right && y >= zone.top && y < zone.bottom;
      // Soft edges go with the stroke beside them.
      for (int dy = -2; dy <= 2 && !own; ++dy) {
        for (int dx = -2; dx <= 2 && !own; ++dx) {
          if (x + dx < 0 || x + dx >= ink.width_px || y + dy < 0 || y + dy >= ink.height_px) continue;
          const std::int32_t label = components.labels[static_cast<std::size_t>(y + dy) * width + static_cast<std::size_t>(x + dx)];
          own = label >= 0 && (keep[static_cast<std::size_t>(label)] == kWhole || (keep[static_cast<std::size_t>(label)] == kInZone && in_zone));
        }
      }
      const std::int32_t here = components.labels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
      if (here >= 0 && keep[static_cast<std::size_t>(here)] == 0) own = false;
      if (own) result.ink.row(y - top)[x - left] = ink.at(x, y);
    }
  }
  result.strokes_lost = is_nearly_empty(result.ink, height) && has_dark_strokes(crop, frame, print);
  return result;
}

}  // namespace inkfield::pipeline
