#include "tests/generator/cursive.h"

#include <array>
#include <cctype>

namespace inkfield::generator {
namespace {

struct At {
  double x;
  double y;  ///< 0 base line, 1 top of a small letter, 2 ascender, -1 descender
};
/// How the pen runs through a letter, from the join on its left to the join on its right, and what is added afterwards.
struct Letter {
  char name;
  std::vector<At> run;
  std::vector<At> added;
};

const std::vector<Letter>& letters() {
  static const std::vector<Letter> all{
      {'a', {{0, .3}, {.55, .95}, {.3, 1}, {.1, .6}, {.15, .1}, {.35, .05}, {.55, .5}, {.6, .95}, {.58, .4}, {.68, .05}, {.82, .1}, {.92, .3}}, {}},
      {'d', {{0, .3}, {.5, .95}, {.28, 1}, {.08, .6}, {.15, .1}, {.38, .08}, {.55, .6}, {.65, 1.9}, {.6, .7}, {.66, .08}, {.8, .08}, {.92, .3}}, {}},
      {'e', {{0, .1}, {.3, .45}, {.55, .85}, {.4, 1}, {.2, .75}, {.15, .4}, {.3, .05}, {.55, .05}, {.8, .3}}, {}},
      {'f', {{0, 0}, {.3, .9}, {.45, 1.8}, {.33, 2}, {.22, 1.5}, {.2, -.6}, {.28, -.95}, {.4, -.6}, {.3, 0}, {.6, .2}}, {}},
      {'g', {{0, .3}, {.5, .95}, {.28, 1}, {.08, .6}, {.15, .15}, {.38, .15}, {.55, .8}, {.55, -.5}, {.38, -.95}, {.2, -.7}, {.5, -.1}, {.85, .3}}, {}},
      {'h', {{0, 0}, {.25, .9}, {.38, 1.8}, {.28, 2}, {.16, 1.6}, {.14, .05}, {.25, .6}, {.45, 1}, {.58, .85}, {.6, .4}, {.66, .05}, {.8, .08}, {.92, .3}}, {}},
      {'i', {{0, .1}, {.2, .6}, {.3, 1}, {.28, .4}, {.35, .05}, {.5, .08}, {.6, .3}}, {{.36, 1.45}, {.4, 1.42}}},
      {'k', {{0, 0}, {.25, .9}, {.38, 1.8}, {.28, 2}, {.16, 1.6}, {.14, .05}, {.25, .6}, {.5, .95}, {.45, .65}, {.2, .5}, {.5, .2}, {.65, .05}, {.85, .2}}, {}},
      {'l', {{0, 0}, {.3, .8}, {.45, 1.7}, {.35, 2}, {.2, 1.7}, {.18, .6}, {.25, .1}, {.45, .05}, {.65, .3}}, {}},
      {'n', {{0, .2}, {.12, .7}, {.18, 1}, {.18, .1}, {.25, .6}, {.45, 1}, {.58, .9}, {.6, .4}, {.65, .05}, {.8, .08}, {.92, .3}}, {}},
      {'o', {{0, .3}, {.4, 1}, {.15, .75}, {.1, .3}, {.3, 0}, {.55, .25}, {.6, .7}, {.42, 1}, {.6, .85}, {.85, .8}}, {}},
      {'r', {{0, .1}, {.18, .7}, {.25, 1.1}, {.35, .95}, {.5, .95}, {.45, .4}, {.52, .05}, {.65, .08}, {.75, .3}}, {}},
      {'s', {{0, .1}, {.2, .6}, {.32, 1.05}, {.42, .6}, {.42, .2}, {.25, 0}, {.15, .15}, {.5, .1}, {.7, .3}}, {}},
      {'t', {{0, .1}, {.2, .8}, {.32, 1.6}, {.28, .6}, {.35, .05}, {.5, .08}, {.62, .3}}, {{.02, 1.15}, {.3, 1.18}, {.62, 1.24}}},
      {'u', {{0, .2}, {.15, .7}, {.22, 1}, {.2, .4}, {.3, .05}, {.5, .1}, {.65, .6}, {.7, 1}, {.68, .4}, {.75, .05}, {.9, .1}, {1, .3}}, {}},
      {'v', {{0, .6}, {.12, 1}, {.22, .5}, {.35, .05}, {.5, .4}, {.58, 1}, {.75, .9}, {.9, .8}}, {}},
      {'w', {{0, .6}, {.1, 1}, {.15, .4}, {.28, .05}, {.42, .3}, {.48, .8}, {.5, .3}, {.62, .05}, {.8, .35}, {.85, 1}, {1, .88}, {1.1, .8}}, {}},
      {'x', {{0, .2}, {.15, .95}, {.3, .6}, {.45, .05}, {.65, .25}}, {{.55, .95}, {.3, .5}, {.05, 0}}},
      {'y', {{0, .2}, {.12, .7}, {.18, 1}, {.2, .5}, {.35, .3}, {.5, .6}, {.6, 1}, {.5, -.5}, {.35, -.95}, {.2, -.7}, {.5, -.1}, {.8, .3}}, {}},
  };
  return all;
}

const Letter* letter_of(char symbol) {
  const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(symbol)));
  for (const Letter& letter : letters()) {
    if (letter.name == small) {
      return &letter;
    }
  }
  return nullptr;
}

