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
    Knot{1.56, 0.2561},  // 21 of 81
    Knot{21.84, 0.2688},  // 25 of 92
    Knot{40.37, 0.3655},  // 53 of 144
    Knot{60.40, 0.5248},  // 106 of 201
    Knot{75.24, 0.5974},  // 92 of 153
    Knot{85.94, 0.7336},  // 223 of 303
    Knot{91.69, 0.8212},  // 248 of 301
    Knot{94.18, 0.9394},  // 248 of 263
    Knot{95.68, 0.9759},  // 931 of 953
    Knot{96.27, 0.9896},  // 1622 of 1638
    Knot{96.74, 0.9907},  // 1594 of 1608
};
constexpr std::array kOtherWords = {
    Knot{2.12, 0.1192},  // 18 of 150
    Knot{21.19, 0.1329},  // 23 of 172
    Knot{40.93, 0.1453},  // 52 of 357
    Knot{60.81, 0.2821},  // 167 of 591
    Knot{75.27, 0.4573},  // 198 of 432
    Knot{83.25, 0.5749},  // 215 of 373
    Knot{88.07, 0.7204},  // 268 of 371
    Knot{91.61, 0.8385},  // 488 of 581
    Knot{94.12, 0.8812},  // 304 of 344
    Knot{95.60, 0.9175},  // 523 of 569
    Knot{96.27, 0.9417},  // 614 of 651
    Knot{96.77, 0.9720},  // 868 of 892
};
// No word is surer than the lower end of the last knot's 95 % interval: 1594 of 1608 show no more, and 1 % wrong is not shown.
constexpr double kSurestWord = 0.985;

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
