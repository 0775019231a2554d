// The order is the world's: what happened to the sheet, how it lay, what the lens and the sensor made of it, what the file kept.
#include "tests/generator/damaged_page.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/generator/degradation.h"
#include "tests/generator/form_writing.h"
#include "tests/generator/generated_page.h"
#include "tests/generator/soiling.h"

namespace inkfield::generator {
namespace {

constexpr double kGlassMm = 6;

using Matrix = std::array<double, 9>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix m{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t i = 0; i < 3; ++i) m[3 * row + column] += a[3 * row + i] * b[3 * i + column];
    }
  }
  return m;
}

config::PointMm mapped(const Matrix& m, double x, double y) {
  const double w = m[6] * x + m[7] * y + m[8];
  return {(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w};
}

/// The canvas's own placement as a map from millimetres.
Matrix map_of(const Placement& placement, double width_mm, double height_mm, const Picture& picture) {
  const double px_per_mm = placement.dpi / 25.4;
  const double angle = placement.angle_degrees * std::numbers::pi / 180;
  const double c = std::cos(angle) * px_per_mm * placement.scale;
  const double s = std::sin(angle) * px_per_mm * placement.scale;
  const double x = picture.width_px / 2.0 + placement.shift_x_mm * px_per_mm;
  const double y = picture.height_px / 2.0 + placement.shift_y_mm * px_per_mm;
  return {c, -s, x - c * width_mm / 2 + s * height_mm / 2, s, c, y - s * width_mm / 2 - c * height_mm / 2, 0, 0, 1};
}

double either_way(double amount, Random& random) { return random.chance(0.5) ? amount : -amount; }

}  // namespace

Placement placement_of(double width_mm, double height_mm, const PageDamage& damage, std::uint64_t seed) {
  Random random(seed, "placement", 0);
  Placement placement;
  placement.dpi = damage.of(Damage::dpi);
  placement.angle_degrees = either_way(damage.of(Damage::skew), random);
  const double s = std::fabs(std::sin(placement.angle_degrees * std::numbers::pi / 180));
  const double c = std::cos(placement.angle_degrees * std::numbers::pi / 180);
  // Room for the sheet as it lies: only the shift cuts an edge off.
  placement.border_mm = kGlassMm + std::max({0.0, (width_mm * c + height_mm * s - width_mm) / 2, (height_mm * c + width_mm * s - height_mm) / 2});
  const double larger = either_way(damage.of(Damage::scale), random);
  placement.scale = 1 + larger;
  placement.border_mm += std::max(0.0, larger) * std::max(width_mm, height_mm) / 2;
  const double shift = damage.of(Damage::shift);
  const double side = either_way(shift, random);
  // Along one side, so that the amount is what is cut off, and a third of it along the other.
  const bool along_x = random.chance(0.5);
  const double little = either_way(shift / 3, random);
  placement.shift_x_mm = along_x ? side : little;
  placement.shift_y_mm = along_x ? little : side;
  if (damage.upside_down) placement.angle_degrees += 180;
  const double glass = damage.dark_surround ? random.between(0.05, 0.3) : random.between(0.95, 1);
  placement.glass = {glass, glass, glass};
  return placement;
}

