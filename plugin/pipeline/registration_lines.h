// Straight level lines and solid rectangles in a map of ink. Upright lines are the level ones of the map's transpose.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/pipeline/page_evidence.h"

namespace inkfield::pipeline {

struct LineScale {
  int shortest = 10;  ///< pixels of the shortest line
  int thickest = 6;   ///< pixels of the thickest line
  int gap = 3;
};

struct LevelLines {
  std::vector<LineSegment> segments;   ///< longest first
  std::vector<std::uint8_t> distance;  ///< straight up or down to the nearest pixel of a line; 255 for far
  std::vector<SolidBlob> blobs;        ///< if wanted
};

/// `dark` is 1 where there is ink, `width` by `height`.
LevelLines find_level_lines(const std::vector<std::uint8_t>& dark, int width, int height, const LineScale& scale, bool want_blobs);

}  // namespace inkfield::pipeline
