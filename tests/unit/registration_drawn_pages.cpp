// Drawing forms as black rectangles, and scanning them under a known map.
#include "tests/unit/registration_drawn_pages.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace inkfield::pipeline {
namespace {

using config::RectMm;
using page::GrayImage;
using page::Point;
using page::Transform;

constexpr double kMasterPxPerMm = 14;

class Drawing {
 public:
  explicit Drawing(DrawnForm& drawn) : drawn_(drawn) {}

  void solid(double x, double y, double width, double height) { drawn_.print.push_back({x, y, width, height}); }
  void level(double x, double y, double length) { solid(x, y - 0.12, length, 0.24); }
  void upright(double x, double y, double length) { solid(x - 0.12, y, 0.24, length); }
  void outline(const RectMm& zone) {
    level(zone.x_mm, zone.y_mm, zone.width_mm);
    level(zone.x_mm, zone.bottom_mm(), zone.width_mm);
    upright(zone.x_mm, zone.y_mm, zone.height_mm);
    upright(zone.right_mm(), zone.y_mm, zone.height_mm);
  }
  // Letters: a few short strokes each, never the same twice.
  void words(double x, double y, double width, double height, std::mt19937& random) {
    auto any = [&](double from, double to) { return from + (to - from) * static_cast<double>(random() % 1000) / 1000; };
    for (double at = x; at < x + width; at += height * 0.75) {
      if (random() % 6 == 0) continue;
      const double stroke = height * 0.14;
      solid(at + any(0, height * 0.3), y, stroke, height);
      if (random() % 2 == 0) solid(at, y + any(0, height * 0.8), height * 0.5, stroke);
      if (random() % 2 == 0) solid(at + any(0, height * 0.4), y + height * 0.5, stroke, height * 0.5);
    }
  }
  void boxes_field(const std::string& id, double x, double y, int count, double pitch, double height) {
    config::Field field;
    field.id = id;
    field.zone = {x, y, pitch * count, height};
    field.layout = {config::LayoutType::boxes, count, pitch, {}, true};
    drawn_.form.fields.push_back(field);
    const double half = 0.12;
    outline({x + half, y + half, pitch * count - 2 * half, height - 2 * half});
    for (int i = 1; i < count; ++i) upright(x + pitch * i, y, height);
  }
  void line_field(const std::string& id, double x, double y, double width, double height) {
    config::Field field;
    field.id = id;
    field.zone = {x, y, width, height};
    drawn_.form.fields.push_back(field);
  }

