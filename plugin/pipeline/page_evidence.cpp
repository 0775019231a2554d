// Finding straight lines, solid blobs and ink in a picture of a page.
#include "plugin/pipeline/page_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;
using page::Transform;

// The longer side of the upright picture: an A4 page then has 6 pixels a millimetre, and a line of 0.2 mm is still
// more than one pixel wide.
constexpr int kWorkingLength = 1800;
// The picture that skew is measured on.
constexpr int kSkewLength = 900;
constexpr double kMaxSkewDegrees = 22;
// Forms and letters reach 1.2 to 6 times the middling score at their own angle, specks and noise 1.09.
constexpr double kSkewCertainty = 1.12;

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

// Averages blocks of `factor` x `factor` pixels; a remainder at the right and bottom joins no block and is left out.
GrayImage reduce(const GrayImage& gray, int factor) {
  if (factor <= 1) return gray;
  const int step_x = std::min(factor, gray.width_px);
  const int step_y = std::min(factor, gray.height_px);
  GrayImage small(gray.width_px / step_x, gray.height_px / step_y);
  const int divisor = step_x * step_y;
  std::vector<unsigned> sums(static_cast<std::size_t>(small.width_px));
  for (int y = 0; y < small.height_px; ++y) {
    std::fill(sums.begin(), sums.end(), 0U);
    for (int i = 0; i < step_y; ++i) {
      const std::uint8_t* from = gray.row(y * step_y + i);
      for (std::size_t x = 0; x < sums.size(); ++x) {
        unsigned sum = 0;
        for (int k = 0; k < step_x; ++k) sum += *from++;
        sums[x] += sum;
      }
    }
    std::uint8_t* to = small.row(y);
    for (std::size_t x = 0; x < sums.size(); ++x) {
      to[x] = static_cast<std::uint8_t>((sums[x] + static_cast<unsigned>(divisor) / 2) / static_cast<unsigned>(divisor));
    }
  }
  return small;
}

int factor_for(const GrayImage& gray, int length) {
  return std::max(1, (std::max(gray.width_px, gray.height_px) + length - 1) / length);
}

// How bright the paper is: most of a page is paper, and what is not is darker.
int paper_level(const GrayImage& gray) {
  std::array<std::size_t, 256> counts{};
  for (const std::uint8_t value : gray.pixels) ++counts[value];
  std::size_t seen = 0;
  int level = 255;
  for (; level > 0; --level) {
    seen += counts[static_cast<std::size_t>(level)];
    if (seen * 10 >= gray.pixels.size() * 3) break;
  }
  return level;
}

// Grain: the spread of differences between neighbours, by its median so that print does not count.
int grain_level(const GrayImage& gray) {
  std::array<std::size_t, 256> counts{};
  std::size_t total = 0;
  for (int y = 0; y < gray.height_px; y += 3) {
    const std::uint8_t* row = gray.row(y);
    for (int x = 2; x < gray.width_px; x += 3) {
      ++counts[static_cast<std::size_t>(std::abs(int{row[x]} - int{row[x - 1]}))];
      ++total;
    }
  }
  std::size_t seen = 0;
  for (int level = 0; level < 256; ++level) {
    seen += counts[static_cast<std::size_t>(level)];
    if (seen * 2 >= total) return level;
  }
  return 0;
}

