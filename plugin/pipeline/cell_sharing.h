// Ink shared out among the cells of a row.
#pragma once

#include <vector>

#include "plugin/page/raster.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// Where the cells lie, as walls and rails at every height and column.
struct CellGrid {
  std::vector<PrintedLine> walls;  ///< left and right of each cell: 2 * i, 2 * i + 1
  PrintedLine top;
  PrintedLine bottom;
  double height = 0;
  double cell_width = 0;

  [[nodiscard]] int cells() const { return static_cast<int>(walls.size()) / 2; }
  [[nodiscard]] double left(int cell, int y) const { return walls[static_cast<std::size_t>(2 * cell)].center_at(y); }
  [[nodiscard]] double right(int cell, int y) const { return walls[static_cast<std::size_t>(2 * cell + 1)].center_at(y); }
};

struct SharedInk {
  std::vector<Cell> cells;
  /// A box holds ink that went to no cell: mostly outside the row (a shadow, a stamp, other print), or too much of it to be writing.
  bool orphans = false;
};

/// Gives every connected piece of `ink` to the cell that holds most of it. `lines` were taken out; what is left of them is no ink.
SharedInk share_ink(const page::GrayImage& ink, const CellGrid& grid, const std::vector<PrintedLine>& lines);

}  // namespace inkfield::pipeline
