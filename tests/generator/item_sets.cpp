// Each item has random numbers of its own, so that a set of 100 is the beginning of a set of 1,000.
#include "tests/generator/item_sets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "tests/generator/canvas.h"
#include "tests/generator/degradation.h"
#include "tests/generator/picture.h"
#include "tests/generator/random.h"
#include "tests/generator/written_items.h"

namespace inkfield::generator {

// What is one shape with some digit as people write it: round letters and zeros, also such as stay open; upright ones and 1; z and 2; A
// and a 4; s and 5; b, G and 6; B and 8; a, g, q, y and 9.
const std::string kLettersLikeDigits = "OoQDCcUuIiLlJjZzASsbGBagqy";

namespace {

using config::PointMm;
using config::RectMm;

std::string numbered(const char* stem, int number) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%s_%05d.png", stem, number);
  return name.data();
}

/// A file that must be there in the end.
class TextFile {
 public:
  explicit TextFile(std::filesystem::path path) : path_(std::move(path)), out_(path_) {}
  std::ofstream& line() { return out_; }
  void close() {
    out_.close();
    if (!out_) {
      throw std::runtime_error(path_.string() + ": cannot be written");
    }
  }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

std::vector<std::vector<WrittenDigit>> by_writer(const std::vector<WrittenDigit>& digits, std::size_t at_least) {
  std::map<int, std::vector<WrittenDigit>> writers;
  for (const WrittenDigit& digit : digits) {
    writers[digit.writer].push_back(digit);
  }
  std::vector<std::vector<WrittenDigit>> hands;
  for (auto& [writer, theirs] : writers) {
    if (theirs.size() >= at_least) {
      hands.push_back(std::move(theirs));
    }
  }
  if (hands.empty()) {
    throw std::runtime_error("no writer has " + std::to_string(at_least) + " digits");
  }
  return hands;
}

struct WrittenString {
  Picture picture;
  std::string digits;
  int writer = 0;
};

/// Different digits of one writer, side by side on white paper.
WrittenString join_digits(const std::vector<WrittenDigit>& theirs, int count, Random& random) {
  std::vector<std::size_t> order(theirs.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  WrittenString result;
  result.writer = theirs.front().writer;
  constexpr int kMargin = 6;
  constexpr int kHeight = 40;
  struct Place {
    const WrittenDigit* digit;
    int x;
    int y;
  };
  std::vector<Place> places;
  int x = kMargin;
  for (int i = 0; i < count; ++i) {
    const auto chosen = static_cast<std::size_t>(random.integer(i, static_cast<int>(order.size()) - 1));
    std::swap(order[static_cast<std::size_t>(i)], order[chosen]);
    const WrittenDigit& digit = theirs[order[static_cast<std::size_t>(i)]];
    if (i > 0) {
      x += random.chance(0.3) ? random.integer(-4, 0) : random.integer(1, 8);
    }
    // Feet of a common line, each a little off it.
    const int foot = kHeight - 10 + random.integer(-2, 2);
    places.push_back({&digit, x - digit.left, foot - digit.bottom});
    x += digit.right - digit.left;
    result.digits += static_cast<char>('0' + digit.label);
  }
  result.picture.width_px = x + kMargin;
  result.picture.height_px = kHeight;
  result.picture.channels = 1;
  result.picture.samples.assign(result.picture.row_bytes() * static_cast<std::size_t>(kHeight), 255);
  for (const Place& place : places) {
    for (int row = 0; row < WrittenDigit::kSide; ++row) {
      for (int column = 0; column < WrittenDigit::kSide; ++column) {
        const int px = place.x + column;
        const int py = place.y + row;
        if (px < 0 || py < 0 || px >= result.picture.width_px || py >= kHeight) {
          continue;
        }
        std::uint8_t& paper = result.picture.row(py)[px];
        const std::uint8_t ink = place.digit->ink[static_cast<std::size_t>(row * WrittenDigit::kSide + column)];
        paper = std::min(paper, static_cast<std::uint8_t>(255 - ink));
      }
    }
  }
  return result;
}

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

/// A scribble, or a digit that was crossed out so that nobody could take it for meant.
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

std::vector<WrittenDigit> held_out_digits(const std::filesystem::path& data) {
  std::vector<WrittenDigit> digits = read_mnist(data, MnistPart::train);
  std::erase_if(digits, [](const WrittenDigit& digit) { return !is_held_out(digit.writer); });
  return digits;
}

/// A deck of indices that is dealt through before any comes again.
class Deck {
 public:
  Deck(std::size_t size, Random random) : random_(random), order_(size), next_(size) {
    for (std::size_t i = 0; i < size; ++i) {
      order_[i] = i;
    }
  }
  std::size_t deal() {
    if (next_ == order_.size()) {
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[static_cast<std::size_t>(random_.integer(0, static_cast<int>(i) - 1))]);
      }
      next_ = 0;
    }
    return order_[next_++];
  }

