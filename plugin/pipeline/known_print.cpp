// The template's own picture of the empty form says which ink is no writing. It never lies quite where the page has it, and never is quite as
// dark: both are measured in each field before anything is taken out.
#include "plugin/pipeline/known_print.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "plugin/pipeline/field_cropping.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

constexpr int kPrinted = 48;            // darkness from which a pixel of the blank form is print; paper's own tint is less
constexpr double kMostAsideMm = 0.7;    // registration promises 0.3 mm; folds and stretch add to it
constexpr int kLeastPrintPx = 40;       // less print than that is not worth looking for
constexpr std::size_t kMostSamples = 3000;
constexpr double kLeastShown = 0.35;    // of the print's darkness must be found on the page
constexpr double kPrintVaries = 1.2;    // print comes out so much darker here and there,
constexpr int kNoise = 28;              // and a scanner's noise adds this
constexpr int kStroke = 128;            // ink of a stroke for sure
constexpr int kWidestPrintPx = 14;      // a stroke is followed through print so thick

// The largest value within `reach` pixels (a square).
GrayImage spread(const GrayImage& image, int reach) {
  GrayImage wide = image;
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      for (int d = std::max(0, x - reach); d <= std::min(image.width_px - 1, x + reach); ++d) wide.row(y)[x] = std::max(wide.at(x, y), image.at(d, y));
    }
  }
  GrayImage out = wide;
  for (int y = 0; y < image.height_px; ++y) {
    for (int d = std::max(0, y - reach); d <= std::min(image.height_px - 1, y + reach); ++d) {
      for (int x = 0; x < image.width_px; ++x) out.row(y)[x] = std::max(out.at(x, y), wide.at(x, d));
    }
  }
  return out;
}

struct Sample {
  int x;
  int y;
  int print;
};

std::vector<Sample> printed_samples(const GrayImage& print) {
  std::vector<Sample> all;
  for (int y = 0; y < print.height_px; ++y) {
    for (int x = 0; x < print.width_px; ++x) {
      if (print.at(x, y) >= kPrinted) all.push_back({x, y, print.at(x, y)});
    }
  }
  if (all.size() <= kMostSamples) return all;
  // A stride that is no multiple of a row's pattern.
  std::vector<Sample> some;
  const double step = static_cast<double>(all.size()) / kMostSamples;
  for (std::size_t i = 0; i < kMostSamples; ++i) some.push_back(all[static_cast<std::size_t>(static_cast<double>(i) * step)]);
  return some;
}

std::int64_t shown(const std::vector<Sample>& samples, const GrayImage& ink, int dx, int dy) {
  std::int64_t sum = 0;
  for (const Sample& s : samples) {
    const int x = s.x + dx;
    const int y = s.y + dy;
    if (x < 0 || y < 0 || x >= ink.width_px || y >= ink.height_px) continue;
    sum += std::min<int>(ink.at(x, y), s.print);
  }
  return sum;
}

// How dark print of darkness 1 comes out in the ink map.
double gain_of(const GrayImage& ink, const GrayImage& print) {
  std::array<int, 64> histogram{};  // of sixteenths
  int total = 0;
  for (std::size_t i = 0; i < ink.pixels.size(); ++i) {
    if (print.pixels[i] < kPrinted) continue;
    ++histogram[static_cast<std::size_t>(std::min(63, ink.pixels[i] * 16 / print.pixels[i]))];
    ++total;
  }
  // Strokes on the print are darker and soft edges are fainter than it is.
  int seen = 0;
  for (int i = 0; i < 64; ++i) {
    seen += histogram[static_cast<std::size_t>(i)];
    if (seen * 2 > total) return std::clamp((i + 0.5) / 16, 0.25, 2.0);
  }
  return 1;
}

}  // namespace

GrayImage print_in_crop(const GrayImage& blank, double page_width_mm, double page_height_mm, const page::FieldCrop& crop) {
  if (blank.empty() || crop.field == nullptr || !(crop.px_per_mm > 0)) return {};
  page::RegisteredForm form;
  const double scale_x = blank.width_px / page_width_mm;
  const double scale_y = blank.height_px / page_height_mm;
  form.source_px_from_mm = page::Transform::scale_shift(scale_x, scale_y, 0, 0);
  form.scale_px_per_mm = std::sqrt(scale_x * scale_y);
  page::FieldCrop print = crop_field(blank, form, *crop.field, crop.px_per_mm);
  if (print.gray.width_px != crop.gray.width_px || print.gray.height_px != crop.gray.height_px) return {};
  for (std::uint8_t& value : print.gray.pixels) value = static_cast<std::uint8_t>(255 - value);
  return std::move(print.gray);
}

