// Long straight lines in an ink map, whatever they belong to: rails of a row of boxes, base lines, frames.
#pragma once

#include <vector>

#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// A run of dark pixels in one row, gaps of a single pixel passed over.
struct InkRun {
  int y = 0;
  int begin = 0;
  int end = 0;  ///< exclusive
};

/// A level line through the whole picture.
struct Rail {
  double y = 0;    ///< at the picture's middle column
  double ink = 0;  ///< pixels along it
};

std::vector<InkRun> long_runs(const page::GrayImage& ink, int shortest);

/// The slope (y over x) under which the runs line up best.
double best_rail_slope(const page::GrayImage& ink, const std::vector<InkRun>& runs);

/// The lines of that slope with at least `least_ink` pixels of runs, from top to bottom.
std::vector<Rail> find_rails(const page::GrayImage& ink, const std::vector<InkRun>& runs, double slope, double least_ink);

/// Lines of at least that length, level ones or upright ones; `trace_line` follows them exactly.
std::vector<ExpectedLine> find_straight_lines(const page::GrayImage& ink, bool vertical, int least_length_px);

}  // namespace inkfield::pipeline
