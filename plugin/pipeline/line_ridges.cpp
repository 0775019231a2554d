#include "plugin/pipeline/line_ridges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace inkfield::pipeline {
namespace {

constexpr double kLowestRidge = 0.1;       // of full ink: a line stands out at least so much from what is beside it
constexpr double kTextureQuantile = 0.92;  // and more than this share of the rulings and waves of security paper do
constexpr int kRidgeEndPx = 16;            // a ridge begins and ends where most of so many pixels show it

}  // namespace

using page::GrayImage;

GrayImage find_level_ridges(const GrayImage& ink, const GrayImage& darkness, int full, int half, int thickest) {
  const int width = darkness.width_px;
  const int height = darkness.height_px;
  GrayImage mean(width, height);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = darkness.row(y);
    std::uint8_t* to = mean.row(y);
    int sum = 0;
    int count = 0;
    for (int x = -half; x < width; ++x) {
      if (x + half < width) sum += from[x + half], ++count;
      if (x - half - 1 >= 0) sum -= from[x - half - 1], --count;
      if (x >= 0) to[x] = static_cast<std::uint8_t>((sum + count / 2) / count);
    }
  }
  const int reaches[] = {3, thickest / 2 + 2};
  GrayImage ridges(width, height, 0);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* to = ridges.row(y);
    for (const int reach : reaches) {
      const std::uint8_t* here = mean.row(y);
      const std::uint8_t* above = mean.row(std::max(0, y - reach));
      const std::uint8_t* below = mean.row(std::min(height - 1, y + reach));
      for (int x = 0; x < width; ++x) {
        // At the picture's edge one side has to do.
        const int side = y < reach ? below[x] : (y + reach >= height ? above[x] : std::max(above[x], below[x]));
        to[x] = static_cast<std::uint8_t>(std::max<int>(to[x], here[x] - side));
      }
    }
  }
  std::array<std::int64_t, 256> texture{};
  std::int64_t paper = 0;
  for (std::size_t i = 0; i < ridges.pixels.size(); ++i) {
    if (ink.pixels[i] >= kDarkInk) continue;
    ++texture[ridges.pixels[i]];
    ++paper;
  }
  int least = 0;
  for (std::int64_t seen = 0; least < 255 && static_cast<double>(seen) < kTextureQuantile * static_cast<double>(paper); ++least) {
    seen += texture[static_cast<std::size_t>(least)];
  }
  least = std::max({1, least, static_cast<int>(kLowestRidge * full)});
  for (std::uint8_t& value : ridges.pixels) value = static_cast<std::uint8_t>(std::min(255, value * kDarkInk / least));
  return ridges;
}

bool find_ridge(const GrayImage& ridges, const page::FieldCrop& crop, const RidgeSearch& search, const std::vector<PrintedLine>& known, ExpectedLine& best) {
  const bool calibrated = crop.px_per_mm > 0;
  const double steepest = calibrated ? 0.015 : 0.045;
  const int left = std::max(0, static_cast<int>(crop.zone.left));
  const int right = std::min(ridges.width_px, static_cast<int>(crop.zone.right));
  const double middle = 0.5 * (left + right);
  if (right - left < 16) return false;
  double most = search.least_columns;
  for (double slope = -steepest; slope <= steepest + 1e-9; slope += 0.0025) {
    for (int row = std::max(1, static_cast<int>(search.first)); row < std::min(static_cast<double>(ridges.height_px) - 1, search.last); ++row) {
      const bool taken = std::any_of(known.begin(), known.end(), [&](const PrintedLine& line) {
        return !line.vertical && std::fabs(line.center_at(static_cast<int>(middle)) - static_cast<float>(row)) < line.half_band() + 1.5F;
      });
      if (taken) continue;
      int columns = 0;
      for (int x = left; x < right; ++x) {
        const int y = static_cast<int>(std::floor(row + slope * (x - middle) + 0.5));
        if (y >= 0 && y < ridges.height_px && ridges.at(x, y) >= kDarkInk) ++columns;
      }
      const double share = static_cast<double>(columns) / (right - left);
      if (share > most) {
        most = share;
        best.begin = 0;
        best.end = ridges.width_px;
        best.slope = slope;
        best.at = row + slope * (0.5 * ridges.width_px - middle);
      }
    }
  }
  return most > search.least_columns;
}

void trim_ends(const GrayImage& ridges, ExpectedLine& line) {
  const double middle = 0.5 * (line.begin + line.end);
  std::vector<int> shown(static_cast<std::size_t>(ridges.width_px) + 1, 0);
  for (int x = 0; x < ridges.width_px; ++x) {
    const int y = static_cast<int>(std::lround(line.at + line.slope * (x - middle)));
    bool here = false;
    for (int row = std::max(0, y - 1); row <= std::min(ridges.height_px - 1, y + 1); ++row) here = here || ridges.at(x, row) >= kDarkInk;
    shown[static_cast<std::size_t>(x) + 1] = shown[static_cast<std::size_t>(x)] + (here ? 1 : 0);
  }
  const auto most_of = [&](int begin) {
    const int end = std::min(ridges.width_px, begin + kRidgeEndPx);
    return 4 * (shown[static_cast<std::size_t>(end)] - shown[static_cast<std::size_t>(begin)]) >= 3 * (end - begin);
  };
  int begin = 0;
  while (begin + kRidgeEndPx < ridges.width_px && !most_of(begin)) ++begin;
  int end = ridges.width_px;
  while (end - kRidgeEndPx > begin && !most_of(end - kRidgeEndPx)) --end;
  line.at += line.slope * (0.5 * (begin + end) - middle);
  line.begin = begin;
  line.end = end;
}

}  // namespace inkfield::pipeline
