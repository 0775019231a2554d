// Numbers here are ranges of nuisance, chosen by looking at scanned forms and cheques beside the result.
#include <algorithm>
#include <cstddef>
#include <string>

#include "recognizer/training/number_texts.h"
#include "recognizer/training/sample_parts.h"
#include "recognizer/training/samples.h"
#include "recognizer/training/spoiling.h"

namespace inkfield::training {
namespace {

using synthesis::InkCanvas;
using synthesis::Placement;
using synthesis::Random;
using synthesis::StrokePath;
using synthesis::SymbolExtent;
using synthesis::WriterStyle;

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
void clutter_cell(float digit_height_px, InkCanvas& canvas, Random& random) {
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
}

const DigitImage& any_digit(const SampleSources::Weighted& entry, Random& random) {
  return entry.set.digits[static_cast<std::size_t>(random.below(static_cast<int>(entry.set.digits.size())))];
}

void place_patch_in_cell(const Patch& patch, InkCanvas& canvas, Random& random) {
  const float slack_x = static_cast<float>(canvas.width_px() - patch.width_px);
  const float slack_y = static_cast<float>(canvas.height_px() - patch.height_px);
  lay(patch, static_cast<int>(slack_x * random.uniform(0.2F, 0.8F)),
      static_cast<int>(slack_y * random.uniform(0.2F, 0.8F)), canvas);
}

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

}  // namespace

Sample make_symbol(const SampleSources& sources, Random& random) {
  Sample sample;
  const float digit_height = random_digit_height(random);
  const float cell_height = digit_height * (random.chance(0.4F) ? 1.4F : random.uniform(1.15F, 2.4F));
  const float cell_width = digit_height * random.uniform(1.25F, 1.9F);
  InkCanvas canvas(static_cast<int>(cell_width) + 2, static_cast<int>(cell_height) + 2);
  const bool mild = milder(sources.symbol_roughness, random);
  const float kind = random.unit() * (mild ? 0.9F : 1.0F);
  WriterStyle style = mild ? WriterStyle::careful(random) : WriterStyle::random(random);
  style.regional = regional(sources, random);
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
  if (cluttered) clutter_cell(digit_height, canvas, random);
  if (!gentle || (random.chance(0.3F) && !mild)) spoil(canvas, digit_height, stroke_px, random);
  sample.input = recognizer::normalize_symbol(canvas.view(), cell_height);
  if (sample.input.empty()) {
    leave_empty(sample);
  } else if (random.chance(0.4F) && !mild) {
    jitter(sample.input, 0.04F, random);
  }
  return sample;
}

}  // namespace inkfield::training
