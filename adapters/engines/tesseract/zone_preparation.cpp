// Cutting, thresholding, line removal and scaling for printed text.
#include "adapters/engines/tesseract/zone_preparation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace inkfield::tesseract {
namespace {

using page::GrayImage;

constexpr double kLargestScale = 6;
constexpr double kSmallestScale = 0.2;
constexpr int kLongestSide = 12000;
// Paper and print closer than this are texture of the paper.
constexpr double kLeastContrast = 36;
// Box lines are often printed fainter than what is read: they are looked for down to this share of the
// contrast.
constexpr double kFaintestLine = 0.25;
// Pieces lower than this share of the text are specks or remains of lines, where nothing that low is
// expected.
constexpr double kLeastPiece = 0.4;
// How far print may overhang its zone.
constexpr double kOverhangMm = 0.3;
// Where anything may be print, what hangs in from a neighbour would be read as some.
constexpr double kTextOverhangMm = 0;
// How high the tallest letters of one line stand in a zone drawn round it: words without tall letters are not blown up to
// that height, or o and O look alike.
constexpr double kLineShare = 0.66;
constexpr double kLeastLineShare = 0.4;  // in a zone higher than that over its print, the print alone tells
// A strip has as many rows as the line recognizer sees: it scales what is not so high, and its time goes with
// the width.
constexpr int kStripHeightPx = 36;
// Rows of the strip for those of its print, where the zone leaves room: no letter fills a line from top to
// bottom, and a word without tall letters is not as high as others. 1.4 reads 76.8 % of words of scanned
// forms (FUNSD, a third of the training part) and 63.6 % of lines of receipts (SROIE) whose zones were
// given a quarter of their height above and below, 1.5 reads 76.2 and 62.5 % and takes a sixteenth less time.
constexpr double kStripRoom = 1.5;

// White pixels around what a picture shows.
struct Border {
  int across = 0;
  int down = 0;
};
// Words of scanned forms and lines of receipts, 1 across: 78.0, 61.0 %; 2: 77.1, 63.0 %; 2 and 4
// down: 77.5, 62.2 %.
constexpr Border kStripBorder{2, 3};

struct Levels {
  int threshold = 128;  ///< ink is at or below
  double ink = 0;
  double paper = 255;
  double ink_share = 0;
};

/// Otsu's threshold and the means on its two sides.
Levels measure_levels(const GrayImage& gray) {
  // Counted four ways: most of a zone is paper of one value, and one counter would wait for itself.
  std::array<std::array<std::int64_t, 256>, 4> counts{};
  for (std::size_t i = 0; i < gray.pixels.size(); ++i) ++counts[i % 4][gray.pixels[i]];
  std::array<std::int64_t, 256> histogram{};
  for (std::size_t v = 0; v < histogram.size(); ++v)
    histogram[v] = counts[0][v] + counts[1][v] + counts[2][v] + counts[3][v];
  const auto total = static_cast<double>(gray.pixels.size());
  double sum = 0;
  for (int v = 0; v < 256; ++v)
    sum += static_cast<double>(v) * static_cast<double>(histogram[static_cast<std::size_t>(v)]);
  Levels best;
  double best_spread = -1;
  double below = 0;
  double below_sum = 0;
  for (int v = 0; v < 255; ++v) {
    below += static_cast<double>(histogram[static_cast<std::size_t>(v)]);
    below_sum += static_cast<double>(v) * static_cast<double>(histogram[static_cast<std::size_t>(v)]);
    if (below == 0 || below == total) continue;
    const double ink = below_sum / below;
    const double paper = (sum - below_sum) / (total - below);
    const double spread = below * (total - below) * (paper - ink) * (paper - ink);
    if (spread > best_spread) {
      best_spread = spread;
      best = {v, ink, paper, below / total};
    }
  }
  if (best_spread < 0) best = {-1, sum / total, sum / total, 0};
  return best;
}

/// A thresholded copy whose pixels can be looked up in both directions.
struct Ink {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> on;
  [[nodiscard]] std::uint8_t& at(int x, int y) {
    return on[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// Ink is what is at or below the level.
Ink ink_of(const GrayImage& gray, int level) {
  Ink ink{gray.width_px, gray.height_px, std::vector<std::uint8_t>(gray.pixels.size())};
  std::transform(gray.pixels.begin(), gray.pixels.end(), ink.on.begin(),
                 [level](std::uint8_t v) { return static_cast<std::uint8_t>(v <= level ? 1 : 0); });
  return ink;
}

/// Erases runs along one axis that are longer than any stroke, where they are thin. `get(along, across)`.
/// Crossing strokes are thicker than the line and stay. `wanted(begin, end, across)` may spare a run.
template <class Get, class Erase, class Wanted>
void erase_runs(int length, int breadth, int least_run, int most_thickness, bool unbroken, Get get, Erase erase,
                Wanted wanted) {
  const int kGap = unbroken ? 1 : 3;  // a scanned line has breaks
  const int least_inked = unbroken ? 97 : 80;
  for (int across = 0; across < breadth; ++across) {
    int along = 0;
    while (along < length) {
      if (!get(along, across)) {
        ++along;
        continue;
      }
      const int begin = along;
      int last = along;
      int inked = 0;
      for (; along < length && along - last <= kGap; ++along) {
        if (get(along, across)) {
          last = along;
          ++inked;
        }
      }
      const int end = last + 1;
      if (end - begin < least_run || inked * 100 < (end - begin) * least_inked || !wanted(begin, end, across)) continue;
      for (int i = begin; i < end; ++i) {
        int top = across;
        int bottom = across;
        while (top > 0 && get(i, top - 1) && across - top <= most_thickness) --top;
        while (bottom + 1 < breadth && get(i, bottom + 1) && bottom - across <= most_thickness) ++bottom;
        if (bottom - top + 1 <= most_thickness) {
          for (int j = top; j <= bottom; ++j) erase(i, j);
        }
      }
    }
  }
}

/// Takes box and base lines out. `frame_likely`: of a field of digits, or a crop that a host cut with its frame. Marks what is to be painted as paper.
std::vector<std::uint8_t> find_lines(Ink& ink, bool scale_known, double px_per_mm, bool frame_likely) {
  std::vector<std::uint8_t> erased(ink.on.size(), 0);
  const auto mark = [&](int x, int y) {
    erased[static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width) + static_cast<std::size_t>(x)] =
        1;
  };
  const auto marked = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < ink.width && y < ink.height &&
           erased[static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width) +
                  static_cast<std::size_t>(x)] != 0;
  };
  // Printed lines are hardly ever over 0.6 mm; without a scale an eighth of the height stands for that.
  const int thickness =
      scale_known ? std::max(3, static_cast<int>(std::lround(0.6 * px_per_mm))) : std::max(3, ink.height / 8);
  // No character has a horizontal stroke longer than the zone is high. Where letters may stand, the feet of several that
  // touch make such a run too: a line is then one that goes through most of the zone (words of scanned forms: 60 % read
  // with the shorter limit, 77 % with this one).
  const int long_run = frame_likely ? std::max(12, std::max(ink.width * 3 / 10, ink.height * 12 / 10))
                                       : std::max(12, std::max(ink.width * 85 / 100, ink.height * 4));
  erase_runs(
      ink.width, ink.height, long_run, thickness, !frame_likely, [&](int x, int y) { return ink.at(x, y) != 0; },
      [&](int x, int y) { mark(x, y); }, [](int, int, int) { return true; });
  // An upright line may be a 1 in a tight crop: it goes only if it ends at a line taken out above, or runs
  // through the whole of a zone that was cut with an overhang.
  const bool cut_with_overhang = scale_known && frame_likely;
  if (!cut_with_overhang && std::find(erased.begin(), erased.end(), 1) == erased.end()) return erased;
  const auto at_line = [&](int x, int y) {
    for (int dy = -4; dy <= 4; ++dy) {
      for (int dx = -4; dx <= 4; ++dx) {
        if (marked(x + dx, y + dy)) return true;
      }
    }
    return false;
  };
  std::vector<std::uint8_t> upright(ink.on.size(), 0);
  erase_runs(
      ink.height, ink.width, std::max(10, ink.height * 45 / 100), thickness, false,
      [&](int y, int x) { return ink.at(x, y) != 0; },
      [&](int y, int x) {
        upright[static_cast<std::size_t>(y) * static_cast<std::size_t>(ink.width) +
                static_cast<std::size_t>(x)] = 1;
      },
      [&](int begin, int end, int x) {
        const bool through = begin <= 1 && end >= ink.height - 1;
        // Text is cut without one: an l goes through there.
        return (through && cut_with_overhang) ||
               (at_line(x, begin) && (at_line(x, end - 1) || end >= ink.height - 1)) ||
               (at_line(x, end - 1) && begin <= 1);
      });
  for (std::size_t i = 0; i < erased.size(); ++i) {
    erased[i] |= upright[i];
    if (erased[i] != 0) ink.on[i] = 0;
  }
  return erased;
}

/// Paints what find_lines marked with paper. The blurred flanks of a line are lighter than ink; they go with
/// it.
void erase_lines(const std::vector<std::uint8_t>& marked, std::uint8_t paper, Ink& ink, GrayImage& gray) {
  for (std::size_t i = 0; i < marked.size(); ++i) ink.on[i] = marked[i] != 0 ? 0 : ink.on[i];
  for (auto at = std::find(marked.begin(), marked.end(), 1); at != marked.end();
       at = std::find(at + 1, marked.end(), 1)) {
    const int x = static_cast<int>((at - marked.begin()) % gray.width_px);
    const int y = static_cast<int>((at - marked.begin()) / gray.width_px);
    for (int py = std::max(0, y - 1); py <= std::min(gray.height_px - 1, y + 1); ++py) {
      for (int px = std::max(0, x - 1); px <= std::min(gray.width_px - 1, x + 1); ++px) {
        if (ink.at(px, py) == 0) gray.row(py)[px] = paper;
      }
    }
  }
}

struct Band {
  int begin = 0;
  int end = 0;
  [[nodiscard]] int height() const { return end - begin; }
};

/// Rows of print, by their ink. Specks of a pixel or two make no row.
std::vector<Band> find_bands(Ink& ink) {
  std::vector<Band> bands;
  int begin = -1;
  for (int y = 0; y <= ink.height; ++y) {
    int count = 0;
    if (y < ink.height) {
      for (int x = 0; x < ink.width; ++x) count += ink.at(x, y);
    }
    const bool inked = count >= 2;
    if (inked && begin < 0) begin = y;
    if (!inked && begin >= 0) {
      // The dot of an i and its stem are one row of print.
      if (!bands.empty() && begin - bands.back().end <= std::max(1, ink.height / 40)) {
        bands.back().end = y;
      } else {
        bands.push_back({begin, y});
      }
      begin = -1;
    }
  }
  return bands;
}

/// Paints pieces of ink lower than `least_height` with paper, flanks included.
void erase_low_pieces(Ink& ink, int least_height, std::uint8_t paper, GrayImage& gray) {
  std::vector<std::pair<int, int>> piece;
  for (int start_y = 0; start_y < ink.height; ++start_y) {
    for (int start_x = 0; start_x < ink.width; ++start_x) {
      if (ink.at(start_x, start_y) != 1) continue;
      piece.assign(1, {start_x, start_y});
      ink.at(start_x, start_y) = 2;  // seen
      int top = start_y;
      int bottom = start_y;
      for (std::size_t i = 0; i < piece.size(); ++i) {
        const auto [x, y] = piece[i];
        top = std::min(top, y);
        bottom = std::max(bottom, y);
        for (int ny = std::max(0, y - 1); ny <= std::min(ink.height - 1, y + 1); ++ny) {
          for (int nx = std::max(0, x - 1); nx <= std::min(ink.width - 1, x + 1); ++nx) {
            if (ink.at(nx, ny) != 1) continue;
            ink.at(nx, ny) = 2;
            piece.emplace_back(nx, ny);
          }
        }
      }
      if (bottom - top + 1 >= least_height) continue;
      for (const auto& [x, y] : piece) {
        ink.at(x, y) = 0;
        for (int ny = std::max(0, y - 2); ny <= std::min(ink.height - 1, y + 2); ++ny) {
          for (int nx = std::max(0, x - 2); nx <= std::min(ink.width - 1, x + 2); ++nx) {
            if (ink.at(nx, ny) == 0) gray.row(ny)[nx] = paper;
          }
        }
      }
    }
  }
}

/// Where a sample lies: so far on the way from one pixel to the next, at the edge on none.
struct Between {
  int first = 0;
  int second = 0;
  double part = 0;
};

/// All samples along one side of a picture of `pixels` that is scaled to `target_px`, so many in each target pixel.
std::vector<Between> sample_places(int pixels, int target_px, int samples, double scale) {
  std::vector<Between> places;
  places.reserve(static_cast<std::size_t>(target_px) * static_cast<std::size_t>(samples));
  for (int at = 0; at < target_px; ++at) {
    for (int i = 0; i < samples; ++i) {
      const double place = std::clamp((at + (i + 0.5) / samples) / scale - 0.5, 0.0, pixels - 1.0);
      const int first = static_cast<int>(place);
      places.push_back({first, std::min(first + 1, pixels - 1), place - first});
    }
  }
  return places;
}

/// One row of the source at all samples along it. Rows of samples come down the picture, two of them between the same two rows mostly.
class SampledRows {
 public:
  SampledRows(const GrayImage& gray, const std::vector<Between>& columns) : gray_(gray), columns_(columns) {}

