// Frames and base lines that are printed around and under a free line. Whatever is long and straight is a candidate; what
// tells print from a row of digit bottoms is that print goes on where nothing is written.
#include "plugin/pipeline/zone_frame.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "plugin/pipeline/line_ridges.h"
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
// The side of a frame in a crop of unknown scale.
constexpr double kMostLean = 0.015;        // off the right angle, pixels for each pixel of height
constexpr double kMostThickerSide = 1.5;   // than the level lines, and a pixel more
constexpr double kLeastSeenSide = 0.7;
constexpr int kBrokenLineInk = 48;
// The inside of a frame in a crop of unknown scale, in its own height but for the first.
constexpr double kLeastFrameHeight = 0.3;  // of the crop's
constexpr double kLeastFrameWidth = 1.0;
constexpr double kSideBandPx = 2;          // what is left of a side's edge
constexpr int kBareBesidePx = 4;
constexpr int kLeastGoesOnPx = 8;
constexpr double kWidestSignCell = 1.3;
constexpr double kLeastBesideSignCell = 2.5;
constexpr double kThickestLineMm = 0.8;
constexpr double kUnknownScaleLinePx = 7;  // thickest line in a crop of unknown scale

// Print is often fainter than the pen, or broken: microprint, halftone, a worn plate. Along its own direction it is there
// all the same, so faint lines are looked for in a picture of ridges, averaged along the line over so many pixels.
constexpr int kRidgeAverageHalfPx = 4;
constexpr int kGapAverageHalfPx = 1;       // no stroke may smear into the gaps beside it
constexpr double kRidgeColumns = 0.62;     // of the zone's columns show it
constexpr double kRidgeColumnsUnknownScale = 0.66;  // crops cut close around the digits
constexpr double kRidgeColumnsOfFrame = 0.5;
constexpr double kLeastSeenRidge = 0.45;
constexpr int kMostRidges = 4;

// Columns of the zone that hold nothing but the line show it if it is printed. So many of them must be there to tell, and
// this share of them must show it.
constexpr double kLeastGapShare = 0.03;
constexpr int kLeastGaps = 5;
constexpr double kLeastSeenInGaps = 0.7;
// Writing that leaves no such columns hides at most this share of a printed line, which runs through the picture.
constexpr double kLeastSeenWithoutGaps = 0.9;
constexpr double kLeastSeenAtEdge = 0.8;   // of a line that the crop's own edge cuts through
constexpr double kLeastSeenInFewGaps = 0.95;
constexpr double kLongLine = 0.85;  // of the zone's width
constexpr int kEdgeReachPx = 3;
constexpr double kLeastFrameReachPx = 4;  // the lines of a frame end so near each other
constexpr double kFrameReach = 0.02;      // or this share of the picture's width
constexpr double kNearWriting = 0.25;  // of the height of a crop of unknown scale
constexpr int kLeastAlonePx = 8;
// Writing slants: columns are upright or lean to the right, by so many pixels for each pixel up.
constexpr double kLeans[] = {0.0, 0.25, 0.5};

bool is_printed(const PrintedLine& line) { return line.found >= kLeastSeen && line.thickness > 0; }

GrayImage turned(const GrayImage& image) {
  GrayImage out(image.height_px, image.width_px);
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) out.row(x)[y] = image.at(x, y);
  }
  return out;
}

double slope_of(const PrintedLine& line) {
  const int length = std::max(1, line.end - 1 - line.begin);
  return (line.center_at(line.end - 1) - line.center_at(line.begin)) / static_cast<float>(length);
}

// Within a pixel above or below.
bool is_dark_near(const GrayImage& image, int x, int y) {
  for (int row = std::max(0, y - 1); row <= std::min(image.height_px - 1, y + 1); ++row) {
    if (image.at(x, row) >= kDarkInk) return true;
  }
  return false;
}