// 1 where a pixel is darker than the paper around it. Ink is lifted to nearly paper in the averages, so that a line
// beside a solid block is measured against paper and not against the block.
std::vector<std::uint8_t> find_dark(const GrayImage& gray, int paper) {
  const int width = gray.width_px;
  const int height = gray.height_px;
  std::vector<std::uint8_t> dark(area(width, height), 0);
  if (paper < 24) return dark;
  const int floor_level = paper * 3 / 4;
  const int solid = paper * 45 / 100;
  const int grain = grain_level(gray);
  const int radius = std::max(4, std::max(width, height) / 70);
  const auto columns = static_cast<std::size_t>(width);
  std::vector<int> column_sums(columns, 0);
  std::vector<int> prefix(columns + 1, 0);
  auto lifted = [floor_level](std::uint8_t value) { return std::max(floor_level, int{value}); };
  auto add_row = [&](int y, int sign) {
    const std::uint8_t* row = gray.row(y);
    for (std::size_t x = 0; x < columns; ++x) column_sums[x] += sign * lifted(row[x]);
  };
  int first = 0;
  int last = -1;
  for (int y = 0; y < height; ++y) {
    while (last < std::min(height - 1, y + radius)) add_row(++last, 1);
    while (first < y - radius) add_row(first++, -1);
    for (std::size_t x = 0; x < columns; ++x) prefix[x + 1] = prefix[x] + column_sums[x];
    const int rows = last - first + 1;
    const std::uint8_t* row = gray.row(y);
    std::uint8_t* out = dark.data() + area(width, y);
    for (int x = 0; x < width; ++x) {
      const int left = std::max(0, x - radius);
      const int right = std::min(width, x + radius + 1);
      const int mean = (prefix[static_cast<std::size_t>(right)] - prefix[static_cast<std::size_t>(left)]) / (rows * (right - left));
      // A ninth of the paper's brightness keeps faint rules and drops security print and shading.
      const int step = std::max({10, mean / 9, 5 * grain});
      out[x] = static_cast<std::uint8_t>(row[x] < mean - step || row[x] < solid);
    }
  }
  return dark;
}

struct EdgePoints {
  std::vector<Point> level;    // dark below light
  std::vector<Point> upright;  // dark right of light
};

void thin_out(std::vector<Point>& points, std::size_t most) {
  if (points.size() <= most) return;
  std::vector<Point> kept;
  kept.reserve(most);
  const double step = static_cast<double>(points.size()) / static_cast<double>(most);
  for (std::size_t i = 0; i < most; ++i) kept.push_back(points[static_cast<std::size_t>(static_cast<double>(i) * step)]);
  points = std::move(kept);
}

// How sharply edges gather on level (and upright) lines when the picture is turned by -angle.
double gathering(const EdgePoints& edges, double angle, double bin, std::vector<unsigned>& bins) {
  const double c = std::cos(angle) / bin;
  const double s = std::sin(angle) / bin;
  const auto middle = static_cast<double>(bins.size()) / 2;
  double score = 0;
  std::fill(bins.begin(), bins.end(), 0U);
  for (const Point& p : edges.level) ++bins[static_cast<std::size_t>(p.y * c - p.x * s + middle)];
  for (const unsigned count : bins) score += static_cast<double>(count) * count;
  std::fill(bins.begin(), bins.end(), 0U);
  for (const Point& p : edges.upright) ++bins[static_cast<std::size_t>(p.x * c + p.y * s + middle)];
  for (const unsigned count : bins) score += static_cast<double>(count) * count;
  return score;
}

