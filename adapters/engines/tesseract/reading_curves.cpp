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
    Knot{10.59, 0.3168},  // 51 of 160
    Knot{40.68, 0.3889},  // 56 of 143
    Knot{60.28, 0.5427},  // 108 of 198
    Knot{75.60, 0.5629},  // 85 of 150
    Knot{85.96, 0.6820},  // 193 of 282
    Knot{91.51, 0.7876},  // 241 of 305
    Knot{94.24, 0.9289},  // 235 of 252
    Knot{95.66, 0.9836},  // 1018 of 1034
    Knot{96.26, 0.9849},  // 1633 of 1657
    Knot{96.73, 0.9897},  // 1537 of 1552
};
constexpr std::array kOtherWords = {
    Knot{13.19, 0.1368},  // 39 of 284
    Knot{40.61, 0.1931},  // 62 of 320
    Knot{60.52, 0.2902},  // 168 of 578
    Knot{75.15, 0.4848},  // 208 of 428
    Knot{83.25, 0.5843},  // 201 of 343
    Knot{88.19, 0.6904},  // 252 of 364
    Knot{91.70, 0.8327},  // 433 of 519
    Knot{94.08, 0.8397},  // 309 of 367
    Knot{95.60, 0.9311},  // 500 of 536
    Knot{96.27, 0.9405},  // 569 of 604
    Knot{96.77, 0.9683},  // 854 of 881
};

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
  return is_plain_word(word) ? between(kPlainWords, figure) : between(kOtherWords, figure);
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
