// The patch of a page that holds one field, upright and at a known scale.
#pragma once

#include "config/form_template.h"
#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::page {

/// A rectangle in pixels of a crop.
struct RectPx {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
};

/// `gray` shows the field's zone and a margin around it, resampled so that one millimetre is
/// `px_per_mm` pixels both ways. For a crop cut by the host, `px_per_mm` is 0 (unknown) and the zone is the whole crop.
struct FieldCrop {
  const config::Field* field = nullptr;
  GrayImage gray;
  /// The same patch with the form's lines in it, where `gray` is a colour channel in which they vanish; else empty.
  GrayImage with_lines;
  GrayImage known_print;  ///< the same patch of the blank form, as darkness (255 black), if the template holds its picture; else empty
  RectPx zone;
  double px_per_mm = 0;
  Transform source_from_crop;  ///< pixels of the crop -> pixels of the source image
};

}  // namespace inkfield::page
