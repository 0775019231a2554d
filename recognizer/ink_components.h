// Connected pieces of ink, found once and used to measure writing and to tell strokes from specks.
#pragma once

#include <cstdint>
#include <vector>

#include "recognizer/image_view.h"

namespace inkfield::recognizer {

/// Ink at or above this value (of 255) counts as written; fainter is paper.
inline constexpr std::uint8_t kInkThreshold = 72;

/// One 8-connected piece of ink. Right and bottom are exclusive, in pixels of the map.
struct InkComponent {
  int left_px = 0;
  int top_px = 0;
  int right_px = 0;
  int bottom_px = 0;
  std::int64_t area_px = 0;  ///< pixels at or above the threshold

  [[nodiscard]] int width_px() const { return right_px - left_px; }
  [[nodiscard]] int height_px() const { return bottom_px - top_px; }
};

/// Pixels of one piece side by side on a row; `end_px` is exclusive.
struct PieceRun {
  int row_px = 0;
  int begin_px = 0;
  int end_px = 0;
  std::int32_t piece = 0;
};

/// The pieces of an ink map: as boxes, as runs, and for every pixel as the index of its piece (-1 on paper).
struct InkComponents {
  std::vector<InkComponent> pieces;  ///< by top row, then left column, of their first pixel
  std::vector<PieceRun> runs;        ///< all of every piece, by row, then column
  std::vector<std::int32_t> labels;  ///< row-major, width x height; empty unless asked for
};

/// Finds the 8-connected pieces of pixels at or above `threshold`. `with_labels` also fills `labels`.
InkComponents find_ink_components(ImageView ink, std::uint8_t threshold = kInkThreshold,
                                  bool with_labels = false);

}  // namespace inkfield::recognizer
