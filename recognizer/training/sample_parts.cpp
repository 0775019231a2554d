// Digits are bent and toned pixel by pixel, on the way back from the patch to the set's image.
#include "recognizer/training/sample_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "recognizer/training/number_texts.h"

namespace inkfield::training {

using synthesis::InkCanvas;
using synthesis::Random;
using synthesis::StrokePath;
using synthesis::WriterStyle;

Warp random_warp(const DigitSet& set, float digit_height_px, bool gentle, Random& random) {
  Warp warp;
  warp.scale = digit_height_px / set.nominal_height_px;
  warp.aspect = std::clamp(random.normal(1.0F, gentle ? 0.07F : 0.14F), 0.6F, 1.5F);
  if (set.stretched) warp.aspect *= random.uniform(0.6F, 0.95F);
  warp.shear = random.normal(0, gentle ? 0.08F : 0.16F);
  warp.turn = random.normal(0, gentle ? 0.07F : 0.10F);
  warp.elastic = gentle ? random.uniform(0.0F, 0.035F) : random.uniform(0.0F, 0.06F);
  if (set.bilevel || !random.chance(gentle ? 0.55F : 0.3F)) {
    warp.threshold = random.uniform(0.28F, 0.62F);
    warp.contrast = random.uniform(1.2F, 3.0F);
  }
  warp.darkness = random.chance(0.15F) ? random.uniform(0.55F, 1.0F) : 1.0F;
  return warp;
}

Patch warp_digit(const DigitImage& digit, const Warp& warp, Random& random) {
  constexpr int kGrid = 4;
  std::array<std::array<float, 2>, kGrid * kGrid> grid{};
  const auto source_width = static_cast<float>(digit.width_px);
  const auto source_height = static_cast<float>(digit.height_px);
  const float size = std::max(source_width, source_height);
  for (auto& shift : grid)
    shift = {random.normal(0, warp.elastic * size), random.normal(0, warp.elastic * size)};
  const float half_width = 0.5F * source_width * warp.aspect;
  const float half_height = 0.5F * source_height;
  const float lean = std::abs(warp.shear) + std::abs(warp.turn);
  const float margin = 1.5F + 2.0F * warp.elastic * size;
  Patch patch;
  patch.width_px = static_cast<int>(2.0F * (half_width + lean * half_height + margin) * warp.scale) + 3;
  patch.height_px =
      static_cast<int>(2.0F * (half_height + std::abs(warp.turn) * half_width + margin) * warp.scale) + 3;
  patch.ink.assign(static_cast<std::size_t>(patch.width_px) * static_cast<std::size_t>(patch.height_px), 0);
  patch.left_px = patch.width_px;
  const float centre_x = 0.5F * static_cast<float>(patch.width_px) + random.uniform(-0.5F, 0.5F);
  const float centre_y = 0.5F * static_cast<float>(patch.height_px) + random.uniform(-0.5F, 0.5F);
  const float per_scale = 1.0F / warp.scale;
  const float per_aspect = 1.0F / warp.aspect;
  for (int y = 0; y < patch.height_px; ++y) {
    const float v = (static_cast<float>(y) + 0.5F - centre_y) * per_scale;
    for (int x = 0; x < patch.width_px; ++x) {
      const float u = (static_cast<float>(x) + 0.5F - centre_x) * per_scale;
      float sx = (u + (warp.shear + warp.turn) * v) * per_aspect + 0.5F * source_width - 0.5F;
      float sy = v - warp.turn * u + 0.5F * source_height - 0.5F;
      if (sx < -margin || sy < -margin || sx > source_width + margin || sy > source_height + margin) continue;
      const float gx = std::clamp(sx / size, 0.0F, 0.999F) * (kGrid - 1);
      const float gy = std::clamp(sy / size, 0.0F, 0.999F) * (kGrid - 1);
      const int ix = static_cast<int>(gx);
      const int iy = static_cast<int>(gy);
      const float fx = gx - static_cast<float>(ix);
      const float fy = gy - static_cast<float>(iy);
      const auto& g00 = grid[static_cast<std::size_t>(iy * kGrid + ix)];
      const auto& g01 = grid[static_cast<std::size_t>(iy * kGrid + ix + 1)];
      const auto& g10 = grid[static_cast<std::size_t>((iy + 1) * kGrid + ix)];
      const auto& g11 = grid[static_cast<std::size_t>((iy + 1) * kGrid + ix + 1)];
      sx += (1 - fy) * ((1 - fx) * g00[0] + fx * g01[0]) + fy * ((1 - fx) * g10[0] + fx * g11[0]);
      sy += (1 - fy) * ((1 - fx) * g00[1] + fx * g01[1]) + fy * ((1 - fx) * g10[1] + fx * g11[1]);
      const int left = static_cast<int>(std::floor(sx));
      const int top = static_cast<int>(std::floor(sy));
      if (left < -1 || top < -1 || left >= digit.width_px || top >= digit.height_px) continue;
      const float ax = sx - static_cast<float>(left);
      const float ay = sy - static_cast<float>(top);
      const auto at = [&](int px, int py) {
        if (px < 0 || py < 0 || px >= digit.width_px || py >= digit.height_px) return 0.0F;
        return static_cast<float>(digit.ink[static_cast<std::size_t>(py * digit.width_px + px)]);
      };
      float value = (1 - ay) * ((1 - ax) * at(left, top) + ax * at(left + 1, top)) +
                    ay * ((1 - ax) * at(left, top + 1) + ax * at(left + 1, top + 1));
      value *= 1.0F / 255.0F;
      if (warp.contrast > 1) value = std::clamp((value - warp.threshold) * warp.contrast + 0.5F, 0.0F, 1.0F);
      const auto ink = static_cast<std::uint8_t>(255.0F * warp.darkness * value);
      patch.ink[static_cast<std::size_t>(y * patch.width_px + x)] = ink;
      if (ink >= 72) {
        patch.left_px = std::min(patch.left_px, x);
        patch.right_px = std::max(patch.right_px, x + 1);
      }
    }
  }
  if (patch.left_px >= patch.right_px) {
    patch.left_px = 0;
    patch.right_px = patch.width_px;
  }
  return patch;
}

void lay(const Patch& patch, int left_px, int top_px, InkCanvas& canvas) {
  for (int y = 0; y < patch.height_px; ++y) {
    for (int x = 0; x < patch.width_px; ++x) {
      const std::uint8_t ink = patch.ink[static_cast<std::size_t>(y * patch.width_px + x)];
      if (ink > 0) canvas.ink(left_px + x, top_px + y, ink);
    }
  }
}

const SampleSources::Weighted& choose_set(const SampleSources& sources, bool line, Random& random) {
  float total = 0;
  for (const auto& entry : sources.sets) total += line ? entry.line_weight : entry.symbol_weight;
  float draw = random.unit() * total;
  for (const auto& entry : sources.sets) {
    draw -= line ? entry.line_weight : entry.symbol_weight;
    if (draw < 0) return entry;
  }
  return sources.sets.back();
}

float random_digit_height(Random& random) {
  const float draw = random.unit();
  if (draw < 0.25F) return random.uniform(18, 22);  // the usual data sets
  if (draw < 0.40F) return random.uniform(11, 18);  // 150 dpi scans
  return random.uniform(22, 46);                    // 200 to 300 dpi
}

StrokePath write_reject(const WriterStyle& style, Random& random) {
  const float draw = random.unit();
  if (draw < 0.62F) {
    // Letters that come close to a digit, a P to a 9 most of all, are met more often than their share.
    constexpr std::string_view kNearDigits = "PPPPRRETTFYfhpy";
    const std::string_view letters = random.chance(0.35F) ? kNearDigits : synthesis::drawable_letters();
    return synthesis::write_text(
        letters.substr(static_cast<std::size_t>(random.below(static_cast<int>(letters.size()))), 1), style,
        random);
  }
  if (draw < 0.83F) return synthesis::write_scribble(random.uniform(0.4F, 1.1F), style, random);
  return synthesis::write_crossed_out(random_digits(1, random), style, random);
}

bool regional(const SampleSources& sources, Random& random) {
  return sources.regional_hands > 0 && random.chance(sources.regional_hands);
}

bool milder(float roughness, Random& random) {
  return roughness < 1 && !random.chance(roughness);
}

void leave_empty(Sample& sample) {
  sample.text.clear();
  sample.input.width_px = recognizer::kInputHeightPx;
  sample.input.pixels.assign(
      static_cast<std::size_t>(recognizer::kInputHeightPx * recognizer::kInputHeightPx), 0.0F);
}

}  // namespace inkfield::training