// Whether another line above or below begins and ends where this one does, as those of a frame do.
bool has_counterpart(const GrayImage& ink, const PrintedLine& line, const std::vector<PrintedLine>& others) {
  const int width = ink.width_px;
  const double reach = std::max(kLeastFrameReachPx, kFrameReach * width);
  const int middle = width / 2;
  return std::any_of(others.begin(), others.end(), [&](const PrintedLine& other) {
    return std::fabs(other.center_at(middle) - line.center_at(middle)) >= kLeastFrameHeight * ink.height_px &&
           std::abs(other.begin - line.begin) <= reach && std::abs(other.end - line.end) <= reach;
  });
}

// The bars of 7s and 5s side by side make a line as well, but never far from their stems. A printed line runs out of the
// picture on both sides, or goes on where no writing is near.
bool stands_alone(const GrayImage& ink, const GrayImage& ridges, const PrintedLine& line, const std::vector<PrintedLine>& others) {
  const int width = ink.width_px;
  const auto shown = [&](int x) {
    const int y = static_cast<int>(std::lround(line.center_at(x)));
    return is_dark_near(ink, x, y) || is_dark_near(ridges, x, y);
  };
  if (line.begin <= kEdgeReachPx && line.end >= width - kEdgeReachPx && width >= 2 * kEdgeReachPx) {
    int left = 0;
    int right = 0;
    for (int i = 0; i < kEdgeReachPx; ++i) {
      left += shown(i) ? 1 : 0;
      right += shown(width - 1 - i) ? 1 : 0;
    }
    if (2 * left > kEdgeReachPx && 2 * right > kEdgeReachPx) return true;
  }
  const int near = static_cast<int>(kNearWriting * ink.height_px);
  const auto is_line = [&](int x, int y) {
    const auto within = [&](const PrintedLine& other) { return std::fabs(other.center_at(x) - static_cast<float>(y)) <= other.half_band() + 1.5F; };
    return within(line) || std::any_of(others.begin(), others.end(), within);
  };
  int last_written = -near - 1;
  int alone = 0;
  int seen = 0;
  // A column counts once so many to its right are known to be bare as well.
  for (int x = 0; x < width + near; ++x) {
    int dark = 0;
    for (int y = 0; x < width && y < ink.height_px; ++y) dark += ink.at(x, y) >= kDarkInk && !is_line(x, y) ? 1 : 0;
    if (dark >= 2) last_written = x;
    const int column = x - near;
    if (column < line.begin || column >= std::min(width, line.end) || x - last_written <= 2 * near) continue;
    ++alone;
    seen += shown(column) ? 1 : 0;
  }
  return alone >= kLeastAlonePx && seen >= kLeastSeenWithoutGaps * alone;
}

// Where nothing is written, is the line there?
struct GapEvidence {
  int gaps = 0;
  int seen = 0;
};

GapEvidence look_into_gaps(const GrayImage& ink, const GrayImage& ridges, const page::RectPx& zone, const PrintedLine& line,
                           const std::vector<PrintedLine>& printed) {
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
      if (is_dark_near(ridges, x, static_cast<int>(std::lround(center)))) ++evidence.seen;
    }
    if (evidence.gaps > most.gaps) most = evidence;
  }
  return most;
}

