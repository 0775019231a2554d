#include "tests/generator/card_form.h"

#include <algorithm>
#include <stdexcept>

#include "config/template_loader.h"
#include "tests/generator/degradation.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/form_writing.h"
#include "tests/generator/security_print.h"

namespace inkfield::generator {
namespace {

constexpr double kWidthMm = 148;
constexpr double kHeightMm = 105;
constexpr double kShinesThrough = 0.1;  // of the back's darkness, as thin office paper lets it

Font sans(double size_pt, bool bold = false) { return {.family = "Nimbus Sans", .size_pt = size_pt, .bold = bold}; }

void print_card(const config::FormTemplate& form, const CardStyle& style, Canvas& canvas) {
  if (style.waves) {
    for (const config::Field& field : form.fields) {
      print_waves({field.zone.x_mm - 2, field.zone.y_mm - 2, field.zone.width_mm + 4, field.zone.height_mm + 4}, 9, 7, 1.2, {0.78, 0.84, 0.88}, canvas);
    }
  }
  canvas.text(20, 14, "Parcel card", sans(15, true), style.print);
  canvas.text(20, 19, "one card for each parcel", sans(8), style.print);
  const PrintStyle lines{.line = style.print, .box_paper = kWhite, .box_line_mm = 0.3, .divider_mm = 0.2};
  print_marks(form, lines, canvas);
  for (const config::Field& field : form.fields) {
    // Boxes are outlined, not filled, so that a back and waves stay visible in them.
    if (field.kind == config::FieldKind::checkbox) {
      canvas.outline(field.zone, lines.box_line_mm, lines.line);
      canvas.text(field.zone.right_mm() + 1.5, field.zone.bottom_mm() - 0.8, field.label, sans(9), style.print);
      continue;
    }
    canvas.text(field.zone.x_mm, field.zone.y_mm - 1.2, field.label, sans(7), style.print);
    if (field.layout.type == config::LayoutType::line) {
      canvas.line(field.zone.x_mm, field.zone.bottom_mm() - 1.2, field.zone.right_mm(), field.zone.bottom_mm() - 1.2, 0.25, style.print);
      continue;
    }
    if (style.waves) {
      for (const config::RectMm& cell : cells_of(field)) canvas.outline(cell, 0.2, style.print);
    } else {
      print_field(field, lines, canvas);
    }
    if (!style.guides) continue;
    const std::string letters = field.format.type == config::FormatType::date ? "DDMMYYYY" : "NNNNNNNN";
    const std::vector<config::RectMm> cells = cells_of(field);
    for (std::size_t i = 0; i < cells.size() && i < letters.size(); ++i) {
      canvas.text(cells[i].center().x_mm, cells[i].bottom_mm() - 2, letters.substr(i, 1), sans(11), style.guide, Align::center);
    }
  }
}

void stamp(const config::FormTemplate& form, Canvas& canvas) {
  constexpr Colour kViolet{0.42, 0.25, 0.62};
  const config::PointMm middle = field_of(form, "number").zone.center();
  canvas.circle(middle.x_mm, middle.y_mm, 13, 0.7, kViolet);
  canvas.circle(middle.x_mm, middle.y_mm, 9.5, 0.4, kViolet);
  canvas.text(middle.x_mm, middle.y_mm + 1.5, "RECEIVED", sans(10, true), kViolet, Align::center, -12);
}

}  // namespace

std::string card_template_json(const std::string& drop_out, const std::string& blank_image) {
  return std::string(R"({"inkfield_template": 1, "id": "parcel_card", "page": {"width_mm": 148, "height_mm": 105},)") +
         (drop_out.empty() ? "" : "\"drop_out\": \"" + drop_out + "\",") + R"("find_by": {)" +
         (blank_image.empty() ? "" : "\"blank_image\": \"" + blank_image + "\",") + R"(
  "corner_marks": [{"x_mm": 8, "y_mm": 8, "size_mm": 4}, {"x_mm": 140, "y_mm": 8, "size_mm": 4}, {"x_mm": 8, "y_mm": 97, "size_mm": 4}],
  "landmarks": [{"kind": "line", "zone": {"x_mm": 20, "y_mm": 90, "width_mm": 110, "height_mm": 0.5}},
                {"kind": "text", "zone": {"x_mm": 20, "y_mm": 9.5, "width_mm": 34, "height_mm": 5.5}, "text": "Parcel card"}]},
 "defaults": {"required": false},
 "fields": [
  {"id": "date", "label": "Date", "kind": "handwritten_number", "zone": {"x_mm": 20, "y_mm": 28, "width_mm": 51, "height_mm": 7},
   "layout": {"type": "boxes", "count": 8, "pitch_mm": 6, "gaps": [{"after": 2, "gap_mm": 1.5}, {"after": 4, "gap_mm": 1.5}]},
   "format": {"type": "date", "order": "DDMMYYYY", "earliest": "1950-01-01", "latest": "2030-12-31"}},
  {"id": "number", "label": "Parcel number", "kind": "handwritten_number", "zone": {"x_mm": 20, "y_mm": 46, "width_mm": 36, "height_mm": 7},
   "layout": {"type": "boxes", "count": 6, "pitch_mm": 6}, "format": {"type": "digits", "min_length": 6}, "required": true},
  {"id": "account", "label": "Account", "kind": "handwritten_number", "zone": {"x_mm": 80, "y_mm": 46, "width_mm": 48, "height_mm": 7},
   "layout": {"type": "comb", "count": 8, "pitch_mm": 6}, "format": {"type": "digits", "min_length": 8}},
  {"id": "weight", "label": "Weight in grams", "kind": "handwritten_number", "zone": {"x_mm": 20, "y_mm": 64, "width_mm": 40, "height_mm": 9},
   "format": {"type": "digits", "min_length": 2, "max_length": 5}},
  {"id": "fragile", "label": "fragile", "kind": "checkbox", "zone": {"x_mm": 80, "y_mm": 66, "width_mm": 4, "height_mm": 4}},
  {"id": "express", "label": "express", "kind": "checkbox", "zone": {"x_mm": 104, "y_mm": 66, "width_mm": 4, "height_mm": 4}}]})";
}

