// Every connected piece of ink goes to the cell that holds most of it. Only a piece that is plainly two digits joined across a wall is cut.
// Pieces are visited as runs, and where walls and rails lie is looked up: most of a field is paper, which costs nothing so.
#include "plugin/pipeline/cell_sharing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "plugin/pipeline/wide_loops.h"
#include "recognizer/eight_pixels.h"
#include "recognizer/ink_components.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using recognizer::InkComponent;
using recognizer::InkComponents;
using recognizer::PieceRun;

// Lengths below are shares of the cell's height unless they say pixels. Measured on cheque dates and exam covers.
constexpr double kReachOutside = 0.45;      // strokes are followed so far above and below the row
constexpr double kLeastInside = 0.4;        // share of a piece's ink that lies in the row, else it is other print
constexpr double kSpeckSide = 0.055;        // a piece smaller than a square of this side is dirt
constexpr double kSecondDigitShare = 0.3;   // of the larger part's ink: the smaller part may be a digit too
constexpr double kSecondDigitWidth = 0.25;  // of the cell's width that such a part covers at least
constexpr double kMostOrphanInk = 0.05;     // of a box's area: ink that lies in it and belongs to no cell; a 1 covers 0.05 and more
constexpr double kTailReach = 0.5;          // of the cell's width: a joining stroke is followed so far

int rounded_up(double at) { return static_cast<int>(std::ceil(std::clamp(at, -1e6, 1e6))); }
int rounded_down(double at) { return static_cast<int>(std::floor(std::clamp(at, -1e6, 1e6))); }

// The first and the last pixel of something.
struct Extent {
  int first = 0;
  int last = -1;
};

// The grid in whole pixels, for every column and row of the picture.
class GridPixels {
 public:
  GridPixels(const CellGrid& grid, int width, int height) : cells_(static_cast<std::size_t>(grid.cells())) {
    const double reach = kReachOutside * grid.height;
    for (int x = 0; x < width; ++x) {
      const double top = grid.top.center_at(x);
      const double bottom = grid.bottom.center_at(x);
      near_rows_.push_back({rounded_up(top - reach), rounded_down(bottom + reach)});
      rows_.push_back({rounded_down(top) + 1, rounded_up(bottom) - 1});
    }
    for (int y = 0; y < height; ++y) {
      const double left = grid.left(0, y);
      const double right = grid.right(grid.cells() - 1, y);
      near_columns_.push_back({std::max(0, rounded_down(left - reach) + 1), std::min(width, rounded_up(right + reach)) - 1});
      lefts_.push_back(rounded_up(left));
      for (int i = 0; i < grid.cells(); ++i) {
        // Between cells the nearer one.
        const double wall = grid.right(i, y);
        const bool gap = i + 1 < grid.cells() && grid.left(i + 1, y) > wall;
        ends_.push_back(gap ? rounded_up(0.5 * (wall + grid.left(i + 1, y))) - 1 : rounded_down(wall));
      }
    }
  }

  // Columns of the picture in which strokes are followed on this row.
  [[nodiscard]] Extent near_columns(int y) const { return near_columns_[static_cast<std::size_t>(y)]; }
  [[nodiscard]] bool near(int x, int y) const { return holds(near_rows_, x, y); }
  [[nodiscard]] bool between_rails(int x, int y) const { return holds(rows_, x, y); }
  // The first column of the first cell, and the last one of each.
  [[nodiscard]] int left(int y) const { return lefts_[static_cast<std::size_t>(y)]; }
  [[nodiscard]] const int* ends(int y) const { return ends_.data() + static_cast<std::size_t>(y) * cells_; }

 private:
  static bool holds(const std::vector<Extent>& rows, int x, int y) {
    const Extent& extent = rows[static_cast<std::size_t>(x)];
    return y >= extent.first && y <= extent.last;
  }

  std::size_t cells_;
  std::vector<Extent> near_rows_;
  std::vector<Extent> rows_;
  std::vector<Extent> near_columns_;
  std::vector<int> lefts_;
  std::vector<int> ends_;
};

// The runs of every piece, one piece after the other.
class RunsByPiece {
 public:
  explicit RunsByPiece(const InkComponents& components) : first_(components.pieces.size() + 1, 0), runs_(components.runs.size()) {
    for (const PieceRun& run : components.runs) ++first_[static_cast<std::size_t>(run.piece) + 1];
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    std::vector<std::size_t> next = first_;
    for (const PieceRun& run : components.runs) runs_[next[static_cast<std::size_t>(run.piece)]++] = run;
  }
  [[nodiscard]] const PieceRun* begin(int piece) const { return runs_.data() + first_[static_cast<std::size_t>(piece)]; }
  [[nodiscard]] const PieceRun* end(int piece) const { return begin(piece + 1); }