// Those of the level candidates that are print.
std::vector<PrintedLine> choose_printed(const GrayImage& ink, const GrayImage& ridges, const page::FieldCrop& crop, std::vector<PrintedLine> candidates) {
  const int least_gaps = std::max(kLeastGaps, static_cast<int>(kLeastGapShare * crop.zone.width()));
  const auto is_long = [&](const PrintedLine& line) {
    return line.found >= kLeastSeenWithoutGaps && line.end - line.begin >= kLongLine * crop.zone.width();
  };
  // A second line fills the gaps: one that may be print is looked past as well as those that are.
  std::vector<PrintedLine> printed;
  for (bool more = true; more;) {
    more = false;
    for (auto candidate = candidates.begin(); candidate != candidates.end();) {
      std::vector<PrintedLine> others = printed;
      std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(others), is_long);
      const PrintedLine& line = *candidate;
      const GapEvidence evidence = look_into_gaps(ink, ridges, crop.zone, line, others);
      // The crop cuts lengthwise through a line: no writing lies so evenly along the edge.
      const int middle_y = static_cast<int>(line.center_at(ink.width_px / 2));
      const bool at_edge = (middle_y < kEdgeReachPx || middle_y >= ink.height_px - kEdgeReachPx) && line.thickness <= kEdgeReachPx &&
                           line.found >= kLeastSeenAtEdge;
      const bool in_few_gaps = evidence.gaps >= kLeastGaps && evidence.seen >= kLeastSeenInGaps * evidence.gaps && line.found >= kLeastSeenInFewGaps;
      const bool is_print = evidence.gaps >= least_gaps ? evidence.seen >= kLeastSeenInGaps * evidence.gaps : at_edge || in_few_gaps || is_long(line);
      std::vector<PrintedLine> all = printed;
      all.insert(all.end(), candidates.begin(), candidates.end());
      const bool may_be_writing = crop.px_per_mm <= 0 && !stands_alone(ink, ridges, line, others) && !has_counterpart(ink, line, all);
      if (!is_print || may_be_writing) {
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

// Lines under, over and through the zone.
std::vector<PrintedLine> find_level_lines(const GrayImage& ink, const GrayImage& darkness, int full, const page::FieldCrop& crop, int thickest) {
  const bool calibrated = crop.px_per_mm > 0;
  std::vector<PrintedLine> candidates;
  const auto in_middle = [&](const PrintedLine& line) {
    const double off_middle = std::fabs(line.center_at((line.begin + line.end) / 2) - 0.5 * (crop.zone.top + crop.zone.bottom));
    return off_middle < kMiddleOfZone * crop.zone.height();
  };
  for (ExpectedLine expected : find_straight_lines(ink, false, static_cast<int>(kBaseLineShare * crop.zone.width()))) {
    expected.begin -= 2;
    expected.end += 2;
    PrintedLine line = trace_line(ink, expected, 3, thickest);
    if (is_printed(line) && (!in_middle(line) || line.found >= kLeastSeenInMiddle)) candidates.push_back(std::move(line));
  }
  const GrayImage ridges = find_level_ridges(ink, darkness, full, kRidgeAverageHalfPx, thickest);
  const double reach = calibrated ? 1.2 * crop.px_per_mm : 0.35 * crop.zone.height();
  const double outside = calibrated ? reach : 0.0;
  std::vector<RidgeSearch> searches = {
      {crop.zone.top - outside, crop.zone.top + reach, calibrated ? kRidgeColumns : kRidgeColumnsUnknownScale, kLeastSeenRidge},
      {crop.zone.bottom - reach, crop.zone.bottom + outside, calibrated ? kRidgeColumns : kRidgeColumnsUnknownScale, kLeastSeenRidge}};
  // A frame may stand anywhere in a crop of unknown scale.
  if (!calibrated) searches.push_back({crop.zone.top, crop.zone.bottom, kRidgeColumnsOfFrame, kLeastSeenInMiddle});
  std::vector<PrintedLine> known = candidates;
  for (const RidgeSearch& search : searches) {
    for (int i = 0; i < kMostRidges; ++i) {
      ExpectedLine expected;
      if (!find_ridge(ridges, crop, search, known, expected)) break;
      PrintedLine line = trace_line(ridges, expected, 2.5, thickest);
      if (!calibrated) {
        // A frame's line ends within the crop. Only one that is clearly seen is cut to where it is: digit bottoms end there too.
        trim_ends(ridges, expected);
        PrintedLine trimmed = trace_line(ridges, expected, 2.5, thickest);
        if (trimmed.found >= kLeastSeenInMiddle) line = std::move(trimmed);
      }
      if (line.thickness <= 0) break;
      if (line.found >= search.least_found) candidates.push_back(line);
      known.push_back(std::move(line));
    }
  }
  return choose_printed(ink, find_level_ridges(ink, darkness, full, kGapAverageHalfPx, thickest), crop, std::move(candidates));
}

// The uppermost and the lowest of them.
std::pair<const PrintedLine*, const PrintedLine*> outer_lines(const std::vector<PrintedLine>& level, int x) {
  const auto by_height = [x](const PrintedLine& a, const PrintedLine& b) { return a.center_at(x) < b.center_at(x); };
  const auto [upper, lower] = std::minmax_element(level.begin(), level.end(), by_height);
  return {&*upper, &*lower};
}

// An upright line is the side of a frame if it stands at the zone's edge. In a crop of unknown scale it must run from one
// level line to another (or out of the picture), at a right angle to them and about as thick: anything else may be a 1, the
// stem of a 7, a slash.
std::vector<PrintedLine> find_sides(const GrayImage& ink, const GrayImage& darkness, int full, const page::FieldCrop& crop, int thickest,
                                    const std::vector<PrintedLine>& level) {
  const bool calibrated = crop.px_per_mm > 0;
  std::vector<PrintedLine> sides;
  if (!calibrated && level.empty()) return sides;
  double height = crop.zone.height();
  if (!calibrated && level.size() >= 2) {
    const auto [upper, lower] = outer_lines(level, ink.width_px / 2);
    const double between = lower->center_at(ink.width_px / 2) - upper->center_at(ink.width_px / 2);
    if (between >= kLeastFrameHeight * height) height = between;
  } else if (!calibrated) {
    const double y = level.front().center_at(ink.width_px / 2);
    const double longer = std::max(y, ink.height_px - y);
    height = std::min(height, longer);
  }
  // Sides may be broken too.
  const GrayImage seen = calibrated ? ink : turned(find_level_ridges(turned(ink), turned(darkness), full, kRidgeAverageHalfPx, thickest));
  for (ExpectedLine expected : find_straight_lines(seen, true, static_cast<int>(kFrameShare * height))) {
    const double edge = calibrated ? 0.8 * crop.px_per_mm : 0.0;
    bool side = calibrated && (expected.at < crop.zone.left + edge || expected.at > crop.zone.right - edge);
    int ends_at_lines = 0;
    double thickness = 0;
    double skew = 0;
    for (const PrintedLine& line : level) {
      const double y = line.center_at(static_cast<int>(expected.at));
      const double reach = thickest + 3.0;
      thickness = std::max<double>(thickness, line.thickness);
      skew = slope_of(line);
      if (expected.at < line.begin - reach || expected.at > line.end + reach) continue;
      if (std::fabs(y - expected.begin) < reach || std::fabs(y - expected.end) < reach) ++ends_at_lines;
    }
    // A frame that the crop cuts off: its side runs out of the picture.
    const int runs_out = (expected.begin < 3 ? 1 : 0) + (expected.end > ink.height_px - 3 ? 1 : 0);
    const bool ends_well = !calibrated && ends_at_lines + runs_out >= 2;
    if (!side && !ends_well) continue;
    expected.begin -= 2;
    expected.end += 2;
    PrintedLine line = trace_line(seen, expected, 3, thickest);
    if (!is_printed(line)) continue;
    if (!side) {
      const double lean = slope_of(line);
      side = std::fabs(lean + skew) <= kMostLean && line.thickness <= kMostThickerSide * thickness + 1 && line.found >= kLeastSeenSide;
    }
    if (side) sides.push_back(std::move(line));
  }
  return sides;
}

// The inside of a frame: an upper and a lower line with sides that run from one to the other. A crop may cut some of them off.
bool find_frame_inside(const GrayImage& ink, const std::vector<PrintedLine>& level, const std::vector<PrintedLine>& sides, page::RectPx& inside) {
  if (level.empty() || sides.empty()) return false;
  const int middle = ink.width_px / 2;
  const auto outer = outer_lines(level, middle);
  const auto [upper, lower] = outer;
  double top = upper->center_at(middle) + upper->half_band();
  double bottom = lower->center_at(middle) - lower->half_band();
  // One line and a side that goes from it out of the picture: the crop cuts through the frame.
  if (bottom - top < kLeastFrameHeight * ink.height_px) {
    const auto runs_out_above = [&](const PrintedLine& side) { return side.begin <= 3 && side.end >= bottom - 4; };
    const auto runs_out_below = [&](const PrintedLine& side) { return side.end >= ink.height_px - 3 && side.begin <= top + 4; };
    if (bottom >= kLeastFrameHeight * ink.height_px && std::any_of(sides.begin(), sides.end(), runs_out_above)) {
      top = 0;
    } else if (ink.height_px - top >= kLeastFrameHeight * ink.height_px && std::any_of(sides.begin(), sides.end(), runs_out_below)) {
      bottom = ink.height_px;
    } else {
      return false;
    }
  }
  std::vector<double> places;
  for (const PrintedLine& side : sides) {
    const double reach = 0.12 * (bottom - top) + 4;
    if (side.begin <= top + reach && side.end >= bottom - reach) places.push_back(side.center_at((side.begin + side.end) / 2));
  }
  if (places.empty()) return false;
  std::sort(places.begin(), places.end());
  inside = {0, top, static_cast<double>(ink.width_px), bottom};
  const double height = bottom - top;
  // Beyond an outer side the frame goes on if its lines do, bare of anything else.
  const auto is_dark = [&](int x, int from, int to) {
    for (int y = std::max(0, from); y <= std::min(ink.height_px - 1, to); ++y) {
      if (ink.at(x, y) >= kBrokenLineInk) return true;
    }
    return false;
  };
  const auto goes_on = [&](double from, double to) {
    int seen = 0;
    int count = 0;
    for (int x = static_cast<int>(from); x < static_cast<int>(to); ++x) {
      ++count;
      bool all = true;
      for (const PrintedLine* line : {outer.first, outer.second}) {
        const int y = static_cast<int>(std::lround(line->center_at(x)));
        const int beside = static_cast<int>(line->half_band()) + kBareBesidePx;
        all = all && is_dark(x, y - 1, y + 1) && !(is_dark(x, y - beside, y - beside) && is_dark(x, y + beside, y + beside));
      }
      seen += all ? 1 : 0;
    }
    return count >= kLeastGoesOnPx && seen >= kLeastSeen * count;
  };
  if (!goes_on(0, places.front() - 3)) inside.left = places.front() + kSideBandPx;
  if (!goes_on(places.back() + 3, ink.width_px)) inside.right = places.back() - kSideBandPx;
  if (inside.right <= inside.left) return false;
  // A narrow cell at the left holds the sign of the currency.
  for (const double place : places) {
    if (place <= inside.left + kSideBandPx || place - inside.left > kWidestSignCell * height) continue;
    if (inside.right - place >= kLeastBesideSignCell * height) inside.left = place + kSideBandPx;
  }
  return inside.width() >= kLeastFrameWidth * height;
}

}  // namespace

ZoneFrame find_zone_frame(const GrayImage& ink, const GrayImage& darkness, int full, const page::FieldCrop& crop) {
  const int thickest = std::max(3, static_cast<int>(crop.px_per_mm > 0 ? kThickestLineMm * crop.px_per_mm : kUnknownScaleLinePx));
  ZoneFrame frame;
  frame.zone = crop.zone;
  frame.lines = find_level_lines(ink, darkness, full, crop, thickest);
  std::vector<PrintedLine> sides = find_sides(ink, darkness, full, crop, thickest, frame.lines);
  page::RectPx inside;
  if (crop.px_per_mm <= 0 && find_frame_inside(ink, frame.lines, sides, inside)) {
    frame.zone = inside;
    frame.framed = true;
  }
  std::move(sides.begin(), sides.end(), std::back_inserter(frame.lines));
  return frame;
}

}  // namespace inkfield::pipeline
