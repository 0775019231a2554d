// Runs of thin ink, row by row, joined to lines.
#include "plugin/pipeline/registration_lines.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace inkfield::pipeline {
namespace {

// Steeper lines break up into runs too short to tell from letters; a camera's view bends them by less.
constexpr double kSteepest = 0.09;

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

// For every ink pixel, how tall the ink is there straight up and down, at most 255.
std::vector<std::uint8_t> ink_height(const std::vector<std::uint8_t>& dark, int width, int height) {
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

void distance_along_columns(std::vector<std::uint8_t>& distance, int width, int height) {
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
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = tall.data() + area(width, y);
    Run run{y, -1, 0, 0};
    int gap = 0;
    int crossing = 0;
    auto close = [&] {
      if (run.from >= 0 && run.to - run.from >= scale.shortest && run.ink * 10 >= (run.to - run.from) * 6) runs.push_back(run);
      run = Run{y, -1, 0, 0};
      gap = crossing = 0;
    };
    int solid_from = -1;
    for (int x = 0; x < width; ++x) {
      // Most of a page is paper: eight pixels of it at a time.
      if (run.from < 0 && solid_from < 0) {
        std::uint64_t eight = 0;
        while (x + 8 <= width && (std::memcpy(&eight, row + x, 8), eight == 0)) x += 8;
        if (x >= width) break;
      }
      const int ink = row[x];
      if (want_blobs) {
        const bool is_solid = ink >= scale.shortest;
        if (is_solid && solid_from < 0) solid_from = x;
        if (!is_solid && solid_from >= 0) {
          if (x - solid_from >= scale.shortest) solid.push_back({y, solid_from, x, x - solid_from});
          solid_from = -1;
        }
      }
      if (ink != 0 && ink <= scale.thickest) {
        if (run.from < 0) run.from = x;
        run.to = x + 1;
        ++run.ink;
        gap = crossing = 0;
      } else if (run.from >= 0) {
        // A stroke or another line that crosses is no gap.
        if (ink != 0) {
          if (++crossing > longest_crossing) close();
        } else if (++gap > scale.gap) {
          close();
        }
      }
    }
    close();
    if (solid_from >= 0 && width - solid_from >= scale.shortest) solid.push_back({y, solid_from, width, width - solid_from});
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
