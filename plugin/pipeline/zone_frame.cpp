// Frames and base lines that are printed around and under a free line. Whatever is long and straight is a candidate; what
// tells print from a row of digit bottoms is that print goes on where nothing is written.
#include "plugin/pipeline/zone_frame.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "plugin/pipeline/straight_lines.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr double kBaseLineShare = 0.6;     // of the zone's width: a printed line is at least so long
constexpr double kFrameShare = 0.75;       // of the zone's height: the side of a frame
constexpr double kLeastSeen = 0.55;        // of a line's length must be visible by itself
// Bars of 5s and 7s side by side look like a line too. They stand in the zone's middle, where no base line is, and a line
// there must be seen better than they ever are.
constexpr double kMiddleOfZone = 0.3;      // of the height, to both sides of the middle
constexpr double kLeastSeenInMiddle = 0.85;
constexpr double kThickestLineMm = 0.8;
constexpr double kUnknownScaleLinePx = 7;  // thickest line in a crop of unknown scale

// Printed lines at a zone's upper and lower edge may be broken: microprint, halftone, a worn plate. What counts there is
// the share of columns with ink at the line's height; writing never reaches it.
constexpr int kBrokenLineInk = 48;
constexpr double kBrokenLineColumns = 0.62;
constexpr double kBrokenLineColumnsUnknownScale = 0.72;  // crops cut close around the digits
constexpr double kLeastSeenBroken = 0.35;
constexpr int kMostLinesAtAnEdge = 3;

// Columns of the zone that hold nothing but the line show it if it is printed. So many of them must be there to tell, and
// this share of them must show it.
constexpr double kLeastGapShare = 0.03;
constexpr int kLeastGaps = 5;
constexpr double kLeastSeenInGaps = 0.6;
// Writing that leaves no such columns hides at most this share of a printed line.
constexpr double kLeastSeenWithoutGaps = 0.85;
constexpr double kLeastLengthWithoutGaps = 0.85;  // of the zone's width
// Writing slants: columns are upright or lean to the right, by so many pixels for each pixel up.
constexpr double kLeans[] = {0.0, 0.25, 0.5};

bool is_printed(const PrintedLine& line) { return line.found >= kLeastSeen && line.thickness > 0; }

struct LineCandidate {
  PrintedLine line;
  int dark = kDarkInk;  // ink from this value on shows it
};

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

// Where nothing is written, is the line there?
struct GapEvidence {
  int gaps = 0;
  int seen = 0;
};

GapEvidence look_into_gaps(const GrayImage& ink, const page::RectPx& zone, const PrintedLine& line, const std::vector<PrintedLine>& printed, int dark) {
  const int top = std::max(0, static_cast<int>(zone.top));
  const int bottom = std::min(ink.height_px, static_cast<int>(zone.bottom));
  const int left = std::max({0, static_cast<int>(zone.left), line.begin + 3});
  const int right = std::min({ink.width_px, static_cast<int>(zone.right), line.end - 3});
  const auto within = [](const PrintedLine& other, int x, int y) {
    return std::fabs(other.center_at(x) - static_cast<float>(y)) <= other.half_band() + 1.0F;
  };
  GapEvidence most;
  for (const double lean : kLeans) {
    GapEvidence evidence;
    for (int x = left; x < right; ++x) {
      const float center = line.center_at(x);
      bool gap = true;
      for (int y = top; y < bottom && gap; ++y) {
        const int column = x + static_cast<int>(std::lround(lean * (static_cast<double>(center) - y)));
        if (column < 0 || column >= ink.width_px || ink.at(column, y) < kDarkInk || within(line, x, y)) continue;
        gap = std::any_of(printed.begin(), printed.end(), [&](const PrintedLine& other) { return within(other, column, y); });
      }
      if (!gap) continue;
      ++evidence.gaps;
      const int row = std::clamp(static_cast<int>(std::lround(center)), 1, ink.height_px - 2);
      if (ink.at(x, row - 1) >= dark || ink.at(x, row) >= dark || ink.at(x, row + 1) >= dark) ++evidence.seen;
    }
    if (evidence.gaps > most.gaps) most = evidence;
  }
  return most;
}

// Those of the level candidates that are print.
std::vector<PrintedLine> choose_printed(const GrayImage& ink, const page::FieldCrop& crop, std::vector<LineCandidate> candidates) {
  const int least_gaps = std::max(kLeastGaps, static_cast<int>(kLeastGapShare * crop.zone.width()));
  std::vector<PrintedLine> printed;
  for (bool more = true; more;) {
    more = false;
    for (auto candidate = candidates.begin(); candidate != candidates.end();) {
      const PrintedLine& line = candidate->line;
      const GapEvidence evidence = look_into_gaps(ink, crop.zone, line, printed, candidate->dark);
      bool is_print = evidence.seen >= kLeastSeenInGaps * evidence.gaps;
      if (evidence.gaps < least_gaps) {
        is_print = line.found >= kLeastSeenWithoutGaps && line.end - line.begin >= kLeastLengthWithoutGaps * crop.zone.width();
      }
      if (!is_print) {
        ++candidate;
        continue;
      }
      printed.push_back(line);
      candidate = candidates.erase(candidate);
      more = true;
    }
  }
  return printed;
}

}  // namespace

std::vector<PrintedLine> find_zone_frame(const GrayImage& ink, const page::FieldCrop& crop) {
  const bool calibrated = crop.px_per_mm > 0;
  const int thickest = std::max(3, static_cast<int>(calibrated ? kThickestLineMm * crop.px_per_mm : kUnknownScaleLinePx));
  std::vector<LineCandidate> candidates;
  std::vector<PrintedLine> known;
  for (ExpectedLine expected : find_straight_lines(ink, false, static_cast<int>(kBaseLineShare * crop.zone.width()))) {
    expected.begin -= 2;
    expected.end += 2;
    PrintedLine line = trace_line(ink, expected, 3, thickest);
    const double off_middle = std::fabs(line.center_at((line.begin + line.end) / 2) - 0.5 * (crop.zone.top + crop.zone.bottom));
    const bool in_middle = off_middle < kMiddleOfZone * crop.zone.height();
    if (is_printed(line) && (!in_middle || line.found >= kLeastSeenInMiddle)) {
      known.push_back(line);
      candidates.push_back({std::move(line), kDarkInk});
    }
  }
  const double edge_reach = calibrated ? 1.2 * crop.px_per_mm : 0.3 * crop.zone.height();
  const double outside = calibrated ? edge_reach : 0.0;
  const std::pair<double, double> edges[] = {{crop.zone.top - outside, crop.zone.top + edge_reach},
                                             {crop.zone.bottom - edge_reach, crop.zone.bottom + outside}};
  for (const auto& [first, last] : edges) {
    for (int i = 0; i < kMostLinesAtAnEdge; ++i) {
      ExpectedLine expected;
      if (!find_broken_line(ink, crop, first, last, known, expected)) break;
      PrintedLine line = trace_line(ink, expected, 2.5, thickest);
      if (line.found < kLeastSeenBroken || line.thickness <= 0) break;
      known.push_back(line);
      candidates.push_back({std::move(line), kBrokenLineInk});
    }
  }
  std::vector<PrintedLine> lines = choose_printed(ink, crop, std::move(candidates));
  const std::size_t level_lines = lines.size();
  // An upright line is the side of a frame if it stands at the zone's edge (in a crop of unknown scale: if it ends at two
  // level lines); anything else may be a 1 or a slash.
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

}  // namespace inkfield::pipeline
