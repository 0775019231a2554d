// Ranges of nuisance were chosen by looking at scanned forms and cheques beside the result.
#include "recognizer/training/spoiling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace inkfield::training {

using synthesis::InkCanvas;
using synthesis::Random;

namespace {

// Paper where a removed printed line crossed the writing; sometimes half repaired.
void cut_line(InkCanvas& canvas, bool horizontal, Random& random) {
  const int extent = horizontal ? canvas.height_px() : canvas.width_px();
  const int thickness = 1 + random.below(extent > 40 ? 3 : 2);
  const int at = random.below(std::max(1, extent - thickness));
  const float keep = random.chance(0.5F) ? random.uniform(0.0F, 0.6F) : 0.0F;
  for (int y = 0; y < canvas.height_px(); ++y) {
    for (int x = 0; x < canvas.width_px(); ++x) {
      const int across = horizontal ? y : x;
      if (across < at || across >= at + thickness) continue;
      std::uint8_t& pixel = canvas.row(y)[x];
      pixel = static_cast<std::uint8_t>(keep * static_cast<float>(pixel));
    }
  }
}

void blur(InkCanvas& canvas) {
  const InkCanvas before = canvas;
  const int width = canvas.width_px();
  const int height = canvas.height_px();
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* above = before.row(std::max(0, y - 1));
    const std::uint8_t* here = before.row(y);
    const std::uint8_t* below = before.row(std::min(height - 1, y + 1));
    std::uint8_t* out = canvas.row(y);
    for (int x = 0; x < width; ++x) {
      const int l = std::max(0, x - 1);
      const int r = std::min(width - 1, x + 1);
      const int sum = above[l] + 2 * above[x] + above[r] + 2 * (here[l] + 2 * here[x] + here[r]) + below[l] +
                      2 * below[x] + below[r];
      out[x] = static_cast<std::uint8_t>(sum / 16);
    }
  }
}

// One pixel more or less on every side of a stroke.
void swell(InkCanvas& canvas, bool grow) {
  const InkCanvas before = canvas;
  const int width = canvas.width_px();
  const int height = canvas.height_px();
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* above = before.row(std::max(0, y - 1));
    const std::uint8_t* here = before.row(y);
    const std::uint8_t* below = before.row(std::min(height - 1, y + 1));
    std::uint8_t* out = canvas.row(y);
    for (int x = 0; x < width; ++x) {
      const std::uint8_t l = here[std::max(0, x - 1)];
      const std::uint8_t r = here[std::min(width - 1, x + 1)];
      out[x] = grow ? std::max({here[x], l, r, above[x], below[x]})
                    : std::min({here[x], l, r, above[x], below[x]});
    }
  }
}

}  // namespace

void draw_line_remains(InkCanvas& canvas, float x0, float y0, float x1, float y1, float width_px,
                       Random& random) {
  const float dx = x1 - x0;
  const float dy = y1 - y0;
  const float length = std::max(std::abs(dx), std::abs(dy));
  const float darkness = random.uniform(0.35F, 1.0F);
  float at = random.uniform(0.0F, 0.4F) * length * (random.chance(0.5F) ? 1.0F : 0.0F);
  while (at < length) {
    const float run = random.chance(0.3F) ? length : random.uniform(1.0F, 0.35F * length + 2.0F);
    const float end = std::min(length, at + run);
    canvas.draw_segment(x0 + dx * at / length, y0 + dy * at / length, width_px, x0 + dx * end / length,
                        y0 + dy * end / length, width_px, darkness);
    at = end + random.uniform(1.0F, 0.5F * length + 2.0F);
  }
}

void draw_background_rests(InkCanvas& canvas, float digit_height_px, Random& random) {
  const float pitch = random.uniform(0.10F, 0.25F) * digit_height_px;
  const float wave = random.uniform(0.0F, 0.12F) * digit_height_px;
  const float length = random.uniform(2.0F, 8.0F) * digit_height_px;
  const float darkness = random.uniform(0.15F, 0.5F);
  const float slope = random.normal(0, 0.06F);
  const float phase = random.uniform(0.0F, 6.28F);
  const float pen = random.uniform(0.8F, 0.03F * digit_height_px + 0.9F);
  const float step = 0.3F * digit_height_px;
  const float first = random.uniform(0.0F, 0.8F) * static_cast<float>(canvas.height_px());
  const float last = std::min(static_cast<float>(canvas.height_px()), first + random.uniform(1.0F, 8.0F) * pitch);
  for (float line = first; line < last; line += pitch) {
    for (float x = 0; x < static_cast<float>(canvas.width_px()); x += step) {
      if (random.chance(0.4F)) continue;
      const auto height = [&](float at) {
        return line + slope * at + wave * std::sin(6.28F * at / length + phase);
      };
      canvas.draw_segment(x, height(x), pen, x + step, height(x + step), pen, darkness * random.uniform(0.5F, 1.0F));
    }
  }
}

