// Turns a field's crop into the picture that Tesseract reads best: the zone alone, printed lines taken out,
// paper white, characters about 32 pixels high, a white border; or a strip as high as the line recognizer
// sees.
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
  bool strip = false;  ///< a line of print is the whole picture: Tesseract need not look for it
  double scale = 1;    ///< pixels of the picture for one of the crop
  double left_px = 0;  ///< where the picture's pixel (0, 0) lies in the crop
  double top_px = 0;
  int border_px = 0;  ///< of white on either side of what the zone holds

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
  /// Only what is printed, without the bare paper of the zone; one line of it as a strip.
  bool tight = false;
};

/// `only_characters`: the field holds letters and digits alone, so that anything low is dirt and blanks mean
/// nothing.
PreparedZone prepare_zone(const page::FieldCrop& crop, bool only_characters, const Look& look);

}  // namespace inkfield::tesseract
