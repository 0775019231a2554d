// Printed lines in an ink map: where exactly one runs, and taking it out while the strokes that cross it stay whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "plugin/page/raster.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {

/// Ink from this value on counts as dark where lines are looked for.
inline constexpr int kDarkInk = 90;

/// One straight (or slightly bent) printed line. *Along* is x for a horizontal line and y for a vertical one,
/// *across* the other; both in pixel indices, a pixel's centre lying at its index.
struct PrintedLine {
  bool vertical = false;
  int begin = 0;              ///< along, inclusive
  int end = 0;                ///< along, exclusive
  std::vector<float> center;  ///< across, for every place along
  float thickness = 0;        ///< across
  float found = 0;            ///< share of its length at which the line could be seen by itself

  [[nodiscard]] float center_at(int along) const {
    if (center.empty()) return 0;
    return center[static_cast<std::size_t>(std::clamp(along - begin, 0, static_cast<int>(center.size()) - 1))];
  }
  [[nodiscard]] float half_band() const { return 0.5F * thickness + 1.0F; }
};

/// Where a line is expected: across = at + slope * (along - middle of begin and end).
struct ExpectedLine {
  bool vertical = false;
  double begin = 0;
  double end = 0;
  double at = 0;
  double slope = 0;
};

/// Follows a line within `reach_px` of where it is expected. Runs of ink thicker than `thickest_px` are writing or
/// other print that lies on the line and do not pull it away.
PrintedLine trace_line(const page::GrayImage& ink, const ExpectedLine& expected, double reach_px, int thickest_px);

/// Erases the lines from `ink`. Where a stroke crosses or touches a line, the ink stays; where it goes on at the
/// other side a little further along (a slanting stroke), the piece between is kept too.
void remove_lines(page::GrayImage& ink, const std::vector<PrintedLine>& lines);

/// True for the thin leftovers of a line's rough edge, which lie along it within two pixels of where it was.
/// `field_height` (pixels) tells how fine the picture is.
bool is_line_remainder(const recognizer::InkComponent& piece, const std::vector<PrintedLine>& lines, double field_height);

}  // namespace inkfield::pipeline
