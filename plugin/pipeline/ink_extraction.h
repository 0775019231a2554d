// From a gray crop to the ink that a hand put there: background levelled, printed boxes and lines taken out,
// strokes that they crossed repaired, and the ink shared out among the cells.
#pragma once

#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"

namespace inkfield::pipeline {

/// An ink map: 255 full ink, 0 paper, same size as the crop it came from. `gray` below is never inverted for you.
using InkMap = page::GrayImage;

/// Levels the paper and stretches the ink: dark on light in, ink map out. Works on faint pencil, gray or bilevel
/// scans and security print (which lies between paper and ink and is pushed to paper). With `widest_stroke_px` above 0,
/// bands of darker paper are paper too: whatever is wider than that and not black.
InkMap extract_ink(const page::GrayImage& gray, int widest_stroke_px = 0);

/// One cell of a comb or row of boxes.
struct Cell {
  page::RectPx box;  ///< inner area of the cell in the crop
  InkMap ink;        ///< ink that belongs to this cell, cut to where it may reach (own components also beyond the box)
  double origin_x_px = 0;  ///< place of ink's top left pixel in the crop
  double origin_y_px = 0;
};

struct CellRow {
  std::vector<Cell> cells;
  page::GrayImage without_lines;  ///< ink map of the whole crop after line removal, for `--explain`
  bool found = false;             ///< false: no row of that many cells could be found in the crop
  std::string problem;            ///< why not, for people; "" if found
  std::string doubt;              ///< why its reading should not be trusted by itself, for people; "" if nothing speaks against it
  double residual_px = 0;
};

/// Finds the row of `layout.count` cells near `zone` (in an uncalibrated crop: anywhere in it), removes its lines
/// and shares the ink out: a stroke that reaches into a neighbour's box stays with the cell it belongs to.
CellRow extract_cells(const page::FieldCrop& crop, const config::Layout& layout);

/// The ink of a free line, base line and frame removed, cut to the zone with strokes that reach out of it kept.
struct LineInk {
  InkMap ink;
  double origin_x_px = 0;
  double origin_y_px = 0;
  page::RectPx zone;  ///< the crop's zone; in a crop of unknown scale the inside of the frame that it shows, if it does
  /// Little ink is left, but the zone of the gray crop holds dark strokes: something was taken for print or paper that a
  /// person should look at.
  bool strokes_lost = false;
};
LineInk extract_line(const page::FieldCrop& crop, const config::Layout& layout);

/// What is in a check box.
struct CheckboxInk {
  double share = 0;      ///< of ink inside, the frame not counted
  double longest_stroke = 0;  ///< the longer side of the largest piece of ink, as a share of the area's
  /// Share of ink in the paper beside the box, that of the second cleanest of its four sides: print may stand at two of them, grain is everywhere.
  double beside = 0;
  bool framed = false;   ///< the printed frame was found; else what lies within the zone was measured
  bool runs_through = false;  ///< ink in it reaches far out of the box on two opposite sides; a tick or a cross overshoots on one
  bool faint = false;    ///< what is in it is so faint that it was weighed against the paper, not the frame
  InkMap inside;         ///< ink of the area that was measured, for `--explain`
};
CheckboxInk extract_checkbox(const page::FieldCrop& crop);

}  // namespace inkfield::pipeline