  const std::vector<double>& row(int y) {
    Row& kept = rows_[static_cast<std::size_t>(y % 2)];
    if (kept.y == y) return kept.values;
    kept.y = y;
    kept.values.clear();
    const std::uint8_t* from = gray_.row(y);
    for (const Between& at : columns_) kept.values.push_back((1 - at.part) * from[at.first] + at.part * from[at.second]);
    return kept.values;
  }

 private:
  struct Row {
    int y = -1;
    std::vector<double> values;
  };
  const GrayImage& gray_;
  const std::vector<Between>& columns_;
  std::array<Row, 2> rows_;
};

/// Scales by area on the way down and bilinearly on the way up, and stretches the levels.
GrayImage stretch(const GrayImage& gray, const Levels& levels, double scale, Border border) {
  const int width = std::max(1, static_cast<int>(std::lround(gray.width_px * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(gray.height_px * scale)));
  // Texture of the paper ends above this; it becomes white.
  const double white = levels.paper - 0.12 * (levels.paper - levels.ink);
  std::array<std::uint8_t, 256> curve{};
  for (int v = 0; v < 256; ++v) {
    curve[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(
        std::clamp(std::lround(255.0 * (v - levels.ink) / std::max(1.0, white - levels.ink)), 0L, 255L));
  }
  GrayImage out(width + 2 * border.across, height + 2 * border.down, 255);
  const int samples = scale < 1 ? static_cast<int>(std::ceil(1 / scale)) : 1;
  const std::vector<Between> columns = sample_places(gray.width_px, width, samples, scale);
  const std::vector<Between> rows = sample_places(gray.height_px, height, samples, scale);
  SampledRows sampled(gray, columns);
  std::vector<double> sums(static_cast<std::size_t>(width));
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int i = 0; i < samples; ++i) {
      const Between& at = rows[static_cast<std::size_t>(y * samples + i)];
      const double* upper = sampled.row(at.first).data();
      const double* lower = sampled.row(at.second).data();
      for (double& sum : sums) {
        for (int k = 0; k < samples; ++k) sum += (1 - at.part) * *upper++ + at.part * *lower++;
      }
    }
    std::uint8_t* to = out.row(y + border.down) + border.across;
    for (const double sum : sums) *to++ = curve[static_cast<std::size_t>(sum / (samples * samples) + 0.5)];
  }
  return out;
}

/// Which columns to keep so that no gap between pieces of ink is wider than `widest`, its middle left out.
std::vector<int> narrowed_columns(Ink& ink, int widest) {
  std::vector<int> columns;
  int gap = 0;
  for (int x = 0; x <= ink.width; ++x) {
    bool inked = false;
    for (int y = 0; x < ink.width && y < ink.height && !inked; ++y) inked = ink.at(x, y) != 0;
    if (x < ink.width && !inked) {
      ++gap;
      continue;
    }
    const int kept = std::min(gap, widest);
    for (int i = gap; i > gap - kept / 2; --i) columns.push_back(x - i);
    for (int i = kept - kept / 2; i > 0; --i) columns.push_back(x - i);
    if (x < ink.width) columns.push_back(x);
    gap = 0;
  }
  return columns;
}

struct Box {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

/// What holds all bands, as wide as anything inked beside them.
Box print_box(Ink& ink, const std::vector<Band>& bands) {
  Box box{ink.width, bands.front().begin, 0, bands.back().end};
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      if (ink.at(x, y) == 0) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x + 1);
    }
  }
  return box;
}