 private:
  std::vector<std::size_t> first_;
  std::vector<PieceRun> runs_;
};

// Which cell each pixel of ink belongs to, and how far the cells' ink reaches.
class Owners {
 public:
  Owners(int width, int height, const std::vector<Cell>& cells)
      : width_(width), owners_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), kNobody) {
    for (const Cell& cell : cells) reach_.push_back(cell.box);
  }
  static constexpr std::int16_t kNobody = -1;

  [[nodiscard]] const std::int16_t* row(int y) const { return owners_.data() + index(0, y); }
  [[nodiscard]] std::int16_t of(int x, int y) const { return owners_[index(x, y)]; }
  void give(int x, int y, int cell) {
    owners_[index(x, y)] = static_cast<std::int16_t>(cell);
    page::RectPx& box = reach_[static_cast<std::size_t>(cell)];
    box.left = std::min(box.left, static_cast<double>(x));
    box.right = std::max(box.right, x + 1.0);
    box.top = std::min(box.top, static_cast<double>(y));
    box.bottom = std::max(box.bottom, y + 1.0);
  }
  [[nodiscard]] const page::RectPx& reach(std::size_t cell) const { return reach_[cell]; }

 private:
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

  int width_;
  std::vector<std::int16_t> owners_;
  std::vector<page::RectPx> reach_;
};

// One piece of ink, shared out among the cells.
class PieceSharing {
 public:
  PieceSharing(const InkComponents& components, const CellGrid& grid, const GridPixels& pixels, Owners& owners)
      : components_(components), runs_(components), grid_(grid), pixels_(pixels), owners_(owners), parts_(static_cast<std::size_t>(grid.cells())) {}

  void share_out(int piece) {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    std::fill(parts_.begin(), parts_.end(), Part{});
    std::int64_t inside = 0;
    for_each_near(piece, [&, cell = std::size_t{0}, row = -1](int x, int y) mutable {
      if (y != row) cell = 0;
      row = y;
      const int* ends = pixels_.ends(y);
      while (cell < parts_.size() && x > ends[cell]) ++cell;
      if (cell == parts_.size() || x < pixels_.left(y)) return;
      Part& part = parts_[cell];
      ++part.area;
      part.left = std::min(part.left, x);
      part.right = std::max(part.right, x);
      if (pixels_.between_rails(x, y)) ++inside;
    });
    if (static_cast<double>(inside) < kLeastInside * static_cast<double>(box.area_px)) return;
    std::int64_t largest = 0;
    for (const Part& part : parts_) largest = std::max(largest, part.area);
    std::vector<int> holders;
    for (int i = 0; i < grid_.cells(); ++i) {
      const Part& part = parts_[static_cast<std::size_t>(i)];
      const bool whole = part.area == largest;
      const bool digit = static_cast<double>(part.area) >= kSecondDigitShare * static_cast<double>(largest) &&
                         part.right - part.left >= kSecondDigitWidth * grid_.cell_width;
      if (part.area > 0 && (whole || digit)) holders.push_back(i);
    }
    if (holders.empty()) return;
    std::vector<double> cuts;
    for (std::size_t h = 0; h + 1 < holders.size(); ++h) cuts.push_back(cut_between(piece, holders[h], holders[h + 1]));
    for_each_near(piece, [&](int x, int y) {
      std::size_t h = 0;
      while (h < cuts.size() && x > cuts[h]) ++h;
      owners_.give(x, y, holders[h]);
    });
  }

 private:
  struct Part {
    std::int64_t area = 0;
    int left = 1 << 30;
    int right = -1;
  };

  // Every pixel of the piece, row by row, that is not too far from the row of cells.
  template <class Visit>
  void for_each_near(int piece, Visit visit) const {
    for (const PieceRun* run = runs_.begin(piece); run != runs_.end(piece); ++run) {
      const Extent columns = pixels_.near_columns(run->row_px);
      for (int x = std::max(run->begin_px, columns.first); x <= std::min(run->end_px - 1, columns.last); ++x) {
        if (pixels_.near(x, run->row_px)) visit(x, run->row_px);
      }
    }
  }