 private:
  DrawnForm& drawn_;
};

void fill(GrayImage& picture, const RectMm& area, double px_per_mm, std::uint8_t value) {
  const int x0 = std::max(0, static_cast<int>(std::lround(area.x_mm * px_per_mm)));
  const int y0 = std::max(0, static_cast<int>(std::lround(area.y_mm * px_per_mm)));
  const int x1 = std::min(picture.width_px, static_cast<int>(std::lround(area.right_mm() * px_per_mm)));
  const int y1 = std::min(picture.height_px, static_cast<int>(std::lround(area.bottom_mm() * px_per_mm)));
  for (int y = y0; y < y1; ++y) {
    if (x0 < x1) std::fill(picture.row(y) + x0, picture.row(y) + x1, value);
  }
}

void scribble(GrayImage& picture, double px_per_mm, Point from, double reach_mm, std::mt19937& random) {
  Point at = from;
  double direction = static_cast<double>(random() % 628) / 100;
  for (int i = 0; i < 60; ++i) {
    direction += (static_cast<double>(random() % 100) - 50) / 40;
    const Point next{at.x + 0.25 * std::cos(direction), at.y + 0.25 * std::sin(direction)};
    if (std::hypot(next.x - from.x, next.y - from.y) > reach_mm) {
      direction += std::numbers::pi;
      continue;
    }
    at = next;
    fill(picture, {at.x - 0.25, at.y - 0.25, 0.5, 0.5}, px_per_mm, 30);
  }
}

GrayImage print(const DrawnForm& drawn, double px_per_mm, std::uint8_t paper, std::uint8_t ink) {
  GrayImage picture(static_cast<int>(std::lround(drawn.form.width_mm * px_per_mm)),
                    static_cast<int>(std::lround(drawn.form.height_mm * px_per_mm)), paper);
  for (const RectMm& area : drawn.print) fill(picture, area, px_per_mm, ink);
  return picture;
}

// Millimetres as a camera sees them that is as far away as a phone would be.
Transform camera(const config::FormTemplate& form, double tilt_x, double tilt_y) {
  const double distance = 1.1 * std::max(form.width_mm, form.height_mm);
  const double x = tilt_x * std::numbers::pi / 180;
  const double y = tilt_y * std::numbers::pi / 180;
  Transform seen;
  seen.m = {distance * std::cos(y), distance * std::sin(x) * std::sin(y), 0, 0, distance * std::cos(x), 0, -std::sin(y), std::sin(x) * std::cos(y), distance};
  return seen.after(Transform::scale_shift(1, 1, -form.width_mm / 2, -form.height_mm / 2));
}

// Averages each pixel and its neighbours over a square of about `width` pixels.
GrayImage soften(const GrayImage& sharp, double width) {
  const int radius = static_cast<int>(std::lround((width - 1) / 2));
  if (radius < 1) return sharp;
  GrayImage half = sharp;
  GrayImage soft = sharp;
  for (int pass = 0; pass < 2; ++pass) {
    const GrayImage& from = pass == 0 ? sharp : half;
    GrayImage& to = pass == 0 ? half : soft;
    for (int y = 0; y < sharp.height_px; ++y) {
      for (int x = 0; x < sharp.width_px; ++x) {
        int sum = 0;
        for (int d = -radius; d <= radius; ++d) {
          const int i = pass == 0 ? std::clamp(x + d, 0, sharp.width_px - 1) : x;
          const int k = pass == 0 ? y : std::clamp(y + d, 0, sharp.height_px - 1);
          sum += from.at(i, k);
        }
        to.row(y)[x] = static_cast<std::uint8_t>(sum / (2 * radius + 1));
      }
    }
  }
  return soft;
}

}  // namespace

DrawnForm draw_form(FormStyle style, int layout) {
  DrawnForm drawn;
  Drawing draw(drawn);
  std::mt19937 random(static_cast<std::uint32_t>(17 + layout));
  config::FormTemplate& form = drawn.form;
  form.id = "layout" + std::to_string(layout);
  form.width_mm = layout == 1 ? 200 : 150;
  form.height_mm = layout == 1 ? 95 : 210;
  const double right = form.width_mm;
  const double bottom = form.height_mm;
  // Fields lie at different places on every layout.
  const double x = 14 + 5.0 * layout;
  const double y = layout == 1 ? 14 : 35 + 9.0 * layout;
  draw.boxes_field("number", x, y, 9 - layout, 5.5, 7);
  draw.boxes_field("date", right - 64 + 2.0 * layout, y + (layout == 1 ? 22 : 31), 8, 5.2, 6.5);
  draw.line_field("amount", x + 4, layout == 1 ? 52 : 95 + 12.0 * layout, 50, 10);
  draw.words(x, y - 4.5, 44, 2.2, random);
  draw.words(right / 2, 8, 50, 3, random);
  for (int i = 0; i < 4; ++i) draw.words(x, bottom * 0.62 + 6 * i + layout, 70 + 8.0 * i, 1.8, random);
  const RectMm frame{x + 3, layout == 1 ? 50 : 93 + 12.0 * layout, 54 + 6.0 * layout, 14};
  const double rule_y = bottom * 0.9 - 4 * layout;
  const double rule_length = 60 + 17.0 * layout;
  draw.outline(frame);
  draw.level(x, rule_y, rule_length);
  draw.level(x + 10, rule_y - 8, right - 60 - x);
  draw.upright(right - 18, bottom * 0.55, bottom * 0.3);
  if (style == FormStyle::marks) {
    for (const Point& p : {Point{8, 8}, Point{right - 8, 8}, Point{8, bottom - 8}, Point{right - 20.0 - 4 * layout, bottom - 8}}) {
      form.find_by.corner_marks.push_back({{p.x, p.y}, 5});
      draw.solid(p.x - 2.5, p.y - 2.5, 5, 5);
    }
  } else if (style == FormStyle::landmarks) {
    form.find_by.landmarks.push_back({config::LandmarkKind::rectangle, frame, ""});
    form.find_by.landmarks.push_back({config::LandmarkKind::line, {x, rule_y - 0.12, rule_length, 0.24}, ""});
    form.find_by.landmarks.push_back({config::LandmarkKind::line, {x + 10, rule_y - 8.12, right - 60 - x, 0.24}, ""});
    form.find_by.landmarks.push_back({config::LandmarkKind::line, {right - 18.12, bottom * 0.55, 0.24, bottom * 0.3}, ""});
    form.find_by.landmarks.push_back({config::LandmarkKind::text, {right / 2, 8, 48, 3}, "title"});
  }
  return drawn;
}