/// The box made higher, evenly where the picture goes on on both sides.
void give_room(Box& box, int wanted_height, int picture_height) {
  const int height = std::clamp(wanted_height, box.bottom - box.top, picture_height);
  const int middle = (box.top + box.bottom) / 2;
  box.top = std::clamp(middle - height / 2, 0, picture_height - height);
  box.bottom = box.top + height;
}

GrayImage cut_out(const GrayImage& gray, const Box& box) {
  GrayImage out(box.right - box.left, box.bottom - box.top);
  for (int y = 0; y < out.height_px; ++y) std::copy_n(gray.row(box.top + y) + box.left, out.width_px, out.row(y));
  return out;
}

GrayImage with_columns(const GrayImage& gray, const std::vector<int>& columns) {
  GrayImage out(static_cast<int>(columns.size()), gray.height_px);
  for (int y = 0; y < gray.height_px; ++y) {
    std::transform(columns.begin(), columns.end(), out.row(y), [&](int x) { return gray.row(y)[x]; });
  }
  return out;
}

}  // namespace

page::Point PreparedZone::in_crop(double x, double y) const {
  double along = (x - border_px) / scale;
  if (!columns.empty()) {
    const double at = std::clamp(along, 0.0, static_cast<double>(columns.size()) - 1);
    along = columns[static_cast<std::size_t>(at)] + (along - std::floor(at));
  }
  return {left_px + border_px / scale + along, top_px + y / scale};
}

