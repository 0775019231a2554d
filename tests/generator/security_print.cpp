#include "tests/generator/security_print.h"

#include <cmath>
#include <numbers>
#include <string_view>

#include "recognizer/e13b/e13b_shapes.h"

namespace inkfield::generator {
namespace {

using config::PointMm;

constexpr double kTurn = 2 * std::numbers::pi;

}  // namespace

void print_waves(const config::RectMm& area, int strands, double period_mm, double swing_mm, Colour colour, Canvas& canvas) {
  canvas.clip(area);
  for (int strand = 0; strand < strands; ++strand) {
    const double phase = kTurn * strand / strands;
    std::vector<PointMm> points;
    for (double x = 0; x <= area.width_mm; x += 0.4) {
      const double turn = kTurn * x / period_mm;
      // Two waves whose periods do not fit: the strands open and close along the band.
      const double y = area.height_mm / 2 +
                       (area.height_mm / 2 - swing_mm) * std::sin(turn * 0.37 + 2 * phase) * 0.5 * (1 + 0.5 * std::cos(turn * 0.11)) +
                       swing_mm * std::sin(turn + 3 * phase);
      points.push_back({area.x_mm + x, area.y_mm + y});
    }
    canvas.curve(points, 0.09, colour);
  }
  canvas.unclip();
}

void print_rosette(config::PointMm center, double radius_mm, int petals, Colour colour, Canvas& canvas) {
  for (int ring = 0; ring < 9; ++ring) {
    std::vector<PointMm> points;
    const double base = radius_mm * (0.34 + 0.07 * ring);
    const double swing = radius_mm * (0.20 - 0.015 * ring);
    for (int i = 0; i < 720; ++i) {
      const double angle = kTurn * i / 720;
      const double r = base + swing * std::sin(petals * angle + ring * 0.7) * std::cos(petals * 0.5 * angle);
      points.push_back({center.x_mm + r * std::cos(angle), center.y_mm + r * std::sin(angle)});
    }
    canvas.curve(points, 0.09, colour, true);
  }
}

void print_relief(const config::RectMm& area, const std::string& initials, Colour colour, Colour line, Canvas& canvas) {
  canvas.clip(area);
  canvas.fill(area, colour);
  const double span = area.width_mm + area.height_mm;
  for (double at = 0; at < span; at += 0.62) {
    std::vector<PointMm> points;
    for (double y = 0; y <= area.height_mm; y += 0.3) {
      const double x = at - y;
      const double dx = (x - area.width_mm / 2) / (area.width_mm * 0.42);
      const double dy = (y - area.height_mm / 2) / (area.height_mm * 0.36);
      const double inside = dx * dx + dy * dy < 1 ? 0.3 : 0;
      points.push_back({area.x_mm + x + inside, area.y_mm + y});
    }
    canvas.curve(points, 0.1, line);
  }
  canvas.unclip();
  const Font font{.family = "Nimbus Roman", .size_pt = 26, .italic = true};
  canvas.text(area.center().x_mm, area.center().y_mm + 3.2, initials, font,
              {colour.red * 0.97, colour.green * 0.97, colour.blue * 0.97}, Align::center);
}

void print_microtext(double x_mm, double baseline_mm, double width_mm, const std::string& words, Colour colour, Canvas& canvas) {
  const Font font{.family = "Nimbus Sans", .size_pt = 1.6};
  const double each = canvas.text_width_mm(words, font);
  canvas.clip({x_mm, baseline_mm - 1, width_mm, 2});
  for (double x = x_mm; x < x_mm + width_mm; x += each) {
    canvas.text(x, baseline_mm, words, font, colour);
  }
  canvas.unclip();
}

void print_e13b(double x_mm, double baseline_mm, const std::string& text, const MagneticPrint& print, Random& random, Canvas& canvas) {
  constexpr double kHalfMm = recognizer::kE13bSquareMm / 2;
  const double spread_mm = print.spread_squares * recognizer::kE13bSquareMm;
  double x = x_mm;
  for (const char symbol : text) {
    const std::size_t index = recognizer::kE13bSymbols.find(symbol);
    if (index != std::string_view::npos) {
      const double left = x + print.unevenness_mm * random.between(-1, 1);
      const double top = baseline_mm - recognizer::kE13bSquaresHigh * recognizer::kE13bSquareMm + print.unevenness_mm * random.between(-1, 1);
      for (const recognizer::E13bBar& bar : recognizer::e13b_bars(index)) {
        canvas.fill({left + bar.left * kHalfMm - spread_mm, top + bar.top * kHalfMm - spread_mm, (bar.right - bar.left) * kHalfMm + 2 * spread_mm,
                     (bar.bottom - bar.top) * kHalfMm + 2 * spread_mm},
                    print.colour);
      }
    }
    x += recognizer::kE13bPitchMm;
  }
}

}  // namespace inkfield::generator