double measure_skew(const GrayImage& gray) {
  const int width = gray.width_px;
  const int height = gray.height_px;
  if (width < 16 || height < 16) return 0;
  const std::vector<std::uint8_t> dark = find_dark(gray, paper_level(gray));
  EdgePoints edges;
  const double center_x = width / 2.0;
  const double center_y = height / 2.0;
  const int inset = std::max(width, height) / 100;  // a scanner's dark rim is not the page
  for (int y = std::max(1, inset); y < height - inset; ++y) {
    const std::uint8_t* row = dark.data() + area(width, y);
    const std::uint8_t* above = row - width;
    for (int x = std::max(1, inset); x < width - inset; ++x) {
      if (row[x] == 0) continue;
      const Point p{x - center_x, y - center_y};
      if (above[x] == 0) edges.level.push_back(p);
      if (row[x - 1] == 0) edges.upright.push_back(p);
    }
  }
  thin_out(edges.level, 30000);
  thin_out(edges.upright, 30000);
  if (edges.level.size() + edges.upright.size() < 50) return 0;
  const double diagonal = std::hypot(width, height);
  std::vector<double> scores;
  auto search = [&](double from, double to, double step, double bin) {
    std::vector<unsigned> bins(static_cast<std::size_t>(diagonal / bin) + 8);
    scores.clear();
    double best = -1;
    double best_angle = 0;
    const int steps = static_cast<int>(std::lround((to - from) / step));
    for (int i = 0; i <= steps; ++i) {
      const double angle = from + step * i;
      const double score = gathering(edges, angle * std::numbers::pi / 180, bin, bins);
      scores.push_back(score);
      if (score > best) {
        best = score;
        best_angle = angle;
      }
    }
    return best_angle;
  };
  // Bins of two pixels forgive 0.25 degrees over a third of the picture, which the next steps then take away.
  const double coarse = search(-kMaxSkewDegrees, kMaxSkewDegrees, 0.5, 2);
  // Specks gather nowhere in particular: such a page is left as it lies.
  const auto middle_score = scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 2);
  const double best_score = *std::max_element(scores.begin(), scores.end());
  std::nth_element(scores.begin(), middle_score, scores.end());
  if (best_score < kSkewCertainty * *middle_score) return 0;
  const double middle = search(coarse - 0.5, coarse + 0.5, 0.1, 1.5);
  return search(middle - 0.1, middle + 0.1, 0.025, 1) * std::numbers::pi / 180;
}

// Turns the picture so that what ran along `skew` runs level; the canvas grows so that nothing is lost.
GrayImage turn(const GrayImage& gray, double skew, int paper, Transform& gray_from_turned) {
  const double c = std::cos(skew);
  const double s = std::sin(skew);
  const int width = gray.width_px;
  const int height = gray.height_px;
  const int new_width = static_cast<int>(std::ceil(width * c + height * std::fabs(s)));
  const int new_height = static_cast<int>(std::ceil(height * c + width * std::fabs(s)));
  GrayImage turned(new_width, new_height, static_cast<std::uint8_t>(paper));
  const double shift_x = width / 2.0 - (c * new_width - s * new_height) / 2;
  const double shift_y = height / 2.0 - (s * new_width + c * new_height) / 2;
  gray_from_turned.m = {c, -s, shift_x, s, c, shift_y, 0, 0, 1};
  constexpr int kShift = 16;
  const auto step_x = static_cast<std::int64_t>(std::lround(c * (1 << kShift)));
  const auto step_y = static_cast<std::int64_t>(std::lround(s * (1 << kShift)));
  for (int y = 0; y < new_height; ++y) {
    const Point start = gray_from_turned(Point{0.5, y + 0.5});
    auto u = static_cast<std::int64_t>(std::llround((start.x - 0.5) * (1 << kShift)));
    auto v = static_cast<std::int64_t>(std::llround((start.y - 0.5) * (1 << kShift)));
    std::uint8_t* out = turned.row(y);
    for (int x = 0; x < new_width; ++x, u += step_x, v += step_y) {
      const auto i = static_cast<int>(u >> kShift);
      const auto j = static_cast<int>(v >> kShift);
      if (i < 0 || j < 0 || i >= width - 1 || j >= height - 1) continue;
      const auto fx = static_cast<int>((u >> (kShift - 8)) & 255);
      const auto fy = static_cast<int>((v >> (kShift - 8)) & 255);
      const std::uint8_t* a = gray.row(j) + i;
      const std::uint8_t* b = a + width;
      const int upper = a[0] * (256 - fx) + a[1] * fx;
      const int lower = b[0] * (256 - fx) + b[1] * fx;
      out[x] = static_cast<std::uint8_t>((upper * (256 - fy) + lower * fy + (1 << 15)) >> 16);
    }
  }
  return turned;
}

