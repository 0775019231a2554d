// A row of boxes is the one thing on paper that has two long parallel lines and a wall at every step between them;
// handwriting may hide a wall, but never imitates all of them. So the search pairs long horizontal lines, measures for
// every column how much of the height between them is inked, and looks for N + 1 walls at even steps.
#include "plugin/pipeline/cell_row_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "plugin/pipeline/straight_lines.h"
#include "plugin/pipeline/wide_loops.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr int kMostWalls = 96;
constexpr double kWallCoverage = 0.6;       // of a wall's height must be dark to be a candidate by itself
constexpr double kLeastWallCoverage = 0.4;  // of any wall of the row: a stroke's gap, a faint spot
constexpr double kLeastRowCoverage = 0.78;  // of all walls together
constexpr double kLeastRailCoverage = 0.75; // of the top and bottom line
constexpr double kLeastLoneBox = 0.45;      // of the crop's width and height that a lone box takes, if no form says where it is
constexpr double kThickestBoxLineMm = 0.6;  // of a check box's frame; a lone box of 4 mm loses 15 % of its width by it
constexpr double kCombTooth = 0.2;          // share of the cell's height that every tooth reaches at least

struct Wall {
  double x = 0;
  double coverage = 0;
};

struct Found {
  double score = 0;
  double top = 0;
  double bottom = 0;
  double rail_slope = 0;
  double wall_slope = 0;
  double left = 0;   // of the first cell, at mid height
  double pitch = 0;
  double cell_width = 1;
};

struct Range {
  double low = 0;
  double high = 0;
  [[nodiscard]] bool holds(double value) const { return value >= low && value <= high; }
};

// What is known of the row beforehand.
struct Expectation {
  bool calibrated = false;
  Range pitch;
  Range height;
  Range top;
  Range bottom;
  Range left;
  int shortest_run = 20;
};

Expectation expect(const GrayImage& ink, const page::FieldCrop& crop, const RowProportions& proportions) {
  Expectation e;
  const auto count = static_cast<double>(proportions.left.size());
  if (crop.px_per_mm > 0) {
    e.calibrated = true;
    const double pitch = crop.zone.width() / proportions.length();
    const double reach = 2.0 * crop.px_per_mm;
    e.pitch = {pitch * 0.95, pitch * 1.05};
    // The zone is the outer edge, walls are found by their middles: of one box alone that is a line's width.
    const double line = proportions.left.size() == 1 ? kThickestBoxLineMm * crop.px_per_mm : 0;
    e.pitch.low -= line;
    e.height = {crop.zone.height() * 0.88 - line, crop.zone.height() * 1.12};
    e.top = {crop.zone.top - reach, crop.zone.top + reach};
    e.bottom = {crop.zone.bottom - reach, crop.zone.bottom + reach};
    e.left = {crop.zone.left - reach, crop.zone.left + reach};
    e.shortest_run = std::max(8, static_cast<int>(pitch * 0.3));
    return e;
  }
  const double widest = static_cast<double>(ink.width_px) / proportions.length();
  e.pitch = {8, widest + 1};
  e.height = {8, static_cast<double>(ink.height_px)};
  if (proportions.left.size() == 1) {
    // One box alone proves little: the loop of an 8 has two rails and two walls too. But a host that cuts out one box cuts near it.
    e.pitch.low = std::max(e.pitch.low, kLeastLoneBox * widest);
    e.height.low = std::max(e.height.low, kLeastLoneBox * e.height.high);
  }
  e.top = {0, static_cast<double>(ink.height_px)};
  e.bottom = e.top;
  e.left = {-1, static_cast<double>(ink.width_px)};
  e.shortest_run = std::max(10, static_cast<int>(std::min(60.0, ink.width_px / (count * 4 + 2))));
  return e;
}

