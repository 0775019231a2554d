// Finding straight lines, solid blobs and ink in a picture of a page.
#include "plugin/pipeline/page_evidence.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <numbers>
#include <numeric>

#include "plugin/page/level_counts.h"
#include "plugin/pipeline/registration_lines.h"
#include "plugin/pipeline/registration_sheet.h"
#include "plugin/pipeline/registration_skew.h"
#include "plugin/pipeline/wide_loops.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;
using page::Transform;
using recognizer::ImageView;

// The longer side of the upright picture is at least that: an A4 page has 4 pixels a millimetre, where a line of 0.2 mm
// still darkens one by most of its ink.
constexpr int kWorkingLength = 1150;

// A camera's view is undone in so many steps at most.
constexpr int kMostFlattenings = 4;

// Radians that print is turned against the sides of its own sheet: presses and copiers are off by less.
constexpr double kMostSkewOnSheet = 0.05;

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

// Averages blocks of kStep x kStep pixels, as `reduce` does: so few fit into 16 bits, sums and products, and many are taken at a time.
template <int kStep>
void reduce_by(ImageView gray, GrayImage& small) {
  constexpr unsigned kCount = kStep * kStep;
  static_assert(kCount <= 16, "the product below is exact for as many");
  constexpr unsigned kReciprocal = (1U << 16U) / kCount + 1;
  const auto width = static_cast<std::size_t>(gray.width_px);
  std::vector<std::uint16_t> column_sums(width);
  // Of the block that begins at each pixel: only every kStep-th is asked for, but neighbours are cheaper than leaps.
  std::vector<std::uint16_t> block_means(width);
  std::uint16_t* const columns = column_sums.data();
  std::uint16_t* const means = block_means.data();
  for (int y = 0; y < small.height_px; ++y) {
    std::array<const std::uint8_t*, kStep> rows{};
    for (int i = 0; i < kStep; ++i) rows[static_cast<std::size_t>(i)] = gray.row(y * kStep + i);
    for (std::size_t x = 0; x < width; ++x) {
      unsigned sum = 0;
      for (const std::uint8_t* row : rows) sum += row[x];
      columns[x] = static_cast<std::uint16_t>(sum);
    }
    for (std::size_t x = 0; x + kStep <= width; ++x) {
      auto sum = static_cast<std::uint16_t>(kCount / 2);
      for (std::size_t i = 0; i < kStep; ++i) sum = static_cast<std::uint16_t>(sum + columns[x + i]);
      means[x] = static_cast<std::uint16_t>(sum * kReciprocal >> 16U);
    }
    std::uint8_t* const to = small.row(y);
    const auto small_width = static_cast<std::size_t>(small.width_px);
    for (std::size_t x = 0; x < small_width; ++x) to[x] = static_cast<std::uint8_t>(means[kStep * x]);
  }
}

INKFIELD_WIDE_LOOPS void reduce_by_two(ImageView gray, GrayImage& small) { reduce_by<2>(gray, small); }
INKFIELD_WIDE_LOOPS void reduce_by_three(ImageView gray, GrayImage& small) { reduce_by<3>(gray, small); }
INKFIELD_WIDE_LOOPS void reduce_by_four(ImageView gray, GrayImage& small) { reduce_by<4>(gray, small); }

// Averages blocks of step_x x step_y pixels.
INKFIELD_WIDE_LOOPS void reduce_by_any(ImageView gray, int step_x, int step_y, GrayImage& small) {
  // Means by a product with 2^40 / n, rounded up: exact for blocks of less than 2^16 pixels, and a level too high at most in larger ones.
  const std::uint64_t divisor = static_cast<std::uint64_t>(step_x) * static_cast<std::uint64_t>(step_y);
  const std::uint64_t reciprocal = (std::uint64_t{1} << 40U) / divisor + 1;
  std::vector<unsigned> sums(static_cast<std::size_t>(small.width_px));
  // Down the columns first, whole rows at a time: 257 of them fit into 16 bits.
  constexpr int kMostRows = 257;
  std::vector<std::uint16_t> columns(static_cast<std::size_t>(gray.width_px));
  for (int y = 0; y < small.height_px; ++y) {
    std::fill(sums.begin(), sums.end(), 0U);
    for (int first = 0; first < step_y; first += kMostRows) {
      std::fill(columns.begin(), columns.end(), std::uint16_t{0});
      for (int i = first; i < std::min(step_y, first + kMostRows); ++i) {
        const std::uint8_t* from = gray.row(y * step_y + i);
        for (std::size_t x = 0; x < columns.size(); ++x) columns[x] = static_cast<std::uint16_t>(columns[x] + from[x]);
      }
      const std::uint16_t* from = columns.data();
      for (unsigned& to : sums) {
        for (int k = 0; k < step_x; ++k) to += *from++;
      }
    }
    std::uint8_t* to = small.row(y);
    for (std::size_t x = 0; x < sums.size(); ++x) to[x] = static_cast<std::uint8_t>(((sums[x] + divisor / 2) * reciprocal) >> 40U);
  }
}

