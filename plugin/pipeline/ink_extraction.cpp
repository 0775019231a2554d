// Levels the paper of a crop and stretches what is written on it to an ink map.
//
// The paper is taken from the light pixels around each place, so shading and coloured stock do not matter. What lies
// away from any stroke tells how dark security print and dirt are; that much is taken off. The rest stays linear:
// a clean picture on white passes through almost unchanged, with the soft edges that the network was trained on.
#include "plugin/pipeline/ink_extraction.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/page/level_counts.h"
#include "plugin/pipeline/ink_levels.h"
#include "plugin/pipeline/wide_loops.h"
#include "recognizer/eight_pixels.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

// Side of the tiles on which paper is measured: wider than a stroke, narrower than a shadow (300 dpi: 2.7 mm).
constexpr int kLargestTilePx = 32;
constexpr int kSmallestTilePx = 8;
// Share of a tile's pixels that is darker than its paper: writing rarely fills more than three quarters of a tile.
constexpr double kPaperQuantile = 0.85;
// Paper darker than this is no paper: a black crop must stay black.
constexpr int kDarkestPaper = 96;
// A band of darker paper keeps this share of the brightness around it; what is darker is ink, however wide.
constexpr float kDarkestBand = 0.55F;
// Away from strokes, this share of the paper is fainter than what is taken off as background. The rest may be pencil beside
// dark printed lines, which must not be taken for background.
constexpr double kBackgroundQuantile = 0.90;
// A stroke's soft edge reaches so far; nearer pixels do not tell about the paper.
constexpr int kEdgeReachPx = 3;

int quantile(const std::array<std::int64_t, 256>& histogram, std::int64_t total, double share) {
  const auto wanted = static_cast<std::int64_t>(share * static_cast<double>(total));
  std::int64_t seen = 0;
  for (int level = 0; level < 256; ++level) {
    seen += histogram[static_cast<std::size_t>(level)];
    if (seen > wanted) return level;
  }
  return 255;
}

// The paper's gray value at tile centres, and between them by interpolation.
class PaperLevel {
 public:
  explicit PaperLevel(const GrayImage& gray) {
    const int shorter = std::min(gray.width_px, gray.height_px);
    tile_px_ = std::clamp(shorter / 3, kSmallestTilePx, kLargestTilePx);
    columns_ = std::max(1, (gray.width_px + tile_px_ / 2) / tile_px_);
    rows_ = std::max(1, (gray.height_px + tile_px_ / 2) / tile_px_);
    std::vector<int> light(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_));
    std::array<std::int64_t, 256> whole{};
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        page::LevelCounts counts;
        const int left = column * tile_px_;
        const int top = row * tile_px_;
        const int bottom = row + 1 == rows_ ? gray.height_px : (row + 1) * tile_px_;
        const int right = column + 1 == columns_ ? gray.width_px : (column + 1) * tile_px_;
        const std::int64_t total = static_cast<std::int64_t>(std::max(0, right - left)) * std::max(0, bottom - top);
        for (int y = top; y < bottom && right > left; ++y) counts.add(gray.row(y) + left, static_cast<std::size_t>(right - left));
        const std::array<std::int64_t, 256> histogram = counts.total();
        for (std::size_t level = 0; level < 256; ++level) whole[level] += histogram[level];
        light[at(row, column)] = quantile(histogram, total, kPaperQuantile);
      }
    }
    const std::int64_t pixels = static_cast<std::int64_t>(gray.width_px) * gray.height_px;
    const int page_level = quantile(whole, pixels, kPaperQuantile);
    const int least = std::max(kDarkestPaper, page_level * 3 / 5);
    levels_.resize(light.size());
    upper_.resize(static_cast<std::size_t>(gray.width_px));
    lower_.resize(upper_.size());
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        int highest = least;
        for (int r = std::max(0, row - 1); r <= std::min(rows_ - 1, row + 1); ++r) {
          for (int c = std::max(0, column - 1); c <= std::min(columns_ - 1, column + 1); ++c) {
            highest = std::max(highest, light[at(r, c)]);
          }
        }
        levels_[at(row, column)] = static_cast<float>(highest);
      }
    }
  }

  // Fills one row of paper values, of as many columns as the picture has.
  void row_levels(int y, std::vector<float>& out) {
    const Between rows = between(y, rows_);
    if (rows.first != upper_row_) {
      along_row(rows.first, upper_);
      along_row(rows.second, lower_);
      upper_row_ = rows.first;
    }
    for (std::size_t x = 0; x < out.size(); ++x) out[x] = upper_[x] * (1 - rows.part) + lower_[x] * rows.part;
  }

 private:
  [[nodiscard]] std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column);
  }
  // The two tiles between whose middles a pixel lies, and how far on the way from one to the other.
  struct Between {
    int first = 0;
    int second = 0;
    float part = 0;
  };
  [[nodiscard]] Between between(int pixel, int tiles) const {
    const float at = (static_cast<float>(pixel) + 0.5F) / static_cast<float>(tile_px_) - 0.5F;
    const int first = std::clamp(static_cast<int>(at), 0, tiles - 1);
    return {first, std::min(first + 1, tiles - 1), std::clamp(at - static_cast<float>(first), 0.0F, 1.0F)};
  }
  // The levels of a row of tiles at every column of pixels.
  void along_row(int row, std::vector<float>& out) const {
    for (std::size_t x = 0; x < out.size(); ++x) {
      const Between columns = between(static_cast<int>(x), columns_);
      out[x] = levels_[at(row, columns.first)] * (1 - columns.part) + levels_[at(row, columns.second)] * columns.part;
    }
  }

  int tile_px_ = 0;
  int columns_ = 0;
  int rows_ = 0;
  std::vector<float> levels_;
  std::vector<float> upper_;  // along the rows of tiles above and below the pixels asked for last
  std::vector<float> lower_;
  int upper_row_ = -1;
};

