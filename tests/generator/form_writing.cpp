#include "tests/generator/form_writing.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "recognizer/synthesis/handwriting.h"
#include "tests/generator/cursive.h"
#include "tests/generator/form_printing.h"

namespace inkfield::generator {
namespace {

using config::RectMm;

/// What a person brings to a page: a hand, a pen, and habits.
struct Writer {
  synthesis::WriterStyle style;
  Pen pen;
  double pen_mm = 0.4;
  double size = 0.62;        ///< digits against the height of a box
  double carelessness = 0;   ///< how far from the middle of a box digits land, in widths of the box
  int mark = 0;              ///< tick, cross or filled
};

Writer random_writer(bool faint, Random& random) {
  Writer writer;
  writer.style = random.chance(0.7) ? synthesis::WriterStyle::careful(random.pen()) : synthesis::WriterStyle::random(random.pen());
  // On a line neighbours may touch; nearly nobody who fills in a form writes a whole number in one run.
  writer.style.join = std::min(writer.style.join, 0.1F);
  writer.style.gap = std::max(writer.style.gap, 0.04F);
  writer.style.baseline_slope = std::clamp(writer.style.baseline_slope, -0.03F, 0.03F);
  const int tool = random.integer(0, 9);
  if (tool < 4) {  // blue ball-point
    writer.pen = {{0.10, 0.16, 0.50}, random.between(0.85, 0.95), 0.12, 0.12};
    writer.pen_mm = random.between(0.30, 0.45);
  } else if (tool < 7) {  // black gel or ball-point
    writer.pen = {{0.07, 0.07, 0.09}, random.between(0.88, 0.97), 0.05, 0.05};
    writer.pen_mm = random.between(0.35, 0.55);
  } else if (tool < 9) {  // blue-black fountain pen
    writer.pen = {{0.07, 0.09, 0.26}, random.between(0.85, 0.95), 0.04, 0.2};
    writer.pen_mm = random.between(0.4, 0.65);
  } else {  // pencil
    writer.pen = {{0.25, 0.25, 0.27}, random.between(0.8, 0.9), 0.3, 0.15};
    writer.pen_mm = random.between(0.35, 0.5);
  }
  if (faint) {
    writer.pen.opacity *= random.between(0.6, 0.8);
  }
  writer.size = random.between(0.52, 0.72);
  writer.carelessness = random.between(0.01, 0.05);
  writer.mark = random.integer(0, 9);
  return writer;
}

/// Draws a path of the synthesizer with digits `height_mm` high.
void draw_path(const synthesis::StrokePath& path, double left_mm, double baseline_mm, double height_mm, double pen_mm, double style_pen,
               Canvas& canvas) {
  for (const synthesis::Stroke& stroke : path.strokes) {
    std::vector<PenPoint> points;
    for (const synthesis::PenPoint& point : stroke.points) {
      points.push_back({left_mm + static_cast<double>(point.x) * height_mm, baseline_mm + static_cast<double>(point.y) * height_mm,
                        pen_mm * static_cast<double>(point.width) / style_pen});
    }
    canvas.stroke(points);
  }
}

void write_in_cells(const config::Field& field, const std::string& text, const Writer& writer, Random& random, Canvas& canvas) {
  const std::vector<RectMm> cells = cells_of(field);
  for (std::size_t i = 0; i < text.size() && i < cells.size(); ++i) {
    const RectMm& cell = cells[i];
    const double height = cell.height_mm * writer.size * random.normal(1, 0.05);
    synthesis::WriterStyle style = writer.style;
    style.pen_width = static_cast<float>(writer.pen_mm / height);
    const synthesis::StrokePath path = synthesis::write_text(std::string_view(text).substr(i, 1), style, random.pen());
    const synthesis::SymbolExtent bounds = path.bounds();
    const double width = static_cast<double>(bounds.right - bounds.left) * height;
    const double scale = std::min(1.0, cell.width_mm * 0.86 / std::max(width, 0.1));
    double middle = cell.center().x_mm + random.normal(0, writer.carelessness) * cell.width_mm;
    double lift = random.normal(0, 0.03) * cell.height_mm;
    if (random.chance(0.03)) {  // now and then a digit crosses a line
      middle += (random.chance(0.5) ? 0.16 : -0.16) * cell.width_mm;
      lift += random.between(-0.05, 0.12) * cell.height_mm;
    }
    const double left = middle - static_cast<double>(bounds.left + bounds.right) / 2 * height * scale;
    const double baseline =
        cell.center().y_mm + (field.layout.type == config::LayoutType::comb ? -0.05 * cell.height_mm : 0) + lift -
        static_cast<double>(bounds.top + bounds.bottom) / 2 * height * scale;
    draw_path(path, left, baseline, height * scale, writer.pen_mm, static_cast<double>(style.pen_width), canvas);
  }
}

void write_on_line(const config::Field& field, const std::string& text, const Writer& writer, Random& random, Canvas& canvas) {
  double height = field.zone.height_mm * std::clamp(writer.size * 0.85, 0.44, 0.56);
  synthesis::WriterStyle style = writer.style;
  style.pen_width = static_cast<float>(writer.pen_mm / height);
  const synthesis::StrokePath path = synthesis::write_text(text, style, random.pen());
  const synthesis::SymbolExtent bounds = path.bounds();
  const double room = field.zone.width_mm - 2.5;
  const double width = static_cast<double>(bounds.right - bounds.left);
  height = std::min(height, room / std::max(width, 0.1));
  const double spare = std::max(0.0, room - width * height);
  const double left = field.zone.x_mm + 1.2 + spare * random.between(0.05, 0.45) - static_cast<double>(bounds.left) * height;
  const double baseline = field.zone.bottom_mm() - field.zone.height_mm * random.between(0.22, 0.28);
  draw_path(path, left, baseline, height, writer.pen_mm, static_cast<double>(style.pen_width), canvas);
}

void run_through(const std::vector<PenPoint>& corners, Canvas& canvas) {
  std::vector<PenPoint> stroke;
  for (std::size_t i = 0; i + 1 < corners.size(); ++i) {
    for (int step = 0; step < 8; ++step) {
      const double t = step / 8.0;
      stroke.push_back({corners[i].x_mm + (corners[i + 1].x_mm - corners[i].x_mm) * t, corners[i].y_mm + (corners[i + 1].y_mm - corners[i].y_mm) * t,
                        corners[i].width_mm});
    }
  }
  stroke.push_back(corners.back());
  canvas.stroke(stroke);
}

void mark_box(const RectMm& box, const Writer& writer, Random& random, Canvas& canvas) {
  const double side = box.width_mm;
  const double pen = writer.pen_mm;
  const auto at = [&](double x, double y) {
    return PenPoint{box.x_mm + (x + random.normal(0, 0.05)) * side, box.y_mm + (y + random.normal(0, 0.05)) * side, pen};
  };
  if (writer.mark < 5) {  // cross
    run_through({at(0.12, 0.12), at(0.5, 0.52), at(0.9, 0.9)}, canvas);
    run_through({at(0.88, 0.1), at(0.48, 0.5), at(0.1, 0.88)}, canvas);
  } else if (writer.mark < 8) {  // tick, with a tail that leaves the box
    run_through({at(0.12, 0.5), at(0.25, 0.65), at(0.4, 0.85), at(0.7, 0.3), at(1.15, -0.2)}, canvas);
  } else {  // shaded
    std::vector<PenPoint> zigzag;
    for (int i = 0; i < 9; ++i) {
      zigzag.push_back(at(0.12 + 0.09 * i, i % 2 == 0 ? 0.85 : 0.15));
    }
    run_through(zigzag, canvas);
  }
}

CursiveHand cursive_of(const Writer& writer, double x_height_mm) {
  return {.x_height_mm = x_height_mm, .slant = 0.1 + static_cast<double>(writer.style.slant), .width = 1.25 * static_cast<double>(writer.style.aspect),
          .pen_mm = std::max(0.24, writer.pen_mm * 0.7)};
}

/// Words at a size at which they fit between `left_mm` and `right_mm`.
void write_fitting(const std::string& words, double left_mm, double right_mm, double baseline_mm, CursiveHand hand, Random& random,
                   Canvas& canvas) {
  const double width = words_width_mm(words, hand);
  hand.width *= std::min(1.0, (right_mm - left_mm) / width);
  write_words(words, left_mm, baseline_mm, hand, random, canvas);
}

void write_words_on_cheque(const std::vector<FieldValue>& values, const Writer& writer, Random& random, Canvas& canvas) {
  static const std::vector<std::string> kFirst{"Leonard", "Idris", "Nora", "Stella", "Oswald", "Freya", "Gordon", "Tilda", "Harlan", "Isolde"};
  static const std::vector<std::string> kLast{"Thorne", "Winslow", "Vandelaar", "Kessling", "Oakland", "Redgrave", "Stonehill", "Lunsford"};
  const CursiveHand hand = cursive_of(writer, random.between(1.9, 2.3));
  write_fitting(random.pick(kFirst) + " " + random.pick(kLast), 26 + random.between(0, 8), 140, 25.4, hand, random, canvas);
  long long amount = 0;
  for (const FieldValue& value : values) {
    if (value.field_id == "amount") {
      amount = std::stoll(value.normalized.substr(0, value.normalized.find('.')));
    }
  }
  const std::string words = amount_in_words(amount);
  // The first line takes what fits on it, the second the rest.
  std::size_t cut = words.size();
  while (words_width_mm(words.substr(0, cut), hand) > 108 && words.rfind(' ', cut - 1) != std::string::npos) {
    cut = words.rfind(' ', cut - 1);
  }
  write_fitting(words.substr(0, cut), 30, 139, 33.8, hand, random, canvas);
  if (cut < words.size()) {
    write_fitting(words.substr(cut + 1), 16, 138, 42, hand, random, canvas);
  }
  write_signature(random.pick(kFirst).substr(0, 1) + random.pick(kLast), 150 + random.between(0, 10), 66.5, cursive_of(writer, 2.2), random, canvas);
}

}  // namespace

void write_on_form(SampleForm form, const config::FormTemplate& form_template, const std::vector<FieldValue>& values, bool faint,
                   std::uint64_t seed, Canvas& canvas, double ink_left) {
  Random random(seed, "writer", 0);
  Writer writer = random_writer(faint, random);
  writer.pen.opacity *= ink_left;
  for (const FieldValue& value : values) {
    const config::Field& field = field_of(form_template, value.field_id);
    // Each field has its own numbers, so that a change to one leaves the others as they were.
    Random own(seed, "field " + field.id, 0);
    if (field.kind == config::FieldKind::checkbox) {
      if (value.written == "checked") {
        mark_box(field.zone, writer, own, canvas);
      }
    } else if (field.kind == config::FieldKind::handwritten_number && !value.written.empty()) {
      if (field.layout.type == config::LayoutType::line) {
        write_on_line(field, value.written, writer, own, canvas);
      } else {
        write_in_cells(field, value.written, writer, own, canvas);
      }
    }
  }
  Random words(seed, "words", 0);
  if (form == SampleForm::cheque) {
    write_words_on_cheque(values, writer, words, canvas);
  } else if (form == SampleForm::census) {
    write_signature("Nora Winslow", 28 + words.between(0, 25), 262, cursive_of(writer, 2.6), words, canvas);
  }
  canvas.lay_ink(writer.pen, seed);
}

}  // namespace inkfield::generator
