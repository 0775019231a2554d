#include "tests/bench/form_family.h"

#include <algorithm>
#include <cmath>

#include "tests/generator/form_printing.h"
#include "tests/generator/random.h"

namespace inkfield::bench {
namespace {

using config::RectMm;
using generator::Random;

constexpr double kMmPerPoint = 25.4 / 72;

std::string words(Random& random, int count) {
  static const std::vector<std::string> kWords{"Name",   "Account", "number",  "date",     "of",      "birth",    "please", "enter",  "amount",   "in",
                                               "figures", "branch", "office",  "customer", "the",     "form",     "and",    "return", "to",       "before",
                                               "signature", "address", "postal", "code",   "city",    "payment",  "order",  "claim",  "insured",  "person",
                                               "employer", "month", "total",   "carried",  "forward", "reference", "period", "from",  "see",      "notes",
                                               "overleaf", "use",   "capital", "letters",  "only",    "black",    "ink",    "do",     "not",      "write"};
  std::string text;
  for (int i = 0; i < count; ++i) text += (i > 0 ? " " : "") + random.pick(kWords);
  return text;
}

class Drafting {
 public:
  Drafting(FamilyForm& form, Random& random) : form_(form), random_(random), ruler_(10, 10, {}, generator::kWhite) {}

  void draw() {
    choose_sheet();
    head();
    field_row();
    y_ += random_.between(2, 6);
    while (y_ < bottom_ - 16) section();
    foot();
  }

 private:
  void choose_sheet() {
    static const std::vector<std::pair<double, double>> kSheets{{210, 297}, {210, 297}, {210, 297}, {210, 297}, {210, 297},
                                                                {210, 297}, {215.9, 279.4}, {210, 148}, {210, 148}, {203, 92}};
    const auto [width, height] = random_.pick(kSheets);
    form_.form.width_mm = width;
    form_.form.height_mm = height;
    left_ = random_.between(14, 22);
    right_ = width - random_.between(14, 22);
    bottom_ = height - 14;
    y_ = random_.between(11, 16);
  }

  void solid(double x, double y, double width, double height) { form_.print.push_back({PrintedItem::Kind::solid, {x, y, width, height}, "", 0, false}); }
  void level(double x, double y, double length, double thick) { solid(x, y - thick / 2, length, thick); }
  void upright(double x, double y, double length, double thick) { solid(x - thick / 2, y, thick, length); }
  void outline(const RectMm& zone) { form_.print.push_back({PrintedItem::Kind::outline, zone, "", 0, false}); }
  double text(double x, double base, const std::string& what, double size_pt, bool bold) {
    generator::Font font;
    font.size_pt = size_pt;
    font.bold = bold;
    const double width = ruler_.text_width_mm(what, font);
    form_.print.push_back({PrintedItem::Kind::text, {x, base, width, size_pt * kMmPerPoint * 0.72}, what, size_pt, bold});
    return width;
  }

  void head() {
    const bool logo_left = random_.chance(0.5);
    const double logo_width = random_.between(8, 18);
    const double logo_height = random_.between(5, 10);
    const bool logo = random_.chance(0.7);
    if (logo) solid(logo_left ? left_ : right_ - logo_width, y_, logo_width, logo_height);
    const double x = logo && logo_left ? left_ + logo_width + 5 : left_;
    text(x, y_ + 5, words(random_, random_.integer(2, 3)), random_.between(12, 17), true);
    text(x, y_ + 10, words(random_, random_.integer(3, 6)), random_.between(7, 9), false);
    y_ += std::max(13.0, logo_height + 4);
    if (random_.chance(0.6)) {
      level(left_, y_, random_.chance(0.5) ? right_ - left_ : random_.between(0.4, 0.9) * (right_ - left_), random_.between(0.25, 0.6));
      y_ += 4;
    }
  }

  void section() {
    const double kind = random_.unit();
    if (kind < 0.55) field_row();
    else if (kind < 0.7 && y_ < bottom_ - 40) table();
    else if (kind < 0.82) paragraph();
    else if (kind < 0.92) rule();
    else if (y_ < bottom_ - 45) frame();
    y_ += random_.between(2, 6);
  }

  config::Field& new_field(const RectMm& zone) {
    config::Field field;
    field.id = "field" + std::to_string(form_.form.fields.size() + 1);
    field.zone = zone;
    form_.form.fields.push_back(field);
    return form_.form.fields.back();
  }

