#include "adapters/engines/tesseract/zone_ink.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/page/level_counts.h"

namespace inkfield::tesseract {
namespace {

using page::GrayImage;

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

}  // namespace

Levels measure_levels(const GrayImage& gray) {
  page::LevelCounts counts;
  counts.add(gray.pixels.data(), gray.pixels.size());
  const std::array<std::int64_t, 256> histogram = counts.total();
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

Ink ink_of(const GrayImage& gray, int level) {
  Ink ink{gray.width_px, gray.height_px, std::vector<std::uint8_t>(gray.pixels.size())};
  std::transform(gray.pixels.begin(), gray.pixels.end(), ink.on.begin(),
                 [level](std::uint8_t v) { return static_cast<std::uint8_t>(v <= level ? 1 : 0); });
  return ink;
}

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

}  // namespace inkfield::tesseract
