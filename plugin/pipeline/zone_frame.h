// What is printed around a free line: base lines, frames, the rulings of a table.
#pragma once

#include <vector>

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

struct ZoneFrame {
  std::vector<PrintedLine> lines;  ///< level ones first
  /// What is written belongs in here: the zone of a page's crop; in a crop of unknown scale the inside of the frame that
  /// stands in it, if there is one, else all of it.
  page::RectPx zone;
  bool framed = false;  ///< `zone` is a frame's inside that was found in a crop of unknown scale
};

/// The printed lines in and around the crop's zone. A row of digit bottoms is none. `darkness` is what `ink` was
/// stretched from, `full` how dark full ink is there: lines may be fainter than any ink.
ZoneFrame find_zone_frame(const page::GrayImage& ink, const page::GrayImage& darkness, int full, const page::FieldCrop& crop);

}  // namespace inkfield::pipeline