// For every ink pixel, how tall the ink is there straight up and down, at most 255.
std::vector<std::uint8_t> ink_height(const std::vector<std::uint8_t>& dark, int width, int height) {
  std::vector<std::uint8_t> tall(dark.size(), 0);
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < dark.size(); ++i) {
    if (dark[i] == 0) continue;
    const int above = i >= columns ? tall[i - columns] : 0;
    tall[i] = static_cast<std::uint8_t>(std::min(255, above + 1));
  }
  for (int y = height - 2; y >= 0; --y) {
    std::uint8_t* row = tall.data() + area(width, y);
    const std::uint8_t* below = row + width;
    for (int x = 0; x < width; ++x) {
      if (row[x] != 0 && below[x] > row[x]) row[x] = below[x];
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

struct LineScale {
  int shortest = 10;   // pixels of the shortest line
  int thickest = 6;    // pixels of the thickest line
  int gap = 3;
};

struct Lines {
  std::vector<LineSegment> segments;
  std::vector<std::uint8_t> distance;
  std::vector<SolidBlob> blobs;
};

void distance_along_columns(std::vector<std::uint8_t>& distance, int width, int height) {
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t i = columns; i < distance.size(); ++i) {
    distance[i] = static_cast<std::uint8_t>(std::min<int>(distance[i], std::min<int>(254, distance[i - columns]) + 1));
  }
  for (int y = height - 2; y >= 0; --y) {
    std::uint8_t* row = distance.data() + area(width, y);
    const std::uint8_t* below = row + width;
    for (int x = 0; x < width; ++x) row[x] = static_cast<std::uint8_t>(std::min<int>(row[x], std::min<int>(254, below[x]) + 1));
  }
}

// Level lines of a map of ink. Upright ones are found by passing the map's transpose.
Lines find_level_lines(const std::vector<std::uint8_t>& dark, int width, int height, const LineScale& scale, bool want_blobs) {
  Lines result;
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
    double weighted_y = 0;
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
      sum.weighted_y += (list[i].y + 0.5) * list[i].ink;
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
    // Rows of small print pile up to a band; a slightly sloping line is a staircase that is thin everywhere.
    if (thickness > scale.thickest || (sum.bottom - sum.top) > scale.thickest + length / 40) continue;
    is_line[i] = true;
    result.segments.push_back({static_cast<double>(sum.from), static_cast<double>(sum.to), sum.weighted_y / sum.ink, thickness});
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

std::vector<std::uint8_t> transpose(const std::vector<std::uint8_t>& map, int width, int height) {
  std::vector<std::uint8_t> result(map.size());
  constexpr int kBlock = 32;
  for (int y0 = 0; y0 < height; y0 += kBlock) {
    for (int x0 = 0; x0 < width; x0 += kBlock) {
      const int y1 = std::min(height, y0 + kBlock);
      const int x1 = std::min(width, x0 + kBlock);
      for (int x = x0; x < x1; ++x) {
        std::uint8_t* out = result.data() + area(height, x);
        for (int y = y0; y < y1; ++y) out[y] = map[area(width, y) + static_cast<std::size_t>(x)];
      }
    }
  }
  return result;
}

// Chamfer distance (2 straight, 3 diagonal: half pixels) to the nearest ink.
std::vector<std::uint8_t> distance_to_ink(const std::vector<std::uint8_t>& dark, int width, int height) {
  std::vector<std::uint8_t> distance(dark.size());
  for (std::size_t i = 0; i < dark.size(); ++i) distance[i] = dark[i] != 0 ? 0 : 255;
  auto lower = [](std::uint8_t& value, int candidate) {
    if (candidate < value) value = static_cast<std::uint8_t>(candidate);
  };
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row = distance.data() + area(width, y);
    const std::uint8_t* above = row - width;
    for (int x = 0; x < width; ++x) {
      if (row[x] == 0) continue;
      if (y > 0) {
        lower(row[x], above[x] + 2);
        if (x > 0) lower(row[x], above[x - 1] + 3);
        if (x + 1 < width) lower(row[x], above[x + 1] + 3);
      }
      if (x > 0) lower(row[x], row[x - 1] + 2);
    }
  }
  for (int y = height - 1; y >= 0; --y) {
    std::uint8_t* row = distance.data() + area(width, y);
    const std::uint8_t* below = row + width;
    for (int x = width - 1; x >= 0; --x) {
      if (row[x] == 0) continue;
      if (y + 1 < height) {
        lower(row[x], below[x] + 2);
        if (x > 0) lower(row[x], below[x - 1] + 3);
        if (x + 1 < width) lower(row[x], below[x + 1] + 3);
      }
      if (x + 1 < width) lower(row[x], row[x + 1] + 2);
    }
  }
  return distance;
}

// Nothing on the page but specks, and the rims that a scanner leaves: too little ink inside to make one word.
bool looks_blank(const PrintEvidence& print, int paper) {
  if (print.width < 8 || print.height < 8) return true;
  const int longer = std::max(print.width, print.height);
  const int inset_x = std::min(print.width / 8, longer / 30);
  const int inset_y = std::min(print.height / 8, longer / 30);
  // Ink in a cell counts only if it is more than a speck.
  const int cell = std::max(4, longer / 150);
  int inked = 0;
  int cells = 0;
  for (int y = inset_y; y + cell <= print.height - inset_y; y += cell) {
    for (int x = inset_x; x + cell <= print.width - inset_x; x += cell) {
      int ink = 0;
      for (int j = 0; j < cell; ++j) {
        const std::uint8_t* row = print.dark.data() + print.index(x, y + j);
        ink += std::accumulate(row, row + cell, 0);
      }
      ++cells;
      if (ink * 16 > cell * cell && ink >= 6) ++inked;
    }
  }
  return cells == 0 || paper < 24 || inked < 12;
}

}  // namespace

