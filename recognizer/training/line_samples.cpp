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

/// What a hand does through the whole of a line.
struct LineHand {
  WriterStyle style;
  const SampleSources::Weighted* set = nullptr;  ///< of real digits; null where all are drawn
  const std::vector<int>* digits = nullptr;      ///< one writer's of that set
  Warp warp;                                     ///< of real digits
  std::string drawn;                             ///< digits that are drawn among real ones
  float unevenness = 1;
  float zero_size = 1;
  bool linked_zeros = false;
  float link_height = 1;
  float link_lift = 0;
  bool crowded = false;
};

LineHand choose_hand(const SampleSources& sources, float digit_height, bool mild, Random& random) {
  const LineHands& hands = sources.line_hands;
  LineHand hand;
  hand.style = mild ? WriterStyle::careful(random) : WriterStyle::random(random);
  WriterStyle& style = hand.style;
  if (sources.has_digits() && !random.chance(sources.synthetic_lines)) {
    hand.set = &choose_set(sources, true, random);
    const auto writer = static_cast<std::size_t>(random.below(static_cast<int>(hand.set->by_writer.size())));
    hand.digits = &hand.set->by_writer[writer];
    hand.warp = random_warp(hand.set->set, digit_height, mild, random);
    style.pen_width = std::clamp(0.11F + 0.08F * (0.45F - hand.warp.threshold), 0.06F, 0.16F);
    // Hurried hands write broad and low where there is room.
    if (!mild && random.chance(0.3F)) hand.warp.aspect *= random.uniform(1.1F, 1.8F);
  }
  if (!mild && random.chance(0.3F)) hand.unevenness = random.uniform(1.5F, 3.0F);
  // Many write the zeros of round sums small.
  if (!mild && random.chance(0.35F)) hand.zero_size = random.uniform(0.45F, 0.9F);
  hand.linked_zeros = hands.linked_zeros > 0 && random.chance(hands.linked_zeros);
  if (hand.linked_zeros) {
    hand.link_height = random.uniform(0.4F, 0.95F);
    if (random.chance(0.5F)) hand.link_lift = random.uniform(0.0F, 1.0F) * (1 - hand.link_height);
  }
  if (hands.large_commas > 0 && random.chance(hands.large_commas)) {
    style.comma_size = random.uniform(1.2F, 2.8F);
    style.commas_bend_left = random.chance(0.35F);
  }
  // Digits of real hands were written alone; people who write them in one go touch here and leave room there.
  hand.crowded = random.chance(hands.crowded);
  // American sets lack the 1 with a long flag and the crossed 7, and much that is written elsewhere.
  if (!mild && random.chance(0.2F)) hand.drawn = "17";
  style.regional = regional(sources, random);
  if (style.regional && hand.set != nullptr) hand.drawn += regional_digits(random);
  // Some hands leave a space here and run digits into each other there.
  if (!mild && random.chance(0.3F)) {
    style.gap = random.uniform(-0.02F, 0.16F);
    style.gap_jitter = random.uniform(0.10F, 0.20F);
  }
  return hand;
}

/// A line of ink in the making. All lengths are in pixels.
class LineOfInk {
 public:
  LineOfInk(const LineHands& hands, LineHand hand, float digit_height, std::size_t length, bool mild,
            Random& random)
      : hands_(hands),
        hand_(std::move(hand)),
        digit_height_(digit_height),
        mild_(mild),
        random_(random),
        height_(digit_height * random.uniform(1.3F, 2.6F)),
        canvas_(room_for(length), static_cast<int>(height_) + 4),
        baseline_(0.5F * (height_ + digit_height) + random.uniform(-0.15F, 0.15F) * digit_height),
        extra_space_(random.chance(0.12F) ? random.uniform(0.2F, 1.2F) : 0.0F),
        left_end_(random.uniform(0.3F, 1.2F) * digit_height),
        cursor_(left_end_) {}

  void write(const std::string& asked) {
    for (std::size_t at = 0; at < asked.size(); ++at) {
      const char symbol = asked[at];
      const std::size_t after_zeros = std::min(asked.find_first_not_of('0', at), asked.size());
      if (hand_.linked_zeros && after_zeros >= at + 2) {
        write_linked_zeros(after_zeros - at);
        at = after_zeros - 1;
      } else if (symbol != '*' && (hand_.set == nullptr || !is_digit(symbol))) {
        add_drawn(symbol);
      } else {
        write_apart(symbol);
      }
    }
    write_run();
  }