DamagedPage damaged_scan(Picture sheet, double width_mm, double height_mm, const Placement& placement, const PageDamage& damage, std::uint64_t seed) {
  DamagedPage page;
  page.picture = std::move(sheet);
  Picture& picture = page.picture;
  page.px_from_mm = map_of(placement, width_mm, height_mm, picture);
  const double px_per_mm = picture.dpi / 25.4;
  // Every kind has numbers of its own, so that one more damage leaves the others as they were.
  if (damage.of(Damage::stain) > 0) {
    Random random(seed, "stain", 0);
    const int rings = std::max(1, static_cast<int>(std::lround(width_mm * height_mm / 15000)));
    for (int i = 0; i < rings; ++i) {
      const config::PointMm center = mapped(page.px_from_mm, random.unit() * width_mm, random.unit() * height_mm);
      add_coffee_ring(picture, center.x_mm, center.y_mm, random.between(28, 42) * px_per_mm, damage.of(Damage::stain), random);
    }
  }
  if (damage.of(Damage::fold) > 0) {
    Random random(seed, "fold", 0);
    const bool level = height_mm > width_mm || random.chance(0.5);
    const double at = random.between(0.3, 0.7);
    const config::PointMm from = level ? mapped(page.px_from_mm, 0, at * height_mm) : mapped(page.px_from_mm, at * width_mm, 0);
    const config::PointMm to = level ? mapped(page.px_from_mm, width_mm, at * height_mm) : mapped(page.px_from_mm, at * width_mm, height_mm);
    fold(picture, {from.x_mm, from.y_mm, to.x_mm, to.y_mm}, damage.of(Damage::fold), either_way(1.5 * damage.of(Damage::fold), random));
  }
  // How it lay: stretch along the feed and perspective, in one resampling.
  const double perspective = damage.of(Damage::perspective);
  const double scale = damage.of(Damage::scale);
  if (perspective > 0 || scale > 0) {
    Random random(seed, "tilt", 0);
    const double direction = random.between(0, 2 * std::numbers::pi);
    const double w = picture.width_px;
    const double h = picture.height_px;
    const double tilt_x = perspective * std::cos(direction) / w;
    const double tilt_y = perspective * std::sin(direction) / h;
    const double stretch = 1 + either_way(scale / 4, random);
    const Matrix to_middle{1, 0, -w / 2, 0, 1, -h / 2, 0, 0, 1};
    const Matrix tilt{1, 0, 0, 0, stretch, 0, tilt_x, tilt_y, 1};
    // Tilting makes the near part larger; the camera steps back so that all stays within the picture.
    const double back = (1 - 0.7 * perspective) / std::max(1.0, stretch);
    const Matrix from_middle{back, 0, w / 2, 0, back, h / 2, 0, 0, 1};
    const Matrix map = product(from_middle, product(tilt, to_middle));
    const auto glass = static_cast<std::uint8_t>(255 * placement.glass.red);
    picture = warped(picture, map, glass);
    page.px_from_mm = product(map, page.px_from_mm);
  }
  if (damage.of(Damage::dark_paper) > 0) darken_paper(picture, damage.of(Damage::dark_paper));
  if (damage.of(Damage::light) > 0) {
    Random random(seed, "light", 0);
    uneven_light(picture, damage.of(Damage::light), random);
  }
  if (damage.of(Damage::blur) > 0) blur(picture, damage.of(Damage::blur) * px_per_mm);
  if (damage.of(Damage::noise) > 0) {
    Random random(seed, "noise", 0);
    add_noise(picture, damage.of(Damage::noise), random);
  }
  if (damage.bilevel) {
    to_bilevel(picture, static_cast<int>(paper_level(picture) * 0.76));
    page.file = FileKind::tiff;
  } else if (damage.of(Damage::jpeg) <= 100) {
    page.file = FileKind::jpeg;
    page.jpeg_quality = static_cast<int>(std::lround(damage.of(Damage::jpeg)));
  }
  return page;
}

DamagedPage damaged_page(SampleForm form, const config::FormTemplate& form_template, const PageDamage& damage, std::uint64_t seed) {
  Random values(seed, "values", 0);
  const std::vector<FieldValue> written = random_values(form, form_template, values);
  const std::map<std::string, std::string> printed = printed_values(written);
  DamagedPage page = damaged_sheet(form_template.width_mm, form_template.height_mm, paper_of(form), damage, seed, [&](Canvas& canvas, double ink) {
    print_form(form, form_template, printed, canvas);
    write_on_form(form, form_template, written, false, seed, canvas, ink);
  });
  page.values = written;
  return page;
}

}  // namespace inkfield::generator
