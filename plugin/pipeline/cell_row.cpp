// From a crop to the ink of each cell: the printed row is found and taken out, then every connected piece of ink goes
// to the cell that holds most of it. Only a piece that is plainly two digits joined across a wall is cut.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/pipeline/cell_row_search.h"
#include "plugin/pipeline/faint_strokes.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/known_print.h"
#include "plugin/pipeline/printed_lines.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;
using recognizer::InkComponents;

// Lengths below are shares of the cell's height unless they say pixels. Measured on cheque dates and exam covers.
constexpr double kReachOutside = 0.45;      // strokes are followed so far above and below the row
constexpr double kLeastInside = 0.4;        // share of a piece's ink that lies in the row, else it is other print
constexpr double kSpeckSide = 0.055;        // a piece smaller than a square of this side is dirt
constexpr double kSecondDigitShare = 0.3;   // of the larger part's ink: the smaller part may be a digit too
constexpr double kSecondDigitWidth = 0.25;  // of the cell's width that such a part covers at least
constexpr double kMostOrphanInk = 0.05;     // of a box's area: ink that lies in it and belongs to no cell; a 1 covers 0.05 and more
constexpr double kFaintHeight = 0.4;        // of a box's: what reaches so far from top to bottom is a stroke, however faint
constexpr double kTailReach = 0.5;          // of the cell's width: a joining stroke is followed so far
// Faint writing beside dark box lines is lifted to this, the rest of the way is the network's own scaling.
constexpr int kWellInked = 200;
constexpr double kMostGain = 3.0;

// Where the cells lie, as walls and rails at every height and column.
struct Grid {
  std::vector<PrintedLine> walls;  // left and right of each cell: 2 * i, 2 * i + 1
  PrintedLine top;
  PrintedLine bottom;
  double height = 0;
  double cell_width = 0;

  [[nodiscard]] int cells() const { return static_cast<int>(walls.size()) / 2; }
  [[nodiscard]] double left(int cell, int y) const { return walls[static_cast<std::size_t>(2 * cell)].center_at(y); }
  [[nodiscard]] double right(int cell, int y) const { return walls[static_cast<std::size_t>(2 * cell + 1)].center_at(y); }
  // The cell whose column this is; between cells the nearer one. -1 left of all, cells() right of all.
  [[nodiscard]] int column(int x, int y) const {
    if (x < left(0, y)) return -1;
    for (int i = 0; i < cells(); ++i) {
      if (x <= right(i, y)) return i;
      if (i + 1 < cells() && x < left(i + 1, y)) return x - right(i, y) < left(i + 1, y) - x ? i : i + 1;
    }
    return cells();
  }
};

PrintedLine straight(bool vertical, double at, int length) {
  PrintedLine line;
  line.vertical = vertical;
  line.begin = 0;
  line.end = length;
  line.center.assign(static_cast<std::size_t>(std::max(1, length)), static_cast<float>(at));
  return line;
}

// The row as the template has it, for fields whose lines do not scan.
Grid nominal_grid(const page::FieldCrop& crop, const config::Layout& layout) {
  const config::RectMm zone_mm = crop.field != nullptr && crop.px_per_mm > 0 ? crop.field->zone : config::RectMm{};
  const RowProportions proportions = row_proportions(layout, zone_mm);
  const double pitch = crop.zone.width() / proportions.length();
  Grid grid;
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

Grid grid_of(const PrintedRow& row) {
  Grid grid;
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

page::RectPx inner_box(const Grid& grid, int cell) {
  const PrintedLine& left = grid.walls[static_cast<std::size_t>(2 * cell)];
  const PrintedLine& right = grid.walls[static_cast<std::size_t>(2 * cell + 1)];
  const int any_y = static_cast<int>(grid.top.center_at(0) + 0.5 * grid.height);
  const int x = static_cast<int>(0.5F * (left.center_at(any_y) + right.center_at(any_y)));
  const int y = static_cast<int>(0.5F * (grid.top.center_at(x) + grid.bottom.center_at(x)));
  page::RectPx box;
  box.left = left.center_at(y) + 0.5 * left.thickness + 0.5;
  box.right = right.center_at(y) - 0.5 * right.thickness + 0.5;
  box.top = grid.top.center_at(x) + 0.5 * grid.top.thickness + 0.5;
  box.bottom = grid.bottom.center_at(x) - 0.5 * grid.bottom.thickness + 0.5;
  return box;
}

// How wide the pen is: the median length of the piece's vertical runs, short of its long strokes.
double pen_width(const InkComponents& components, int piece, int image_width) {
  const InkComponent& box = components.pieces[static_cast<std::size_t>(piece)];
  std::array<int, 64> runs{};
  int total = 0;
  const auto add = [&](int run) {
    if (run > 0) {
      ++runs[static_cast<std::size_t>(std::min(run, 63))];
      ++total;
    }
  };
  const auto inside = [&](int x, int y) {
    return components.labels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image_width) + static_cast<std::size_t>(x)] == piece;
  };
  for (int x = box.left_px; x < box.right_px; ++x) {
    int run = 0;
    for (int y = box.top_px; y < box.bottom_px; ++y) {
      if (inside(x, y)) {
        ++run;
      } else {
        add(run);
        run = 0;
      }
    }
    add(run);
  }
  int seen = 0;
  for (std::size_t run = 1; run < runs.size(); ++run) {
    seen += runs[run];
    if (seen * 5 >= total * 2) return static_cast<double>(run);
  }
  return 1;
}