// Ink spread one pixel sideways or up and down, as 0 and 1: a line that wavers by a pixel still covers its place.
INKFIELD_WIDE_LOOPS std::vector<std::uint8_t> spread_dark(const GrayImage& ink, bool sideways) {
  std::vector<std::uint8_t> dark(ink.pixels.size());
  std::transform(ink.pixels.begin(), ink.pixels.end(), dark.begin(), [](std::uint8_t value) { return static_cast<std::uint8_t>(value >= kDarkInk ? 1 : 0); });
  std::vector<std::uint8_t> spread = dark;
  const auto width = static_cast<std::size_t>(ink.width_px);
  const auto add = [&](std::size_t to, std::size_t from, std::size_t count) {
    std::transform(spread.begin() + static_cast<std::ptrdiff_t>(to), spread.begin() + static_cast<std::ptrdiff_t>(to + count),
                   dark.begin() + static_cast<std::ptrdiff_t>(from), spread.begin() + static_cast<std::ptrdiff_t>(to), std::bit_or<>());
  };
  if (!sideways) {
    add(0, width, dark.size() - width);
    add(width, 0, dark.size() - width);
    return spread;
  }
  for (std::size_t row = 0; row < dark.size(); row += width) {
    add(row, row + 1, width - 1);
    add(row + 1, row, width - 1);
  }
  return spread;
}

// For every column the share of the height between two rails that is dark along `wall_slope`.
INKFIELD_WIDE_LOOPS void wall_coverage(const GrayImage& ink, const std::vector<std::uint8_t>& dark, double top, double bottom, double rail_slope,
                   double wall_slope, std::vector<double>& coverage) {
  const int width = ink.width_px;
  const int rows = std::max(1, static_cast<int>(bottom - top));
  const double middle_x = 0.5 * width;
  const auto first_row = [&](int x) { return static_cast<int>(std::floor(top + rail_slope * (x - middle_x) + 0.5)); };
  std::vector<std::uint16_t> counts(static_cast<std::size_t>(width), 0);
  // Columns that begin at the same height go together.
  for (int begin = 0, end = 0; begin < width; begin = end) {
    const int first = first_row(begin);
    for (end = begin + 1; end < width && first_row(end) == first;) ++end;
    for (int j = std::max(0, -first); j < std::min(rows, ink.height_px - first); ++j) {
      const int shift = static_cast<int>(std::floor(wall_slope * (j - 0.5 * rows) + 0.5));
      const std::uint8_t* row = dark.data() + static_cast<std::ptrdiff_t>(first + j) * width;
      std::uint16_t* count = counts.data();
      const int last = std::min(end, width - shift);
      for (int x = std::max(begin, -shift); x < last; ++x) count[x] = static_cast<std::uint16_t>(count[x] + row[x + shift]);
    }
  }
  coverage.assign(counts.begin(), counts.end());
  for (double& value : coverage) value /= rows;
}

std::vector<Wall> find_walls(const std::vector<double>& coverage, double least) {
  std::vector<Wall> walls;
  const int width = static_cast<int>(coverage.size());
  for (int x = 0; x < width;) {
    if (coverage[static_cast<std::size_t>(x)] < least) {
      ++x;
      continue;
    }
    int end = x;
    double best = 0;
    while (end < width && coverage[static_cast<std::size_t>(end)] >= least) best = std::max(best, coverage[static_cast<std::size_t>(end++)]);
    // The middle of what is nearly as dark as the darkest column.
    double weight = 0;
    double moment = 0;
    for (int i = x; i < end; ++i) {
      if (coverage[static_cast<std::size_t>(i)] < best - 0.08) continue;
      weight += 1;
      moment += i;
    }
    walls.push_back({moment / weight, best});
    x = end;
  }
  return walls;
}

double darkest_near(const std::vector<double>& coverage, double x, double reach) {
  const int low = std::max(0, static_cast<int>(std::ceil(x - reach)));
  const int high = std::min(static_cast<int>(coverage.size()) - 1, static_cast<int>(std::floor(x + reach)));
  double best = 0;
  for (int i = low; i <= high; ++i) best = std::max(best, coverage[static_cast<std::size_t>(i)]);
  return best;
}

double rail_coverage(const GrayImage& ink, const std::vector<std::uint8_t>& tall, double y, double slope, double left, double right) {
  const int width = ink.width_px;
  const double middle = 0.5 * width;
  int dark = 0;
  int total = 0;
  for (int x = std::max(0, static_cast<int>(left)); x <= std::min(width - 1, static_cast<int>(right)); ++x) {
    ++total;
    const int at = static_cast<int>(std::floor(y + slope * (x - middle) + 0.5));
    for (int d = -1; d <= 1; ++d) {
      if (at + d < 0 || at + d >= ink.height_px) continue;
      if (tall[static_cast<std::size_t>(at + d) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] != 0) {
        ++dark;
        break;
      }
    }
  }
  return total == 0 ? 0.0 : static_cast<double>(dark) / total;
}

