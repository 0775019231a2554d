#include "recognizer/e13b/e13b_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "recognizer/e13b/e13b_matching.h"
#include "recognizer/e13b/e13b_shapes.h"

namespace inkfield::recognizer {
namespace {

// To a side of a square.
constexpr int kFinePx = 4;
constexpr int kCoarsePx = 2;
constexpr int kHighPx = kE13bSquaresHigh * kCoarsePx;  // of a line, coarse
// Squares of ink looked at around the zone: a character whose middle lies in it is seen whole.
constexpr int kRoom = 9;
// Coarse, from one right edge to the next: the pitch, less more than the standard lets it be short.
constexpr int kNearestPx = 17;
// Coarse, that a character may lie above or below the line.
constexpr int kUnevenPx = 2;
constexpr double kLeastShare = 0.6;  // of a shape's ink that must be there for it to be taken
constexpr double kBlankPitches = 1.5;
// Ink beside the shapes: columns of at least so many coarse pixels' ink, and so many squares of it together,
// are something printed or written.
constexpr int kColumnInk = 255 * 3 / 2;
constexpr double kSomethingSquares = 8;
constexpr double kGoodFit = 0.75;    // of the gain that is possible: no other place needs to be tried
constexpr int kMostLines = 3;        // places down the zone where the line is looked for
constexpr double kCoarsestPx = 16;   // source pixels to a fine one; 4,900 dpi
constexpr double kFarthestPx = 1e6;  // that a zone may lie from the ink map's corner
constexpr double kMostPixels = 2e6;  // fine; five lines as long as a cheque
// A certainty that goes with how well the best symbol fits, but for two that fit alike.
constexpr double kEvenCertainty = 0.6;
constexpr double kPerMargin = 2;

// One or two characters that fit less well say little of whether they are E-13B at all: a blot may look like
// a symbol.
constexpr std::size_t kFew = 2;
constexpr double kSureOfFew = 0.85;
constexpr double kMostOfFew = 0.9;

struct Knot {
  double figure;  // a hundred times the certainty
  double probability;
};
// Printed by `inkfield-micr-lines --fit --count 4000` (tests/bench): the least certain character of lines,
// and parts of lines, that were drawn and scanned at severities 0 to 3; one in ten is of another typeface,
// one in ten written over. Beside each knot the lines behind it that were read right.
constexpr std::array kCurve = {
    Knot{37.52, 0.0492},  // 3 of 60
    Knot{49.85, 0.0508},  // 10 of 196
    Knot{54.84, 0.2000},  // 9 of 44
    Knot{57.83, 0.2407},  // 13 of 53
    Knot{60.70, 0.3103},  // 9 of 28
    Knot{63.46, 0.8108},  // 30 of 36
    Knot{67.78, 0.9333},  // 56 of 59
    Knot{72.59, 0.9848},  // 65 of 65
    Knot{77.76, 0.9907},  // 107 of 107
    Knot{92.89, 0.9997},  // 2997 of 2997
};

struct Placed {
  int x = 0;  // of the block, coarse
  int y = 0;
  double gain = 0;
  double most = 0;  // the gain if the ink were the shape itself
};

struct Row {
  std::vector<Placed> blocks;
  double gain = 0;
  int top = 0;  // of the line's grid, coarse
  [[nodiscard]] double fit() const {
    double most = 0;
    for (const Placed& block : blocks) most += block.most;
    return most > 0 ? gain / most : 0;
  }
};

/// The part of the ink map that is looked at: pixel i of it is `px` source pixels wide and begins at `left` +
/// i * `px`.
struct Window {
  double left = 0;
  double top = 0;
  double px = 1;
  E13bInk fine;
};

Window window_of(const ImageView& ink, const E13bZone& zone, double px_per_mm) {
  Window window;
  window.px = px_per_mm * kE13bSquareMm / kFinePx;
  window.left = zone.left_px - kRoom * kFinePx * window.px;
  window.top = zone.top_px - kRoom * kFinePx * window.px;
  const double width = (zone.right_px - zone.left_px) / window.px + 2.0 * kRoom * kFinePx;
  const double height = (zone.bottom_px - zone.top_px) / window.px + 2.0 * kRoom * kFinePx;
  // Also where a number is none.
  if (!(width >= 0 && height >= 0 && width * height <= kMostPixels && window.px <= kCoarsestPx))
    return window;
  window.fine = sample_ink(ink, window.left, window.top, window.px, 2 * static_cast<int>(width / 2),
                           2 * static_cast<int>(height / 2));
  return window;
}

/// The rows where a line of nine squares may begin, the likeliest first: much ink in them, little just above
/// and below.
std::vector<int> likely_tops(const E13bInk& coarse) {
  std::vector<std::int64_t> before(static_cast<std::size_t>(coarse.height_px) + 1, 0);
  for (int y = 0; y < coarse.height_px; ++y) {
    std::int64_t sum = 0;
    for (int x = 0; x < coarse.width_px; ++x) sum += coarse.row(y)[x];
    before[static_cast<std::size_t>(y) + 1] = before[static_cast<std::size_t>(y)] + sum;
  }
  const auto rows = [&](int from, int to) {
    return before[static_cast<std::size_t>(std::min(to, coarse.height_px))] -
           before[static_cast<std::size_t>(std::max(from, 0))];
  };
  const int first = E13bCoarse::kTop + kUnevenPx;
  const int last = coarse.height_px - E13bCoarse::kHeight - kUnevenPx + E13bCoarse::kTop;
  std::vector<std::pair<std::int64_t, int>> tops;
  for (int y = first; y <= last; ++y)
    tops.emplace_back(rows(y, y + kHighPx) - 2 * rows(y - 2, y) - 2 * rows(y + kHighPx, y + kHighPx + 2), y);
  std::sort(tops.begin(), tops.end(), [](const auto& a, const auto& b) {
    return a.first > b.first || (a.first == b.first && a.second < b.second);
  });
  std::vector<int> likely;
  for (const auto& top : tops) {
    const int y = top.second;
    const bool new_place = std::none_of(likely.begin(), likely.end(),
                                        [&](int other) { return std::abs(other - y) <= kUnevenPx; });
    if (new_place) likely.push_back(y);
    if (likely.size() == kMostLines) break;
  }
  return likely;
}

/// The best gain of any shape whose block begins in column x, a little above or below the line.
Placed best_at(const E13bInk& coarse, int x, int top) {
  const E13bCoarse& shapes = E13bCoarse::standard();
  Placed best{x, 0, 0, 0};
  for (int y = top - kUnevenPx; y <= top + kUnevenPx; y += 2) {  // the closer look finds the row between
    for (std::size_t shape = 0; shape < kE13bShapeCount; ++shape) {
      const double least = (2 * kLeastShare - 1) * shapes.weight(shape);
      const double gain = shapes.explained(coarse, x, y - E13bCoarse::kTop, shape) - least;
      if (gain > best.gain) best = {x, y - E13bCoarse::kTop, gain, shapes.weight(shape) - least};
    }
  }
  return best;
}

/// The row of shapes that explains most ink, none nearer to the next than the pitch allows.
Row best_row(const E13bInk& coarse, int top) {
  const int places = coarse.width_px - E13bCoarse::kWidth + 1;
  // Columns without ink need no closer look.
  std::vector<std::int64_t> before(static_cast<std::size_t>(coarse.width_px) + 1, 0);
  for (int x = 0; x < coarse.width_px; ++x) {
    std::int64_t sum = 0;
    for (int y = top; y < top + kHighPx; ++y) sum += coarse.row(y)[x];
    before[static_cast<std::size_t>(x) + 1] = before[static_cast<std::size_t>(x)] + sum;
  }
  const E13bCoarse& shapes = E13bCoarse::standard();
  double least = shapes.weight(0);
  for (std::size_t shape = 1; shape < kE13bShapeCount; ++shape) least = std::min(least, shapes.weight(shape));
  const double least_ink = least * kLeastShare * 255 * kCoarsePx * kCoarsePx / 2;
  std::vector<Placed> at(static_cast<std::size_t>(places));
  std::vector<double> gain(static_cast<std::size_t>(places),
                           0);  // of the best row whose last block begins here or before
  std::vector<bool> ends(static_cast<std::size_t>(places), false);
  for (int x = 0; x < places; ++x) {
    const auto i = static_cast<std::size_t>(x);
    const double skipped = x > 0 ? gain[i - 1] : 0;
    gain[i] = skipped;
    if (static_cast<double>(before[i + E13bCoarse::kWidth] - before[i]) < least_ink) continue;
    at[i] = best_at(coarse, x, top);
    const double taken = at[i].gain + (x >= kNearestPx ? gain[i - kNearestPx] : 0);
    if (at[i].gain <= 0 || taken <= skipped) continue;
    gain[i] = taken;
    ends[i] = true;
  }
  Row row{{}, places > 0 ? gain.back() : 0, top};
  for (int x = places - 1; x >= 0;) {
    if (!ends[static_cast<std::size_t>(x)]) {
      --x;
      continue;
    }
    row.blocks.push_back(at[static_cast<std::size_t>(x)]);
    x -= kNearestPx;
  }
  std::reverse(row.blocks.begin(), row.blocks.end());
  return row;
}

/// The shapes laid over one block finely, each where it fits best.
E13bCharacter closer_look(const Window& window, const Placed& block) {
  constexpr int kReach = 3;
  std::array<double, kE13bShapeCount> best{};
  int best_x = 2 * block.x;
  int best_y = 2 * block.y;
  double best_of_all = 0;
  const int last_x = window.fine.width_px - E13bFine::kWidth;
  const int last_y = window.fine.height_px - E13bFine::kHeight;
  for (int y = std::max(0, 2 * block.y - kReach); y <= std::min(last_y, 2 * block.y + kReach); ++y) {
    for (int x = std::max(0, 2 * block.x - kReach); x <= std::min(last_x, 2 * block.x + kReach); ++x) {
      const auto all = E13bFine::standard().correlations(window.fine, x, y);
      for (std::size_t shape = 0; shape < kE13bShapeCount; ++shape) {
        best[shape] = std::max(best[shape], all[shape]);
        if (all[shape] <= best_of_all) continue;
        best_of_all = all[shape];
        best_x = x;
        best_y = y;
      }
    }
  }
  const auto first = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  std::size_t second = first == 0 ? 1 : 0;
  for (std::size_t shape = 0; shape < kE13bShapeCount; ++shape) {
    if (shape != first && best[shape] > best[second]) second = shape;
  }
  E13bCharacter character;
  character.symbol = kE13bSymbols[first];
  character.second = kE13bSymbols[second];
  character.certainty = std::min(best[first], kEvenCertainty + kPerMargin * (best[first] - best[second]));
  character.probability = e13b_probability(character.certainty);
  character.left_px = window.left + (best_x + E13bFine::kLeft) * window.px;
  character.top_px = window.top + (best_y + E13bFine::kTop) * window.px;
  character.right_px = character.left_px + kE13bSquaresWide * kFinePx * window.px;
  character.bottom_px = character.top_px + kE13bSquaresHigh * kFinePx * window.px;
  return character;
}

E13bCharacter unknown_in(const E13bZone& zone) {
  E13bCharacter unknown;
  unknown.left_px = zone.left_px;
  unknown.top_px = zone.top_px;
  unknown.right_px = zone.right_px;
  unknown.bottom_px = zone.bottom_px;
  return unknown;
}

/// Ink on the line that no shape explains.
void add_unknown(const Window& window, const E13bInk& coarse, const Row& row,
                 std::vector<E13bCharacter>& characters) {
  std::vector<bool> taken(static_cast<std::size_t>(coarse.width_px), false);
  for (const Placed& block : row.blocks) {
    for (int x = block.x; x < block.x + E13bCoarse::kWidth; ++x) taken[static_cast<std::size_t>(x)] = true;
  }
  const double px = 2 * window.px;
  std::int64_t ink = 0;
  int begin = 0;
  for (int x = 0; x <= coarse.width_px; ++x) {
    std::int64_t column = 0;
    if (x < coarse.width_px && !taken[static_cast<std::size_t>(x)]) {
      for (int y = row.top; y < row.top + kHighPx; ++y) column += coarse.row(y)[x];
    }
    if (column >= kColumnInk) {
      if (ink == 0) begin = x;
      ink += column;
      continue;
    }
    if (static_cast<double>(ink) >= kSomethingSquares * 255 * kCoarsePx * kCoarsePx) {
      const double top = window.top + row.top * px;
      characters.push_back(
          unknown_in({window.left + begin * px, top, window.left + x * px, top + kHighPx * px}));
    }
    ink = 0;
  }
}

/// More ink than specks make: some squares of it or, where the zone is small, a part of the zone.
bool holds_something(const ImageView& ink, const E13bZone& zone, double px_per_mm) {
  std::int64_t sum = 0;
  std::int64_t area = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    for (int x = 0; x < ink.width_px; ++x) {
      const bool outside = x < zone.left_px || y < zone.top_px || x > zone.right_px || y > zone.bottom_px;
      if (outside) continue;
      sum += ink.at(x, y);
      ++area;
    }
  }
  constexpr double kSomeOfZone = 0.05;
  const double square_px = px_per_mm * kE13bSquareMm;
  double least = kSomeOfZone * static_cast<double>(area);
  if (px_per_mm > 0) least = std::min(least, kSomethingSquares * square_px * square_px);
  return sum > 0 && static_cast<double>(sum) >= 255 * least;
}

std::vector<E13bCharacter> characters_of(const Window& window, const E13bInk& coarse, const Row& row,
                                         const E13bZone& zone) {
  std::vector<E13bCharacter> characters;
  for (const Placed& block : row.blocks) characters.push_back(closer_look(window, block));
  add_unknown(window, coarse, row, characters);
  std::erase_if(characters, [&](const E13bCharacter& c) {
    const double middle = (c.left_px + c.right_px) / 2;
    return middle < zone.left_px || middle > zone.right_px;
  });
  std::sort(characters.begin(), characters.end(),
            [](const E13bCharacter& a, const E13bCharacter& b) { return a.left_px < b.left_px; });
  const double pitch_px = window.px * kFinePx * kE13bPitchMm / kE13bSquareMm;
  for (std::size_t i = 1; i < characters.size(); ++i) {
    const double step = characters[i].symbol == kE13bUnknown || characters[i - 1].symbol == kE13bUnknown
                            ? characters[i].left_px - characters[i - 1].right_px + pitch_px
                            : characters[i].right_px - characters[i - 1].right_px;
    characters[i].after_blank = step > kBlankPitches * pitch_px;
  }
  return characters;
}

/// Of a picture of a line alone: rows with much ink, as high as the shapes.
double scale_of_line(const ImageView& ink, const E13bZone& zone) {
  // In this order of arguments what is no number becomes 0.
  const auto begin = [](double at) { return static_cast<int>(std::min(std::max(0.0, at), kFarthestPx)); };
  const auto end = [](double at, int size) {
    return static_cast<int>(std::min<double>(size, std::max(0.0, std::ceil(at))));
  };
  const int right = end(zone.right_px, ink.width_px);
  const int bottom = end(zone.bottom_px, ink.height_px);
  std::vector<std::int64_t> rows;
  for (int y = begin(zone.top_px); y < bottom; ++y) {
    std::int64_t sum = 0;
    for (int x = begin(zone.left_px); x < right; ++x) sum += ink.at(x, y);
    rows.push_back(sum);
  }
  if (rows.empty()) return 0;
  const std::int64_t least = *std::max_element(rows.begin(), rows.end()) / 5;
  const auto dark = [least](std::int64_t row) { return row > least; };
  const auto first = std::find_if(rows.begin(), rows.end(), dark);
  const auto last = std::find_if(rows.rbegin(), rows.rend(), dark);
  if (first == rows.end()) return 0;
  return static_cast<double>(last.base() - first) / (kE13bSquaresHigh * kE13bSquareMm);
}

std::vector<E13bCharacter> read_at_scale(const ImageView& ink, const E13bZone& zone, double px_per_mm) {
  const Window window = window_of(ink, zone, px_per_mm);
  if (window.fine.height_px < E13bFine::kHeight || window.fine.width_px < E13bFine::kWidth) return {};
  const E13bInk coarse = halved(window.fine);
  Row best;
  for (const int top : likely_tops(coarse)) {
    Row row = best_row(coarse, top);
    if (row.gain > best.gain || best.top == 0) best = std::move(row);
    if (best.fit() > kGoodFit) break;
  }
  return best.top == 0 ? std::vector<E13bCharacter>() : characters_of(window, coarse, best, zone);
}

/// At the scale of those around the line's apparent one at which the shapes fit best.
std::vector<E13bCharacter> read_at_unknown_scale(const ImageView& ink, const E13bZone& zone) {
  const double apparent = scale_of_line(ink, zone);
  std::vector<E13bCharacter> best;
  double best_fit = 0;
  double best_scale = apparent;
  const auto try_scale = [&](double px_per_mm) {
    std::vector<E13bCharacter> line = read_at_scale(ink, zone, px_per_mm);
    double fit = 0;
    for (const E13bCharacter& character : line) fit += character.certainty;
    if (fit <= best_fit && !best.empty()) return;
    best = std::move(line);
    best_fit = fit;
    best_scale = px_per_mm;
  };
  for (const double times : {1.0, 1.06, 0.93, 0.87})
    try_scale(times * apparent);  // a skewed line looks higher
  const double rough = best_scale;
  for (const double times : {0.97, 1.03}) try_scale(times * rough);
  return best;
}

}  // namespace

