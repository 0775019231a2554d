// From a crop to the ink of each cell: the printed row is found and taken out, then the ink is shared out among the cells.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "plugin/page/level_counts.h"
#include "plugin/pipeline/cell_row_search.h"
#include "plugin/pipeline/cell_sharing.h"
#include "plugin/pipeline/faint_strokes.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/known_print.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr double kFaintHeight = 0.4;  // of a box's: what reaches so far from top to bottom is a stroke, however faint
constexpr int kFaintest = 48;  // of what is weighed when writing is called faint
// Faint writing beside dark box lines is lifted to this, the rest of the way is the network's own scaling.
constexpr int kWellInked = 200;
constexpr double kMostGain = 3.0;

PrintedLine straight(bool vertical, double at, int length) {
  PrintedLine line;
  line.vertical = vertical;
  line.begin = 0;
  line.end = length;
  line.center.assign(static_cast<std::size_t>(std::max(1, length)), static_cast<float>(at));
  return line;
}

// The row as the template has it, for fields whose lines do not scan.
CellGrid nominal_grid(const page::FieldCrop& crop, const config::Layout& layout) {
  const config::RectMm zone_mm = crop.field != nullptr && crop.px_per_mm > 0 ? crop.field->zone : config::RectMm{};
  const RowProportions proportions = row_proportions(layout, zone_mm);
  const double pitch = crop.zone.width() / proportions.length();
  CellGrid grid;
  for (const double left : proportions.left) {
    const double x = crop.zone.left + left * pitch - 0.5;
    grid.walls.push_back(straight(true, x, crop.gray.height_px));
    grid.walls.push_back(straight(true, x + proportions.cell_width * pitch, crop.gray.height_px));
  }
  grid.top = straight(false, crop.zone.top - 0.5, crop.gray.width_px);
  grid.bottom = straight(false, crop.zone.bottom - 0.5, crop.gray.width_px);
  grid.height = crop.zone.height();
  grid.cell_width = proportions.cell_width * pitch;
  return grid;
}

CellGrid grid_of(const PrintedRow& row) {
  CellGrid grid;
  double width = 0;
  for (const int side : row.sides) grid.walls.push_back(row.verticals[static_cast<std::size_t>(side)]);
  grid.top = row.top;
  grid.bottom = row.bottom;
  const int x = (row.top.begin + row.top.end) / 2;
  grid.height = row.bottom.center_at(x) - row.top.center_at(x);
  const int y = static_cast<int>(0.5F * (row.bottom.center_at(x) + row.top.center_at(x)));
  for (int i = 0; i < grid.cells(); ++i) width += grid.right(i, y) - grid.left(i, y);
  grid.cell_width = width / std::max(1, grid.cells());
  return grid;
}

// Faint writing: lifted so that it counts as ink where ink is measured.
void lift_faint_ink(GrayImage& ink, const CellGrid& grid) {
  // Rows above and below the rails at every column, and those that lie between them everywhere.
  std::vector<int> top;
  std::vector<int> bottom;
  for (int x = 0; x < ink.width_px; ++x) {
    top.push_back(static_cast<int>(grid.top.center_at(x)) + 3);
    bottom.push_back(static_cast<int>(grid.bottom.center_at(x)) - 2);
  }
  const auto [first, all_from] = std::minmax_element(top.begin(), top.end());
  const auto [all_to, last] = std::minmax_element(bottom.begin(), bottom.end());
  page::LevelCounts counts;
  for (int y = std::max(0, *first); y < std::min(ink.height_px, *last); ++y) {
    const std::uint8_t* row = ink.row(y);
    const int left = std::clamp(static_cast<int>(std::ceil(grid.left(0, y))), 0, ink.width_px);
    const int right = std::clamp(static_cast<int>(std::floor(grid.right(grid.cells() - 1, y))) + 1, left, ink.width_px);
    if (y >= *all_from && y < *all_to) {
      counts.add(row + left, static_cast<std::size_t>(right - left));
      continue;
    }
    for (int x = left; x < right; ++x) {
      if (y >= top[static_cast<std::size_t>(x)] && y < bottom[static_cast<std::size_t>(x)]) counts.add(row + x, 1);
    }
  }
  const std::array<std::int64_t, 256> histogram = counts.total();
  const std::int64_t total = std::accumulate(histogram.begin() + kFaintest, histogram.end(), std::int64_t{0});
  if (static_cast<double>(total) < 0.02 * grid.height * grid.height) return;
  std::int64_t above = 0;
  int level = 255;
  while (level > kFaintest && (above += histogram[static_cast<std::size_t>(level)]) * 5 < total) --level;
  if (level >= kWellInked) return;
  const double gain = std::min(kMostGain, static_cast<double>(kWellInked) / level);
  for (std::uint8_t& value : ink.pixels) value = static_cast<std::uint8_t>(std::min(255.0, value * gain));
}

