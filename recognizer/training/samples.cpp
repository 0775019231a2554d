// Numbers here are ranges of nuisance, chosen by looking at scanned forms and cheques beside the result.
#include "recognizer/training/samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

#include "recognizer/training/number_texts.h"
#include "recognizer/training/spoiling.h"

namespace inkfield::training {
namespace {

using synthesis::InkCanvas;
using synthesis::Placement;
using synthesis::Random;
using synthesis::StrokePath;
using synthesis::SymbolExtent;
using synthesis::WriterStyle;

// One digit, warped and ready to be laid on a canvas.
struct Patch {
  int width_px = 0;
  int height_px = 0;
  int left_px = 0;  // first and one past the last inked column
  int right_px = 0;
  std::vector<std::uint8_t> ink;
};

// What one writer does to all digits of a line; each digit adds a little of its own.
struct Warp {
  float scale = 1;  // canvas pixels for each pixel of the set's image
  float aspect = 1;
  float shear = 0;
  float turn = 0;
  float elastic = 0;       // displacement in image heights
  float threshold = 0.5F;  // where the edge of the stroke is set: low is bolder
  float contrast = 1;      // slope of the tone curve; 1 keeps the tones
  float darkness = 1;
};

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

// `unevenness` 1 is a calm hand.
Warp vary(Warp warp, float unevenness, Random& random) {
  warp.scale *= std::clamp(random.normal(1.0F, 0.06F * unevenness), 0.6F, 1.4F);
  warp.aspect *= std::clamp(random.normal(1.0F, 0.05F * unevenness), 0.7F, 1.4F);
  warp.shear += random.normal(0, 0.04F);
  warp.turn += random.normal(0, 0.04F);
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

void draw_path_in_cell(const StrokePath& path, float digit_height_px, float cell_width_px,
                       float cell_height_px, InkCanvas& canvas, Random& random) {
  const SymbolExtent box = path.bounds();
  const float width = (box.right - box.left) * digit_height_px;
  const float height = (box.bottom - box.top) * digit_height_px;
  const float slack_x = std::max(0.0F, cell_width_px - width);
  const float slack_y = std::max(0.0F, cell_height_px - height);
  const Placement placement = {digit_height_px,
                               slack_x * random.uniform(0.15F, 0.85F) - box.left * digit_height_px,
                               slack_y * random.uniform(0.15F, 0.85F) - box.top * digit_height_px};
  synthesis::draw(path, placement, canvas);
}

// What a form leaves in a cell beside the digit: rests of its box, and the neighbours' strokes.
void clutter_cell(const SampleSources& sources, float digit_height_px, InkCanvas& canvas, Random& random) {
  const auto width = static_cast<float>(canvas.width_px());
  const auto height = static_cast<float>(canvas.height_px());
  const int rests = random.chance(0.6F) ? 1 : 2;
  for (int i = 0; i < rests; ++i) {
    const float pen = random.uniform(0.8F, 0.05F * digit_height_px + 1.0F);
    const float draw = random.unit();
    if (draw < 0.30F) {  // side of the box
      const float x =
          random.chance(0.5F) ? random.uniform(0, 0.06F * width) : width - random.uniform(0, 0.06F * width);
      draw_line_remains(canvas, x, 0, x + random.normal(0, 0.4F), height, pen, random);
    } else if (draw < 0.60F) {  // top or bottom
      const float y = random.chance(0.35F) ? random.uniform(0, 0.06F * height)
                                           : height - random.uniform(0, 0.06F * height);
      draw_line_remains(canvas, 0, y, width, y + random.normal(0, 0.4F), pen, random);
    } else {  // a neighbour reaching in
      WriterStyle style = WriterStyle::random(random);
      StrokePath path;
      if (random.chance(0.6F)) {
        path =
            synthesis::write_text(std::string(1, static_cast<char>('0' + random.below(10))), style, random);
      } else {
        path = synthesis::write_flourish(style, random);
      }
      const SymbolExtent box = path.bounds();
      const float reach = random.uniform(0.03F, 0.16F) * width;
      const bool from_left = random.chance(0.5F);
      const float left =
          from_left ? reach - box.right * digit_height_px : width - reach - box.left * digit_height_px;
      synthesis::draw(path, {digit_height_px, left, height * random.uniform(0.6F, 0.95F)}, canvas);
    }
  }
  if (random.chance(0.2F)) add_specks(canvas, 1 + random.below(2), digit_height_px, random);
  static_cast<void>(sources);
}

const DigitImage& any_digit(const SampleSources::Weighted& entry, Random& random) {
  return entry.set.digits[static_cast<std::size_t>(random.below(static_cast<int>(entry.set.digits.size())))];
}

// The digit asked for, as one writer writes it; where none is found soon, another of theirs.
const DigitImage& digit_of(const SampleSources::Weighted& entry, const std::vector<int>& hand, int label, Random& random) {
  constexpr int kTries = 40;
  const DigitImage* digit = nullptr;
  for (int i = 0; i < kTries && (digit == nullptr || digit->label != label); ++i) {
    digit = &entry.set.digits[static_cast<std::size_t>(hand[static_cast<std::size_t>(random.below(static_cast<int>(hand.size())))])];
  }
  return *digit;
}

void place_patch_in_cell(const Patch& patch, InkCanvas& canvas, Random& random) {
  const float slack_x = static_cast<float>(canvas.width_px() - patch.width_px);
  const float slack_y = static_cast<float>(canvas.height_px() - patch.height_px);
  lay(patch, static_cast<int>(slack_x * random.uniform(0.2F, 0.8F)),
      static_cast<int>(slack_y * random.uniform(0.2F, 0.8F)), canvas);
}

bool is_digit(char symbol) { return symbol >= '0' && symbol <= '9'; }

// Two or three strokes through what was written, an X, or a zigzag: the digit below is withdrawn.
void strike_out(InkCanvas& canvas, float digit_height_px, float pen_px, Random& random) {
  const float width = static_cast<float>(canvas.width_px());
  const float middle = 0.5F * static_cast<float>(canvas.height_px());
  const float left = 0.5F * width - random.uniform(0.35F, 0.6F) * digit_height_px;
  const float right = 0.5F * width + random.uniform(0.35F, 0.6F) * digit_height_px;
  const int kind = random.below(4);
  if (kind < 2) {
    const int strokes = 2 + random.below(2);
    const float slope = random.uniform(-0.27F, 0.27F);
    const float pitch = random.uniform(0.14F, 0.3F) * digit_height_px;
    const float first = middle - 0.5F * pitch * static_cast<float>(strokes - 1) + random.normal(0, 0.06F * digit_height_px);
    for (int i = 0; i < strokes; ++i) {
      const float y = first + pitch * static_cast<float>(i) + random.normal(0, 0.03F * digit_height_px);
      const float rise = (slope + random.normal(0, 0.05F)) * (right - left);
      canvas.draw_segment(left + random.normal(0, 0.05F * digit_height_px), y + 0.5F * rise, pen_px, right,
                          y - 0.5F * rise, pen_px, 1);
    }
  } else if (kind == 2) {
    const float reach = random.uniform(0.35F, 0.55F) * digit_height_px;
    canvas.draw_segment(left, middle - reach, pen_px, right, middle + reach, pen_px, 1);
    canvas.draw_segment(left, middle + reach, pen_px, right, middle - reach, pen_px, 1);
  } else {
    const int turns = 3 + random.below(5);
    const float reach = random.uniform(0.25F, 0.5F) * digit_height_px;
    float x = left;
    float y = middle - reach;
    for (int i = 0; i < turns; ++i) {
      const float next_x = left + (right - left) * static_cast<float>(i + 1) / static_cast<float>(turns);
      const float next_y = middle + (i % 2 == 0 ? reach : -reach) + random.normal(0, 0.08F * digit_height_px);
      canvas.draw_segment(x, y, pen_px, next_x, next_y, pen_px, 1);
      x = next_x;
      y = next_y;
    }
  }
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

// Draws nothing when all are rough, so that such a training's sequence of samples does not depend on this.
bool milder(float roughness, Random& random) {
  return roughness < 1 && !random.chance(roughness);
}

// A real line of about `length` characters, varied. Strips are drawn alike, whatever their length: the nearest length to
// the one asked for stands in for those that no strip has.
Sample vary_strip(const SampleSources& sources, int length, Random& random) {
  const auto& lengths = sources.strips_by_length;
  const int longest = static_cast<int>(lengths.size()) - 1;
  const std::vector<int>* chosen = nullptr;
  for (int off = 0; chosen == nullptr && off <= longest + length; ++off) {
    for (const int wanted : {length - off, length + off}) {
      if (wanted >= 0 && wanted <= longest && !lengths[static_cast<std::size_t>(wanted)].empty()) {
        chosen = &lengths[static_cast<std::size_t>(wanted)];
      }
    }
  }
  Sample sample;
  if (chosen == nullptr) return sample;
  const Strip& strip = sources.strips.strips[static_cast<std::size_t>(
      (*chosen)[static_cast<std::size_t>(random.below(static_cast<int>(chosen->size())))])];
  sample.text = strip.text;
  sample.marks_labelled = sources.strips.marks_labelled;
  sample.input = varied_strip_input(strip, random);
  return sample;
}

}  // namespace

int class_of(char symbol) {
  const char* at = symbol == 0 ? nullptr : std::strchr(kAlphabet, symbol);
  return at == nullptr ? 0 : static_cast<int>(at - kAlphabet) + 1;
}

void SampleSources::index() {
  for (Weighted& entry : sets) {
    std::map<int, std::vector<int>> writers;
    for (std::size_t i = 0; i < entry.set.digits.size(); ++i) {
      writers[entry.set.digits[i].writer].push_back(static_cast<int>(i));
    }
    entry.by_writer.clear();
    // Sets that do not tell their writers have one digit each; then a line is made of many hands.
    if (writers.size() * 4 > entry.set.digits.size()) {
      std::vector<int> all(entry.set.digits.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
      entry.by_writer.push_back(std::move(all));
    } else {
      for (auto& [writer, digits] : writers) entry.by_writer.push_back(std::move(digits));
    }
  }
  strips_by_length.clear();
  for (std::size_t i = 0; i < strips.strips.size(); ++i) {
    const std::size_t length = strips.strips[i].text.size();
    if (strips_by_length.size() <= length) strips_by_length.resize(length + 1);
    strips_by_length[length].push_back(static_cast<int>(i));
  }
}

bool SampleSources::has_digits() const {
  return std::any_of(sets.begin(), sets.end(),
                     [](const Weighted& entry) { return !entry.set.digits.empty(); });
}

Sample make_symbol(const SampleSources& sources, Random& random) {
  Sample sample;
  const float digit_height = random_digit_height(random);
  const float cell_height = digit_height * (random.chance(0.4F) ? 1.4F : random.uniform(1.15F, 2.4F));
  const float cell_width = digit_height * random.uniform(1.25F, 1.9F);
  InkCanvas canvas(static_cast<int>(cell_width) + 2, static_cast<int>(cell_height) + 2);
  const bool mild = milder(sources.symbol_roughness, random);
  const float kind = random.unit() * (mild ? 0.9F : 1.0F);
  const WriterStyle style = mild ? WriterStyle::careful(random) : WriterStyle::random(random);
  float stroke_px = 0.11F * digit_height;
  bool cluttered = random.chance(0.22F) && !mild;
  bool gentle = false;
  if (kind < 0.84F) {
    if (sources.has_digits() && !random.chance(sources.synthetic_symbols)) {
      const SampleSources::Weighted& entry = choose_set(sources, false, random);
      const DigitImage& digit = any_digit(entry, random);
      sample.text = std::string(1, static_cast<char>('0' + digit.label));
      gentle = random.chance(0.5F) || mild;
      if (gentle) cluttered = false;
      place_patch_in_cell(warp_digit(digit, random_warp(entry.set, digit_height, gentle, random), random),
                          canvas, random);
    } else {
      sample.text = random_digits(1, random);
      stroke_px = style.pen_width * digit_height;
      draw_path_in_cell(synthesis::write_text(sample.text, style, random), digit_height, cell_width,
                        cell_height, canvas, random);
    }
  } else if (kind < 0.87F) {
    static constexpr char kMarks[] = ",.-/=";
    sample.text = std::string(1, kMarks[random.below(5)]);
    cluttered = false;
    draw_path_in_cell(synthesis::write_text(sample.text, style, random), digit_height, cell_width,
                      cell_height, canvas, random);
  } else if (kind < 0.96F) {
    sample.text = "?";
    const float draw = random.unit();
    if (!sources.letters.digits.empty() && draw < 0.45F) {
      const auto& letters = sources.letters.digits;
      const DigitImage& letter =
          letters[static_cast<std::size_t>(random.below(static_cast<int>(letters.size())))];
      place_patch_in_cell(
          warp_digit(letter, random_warp(sources.letters, digit_height, false, random), random), canvas,
          random);
    } else if (draw < 0.12F) {  // one digit written over another
      const int first = random.below(10);
      const std::string below(1, static_cast<char>('0' + first));
      const std::string above(1, static_cast<char>('0' + (first + 1 + random.below(9)) % 10));
      StrokePath path = synthesis::write_text(below, style, random);
      append(path, synthesis::write_text(above, style, random), random.normal(0, 0.05F),
             random.normal(0, 0.05F));
      // A 1 over a 7 is still a 7: only pairs that leave neither legible are rejects.
      if (below == "1" || above == "1" || above == "8" || above == "0") {
        append(path, synthesis::write_scribble(0.5F, style, random), 0, 0);
      }
      draw_path_in_cell(path, digit_height, cell_width, cell_height, canvas, random);
    } else if (draw < 0.28F && sources.has_digits()) {  // a real digit, struck out
      const SampleSources::Weighted& entry = choose_set(sources, false, random);
      place_patch_in_cell(
          warp_digit(any_digit(entry, random), random_warp(entry.set, digit_height, true, random), random), canvas,
          random);
      strike_out(canvas, digit_height, random.uniform(0.06F, 0.14F) * digit_height, random);
    } else if (draw < 0.36F) {  // the corner of a box
      const float inset = random.uniform(0.02F, 0.2F) * cell_width;
      const float pen = random.uniform(1.0F, 0.08F * digit_height + 1.0F);
      const float x = random.chance(0.5F) ? inset : cell_width - inset;
      const float y = random.chance(0.5F) ? inset : cell_height - inset;
      canvas.draw_segment(x, random.uniform(0.0F, 0.2F) * cell_height, pen, x,
                          random.uniform(0.8F, 1.0F) * cell_height, pen, 1);
      canvas.draw_segment(random.uniform(0.0F, 0.1F) * cell_width, y, pen,
                          random.uniform(0.9F, 1.0F) * cell_width, y, pen, 1);
      cluttered = false;
    } else {
      draw_path_in_cell(write_reject(style, random), digit_height, cell_width, cell_height, canvas, random);
    }
  } else if (kind < 0.985F) {  // nothing but dirt
    cluttered = false;
    add_specks(canvas, random.below(4), 0.8F * digit_height, random);
  } else {  // two digits squeezed into one cell
    sample.text = random_digits(2, random);
    WriterStyle narrow = style;
    narrow.gap = std::max(narrow.gap, 0.1F);
    draw_path_in_cell(synthesis::write_text(sample.text, narrow, random), digit_height, cell_width,
                      cell_height, canvas, random);
  }
  if (cluttered) clutter_cell(sources, digit_height, canvas, random);
  if (!gentle || (random.chance(0.3F) && !mild)) spoil(canvas, digit_height, stroke_px, random);
  sample.input = recognizer::normalize_symbol(canvas.view(), cell_height);
  if (sample.input.empty()) {
    sample.text.clear();
    sample.input.width_px = recognizer::kInputHeightPx;
    sample.input.pixels.assign(
        static_cast<std::size_t>(recognizer::kInputHeightPx * recognizer::kInputHeightPx), 0.0F);
  } else if (random.chance(0.4F) && !mild) {
    jitter(sample.input, 0.04F, random);
  }
  return sample;
}

Sample make_line(const SampleSources& sources, int length, Random& random) {
  if (sources.strip_share > 0 && random.chance(sources.strip_share)) {
    Sample strip = vary_strip(sources, length, random);
    if (!strip.input.empty()) return strip;
  }
  Sample sample;
  const bool mild = milder(sources.line_roughness, random);
  std::string asked = sources.digits_alone                     ? random_digits(length, random)
                      : random.chance(sources.decimal_lines) ? random_decimal(random)
                                                             : random_number(length, random);
  // Few people write what is no number where a number is asked for.
  if (mild) std::erase(asked, '*');
  const float digit_height = random_digit_height(random);
  WriterStyle style = mild ? WriterStyle::careful(random) : WriterStyle::random(random);
  const bool real = sources.has_digits() && !random.chance(sources.synthetic_lines);
  const SampleSources::Weighted* entry = real ? &choose_set(sources, true, random) : nullptr;
  const std::vector<int>* hand = nullptr;
  Warp warp;
  if (entry != nullptr) {
    hand =
        &entry->by_writer[static_cast<std::size_t>(random.below(static_cast<int>(entry->by_writer.size())))];
    warp = random_warp(entry->set, digit_height, mild, random);
    style.pen_width = std::clamp(0.11F + 0.08F * (0.45F - warp.threshold), 0.06F, 0.16F);
    // Hurried hands write broad and low where there is room.
    if (!mild && random.chance(0.2F)) warp.aspect *= random.uniform(1.1F, 1.6F);
  }
  const float unevenness = !mild && random.chance(0.3F) ? random.uniform(1.5F, 3.0F) : 1.0F;
  // Many write the zeros of round sums small.
  const float zero_size = !mild && random.chance(0.35F) ? random.uniform(0.45F, 0.9F) : 1.0F;
  // Digits of real hands were written alone; people who write them in one go touch here and leave room there.
  const bool crowded = random.chance(0.4F);
  // American sets lack the 1 with a long flag and the crossed 7.
  const bool european = !mild && random.chance(0.2F);
  // Some hands leave a space here and run digits into each other there.
  if (!mild && random.chance(0.3F)) {
    style.gap = random.uniform(-0.02F, 0.16F);
    style.gap_jitter = random.uniform(0.10F, 0.20F);
  }
  const float line_height = digit_height * random.uniform(1.3F, 2.6F);
  const float slot = 1.25F + std::max(0.0F, style.gap);
  const int canvas_width =
      static_cast<int>((slot * static_cast<float>(asked.size()) * 1.25F + 6.0F) * digit_height);
  InkCanvas canvas(canvas_width, static_cast<int>(line_height) + 4);
  const float baseline = 0.5F * (line_height + digit_height) + random.uniform(-0.15F, 0.15F) * digit_height;
  const float extra_space = random.chance(0.12F) ? random.uniform(0.2F, 1.2F) : 0.0F;
  float cursor = random.uniform(0.3F, 1.2F) * digit_height;
  const float left_end = cursor;
  float right_of_digit = 0;  // right edge of the real digit before
  // Synthetic digits that stand together are written together, so that their joins are drawn.
  std::string run;
  const auto flush_run = [&] {
    if (run.empty()) return;
    const StrokePath path = synthesis::write_text(run, style, random);
    const float dy = style.baseline_slope * (cursor - left_end);
    synthesis::draw(path, {digit_height, cursor, baseline + dy}, canvas);
    cursor += path.advance * digit_height;
    run.clear();
  };
  for (const char symbol : asked) {
    const bool reject = symbol == '*';
    if (!reject && (entry == nullptr || !is_digit(symbol))) {
      // A mark between real digits keeps the same distances, but is too small to stand where one covers it.
      if (run.empty()) cursor = std::max(cursor, right_of_digit);
      // A closing slash often runs into the zero before it.
      if (symbol == '/' && run.empty() && !mild && random.chance(0.35F)) {
        cursor -= random.uniform(0.05F, 0.35F) * digit_height;
      }
      run.push_back(symbol);
      sample.text.push_back(symbol);
      if (entry != nullptr) flush_run();
      if (entry == nullptr && extra_space > 0 && random.chance(0.5F)) {
        flush_run();
        cursor += extra_space * digit_height;
      }
      continue;
    }
    flush_run();
    const float gap = digit_height * (!crowded              ? random.normal(style.gap, style.gap_jitter)
                                      : random.chance(0.3F) ? random.uniform(-0.2F, 0.0F)
                                                            : random.uniform(0.04F, 0.4F));
    const float drift =
        style.baseline_slope * (cursor - left_end) + random.normal(0, style.baseline_wobble) * digit_height;
    if (reject) {
      const StrokePath path = write_reject(style, random);
      const SymbolExtent box = path.bounds();
      synthesis::draw(path, {digit_height, cursor - box.left * digit_height, baseline + drift}, canvas);
      cursor += (box.right - box.left) * digit_height + std::max(gap, 0.08F * digit_height);
      sample.text.push_back('?');
      continue;
    }
    const DigitImage& digit = digit_of(*entry, *hand, symbol - '0', random);
    if (european && (digit.label == 1 || digit.label == 7)) {
      const std::string one(1, static_cast<char>('0' + digit.label));
      const StrokePath path = synthesis::write_text(one, style, random);
      const SymbolExtent box = path.bounds();
      synthesis::draw(path, {digit_height, cursor - box.left * digit_height, baseline + drift}, canvas);
      right_of_digit = cursor + (box.right - box.left) * digit_height;
      cursor = right_of_digit + gap;
      sample.text += one;
      continue;
    }
    Warp own = vary(warp, unevenness, random);
    float sunk = 0;  // small zeros stand on the line, or hang in its middle
    if (digit.label == 0 && zero_size < 1) {
      own.scale *= zero_size;
      sunk = random.uniform(0.2F, 1.0F) * 0.5F * (1 - zero_size) * digit_height;
    }
    const Patch patch = warp_digit(digit, own, random);
    const float top = baseline - 0.5F * digit_height - 0.5F * static_cast<float>(patch.height_px) + drift + sunk;
    lay(patch, static_cast<int>(cursor) - patch.left_px, static_cast<int>(top), canvas);
    sample.text.push_back(static_cast<char>('0' + digit.label));
    right_of_digit = cursor + static_cast<float>(patch.right_px - patch.left_px);
    cursor = right_of_digit + gap;
    if (extra_space > 0 && random.chance(0.5F)) cursor += extra_space * digit_height;
  }
  flush_run();
  if (!sources.digits_alone && random.chance(0.06F)) {
    // A closing stroke reads as the dash it is.
    const StrokePath flourish = synthesis::write_flourish(style, random);
    synthesis::draw(flourish, {digit_height, cursor + 0.1F * digit_height, baseline}, canvas);
    cursor += flourish.advance * digit_height;
    sample.text.push_back('-');
  }
  const float right_end = std::min(cursor + 0.3F * digit_height, static_cast<float>(canvas.width_px()));
  if (random.chance(0.12F)) {  // rests of the printed rule or frame
    const float y = random.chance(0.7F) ? baseline + random.uniform(0.0F, 0.3F) * digit_height
                                        : random.uniform(0.0F, 0.1F) * line_height;
    draw_line_remains(canvas, 0.5F * left_end, y, right_end, y + random.normal(0, 1.0F),
                      random.uniform(0.8F, 0.05F * digit_height + 0.8F), random);
  }
  if (random.chance(0.06F)) {
    add_specks(canvas, 1 + random.below(6), digit_height, random);
  }
  if (!mild && random.chance(0.06F)) draw_background_rests(canvas, digit_height, random);
  // Only the written part goes on, as a field's crop would.
  InkCanvas crop(std::max(8, static_cast<int>(right_end)), canvas.height_px());
  for (int y = 0; y < crop.height_px(); ++y)
    std::copy_n(canvas.row(y), std::min(crop.width_px(), canvas.width_px()), crop.row(y));
  if (!mild) spoil(crop, digit_height, style.pen_width * digit_height, random);
  sample.input = recognizer::normalize_line(crop.view(), line_height);
  if (sample.input.empty()) {
    sample.text.clear();
    sample.input.width_px = recognizer::kInputHeightPx;
    sample.input.pixels.assign(
        static_cast<std::size_t>(recognizer::kInputHeightPx * recognizer::kInputHeightPx), 0.0F);
  } else if (random.chance(0.5F) && !mild) {
    jitter(sample.input, 0.08F, random);
  }
  return sample;
}

}  // namespace inkfield::training
