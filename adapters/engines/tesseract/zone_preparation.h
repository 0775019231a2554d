// Turns a field's crop into the picture that Tesseract reads best: the zone alone, printed lines taken out,
// paper white, characters about 32 pixels high, a white border.
#pragma once

#include <vector>

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"

namespace inkfield::tesseract {

struct PreparedZone {
  page::GrayImage picture;
  bool blank = false;   ///< nothing that could be print is there; the picture is then empty
  double contrast = 0;  ///< gray levels between paper and ink
  int text_lines = 0;
  double scale = 1;    ///< pixels of the picture for one of the crop, down
  double width_scale = 1;  ///< the same across
  double left_px = 0;  ///< where the picture's pixel (0, 0) lies in the crop
  double top_px = 0;
  int border_px = 0;  ///< of white around what the zone holds

  /// Columns of the zone that the picture shows, where wide gaps were narrowed; empty if it shows them all.
  std::vector<int> columns;

  /// Pixels of the picture to pixels of the crop.
  [[nodiscard]] page::Point in_crop(double x, double y) const;
};

/// How one look at a zone is taken. Two looks that differ err in different places.
struct Look {
  double character_height_px = 32;  ///< how high the tallest line of print becomes
  double widest_gap = 0.6;  ///< in heights of a character; wider ones are narrowed where blanks mean nothing
  int border_px = 4;        ///< of white around the picture
  double condensed = 1;     ///< widths for heights, of print that must be enlarged; time goes with the width
  bool tight = false;       ///< only what is printed, without the bare paper of the zone
};

/// `only_characters`: the field holds letters and digits alone, so that anything low is dirt and blanks mean
/// nothing.
PreparedZone prepare_zone(const page::FieldCrop& crop, bool only_characters, const Look& look);

}  // namespace inkfield::tesseract