  void field_row() {
    double x = left_ + (random_.chance(0.3) ? random_.between(0, 25) : 0);
    const double label_y = y_ + 2.5;
    const double top = y_ + 3.6;
    double tallest = 6;
    for (int i = 0; i < 3; ++i) {
      const double kind = random_.unit();
      const double room = right_ - x;
      if (room < 30) break;
      if (kind < 0.5) {
        const double pitch = random_.between(4.6, 6.2);
        const int count = std::min(random_.integer(4, 16), static_cast<int>(room / pitch));
        const double height = random_.between(5.5, 8);
        config::Field& field = new_field({x, top, pitch * count, height});
        field.layout = {random_.chance(0.7) ? config::LayoutType::boxes : config::LayoutType::comb, count, pitch, {}, true};
        text(x, label_y, words(random_, random_.integer(1, 3)), 6.5, false);
        x += pitch * count + random_.between(6, 16);
        tallest = std::max(tallest, height);
      } else if (kind < 0.8) {
        const double width = random_.between(25, std::min(90.0, room));
        new_field({x, top, width, 7});
        level(x, top + 7, width, 0.25);
        text(x, label_y, words(random_, random_.integer(1, 3)), 6.5, false);
        x += width + random_.between(6, 16);
        tallest = std::max(tallest, 7.0);
      } else {
        const int boxes = random_.integer(2, 4);
        for (int b = 0; b < boxes && x < right_ - 25; ++b) {
          config::Field& field = new_field({x, top, 4, 4});
          field.kind = config::FieldKind::checkbox;
          x += 5.5;
          x += text(x, top + 3.2, words(random_, random_.integer(1, 2)), 7, false) + 5;
        }
        x += random_.between(3, 10);
      }
      if (random_.chance(0.35)) break;
    }
    y_ = top + tallest + 1;
  }

  void table() {
    const int rows = random_.integer(3, 7);
    const int columns = random_.integer(2, 5);
    const double row_height = random_.between(5, 8.5);
    const double width = random_.chance(0.6) ? right_ - left_ : random_.between(0.5, 0.9) * (right_ - left_);
    const RectMm zone{left_, y_, width, std::min(row_height * rows, bottom_ - 6 - y_)};
    outline(zone);
    for (int r = 1; r < rows && zone.y_mm + row_height * r < zone.bottom_mm() - 3; ++r) level(zone.x_mm, zone.y_mm + row_height * r, width, 0.2);
    double x = zone.x_mm;
    for (int c = 0; c < columns; ++c) {
      text(x + 1.2, zone.y_mm + row_height - 1.6, words(random_, 1), 7, true);
      x += c + 1 < columns ? random_.between(0.6, 1.4) * width / columns : 0;
      if (x > zone.right_mm() - 12) break;
      if (c + 1 < columns) upright(x, zone.y_mm, zone.height_mm, 0.2);
    }
    y_ = zone.bottom_mm();
  }

  void paragraph() {
    const int lines = random_.integer(2, 5);
    const double indent = random_.chance(0.3) ? random_.between(0, 40) : 0;
    for (int i = 0; i < lines && y_ < bottom_ - 8; ++i) {
      y_ += 3.1;
      text(left_ + indent, y_, words(random_, random_.integer(6, 14)), 6.8, false);
    }
  }

  void rule() {
    const double inset = random_.chance(0.4) ? random_.between(0, 60) : 0;
    level(left_ + inset, y_ + 1, std::max(20.0, random_.between(0.3, 1) * (right_ - left_ - inset)), random_.between(0.2, 0.5));
    y_ += 2;
  }

  void frame() {
    const double top = y_;
    const RectMm zone{left_, top, random_.between(0.5, 1) * (right_ - left_), random_.between(15, 35)};
    outline(zone);
    text(zone.x_mm + 2, top + 4, words(random_, random_.integer(2, 5)), 8, true);
    y_ = zone.bottom_mm() + 1;
  }

  void foot() {
    const std::string code = "Form " + std::to_string(random_.integer(1000, 9999)) + " - 0" + std::to_string(random_.integer(1, 9)) + "/" +
                             std::to_string(random_.integer(10, 19));
    text(random_.chance(0.5) ? left_ : right_ - 40, form_.form.height_mm - 9, code, 7, false);
  }