// Averages blocks of `factor` x `factor` pixels; a remainder at the right and bottom joins no block and is left out.
GrayImage reduce(ImageView gray, int factor) {
  if (factor <= 1) return GrayImage(gray);
  const int step_x = std::min(factor, gray.width_px);
  const int step_y = std::min(factor, gray.height_px);
  GrayImage small(gray.width_px / step_x, gray.height_px / step_y);
  switch (step_x == step_y ? step_x : 0) {
    case 2: reduce_by_two(gray, small); break;
    case 3: reduce_by_three(gray, small); break;
    case 4: reduce_by_four(gray, small); break;
    default: reduce_by_any(gray, step_x, step_y, small);
  }
  return small;
}

int factor_for(ImageView gray, int length) {
  return std::max(1, std::max(gray.width_px, gray.height_px) / length);
}

// How bright the paper is: most of a page is paper, and what is not is darker.
int paper_level(const GrayImage& gray) {
  page::LevelCounts counts;
  counts.add(gray.pixels.data(), gray.pixels.size());
  const std::array<std::int64_t, 256> total = counts.total();
  const auto pixels = static_cast<std::int64_t>(gray.pixels.size());
  std::int64_t seen = 0;
  int level = 255;
  for (; level > 0; --level) {
    seen += total[static_cast<std::size_t>(level)];
    if (seen * 10 >= pixels * 3) break;
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
INKFIELD_WIDE_LOOPS std::vector<std::uint8_t> find_dark(const GrayImage& gray, int paper) {
  const int width = gray.width_px;
  const int height = gray.height_px;
  std::vector<std::uint8_t> dark(area(width, height), 0);
  if (paper < 24) return dark;
  const int floor_level = paper * 3 / 4;
  const auto solid = static_cast<float>(paper * 45 / 100);
  const auto grain = static_cast<float>(std::max(10, 5 * grain_level(gray)));
  const int radius = std::max(4, std::max(width, height) / 70);
  const auto columns = static_cast<std::size_t>(width);
  std::vector<int> column_sums(columns, 0);
  std::vector<int> prefix(columns + 1, 0);
  // Sums over the window's columns, and one over how many columns it has there.
  std::vector<float> sums(columns, 0);
  std::vector<float> share(columns, 0);
  for (int x = 0; x < width; ++x) share[static_cast<std::size_t>(x)] = 1.0F / static_cast<float>(std::min(width, x + radius + 1) - std::max(0, x - radius));
  auto add_row = [&](int y, int sign) {
    const std::uint8_t* row = gray.row(y);
    for (std::size_t x = 0; x < columns; ++x) column_sums[x] += sign * std::max(floor_level, int{row[x]});
  };
  int first = 0;
  int last = -1;
  for (int y = 0; y < height; ++y) {
    while (last < std::min(height - 1, y + radius)) add_row(++last, 1);
    while (first < y - radius) add_row(first++, -1);
    for (std::size_t x = 0; x < columns; ++x) prefix[x + 1] = prefix[x] + column_sums[x];
    for (int x = 0; x < std::min(radius, width); ++x) sums[static_cast<std::size_t>(x)] = static_cast<float>(prefix[static_cast<std::size_t>(std::min(width, x + radius + 1))]);
    for (int x = radius; x < width - radius; ++x) sums[static_cast<std::size_t>(x)] = static_cast<float>(prefix[static_cast<std::size_t>(x + radius + 1)] - prefix[static_cast<std::size_t>(x - radius)]);
    for (int x = std::max(radius, width - radius); x < width; ++x) sums[static_cast<std::size_t>(x)] = static_cast<float>(prefix[columns] - prefix[static_cast<std::size_t>(x - radius)]);
    const float rows = 1.0F / static_cast<float>(last - first + 1);
    const std::uint8_t* row = gray.row(y);
    std::uint8_t* out = dark.data() + area(width, y);
    for (std::size_t x = 0; x < columns; ++x) {
      const float mean = sums[x] * share[x] * rows;
      // A ninth of the paper's brightness keeps faint rules and drops security print and shading.
      const float step = std::max(grain, mean * (1.0F / 9));
      const auto value = static_cast<float>(row[x]);
      out[x] = static_cast<std::uint8_t>(static_cast<int>(value < mean - step) | static_cast<int>(value < solid));
    }
  }
  return dark;
}

// Turns a block of 8 x 8 bytes over, each row in one word: halves, then quarters, then single bytes change places.
void turn_over(std::array<std::uint64_t, 8>& rows) {
  const auto exchange = [](std::uint64_t& a, std::uint64_t& b, unsigned shift, std::uint64_t low) {
    const std::uint64_t moved = ((a >> shift) ^ b) & low;
    b ^= moved;
    a ^= moved << shift;
  };
  for (std::size_t i = 0; i < 4; ++i) exchange(rows[i], rows[i + 4], 32, 0x00000000FFFFFFFFU);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{4}, std::size_t{5}}) exchange(rows[i], rows[i + 2], 16, 0x0000FFFF0000FFFFU);
  for (std::size_t i = 0; i < 8; i += 2) exchange(rows[i], rows[i + 1], 8, 0x00FF00FF00FF00FFU);
}