double scale_of(char symbol) { return std::isupper(static_cast<unsigned char>(symbol)) != 0 ? 1.7 : 1; }

/// A smooth curve through the points (Catmull and Rom), thick where the pen comes down.
void draw_run(const std::vector<At>& points, double pen_mm, Canvas& canvas) {
  if (points.size() < 2) {
    return;
  }
  std::vector<PenPoint> stroke;
  constexpr int kSteps = 7;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const At& before = points[i == 0 ? 0 : i - 1];
    const At& from = points[i];
    const At& to = points[i + 1];
    const At& after = points[i + 2 < points.size() ? i + 2 : i + 1];
    for (int step = 0; step < kSteps; ++step) {
      const double t = static_cast<double>(step) / kSteps;
      const auto through = [&](double a, double b, double c, double d) {
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
      };
      const bool down = to.y > from.y;
      stroke.push_back({through(before.x, from.x, to.x, after.x), through(before.y, from.y, to.y, after.y), pen_mm * (down ? 1.08 : 0.82)});
    }
  }
  stroke.push_back({points.back().x, points.back().y, pen_mm * 0.7});
  canvas.stroke(stroke);
}

}  // namespace

double words_width_mm(const std::string& words, const CursiveHand& hand) {
  double width = 0;
  for (const char symbol : words) {
    const Letter* letter = letter_of(symbol);
    width += hand.x_height_mm * hand.width * (letter == nullptr ? 0.75 : letter->run.back().x * scale_of(symbol));
  }
  return width;
}

void write_words(const std::string& words, double left_mm, double baseline_mm, const CursiveHand& hand, Random& random, Canvas& canvas) {
  double x = left_mm;
  std::vector<At> run;
  std::vector<std::vector<At>> added;
  const auto finish = [&] {
    draw_run(run, hand.pen_mm, canvas);
    for (const std::vector<At>& extra : added) {
      draw_run(extra, hand.pen_mm, canvas);
    }
    run.clear();
    added.clear();
  };
  for (const char symbol : words) {
    const Letter* letter = letter_of(symbol);
    if (letter == nullptr) {
      finish();
      x += hand.x_height_mm * hand.width * 0.75;
      continue;
    }
    const double size = hand.x_height_mm * scale_of(symbol) * random.normal(1, 0.06);
    const double lift = hand.x_height_mm * random.normal(0, 0.05);
    const auto place = [&](const At& at) {
      const double wobble = 0.04 * hand.x_height_mm;
      return At{x + (at.x * hand.width + at.y * hand.slant) * size + random.normal(0, wobble),
                baseline_mm - at.y * size - lift + random.normal(0, wobble)};
    };
    for (const At& at : letter->run) {
      run.push_back(place(at));
    }
    if (!letter->added.empty()) {
      added.emplace_back();
      for (const At& at : letter->added) {
        added.back().push_back(place(at));
      }
    }
    x += letter->run.back().x * hand.width * size;
    if (scale_of(symbol) > 1) {
      finish();
    }
  }
  finish();
}

void write_signature(const std::string& name, double left_mm, double baseline_mm, const CursiveHand& hand, Random& random, Canvas& canvas) {
  CursiveHand quick = hand;
  quick.width *= 0.8;
  quick.slant += 0.15;
  write_words(name, left_mm, baseline_mm, quick, random, canvas);
  const double width = words_width_mm(name, quick);
  draw_run({{left_mm + width, baseline_mm - 0.5}, {left_mm + width * 1.1, baseline_mm + 0.4}, {left_mm + width * 0.5, baseline_mm + 1.6},
            {left_mm + width * random.between(0.05, 0.3), baseline_mm + 2.2}, {left_mm + width * 0.6, baseline_mm + 1.4},
            {left_mm + width * 1.2, baseline_mm + random.between(0.2, 1.4)}},
           quick.pen_mm, canvas);
}

std::string amount_in_words(long long amount) {
  static const std::array<const char*, 20> kSmall{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
                                                  "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static const std::array<const char*, 10> kTens{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
  std::string words;
  const auto add = [&](const std::string& word) {
    if (!word.empty()) {
      words += (words.empty() ? "" : " ") + word;
    }
  };
  const auto below_hundred = [&](long long value) {
    if (value < 20) {
      add(kSmall[static_cast<std::size_t>(value)]);
    } else {
      add(kTens[static_cast<std::size_t>(value / 10)]);
      add(kSmall[static_cast<std::size_t>(value % 10)]);
    }
  };
  if (amount >= 100000) {
    below_hundred(amount / 100000 % 100);
    add("lakh");
  }
  if (amount / 1000 % 100 > 0) {
    below_hundred(amount / 1000 % 100);
    add("thousand");
  }
  if (amount / 100 % 10 > 0) {
    add(kSmall[static_cast<std::size_t>(amount / 100 % 10)]);
    add("hundred");
  }
  below_hundred(amount % 100);
  add("only");
  words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return words;
}

}  // namespace inkfield::generator
