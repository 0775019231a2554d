#include "tests/generator/soiling.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace inkfield::generator {
namespace {

std::uint8_t level(double value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5); }

std::array<double, 9> inverse(const std::array<double, 9>& m) {
  const double a = m[4] * m[8] - m[5] * m[7];
  const double b = m[5] * m[6] - m[3] * m[8];
  const double c = m[3] * m[7] - m[4] * m[6];
  const double d = m[0] * a + m[1] * b + m[2] * c;
  return {a / d, (m[2] * m[7] - m[1] * m[8]) / d, (m[1] * m[5] - m[2] * m[4]) / d,
          b / d, (m[0] * m[8] - m[2] * m[6]) / d, (m[2] * m[3] - m[0] * m[5]) / d,
          c / d, (m[1] * m[6] - m[0] * m[7]) / d, (m[0] * m[4] - m[1] * m[3]) / d};
}

/// One sample between pixels; x and y with centres at .5.
double between_pixels(const Picture& picture, double x, double y, int channel, double surround) {
  x -= 0.5;
  y -= 0.5;
  if (!(x > -1 && y > -1 && x < picture.width_px && y < picture.height_px)) return surround;
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const double fx = x - left;
  const double fy = y - top;
  const auto at = [&](int px, int py) {
    px = std::clamp(px, 0, picture.width_px - 1);
    py = std::clamp(py, 0, picture.height_px - 1);
    return static_cast<double>(picture.row(py)[static_cast<std::ptrdiff_t>(px) * picture.channels + channel]);
  };
  return (at(left, top) * (1 - fx) + at(left + 1, top) * fx) * (1 - fy) + (at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx) * fy;
}

}  // namespace

void add_coffee_ring(Picture& picture, double x_px, double y_px, double radius_px, double darkness, Random& random) {
  constexpr std::array<double, 3> kSwallowed{0.55, 0.8, 1.0};  // brown
  const double px_per_mm = picture.dpi / 25.4;
  const double rim = random.between(2, 3) * px_per_mm;
  // The rim is strong here and missing there, and never quite round.
  const double first = random.between(0, 6.283);
  const double second = random.between(0, 6.283);
  const double third = random.between(0, 6.283);
  const double reach = radius_px * 1.1 + rim;
  for (int y = std::max(0, static_cast<int>(y_px - reach)); y < std::min<double>(picture.height_px, y_px + reach); ++y) {
    std::uint8_t* row = picture.row(y);
    for (int x = std::max(0, static_cast<int>(x_px - reach)); x < std::min<double>(picture.width_px, x_px + reach); ++x) {
      const double dx = x + 0.5 - x_px;
      const double dy = y + 0.5 - y_px;
      const double angle = std::atan2(dy, dx);
      const double radius = radius_px * (1 + 0.02 * std::sin(2 * angle + first) + 0.01 * std::sin(5 * angle + second));
      const double away = std::sqrt(dx * dx + dy * dy) - radius;
      if (away > rim / 2) continue;
      // Sharp outside, soft inside, with a film over all that the cup stood on.
      const double strength = 0.65 + 0.35 * std::sin(3 * angle + third);
      const double rim_part = away > -rim / 2 ? (away > 0 ? 1 - 2 * away / rim : 1 + 2 * away / rim) : 0;
      const double stain = darkness * std::max(0.12, strength * std::sqrt(rim_part));
      for (int channel = 0; channel < picture.channels; ++channel) {
        const double share = picture.channels == 3 ? kSwallowed[static_cast<std::size_t>(channel)] : 0.75;
        std::uint8_t& sample = row[static_cast<std::ptrdiff_t>(x) * picture.channels + channel];
        sample = level(sample * (1 - stain * share));
      }
    }
  }
}

void fold(Picture& picture, const std::array<double, 4>& line, double shade, double aside_mm) {
  const double px_per_mm = picture.dpi / 25.4;
  const double length = std::hypot(line[2] - line[0], line[3] - line[1]);
  const double along_x = (line[2] - line[0]) / length;
  const double along_y = (line[3] - line[1]) / length;
  const double aside = aside_mm * px_per_mm;
  const double reach = 12 * px_per_mm;
  const double hair = 0.12 * px_per_mm;
  const Picture flat = picture;
  for (int y = 0; y < picture.height_px; ++y) {
    std::uint8_t* row = picture.row(y);
    for (int x = 0; x < picture.width_px; ++x) {
      const double dx = x + 0.5 - line[0];
      const double dy = y + 0.5 - line[1];
      const double across = dy * along_x - dx * along_y;
      if (across < -2 * hair) continue;
      // Over 3 mm the sheet bends, then it lies flat again.
      const double moved = std::clamp(across / (3 * px_per_mm), 0.0, 1.0);
      const double from_x = x + 0.5 + moved * (aside * along_x - 0.5 * aside * along_y);
      const double from_y = y + 0.5 + moved * (aside * along_y + 0.5 * aside * along_x);
      double light = across > 0 && across < reach ? 1 - shade * (1 - across / reach) : 1;
      if (std::fabs(across) < 2 * hair) light *= 1 - std::min(1.0, 1.5 * shade) * std::exp(-across * across / (hair * hair));
      for (int channel = 0; channel < picture.channels; ++channel) {
        row[static_cast<std::ptrdiff_t>(x) * picture.channels + channel] = level(between_pixels(flat, from_x, from_y, channel, 255) * light);
      }
    }
  }
}

Picture warped(const Picture& picture, const std::array<double, 9>& map, std::uint8_t surround) {
  const std::array<double, 9> back = inverse(map);
  Picture out = picture;
  for (int y = 0; y < out.height_px; ++y) {
    std::uint8_t* row = out.row(y);
    for (int x = 0; x < out.width_px; ++x) {
      const double w = back[6] * (x + 0.5) + back[7] * (y + 0.5) + back[8];
      const double from_x = (back[0] * (x + 0.5) + back[1] * (y + 0.5) + back[2]) / w;
      const double from_y = (back[3] * (x + 0.5) + back[4] * (y + 0.5) + back[5]) / w;
      for (int channel = 0; channel < picture.channels; ++channel) {
        row[static_cast<std::ptrdiff_t>(x) * picture.channels + channel] = level(between_pixels(picture, from_x, from_y, channel, surround));
      }
    }
  }
  return out;
}

}  // namespace inkfield::generator
