// Numbers here are ranges of nuisance, chosen by looking at scanned forms and cheques beside the result.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/training/number_texts.h"
#include "recognizer/training/sample_parts.h"
#include "recognizer/training/samples.h"
#include "recognizer/training/spoiling.h"

namespace inkfield::training {
namespace {

using synthesis::InkCanvas;
using synthesis::Random;
using synthesis::StrokePath;
using synthesis::SymbolExtent;
using synthesis::WriterStyle;

// `unevenness` 1 is a calm hand.
Warp vary(Warp warp, float unevenness, Random& random) {
  warp.scale *= std::clamp(random.normal(1.0F, 0.06F * unevenness), 0.6F, 1.4F);
  warp.aspect *= std::clamp(random.normal(1.0F, 0.05F * unevenness), 0.7F, 1.4F);
  warp.shear += random.normal(0, 0.04F);
  warp.turn += random.normal(0, 0.04F);
  return warp;
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

bool is_digit(char symbol) { return symbol >= '0' && symbol <= '9'; }

// Digits that a hand gives shapes of its country to; the others it writes as everybody does.
std::string regional_digits(Random& random) {
  std::string digits;
  for (const char digit : {'1', '2', '7'}) {
    if (random.chance(0.7F)) digits += digit;
  }
  for (const char digit : {'4', '8', '9'}) {
    if (random.chance(0.35F)) digits += digit;
  }
  return digits;
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

Sample make_line(const SampleSources& sources, int length, Random& random) {
  if (sources.strip_share > 0 && random.chance(sources.strip_share)) {
    Sample strip = vary_strip(sources, length, random);
    if (!strip.input.empty()) return strip;
  }
  Sample sample;
  const LineHands& hands = sources.line_hands;
  const bool mild = milder(sources.line_roughness, random);
  std::string asked = sources.digits_alone                     ? random_digits(length, random)
                      : random.chance(sources.decimal_lines) ? random_decimal(random)
                                                             : random_number(length, random);
  if (hands.round_sums > 0 && random.chance(hands.round_sums)) asked = rounded(std::move(asked), random);
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
    if (!mild && random.chance(0.3F)) warp.aspect *= random.uniform(1.1F, 1.8F);
  }
  const float unevenness = !mild && random.chance(0.3F) ? random.uniform(1.5F, 3.0F) : 1.0F;
  // Many write the zeros of round sums small.
  const float zero_size = !mild && random.chance(0.35F) ? random.uniform(0.45F, 0.9F) : 1.0F;
  const bool linked = hands.linked_zeros > 0 && random.chance(hands.linked_zeros);
  const float link_height = linked ? random.uniform(0.4F, 0.95F) : 1.0F;
  const float link_lift = linked && random.chance(0.5F) ? random.uniform(0.0F, 1.0F) * (1 - link_height) : 0.0F;
  if (hands.large_commas > 0 && random.chance(hands.large_commas)) {
    style.comma_size = random.uniform(1.2F, 2.8F);
    style.commas_bend_left = random.chance(0.35F);
  }
  // Digits of real hands were written alone; people who write them in one go touch here and leave room there.
  const bool crowded = random.chance(hands.crowded);
  // American sets lack the 1 with a long flag and the crossed 7, and much that is written elsewhere.
  const bool european = !mild && random.chance(0.2F);
  style.regional = regional(sources, random);
  std::string written = european ? "17" : "";
  if (style.regional && real) written += regional_digits(random);
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
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const char symbol = asked[at];
    const std::size_t after_zeros = std::min(asked.find_first_not_of('0', at), asked.size());
    if (linked && after_zeros >= at + 2) {
      flush_run();
      const auto count = static_cast<int>(after_zeros - at);
      const StrokePath path = synthesis::write_linked_zeros(count, link_height, link_lift, style, random);
      cursor = std::max(cursor, right_of_digit + random.uniform(-0.05F, 0.25F) * digit_height);
      const float dy = style.baseline_slope * (cursor - left_end);
      synthesis::draw(path, {digit_height, cursor, baseline + dy}, canvas);
      sample.text.append(after_zeros - at, '0');
      right_of_digit = cursor + path.bounds().right * digit_height;
      cursor += path.advance * digit_height;
      at = after_zeros - 1;
      continue;
    }
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
                                      : random.chance(hands.touching) ? random.uniform(-hands.deepest_touch, 0.0F)
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
    const std::string one(1, static_cast<char>('0' + digit.label));
    if (written.find(one) != std::string::npos) {
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
    leave_empty(sample);
  } else if (random.chance(0.5F) && !mild) {
    jitter(sample.input, 0.08F, random);
  }
  return sample;
}

}  // namespace inkfield::training
