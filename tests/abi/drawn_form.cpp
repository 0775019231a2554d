// Rectangles and strokes are all that it takes.
#include "tests/abi/drawn_form.h"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace inkfield::drawing {
namespace {

class Drawing {
 public:
  Drawing(double width_mm, double height_mm, double px_per_mm) : scale_(px_per_mm) {
    page_.width_px = static_cast<int>(width_mm * px_per_mm);
    page_.height_px = static_cast<int>(height_mm * px_per_mm);
    page_.gray.assign(static_cast<std::size_t>(page_.width_px) * static_cast<std::size_t>(page_.height_px),
                      250);
  }
  void fill(double x, double y, double width, double height) {
    for (int py = px(y); py < px(y + height); ++py) {
      for (int p = px(x); p < px(x + width); ++p) dot(p, py);
    }
  }
  void outline(double x, double y, double width, double height) {
    constexpr double kLine = 0.3;
    fill(x, y, width, kLine);
    fill(x, y + height - kLine, width, kLine);
    fill(x, y, kLine, height);
    fill(x + width - kLine, y, kLine, height);
  }
  void stroke(double x0, double y0, double x1, double y1, double thickness) {
    const double length = std::hypot(x1 - x0, y1 - y0);
    const int steps = static_cast<int>(length * scale_ * 2) + 1;
    for (int i = 0; i <= steps; ++i) {
      const double t = static_cast<double>(i) / steps;
      fill(x0 + t * (x1 - x0) - thickness / 2, y0 + t * (y1 - y0) - thickness / 2, thickness, thickness);
    }
  }
  DrawnPage take() { return std::move(page_); }

 private:
  [[nodiscard]] int px(double mm) const { return static_cast<int>(std::lround(mm * scale_)); }
  void dot(int x, int y) {
    if (x < 0 || y < 0 || x >= page_.width_px || y >= page_.height_px) return;
    page_.gray[static_cast<std::size_t>(y) * static_cast<std::size_t>(page_.width_px) +
               static_cast<std::size_t>(x)] = 20;
  }
  double scale_;
  DrawnPage page_;
};

}  // namespace

std::string drawn_template(const std::string& id) {
  return R"({"inkfield_template": 1, "id": ")" + id + R"(", "page": {"width_mm": 100, "height_mm": 60},
    "find_by": {"corner_marks": [{"x_mm": 6, "y_mm": 6}, {"x_mm": 94, "y_mm": 6}, {"x_mm": 94, "y_mm": 54}, {"x_mm": 6, "y_mm": 46}]},
    "fields": [
      {"id": "number", "kind": "handwritten_number", "zone": {"x_mm": 20, "y_mm": 18, "width_mm": 32, "height_mm": 9},
       "layout": {"type": "boxes", "count": 4}, "format": {"type": "digits", "min_length": 4, "max_length": 4}, "required": false},
      {"id": "box", "kind": "checkbox", "zone": {"x_mm": 62, "y_mm": 20, "width_mm": 5, "height_mm": 5}},
      {"id": "code", "kind": "printed_text", "zone": {"x_mm": 20, "y_mm": 36, "width_mm": 30, "height_mm": 7},
       "format": {"type": "text", "characters": "0123456789"}}
    ]})";
}

DrawnPage drawn_page(double px_per_mm) {
  Drawing draw(100, 60, px_per_mm);
  const double corners[4][2] = {{6, 6}, {94, 6}, {94, 54}, {6, 46}};
  for (const auto& corner : corners) draw.fill(corner[0] - 2.5, corner[1] - 2.5, 5, 5);
  for (int i = 0; i < 4; ++i) {
    const double x = 20 + 8 * i;
    draw.outline(x, 18, 8, 9);
    if (i % 2 == 1) draw.stroke(x + 2, 20, x + 6, 20, 0.6);
    draw.stroke(x + (i % 2 == 1 ? 6 : 4), 20, x + 4, 25.5, 0.6);
  }
  draw.outline(62, 20, 5, 5);
  draw.stroke(62.8, 20.8, 66.2, 24.2, 0.5);
  draw.stroke(66.2, 20.8, 62.8, 24.2, 0.5);
  for (int i = 0; i < 3; ++i) {
    const double x = 24 + 3.2 * i;
    if (i == 2) draw.stroke(x - 1, 37.5, x + 1, 37.5, 0.5);
    draw.stroke(x + (i == 2 ? 1 : 0.2), 37.5, x, 41.5, 0.5);
    if (i < 2) draw.stroke(x - 0.6, 38.2, x + 0.2, 37.5, 0.5);
  }
  return draw.take();
}

Field field_of(const Result& result, const std::string& id) {
  for (Field& field : result.fields()) {
    if (field.id == id) return field;
  }
  return {};
}

long resident_kB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

}  // namespace inkfield::drawing