std::string e13b_text(const std::vector<E13bCharacter>& line) {
  std::string text;
  for (const E13bCharacter& character : line) {
    if (character.after_blank) text += ' ';
    text += character.symbol;
  }
  return text;
}

double e13b_probability(double certainty) {
  const double figure = 100 * certainty;
  if (!(figure > kCurve.front().figure)) return kCurve.front().probability;
  for (std::size_t i = 1; i < kCurve.size(); ++i) {
    const Knot& below = kCurve[i - 1];
    const Knot& above = kCurve[i];
    if (figure < above.figure)
      return below.probability + (above.probability - below.probability) * (figure - below.figure) /
                                     (above.figure - below.figure);
  }
  return kCurve.back().probability;
}

std::vector<E13bCharacter> read_e13b_line(ImageView ink, const E13bZone& zone, double px_per_mm) {
  std::vector<E13bCharacter> line =
      px_per_mm > 0 ? read_at_scale(ink, zone, px_per_mm) : read_at_unknown_scale(ink, zone);
  for (E13bCharacter& character : line) {
    if (line.size() <= kFew && character.certainty < kSureOfFew)
      character.probability = std::min(character.probability, kMostOfFew);
  }
  if (line.empty() && holds_something(ink, zone, px_per_mm)) line.push_back(unknown_in(zone));
  return line;
}

}  // namespace inkfield::recognizer