 private:
  Random random_;
  std::vector<std::size_t> order_;
  std::size_t next_;
};

}  // namespace

void make_strings(const ItemSetOptions& options) {
  const auto hands = by_writer(read_mnist(options.data, MnistPart::test), 5);
  std::filesystem::create_directories(options.out);
  TextFile truth(options.out / "truth.csv");
  truth.line() << "file,digits,writer\n";
  for (int i = 0; i < options.count; ++i) {
    Random random(options.seed, "string", static_cast<std::uint64_t>(i));
    const WrittenString made = join_digits(random.pick(hands), 5, random);
    const std::string name = numbered("string", i + 1);
    write_picture(made.picture, options.out / name, FileKind::png);
    truth.line() << name << ',' << made.digits << ',' << made.writer << '\n';
  }
  truth.close();
}

void make_rejects(const ItemSetOptions& options) {
  const std::vector<WrittenDigit> digits = held_out_digits(options.data);
  std::vector<WrittenLetter> letters = read_letters(options.data);
  std::erase_if(letters, [](const WrittenLetter& letter) { return kLettersLikeDigits.find(letter.letter) != std::string::npos; });
  std::filesystem::create_directories(options.out);
  TextFile truth(options.out / "truth.csv");
  TextFile nothing(options.out / "nothing.txt");
  truth.line() << "file,digits,kind\n";
  Deck letter_deck(letters.size(), Random(options.seed, "letters", 0));
  Deck digit_deck(digits.size(), Random(options.seed, "digits", 0));
  for (const char* kind : {"empty", "letter", "scribble", "digit"}) {
    const std::string which = kind;
    TextFile list(options.out / (which == "digit" ? "digits.txt" : which + ".txt"));
    for (int i = 0; i < options.count; ++i) {
      Random random(options.seed, kind, static_cast<std::uint64_t>(i));
      const std::string name = numbered(kind, i + 1);
      std::string label;
      Picture picture;
      if (which == "empty") {
        picture = empty_box(random);
      } else if (which == "letter") {
        const WrittenLetter& letter = letters[letter_deck.deal()];
        picture = letter_box(letter, random);
      } else {
        const WrittenDigit& digit = digits[digit_deck.deal()];
        picture = which == "digit" ? digit_box(digit, random) : scribble_box(digit, random);
        label = which == "digit" ? std::string(1, static_cast<char>('0' + digit.label)) : "";
      }
      write_picture(picture, options.out / name, FileKind::png);
      truth.line() << name << ',' << label << ',' << which << '\n';
      list.line() << name << '\n';
      if (which != "digit") {
        nothing.line() << name << '\n';
      }
    }
    list.close();
  }
  nothing.close();
  truth.close();
}

void make_held_out(const ItemSetOptions& options) {
  const std::vector<WrittenDigit> digits = held_out_digits(options.data);
  const auto hands = by_writer(digits, 8);
  for (const char* folder : {"digits", "strings"}) {
    std::filesystem::create_directories(options.out / folder);
  }
  TextFile digit_truth(options.out / "digits.csv");
  digit_truth.line() << "file,digits,writer\n";
  Deck deck(digits.size(), Random(options.seed, "held-out digits", 0));
  for (int i = 0; i < std::min(options.count, static_cast<int>(digits.size())); ++i) {
    const WrittenDigit& digit = digits[deck.deal()];
    Picture picture;
    picture.width_px = picture.height_px = WrittenDigit::kSide;
    picture.channels = 1;
    for (const std::uint8_t ink : digit.ink) {
      picture.samples.push_back(static_cast<std::uint8_t>(255 - ink));
    }
    const std::string name = numbered("digit", i + 1);
    write_picture(picture, options.out / "digits" / name, FileKind::png);
    digit_truth.line() << name << ',' << digit.label << ',' << digit.writer << '\n';
  }
  digit_truth.close();
  TextFile string_truth(options.out / "strings.csv");
  string_truth.line() << "file,digits,writer\n";
  for (int i = 0; i < options.count; ++i) {
    Random random(options.seed, "held-out string", static_cast<std::uint64_t>(i));
    const std::vector<WrittenDigit>& hand = random.pick(hands);
    const WrittenString made = join_digits(hand, random.integer(2, 8), random);
    const std::string name = numbered("string", i + 1);
    write_picture(made.picture, options.out / "strings" / name, FileKind::png);
    string_truth.line() << name << ',' << made.digits << ',' << made.writer << '\n';
  }
  string_truth.close();
}

}  // namespace inkfield::generator
