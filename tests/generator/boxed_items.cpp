// One shape of a box, one scanner: what stands in the boxes of a set differs, not how they came to be pictures.
#include "tests/generator/boxed_items.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/generator/canvas.h"
#include "tests/generator/degradation.h"

namespace inkfield::generator {
namespace {

using config::PointMm;
using config::RectMm;

/// The form that all boxes of a set come from: a printed cell with paper around it, and the scanner.
struct Box {
  double width_mm = 7;
  double height_mm = 9;
  double margin_mm = 1.2;
  double line_mm = 0.25;
  double dpi = 200;

  explicit Box(Random& random)
      : width_mm(random.between(5.5, 8)),
        height_mm(width_mm * random.between(1.15, 1.4)),
        margin_mm(random.between(0.8, 1.6)),
        line_mm(random.between(0.15, 0.4)),
        dpi(random.chance(0.5) ? 200 : 300) {}
  [[nodiscard]] RectMm outline() const { return {margin_mm, margin_mm, width_mm, height_mm}; }
  [[nodiscard]] double sheet_width() const { return width_mm + 2 * margin_mm; }
  [[nodiscard]] double sheet_height() const { return height_mm + 2 * margin_mm; }
};

Pen random_pen(Random& random) {
  switch (random.integer(0, 3)) {
    case 0: return {{0.10, 0.16, 0.50}, random.between(0.8, 0.95), 0.12, 0.12};
    case 1: return {{0.25, 0.25, 0.27}, random.between(0.75, 0.9), 0.3, 0.15};  // pencil
    default: return {{0.07, 0.07, 0.09}, random.between(0.85, 0.97), 0.06, 0.06};
  }
}

void stroke(Canvas& canvas, const std::vector<PointMm>& points, double width_mm) {
  std::vector<PenPoint> pen;
  for (const PointMm& point : points) {
    pen.push_back({point.x_mm, point.y_mm, width_mm});
  }
  canvas.stroke(pen);
}

/// A stroke of a hand between two points: a little bent, never quite where it was meant to go.
void hand_line(Canvas& canvas, PointMm from, PointMm to, double width_mm, Random& random) {
  const double length = std::hypot(to.x_mm - from.x_mm, to.y_mm - from.y_mm);
  const double bend = random.normal(0, 0.05) * length;
  std::vector<PointMm> points;
  for (int i = 0; i <= 16; ++i) {
    const double t = i / 16.0;
    const double bow = bend * 4 * t * (1 - t);
    points.push_back({from.x_mm + t * (to.x_mm - from.x_mm) - bow * (to.y_mm - from.y_mm) / std::max(length, 0.1),
                      from.y_mm + t * (to.y_mm - from.y_mm) + bow * (to.x_mm - from.x_mm) / std::max(length, 0.1)});
  }
  stroke(canvas, points, width_mm);
}

/// Zigzag over a rectangle, as when something is made unreadable.
void zigzag(Canvas& canvas, const RectMm& area, int turns, double width_mm, bool upright, Random& random) {
  std::vector<PointMm> points;
  for (int i = 0; i <= turns; ++i) {
    const double along = static_cast<double>(i) / turns;
    const double across = i % 2 == 0 ? random.between(0, 0.15) : random.between(0.85, 1);
    const PointMm turn = upright ? PointMm{area.x_mm + along * area.width_mm, area.y_mm + across * area.height_mm}
                                 : PointMm{area.x_mm + across * area.width_mm, area.y_mm + along * area.height_mm};
    if (!points.empty()) {
      const PointMm last = points.back();
      for (int step = 1; step < 8; ++step) {
        const double t = step / 8.0;
        points.push_back({last.x_mm + t * (turn.x_mm - last.x_mm), last.y_mm + t * (turn.y_mm - last.y_mm)});
      }
    }
    points.push_back(turn);
  }
  stroke(canvas, points, width_mm);
}

/// Loops that run along a line, as a pen that is tried out makes them.
void loops(Canvas& canvas, const RectMm& area, int count, double width_mm, Random& random) {
  std::vector<PointMm> points;
  // Narrow, or they would lie on each other and be one fat 0.
  const double radius_x = area.width_mm * random.between(0.12, 0.18);
  const double radius_y = area.height_mm * random.between(0.25, 0.45);
  const double middle = area.y_mm + area.height_mm / 2;
  const int steps = count * 24;
  for (int i = 0; i <= steps; ++i) {
    const double t = static_cast<double>(i) / steps;
    const double angle = 2 * std::numbers::pi * count * t;
    points.push_back({area.x_mm + radius_x + t * (area.width_mm - 2 * radius_x) + radius_x * std::cos(angle),
                      middle + radius_y * std::sin(angle) * (0.8 + 0.2 * std::sin(3 * angle + t))});
  }
  stroke(canvas, points, width_mm);
}

/// A walk without aim: a sum of slow swings.
void tangle(Canvas& canvas, const RectMm& area, double width_mm, Random& random) {
  std::array<double, 6> phase{};
  for (double& value : phase) {
    value = random.between(0, 2 * std::numbers::pi);
  }
  const double fast = random.between(2.3, 3.7);
  std::vector<PointMm> points;
  for (int i = 0; i <= 240; ++i) {
    const double t = 2 * std::numbers::pi * i / 240;
    const double x = (std::sin(fast * t + phase[0]) + 0.7 * std::sin(1.9 * fast * t + phase[1]) + 0.4 * std::sin(5.3 * t + phase[2])) / 2.1;
    const double y = (std::sin(1.3 * fast * t + phase[3]) + 0.7 * std::sin(2.3 * fast * t + phase[4]) + 0.4 * std::sin(6.1 * t + phase[5])) / 2.1;
    points.push_back({area.x_mm + area.width_mm * (0.5 + 0.5 * x), area.y_mm + area.height_mm * (0.5 + 0.5 * y)});
  }
  stroke(canvas, points, width_mm);
}

/// Lays a scanned digit as ink over the picture. Drawn larger, its gray edge is made as steep again as it was.
void paste_digit(Picture& picture, const WrittenDigit& digit, const RectMm& area, double opacity) {
  const double px_per_mm = picture.dpi / 25.4;
  const double wide = digit.right - digit.left;
  const double high = digit.bottom - digit.top;
  const double scale = std::min(area.width_mm * px_per_mm / wide, area.height_mm * px_per_mm / high);
  const double x0 = (area.x_mm + area.width_mm / 2) * px_per_mm - scale * (digit.left + wide / 2);
  const double y0 = (area.y_mm + area.height_mm / 2) * px_per_mm - scale * (digit.top + high / 2);
  const auto ink_at = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < WrittenDigit::kSide && y < WrittenDigit::kSide;
    return inside ? digit.ink[static_cast<std::size_t>(y * WrittenDigit::kSide + x)] / 255.0 : 0.0;
  };
  for (int y = 0; y < picture.height_px; ++y) {
    for (int x = 0; x < picture.width_px; ++x) {
      const double sx = (x + 0.5 - x0) / scale - 0.5;
      const double sy = (y + 0.5 - y0) / scale - 0.5;
      const int left = static_cast<int>(std::floor(sx));
      const int top = static_cast<int>(std::floor(sy));
      const double fx = sx - left;
      const double fy = sy - top;
      const double soft = (ink_at(left, top) * (1 - fx) + ink_at(left + 1, top) * fx) * (1 - fy) +
                          (ink_at(left, top + 1) * (1 - fx) + ink_at(left + 1, top + 1) * fx) * fy;
      const double ink = opacity * std::clamp((soft - 0.5) * std::max(1.0, scale * 0.6) + 0.5, 0.0, 1.0);
      std::uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * picture.channels;
      for (int channel = 0; channel < picture.channels; ++channel) {
        pixel[channel] = static_cast<std::uint8_t>(std::lround(pixel[channel] * (1 - ink * 0.92)));
      }
    }
  }
}

/// A part of the box, off its middle as a hand is.
RectMm written_area(const Box& box, double share_wide, double share_high, Random& random) {
  const double width = box.width_mm * share_wide;
  const double height = box.height_mm * share_high;
  const double x = box.margin_mm + (box.width_mm - width) / 2 + random.normal(0, 0.04) * box.width_mm;
  const double y = box.margin_mm + (box.height_mm - height) / 2 + random.normal(0, 0.04) * box.height_mm;
  return {x, y, width, height};
}

void draw_box(Canvas& canvas, const Box& box, Random& random) {
  const double gray = random.between(0.05, 0.45);
  const Colour colour = random.chance(0.3) ? Colour{gray, gray + 0.1, 0.6} : Colour{gray, gray, gray};
  canvas.outline(box.outline(), box.line_mm, colour);
  // Neighbours in a comb.
  if (random.chance(0.6)) {
    const RectMm own = box.outline();
    for (const double x : {own.x_mm - own.width_mm + box.line_mm, own.x_mm + own.width_mm - box.line_mm}) {
      canvas.outline({x, own.y_mm, own.width_mm, own.height_mm}, box.line_mm, colour);
    }
  }
}

/// What lies on paper where nobody wrote.
void draw_remains(Canvas& canvas, const Box& box, Random& random) {
  const RectMm in = box.outline();
  const auto anywhere = [&] { return PointMm{in.x_mm + random.unit() * in.width_mm, in.y_mm + random.unit() * in.height_mm}; };
  if (random.chance(0.5)) {  // dust and specks
    const int specks = random.integer(1, 12);
    for (int i = 0; i < specks; ++i) {
      const PointMm at = anywhere();
      const double gray = random.between(0, 0.5);
      canvas.circle(at.x_mm, at.y_mm, random.between(0.03, 0.16), 0, {gray, gray, gray});
    }
  }
  if (random.chance(0.2)) {  // a hair
    const PointMm from = anywhere();
    const double angle = random.between(0, 2 * std::numbers::pi);
    const double length = random.between(0.4, 1.4);
    const double gray = random.between(0.3, 0.6);
    canvas.curve({from, {from.x_mm + length * std::cos(angle), from.y_mm + length * std::sin(angle)},
                  {from.x_mm + 1.2 * length * std::cos(angle + 0.5), from.y_mm + 1.2 * length * std::sin(angle + 0.5)}},
                 0.06, {gray, gray, gray});
  }
  if (random.chance(0.25)) {  // a smear
    const PointMm at = anywhere();
    for (int i = 0; i < 14; ++i) {
      const double gray = random.between(0.86, 0.95);
      canvas.circle(at.x_mm + random.normal(0, 0.6), at.y_mm + random.normal(0, 0.3), random.between(0.2, 0.6), 0, {gray, gray, gray});
    }
  }
  if (random.chance(0.25)) {  // the end of a neighbour's stroke comes over the line
    const bool from_left = random.chance(0.5);
    const double edge = from_left ? in.x_mm : in.x_mm + in.width_mm;
    const double y = in.y_mm + random.between(0.2, 0.9) * in.height_mm;
    const double reach = random.between(0.02, 0.14) * in.width_mm * (from_left ? 1 : -1);
    hand_line(canvas, {edge - 3 * reach - (from_left ? 1 : -1) * 0.5, y + random.normal(0, 0.8)}, {edge + reach, y},
              random.between(0.3, 0.5), random);
    canvas.lay_ink(random_pen(random), random.bits());
  }
  if (random.chance(0.15)) {  // a tail from the line above
    const double x = in.x_mm + random.unit() * in.width_mm;
    hand_line(canvas, {x + random.normal(0, 0.5), 0}, {x, in.y_mm + random.between(0.02, 0.12) * in.height_mm}, random.between(0.3, 0.5), random);
    canvas.lay_ink(random_pen(random), random.bits());
  }
  if (random.chance(0.1)) {  // a pen set down and lifted
    const PointMm at = anywhere();
    stroke(canvas, {at}, random.between(0.3, 0.5));
    canvas.lay_ink(random_pen(random), random.bits());
  }
}

/// The scanner that all items of these sets go through: a little worse here and there.
void scan(Picture& picture, Random& random) {
  to_gray(picture);
  blur(picture, random.between(0.3, 0.9));
  if (random.chance(0.3)) {
    darken_paper(picture, random.between(0.02, 0.15));
  }
  if (random.chance(0.3)) {
    uneven_light(picture, random.between(0.02, 0.1), random);
  }
  add_noise(picture, random.between(1, 6), random);
  if (random.chance(0.2)) {
    add_specks(picture, random.between(1, 10), random);
  }
  if (random.chance(0.15)) {
    to_bilevel(picture, 150);
  }
}

Placement placement(const Box& box, Random& random) {
  Placement placement;
  placement.dpi = box.dpi;
  placement.angle_degrees = random.normal(0, 0.4);
  return placement;
}

}  // namespace

