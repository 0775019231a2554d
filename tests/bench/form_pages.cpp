#include "tests/bench/form_pages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

#include "tests/bench/gray_picture.h"
#include "tests/generator/degradation.h"
#include "tests/generator/random.h"

namespace inkfield::bench {
namespace {

using generator::Random;
using page::GrayImage;
using page::Point;
using page::Transform;

constexpr double kMasterPxPerMm = 12;

struct SeverityNumbers {
  double skew_degrees;      // either way
  double upside_down;       // share of pages
  double quarter_turned;
  double mirrored;
  double stretch;           // of the feeding direction, either way
  double crop_mm;           // most that one side loses
  double photographed;      // share of pages
  double tilt_degrees;      // of the camera, either way, about both axes
  double light;             // fall of light over the page, of white
  double blur_px;           // most, at 300 dpi
  double noise;             // most, in gray levels
  double bilevel;           // share of scans
  double contrast;          // least that is left of ink
  double specks;            // a square centimetre
};
// 0 as printed; 1 a good office scanner; 2 a fax or a cheap phone; 3 the worst that a clerk would still key.
constexpr std::array<SeverityNumbers, 4> kSeverities{{
    {0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0.3, 1, 0, 1, 0},
    {2, 0.05, 0, 0, 0.007, 0, 0.05, 4, 0.1, 0.8, 4, 0.2, 0.9, 0.1},
    {8, 0.25, 0.1, 0.05, 0.015, 5, 0.3, 9, 0.25, 1.2, 8, 0.4, 0.75, 0.6},
    {20, 0.25, 0.25, 0.1, 0.02, 10, 0.35, 14, 0.4, 1.6, 12, 0.5, 0.6, 1.5},
}};
const std::vector<std::vector<double>> kDpis{{300}, {200, 240, 300, 300, 400}, {150, 200, 200, 300, 600}, {100, 150, 150, 200, 200}};

// Strokes about as a hand leaves them: arcs and bars as high as a digit.
void write_digit(generator::Canvas& canvas, double x, double y, double height, Random& random) {
  std::vector<generator::PenPoint> points;
  double angle = random.between(0, 6.28);
  double px = x;
  double py = y;
  const double turn = random.between(-0.5, 0.5);
  for (int i = 0; i < 16; ++i) {
    points.push_back({px, py, 0.45});
    angle += turn + random.between(-0.25, 0.25);
    px = std::clamp(px + std::cos(angle) * height * 0.11, x - height * 0.35, x + height * 0.35);
    py = std::clamp(py + std::sin(angle) * height * 0.16, y - height * 0.5, y + height * 0.5);
  }
  canvas.stroke(points);
}

void fill_in(const FamilyForm& form, generator::Canvas& canvas, int severity, std::uint64_t seed, Random& random) {
  for (const config::Field& field : form.form.fields) {
    if (random.chance(0.15)) continue;
    const int count = field.layout.count > 0 ? field.layout.count : field.kind == config::FieldKind::checkbox ? 1 : static_cast<int>(field.zone.width_mm / 5);
    const int used = random.integer(1, count);
    for (int i = 0; i < used; ++i) {
      write_digit(canvas, field.zone.x_mm + field.zone.width_mm * (i + 0.5) / count, field.zone.center().y_mm + random.between(-0.6, 0.6), random.between(3.5, 6.5), random);
    }
  }
  const int notes = severity * random.integer(1, 5);
  for (int i = 0; i < notes; ++i) {
    const double x = random.between(10, form.form.width_mm - 40);
    const double y = random.between(10, form.form.height_mm - 10);
    for (int k = 0; k < 8; ++k) write_digit(canvas, x + 3.5 * k, y, 5, random);
  }
  generator::Pen pen;
  canvas.lay_ink(pen, seed);
  if (severity >= 2 && random.chance(0.4)) {  // a stamp, or the ring of a cup
    const double x = random.between(30, form.form.width_mm - 30);
    const double y = random.between(30, std::max(31.0, form.form.height_mm - 30));
    canvas.circle(x, y, random.between(12, 20), 1.2, {0.5, 0.35, 0.25});
    canvas.circle(x, y, 10, 0.4, {0.3, 0.3, 0.6});
  }
}

// The four corners' places under a camera that is tilted, as a map of the plane.
Transform camera(double width_mm, double height_mm, double tilt_x, double tilt_y, double px_per_mm) {
  const double reach = std::max(width_mm, height_mm);
  const double distance = 1.15 * reach;  // of a phone that sees about 27 mm of a 36 mm film
  const double cx = std::cos(tilt_x);
  const double sx = std::sin(tilt_x);
  const double cy = std::cos(tilt_y);
  const double sy = std::sin(tilt_y);
  // Turned about x, then about y; X, Y, Z of a point (x, y, 0) from the sheet's middle.
  const double f = distance * px_per_mm;
  Transform t;
  t.m = {f * cy, f * sx * sy, 0, 0, f * cx, 0, -sy, sx * cy, distance};
  return t.after(Transform::scale_shift(1, 1, -width_mm / 2, -height_mm / 2));
}

// Samples the master under the map; as many samples a pixel as it is coarser.
void warp(const GrayImage& master, const Transform& px_from_mm, double master_per_px, GrayImage& page) {
  const Transform back = px_from_mm.inverse();
  const int samples = std::clamp(static_cast<int>(std::lround(master_per_px)), 1, 4);
  for (int y = 0; y < page.height_px; ++y) {
    std::uint8_t* row = page.row(y);
    for (int x = 0; x < page.width_px; ++x) {
      int sum = 0;
      int seen = 0;
      for (int j = 0; j < samples; ++j) {
        for (int i = 0; i < samples; ++i) {
          const Point mm = back(Point{x + (i + 0.5) / samples, y + (j + 0.5) / samples});
          const double u = mm.x * kMasterPxPerMm - 0.5;
          const double v = mm.y * kMasterPxPerMm - 0.5;
          if (!(u >= 0 && v >= 0 && u < master.width_px - 1 && v < master.height_px - 1)) continue;
          const int left = static_cast<int>(u);
          const int top = static_cast<int>(v);
          const int fx = static_cast<int>((u - left) * 256);
          const int fy = static_cast<int>((v - top) * 256);
          const std::uint8_t* a = master.row(top) + left;
          const std::uint8_t* b = a + master.width_px;
          sum += ((a[0] * (256 - fx) + a[1] * fx) * (256 - fy) + (b[0] * (256 - fx) + b[1] * fx) * fy) >> 16;
          ++seen;
        }
      }
      if (seen > 0) row[x] = static_cast<std::uint8_t>((sum + row[x] * (samples * samples - seen)) / (samples * samples));
    }
  }
}

}  // namespace

GrayImage blank_picture(const FamilyForm& form, double px_per_mm) {
  generator::Placement placement;
  placement.dpi = px_per_mm * 25.4;
  generator::Canvas canvas(form.form.width_mm, form.form.height_mm, placement, generator::kWhite);
  print_family_form(form, canvas);
  return gray_of(canvas.picture());
}

SentPage send_page(const FamilyForm& form, int severity, double dpi, std::uint64_t seed) {
  const SeverityNumbers& numbers = kSeverities[static_cast<std::size_t>(severity)];
  Random random(seed, "send", static_cast<std::uint64_t>(severity));
  generator::Placement placement;
  placement.dpi = kMasterPxPerMm * 25.4;
  generator::Canvas canvas(form.form.width_mm, form.form.height_mm, placement, generator::kWhite);
  print_family_form(form, canvas);
  fill_in(form, canvas, severity, seed, random);
  const GrayImage master = gray_of(canvas.picture());

  SentPage page;
  page.dpi = dpi > 0 ? dpi : random.pick(kDpis[static_cast<std::size_t>(severity)]);
  page.photographed = random.chance(numbers.photographed);
  page.mirrored = !page.photographed && random.chance(numbers.mirrored);
  const double scale = page.dpi / 25.4;
  const double width = form.form.width_mm;
  const double height = form.form.height_mm;
  Transform map;
  double tilt_x = 0;
  double tilt_y = 0;
  if (page.photographed) {
    tilt_x = random.between(-1, 1) * numbers.tilt_degrees;
    tilt_y = random.between(-1, 1) * numbers.tilt_degrees;
    map = camera(width, height, tilt_x * std::numbers::pi / 180, tilt_y * std::numbers::pi / 180, scale);
  } else {
    map = Transform::scale_shift(scale, scale * (1 + random.between(-1, 1) * numbers.stretch), 0, 0);
    if (page.mirrored) map = Transform::scale_shift(-1, 1, 0, 0).after(map);
  }
  double degrees = random.between(-1, 1) * numbers.skew_degrees;
  if (random.chance(numbers.upside_down)) degrees += 180;
  if (random.chance(numbers.quarter_turned)) degrees += 90;
  map = Transform::rotation(degrees * std::numbers::pi / 180).after(map);
  const page::Quad corners = map(page::rectangle(0, 0, width, height));
  double left = 1e9;
  double top = 1e9;
  double right = -1e9;
  double bottom = -1e9;
  for (const Point& p : corners) {
    left = std::min(left, p.x);
    top = std::min(top, p.y);
    right = std::max(right, p.x);
    bottom = std::max(bottom, p.y);
  }
  std::array<double, 4> margins{};
  for (double& margin : margins) margin = scale * random.between(0, page.photographed ? 15 : 8);
  const double crop = random.between(0, numbers.crop_mm);
  if (!page.photographed) margins[static_cast<std::size_t>(random.integer(0, 3))] = -scale * crop;
  page.px_from_mm = Transform::scale_shift(1, 1, margins[0] - left, margins[1] - top).after(map);
  const auto surround = static_cast<std::uint8_t>(page.photographed ? random.integer(40, 170) : random.chance(0.75) ? random.integer(245, 255) : random.integer(10, 60));
  page.gray = GrayImage(static_cast<int>(right - left + margins[0] + margins[2]), static_cast<int>(bottom - top + margins[1] + margins[3]), surround);
  warp(master, page.px_from_mm, kMasterPxPerMm / scale, page.gray);

  generator::Picture picture;
  picture.width_px = page.gray.width_px;
  picture.height_px = page.gray.height_px;
  picture.channels = 1;
  picture.dpi = page.dpi;
  picture.samples = std::move(page.gray.pixels);
  const double blur = std::max(0.0, random.between(0.3, 1) * numbers.blur_px * page.dpi / 300);
  if (blur > 0.1) generator::blur(picture, blur);
  if (numbers.contrast < 1) generator::fade(picture, random.between(numbers.contrast, 1));
  if (page.photographed || severity == 3) generator::uneven_light(picture, random.between(0, numbers.light), random);
  if (severity > 0) generator::darken_paper(picture, random.between(0, 0.12));
  generator::add_noise(picture, random.between(0.3, 1) * numbers.noise, random);
  if (numbers.specks > 0) generator::add_specks(picture, random.between(0, numbers.specks), random);
  bool bilevel = false;
  if (!page.photographed && random.chance(numbers.bilevel)) {
    bilevel = true;
    std::array<std::size_t, 256> counts{};
    for (const std::uint8_t value : picture.samples) ++counts[value];
    std::size_t seen = 0;
    int paper = 255;
    while (paper > 0 && (seen += counts[static_cast<std::size_t>(paper)]) * 3 < picture.samples.size()) --paper;
    generator::to_bilevel(picture, static_cast<int>(paper * random.between(0.7, 0.8)));
  }
  page.gray.pixels = std::move(picture.samples);
  std::array<char, 200> how{};
  std::snprintf(how.data(), how.size(), "severity %d, %.0f dpi, %.1f degrees%s%s%s, tilt %.0f/%.0f, crop %.1f", severity, page.dpi, degrees, page.photographed ? ", photograph" : "",
                page.mirrored ? ", mirrored" : "", bilevel ? ", bilevel" : "", tilt_x, tilt_y, crop);
  page.how = how.data();
  return page;
}

}  // namespace inkfield::bench