  // A closing stroke reads as the dash it is.
  void add_flourish() {
    const StrokePath flourish = synthesis::write_flourish(hand_.style, random_);
    synthesis::draw(flourish, {digit_height_, cursor_ + 0.1F * digit_height_, baseline_}, canvas_);
    cursor_ += flourish.advance * digit_height_;
    text_.push_back('-');
  }

  // What does not belong to the writing.
  void add_remains() {
    right_end_ = std::min(cursor_ + 0.3F * digit_height_, static_cast<float>(canvas_.width_px()));
    if (random_.chance(0.12F)) {  // rests of the printed rule or frame
      const float y = random_.chance(0.7F) ? baseline_ + random_.uniform(0.0F, 0.3F) * digit_height_
                                           : random_.uniform(0.0F, 0.1F) * height_;
      draw_line_remains(canvas_, 0.5F * left_end_, y, right_end_, y + random_.normal(0, 1.0F),
                        random_.uniform(0.8F, 0.05F * digit_height_ + 0.8F), random_);
    }
    if (random_.chance(0.06F)) {
      add_specks(canvas_, 1 + random_.below(6), digit_height_, random_);
    }
    if (!mild_ && random_.chance(0.06F)) draw_background_rests(canvas_, digit_height_, random_);
  }

  // Only the written part goes on, as a field's crop would.
  Sample sample() {
    InkCanvas crop(std::max(8, static_cast<int>(right_end_)), canvas_.height_px());
    for (int y = 0; y < crop.height_px(); ++y)
      std::copy_n(canvas_.row(y), std::min(crop.width_px(), canvas_.width_px()), crop.row(y));
    if (!mild_) spoil(crop, digit_height_, hand_.style.pen_width * digit_height_, random_);
    Sample sample;
    sample.text = text_;
    sample.input = recognizer::normalize_line(crop.view(), height_);
    if (sample.input.empty()) {
      leave_empty(sample);
    } else if (random_.chance(0.5F) && !mild_) {
      jitter(sample.input, 0.08F, random_);
    }
    return sample;
  }

 private:
  [[nodiscard]] int room_for(std::size_t length) const {
    const float slot = 1.25F + std::max(0.0F, hand_.style.gap);
    return static_cast<int>((slot * static_cast<float>(length) * 1.25F + 6.0F) * digit_height_);
  }
  [[nodiscard]] float slope() const { return hand_.style.baseline_slope * (cursor_ - left_end_); }

  // Drawn digits that stand together are written together, so that their joins are drawn.
  void write_run() {
    if (run_.empty()) return;
    const StrokePath path = synthesis::write_text(run_, hand_.style, random_);
    synthesis::draw(path, {digit_height_, cursor_, baseline_ + slope()}, canvas_);
    cursor_ += path.advance * digit_height_;
    run_.clear();
  }

  void write_linked_zeros(std::size_t count) {
    write_run();
    const StrokePath path = synthesis::write_linked_zeros(static_cast<int>(count), hand_.link_height,
                                                          hand_.link_lift, hand_.style, random_);
    cursor_ = std::max(cursor_, right_of_digit_ + random_.uniform(-0.05F, 0.25F) * digit_height_);
    synthesis::draw(path, {digit_height_, cursor_, baseline_ + slope()}, canvas_);
    text_.append(count, '0');
    right_of_digit_ = cursor_ + path.bounds().right * digit_height_;
    cursor_ += path.advance * digit_height_;
  }

  // A drawn digit among its like, or a mark.
  void add_drawn(char symbol) {
    // A mark between real digits keeps the same distances, but is too small to stand where one covers it.
    if (run_.empty()) cursor_ = std::max(cursor_, right_of_digit_);
    // A closing slash often runs into the zero before it.
    if (symbol == '/' && run_.empty() && !mild_ && random_.chance(0.35F)) {
      cursor_ -= random_.uniform(0.05F, 0.35F) * digit_height_;
    }
    run_.push_back(symbol);
    text_.push_back(symbol);
    if (hand_.set != nullptr) {
      write_run();
    } else if (extra_space_ > 0 && random_.chance(0.5F)) {
      write_run();
      cursor_ += extra_space_ * digit_height_;
    }
  }

