// The ink of a free line, and of a check box: frames and base lines out, what a hand wrote stays.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/pipeline/cell_row_search.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/printed_lines.h"
#include "plugin/pipeline/straight_lines.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;
using recognizer::InkComponents;

constexpr double kBaseLineShare = 0.6;     // of the zone's width: a printed line is at least so long
constexpr double kFrameShare = 0.75;       // of the zone's height: the side of a frame
constexpr double kLeastSeen = 0.55;        // of a line's length must be visible by itself
// Bars of 5s and 7s side by side look like a line too. They stand in the zone's middle, where no base line is, and a line
// there must be seen better than they ever are.
constexpr double kMiddleOfZone = 0.3;      // of the height, to both sides of the middle
constexpr double kLeastSeenInMiddle = 0.85;
constexpr double kSpeckSide = 0.035;       // of the zone's height; smaller pieces are dirt, dots of a pen are larger
constexpr double kLeastInside = 0.5;       // share of a piece's ink that lies in the zone
constexpr double kLeastWrittenHeight = 0.3;  // of the zone's: what a piece from outside must reach into it to matter
constexpr double kEdgePrintHeight = 0.12;
constexpr double kEdgePrintReach = 0.06;
constexpr double kTailReach = 0.15;          // of the zone's height: strokes are followed so far out of it
constexpr double kThickestLineMm = 0.8;
constexpr double kUnknownScaleLinePx = 7;  // thickest line in a crop of unknown scale
constexpr double kFrameInset = 0.12;       // of a check box whose frame was not found
constexpr double kCheckSpeckSide = 0.06;

// Printed lines at a zone's upper and lower edge may be broken: microprint, halftone, a worn plate. What counts there is
// the share of columns with ink at the line's height; writing never reaches it.
constexpr int kBrokenLineInk = 48;
constexpr double kBrokenLineColumns = 0.62;
constexpr double kBrokenLineColumnsUnknownScale = 0.72;  // crops cut close around the digits
constexpr double kLeastSeenBroken = 0.35;
constexpr int kMostLinesAtAnEdge = 3;

bool is_printed(const PrintedLine& line) { return line.found >= kLeastSeen && line.thickness > 0; }

// The line within [first, last] (rows at the zone's middle) that the most columns of the zone show, if they suffice.
bool find_broken_line(const GrayImage& ink, const page::FieldCrop& crop, double first, double last, const std::vector<PrintedLine>& known, ExpectedLine& best) {
  const bool calibrated = crop.px_per_mm > 0;
  const double steepest = calibrated ? 0.015 : 0.045;
  const double least = calibrated ? kBrokenLineColumns : kBrokenLineColumnsUnknownScale;
  const int left = std::max(0, static_cast<int>(crop.zone.left));
  const int right = std::min(ink.width_px, static_cast<int>(crop.zone.right));
  const double middle = 0.5 * (left + right);
  if (right - left < 16) return false;
  double most = least;
  for (double slope = -steepest; slope <= steepest + 1e-9; slope += 0.0025) {
    for (int row = std::max(1, static_cast<int>(first)); row < std::min(static_cast<double>(ink.height_px) - 1, last); ++row) {
      const bool taken = std::any_of(known.begin(), known.end(), [&](const PrintedLine& line) {
        return !line.vertical && std::fabs(line.center_at(static_cast<int>(middle)) - static_cast<float>(row)) < line.half_band() + 1.5F;
      });
      if (taken) continue;
      int columns = 0;
      for (int x = left; x < right; ++x) {
        const int y = static_cast<int>(std::floor(row + slope * (x - middle) + 0.5));
        if (y < 1 || y >= ink.height_px - 1) continue;
        if (ink.at(x, y - 1) >= kBrokenLineInk || ink.at(x, y) >= kBrokenLineInk || ink.at(x, y + 1) >= kBrokenLineInk) ++columns;
      }
      const double share = static_cast<double>(columns) / (right - left);
      if (share > most) {
        most = share;
        best.begin = 0;
        best.end = ink.width_px;
        best.slope = slope;
        best.at = row + slope * (0.5 * ink.width_px - middle);
      }
    }
  }
  return most > least;
}