// The lightest (or darkest) value within a level window of `side` pixels around each; edge pixels go on outside.
template <class Pick>
void spread_along_rows(GrayImage& image, int side, Pick pick) {
  const int before = side / 2;
  const auto width = static_cast<std::size_t>(image.width_px);
  std::vector<std::uint8_t> from(width + static_cast<std::size_t>(side));
  for (int y = 0; y < image.height_px; ++y) {
    std::uint8_t* row = image.row(y);
    std::fill(from.begin(), from.begin() + before, row[0]);
    std::copy(row, row + width, from.begin() + before);
    std::fill(from.begin() + before + static_cast<std::ptrdiff_t>(width), from.end(), row[width - 1]);
    // Windows of 1, 2, 4 ... pixels, then two that overlap make one of any size.
    int covered = 1;
    for (; 2 * covered <= side; covered *= 2) {
      for (std::size_t x = 0; x + static_cast<std::size_t>(covered) < from.size(); ++x) from[x] = pick(from[x], from[x + static_cast<std::size_t>(covered)]);
    }
    const auto rest = static_cast<std::size_t>(side - covered);
    for (std::size_t x = 0; x < width; ++x) row[x] = pick(from[x], from[x + rest]);
  }
}

GrayImage turned(const GrayImage& image) {
  GrayImage out(image.height_px, image.width_px);
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) out.row(x)[y] = image.at(x, y);
  }
  return out;
}

// The picture without anything dark that is narrower than `side`: strokes go, bands of darker paper stay, edge and all.
GrayImage without_strokes(const GrayImage& gray, int side) {
  const auto lighter = [](std::uint8_t a, std::uint8_t b) { return std::max(a, b); };
  const auto darker = [](std::uint8_t a, std::uint8_t b) { return std::min(a, b); };
  side |= 1;
  GrayImage paper = gray;
  spread_along_rows(paper, side, lighter);
  paper = turned(paper);
  spread_along_rows(paper, side, lighter);
  spread_along_rows(paper, side, darker);
  paper = turned(paper);
  spread_along_rows(paper, side, darker);
  return paper;
}

// How dark the pixels are that lie away from strokes, those above `level`; 255 for what is within kEdgeReachPx (a square) of one.
INKFIELD_WIDE_LOOPS std::array<std::int64_t, 256> count_away_from_strokes(const GrayImage& darkness, int level) {
  const auto width = static_cast<std::size_t>(darkness.width_px);
  const int height = darkness.height_px;
  constexpr auto kReach = static_cast<std::size_t>(kEdgeReachPx);
  // Marks are 255 beside a stroke on the same row, else 0.
  std::vector<std::uint8_t> beside(darkness.pixels.size());
  std::vector<std::uint8_t> strokes(width + 2 * kReach, 0);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = darkness.row(y);
    for (std::size_t x = 0; x < width; ++x) strokes[x + kReach] = row[x] > level ? 255 : 0;
    std::uint8_t* marks = beside.data() + static_cast<std::size_t>(y) * width;
    for (std::size_t x = 0; x < width; ++x) {
      std::uint8_t mark = 0;
      for (std::size_t d = 0; d <= 2 * kReach; ++d) mark |= strokes[x + d];
      marks[x] = mark;
    }
  }
  page::LevelCounts counts;
  std::vector<std::uint8_t> away(width);
  for (int y = 0; y < height; ++y) {
    std::copy_n(darkness.row(y), width, away.begin());
    for (int m = std::max(0, y - kEdgeReachPx); m <= std::min(height - 1, y + kEdgeReachPx); ++m) {
      const std::uint8_t* marks = beside.data() + static_cast<std::size_t>(m) * width;
      for (std::size_t x = 0; x < width; ++x) away[x] |= marks[x];
    }
    counts.add(away.data(), width);
  }
  return counts.total();
}