// Where the walls stand, in pitches from the first.
std::vector<double> wall_places(const RowProportions& proportions) {
  std::vector<double> places;
  for (const double left : proportions.left) {
    if (places.empty() || left - places.back() > 0.02) places.push_back(left);
    places.push_back(left + proportions.cell_width);
  }
  return places;
}

struct Searcher {
  const GrayImage& ink;
  const Expectation& expected;
  const config::Layout& layout;
  std::vector<std::uint8_t> wide;  // spread sideways, for walls
  std::vector<std::uint8_t> tall;  // spread up and down, for rails
  std::vector<Found> rows;

  // All rows with these proportions between two rails.
  void between(double top, double bottom, double slope, const RowProportions& proportions, bool comb) {
    const std::vector<double> places = wall_places(proportions);
    const double height = bottom - top;
    const double first_row = comb ? bottom - kCombTooth * height : top + 2;
    std::vector<double> coverage;
    double best_slope = 0;
    double best_sharpness = -1;
    for (const double shear : {0.0, -0.01, 0.01, -0.02, 0.02, -0.04, 0.04}) {
      wall_coverage(ink, wide, first_row, bottom - 1, slope, -slope + shear, coverage);
      double sharpness = 0;
      for (const double value : coverage) {
        if (value > kWallCoverage) sharpness += (value - kWallCoverage) * (value - kWallCoverage);
      }
      if (sharpness > best_sharpness * 1.02) {
        best_sharpness = sharpness;
        best_slope = -slope + shear;
      }
    }
    wall_coverage(ink, wide, first_row, bottom - 1, slope, best_slope, coverage);
    std::vector<Wall> walls = find_walls(coverage, kWallCoverage);
    if (static_cast<int>(walls.size()) > kMostWalls) return;
    const double units = places.back();
    for (std::size_t i = 0; i < walls.size(); ++i) {
      for (std::size_t j = i + 1; j < walls.size(); ++j) {
        const double pitch = (walls[j].x - walls[i].x) / units;
        if (!expected.pitch.holds(pitch) || !expected.left.holds(walls[i].x)) continue;
        if (!expected.calibrated && (height < 0.5 * pitch || height > 3.0 * pitch)) continue;
        consider(walls, coverage, places, walls[i].x, pitch, top, bottom, slope, best_slope, proportions, comb);
      }
    }
  }

  void consider(const std::vector<Wall>& walls, const std::vector<double>& coverage, const std::vector<double>& places, double left,
                double pitch, double top, double bottom, double slope, double wall_slope, const RowProportions& proportions, bool comb) {
    const double reach = std::max(1.5, 0.035 * pitch);
    double least = 1;
    double sum = 0;
    for (const double place : places) {
      const double value = darkest_near(coverage, left + place * pitch, reach);
      least = std::min(least, value);
      sum += value;
    }
    const double mean = sum / static_cast<double>(places.size());
    const double wanted = expected.calibrated ? 0.6 : kLeastRowCoverage;
    if (mean < wanted || least < (expected.calibrated ? 0.15 : kLeastWallCoverage)) return;
    const double right = left + places.back() * pitch;
    const double bottom_rail = rail_coverage(ink, tall, bottom, slope, left, right);
    const double top_rail = comb ? bottom_rail : rail_coverage(ink, tall, top, slope, left, right);
    if (std::min(top_rail, bottom_rail) < kLeastRailCoverage) return;
    // Walls within a cell: another row, with more boxes. A straight 1 is one too, so a few are allowed.
    int strangers = 0;
    for (const Wall& wall : walls) {
      if (wall.x < left + reach || wall.x > right - reach || wall.coverage < 0.9) continue;
      const bool known = std::any_of(places.begin(), places.end(),
                                     [&](double place) { return std::fabs(left + place * pitch - wall.x) <= std::max(4.0, 2 * reach); });
      if (!known) ++strangers;
    }
    const double count = static_cast<double>(proportions.left.size());
    if (strangers > std::max(1.0, 0.5 * count)) return;
    // The row goes on beyond its ends: another row, with more boxes.
    bool beyond = false;
    if (!comb && !expected.calibrated) {
      const double step = proportions.left.size() > 1 ? 1.0 : proportions.cell_width;
      if (left - step * pitch > 0 && darkest_near(coverage, left - step * pitch, reach) > 0.8 &&
          rail_coverage(ink, tall, top, slope, left - step * pitch, left) > 0.85) {
        beyond = true;
      }
      if (right + step * pitch < ink.width_px && darkest_near(coverage, right + step * pitch, reach) > 0.8 &&
          rail_coverage(ink, tall, top, slope, right, right + step * pitch) > 0.85) {
        beyond = true;
      }
    }
    Found found;
    found.score = mean + 0.5 * least + 0.5 * (top_rail + bottom_rail) - 0.1 * strangers;
    if (expected.calibrated) {
      const auto off = [](double value, const Range& range) {
        return std::fabs(value - 0.5 * (range.low + range.high)) / std::max(1.0, 0.5 * (range.high - range.low));
      };
      found.score -= 0.15 * (off(left, expected.left) + off(top, expected.top) + off(bottom, expected.bottom));
    }
    if (beyond) return;
    found.top = top;
    found.bottom = bottom;
    found.rail_slope = slope;
    found.wall_slope = wall_slope;
    found.left = left;
    found.pitch = pitch;
    found.cell_width = proportions.cell_width;
    rows.push_back(found);
  }
};