  FamilyForm& form_;
  Random& random_;
  generator::Canvas ruler_;
  double left_ = 0;
  double right_ = 0;
  double bottom_ = 0;
  double y_ = 0;
};

// What a person who writes a template would list: a few long lines, a frame, a block, a title.
void list_landmarks(FamilyForm& form) {
  std::vector<const PrintedItem*> lines;
  std::vector<const PrintedItem*> texts;
  for (const PrintedItem& item : form.print) {
    const double length = std::max(item.zone.width_mm, item.zone.height_mm);
    if (item.kind == PrintedItem::Kind::solid && std::min(item.zone.width_mm, item.zone.height_mm) < 1 && length > 20) lines.push_back(&item);
    if (item.kind == PrintedItem::Kind::text && item.zone.width_mm > 30) texts.push_back(&item);
    auto& landmarks = form.form.find_by.landmarks;
    if (item.kind == PrintedItem::Kind::outline && landmarks.size() < 3) landmarks.push_back({config::LandmarkKind::rectangle, item.zone, ""});
    if (item.kind == PrintedItem::Kind::solid && item.zone.height_mm > 3 && item.zone.width_mm > 3) landmarks.push_back({config::LandmarkKind::block, item.zone, ""});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const PrintedItem* a, const PrintedItem* b) {
    return std::max(a->zone.width_mm, a->zone.height_mm) > std::max(b->zone.width_mm, b->zone.height_mm);
  });
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 6); ++i) form.form.find_by.landmarks.push_back({config::LandmarkKind::line, lines[i]->zone, ""});
  for (std::size_t i = 0; i < std::min<std::size_t>(texts.size(), 2); ++i) {
    const RectMm& zone = texts[i]->zone;
    form.form.find_by.landmarks.push_back({config::LandmarkKind::text, {zone.x_mm, zone.y_mm - zone.height_mm, zone.width_mm, zone.height_mm}, texts[i]->text});
  }
}

void list_corner_marks(FamilyForm& form) {
  const double right = form.form.width_mm - 7;
  const double bottom = form.form.height_mm - 7;
  for (const auto& [x, y] : {std::pair{7.0, 7.0}, std::pair{right, 7.0}, std::pair{7.0, bottom}, std::pair{right, bottom}}) {
    form.form.find_by.corner_marks.push_back({{x, y}, 4});
  }
}

// The next edition: a printed code that differs, or one line more.
void revise(FamilyForm& form, Random& random) {
  if (form.found_by == FoundBy::blank_picture && random.chance(0.5)) {
    for (PrintedItem& item : form.print) {
      if (item.kind == PrintedItem::Kind::text && item.text.starts_with("Form ")) item.text = item.text.substr(0, 9) + " - 11/" + std::to_string(random.integer(20, 26));
    }
    return;
  }
  const double length = random.between(25, 60);
  const double x = random.between(20, form.form.width_mm - 20 - length);
  const PrintedItem line{PrintedItem::Kind::solid, {x, form.form.height_mm - 14.5, length, 0.3}, "", 0, false};
  form.print.push_back(line);
  if (form.found_by != FoundBy::blank_picture) form.form.find_by.landmarks.push_back({config::LandmarkKind::line, line.zone, ""});
}

}  // namespace

FamilyForm family_form(int number, std::uint64_t family) {
  const bool revision = number % 10 == 9;
  const int layout = revision ? number - 1 : number;
  Random random(family, "form", static_cast<std::uint64_t>(layout));
  FamilyForm form;
  form.form.id = "form" + std::to_string(number);
  form.form.name = form.form.id;
  form.form.source = "memory";
  Drafting(form, random).draw();
  const int style = random.integer(0, 2);
  form.found_by = static_cast<FoundBy>(style);
  if (form.found_by == FoundBy::corner_marks) {
    list_corner_marks(form);
    // All sheets of one size carry the same marks; where there are no boxes, nothing else would tell the form.
    const auto boxes = std::count_if(form.form.fields.begin(), form.form.fields.end(), [](const config::Field& f) { return f.layout.count > 0; });
    if (boxes < 2) list_landmarks(form);
  }
  if (form.found_by == FoundBy::landmarks) list_landmarks(form);
  if (revision) revise(form, random);
  return form;
}

void print_family_form(const FamilyForm& form, generator::Canvas& canvas) {
  const generator::PrintStyle style;
  for (const config::CornerMark& mark : form.form.find_by.corner_marks) {
    canvas.fill({mark.center.x_mm - mark.size_mm / 2, mark.center.y_mm - mark.size_mm / 2, mark.size_mm, mark.size_mm}, generator::kBlack);
  }
  for (const config::Field& field : form.form.fields) generator::print_field(field, style, canvas);
  for (const PrintedItem& item : form.print) {
    switch (item.kind) {
      case PrintedItem::Kind::solid: canvas.fill(item.zone, generator::kBlack); break;
      case PrintedItem::Kind::outline: canvas.outline(item.zone, 0.3, generator::kBlack); break;
      case PrintedItem::Kind::text: {
        generator::Font font;
        font.size_pt = item.size_pt;
        font.bold = item.bold;
        canvas.text(item.zone.x_mm, item.zone.y_mm, item.text, font);
        break;
      }
    }
  }
}

}  // namespace inkfield::bench