// One piece of ink, shared out among the cells.
class PieceOwner {
 public:
  PieceOwner(const GrayImage& ink, const InkComponents& components, const Grid& grid, std::vector<std::int16_t>& owner)
      : ink_(ink), components_(components), grid_(grid), owner_(owner), cells_(static_cast<std::size_t>(grid.cells())) {}

  void share_out(int piece) {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    std::fill(cells_.begin(), cells_.end(), Part{});
    std::int64_t inside = 0;
    for_each_pixel(piece, [&](int x, int y) {
      if (!within_reach(x, y)) return;
      const int column = grid_.column(x, y);
      if (column < 0 || column >= grid_.cells()) return;
      Part& part = cells_[static_cast<std::size_t>(column)];
      ++part.area;
      part.left = std::min(part.left, x);
      part.right = std::max(part.right, x);
      const double at_y = y;
      if (at_y > grid_.top.center_at(x) && at_y < grid_.bottom.center_at(x)) ++inside;
    });
    if (static_cast<double>(inside) < kLeastInside * static_cast<double>(box.area_px)) return;
    std::int64_t largest = 0;
    for (const Part& part : cells_) largest = std::max(largest, part.area);
    std::vector<int> holders;
    for (int i = 0; i < grid_.cells(); ++i) {
      const Part& part = cells_[static_cast<std::size_t>(i)];
      const bool whole = part.area == largest;
      const bool digit = static_cast<double>(part.area) >= kSecondDigitShare * static_cast<double>(largest) &&
                         part.right - part.left >= kSecondDigitWidth * grid_.cell_width;
      if (part.area > 0 && (whole || digit)) holders.push_back(i);
    }
    if (holders.empty()) return;
    std::vector<double> cuts;
    for (std::size_t h = 0; h + 1 < holders.size(); ++h) cuts.push_back(cut_between(piece, holders[h], holders[h + 1]));
    for_each_pixel(piece, [&](int x, int y) {
      if (!within_reach(x, y)) return;
      std::size_t h = 0;
      while (h < cuts.size() && x > cuts[h]) ++h;
      owner_[index(x, y)] = static_cast<std::int16_t>(holders[h]);
    });
  }

