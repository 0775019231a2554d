// What a template says is printed, broken into pieces that a page can be asked about one by one.
#pragma once

#include <vector>

#include "config/form_template.h"
#include "plugin/page/raster.h"

namespace inkfield::pipeline {

enum class PrintKind {
  level_line,
  upright_line,
  edge,   ///< the rim of something solid: dark inside, light outside
  ink,    ///< a stroke of print
  text,   ///< somewhere in an area of print
};

struct PrintSample {
  double x_mm = 0;
  double y_mm = 0;
  PrintKind kind = PrintKind::level_line;
  double out_x = 0;  ///< of an edge: which way is outside
  double out_y = 0;
};

/// One piece of print: it is there or it is not, whatever becomes of the others.
struct PrintElement {
  std::vector<PrintSample> samples;
  double weight = 1;   ///< in the share of print that was found
  bool counts = true;  ///< false: helps to find the place, but may be missing
  bool has_ends = false;  ///< a free line whose ends say where it lies along itself
};

/// A line whose two ends are known, by which a form can be found at once.
struct ReferenceLine {
  bool upright = false;
  double from_mm = 0;
  double to_mm = 0;
  double offset_mm = 0;
  [[nodiscard]] double length_mm() const { return to_mm - from_mm; }
};

/// Where the picture of a blank form is dark, a bit a pixel.
struct BlankPrint {
  int width = 0;  ///< 0: there is no picture
  int height = 0;
  double px_per_mm_x = 1;
  double px_per_mm_y = 1;
  std::vector<bool> bits;
  [[nodiscard]] bool dark(int x, int y) const {
    return x >= 0 && y >= 0 && x < width && y < height && bits[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

struct PrintReference {
  double width_mm = 0;
  double height_mm = 0;
  std::vector<PrintElement> elements;
  std::vector<ReferenceLine> lines;     ///< longest first
  std::vector<config::RectMm> blobs;    ///< solid rectangles
  BlankPrint blank;
  std::vector<config::RectMm> fields;   ///< the zones that are read, in the template's order
};

/// Throws Error(invalid_template) when what is listed cannot fix a page's position.
PrintReference make_reference(const config::FormTemplate& form, const page::GrayImage& blank);

}  // namespace inkfield::pipeline
