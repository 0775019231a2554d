// Plain drawn forms, filled in and scanned badly, with the truth about where everything lies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::pipeline {

/// A form and what is printed on it, in millimetres.
struct DrawnForm {
  config::FormTemplate form;
  std::vector<config::RectMm> print;  ///< solid black
};

enum class FormStyle { marks, landmarks, blank_picture };

/// Three forms of different layout for every `style`; `layout` 0 to 2.
DrawnForm draw_form(FormStyle style, int layout);

/// The form as printed, filling the picture exactly.
page::GrayImage blank_picture(const DrawnForm& drawn, double px_per_mm);

struct ScanSettings {
  double dpi = 300;
  double degrees = 0;     ///< clockwise; may be any
  double margin_mm = 3;   ///< scanned around the form; negative crops it
  int noise = 0;          ///< spread of the grain
  std::uint8_t surround = 255;
  std::uint8_t paper = 255;
  std::uint8_t ink = 0;
  double blur_px = 0;
  double stretch = 1;     ///< of the feeding direction
  double tilt_x = 0;      ///< degrees that a camera was held at, about both axes; 0 for a scanner
  double tilt_y = 0;
  bool mirrored = false;  ///< film fed from behind
  bool filled = true;     ///< scribbles in fields and elsewhere
  std::uint32_t seed = 1;
};

struct ScannedPage {
  page::GrayImage gray;
  page::Transform px_from_mm;
};

ScannedPage scan(const DrawnForm& drawn, const ScanSettings& settings);

}  // namespace inkfield::pipeline