std::vector<std::uint8_t> transpose(const std::vector<std::uint8_t>& map, int width, int height) {
  static_assert(std::endian::native == std::endian::little, "the first byte of a word is its lowest");
  std::vector<std::uint8_t> result(map.size());
  const std::uint8_t* const from = map.data();
  std::uint8_t* const to = result.data();
  constexpr int kBlock = 8;
  const int whole_width = width / kBlock * kBlock;
  const int whole_height = height / kBlock * kBlock;
  std::array<std::uint64_t, kBlock> rows{};
  for (int y = 0; y < whole_height; y += kBlock) {
    for (int x = 0; x < whole_width; x += kBlock) {
      for (int i = 0; i < kBlock; ++i) std::memcpy(&rows[static_cast<std::size_t>(i)], from + area(width, y + i) + x, kBlock);
      turn_over(rows);
      for (int i = 0; i < kBlock; ++i) std::memcpy(to + area(height, x + i) + y, &rows[static_cast<std::size_t>(i)], kBlock);
    }
  }
  for (int y = 0; y < height; ++y) {
    for (int x = y < whole_height ? whole_width : 0; x < width; ++x) to[area(height, x) + static_cast<std::size_t>(y)] = from[area(width, y) + static_cast<std::size_t>(x)];
  }
  return result;
}

// Chamfer distance (2 straight, 3 diagonal: half pixels) to the nearest ink, exact to 14 and whole rows at a time.
INKFIELD_WIDE_LOOPS std::vector<std::uint8_t> distance_to_ink(const std::vector<std::uint8_t>& dark, int width, int height) {
  constexpr std::uint8_t kFar = 200;
  std::vector<std::uint8_t> distance(dark.size());
  std::transform(dark.begin(), dark.end(), distance.begin(), [](std::uint8_t ink) { return ink != 0 ? std::uint8_t{0} : kFar; });
  const auto columns = static_cast<std::size_t>(width);
  // A rim of far pixels on both sides, so that no column is an exception.
  constexpr std::size_t kRim = 8;
  std::vector<std::uint8_t> here(columns + 2 * kRim, kFar);
  std::vector<std::uint8_t> beside(columns + 2 * kRim, kFar);
  const auto lower_from = [&](const std::uint8_t* other, std::size_t shift, std::uint8_t cost) {
    std::uint8_t* to = here.data() + kRim;
    for (std::size_t x = 0; x < columns; ++x) {
      const std::uint8_t nearest = std::min(other[x + kRim - shift], other[x + kRim + shift]);
      to[x] = std::min(to[x], static_cast<std::uint8_t>(nearest + cost));
    }
  };
  const auto pass = [&](int y, int from) {
    std::uint8_t* row = distance.data() + area(width, y);
    std::copy(row, row + columns, here.begin() + kRim);
    if (from >= 0 && from < height) {
      const std::uint8_t* other = distance.data() + area(width, from);
      std::copy(other, other + columns, beside.begin() + kRim);
      lower_from(beside.data(), 0, 2);
      lower_from(beside.data(), 1, 3);
    }
    for (const std::size_t shift : {std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
      beside = here;
      lower_from(beside.data(), shift, static_cast<std::uint8_t>(2 * shift));
    }
    std::copy(here.begin() + kRim, here.begin() + kRim + static_cast<std::ptrdiff_t>(columns), row);
  };
  for (int y = 0; y < height; ++y) pass(y, y - 1);
  for (int y = height - 1; y >= 0; --y) pass(y, y + 1);
  std::transform(distance.begin(), distance.end(), distance.begin(), [](std::uint8_t value) { return value >= kFar ? std::uint8_t{255} : value; });
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
      if (ink * 16 > cell * cell && ink >= 6 && ++inked >= 12) return paper < 24;
    }
  }
  return cells == 0 || paper < 24 || inked < 12;
}