PrintedRow trace_row(const GrayImage& ink, const Found& found, RowProportions proportions, bool comb) {
  proportions.cell_width = found.cell_width;
  PrintedRow row;
  const std::vector<double> places = wall_places(proportions);
  const double right = found.left + places.back() * found.pitch;
  const double image_middle = 0.5 * ink.width_px;
  const double height = found.bottom - found.top;
  const int thickest = std::max(3, static_cast<int>(std::min(0.16 * height, 0.2 * found.pitch)));
  const double reach = std::clamp(0.06 * height, 2.5, 8.0);
  const auto rail = [&](double y) {
    ExpectedLine line;
    line.begin = found.left - 3;
    line.end = right + 4;
    line.slope = found.rail_slope;
    line.at = y + found.rail_slope * (0.5 * (line.begin + line.end) - image_middle);
    return trace_line(ink, line, reach, thickest);
  };
  row.bottom = rail(found.bottom);
  row.top = rail(found.top);
  row.has_top = !comb;
  if (comb) {
    row.top = row.bottom;
    for (float& y : row.top.center) y -= static_cast<float>(height);
    row.top.thickness = 0;
  }
  double squares = 0;
  for (const double place : places) {
    ExpectedLine line;
    line.vertical = true;
    const double x = found.left + place * found.pitch;
    const double lift = found.rail_slope * (x - image_middle);
    line.begin = (comb ? found.bottom - 0.5 * height : found.top) + lift - 3;
    line.end = found.bottom + lift + 4;
    line.slope = found.wall_slope;
    const double row_middle = 0.5 * (found.top + found.bottom) + lift;
    line.at = x + found.wall_slope * (0.5 * (line.begin + line.end) - row_middle);
    PrintedLine wall = trace_line(ink, line, reach, thickest);
    // Hidden under a stroke: where the row says it is.
    const double away = wall.center_at((wall.begin + wall.end) / 2) - line.at;
    if (wall.found < 0.25) {
      for (std::size_t i = 0; i < wall.center.size(); ++i) {
        wall.center[i] = static_cast<float>(line.at + line.slope * (static_cast<double>(wall.begin) + static_cast<double>(i) - 0.5 * (line.begin + line.end)));
      }
    } else {
      squares += away * away;
    }
    row.verticals.push_back(std::move(wall));
  }
  // Walls that were seen tell how thick the hidden ones are.
  std::vector<float> thicknesses;
  for (const PrintedLine& wall : row.verticals) {
    if (wall.found >= 0.25) thicknesses.push_back(wall.thickness);
  }
  if (!thicknesses.empty()) {
    std::nth_element(thicknesses.begin(), thicknesses.begin() + static_cast<std::ptrdiff_t>(thicknesses.size() / 2), thicknesses.end());
    const float usual = thicknesses[thicknesses.size() / 2];
    for (PrintedLine& wall : row.verticals) {
      if (wall.found < 0.25) wall.thickness = usual;
      wall.thickness = std::min(wall.thickness, 2.0F * usual + 1.0F);
    }
  }
  row.residual_px = std::sqrt(squares / static_cast<double>(places.size()));
  int wall = 0;
  for (std::size_t i = 0; i < proportions.left.size(); ++i) {
    while (places[static_cast<std::size_t>(wall)] < proportions.left[i] - 0.02) ++wall;
    row.sides.push_back(wall);
    row.sides.push_back(wall + 1);
  }
  return row;
}

}  // namespace

