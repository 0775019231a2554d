// Prints what a template describes: boxes, combs, check boxes, base lines, corner marks and landmark lines.
#pragma once

#include <string>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/canvas.h"

namespace inkfield::generator {

/// How one form's lines look.
struct PrintStyle {
  Colour line = kBlack;
  Colour box_paper = kWhite;
  double box_line_mm = 0.25;
  double divider_mm = 0.18;
  double frame_mm = 0.3;
};

/// Left edge and width of each cell of a row of boxes or a comb.
std::vector<config::RectMm> cells_of(const config::Field& field);

void print_marks(const config::FormTemplate& form, const PrintStyle& style, Canvas& canvas);
void print_field(const config::Field& field, const PrintStyle& style, Canvas& canvas);
/// Small letters under the cells, such as D D M M Y Y Y Y.
void print_guides(const config::Field& field, const std::string& letters, const Font& font, Colour colour, Canvas& canvas);

/// The field of that id; throws std::out_of_range naming it.
const config::Field& field_of(const config::FormTemplate& form, const std::string& id);

}  // namespace inkfield::generator
