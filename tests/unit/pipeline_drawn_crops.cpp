// Strokes as the distance to line segments: soft edges, no library.
#include "pipeline_drawn_crops.h"

#include <algorithm>
#include <cmath>

namespace inkfield::pipeline {
namespace {

double distance_to_segment(page::Point p, page::Point a, page::Point b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const double t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  return std::hypot(p.x - (a.x + t * dx), p.y - (a.y + t * dy));
}

Polyline ellipse(double cx, double cy, double rx, double ry, double from, double to) {
  constexpr double kPi = 3.14159265358979;
  Polyline points;
  for (int i = 0; i <= 24; ++i) {
    const double angle = (from + (to - from) * i / 24.0) * kPi / 180;
    points.push_back({cx + rx * std::cos(angle), cy + ry * std::sin(angle)});
  }
  return points;
}

}  // namespace

void Drawing::turn(double degrees) {
  const double radians = degrees * 3.14159265358979 / 180;
  cosine_ = std::cos(radians);
  sine_ = std::sin(radians);
}

void Drawing::stroke(const Polyline& points, double width_px, int gray) {
  const double mx = 0.5 * picture_.width_px;
  const double my = 0.5 * picture_.height_px;
  Polyline turned;
  for (const page::Point& p : points) turned.push_back({mx + cosine_ * (p.x - mx) - sine_ * (p.y - my), my + sine_ * (p.x - mx) + cosine_ * (p.y - my)});
  for (std::size_t i = 0; i + 1 < turned.size(); ++i) {
    const page::Point a = turned[i];
    const page::Point b = turned[i + 1];
    const double reach = 0.5 * width_px + 1.5;
    const int x0 = std::max(0, static_cast<int>(std::min(a.x, b.x) - reach));
    const int x1 = std::min(picture_.width_px - 1, static_cast<int>(std::max(a.x, b.x) + reach));
    const int y0 = std::max(0, static_cast<int>(std::min(a.y, b.y) - reach));
    const int y1 = std::min(picture_.height_px - 1, static_cast<int>(std::max(a.y, b.y) + reach));
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) {
        const double cover = std::clamp(0.5 * width_px + 0.5 - distance_to_segment({x + 0.5, y + 0.5}, a, b), 0.0, 1.0);
        const double value = 255 - cover * (255 - gray);
        std::uint8_t& pixel = picture_.row(y)[x];
        pixel = std::min(pixel, static_cast<std::uint8_t>(value + 0.5));
      }
    }
  }
}

void Drawing::rectangle(double left, double top, double right, double bottom, double width_px, int gray) {
  stroke({{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}}, width_px, gray);
}

std::vector<Polyline> digit_strokes(char digit, double left, double top, double height) {
  const double w = 0.55 * height;
  const double h = height;
  const auto at = [&](double x, double y) { return page::Point{left + x * w, top + y * h}; };
  switch (digit) {
    case '0': return {ellipse(left + 0.5 * w, top + 0.5 * h, 0.5 * w, 0.5 * h, 0, 360)};
    case '1': return {{at(0.5, 0), at(0.5, 1)}};
    case '2': {
      Polyline curve = ellipse(left + 0.5 * w, top + 0.27 * h, 0.45 * w, 0.27 * h, -170, 30);
      curve.push_back(at(0.05, 1));
      curve.push_back(at(1, 1));
      return {curve};
    }
    case '3': return {ellipse(left + 0.45 * w, top + 0.26 * h, 0.42 * w, 0.25 * h, -160, 90), ellipse(left + 0.45 * w, top + 0.74 * h, 0.5 * w, 0.25 * h, -90, 150)};
    case '4': return {{at(0.3, 0), at(0.05, 0.65), at(1, 0.65)}, {at(0.75, 0.3), at(0.75, 1)}};
    case '5': return {{at(0.95, 0), at(0.2, 0), at(0.15, 0.45)}, ellipse(left + 0.45 * w, top + 0.7 * h, 0.5 * w, 0.29 * h, -120, 150)};
    case '6': return {{at(0.8, 0), at(0.2, 0.4), at(0.06, 0.7)}, ellipse(left + 0.5 * w, top + 0.73 * h, 0.45 * w, 0.27 * h, 0, 360)};
    case '7': return {{at(0, 0), at(1, 0), at(0.35, 1)}};
    case '8': return {ellipse(left + 0.5 * w, top + 0.25 * h, 0.4 * w, 0.24 * h, 0, 360), ellipse(left + 0.5 * w, top + 0.74 * h, 0.48 * w, 0.26 * h, 0, 360)};
    case '9': return {ellipse(left + 0.48 * w, top + 0.28 * h, 0.45 * w, 0.28 * h, 0, 360), {at(0.92, 0.3), at(0.75, 1)}};
    default: return {};
  }
}

void draw_boxes(Drawing& drawing, const BoxRow& row) {
  drawing.rectangle(row.left, row.top, row.right(), row.bottom(), row.line_px, row.line_gray);
  for (int i = 1; i < row.count; ++i) {
    const double x = row.left + i * row.pitch;
    drawing.line(x, row.top, x, row.bottom(), row.line_px, row.line_gray);
  }
}

void write_in_boxes(Drawing& drawing, const BoxRow& row, const std::string& digits, double pen_px, int gray, page::Point shift) {
  const double height = 0.6 * row.height;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const double left = row.left + (static_cast<double>(i) + 0.5) * row.pitch - 0.275 * height + shift.x;
    for (const Polyline& stroke : digit_strokes(digits[i], left, row.top + 0.2 * row.height + shift.y, height)) drawing.stroke(stroke, pen_px, gray);
  }
}

page::FieldCrop uncalibrated(const page::GrayImage& gray, const config::Field* field) {
  page::FieldCrop crop;
  crop.field = field;
  crop.gray = gray;
  crop.zone = {0, 0, static_cast<double>(gray.width_px), static_cast<double>(gray.height_px)};
  return crop;
}

page::FieldCrop calibrated(const page::GrayImage& gray, const config::Field& field, const page::RectPx& zone, double px_per_mm) {
  page::FieldCrop crop;
  crop.field = &field;
  crop.gray = gray;
  crop.zone = zone;
  crop.px_per_mm = px_per_mm;
  return crop;
}

config::Layout boxes_layout(int count) {
  config::Layout layout;
  layout.type = config::LayoutType::boxes;
  layout.count = count;
  return layout;
}

int dark_pixels(const page::GrayImage& ink) {
  return static_cast<int>(std::count_if(ink.pixels.begin(), ink.pixels.end(), [](std::uint8_t value) { return value >= 128; }));
}

}  // namespace inkfield::pipeline
