// Printed lines that are fainter than any pen, or broken, show as ridges of darkness.
#pragma once

#include <vector>

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// How much darker a place is than both what lies above and below it, the mean over 2 * half + 1 pixels along; scaled so that
/// what the paper's own texture shows stays below kDarkInk. `darkness` is what `ink` was stretched from, `full` how dark full
/// ink is there, `thickest` a line's most pixels.
page::GrayImage find_level_ridges(const page::GrayImage& ink, const page::GrayImage& darkness, int full, int half, int thickest);

struct RidgeSearch {
  double first = 0;          ///< rows at the zone's middle
  double last = 0;
  double least_columns = 0;  ///< share of the zone's that show it
  double least_found = 0;    ///< share of the line's own length
};

/// The line there, not one of `known`, that the most columns of the zone show; false if they do not suffice.
bool find_ridge(const page::GrayImage& ridges, const page::FieldCrop& crop, const RidgeSearch& search, const std::vector<PrintedLine>& known,
                ExpectedLine& best);

/// Cuts off what lies before the line begins and after it ends.
void trim_ends(const page::GrayImage& ridges, ExpectedLine& line);

}  // namespace inkfield::pipeline
