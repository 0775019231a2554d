// Runs of thin ink, row by row, joined to lines.
#include "plugin/pipeline/registration_lines.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "plugin/pipeline/wide_loops.h"

namespace inkfield::pipeline {
namespace {

// Steeper lines break up into runs too short to tell from letters; a camera's view bends them by less.
constexpr double kSteepest = 0.09;

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

// For every ink pixel, how tall the ink is there straight up and down, at most 255.
INKFIELD_WIDE_LOOPS std::vector<std::uint8_t> ink_height(const std::vector<std::uint8_t>& dark, int width,
                                                         int height) {
  std::vector<std::uint8_t> tall = dark;
  const auto columns = static_cast<std::size_t>(width);
  // Whole rows at a time, without branches.
  for (int y = 1; y < height; ++y) {
    std::uint8_t* row = tall.data() + area(width, y);
    const std::uint8_t* above = row - columns;
    for (std::size_t x = 0; x < columns; ++x) {
      const auto ink = static_cast<std::uint8_t>(0 - row[x]);  // still 0 or 1
      const auto taller = static_cast<std::uint8_t>(above[x] + (above[x] < 255 ? 1 : 0));
      row[x] = static_cast<std::uint8_t>(taller & ink);
    }
  }
  for (int y = height - 2; y >= 0; --y) {
    std::uint8_t* row = tall.data() + area(width, y);
    const std::uint8_t* below = row + columns;
    for (std::size_t x = 0; x < columns; ++x) {
      const auto ink = static_cast<std::uint8_t>(0 - std::min<std::uint8_t>(row[x], 1));
      row[x] = static_cast<std::uint8_t>(std::max(row[x], below[x]) & ink);
    }
  }
  return tall;
}

// One bit for each pixel of a row.
class PixelMarks {
 public:
  explicit PixelMarks(int width) : width_(width), words_(static_cast<std::size_t>(width) / 64 + 1, 0) {}

  // Marks what lies from `least` to `most`, 1 to 255.
  void mark(const std::uint8_t* row, int least, int most) {
    const auto first = static_cast<std::uint8_t>(least);
    const auto span = static_cast<std::uint8_t>(most - least);
    for (std::size_t word = 0; word < words_.size(); ++word) {
      const int left = static_cast<int>(word) * 64;
      const int count = std::min(64, width_ - left);
      // Bytes of 0 or 1 first, many at a time; then each eight of them become eight bits, by a product.
      std::array<std::uint8_t, 64> marked{};
      if (count == 64) {
        for (std::size_t i = 0; i < 64; ++i)
          marked[i] = static_cast<std::uint8_t>(
              static_cast<std::uint8_t>(row[static_cast<std::size_t>(left) + i] - first) <= span ? 1 : 0);
      } else {
        for (int i = 0; i < count; ++i)
          marked[static_cast<std::size_t>(i)] =
              static_cast<std::uint8_t>(static_cast<std::uint8_t>(row[left + i] - first) <= span ? 1 : 0);
      }
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < 64; i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, marked.data() + i, 8);
        bits |= (eight * 0x0102040810204080U >> 56U) << i;
      }
      words_[word] = bits;
    }
  }

  // The first marked pixel from x on; the row's width if there is none.
  [[nodiscard]] int next(int x) const { return find(x, 0); }
  // The first pixel from x on that is not marked.
  [[nodiscard]] int next_unmarked(int x) const { return find(x, ~std::uint64_t{0}); }

  [[nodiscard]] int count(int from, int to) const {
    int sum = 0;
    for (int x = from; x < to;) {
      const auto shift = static_cast<unsigned>(x % 64);
      const int here = std::min(64 - static_cast<int>(shift), to - x);
      const std::uint64_t bits = words_[static_cast<std::size_t>(x) / 64] >> shift;
      sum +=
          std::popcount(here == 64 ? bits : bits & ((std::uint64_t{1} << static_cast<unsigned>(here)) - 1));
      x += here;
    }
    return sum;
  }

 private:
  [[nodiscard]] int find(int x, std::uint64_t turned) const {
    auto word = static_cast<std::size_t>(x) / 64;
    if (word >= words_.size()) return width_;
    std::uint64_t bits = (words_[word] ^ turned) & (~std::uint64_t{0} << static_cast<unsigned>(x % 64));
    while (bits == 0) {
      if (++word == words_.size()) return width_;
      bits = words_[word] ^ turned;
    }
    return std::min(width_, static_cast<int>(word) * 64 + std::countr_zero(bits));
  }

  int width_;
  std::vector<std::uint64_t> words_;
};

struct Run {
  int y = 0;
  int from = 0;  // first pixel
  int to = 0;    // one past the last
  int ink = 0;
};

// Joins runs of touching rows to groups; returns each run's group.
std::vector<std::size_t> group_runs(const std::vector<Run>& runs, int slack) {
  std::vector<std::size_t> parent(runs.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::size_t above = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    // Runs lie in reading order, so the ones above move along with this row.
    while (above < i && (runs[above].y < runs[i].y - 1 || (runs[above].y == runs[i].y - 1 && runs[above].to + slack < runs[i].from))) ++above;
    for (std::size_t k = above; k < i && runs[k].y == runs[i].y - 1 && runs[k].from <= runs[i].to + slack; ++k) {
      if (runs[k].to + slack >= runs[i].from) parent[root(i)] = root(k);
    }
  }
  std::vector<std::size_t> groups(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) groups[i] = root(i);
  return groups;
}