PreparedZone prepare_zone(const page::FieldCrop& crop, bool only_characters, const Look& look) {
  PreparedZone prepared;
  const bool scale_known = crop.px_per_mm > 0;
  const double overhang = scale_known ? (only_characters ? kOverhangMm : kTextOverhangMm) * crop.px_per_mm : 0;
  const int left = std::clamp(static_cast<int>(std::floor(crop.zone.left - overhang)), 0, crop.gray.width_px);
  const int top = std::clamp(static_cast<int>(std::floor(crop.zone.top - overhang)), 0, crop.gray.height_px);
  const int right =
      std::clamp(static_cast<int>(std::ceil(crop.zone.right + overhang)), left, crop.gray.width_px);
  const int bottom =
      std::clamp(static_cast<int>(std::ceil(crop.zone.bottom + overhang)), top, crop.gray.height_px);
  prepared.blank = true;
  if (right - left < 3 || bottom - top < 3) return prepared;

  GrayImage gray = cut_out(crop.gray, {left, top, right, bottom});
  Levels levels = measure_levels(gray);
  prepared.contrast = levels.paper - levels.ink;
  if (prepared.contrast < kLeastContrast) return prepared;

  Ink ink = ink_of(gray, levels.threshold);
  Ink weak =
      ink_of(gray, static_cast<int>(std::floor(levels.paper - kFaintestLine * (levels.paper - levels.ink))));
  const std::vector<std::uint8_t> lines =
      find_lines(weak, scale_known, crop.px_per_mm, only_characters || !scale_known);
  const auto paper = static_cast<std::uint8_t>(std::lround(levels.paper));
  erase_lines(lines, paper, ink, gray);

  std::vector<Band> bands = find_bands(ink);
  const auto tallest = [&] {
    return std::accumulate(bands.begin(), bands.end(), 0,
                           [](int most, const Band& band) { return std::max(most, band.height()); });
  };
  // What is cut off by the upper or lower edge belongs to a neighbour, if something whole is here.
  const int whole = tallest();
  std::erase_if(bands, [&](const Band& band) {
    const bool cut = band.begin == 0 || band.end == gray.height_px;
    if (!cut || band.height() * 10 > whole * 7) return false;
    for (int y = band.begin; y < band.end; ++y) std::fill_n(gray.row(y), gray.width_px, paper);
    return true;
  });
  const int height = tallest();
  const double least_height = scale_known ? 0.8 * crop.px_per_mm : 5;
  if (height < least_height) return prepared;

  if (only_characters)
    erase_low_pieces(ink, std::max(2, static_cast<int>(height * kLeastPiece)), paper, gray);
  prepared.text_lines = static_cast<int>(
      std::count_if(bands.begin(), bands.end(), [&](const Band& b) { return b.height() * 2 > height; }));
  if (only_characters && prepared.text_lines <= 1) {
    // Stamped numbers stand far apart; Tesseract reads them better set as print is.
    prepared.columns = narrowed_columns(ink, std::max(3, static_cast<int>(height * look.widest_gap)));
    gray = with_columns(gray, prepared.columns);
  }
  Box kept{0, 0, gray.width_px, gray.height_px};
  if (look.tight && !only_characters) {
    // Bare paper costs Tesseract time and tells it nothing. What is fainter than the print may be print that fades.
    kept = print_box(weak, bands);
    prepared.strip = prepared.text_lines <= 1;
    if (prepared.strip) give_room(kept, static_cast<int>(std::lround(kStripRoom * height)), gray.height_px);
    gray = cut_out(gray, kept);
  }
  const Border border = prepared.strip ? kStripBorder : Border{look.border_px, look.border_px};
  double wanted_scale = static_cast<double>(kStripHeightPx - 2 * border.down) / gray.height_px;
  if (!prepared.strip) {
    double tallest_px = height;
    const double zone_px = crop.zone.height();
    if (!only_characters && scale_known && prepared.text_lines <= 1 && height >= kLeastLineShare * zone_px) {
      tallest_px = std::max(tallest_px, kLineShare * zone_px);
    }
    wanted_scale = look.character_height_px / tallest_px;
  }
  prepared.scale = std::min(std::clamp(wanted_scale, kSmallestScale, kLargestScale),
                            static_cast<double>(kLongestSide) / std::max(gray.width_px, gray.height_px));
  prepared.border_px = border.across;
  prepared.picture = stretch(gray, levels, prepared.scale, border);
  prepared.left_px = left + kept.left - border.across / prepared.scale;
  prepared.top_px = top + kept.top - border.down / prepared.scale;
  prepared.blank = false;
  return prepared;
}

}  // namespace inkfield::tesseract
