// A bank cheque: everything on it that the template does not describe.
#include "tests/generator/cheque_form.h"

#include "tests/generator/form_printing.h"
#include "tests/generator/security_print.h"

namespace inkfield::generator {
namespace {

constexpr Colour kInk{0.09, 0.10, 0.13};
constexpr Colour kBrand{0.10, 0.27, 0.33};
constexpr Colour kTint{0.90, 0.945, 0.94};
constexpr Colour kFineLine{0.76, 0.87, 0.86};
constexpr Colour kFineLineWarm{0.93, 0.87, 0.80};

Font sans(double size_pt, bool bold = false, double tracking_mm = 0) {
  return {.family = "Nimbus Sans", .size_pt = size_pt, .bold = bold, .tracking_mm = tracking_mm};
}

/// A lighthouse whose beam makes the bank's N.
void print_logo(double x, double y, Canvas& canvas) {
  canvas.fill({x, y, 11, 11}, kBrand, 1.6);
  canvas.polygon({{x + 2.2, y + 9.2}, {x + 2.2, y + 1.8}, {x + 4.1, y + 1.8}, {x + 4.1, y + 9.2}}, kWhite);
  canvas.polygon({{x + 6.9, y + 9.2}, {x + 6.9, y + 1.8}, {x + 8.8, y + 1.8}, {x + 8.8, y + 9.2}}, kWhite);
  canvas.polygon({{x + 4.1, y + 1.8}, {x + 8.8, y + 9.2}, {x + 6.5, y + 9.2}, {x + 2.2, y + 2.4}}, {0.93, 0.70, 0.30});
}

void print_background(Canvas& canvas) {
  canvas.fill({0, 20.4, 203, 53.1}, kTint);
  print_waves({0, 20.4, 203, 25.5}, 13, 19, 3.5, kFineLine, canvas);
  print_waves({0, 46, 203, 27.5}, 11, 23, 4, kFineLineWarm, canvas);
  print_rosette({104, 46.5}, 21, 12, kFineLine, canvas);
  print_rosette({104, 46.5}, 9, 9, kFineLineWarm, canvas);
  canvas.line(0, 20.4, 203, 20.4, 0.15, kFineLine);
  canvas.line(0, 73.5, 203, 73.5, 0.15, kFineLine);
}

}  // namespace

void print_cheque(const config::FormTemplate& form, const std::map<std::string, std::string>& printed, Canvas& canvas) {
  const auto value = [&](const char* id) {
    const auto found = printed.find(id);
    return found == printed.end() ? std::string() : found->second;
  };
  const config::RectMm amount = field_of(form, "amount").zone;
  const config::RectMm date = field_of(form, "date").zone;

  print_background(canvas);
  print_logo(12, 4.4, canvas);
  canvas.text(27, 10.4, "NORTHMERE BANK", sans(14.5, true, 0.35), kBrand);
  canvas.text(27, 14, "14 Harbour Square, Northmere 560219  \xC2\xB7  Tel. 000 555 0142", sans(6), kInk);
  const config::RectMm code = field_of(form, "branch_code").zone;
  canvas.text(27, code.bottom_mm() - 1, "BRANCH CODE", sans(5.6, true, 0.08), kInk);
  canvas.text(code.x_mm + 1, code.bottom_mm() - 0.9, value("branch_code"), sans(9, false, 0.2), kInk);
  const config::RectMm number = field_of(form, "cheque_number").zone;
  canvas.text(number.x_mm - 1.2, number.bottom_mm() - 1.2, "No.", sans(7.5), kInk, Align::right);
  canvas.text(number.x_mm + 1, number.bottom_mm() - 1.1, value("cheque_number"), {.family = "Liberation Mono", .size_pt = 12, .bold = true},
              {0.45, 0.08, 0.10});
  canvas.text(133, 16.9, "VALID FOR SIX MONTHS FROM THE DATE OF ISSUE", sans(5.2, true, 0.06), kInk, Align::right);

  PrintStyle style{.line = kInk, .box_paper = {0.995, 0.995, 0.985}, .box_line_mm = 0.25, .divider_mm = 0.2, .frame_mm = 0.3};
  canvas.text(date.x_mm - 1.8, date.bottom_mm() - 1.7, "DATE", sans(7, true, 0.1), kInk, Align::right);
  print_guides(field_of(form, "date"), "DDMMYYYY", sans(5.8), kInk, canvas);

  canvas.text(12, 25.6, "PAY", sans(8, true, 0.15), kInk);
  canvas.text(191, 25.6, "OR BEARER", sans(7.5, false, 0.1), kInk, Align::right);
  canvas.text(12, 34, "RUPEES", sans(8, true, 0.15), kInk);
  print_microtext(22, 27.3, 134, "NORTHMEREBANK", kBrand, canvas);
  print_microtext(28, 35.7, 112, "NORTHMEREBANK", kBrand, canvas);

  canvas.fill({144, 33, 51, 10}, style.box_paper);
  canvas.text(146, 40.6, "\xE2\x82\xB9", {.family = "DejaVu Sans", .size_pt = 15}, kInk);
  print_microtext(144.6, amount.bottom_mm() + 0.25, 49.8, "NORTHMEREBANK", kFineLine, canvas);

  const config::RectMm account = field_of(form, "account").zone;
  canvas.fill({12, 46, 58, 7}, style.box_paper);
  canvas.text(20, 50.7, "A/C No.", sans(7.5), kInk, Align::center);
  canvas.text(account.x_mm + 2, account.bottom_mm() - 1.1, value("account"), sans(11.5, false, 0.2), kInk);
  canvas.text(12, 56.4, "SAVINGS ACCOUNT   \xC2\xB7   CHEQUE BOOK 25 LEAVES", sans(5, false, 0.05), kInk);
  print_relief({12, 58.5, 46, 13}, "Nm", {0.86, 0.925, 0.915}, {0.77, 0.87, 0.86}, canvas);

  canvas.text(194, 73, "Please sign above this line", sans(5.6), kInk, Align::right);
  canvas.text(104, 71.6, "Payable at par at every branch of Northmere Bank", sans(6.2), kInk, Align::center);
  canvas.text(4, 72, "INKWELL SECURITY PRINTERS, NORTHMERE / SPECIMEN 2026", sans(3.6, false, 0.08), kInk, Align::left, -90);

  print_marks(form, style, canvas);
  for (const config::Field& field : form.fields) {
    print_field(field, style, canvas);
  }
  Random even(0);
  print_e13b(47, 83.6, "U" + value("cheque_number") + "U " + value("branch_code") + "T 427100U 31", {}, even, canvas);
}

}  // namespace inkfield::generator