// Frames and base lines. An upright line is the side of a frame if it stands at the zone's edge (in a crop of unknown scale:
// if it ends at two level lines); anything else may be a 1 or a slash.
std::vector<PrintedLine> find_frame(const GrayImage& ink, const page::FieldCrop& crop) {
  const bool calibrated = crop.px_per_mm > 0;
  const int thickest = std::max(3, static_cast<int>(calibrated ? kThickestLineMm * crop.px_per_mm : kUnknownScaleLinePx));
  std::vector<PrintedLine> lines;
  for (ExpectedLine expected : find_straight_lines(ink, false, static_cast<int>(kBaseLineShare * crop.zone.width()))) {
    expected.begin -= 2;
    expected.end += 2;
    PrintedLine line = trace_line(ink, expected, 3, thickest);
    const double off_middle = std::fabs(line.center_at((line.begin + line.end) / 2) - 0.5 * (crop.zone.top + crop.zone.bottom));
    const bool in_middle = off_middle < kMiddleOfZone * crop.zone.height();
    if (is_printed(line) && (!in_middle || line.found >= kLeastSeenInMiddle)) lines.push_back(std::move(line));
  }
  const double edge_reach = calibrated ? 1.2 * crop.px_per_mm : 0.3 * crop.zone.height();
  const double outside = calibrated ? edge_reach : 0.0;
  const std::pair<double, double> edges[] = {{crop.zone.top - outside, crop.zone.top + edge_reach},
                                             {crop.zone.bottom - edge_reach, crop.zone.bottom + outside}};
  for (const auto& [first, last] : edges) {
    for (int i = 0; i < kMostLinesAtAnEdge; ++i) {
      ExpectedLine expected;
      if (!find_broken_line(ink, crop, first, last, lines, expected)) break;
      PrintedLine line = trace_line(ink, expected, 2.5, thickest);
      if (line.found < kLeastSeenBroken || line.thickness <= 0) break;
      lines.push_back(std::move(line));
    }
  }
  const std::size_t level_lines = lines.size();
  for (ExpectedLine expected : find_straight_lines(ink, true, static_cast<int>(kFrameShare * crop.zone.height()))) {
    const double edge = calibrated ? 0.8 * crop.px_per_mm : 0.0;
    bool side = calibrated && (expected.at < crop.zone.left + edge || expected.at > crop.zone.right - edge);
    int ends_at_lines = 0;
    for (std::size_t i = 0; i < level_lines; ++i) {
      const double y = lines[i].center_at(static_cast<int>(expected.at));
      const double reach = thickest + 3.0;
      if (expected.at < lines[i].begin - reach || expected.at > lines[i].end + reach) continue;
      if (std::fabs(y - expected.begin) < reach || std::fabs(y - expected.end) < reach) ++ends_at_lines;
    }
    // A frame that the crop cuts off: its side runs out of the picture.
    const bool runs_out = expected.begin < 3 || expected.end > ink.height_px - 3;
    side = side || (!calibrated && ends_at_lines + (runs_out ? 1 : 0) >= 2);
    if (!side) continue;
    expected.begin -= 2;
    expected.end += 2;
    PrintedLine line = trace_line(ink, expected, 3, thickest);
    if (is_printed(line)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

LineInk extract_line(const page::FieldCrop& crop, const config::Layout& layout) {
  LineInk result;
  if (crop.gray.empty()) return result;
  GrayImage ink = extract_ink(crop.gray);
  std::vector<PrintedLine> lines;
  if (layout.printed_lines) {
    lines = find_frame(ink, crop);
    remove_lines(ink, lines);
  }
  const double height = crop.zone.height();
  const InkComponents components = recognizer::find_ink_components(ink.view(), recognizer::kInkThreshold, true);
  const auto width = static_cast<std::size_t>(ink.width_px);
  // Tails hang out of the zone; a piece that lies mostly outside is other print.
  std::vector<std::int64_t> inside(components.pieces.size(), 0);
  const double reach = crop.px_per_mm > 0 ? 0.1 * height : 0.0;
  for (int y = std::max(0, static_cast<int>(crop.zone.top - reach)); y < std::min(ink.height_px, static_cast<int>(crop.zone.bottom + reach)); ++y) {
    for (int x = std::max(0, static_cast<int>(crop.zone.left)); x < std::min(ink.width_px, static_cast<int>(crop.zone.right)); ++x) {
      const std::int32_t label = components.labels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
      if (label >= 0) ++inside[static_cast<std::size_t>(label)];
    }
  }
  // How much of a piece's height lies well within the zone.
  const double core_top = crop.zone.top + 0.1 * height;
  const double core_bottom = crop.zone.bottom - 0.1 * height;
  const double speck = std::min(16.0, kSpeckSide * height * kSpeckSide * height);
  // Bits of a broken line: flat or small, at the very edge of the zone, where no digit's dash or point stands.
  const auto is_edge_print = [&](const InkComponent& piece) {
    if (crop.px_per_mm <= 0 || piece.height_px() > kEdgePrintHeight * height) return false;
    const double middle = 0.5 * (piece.top_px + piece.bottom_px);
    const double from_edge = std::min(middle - crop.zone.top, crop.zone.bottom - middle);
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
    if (is_line_remainder(piece, lines, height) || is_edge_print(piece)) continue;
    if (static_cast<double>(inside[i]) >= kLeastInside * static_cast<double>(piece.area_px)) {
      keep[i] = kWhole;
    } else {
      // Other print, unless writing hangs on to it (a digit that touches a frame): then what lies in the zone counts.
      if (static_cast<double>(inside[i]) < kLeastWrittenHeight * height) continue;
      int first = ink.height_px;
      int last = -1;
      for (int y = std::max(0, static_cast<int>(core_top)); y < std::min(ink.height_px, static_cast<int>(core_bottom)); ++y) {
        for (int x = std::max(piece.left_px, static_cast<int>(crop.zone.left) + 1); x < std::min(piece.right_px, static_cast<int>(crop.zone.right)); ++x) {
          if (components.labels[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] != static_cast<std::int32_t>(i)) continue;
          first = std::min(first, y);
          last = y;
        }
      }
      if (last - first < kLeastWrittenHeight * height) continue;
      keep[i] = kInZone;
    }
    any = true;
    left = std::min(left, std::max(piece.left_px, keep[i] == kWhole ? 0 : static_cast<int>(crop.zone.left)));
    right = std::max(right, std::min(piece.right_px, keep[i] == kWhole ? ink.width_px : static_cast<int>(crop.zone.right)));
    top = std::min(top, std::max(piece.top_px, keep[i] == kWhole ? 0 : static_cast<int>(crop.zone.top)));
    bottom = std::max(bottom, std::min(piece.bottom_px, keep[i] == kWhole ? ink.height_px : static_cast<int>(crop.zone.bottom)));
  }
  if (!any) {
    result.ink = InkMap(std::max(1, static_cast<int>(crop.zone.width())), std::max(1, static_cast<int>(height)), 0);
    result.origin_x_px = crop.zone.left;
    result.origin_y_px = crop.zone.top;
    return result;
  }
  if (crop.px_per_mm > 0) {
    // A long slash through the frame must not make the digits beside it look small.
    top = std::max(top, static_cast<int>(crop.zone.top - kTailReach * height));
    bottom = std::min(bottom, static_cast<int>(crop.zone.bottom + kTailReach * height));
  }
  left = std::max(0, std::min(left - 2, static_cast<int>(crop.zone.left)));
  top = std::max(0, std::min(top - 2, static_cast<int>(crop.zone.top)));
  right = std::min(ink.width_px, std::max(right + 2, static_cast<int>(crop.zone.right)));
  bottom = std::min(ink.height_px, std::max(bottom + 2, static_cast<int>(crop.zone.bottom)));
  result.origin_x_px = left;
  result.origin_y_px = top;
  result.ink = InkMap(right - left, bottom - top, 0);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      if (ink.at(x, y) == 0) continue;
      bool own = false;
      const bool in_zone = x >= crop.zone.left && x < crop.zone.right && y >= crop.zone.top && y < crop.zone.bottom;
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
  return result;
}

double checkbox_ink_share(const page::FieldCrop& crop) {
  if (crop.gray.empty()) return 0;
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
  if (x1 - x0 < 3 || y1 - y0 < 3) return 0;
  GrayImage inner(x1 - x0, y1 - y0, 0);
  for (int y = y0; y < y1; ++y) std::copy(ink.row(y) + x0, ink.row(y) + x1, inner.row(y - y0));
  const double speck = kCheckSpeckSide * inner.width_px * kCheckSpeckSide * inner.height_px;
  std::int64_t area = 0;
  for (const InkComponent& piece : recognizer::find_ink_components(inner.view()).pieces) {
    if (static_cast<double>(piece.area_px) >= speck) area += piece.area_px;
  }
  return static_cast<double>(area) / (static_cast<double>(inner.width_px) * inner.height_px);
}

}  // namespace inkfield::pipeline