Picture empty_box(Random& random) {
  const Box box(random);
  Canvas canvas(box.sheet_width(), box.sheet_height(), placement(box, random), kWhite);
  draw_box(canvas, box, random);
  draw_remains(canvas, box, random);
  if (random.chance(0.12)) {  // something was written and erased
    Random hand(random.bits());
    tangle(canvas, written_area(box, 0.5, 0.5, random), 0.4, hand);
    canvas.lay_ink({{0.4, 0.4, 0.42}, random.between(0.04, 0.1), 0.5, 0.6}, random.bits());
  }
  Picture picture = canvas.picture();
  scan(picture, random);
  return picture;
}

Picture letter_box(const WrittenLetter& letter, Random& random) {
  const Box box(random);
  Canvas canvas(box.sheet_width(), box.sheet_height(), placement(box, random), kWhite);
  draw_box(canvas, box, random);
  const double side = std::min(box.width_mm * 0.85, box.height_mm * random.between(0.5, 0.75));
  const RectMm area = written_area(box, side / box.width_mm, side / box.height_mm, random);
  double right = 0;
  double bottom = 0;
  for (const auto& points : letter.strokes) {
    for (const PointMm& point : points) {
      right = std::max(right, point.x_mm);
      bottom = std::max(bottom, point.y_mm);
    }
  }
  const double width = random.between(0.3, 0.6);
  for (const auto& points : letter.strokes) {
    std::vector<PointMm> placed;
    for (const PointMm& point : points) {
      placed.push_back({area.x_mm + (point.x_mm + (1 - right) / 2) * side, area.y_mm + (point.y_mm + (1 - bottom) / 2) * side});
    }
    stroke(canvas, placed, width);
  }
  canvas.lay_ink(random_pen(random), random.bits());
  Picture picture = canvas.picture();
  scan(picture, random);
  return picture;
}