 private:
  struct Part {
    std::int64_t area = 0;
    int left = 1 << 30;
    int right = -1;
  };

  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(ink_.width_px) + static_cast<std::size_t>(x);
  }

  [[nodiscard]] bool within_reach(int x, int y) const {
    const double reach = kReachOutside * grid_.height;
    if (y < grid_.top.center_at(x) - reach || y > grid_.bottom.center_at(x) + reach) return false;
    return x > grid_.left(0, y) - reach && x < grid_.right(grid_.cells() - 1, y) + reach;
  }

  template <class Visit>
  void for_each_pixel(int piece, const Visit& visit) const {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    for (int y = box.top_px; y < box.bottom_px; ++y) {
      for (int x = box.left_px; x < box.right_px; ++x) {
        if (components_.labels[index(x, y)] == piece) visit(x, y);
      }
    }
  }

  // The column after which the ink belongs to the right-hand digit. A joining stroke is one pen high; writing goes from
  // left to right, so the joining stroke is the left digit's tail: it is cut where the right digit begins.
  [[nodiscard]] double cut_between(int piece, int left_cell, int right_cell) const {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    const int y = (box.top_px + box.bottom_px) / 2;
    const double wall = 0.5 * (grid_.right(left_cell, y) + grid_.left(right_cell, y));
    std::vector<int> profile(static_cast<std::size_t>(box.width_px()), 0);
    for_each_pixel(piece, [&](int x, int) { ++profile[static_cast<std::size_t>(x - box.left_px)]; });
    const auto ink_at = [&](int x) {
      return x < box.left_px || x >= box.right_px ? 0 : profile[static_cast<std::size_t>(x - box.left_px)];
    };
    const double thin = 1.7 * pen_width(components_, piece, ink_.width_px) + 1;
    const int reach = static_cast<int>(kTailReach * grid_.cell_width);
    const int near = static_cast<int>(0.2 * grid_.cell_width);
    int thinnest = static_cast<int>(wall);
    for (int x = static_cast<int>(wall) - near; x <= static_cast<int>(wall) + near; ++x) {
      const int here = ink_at(x) * 64 + std::abs(x - static_cast<int>(wall));
      if (here < ink_at(thinnest) * 64 + std::abs(thinnest - static_cast<int>(wall))) thinnest = x;
    }
    if (ink_at(thinnest) > thin) return thinnest;
    int cut = thinnest;
    while (cut + 1 < static_cast<int>(wall) + reach && cut + 1 < box.right_px && ink_at(cut + 1) <= thin) ++cut;
    return cut;
  }

  const GrayImage& ink_;
  const InkComponents& components_;
  const Grid& grid_;
  std::vector<std::int16_t>& owner_;
  std::vector<Part> cells_;
};

// Soft edges go with the stroke they belong to.
void own_soft_edges(const GrayImage& ink, std::vector<std::int16_t>& owner) {
  const int width = ink.width_px;
  const std::vector<std::int16_t> firm = owner;
  for (int y = 0; y < ink.height_px; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
      if (ink.pixels[i] == 0 || ink.pixels[i] >= recognizer::kInkThreshold || firm[i] >= 0) continue;
      int best = 100;
      for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx) {
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= ink.height_px) continue;
          const std::size_t j = static_cast<std::size_t>(y + dy) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x + dx);
          if (firm[j] >= 0 && dx * dx + dy * dy < best) {
            best = dx * dx + dy * dy;
            owner[i] = firm[j];
          }
        }
      }
    }
  }
}

// Faint writing: lifted so that it counts as ink where ink is measured.
void lift_faint_ink(GrayImage& ink, const Grid& grid) {
  std::array<std::int64_t, 256> histogram{};
  std::int64_t total = 0;
  std::vector<int> top;
  std::vector<int> bottom;
  for (int x = 0; x < ink.width_px; ++x) {
    top.push_back(static_cast<int>(grid.top.center_at(x)) + 3);
    bottom.push_back(static_cast<int>(grid.bottom.center_at(x)) - 2);
  }
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width_px; ++x) {
      if (row[x] < 48 || y < top[static_cast<std::size_t>(x)] || y >= bottom[static_cast<std::size_t>(x)]) continue;
      const int column = grid.column(x, y);
      if (column < 0 || column >= grid.cells()) continue;
      ++histogram[row[x]];
      ++total;
    }
  }
  if (static_cast<double>(total) < 0.02 * grid.height * grid.height) return;
  std::int64_t above = 0;
  int level = 255;
  while (level > 48 && (above += histogram[static_cast<std::size_t>(level)]) * 5 < total) --level;
  if (level >= kWellInked) return;
  const double gain = std::min(kMostGain, static_cast<double>(kWellInked) / level);
  for (std::uint8_t& value : ink.pixels) value = static_cast<std::uint8_t>(std::min(255.0, value * gain));
}