config::FormTemplate card_template() {
  const config::Loaded<config::FormTemplate> loaded = config::load_templates(card_template_json("", ""), "card", "");
  if (!loaded.ok()) throw std::runtime_error("the card's template: " + loaded.faults.front().json_pointer + ": " + loaded.faults.front().message);
  return loaded.values.front();
}

Picture blank_card(const CardStyle& style, double dpi) {
  Placement placement;
  placement.dpi = dpi;
  Canvas canvas(kWidthMm, kHeightMm, placement, kWhite);
  print_card(card_template(), style, canvas);
  Picture picture = canvas.picture();
  to_gray(picture);
  return picture;
}

DamagedPage filled_card(const CardStyle& style, const PageDamage& damage, std::uint64_t seed) {
  const config::FormTemplate form = card_template();
  const auto values_of = [&](std::uint64_t of) {
    Random random(of, "values", 0);
    std::vector<FieldValue> values = random_values(SampleForm::lab, form, random);
    return values;
  };
  const Colour paper{0.985, 0.985, 0.98};
  const Placement placement = placement_of(kWidthMm, kHeightMm, damage, seed);
  Canvas canvas(kWidthMm, kHeightMm, placement, paper);
  print_card(form, style, canvas);
  if (style.stamp) stamp(form, canvas);
  const std::vector<FieldValue> values = values_of(seed);
  write_on_form(SampleForm::lab, form, values, false, seed, canvas, 1 - damage.of(Damage::faint_ink));
  if (style.holes) {
    for (const config::PointMm hole : {config::PointMm{22, 49.5}, config::PointMm{12, 84}}) canvas.circle(hole.x_mm, hole.y_mm, 2.8, 0, {0.08, 0.08, 0.08});
  }
  Picture sheet = canvas.picture();
  if (style.back) {
    Canvas behind(kWidthMm, kHeightMm, placement, kWhite);
    print_card(form, {}, behind);
    write_on_form(SampleForm::lab, form, values_of(seed + 7777), false, seed + 7777, behind);
    const Picture back = behind.picture();
    for (int y = 0; y < sheet.height_px; ++y) {
      std::uint8_t* row = sheet.row(y);
      for (int x = 0; x < sheet.width_px; ++x) {
        for (int channel = 0; channel < 3; ++channel) {
          const double dark = 255 - back.row(y)[3 * (sheet.width_px - 1 - x) + channel];
          row[3 * x + channel] = static_cast<std::uint8_t>(row[3 * x + channel] * (255 - kShinesThrough * dark) / 255);
        }
      }
    }
  }
  DamagedPage page = damaged_scan(std::move(sheet), kWidthMm, kHeightMm, placement, damage, seed);
  page.values = values;
  return page;
}

}  // namespace inkfield::generator
