// What is printed around a free line: base lines, frames, the rulings of a table.
#pragma once

#include <vector>

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// The printed lines in and around the crop's zone, level ones first. A row of digit bottoms is none. `darkness` is what
/// `ink` was stretched from, `full` how dark full ink is there: lines may be fainter than any ink.
std::vector<PrintedLine> find_zone_frame(const page::GrayImage& ink, const page::GrayImage& darkness, int full, const page::FieldCrop& crop);

}  // namespace inkfield::pipeline
