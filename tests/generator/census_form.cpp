// A household return as a statistics office prints it: everything on it that the template does not describe.
#include "tests/generator/census_form.h"

#include "tests/generator/form_printing.h"

namespace inkfield::generator {
namespace {

constexpr Colour kInk{0.08, 0.09, 0.11};
constexpr Colour kOffice{0.16, 0.30, 0.50};
constexpr Colour kPanel{0.905, 0.935, 0.97};
constexpr Colour kHair{0.55, 0.65, 0.78};

Font sans(double size_pt, bool bold = false, double tracking_mm = 0) {
  return {.family = "Liberation Sans", .size_pt = size_pt, .bold = bold, .tracking_mm = tracking_mm};
}
Font serif(double size_pt, bool italic = false) { return {.family = "Nimbus Roman", .size_pt = size_pt, .bold = !italic, .italic = italic}; }

/// A shield with three hills and a star.
void print_crest(double x, double y, Canvas& canvas) {
  canvas.polygon({{x, y}, {x + 11, y}, {x + 11, y + 7}, {x + 9.6, y + 10}, {x + 5.5, y + 13.2}, {x + 1.4, y + 10}, {x, y + 7}}, kOffice);
  canvas.polygon({{x + 0.9, y + 8.2}, {x + 3.4, y + 5}, {x + 5.2, y + 7.2}, {x + 7.4, y + 4.2}, {x + 10.1, y + 8.2}, {x + 8.8, y + 9.6},
                  {x + 5.5, y + 12}, {x + 2.2, y + 9.6}},
                 kWhite);
  canvas.polygon({{x + 5.5, y + 0.9}, {x + 6.1, y + 2.3}, {x + 7.6, y + 2.4}, {x + 6.4, y + 3.3}, {x + 6.8, y + 4.7}, {x + 5.5, y + 3.9},
                  {x + 4.2, y + 4.7}, {x + 4.6, y + 3.3}, {x + 3.4, y + 2.4}, {x + 4.9, y + 2.3}},
                 kWhite);
}

void print_part(double y, double height, const std::string& letter, const std::string& title, const std::string& hint, Canvas& canvas) {
  canvas.fill({12, y, 186, height}, kPanel);
  canvas.fill({12, y, 186, 5.4}, kOffice);
  canvas.text(14.4, y + 3.9, letter, sans(9.5, true), kWhite);
  canvas.text(20, y + 3.8, title, sans(8.5, true), kWhite);
  canvas.text(196, y + 3.7, hint, sans(6.3), kWhite, Align::right);
}

void print_label(const config::Field& field, const std::string& text, Canvas& canvas) {
  canvas.text(field.zone.x_mm, field.zone.y_mm - 1.1, text, sans(6.8), kInk);
}

}  // namespace

void print_census(const config::FormTemplate& form, const std::map<std::string, std::string>& printed, Canvas& canvas) {
  const auto label = [&](const char* id, const char* text) { print_label(field_of(form, id), text, canvas); };
  // Head of the sheet.
  print_crest(18, 9.4, canvas);
  canvas.text(33, 14.2, "COMMONWEALTH OF ALDERMERE", sans(7.5, true, 0.35), kOffice);
  canvas.text(33, 20.6, "Annual Household Return", serif(18), kInk);
  canvas.text(33, 25.2, "Office of Revenue and Statistics  \xC2\xB7  required under the Returns Act, section 4", sans(6.8), kInk);
  canvas.outline({168, 14, 26, 8.4}, 0.35, kInk);
  canvas.text(181, 20, "HR-12", sans(13, true, 0.2), kInk, Align::center);
  const config::RectMm number = field_of(form, "return_number").zone;
  canvas.text(number.x_mm - 1.5, number.bottom_mm() - 1.5, "Return no.", sans(7), kInk, Align::right);
  const auto value = printed.find("return_number");
  canvas.text(number.x_mm + 2.5, number.bottom_mm() - 1.3, value == printed.end() ? "" : value->second, {.family = "Liberation Mono", .size_pt = 12, .bold = true, .tracking_mm = 0.25},
              kInk);
  canvas.line(12, 32.2, 198, 32.2, 0.4, kOffice);
  canvas.text(12, 36.2, "Use a black or blue pen. Write one figure in each box, as shown, and stay inside it. Leave boxes empty where a question does not apply to you.",
              sans(6.9), kInk);
  canvas.text(12, 39.6, "Mark the small boxes with a cross or a tick. If you make a mistake, ask for a new sheet. Guidance: booklet HR-12G, or any post office.",
              sans(6.9), kInk);

  print_part(42.2, 36.6, "A", "Your household", "answer every question", canvas);
  label("person_id", "1  Household identity number");
  label("date_of_birth", "2  Your date of birth");
  label("postcode", "3  Postcode");
  label("phone", "4  Telephone, with area code");
  label("moved_in", "5  Year you moved in");
  label("rooms", "6  Rooms");
  label("people", "7  People living here");
  const Font guide = sans(4.6);
  // Guides stand above the boxes on this sheet's darker panels, in the office's blue.
  print_guides(field_of(form, "date_of_birth"), "DDMMYYYY", guide, kOffice, canvas);

  print_part(81.2, 33, "B", "Your home", "mark one box in each row", canvas);
  canvas.text(16, 92.9, "8  We live here as", sans(7.4), kInk);
  canvas.text(16, 101.4, "9  Our water comes from", sans(7.4), kInk);
  canvas.text(16, 109.9, "10  We heat mainly with", sans(7.4), kInk);
  canvas.line(16, 95.6, 194, 95.6, 0.12, kHair);
  canvas.line(16, 104.1, 194, 104.1, 0.12, kHair);

  print_part(116.6, 71.6, "C", "Everybody else who lives here", "codes: see the back of the booklet", canvas);
  canvas.text(16, 127.6, "Person", sans(6.8, true), kInk);
  canvas.text(30, 127.6, "Date of birth", sans(6.8, true), kInk);
  canvas.text(92, 127.6, "Relation", sans(6.8, true), kInk);
  canvas.text(116, 127.6, "Occupation", sans(6.8, true), kInk);
  canvas.text(158.4, 127.6, "At school", sans(6.8, true), kInk, Align::center);
  canvas.text(184.4, 127.6, "At work", sans(6.8, true), kInk, Align::center);
  for (int i = 1; i <= 5; ++i) {
    const config::RectMm zone = field_of(form, "member" + std::to_string(i) + "_born").zone;
    canvas.text(20, zone.bottom_mm() - 2, std::to_string(i + 1), sans(9, true), kOffice, Align::center);
    if (i > 1) {
      canvas.line(16, zone.y_mm - 1.9, 194, zone.y_mm - 1.9, 0.12, kHair);
    }
    print_guides(field_of(form, "member" + std::to_string(i) + "_born"), "DDMMYYYY", sans(3.4), kOffice, canvas);
  }

  print_part(190.8, 38, "D", "Income and tax", "whole crowns, no cents", canvas);
  canvas.text(16, 208.6, "11  Income of all, last year", sans(7.4), kInk);
  canvas.text(16, 221.6, "12  Tax paid on it", sans(7.4), kInk);
  canvas.text(57.6, 208.8, "Cr", sans(8, true), kInk, Align::right);
  canvas.text(57.6, 221.8, "Cr", sans(8, true), kInk, Align::right);
  label("employer", "13  Main employer's number");
  label("tax_office", "14  Tax office");

  print_part(231.4, 45.4, "E", "Declaration", "sign in ink", canvas);
  canvas.text(23, 246.8, "I declare that these answers are complete and true to the best of my knowledge.", sans(8), kInk);
  canvas.outline({16, 254.2, 104, 12.6}, 0.2, kHair);
  canvas.fill({16.2, 254.4, 103.6, 12.2}, kWhite);
  canvas.text(16, 270.6, "Signature of the person who fills in this return", sans(6.6), kInk);
  label("date_signed", "Date");
  print_guides(field_of(form, "date_signed"), "DDMMYYYY", guide, kOffice, canvas);

  canvas.text(20, 284.4, "HR-12 (revised 03/26)  \xC2\xB7  Government Printing House of Aldermere  \xC2\xB7  Specimen, not an official document", sans(5.8), kInk);
  canvas.text(20, 288, "What you write here is confidential and is used for statistics and assessment only.", sans(5.8), kInk);
  canvas.text(178, 288, "Page 1 of 1", sans(6.4, true), kInk, Align::right);

  const PrintStyle style{.line = {0.20, 0.27, 0.40}, .box_paper = kWhite, .box_line_mm = 0.25, .divider_mm = 0.18};
  print_marks(form, style, canvas);
  for (const config::Field& field : form.fields) {
    print_field(field, style, canvas);
    if (field.kind == config::FieldKind::checkbox && field.zone.y_mm > 85 && field.zone.y_mm < 112) {
      canvas.text(field.zone.right_mm() + 1.6, field.zone.bottom_mm() - 1.1, field.label, sans(7.4), kInk);
    }
  }
}

}  // namespace inkfield::generator
