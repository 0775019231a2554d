// Two passes over runs of ink with union-find: cost follows the amount of writing, not of paper.
#include "recognizer/ink_components.h"

#include <algorithm>
#include <cstddef>

namespace inkfield::recognizer {
namespace {

struct Run {
  int row;
  int begin;
  int end;  // exclusive
  std::int32_t parent;
};

std::int32_t find_root(std::vector<Run>& runs, std::int32_t index) {
  while (runs[static_cast<std::size_t>(index)].parent != index) {
    Run& run = runs[static_cast<std::size_t>(index)];
    run.parent = runs[static_cast<std::size_t>(run.parent)].parent;
    index = run.parent;
  }
  return index;
}

void join(std::vector<Run>& runs, std::int32_t a, std::int32_t b) {
  const std::int32_t root_a = find_root(runs, a);
  const std::int32_t root_b = find_root(runs, b);
  // The earlier run stays the root, so that pieces come out in reading order of their first pixel.
  if (root_a < root_b) {
    runs[static_cast<std::size_t>(root_b)].parent = root_a;
  } else {
    runs[static_cast<std::size_t>(root_a)].parent = root_b;
  }
}

}  // namespace

InkComponents find_ink_components(ImageView ink, std::uint8_t threshold, bool with_labels) {
  InkComponents found;
  if (ink.empty()) return found;
  std::vector<Run> runs;
  std::size_t above_begin = 0;
  std::size_t above_end = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    const std::size_t row_begin = runs.size();
    for (int x = 0; x < ink.width_px;) {
      if (row[x] < threshold) {
        ++x;
        continue;
      }
      int end = x + 1;
      while (end < ink.width_px && row[end] >= threshold) ++end;
      runs.push_back({y, x, end, static_cast<std::int32_t>(runs.size())});
      x = end;
    }
    std::size_t above = above_begin;
    for (std::size_t i = row_begin; i < runs.size(); ++i) {
      // Runs touch when they overlap or meet at a corner.
      while (above < above_end && runs[above].end < runs[i].begin) ++above;
      for (std::size_t j = above; j < above_end && runs[j].begin <= runs[i].end; ++j) {
        join(runs, static_cast<std::int32_t>(i), static_cast<std::int32_t>(j));
      }
    }
    above_begin = row_begin;
    above_end = runs.size();
  }
  std::vector<std::int32_t> piece_of(runs.size(), -1);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto root = static_cast<std::size_t>(find_root(runs, static_cast<std::int32_t>(i)));
    const Run& run = runs[i];
    if (piece_of[root] < 0) {
      piece_of[root] = static_cast<std::int32_t>(found.pieces.size());
      found.pieces.push_back({run.begin, run.row, run.end, run.row + 1, 0});
    }
    piece_of[i] = piece_of[root];
    InkComponent& piece = found.pieces[static_cast<std::size_t>(piece_of[i])];
    piece.left_px = std::min(piece.left_px, run.begin);
    piece.right_px = std::max(piece.right_px, run.end);
    piece.bottom_px = std::max(piece.bottom_px, run.row + 1);
    piece.area_px += run.end - run.begin;
  }
  if (with_labels) {
    const auto width = static_cast<std::size_t>(ink.width_px);
    found.labels.assign(width * static_cast<std::size_t>(ink.height_px), -1);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::size_t row_start = static_cast<std::size_t>(runs[i].row) * width;
      std::fill(found.labels.begin() + static_cast<std::ptrdiff_t>(row_start) + runs[i].begin,
                found.labels.begin() + static_cast<std::ptrdiff_t>(row_start) + runs[i].end, piece_of[i]);
    }
  }
  return found;
}

}  // namespace inkfield::recognizer