PrintEvidence find_print(const GrayImage& gray, bool turn_upright) {
  PrintEvidence print;
  if (gray.empty()) {
    print.blank = true;
    return print;
  }
  const int factor = factor_for(gray, kWorkingLength);
  GrayImage small = reduce(gray, factor);
  print.source_px_per_px = factor;
  const int paper = paper_level(small);
  if (turn_upright) print.skew_radians = measure_skew(reduce(small, factor_for(small, kSkewLength)));
  Transform small_from_upright;
  // Under this a line of half the page's width climbs less than a pixel.
  if (std::fabs(print.skew_radians) > 0.0008) {
    print.gray = turn(small, print.skew_radians, paper, small_from_upright);
  } else {
    print.skew_radians = 0;
    print.gray = std::move(small);
  }
  // A side shorter than the factor was averaged over its whole length.
  const double factor_x = std::min(factor, gray.width_px);
  const double factor_y = std::min(factor, gray.height_px);
  print.source_from_upright = Transform::scale_shift(factor_x, factor_y, 0, 0).after(small_from_upright);
  print.width = print.gray.width_px;
  print.height = print.gray.height_px;
  print.dark = find_dark(print.gray, paper);
  print.ink_share = static_cast<double>(std::count(print.dark.begin(), print.dark.end(), 1)) / static_cast<double>(print.dark.size());
  print.blank = looks_blank(print, paper);

  const int longer = std::max(print.width, print.height);
  LineScale scale;
  scale.shortest = std::max(10, longer / 140);
  scale.thickest = std::max(4, longer / 220);
  scale.gap = std::max(2, longer / 500);
  Lines level = find_level_lines(print.dark, print.width, print.height, scale, true);
  print.level = std::move(level.segments);
  print.to_level_line = std::move(level.distance);
  print.blobs = std::move(level.blobs);
  {
    const std::vector<std::uint8_t> turned = transpose(print.dark, print.width, print.height);
    Lines upright = find_level_lines(turned, print.height, print.width, scale, false);
    print.upright = std::move(upright.segments);
    print.to_upright_line = transpose(upright.distance, print.height, print.width);
  }
  print.to_ink = distance_to_ink(print.dark, print.width, print.height);
  return print;
}

}  // namespace inkfield::pipeline