  // How wide the pen is: the median length of the piece's vertical runs, short of its long strokes.
  [[nodiscard]] double pen_width(int piece) const {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    // Column after column, and a row of paper below the last.
    const auto height = static_cast<std::size_t>(box.height_px()) + 1;
    std::vector<std::uint8_t> turned(static_cast<std::size_t>(box.width_px()) * height, 0);
    for (const PieceRun* run = runs_.begin(piece); run != runs_.end(piece); ++run) {
      for (int x = run->begin_px; x < run->end_px; ++x) turned[static_cast<std::size_t>(x - box.left_px) * height + static_cast<std::size_t>(run->row_px - box.top_px)] = 1;
    }
    std::array<int, 64> lengths{};
    int total = 0;
    std::size_t length = 0;
    for (const std::uint8_t inked : turned) {
      if (inked != 0) {
        ++length;
      } else if (length > 0) {
        ++lengths[std::min(length, lengths.size() - 1)];
        ++total;
        length = 0;
      }
    }
    int seen = 0;
    for (std::size_t run = 1; run < lengths.size(); ++run) {
      seen += lengths[run];
      if (seen * 5 >= total * 2) return static_cast<double>(run);
    }
    return 1;
  }

  // The column after which the ink belongs to the right-hand digit. A joining stroke is one pen high; writing goes from
  // left to right, so the joining stroke is the left digit's tail: it is cut where the right digit begins.
  [[nodiscard]] double cut_between(int piece, int left_cell, int right_cell) const {
    const InkComponent& box = components_.pieces[static_cast<std::size_t>(piece)];
    const int y = (box.top_px + box.bottom_px) / 2;
    const double wall = 0.5 * (grid_.right(left_cell, y) + grid_.left(right_cell, y));
    std::vector<int> profile(static_cast<std::size_t>(box.width_px()), 0);
    for (const PieceRun* run = runs_.begin(piece); run != runs_.end(piece); ++run) {
      for (int x = run->begin_px; x < run->end_px; ++x) ++profile[static_cast<std::size_t>(x - box.left_px)];
    }
    const auto ink_at = [&](int x) {
      return x < box.left_px || x >= box.right_px ? 0 : profile[static_cast<std::size_t>(x - box.left_px)];
    };
    const double thin = 1.7 * pen_width(piece) + 1;
    const int reach = static_cast<int>(kTailReach * grid_.cell_width);
    const int near = static_cast<int>(0.2 * grid_.cell_width);
    int thinnest = static_cast<int>(wall);
    for (int x = static_cast<int>(wall) - near; x <= static_cast<int>(wall) + near; ++x) {
      const int here = ink_at(x) * 64 + std::abs(x - static_cast<int>(wall));
      if (here < ink_at(thinnest) * 64 + std::abs(thinnest - static_cast<int>(wall))) thinnest = x;
    }
    if (ink_at(thinnest) > thin) return thinnest;
    int cut = thinnest;
    while (cut + 1 < static_cast<int>(wall) + reach && cut + 1 < box.right_px && ink_at(cut + 1) <= thin) ++cut;
    return cut;
  }

  const InkComponents& components_;
  RunsByPiece runs_;
  const CellGrid& grid_;
  const GridPixels& pixels_;
  Owners& owners_;
  std::vector<Part> parts_;
};

struct Step {
  int x = 0;
  int y = 0;
};

// All steps of up to two pixels, the shortest first; among equals by row, then column.
constexpr std::array<Step, 24> short_steps() {
  std::array<Step, 24> steps{};
  std::size_t count = 0;
  for (const int square : {1, 2, 4, 5, 8}) {
    for (int y = -2; y <= 2; ++y) {
      for (int x = -2; x <= 2; ++x) {
        if (x * x + y * y == square) steps[count++] = {x, y};
      }
    }
  }
  return steps;
}

// Soft edges go with the stroke they belong to.
void own_soft_edges(const GrayImage& ink, Owners& owners) {
  static constexpr std::array<Step, 24> kSteps = short_steps();
  struct SoftPixel {
    int x = 0;
    int y = 0;
    int cell = 0;
  };
  std::vector<SoftPixel> found;  // given away when all are found: soft ink has no soft edges of its own
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = recognizer::find_at_least(row, 0, ink.width_px, 1); x < ink.width_px; x = recognizer::find_at_least(row, x + 1, ink.width_px, 1)) {
      if (row[x] >= recognizer::kInkThreshold) continue;
      const auto owned = std::find_if(kSteps.begin(), kSteps.end(), [&](const Step& step) {
        const int at_x = x + step.x;
        const int at_y = y + step.y;
        return at_x >= 0 && at_y >= 0 && at_x < ink.width_px && at_y < ink.height_px && owners.of(at_x, at_y) != Owners::kNobody;
      });
      if (owned != kSteps.end()) found.push_back({x, y, owners.of(x + owned->x, y + owned->y)});
    }
  }
  for (const SoftPixel& pixel : found) owners.give(pixel.x, pixel.y, pixel.cell);
}