void find_lines(PrintEvidence& print) {
  const int longer = std::max(print.width, print.height);
  LineScale scale;
  scale.shortest = std::max(10, longer / 140);
  scale.thickest = std::max(4, longer / 220);
  scale.gap = std::max(2, longer / 500);
  LevelLines level = find_level_lines(print.dark, print.width, print.height, scale, true);
  print.level = std::move(level.segments);
  print.to_level_line = std::move(level.distance);
  print.blobs = std::move(level.blobs);
  const std::vector<std::uint8_t> flipped = transpose(print.dark, print.width, print.height);
  LevelLines upright = find_level_lines(flipped, print.height, print.width, scale, false);
  print.upright = std::move(upright.segments);
  print.to_upright_line = transpose(upright.distance, print.height, print.width);
}

void take_picture(PrintEvidence& print, GrayImage gray, std::vector<std::uint8_t> dark) {
  print.gray = std::move(gray);
  print.width = print.gray.width_px;
  print.height = print.gray.height_px;
  print.dark = std::move(dark);
}

std::size_t count_ink(const std::vector<std::uint8_t>& dark) {
  std::size_t ink = 0;
  constexpr std::size_t kMost = 1U << 12U;  // sums of so many fit easily, and add up fast
  for (std::size_t i = 0; i < dark.size(); i += kMost) {
    ink += std::accumulate(dark.begin() + static_cast<std::ptrdiff_t>(i), dark.begin() + static_cast<std::ptrdiff_t>(std::min(dark.size(), i + kMost)), 0U);
  }
  return ink;
}

}  // namespace

PrintEvidence find_print(ImageView gray, bool turn_upright, const std::function<void()>& checkpoint) {
  PrintEvidence print;
  if (gray.empty()) {
    print.blank = true;
    return print;
  }
  const int factor = factor_for(gray, kWorkingLength);
  GrayImage small = reduce(gray, factor);
  const int small_width = small.width_px;
  const int small_height = small.height_px;
  print.source_px_per_px = factor;
  // A side shorter than the factor was averaged over its whole length.
  const Transform source_from_small = Transform::scale_shift(std::min(factor, gray.width_px), std::min(factor, gray.height_px), 0, 0);
  checkpoint();
  const int paper = paper_level(small);
  Transform small_from_upright;
  bool handed_on = false;  // `small` itself is the evidence's picture
  const auto take_turned = [&](const Transform& small_from_turned) {
    if (handed_on) small = std::move(print.gray);
    handed_on = false;
    int width = 0;
    int height = 0;
    small_from_upright = fitting_canvas(small_from_turned, small, width, height);
    GrayImage picture = turned(small, small_from_upright, width, height, paper);
    std::vector<std::uint8_t> ink = find_dark(picture, paper);
    take_picture(print, std::move(picture), std::move(ink));
  };
  Transform seen_from_flat;
  if (turn_upright && find_sheet(small, paper, seen_from_flat)) {
    take_turned(seen_from_flat);
    print.photographed = true;
  } else {
    std::vector<std::uint8_t> dark = find_dark(small, paper);
    take_picture(print, std::move(small), std::move(dark));
    handed_on = true;
  }
  if (turn_upright) {
    print.skew_radians = measure_skew(print.dark, print.width, print.height);
    // By its sides a sheet lies upright already. What is far from that is the rim of the picture, laid flat with the sheet.
    if (print.photographed && std::fabs(print.skew_radians) > kMostSkewOnSheet) print.skew_radians = 0;
    checkpoint();
  }
  // Under this a line of half the page's width climbs less than a pixel.
  if (std::fabs(print.skew_radians) > 0.0008) take_turned(small_from_upright.after(Transform::rotation(print.skew_radians)));
  else print.skew_radians = 0;
  checkpoint();
  find_lines(print);
  checkpoint();
  // What was too steep to be seen as a line at first is seen when most of the camera's view is undone.
  for (int round = 0; round < kMostFlattenings && turn_upright && measure_convergence(print, seen_from_flat); ++round) {
    take_turned(small_from_upright.after(seen_from_flat));
    print.photographed = true;
    find_lines(print);
    checkpoint();
  }
  print.source_from_upright = source_from_small.after(small_from_upright);
  print.shown = shown_columns(small_from_upright, small_width, small_height, print.width, print.height);
  print.ink_share = static_cast<double>(count_ink(print.dark)) / static_cast<double>(print.dark.size());
  print.blank = looks_blank(print, paper);
  print.to_ink = distance_to_ink(print.dark, print.width, print.height);
  checkpoint();
  return print;
}

}  // namespace inkfield::pipeline