GrayImage blank_picture(const DrawnForm& drawn, double px_per_mm) { return print(drawn, px_per_mm, 255, 0); }

ScannedPage scan(const DrawnForm& drawn, const ScanSettings& settings) {
  const double scale = settings.dpi / 25.4;
  std::mt19937 random(settings.seed);
  GrayImage master = print(drawn, kMasterPxPerMm, settings.paper, settings.ink);
  if (settings.filled) {
    for (const config::Field& field : drawn.form.fields) {
      const int count = std::max(4, field.layout.count);
      for (int i = 0; i < count; ++i) {
        scribble(master, kMasterPxPerMm, {field.zone.x_mm + field.zone.width_mm * (i + 0.5) / count, field.zone.center().y_mm}, 2.6, random);
      }
    }
    for (int i = 0; i < 40; ++i) {
      const Point p{static_cast<double>(random() % 1000) / 1000 * drawn.form.width_mm, static_cast<double>(random() % 1000) / 1000 * drawn.form.height_mm};
      scribble(master, kMasterPxPerMm, p, 3.5, random);
    }
  }
  // What a scanner's pixel sees, and how blurred.
  master = soften(master, kMasterPxPerMm / scale * (1 + settings.blur_px));

  Transform flat = Transform::scale_shift(settings.mirrored ? -scale : scale, scale * settings.stretch, 0, 0);
  if (settings.tilt_x != 0 || settings.tilt_y != 0) flat = flat.after(camera(drawn.form, settings.tilt_x, settings.tilt_y));
  const Transform turned = Transform::rotation(settings.degrees * std::numbers::pi / 180).after(flat);
  const page::Quad corners = turned(page::rectangle(0, 0, drawn.form.width_mm, drawn.form.height_mm));
  double left = 1e9;
  double top = 1e9;
  double far_right = -1e9;
  double far_bottom = -1e9;
  for (const Point& p : corners) {
    left = std::min(left, p.x);
    top = std::min(top, p.y);
    far_right = std::max(far_right, p.x);
    far_bottom = std::max(far_bottom, p.y);
  }
  const double margin = settings.margin_mm * scale;
  ScannedPage page;
  page.px_from_mm = Transform::scale_shift(1, 1, margin - left + 0.37, margin - top - 0.21).after(turned);
  page.gray = GrayImage(static_cast<int>(far_right - left + 2 * margin), static_cast<int>(far_bottom - top + 2 * margin), settings.surround);
  const Transform mm_from_px = page.px_from_mm.inverse();
  for (int y = 0; y < page.gray.height_px; ++y) {
    std::uint8_t* row = page.gray.row(y);
    for (int px = 0; px < page.gray.width_px; ++px) {
      const Point mm = mm_from_px(Point{px + 0.5, y + 0.5});
      const double u = mm.x * kMasterPxPerMm - 0.5;
      const double v = mm.y * kMasterPxPerMm - 0.5;
      const int i = static_cast<int>(std::floor(u));
      const int k = static_cast<int>(std::floor(v));
      if (i < 0 || k < 0 || i + 1 >= master.width_px || k + 1 >= master.height_px) continue;
      const double fx = u - i;
      const double fy = v - k;
      const double value = (master.at(i, k) * (1 - fx) + master.at(i + 1, k) * fx) * (1 - fy) + (master.at(i, k + 1) * (1 - fx) + master.at(i + 1, k + 1) * fx) * fy;
      row[px] = static_cast<std::uint8_t>(std::lround(value));
    }
  }
  if (settings.noise > 0) {
    for (std::uint8_t& value : page.gray.pixels) {
      const int grain = static_cast<int>(random() % static_cast<unsigned>(2 * settings.noise + 1)) - settings.noise;
      value = static_cast<std::uint8_t>(std::clamp(value + grain, 0, 255));
    }
  }
  return page;
}

}  // namespace inkfield::pipeline