GrayImage aligned_print(const GrayImage& print, const GrayImage& ink, double px_per_mm) {
  if (print.width_px != ink.width_px || print.height_px != ink.height_px) return {};
  const std::vector<Sample> samples = printed_samples(print);
  if (samples.size() < static_cast<std::size_t>(kLeastPrintPx)) return {};
  const int reach = static_cast<int>(std::ceil(kMostAsideMm * px_per_mm));
  int best_x = 0;
  int best_y = 0;
  // Where print lies as well elsewhere as here, here it is: another place must be better by a fiftieth.
  std::int64_t best = shown(samples, ink, 0, 0) * 51 / 50;
  for (const int step : {2, 1}) {
    const int from_x = step == 2 ? -reach : best_x - 1;
    const int to_x = step == 2 ? reach : best_x + 1;
    const int from_y = step == 2 ? -reach : best_y - 1;
    const int to_y = step == 2 ? reach : best_y + 1;
    for (int dy = from_y; dy <= to_y; dy += step) {
      for (int dx = from_x; dx <= to_x; dx += step) {
        const std::int64_t here = shown(samples, ink, dx, dy);
        if (here <= best) continue;
        best = here;
        best_x = dx;
        best_y = dy;
      }
    }
  }
  std::int64_t wanted = 0;
  for (const Sample& s : samples) wanted += s.print;
  if (static_cast<double>(best) < kLeastShown * static_cast<double>(wanted)) return {};
  GrayImage moved(print.width_px, print.height_px, 0);
  for (int y = std::max(0, best_y); y < std::min(print.height_px, print.height_px + best_y); ++y) {
    for (int x = std::max(0, best_x); x < std::min(print.width_px, print.width_px + best_x); ++x) moved.row(y)[x] = print.at(x - best_x, y - best_y);
  }
  return moved;
}

void subtract_print(GrayImage& ink, const GrayImage& print, const std::vector<PrintedLine>& lines) {
  if (print.width_px != ink.width_px || print.height_px != ink.height_px) return;
  GrayImage other = print;  // than the lines
  for (const PrintedLine& line : lines) {
    const int length = line.vertical ? ink.height_px : ink.width_px;
    const int breadth = line.vertical ? ink.width_px : ink.height_px;
    for (int along = std::max(0, line.begin - 3); along < std::min(length, line.end + 3); ++along) {
      const float center = line.center_at(along);
      const int low = std::max(0, static_cast<int>(center - line.half_band() - 2));
      const int high = std::min(breadth - 1, static_cast<int>(center + line.half_band() + 2));
      for (int across = low; across <= high; ++across) other.row(line.vertical ? along : across)[line.vertical ? across : along] = 0;
    }
  }
  const double gain = gain_of(ink, other);
  const GrayImage near = spread(other, 2);  // a blank form scanned coarser than the page, and half a pixel of stretch
  const GrayImage around = spread(other, 3);
  const GrayImage before = ink;
  std::vector<std::uint8_t> explained(ink.pixels.size(), 0);
  for (std::size_t i = 0; i < explained.size(); ++i) {
    if (near.pixels[i] < kPrinted || before.pixels[i] == 0) continue;
    explained[i] = before.pixels[i] <= gain * near.pixels[i] * kPrintVaries + kNoise ? 1 : 0;
  }
  const auto at = [&](int x, int y) { return static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width_px) + static_cast<std::size_t>(x); };
  const auto inside = [&](int x, int y) { return x >= 0 && y >= 0 && x < ink.width_px && y < ink.height_px; };
  // Whether a stroke meets the print in that direction.
  const auto meets_stroke = [&](int x, int y, int dx, int dy) {
    for (int i = 0; i < kWidestPrintPx; ++i) {
      x += dx;
      y += dy;
      if (!inside(x, y)) return false;
      if (explained[at(x, y)] == 0) return before.at(x, y) >= kStroke;
    }
    return false;
  };
  constexpr std::array<std::array<int, 2>, 4> kDirections{{{1, 0}, {0, 1}, {1, 1}, {1, -1}}};
  for (int y = 0; y < ink.height_px; ++y) {
    for (int x = 0; x < ink.width_px; ++x) {
      const std::size_t i = at(x, y);
      if (explained[i] != 0) {
        const bool crossed = before.pixels[i] >= kStroke && std::any_of(kDirections.begin(), kDirections.end(), [&](const std::array<int, 2>& d) {
                               return meets_stroke(x, y, d[0], d[1]) && meets_stroke(x, y, -d[0], -d[1]);
                             });
        if (!crossed) ink.pixels[i] = 0;
        continue;
      }
      // The print's soft edge, unless it is a stroke's.
      if (around.pixels[i] < kPrinted || before.pixels[i] >= kStroke) continue;
      bool beside_stroke = false;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (inside(x + dx, y + dy) && explained[at(x + dx, y + dy)] == 0 && before.at(x + dx, y + dy) >= kStroke) beside_stroke = true;
        }
      }
      if (!beside_stroke) ink.pixels[i] = 0;
    }
  }
}

}  // namespace inkfield::pipeline
