// A laboratory's reading sheet, run off on an office printer: everything on it that the template does not describe.
#include "tests/generator/lab_form.h"

#include <array>

#include "tests/generator/form_printing.h"

namespace inkfield::generator {
namespace {

constexpr Colour kInk{0.10, 0.10, 0.10};

Font serif(double size_pt, bool bold = false, bool italic = false) {
  return {.family = "P052", .size_pt = size_pt, .bold = bold, .italic = italic};
}
Font sans(double size_pt, bool bold = false) { return {.family = "Nimbus Sans", .size_pt = size_pt, .bold = bold}; }

/// A drop over two waves.
void print_mark(double x, double y, Canvas& canvas) {
  canvas.polygon({{x + 5, y}, {x + 6.6, y + 3}, {x + 7.5, y + 5}, {x + 7.2, y + 6.6}, {x + 6.2, y + 7.6}, {x + 5, y + 8}, {x + 3.8, y + 7.6},
                  {x + 2.8, y + 6.6}, {x + 2.5, y + 5}, {x + 3.4, y + 3}},
                 kInk);
  for (const double down : {9.2, 10.6}) {
    canvas.curve({{x, y + down}, {x + 1.25, y + down - 0.5}, {x + 2.5, y + down}, {x + 3.75, y + down + 0.5}, {x + 5, y + down},
                  {x + 6.25, y + down - 0.5}, {x + 7.5, y + down}, {x + 8.75, y + down + 0.5}, {x + 10, y + down}},
                 0.4, kInk);
  }
}

struct Row {
  const char* id;
  const char* name;
  const char* unit;
};
constexpr std::array<Row, 9> kRows{{{"temperature", "Temperature", "\xC2\xB0""C"},
                                    {"ph", "pH", ""},
                                    {"conductivity", "Conductivity", "\xC2\xB5S/cm"},
                                    {"oxygen", "Dissolved oxygen", "mg/l"},
                                    {"turbidity", "Turbidity", "NTU"},
                                    {"nitrate", "Nitrate", "mg/l"},
                                    {"phosphate", "Phosphate", "mg/l"},
                                    {"chloride", "Chloride", "mg/l"},
                                    {"coliforms", "Coliforms", "per 100 ml"}}};

}  // namespace

void print_lab(const config::FormTemplate& form, const std::map<std::string, std::string>& printed, Canvas& canvas) {
  const auto base_line = [&](const char* id, const char* label, const char* unit) {
    const config::RectMm zone = field_of(form, id).zone;
    canvas.line(zone.x_mm, zone.bottom_mm() - 1.2, zone.right_mm(), zone.bottom_mm() - 1.2, 0.2, kInk);
    canvas.text(zone.x_mm - 1.5, zone.bottom_mm() - 1.5, label, serif(9), kInk, Align::right);
    canvas.text(zone.right_mm() + 1, zone.bottom_mm() - 1.5, unit, serif(8), kInk);
  };
  print_mark(12, 9.6, canvas);
  canvas.text(25, 14.6, "Tarnwater Laboratory", serif(16, true), kInk);
  canvas.text(25, 19.6, "Water quality  \xC2\xB7  field and bench readings", serif(9, false, true), kInk);
  const config::RectMm number = field_of(form, "sheet_number").zone;
  canvas.text(number.x_mm - 1, number.bottom_mm() - 1.1, "Sheet", sans(8), kInk, Align::right);
  const auto value = printed.find("sheet_number");
  canvas.text(number.x_mm + 1.5, number.bottom_mm() - 1.1, value == printed.end() ? "" : value->second, {.family = "Liberation Mono", .size_pt = 11, .bold = true},
              kInk);
  canvas.text(136, 14.2, "Form R-7", sans(8, true), kInk, Align::right);
  canvas.line(12, 25, 136, 25, 0.5, kInk);
  canvas.line(12, 26, 136, 26, 0.15, kInk);

  base_line("sample_number", "Sample number", "");
  base_line("sampled_on", "Sampled on", "");
  base_line("depth", "Depth of sample", "m");
  base_line("volume", "Volume", "ml");
  canvas.text(37.5, 59.2, "Sample is", serif(9), kInk, Align::right);

  // The table: a heavy rule above and below, thin ones between.
  const double left = 12;
  const double right = 136;
  const double top = 67;
  const double first = field_of(form, "temperature_1").zone.y_mm - 0.6;
  const double last = field_of(form, "coliforms_1").zone.bottom_mm() + 0.6;
  canvas.line(left, top, right, top, 0.45, kInk);
  canvas.text(left + 2, top + 7, "Determinand", sans(8, true), kInk);
  canvas.text(57.5, top + 7, "Unit", sans(8, true), kInk, Align::center);
  canvas.text(83.5, top + 4.7, "Reading 1", sans(8, true), kInk, Align::center);
  canvas.text(119.5, top + 4.7, "Reading 2", sans(8, true), kInk, Align::center);
  canvas.text(83.5, top + 8.6, "always", serif(7, false, true), kInk, Align::center);
  canvas.text(119.5, top + 8.6, "if repeated", serif(7, false, true), kInk, Align::center);
  canvas.line(left, first, right, first, 0.3, kInk);
  for (const Row& row : kRows) {
    const config::RectMm zone = field_of(form, std::string(row.id) + "_1").zone;
    canvas.text(left + 2, zone.bottom_mm() - 2.7, row.name, serif(9.5), kInk);
    canvas.text(57.5, zone.bottom_mm() - 2.7, row.unit, serif(8.5), kInk, Align::center);
    canvas.line(left, zone.bottom_mm() + 0.6, right, zone.bottom_mm() + 0.6, &row == &kRows.back() ? 0.45 : 0.15, kInk);
  }
  for (const double x : {49.0, 66.0, 101.5}) {
    canvas.line(x, top, x, last, 0.15, kInk);
  }
  canvas.text(12, 170.2, "Strike nothing out. A reading that is in doubt is repeated and written beside the first; an empty space",
              serif(7.6, false, true), kInk);
  canvas.text(12, 173.6, "means that no second reading was taken. Readings below the limit of detection are written as that limit.",
              serif(7.6, false, true), kInk);
  base_line("analyst", "Analyst number", "");
  base_line("reported_on", "Reported on", "");
  canvas.line(12, 197, 136, 197, 0.3, kInk);
  canvas.text(12, 200.6, "Tarnwater Laboratory, 3 Weir Lane, Tarnwater. Keep for six years. R-7, issue 4. Specimen.", sans(6), kInk);
  canvas.text(136, 200.6, "1 / 1", sans(6), kInk, Align::right);

  const PrintStyle style{.line = kInk, .box_paper = kWhite, .box_line_mm = 0.3, .divider_mm = 0.2};
  print_marks(form, style, canvas);
  for (const config::Field& field : form.fields) {
    print_field(field, style, canvas);
    if (field.kind == config::FieldKind::checkbox) {
      canvas.text(field.zone.right_mm() + 1.5, field.zone.bottom_mm() - 0.8, field.label, serif(9), kInk);
    }
  }
}

}  // namespace inkfield::generator
