// What a picture shows that registration can hold on to: straight lines, solid blobs, and where there is ink at all.
//
// The picture is made small and turned upright first (its lines level, up to a quarter turn), so that lines are runs
// along rows and columns. The same is done to a page and to the picture of a blank form.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::pipeline {

/// Distances are in pixels of the upright picture throughout; pixel centres lie at .5.
struct LineSegment {
  double from = 0;    ///< along the line: x for a level one, y for an upright one
  double to = 0;
  double offset = 0;  ///< of its middle, across the line
  double thickness = 0;
  double slope = 0;   ///< across over along
  [[nodiscard]] double length() const { return to - from; }
};

/// A solid dark rectangle.
struct SolidBlob {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  [[nodiscard]] page::Point center() const { return {(left + right) / 2, (top + bottom) / 2}; }
  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
};

struct PrintEvidence {
  int width = 0;
  int height = 0;
  double source_px_per_px = 1;           ///< how much smaller than the source this is
  double skew_radians = 0;
  page::Transform source_from_upright;   ///< pixels of the upright picture -> pixels of the source
  page::GrayImage gray;                  ///< upright
  std::vector<std::uint8_t> dark;        ///< 1 where there is ink
  /// How far the nearest pixel of a level line lies, straight up or down; 255 for far.
  std::vector<std::uint8_t> to_level_line;
  /// The same for upright lines, straight left or right.
  std::vector<std::uint8_t> to_upright_line;
  std::vector<std::uint8_t> to_ink;      ///< to the nearest ink in any direction, in half pixels; 255 for far
  std::vector<LineSegment> level;        ///< longest first
  std::vector<LineSegment> upright;
  std::vector<SolidBlob> blobs;
  double ink_share = 0;                  ///< of the picture's area
  bool photographed = false;             ///< its lines converge as a camera's view makes them
  bool blank = false;
  /// Of every row, the columns that the source shows, the second one past the last: beside a turned sheet there is nothing to see.
  std::vector<std::pair<int, int>> shown;

  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
  }
  [[nodiscard]] bool holds(double x, double y) const {
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return false;
    const auto& [from, to] = shown[static_cast<std::size_t>(y)];
    return x >= from && x < to;
  }
};

/// `turn_upright` false leaves the picture as it is (a blank form's, which fills its page exactly).
/// `checkpoint` throws to stop.
PrintEvidence find_print(
    recognizer::ImageView gray, bool turn_upright, const std::function<void()>& checkpoint = [] {});

}  // namespace inkfield::pipeline