  // A digit of a real hand, or what is none ('*').
  void write_apart(char symbol) {
    write_run();
    const float gap =
        digit_height_ * (!hand_.crowded ? random_.normal(hand_.style.gap, hand_.style.gap_jitter)
                         : random_.chance(hands_.touching) ? random_.uniform(-hands_.deepest_touch, 0.0F)
                                                           : random_.uniform(0.04F, 0.4F));
    const float drift = slope() + random_.normal(0, hand_.style.baseline_wobble) * digit_height_;
    if (symbol == '*') {
      cursor_ += draw_apart(write_reject(hand_.style, random_), drift) + std::max(gap, 0.08F * digit_height_);
      text_.push_back('?');
      return;
    }
    const DigitImage& digit = digit_of(*hand_.set, *hand_.digits, symbol - '0', random_);
    const std::string one(1, static_cast<char>('0' + digit.label));
    text_ += one;
    if (hand_.drawn.find(one) != std::string::npos) {
      right_of_digit_ = cursor_ + draw_apart(synthesis::write_text(one, hand_.style, random_), drift);
      cursor_ = right_of_digit_ + gap;
      return;
    }
    right_of_digit_ = cursor_ + lay_digit(digit, drift);
    cursor_ = right_of_digit_ + gap;
    if (extra_space_ > 0 && random_.chance(0.5F)) cursor_ += extra_space_ * digit_height_;
  }

  // Both return how wide the ink is.
  float draw_apart(const StrokePath& path, float drift) {
    const SymbolExtent box = path.bounds();
    synthesis::draw(path, {digit_height_, cursor_ - box.left * digit_height_, baseline_ + drift}, canvas_);
    return (box.right - box.left) * digit_height_;
  }
  float lay_digit(const DigitImage& digit, float drift) {
    Warp own = vary(hand_.warp, hand_.unevenness, random_);
    float sunk = 0;  // small zeros stand on the line, or hang in its middle
    if (digit.label == 0 && hand_.zero_size < 1) {
      own.scale *= hand_.zero_size;
      sunk = random_.uniform(0.2F, 1.0F) * 0.5F * (1 - hand_.zero_size) * digit_height_;
    }
    const Patch patch = warp_digit(digit, own, random_);
    const float top =
        baseline_ - 0.5F * digit_height_ - 0.5F * static_cast<float>(patch.height_px) + drift + sunk;
    lay(patch, static_cast<int>(cursor_) - patch.left_px, static_cast<int>(top), canvas_);
    return static_cast<float>(patch.right_px - patch.left_px);
  }

  const LineHands& hands_;
  LineHand hand_;
  float digit_height_;
  bool mild_;
  Random& random_;
  // Drawn in this order.
  float height_;
  InkCanvas canvas_;
  float baseline_;
  float extra_space_;
  float left_end_;
  float cursor_;              ///< where the next symbol begins
  float right_of_digit_ = 0;  ///< right edge of the digit before, if it was not written in a run
  float right_end_ = 0;
  std::string run_;  ///< symbols to be written together
  std::string text_;
};

}  // namespace

Sample make_line(const SampleSources& sources, int length, Random& random) {
  if (sources.strip_share > 0 && random.chance(sources.strip_share)) {
    Sample strip = vary_strip(sources, length, random);
    if (!strip.input.empty()) return strip;
  }
  const LineHands& hands = sources.line_hands;
  const bool mild = milder(sources.line_roughness, random);
  std::string asked = sources.digits_alone                   ? random_digits(length, random)
                      : random.chance(sources.decimal_lines) ? random_decimal(random)
                                                             : random_number(length, random);
  if (hands.round_sums > 0 && random.chance(hands.round_sums)) asked = rounded(std::move(asked), random);
  // Few people write what is no number where a number is asked for.
  if (mild) std::erase(asked, '*');
  const float digit_height = random_digit_height(random);
  LineHand hand = choose_hand(sources, digit_height, mild, random);
  LineOfInk line(hands, std::move(hand), digit_height, asked.size(), mild, random);
  line.write(asked);
  if (!sources.digits_alone && random.chance(0.06F)) line.add_flourish();
  line.add_remains();
  return line.sample();
}

}  // namespace inkfield::training