Picture scribble_box(const WrittenDigit& digit, Random& random) {
  const Box box(random);
  Canvas canvas(box.sheet_width(), box.sheet_height(), placement(box, random), kWhite);
  draw_box(canvas, box, random);
  const double width = random.between(0.35, 0.6);
  const RectMm area = written_area(box, random.between(0.5, 0.85), random.between(0.45, 0.75), random);
  const bool crossing_out = random.chance(0.5);
  if (crossing_out) {
    switch (random.integer(0, 3)) {
      case 0:
        zigzag(canvas, area, random.integer(6, 11), width, random.chance(0.5), random);
        break;
      case 1: {  // two or three strokes through it
        const int strokes = random.integer(2, 3);
        const double slope = random.normal(0, 0.25) * area.height_mm;
        for (int i = 0; i < strokes; ++i) {
          const double y = area.y_mm + area.height_mm * (i + 1.0) / (strokes + 1.0);
          hand_line(canvas, {area.x_mm - 0.3, y - slope}, {area.x_mm + area.width_mm + 0.3, y + slope}, width, random);
        }
        break;
      }
      case 2:  // a cross from corner to corner
        hand_line(canvas, {area.x_mm, area.y_mm}, {area.x_mm + area.width_mm, area.y_mm + area.height_mm}, width, random);
        hand_line(canvas, {area.x_mm + area.width_mm, area.y_mm}, {area.x_mm, area.y_mm + area.height_mm}, width, random);
        break;
      default:
        tangle(canvas, area, width, random);
        break;
    }
  } else {
    switch (random.integer(0, 3)) {
      case 0: zigzag(canvas, area, random.integer(8, 14), width, random.chance(0.5), random); break;
      case 1: loops(canvas, area, random.integer(4, 7), width, random); break;
      case 2: tangle(canvas, area, width, random); break;
      default: {  // hatching, one way or both
        const int lines = random.integer(4, 8);
        const bool both = random.chance(0.5);
        for (int i = 0; i < lines; ++i) {
          const double t = (i + 0.5) / lines;
          hand_line(canvas, {area.x_mm + t * area.width_mm, area.y_mm}, {area.x_mm + (t - 0.15) * area.width_mm, area.y_mm + area.height_mm}, width, random);
          if (both) {
            hand_line(canvas, {area.x_mm, area.y_mm + t * area.height_mm}, {area.x_mm + area.width_mm, area.y_mm + (t - 0.1) * area.height_mm}, width, random);
          }
        }
        break;
      }
    }
  }
  // Digit and strokes are of one pen; what the scanner then loses of one it loses of the other.
  Pen pen = random_pen(random);
  if (crossing_out) {
    pen = {{0.08, 0.08, 0.08}, pen.opacity, 0.05, 0.05};
  }
  canvas.lay_ink(pen, random.bits());
  Picture picture = canvas.picture();
  if (crossing_out) {
    paste_digit(picture, digit, written_area(box, 0.7, random.between(0.5, 0.65), random), pen.opacity);
  }
  scan(picture, random);
  return picture;
}

Picture digit_box(const WrittenDigit& digit, Random& random) {
  const Box box(random);
  Canvas canvas(box.sheet_width(), box.sheet_height(), placement(box, random), kWhite);
  draw_box(canvas, box, random);
  Picture picture = canvas.picture();
  paste_digit(picture, digit, written_area(box, 0.75, random.between(0.45, 0.7), random), random_pen(random).opacity);
  scan(picture, random);
  return picture;
}
}  // namespace inkfield::generator