page::RectPx inner_box(const CellGrid& grid, int cell) {
  const PrintedLine& left = grid.walls[static_cast<std::size_t>(2 * cell)];
  const PrintedLine& right = grid.walls[static_cast<std::size_t>(2 * cell + 1)];
  const int any_y = static_cast<int>(grid.top.center_at(0) + 0.5 * grid.height);
  const int x = static_cast<int>(0.5F * (left.center_at(any_y) + right.center_at(any_y)));
  const int y = static_cast<int>(0.5F * (grid.top.center_at(x) + grid.bottom.center_at(x)));
  page::RectPx box;
  box.left = left.center_at(y) + 0.5 * left.thickness + 0.5;
  box.right = right.center_at(y) - 0.5 * right.thickness + 0.5;
  box.top = grid.top.center_at(x) + 0.5 * grid.top.thickness + 0.5;
  box.bottom = grid.bottom.center_at(x) - 0.5 * grid.bottom.thickness + 0.5;
  return box;
}

// Ink of the pixels that a cell owns. Masks, not choices: the compiler takes many pixels at a time.
INKFIELD_WIDE_LOOPS void take_owned(const std::int16_t* owners, std::int16_t cell, const std::uint8_t* ink, std::uint8_t* to, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) {
    const auto mask = static_cast<std::uint8_t>(owners[x] == cell ? 0xFF : 0);
    to[x] = static_cast<std::uint8_t>(ink[x] & mask);
  }
}

bool has_orphan_ink(const GrayImage& ink, const Owners& owners, const InkComponents& components, double speck, const std::vector<Cell>& cells) {
  return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    const int left = std::max(0, static_cast<int>(cell.box.left) + 2);
    const int right = std::min(ink.width_px, static_cast<int>(cell.box.right) - 1);
    const int top = std::max(0, static_cast<int>(cell.box.top) + 2);
    const int bottom = std::min(ink.height_px, static_cast<int>(cell.box.bottom) - 1);
    std::int64_t orphans = 0;
    for (const PieceRun& run : components.runs) {
      if (run.row_px < top || run.row_px >= bottom || static_cast<double>(components.pieces[static_cast<std::size_t>(run.piece)].area_px) < speck) continue;
      for (int x = std::max(left, run.begin_px); x < std::min(right, run.end_px); ++x) {
        if (owners.of(x, run.row_px) == Owners::kNobody) ++orphans;
      }
    }
    return static_cast<double>(orphans) > kMostOrphanInk * std::max(1, right - left) * std::max(1, bottom - top);
  });
}

}  // namespace

SharedInk share_ink(const GrayImage& ink, const CellGrid& grid, const std::vector<PrintedLine>& lines) {
  SharedInk shared;
  for (int i = 0; i < grid.cells(); ++i) {
    Cell cell;
    cell.box = inner_box(grid, i);
    shared.cells.push_back(std::move(cell));
  }
  const InkComponents components = recognizer::find_ink_components(ink.view());
  const GridPixels pixels(grid, ink.width_px, ink.height_px);
  Owners owners(ink.width_px, ink.height_px, shared.cells);
  PieceSharing sharing(components, grid, pixels, owners);
  const double speck = kSpeckSide * grid.height * kSpeckSide * grid.height;
  for (int piece = 0; piece < static_cast<int>(components.pieces.size()); ++piece) {
    const InkComponent& box = components.pieces[static_cast<std::size_t>(piece)];
    if (static_cast<double>(box.area_px) < speck || is_line_remainder(box, lines, grid.height)) continue;
    sharing.share_out(piece);
  }
  own_soft_edges(ink, owners);
  for (int i = 0; i < grid.cells(); ++i) {
    Cell& cell = shared.cells[static_cast<std::size_t>(i)];
    const page::RectPx& box = owners.reach(static_cast<std::size_t>(i));
    const int left = std::clamp(static_cast<int>(std::floor(box.left)), 0, ink.width_px - 1);
    const int top = std::clamp(static_cast<int>(std::floor(box.top)), 0, ink.height_px - 1);
    const int right = std::clamp(static_cast<int>(std::ceil(box.right)), left + 1, ink.width_px);
    const int bottom = std::clamp(static_cast<int>(std::ceil(box.bottom)), top + 1, ink.height_px);
    cell.origin_x_px = left;
    cell.origin_y_px = top;
    cell.ink = InkMap(right - left, bottom - top, 0);
    for (int y = top; y < bottom; ++y) {
      take_owned(owners.row(y) + left, static_cast<std::int16_t>(i), ink.row(y) + left, cell.ink.row(y - top), static_cast<std::size_t>(right - left));
    }
  }
  shared.orphans = has_orphan_ink(ink, owners, components, speck, shared.cells);
  return shared;
}

}  // namespace inkfield::pipeline