void add_specks(InkCanvas& canvas, int count, float digit_height_px, Random& random) {
  for (int i = 0; i < count; ++i) {
    const float x = random.uniform(0, static_cast<float>(canvas.width_px()));
    const float y = random.uniform(0, static_cast<float>(canvas.height_px()));
    const float size = random.uniform(0.6F, 0.07F * digit_height_px + 0.6F);
    canvas.draw_segment(x, y, size, x + random.normal(0, 0.5F * size), y + random.normal(0, 0.5F * size),
                        size, random.uniform(0.3F, 1.0F));
  }
}

void spoil(InkCanvas& canvas, float digit_height_px, float thin_stroke_px, Random& random) {
  if (random.chance(0.10F)) cut_line(canvas, random.chance(0.6F), random);
  if (random.chance(0.12F) && digit_height_px > 24)
    swell(canvas, thin_stroke_px < 3.5F || random.chance(0.5F));
  if (random.chance(0.35F)) blur(canvas);
  // Nobody can label ink that is not there: the faintest writing still clears the threshold of ink.
  std::array<int, 256> histogram{};
  int written = 0;
  for (const std::uint8_t ink : canvas.pixels()) {
    if (ink >= 24) {
      ++histogram[ink];
      ++written;
    }
  }
  int strong = 255;
  for (int above = 0; strong > 24; --strong) {
    above += histogram[static_cast<std::size_t>(strong)];
    if (above * 3 >= written) break;
  }
  const bool bilevel = random.chance(0.3F);
  const int threshold = std::min(80 + random.below(90), strong * 3 / 4);
  const float least_gain = 125.0F / static_cast<float>(strong);
  const float gain = bilevel               ? 1.0F
                     : random.chance(0.2F) ? random.uniform(0.5F, 0.9F)
                                           : random.uniform(0.9F, 1.4F);
  const bool grain = random.chance(0.12F);
  for (int y = 0; y < canvas.height_px(); ++y) {
    std::uint8_t* row = canvas.row(y);
    for (int x = 0; x < canvas.width_px(); ++x) {
      float value = bilevel ? (row[x] >= threshold ? 255.0F : 0.0F)
                            : std::max(gain, least_gain) * static_cast<float>(row[x]);
      if (grain) value += value > 40 ? random.uniform(-50, 20) : random.uniform(-40, 40);
      row[x] = static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
    }
  }
  if (random.chance(0.08F)) add_specks(canvas, 1 + random.below(3), digit_height_px, random);
}

void jitter(recognizer::NetworkInput& input, float deviation, Random& random) {
  const float scale = std::clamp(random.normal(1.0F, deviation), 0.75F, 1.25F);
  const float stretch = std::clamp(random.normal(1.0F, 0.5F * deviation), 0.85F, 1.15F);
  const float dx = random.normal(0, 1.0F);
  const float dy = random.normal(0, 8.0F * deviation);
  const auto width = static_cast<std::size_t>(input.width_px);
  const auto height = static_cast<std::size_t>(recognizer::kInputHeightPx);
  const std::vector<float> before = input.pixels;
  const float cx = 0.5F * static_cast<float>(width);
  const float cy = 0.5F * static_cast<float>(height);
  const auto at = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= input.width_px || y >= recognizer::kInputHeightPx) return 0.0F;
    return before[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
  };
  // On a line only the height is scaled with the width following `stretch`, so that its ends stay inside.
  const bool line = input.width_px > 2 * recognizer::kInputHeightPx;
  const float scale_x = line ? std::min(1.0F, scale * stretch) : scale * stretch;
  for (std::size_t y = 0; y < height; ++y) {
    const float sy = (static_cast<float>(y) + 0.5F - cy - dy) / scale + cy - 0.5F;
    const int iy = static_cast<int>(std::floor(sy));
    const float fy = sy - static_cast<float>(iy);
    for (std::size_t x = 0; x < width; ++x) {
      const float sx = (static_cast<float>(x) + 0.5F - cx - dx) / scale_x + cx - 0.5F;
      const int ix = static_cast<int>(std::floor(sx));
      const float fx = sx - static_cast<float>(ix);
      input.pixels[y * width + x] = (1 - fy) * ((1 - fx) * at(ix, iy) + fx * at(ix + 1, iy)) +
                                    fy * ((1 - fx) * at(ix, iy + 1) + fx * at(ix + 1, iy + 1));
    }
  }
}

}  // namespace inkfield::training
