// Finds a printed row of boxes, or the teeth of a comb, in an ink map.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// A row of cells as printed: for cell i, `sides[2 * i]` and `sides[2 * i + 1]` index its left and right line.
struct PrintedRow {
  PrintedLine top;     ///< of a comb: where the cells end; nothing is printed there
  PrintedLine bottom;
  std::vector<PrintedLine> verticals;
  std::vector<int> sides;
  bool has_top = true;
  double residual_px = 0;  ///< RMS distance of the lines found from an even row
};

struct RowSearch {
  std::optional<PrintedRow> row;
  std::string problem;  ///< why there is none
};

/// Left edges and the width of the cells in units of the pitch, the first at 0.
struct RowProportions {
  std::vector<double> left;
  double cell_width = 1;
  [[nodiscard]] double length() const { return left.back() + cell_width; }
};

/// `cell_width_units` 0: from the zone if that is known, else one pitch (boxes that share their walls).
RowProportions row_proportions(const config::Layout& layout, const config::RectMm& zone);

/// Looks for the row near the crop's zone if the scale is known, anywhere in it otherwise.
RowSearch find_printed_row(const page::GrayImage& ink, const page::FieldCrop& crop, const config::Layout& layout);

}  // namespace inkfield::pipeline