// How much darker pixels are than the paper's levels.
INKFIELD_WIDE_LOOPS void darken(const std::uint8_t* source, const float* levels, std::uint8_t* target, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) {
    const float level = levels[x];
    const float dark = 255.0F * (level - static_cast<float>(source[x])) / level;
    target[x] = static_cast<std::uint8_t>(static_cast<int>(std::min(std::max(dark + 0.5F, 0.0F), 255.0F)));
  }
}

}  // namespace

GrayImage measure_darkness(const GrayImage& gray, int widest_stroke_px) {
  GrayImage darkness(gray.width_px, gray.height_px, 0);
  if (gray.empty()) return darkness;
  PaperLevel paper(gray);
  const GrayImage bands = widest_stroke_px > 0 ? without_strokes(gray, widest_stroke_px) : GrayImage();
  std::vector<float> levels(static_cast<std::size_t>(gray.width_px));
  for (int y = 0; y < gray.height_px; ++y) {
    paper.row_levels(y, levels);
    for (int x = 0; x < bands.width_px; ++x) {
      float& level = levels[static_cast<std::size_t>(x)];
      level = std::clamp(static_cast<float>(bands.at(x, y)), kDarkestBand * level, level);
    }
    darken(gray.row(y), levels.data(), darkness.row(y), levels.size());
  }
  return darkness;
}

InkLevels measure_ink_levels(const GrayImage& darkness) {
  InkLevels levels;
  const auto total = static_cast<std::int64_t>(darkness.pixels.size());
  if (total == 0) return levels;
  page::LevelCounts counts;
  counts.add(darkness.pixels.data(), darkness.pixels.size());
  const std::array<std::int64_t, 256> histogram = counts.total();
  const int top = quantile(histogram, total, 0.999);
  std::array<std::int64_t, 256> strokes{};
  std::int64_t stroke_total = 0;
  for (int level = top / 2 + 1; level < 256; ++level) {
    strokes[static_cast<std::size_t>(level)] = histogram[static_cast<std::size_t>(level)];
    stroke_total += histogram[static_cast<std::size_t>(level)];
  }
  levels.full = std::max(kFaintestInk, stroke_total > 0 ? quantile(strokes, stroke_total, 0.75) : 0);
  const std::array<std::int64_t, 256> background = count_away_from_strokes(darkness, levels.full / 2);
  const std::int64_t background_total = total - background[255];
  // Too little paper to be judged by: take off nothing.
  if (background_total * 20 >= total) levels.background = quantile(background, background_total, kBackgroundQuantile);
  levels.background = std::min(levels.background, levels.full * 2 / 5);
  return levels;
}

InkLevels measure_ink_levels(const GrayImage& darkness, const page::FieldCrop& crop) {
  InkLevels levels = measure_ink_levels(darkness);
  if (!crop.with_lines.empty()) levels.full = std::max(levels.full, measure_ink_levels(measure_darkness(crop.with_lines)).full);
  return levels;
}

GrayImage stretch_ink(const GrayImage& darkness, InkLevels levels) {
  std::array<std::uint8_t, 256> table{};
  const int span = std::max(1, levels.full - levels.background);
  for (int level = 0; level < 256; ++level) {
    const int ink = ((level - levels.background) * 255 + span / 2) / span;
    table[static_cast<std::size_t>(level)] = static_cast<std::uint8_t>(std::clamp(ink, 0, 255));
  }
  GrayImage ink(darkness.width_px, darkness.height_px, 0);
  // What stays paper is passed over: it is there already.
  const auto faintest = static_cast<std::uint8_t>(std::find_if(table.begin(), table.end() - 1, [](std::uint8_t value) { return value > 0; }) - table.begin());
  const int width = darkness.width_px;
  for (int y = 0; y < darkness.height_px; ++y) {
    const std::uint8_t* from = darkness.row(y);
    std::uint8_t* to = ink.row(y);
    for (int x = recognizer::find_at_least(from, 0, width, faintest); x < width; x = recognizer::find_at_least(from, x + 1, width, faintest)) to[x] = table[from[x]];
  }
  return ink;
}

InkMap extract_ink(const GrayImage& gray, int widest_stroke_px) {
  const GrayImage darkness = measure_darkness(gray, widest_stroke_px);
  return stretch_ink(darkness, measure_ink_levels(darkness));
}

}  // namespace inkfield::pipeline
