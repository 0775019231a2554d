// Warps: one random affine map and a smooth field of displacements (Simard, Steinkraus and Platt 2003), the field a
// cubic B-spline over a few knots, which is as smooth as a blurred random field and far cheaper.
#include "recognizer/training/digit_inputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace inkfield::training {
namespace {

constexpr int kMostKnots = 12;

struct SplineTaps {
  int first = 0;
  std::array<float, 4> weights{};
};

SplineTaps spline_taps(float at) {
  SplineTaps taps;
  taps.first = static_cast<int>(at);
  const float t = at - static_cast<float>(taps.first);
  const float u = 1 - t;
  taps.weights = {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6,
                  t * t * t / 6};
  return taps;
}

// One axis of a displacement field over side x side pixels.
std::vector<float> smooth_field(int side, float step_px, float deviation_px, synthesis::Random& random) {
  const int knots = std::min(kMostKnots, static_cast<int>(static_cast<float>(side) / step_px) + 4);
  const auto count = static_cast<std::size_t>(knots);
  const auto size = static_cast<std::size_t>(side);
  // The spline averages knots; twice the deviation in them leaves about the one asked for.
  std::vector<float> values(count * count);
  for (float& value : values) value = random.normal(0, 2 * deviation_px);
  const float step = static_cast<float>(side) / static_cast<float>(knots - 3);
  std::vector<SplineTaps> taps;
  for (int i = 0; i < side; ++i)
    taps.push_back(spline_taps(std::min((static_cast<float>(i) + 0.5F) / step, static_cast<float>(knots) - 3.001F)));
  std::vector<float> row(count);
  std::vector<float> field(size * size);
  for (std::size_t y = 0; y < size; ++y) {
    const SplineTaps& down = taps[y];
    for (std::size_t k = 0; k < count; ++k) {
      float sum = 0;
      for (std::size_t j = 0; j < 4; ++j)
        sum += down.weights[j] * values[(static_cast<std::size_t>(down.first) + j) * count + k];
      row[k] = sum;
    }
    for (std::size_t x = 0; x < size; ++x) {
      const SplineTaps& across = taps[x];
      float sum = 0;
      for (std::size_t j = 0; j < 4; ++j) sum += across.weights[j] * row[static_cast<std::size_t>(across.first) + j];
      field[y * size + x] = sum;
    }
  }
  return field;
}

// Part of the way to the darkest (or lightest) of the neighbours: a stroke a fraction of a pixel wider.
void thicken(std::vector<float>& ink, int side, float amount, bool thicker) {
  const std::vector<float> before = ink;
  const auto at = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= side || y >= side) return 0.0F;
    return before[static_cast<std::size_t>(y * side + x)];
  };
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const std::array<float, 5> cross = {at(x, y), at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1)};
      const float bound = thicker ? *std::max_element(cross.begin(), cross.end())
                                  : *std::min_element(cross.begin(), cross.end());
      float& value = ink[static_cast<std::size_t>(y * side + x)];
      value += amount * (bound - value);
    }
  }
}

}  // namespace

FramedDigits::FramedDigits(const DigitSet& set, const recognizer::SymbolFraming& framing, float reference_height_px)
    : framing_(framing) {
  recognizer::SymbolFraming plain = framing;
  plain.paper = 0;
  plain.ink = 1;
  digits_.reserve(set.digits.size());
  for (const DigitImage& digit : set.digits) {
    const recognizer::ImageView view = {digit.ink.data(), digit.width_px, digit.height_px, digit.width_px};
    recognizer::NetworkInput input = recognizer::normalize_symbol(view, reference_height_px, plain);
    if (!input.empty()) digits_.push_back({std::move(input.pixels), digit.label});
  }
}

void FramedDigits::to_levels(std::span<float> out) const {
  const float span = framing_.ink - framing_.paper;
  for (float& value : out) value = framing_.paper + span * value;
}

void FramedDigits::plain(int index, std::span<float> out) const {
  const std::vector<float>& ink = digits_[static_cast<std::size_t>(index)].ink;
  std::copy(ink.begin(), ink.end(), out.begin());
  to_levels(out);
}

void FramedDigits::varied(int index, const Variation& variation, float strength, synthesis::Random& random,
                          std::span<float> out) const {
  const int side = framing_.size_px;
  const float box = framing_.box_px;
  std::vector<float> ink = digits_[static_cast<std::size_t>(index)].ink;
  if (random.chance(strength * variation.thickness)) {
    const bool thicker = random.chance(0.5F);
    thicken(ink, side, random.uniform(0.0F, thicker ? 0.8F : 0.55F), thicker);
  }
  const float turn = random.normal(0, strength * variation.turn);
  const float shear = random.normal(0, strength * variation.shear);
  const float wide = std::exp(random.normal(0, strength * variation.stretch));
  const float high = std::exp(random.normal(0, strength * variation.stretch));
  const float shift_x = random.normal(0, strength * variation.shift * box);
  const float shift_y = random.normal(0, strength * variation.shift * box);
  const float bend = strength * variation.bend * box * random.uniform(0.2F, 1.0F);
  const std::vector<float> bend_x = smooth_field(side, variation.bend_step * box, bend, random);
  const std::vector<float> bend_y = smooth_field(side, variation.bend_step * box, bend, random);
  // From the varied picture back to the digit.
  const float c = std::cos(turn);
  const float s = std::sin(turn);
  const float xx = c / wide;
  const float xy = (s + shear) / wide;
  const float yx = -s / high;
  const float yy = c / high;
  const float middle = 0.5F * static_cast<float>(side);
  const auto at = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= side || y >= side) return 0.0F;
    return ink[static_cast<std::size_t>(y * side + x)];
  };
  std::size_t pixel = 0;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x, ++pixel) {
      const float u = static_cast<float>(x) + 0.5F - middle - shift_x + bend_x[pixel];
      const float v = static_cast<float>(y) + 0.5F - middle - shift_y + bend_y[pixel];
      const float sx = xx * u + xy * v + middle - 0.5F;
      const float sy = yx * u + yy * v + middle - 0.5F;
      const float left = std::floor(sx);
      const float top = std::floor(sy);
      const int ix = static_cast<int>(left);
      const int iy = static_cast<int>(top);
      const float fx = sx - left;
      const float fy = sy - top;
      out[pixel] = (1 - fy) * ((1 - fx) * at(ix, iy) + fx * at(ix + 1, iy)) +
                   fy * ((1 - fx) * at(ix, iy + 1) + fx * at(ix + 1, iy + 1));
    }
  }
  if (random.chance(strength * variation.tone)) {
    const float slope = random.uniform(0.8F, 2.2F);
    const float edge = random.uniform(0.35F, 0.6F);
    for (float& value : out) {
      // Zero stays zero: paper is known to be paper.
      const float curved = (value - edge) * slope + edge;
      value = std::clamp(std::min(curved, 4 * value), 0.0F, 1.0F);
    }
  }
  if (random.chance(strength * variation.noise)) {
    for (float& value : out) value = std::clamp(value + random.normal(0, 0.08F), 0.0F, 1.0F);
  }
  if (random.chance(strength * variation.erase)) {
    const int width = 2 + random.below(std::max(1, side / 4));
    const int height = 2 + random.below(std::max(1, side / 4));
    const int left = random.below(side - width);
    const int top = random.below(side - height);
    for (int y = top; y < top + height; ++y) {
      for (int x = left; x < left + width; ++x) out[static_cast<std::size_t>(y * side + x)] = 0;
    }
  }
  to_levels(out);
}

}  // namespace inkfield::training
