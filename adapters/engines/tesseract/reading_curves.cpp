// The curves of free text, read with one look, and of what has a known shape.
#include "adapters/engines/tesseract/reading_curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace inkfield::tesseract {
namespace {

struct Knot {
  double figure;
  double probability;
};

// Printed by `inkfield-printed-words --fit` (tests/bench): 11550 words of the even pages of FUNSD's training part, faxes and
// scans at about 100 dpi, each read by this reader with one look, Tesseract 5.3.0. Beside each knot the words behind it that
// were read exactly. Where they lead no higher than 99 %, a good part of the rest is how the set's authors wrote words down
// (small letters for capitals, a mark more or less).
constexpr std::array kPlainWords = {
    Knot{12.51, 0.2515},  // 42 of 166
    Knot{40.38, 0.4408},  // 67 of 151
    Knot{60.91, 0.5631},  // 116 of 205
    Knot{75.43, 0.5769},  // 90 of 155
    Knot{83.20, 0.6879},  // 97 of 140
    Knot{88.24, 0.7421},  // 118 of 158
    Knot{91.64, 0.8436},  // 232 of 274
    Knot{94.22, 0.9333},  // 252 of 269
    Knot{95.67, 0.9732},  // 872 of 895
    Knot{96.52, 0.9907},  // 3299 of 3329
};
constexpr std::array kOtherWords = {
    Knot{2.08, 0.1141},  // 17 of 148
    Knot{21.32, 0.1412},  // 25 of 176
    Knot{41.60, 0.1625},  // 58 of 356
    Knot{60.70, 0.2779},  // 167 of 600
    Knot{75.21, 0.4525},  // 205 of 452
    Knot{83.20, 0.5759},  // 201 of 348
    Knot{88.17, 0.7202},  // 278 of 385
    Knot{91.68, 0.8551},  // 484 of 565
    Knot{94.04, 0.8880},  // 333 of 374
    Knot{95.59, 0.9060},  // 472 of 520
    Knot{96.27, 0.9464},  // 583 of 615
    Knot{96.78, 0.9685},  // 922 of 951
};
// No word is surer than the lower end of the last knot's 95 % interval: 3299 of 3329 show no more, and 1 % wrong is not shown.
constexpr double kSurestWord = 0.987;

// Printed by `inkfield-printed-numbers --fit --count 4000` (tests/bench): numbers, amounts and dates, then codes of capitals and figures, drawn in
// six typefaces, a third of the numbers as stamps leave them, scanned at severities 0 to 3. Only readings that the format lets pass. The first knots are ours:
// no figure, no belief.
constexpr std::array kNumbers = {
    Knot{0, 0},
    Knot{46.62, 0.8768},  // 121 of 137
    Knot{84.76, 0.9529},  // 81 of 84
    Knot{89.25, 0.9787},  // 92 of 93
    Knot{90.55, 0.9818},  // 108 of 109
    Knot{94.43, 0.9966},  // 885 of 887
    Knot{96.47, 0.9995},  // 1954 of 1954
};
constexpr std::array kCodes = {
    Knot{0, 0},
    Knot{17.82, 0.5652},  // 26 of 45
    Knot{51.31, 0.6250},  // 30 of 47
    Knot{68.80, 0.6324},  // 43 of 67
    Knot{77.99, 0.7333},  // 22 of 29
    Knot{86.53, 0.7597},  // 98 of 128
    Knot{90.57, 0.8163},  // 40 of 48
    Knot{91.55, 0.8750},  // 63 of 71
};

struct Limit {
  double allowed_wrong_rate;
  double figure;
};
// Of the same numbers: the figure from which on the wrong ones, at the upper end of their 95 % interval, are no more than so many. 80: 7 of 3127,
// 0.46 %; 96: 0 of 1954, 0.19 %. Whatever is allowed, nothing passes below 80: there real print may be worse than drawn. No figure holds codes to 5 %.
constexpr std::array kNumberLimits = {Limit{0.005, 80}, Limit{0.002, 96}};

double between(std::span<const Knot> knots, double figure) {
  if (!(figure > knots.front().figure)) return knots.front().probability;  // no number either
  for (std::size_t i = 1; i < knots.size(); ++i) {
    const Knot& low = knots[i - 1];
    const Knot& high = knots[i];
    if (figure < high.figure) return std::lerp(low.probability, high.probability, (figure - low.figure) / (high.figure - low.figure));
  }
  return knots.back().probability;
}

}  // namespace

bool is_plain_word(std::string_view word) {
  return word.size() >= 3 && std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

double word_probability(std::string_view word, double figure) {
  return std::min(kSurestWord, is_plain_word(word) ? between(kPlainWords, figure) : between(kOtherWords, figure));
}

double shaped_probability(double figure, bool mixed) { return mixed ? between(kCodes, figure) : between(kNumbers, figure); }

double shaped_threshold(double allowed_wrong_rate, bool mixed) {
  if (!mixed) {
    for (const Limit& limit : kNumberLimits) {
      if (allowed_wrong_rate >= limit.allowed_wrong_rate) return between(kNumbers, limit.figure);
    }
  }
  return 1 - allowed_wrong_rate;
}

}  // namespace inkfield::tesseract