RowProportions row_proportions(const config::Layout& layout, const config::RectMm& zone) {
  RowProportions proportions;
  const int count = std::max(1, layout.count);
  double gaps_mm = 0;
  for (const config::LayoutGap& gap : layout.gaps) gaps_mm += gap.gap_mm;
  double pitch_mm = layout.pitch_mm;
  if (pitch_mm <= 0) pitch_mm = zone.width_mm > gaps_mm ? (zone.width_mm - gaps_mm) / count : 5.0;
  double shift = 0;
  std::size_t next_gap = 0;
  for (int i = 0; i < count; ++i) {
    while (next_gap < layout.gaps.size() && layout.gaps[next_gap].after <= i) shift += layout.gaps[next_gap++].gap_mm / pitch_mm;
    proportions.left.push_back(i + shift);
  }
  if (zone.width_mm > 0) {
    // Boxes that stand apart: what the pitches leave of the zone is the last box.
    proportions.cell_width = std::clamp(zone.width_mm / pitch_mm - proportions.left.back(), 0.3, 1.0);
    if (proportions.cell_width > 0.97) proportions.cell_width = 1.0;
  }
  return proportions;
}

RowSearch find_printed_row(const GrayImage& ink, const page::FieldCrop& crop, const config::Layout& layout) {
  RowSearch result;
  const int count = layout.count;
  const std::string wanted = std::to_string(count) + (count == 1 ? " box" : " boxes");
  result.problem = "no row of " + wanted + " found in the crop";
  if (count < 1 || ink.width_px < 8 || ink.height_px < 8) return result;
  const bool comb = layout.type == config::LayoutType::comb;
  const config::RectMm no_zone;
  const RowProportions proportions =
      row_proportions(layout, crop.px_per_mm > 0 && crop.field != nullptr ? crop.field->zone : no_zone);
  const Expectation expected = expect(ink, crop, proportions);
  const std::vector<InkRun> runs = long_runs(ink, expected.shortest_run);
  if (runs.empty()) return result;
  const double slope = best_rail_slope(ink, runs);
  const double least_ink = expected.calibrated ? 0.5 * crop.zone.width() : std::max(20.0, 0.15 * ink.width_px);
  const std::vector<Rail> rails = find_rails(ink, runs, slope, least_ink);
  Searcher searcher{ink, expected, layout, spread_dark(ink, true), spread_dark(ink, false), {}};
  // The rails' heights are given at the image's middle column, the zone's at its own.
  const double lift = expected.calibrated ? slope * (0.5 * (crop.zone.left + crop.zone.right) - 0.5 * ink.width_px) : 0.0;
  const auto search = [&](const RowProportions& shape) {
    for (std::size_t b = 0; b < rails.size(); ++b) {
      if (!expected.bottom.holds(rails[b].y + lift)) continue;
      if (comb) {
        const double height = expected.calibrated ? crop.zone.height() : 0.0;
        if (height > 0) searcher.between(rails[b].y - height, rails[b].y, slope, shape, true);
        continue;
      }
      for (std::size_t t = 0; t < b; ++t) {
        if (!expected.top.holds(rails[t].y + lift) || !expected.height.holds(rails[b].y - rails[t].y)) continue;
        searcher.between(rails[t].y, rails[b].y, slope, shape, false);
      }
    }
  };
  search(proportions);
  if (searcher.rows.empty() && !expected.calibrated && !comb && count > 1) {
    // Boxes that stand apart, by how much is not known.
    for (const double width : {0.9, 0.8, 0.7}) {
      RowProportions apart = proportions;
      apart.cell_width = width;
      search(apart);
    }
  }
  if (searcher.rows.empty()) return result;
  const auto best = std::max_element(searcher.rows.begin(), searcher.rows.end(), [](const Found& a, const Found& b) { return a.score < b.score; });
  if (!expected.calibrated) {
    for (const Found& other : searcher.rows) {
      const bool elsewhere = other.bottom < best->top + 3 || other.top > best->bottom - 3;
      if (elsewhere && other.score > best->score - 0.15) {
        result.problem = "more than one row of " + wanted + " found in the crop";
        return result;
      }
    }
  }
  result.problem.clear();
  result.row = trace_row(ink, *best, proportions, comb);
  return result;
}

}  // namespace inkfield::pipeline