// Whether a box without any ink holds a stroke too faint to be ink.
bool has_faint_cell(const GrayImage& darkness, const std::vector<Cell>& cells, int faintest) {
  return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    if (std::any_of(cell.ink.pixels.begin(), cell.ink.pixels.end(), [](std::uint8_t value) { return value > 0; })) return false;
    // Clear of the walls and of their soft edges.
    const double inset = 0.12 * std::min(cell.box.width(), cell.box.height());
    return has_faint_stroke(darkness, {cell.box.left + inset, cell.box.top + inset, cell.box.right - inset, cell.box.bottom - inset}, kFaintHeight, faintest, false);
  });
}

}  // namespace

CellRow extract_cells(const page::FieldCrop& crop, const config::Layout& layout) {
  CellRow row;
  if (crop.gray.empty() || layout.count < 1) {
    row.problem = "the crop holds no pixels";
    return row;
  }
  GrayImage darkness = measure_darkness(crop.gray);
  const InkLevels levels = measure_ink_levels(darkness, crop);
  GrayImage ink = stretch_ink(darkness, levels);
  if (!layout.printed_lines && layout.count == 1 && crop.px_per_mm <= 0) {
    // A lone character: the crop is the cell.
    Cell cell;
    cell.box = crop.zone;
    row.without_lines = ink;
    cell.ink = std::move(ink);
    row.cells.push_back(std::move(cell));
    row.found = true;
    return row;
  }
  CellGrid grid;
  std::vector<PrintedLine> lines;
  const GrayImage print = aligned_print(crop.known_print, ink, crop.px_per_mm);
  const bool dropped_out = !crop.with_lines.empty();
  if (dropped_out) {
    // The lines are looked for where they show, only to know where the cells are: in the ink there are none.
    const GrayImage shown = measure_darkness(crop.with_lines);
    const InkLevels shown_levels = measure_ink_levels(shown);
    RowSearch search = find_printed_row(stretch_ink(shown, shown_levels), crop, layout);
    if (!search.row) {
      const InkLevels faint{shown_levels.background / 2, std::max(24, shown_levels.full / 3)};
      search = find_printed_row(stretch_ink(shown, faint), crop, layout);
    }
    grid = search.row ? grid_of(*search.row) : nominal_grid(crop, layout);
    row.residual_px = search.row ? search.row->residual_px : 0;
  } else if (layout.printed_lines) {
    RowSearch search = find_printed_row(ink, crop, layout);
    if (!search.row) {
      // Lines in a pale colour, or thin and faint: what is straight and long is a line even when it is hardly darker
      // than the paper.
      const InkLevels faint{levels.background / 2, std::max(24, levels.full / 3)};
      RowSearch again = find_printed_row(stretch_ink(darkness, faint), crop, layout);
      if (again.row) search = std::move(again);
    }
    if (search.row) {
      lines = search.row->verticals;
      if (search.row->has_top) lines.push_back(search.row->top);
      lines.push_back(search.row->bottom);
      remove_lines(ink, lines);
      grid = grid_of(*search.row);
      row.residual_px = search.row->residual_px;
    } else if (crop.px_per_mm > 0) {
      // Registration says where the boxes are; that they do not show speaks against something.
      grid = nominal_grid(crop, layout);
      row.doubt = "the printed boxes do not show where the form has them";
    } else {
      row.problem = search.problem;
      row.without_lines = std::move(ink);
      return row;
    }
  } else {
    grid = nominal_grid(crop, layout);
  }
  if (!print.empty()) subtract_print(ink, print, lines);
  if (!dropped_out) lift_faint_ink(ink, grid);
  SharedInk shared = share_ink(ink, grid, lines);
  row.cells = std::move(shared.cells);
  if (shared.orphans && row.doubt.empty()) row.doubt = "there is ink in a box that is no part of what is written in it";
  if (!print.empty()) subtract_print(darkness, print, lines);
  if (row.doubt.empty() && has_faint_cell(darkness, row.cells, dropped_out ? kFaintStrokeDroppedOut : kFaintStroke)) {
    row.doubt = "there is something too faint to read in a box";
  }
  row.without_lines = std::move(ink);
  row.found = true;
  return row;
}

}  // namespace inkfield::pipeline