INKFIELD_WIDE_LOOPS void distance_along_columns(std::vector<std::uint8_t>& distance, int width, int height) {
  const auto columns = static_cast<std::size_t>(width);
  const auto lower = [columns](std::uint8_t* row, const std::uint8_t* beside) {
    for (std::size_t x = 0; x < columns; ++x) {
      const auto next = static_cast<std::uint8_t>(beside[x] + (beside[x] < 255 ? 1 : 0));
      row[x] = std::min(row[x], next);
    }
  };
  for (int y = 1; y < height; ++y) lower(distance.data() + area(width, y), distance.data() + area(width, y - 1));
  for (int y = height - 2; y >= 0; --y) lower(distance.data() + area(width, y), distance.data() + area(width, y + 1));
}

}  // namespace

// Level lines of a map of ink. Upright ones are found by passing the map's transpose.
LevelLines find_level_lines(const std::vector<std::uint8_t>& dark, int width, int height, const LineScale& scale, bool want_blobs) {
  LevelLines result;
  result.distance.assign(dark.size(), 255);
  const std::vector<std::uint8_t> tall = ink_height(dark, width, height);
  std::vector<Run> runs;
  std::vector<Run> solid;
  const int longest_crossing = 2 * scale.thickest + scale.gap;
  PixelMarks thin(width);
  PixelMarks inked(width);
  PixelMarks tall_enough(width);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = tall.data() + area(width, y);
    thin.mark(row, 1, scale.thickest);
    inked.mark(row, 1, 255);
    Run run{y, -1, 0, 0};
    const auto close = [&] {
      if (run.to - run.from >= scale.shortest && run.ink * 10 >= (run.to - run.from) * 6) runs.push_back(run);
    };
    for (int from = thin.next(0); from < width;) {
      const int to = thin.next_unmarked(from);
      // A stroke or another line that crosses is no gap.
      const int crossing = run.from >= 0 ? inked.count(run.to, from) : 0;
      if (run.from < 0) {
        run.from = from;
      } else if (crossing > longest_crossing || from - run.to - crossing > scale.gap) {
        close();
        run = Run{y, from, 0, 0};
      }
      run.to = to;
      run.ink += to - from;
      from = thin.next(to);
    }
    if (run.from >= 0) close();
    if (!want_blobs) continue;
    tall_enough.mark(row, scale.shortest, 255);
    for (int from = tall_enough.next(0); from < width;) {
      const int to = tall_enough.next_unmarked(from);
      if (to - from >= scale.shortest) solid.push_back({y, from, to, to - from});
      from = tall_enough.next(to);
    }
  }

  struct Sum {
    int from = 1 << 30;
    int to = 0;
    int top = 1 << 30;
    int bottom = 0;
    double ink = 0;
    double weighted_x = 0;
    double weighted_y = 0;
    double weighted_xx = 0;
    double weighted_xy = 0;
  };
  auto sum_up = [](const std::vector<Run>& list, const std::vector<std::size_t>& groups) {
    std::vector<Sum> sums(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      Sum& sum = sums[groups[i]];
      sum.from = std::min(sum.from, list[i].from);
      sum.to = std::max(sum.to, list[i].to);
      sum.top = std::min(sum.top, list[i].y);
      sum.bottom = std::max(sum.bottom, list[i].y + 1);
      sum.ink += list[i].ink;
      const double middle = (list[i].from + list[i].to) / 2.0;
      const double span = list[i].to - list[i].from;
      sum.weighted_x += middle * list[i].ink;
      sum.weighted_y += (list[i].y + 0.5) * list[i].ink;
      sum.weighted_xx += (middle * middle + span * span / 12) * list[i].ink;
      sum.weighted_xy += middle * (list[i].y + 0.5) * list[i].ink;
    }
    return sums;
  };

  const std::vector<std::size_t> groups = group_runs(runs, scale.gap);
  const std::vector<Sum> sums = sum_up(runs, groups);
  std::vector<bool> is_line(runs.size(), false);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Sum& sum = sums[i];
    if (sum.ink == 0) continue;
    const double length = sum.to - sum.from;
    const double thickness = sum.ink / length;
    const double x = sum.weighted_x / sum.ink;
    const double y = sum.weighted_y / sum.ink;
    const double spread = sum.weighted_xx / sum.ink - x * x;
    const double slope = spread > 1 ? (sum.weighted_xy / sum.ink - x * y) / spread : 0;
    // Rows of small print pile up to a band; a sloping line is a staircase that is thin everywhere.
    if (thickness > scale.thickest || std::fabs(slope) > kSteepest) continue;
    if (sum.bottom - sum.top - std::fabs(slope) * length > scale.thickest + length / 80) continue;
    is_line[i] = true;
    const double middle = (sum.from + sum.to) / 2.0;
    result.segments.push_back({static_cast<double>(sum.from), static_cast<double>(sum.to), y + slope * (middle - x), thickness, slope});
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!is_line[groups[i]]) continue;
    std::uint8_t* row = result.distance.data() + area(width, runs[i].y);
    std::fill(row + runs[i].from, row + runs[i].to, std::uint8_t{0});
  }
  distance_along_columns(result.distance, width, height);
  std::sort(result.segments.begin(), result.segments.end(), [](const LineSegment& a, const LineSegment& b) {
    return a.length() != b.length() ? a.length() > b.length() : (a.offset != b.offset ? a.offset < b.offset : a.from < b.from);
  });

  if (want_blobs) {
    const std::vector<std::size_t> solid_groups = group_runs(solid, 0);
    for (const Sum& sum : sum_up(solid, solid_groups)) {
      if (sum.ink == 0) continue;
      const double box = static_cast<double>(sum.to - sum.from) * (sum.bottom - sum.top);
      if (sum.bottom - sum.top < scale.shortest || sum.ink < 0.85 * box) continue;
      result.blobs.push_back({static_cast<double>(sum.from), static_cast<double>(sum.top), static_cast<double>(sum.to), static_cast<double>(sum.bottom)});
    }
  }
  return result;
}

}  // namespace inkfield::pipeline