// Whether a box holds ink that went to no cell: mostly outside the row (a shadow, a stamp, other print), or too much of it to be writing.
bool has_orphan_ink(const GrayImage& ink, const std::vector<std::int16_t>& owner, const InkComponents& components, double speck, const std::vector<Cell>& cells) {
  return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    const int left = std::max(0, static_cast<int>(cell.box.left) + 2);
    const int right = std::min(ink.width_px, static_cast<int>(cell.box.right) - 1);
    const int top = std::max(0, static_cast<int>(cell.box.top) + 2);
    const int bottom = std::min(ink.height_px, static_cast<int>(cell.box.bottom) - 1);
    std::int64_t orphans = 0;
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        const std::size_t i = static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width_px) + static_cast<std::size_t>(x);
        if (owner[i] >= 0 || components.labels[i] < 0) continue;
        if (static_cast<double>(components.pieces[static_cast<std::size_t>(components.labels[i])].area_px) >= speck) ++orphans;
      }
    }
    return static_cast<double>(orphans) > kMostOrphanInk * std::max(1, right - left) * std::max(1, bottom - top);
  });
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

// Returns whether ink in a box was left over.
bool fill_cells(const GrayImage& ink, const Grid& grid, const std::vector<PrintedLine>& lines, std::vector<Cell>& cells) {
  const InkComponents components = recognizer::find_ink_components(ink.view(), recognizer::kInkThreshold, true);
  std::vector<std::int16_t> owner(ink.pixels.size(), -1);
  PieceOwner sharing(ink, components, grid, owner);
  const double speck = kSpeckSide * grid.height * kSpeckSide * grid.height;
  for (int piece = 0; piece < static_cast<int>(components.pieces.size()); ++piece) {
    const InkComponent& box = components.pieces[static_cast<std::size_t>(piece)];
    if (static_cast<double>(box.area_px) < speck || is_line_remainder(box, lines, grid.height)) continue;
    sharing.share_out(piece);
  }
  own_soft_edges(ink, owner);
  std::vector<page::RectPx> reach;
  for (int i = 0; i < grid.cells(); ++i) {
    Cell cell;
    cell.box = inner_box(grid, i);
    reach.push_back(cell.box);
    cells.push_back(std::move(cell));
  }
  for (int y = 0; y < ink.height_px; ++y) {
    for (int x = 0; x < ink.width_px; ++x) {
      const std::int16_t cell = owner[static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width_px) + static_cast<std::size_t>(x)];
      if (cell < 0) continue;
      page::RectPx& box = reach[static_cast<std::size_t>(cell)];
      box.left = std::min(box.left, static_cast<double>(x));
      box.right = std::max(box.right, x + 1.0);
      box.top = std::min(box.top, static_cast<double>(y));
      box.bottom = std::max(box.bottom, y + 1.0);
    }
  }
  for (int i = 0; i < grid.cells(); ++i) {
    Cell& cell = cells[static_cast<std::size_t>(i)];
    const page::RectPx& box = reach[static_cast<std::size_t>(i)];
    const int left = std::clamp(static_cast<int>(std::floor(box.left)), 0, ink.width_px - 1);
    const int top = std::clamp(static_cast<int>(std::floor(box.top)), 0, ink.height_px - 1);
    const int right = std::clamp(static_cast<int>(std::ceil(box.right)), left + 1, ink.width_px);
    const int bottom = std::clamp(static_cast<int>(std::ceil(box.bottom)), top + 1, ink.height_px);
    cell.origin_x_px = left;
    cell.origin_y_px = top;
    cell.ink = InkMap(right - left, bottom - top, 0);
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        if (owner[static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width_px) + static_cast<std::size_t>(x)] == i) cell.ink.row(y - top)[x - left] = ink.at(x, y);
      }
    }
  }
  return has_orphan_ink(ink, owner, components, speck, cells);
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
  Grid grid;
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
  if (fill_cells(ink, grid, lines, row.cells) && row.doubt.empty()) row.doubt = "there is ink in a box that is no part of what is written in it";
  if (!print.empty()) subtract_print(darkness, print, lines);
  if (row.doubt.empty() && has_faint_cell(darkness, row.cells, dropped_out ? kFaintStrokeDroppedOut : kFaintStroke)) {
    row.doubt = "there is something too faint to read in a box";
  }
  row.without_lines = std::move(ink);
  row.found = true;
  return row;
}

}  // namespace inkfield::pipeline
