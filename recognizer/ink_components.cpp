// Two passes over runs of ink with union-find: cost follows the amount of writing, not of paper.
#include "recognizer/ink_components.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "recognizer/eight_pixels.h"

namespace inkfield::recognizer {
namespace {

std::int32_t find_root(std::vector<std::int32_t>& parents, std::int32_t index) {
  while (parents[static_cast<std::size_t>(index)] != index) {
    std::int32_t& parent = parents[static_cast<std::size_t>(index)];
    parent = parents[static_cast<std::size_t>(parent)];
    index = parent;
  }
  return index;
}

void join(std::vector<std::int32_t>& parents, std::int32_t a, std::int32_t b) {
  const std::int32_t root_a = find_root(parents, a);
  const std::int32_t root_b = find_root(parents, b);
  // The earlier run stays the root, so that pieces come out in reading order of their first pixel.
  parents[static_cast<std::size_t>(std::max(root_a, root_b))] = std::min(root_a, root_b);
}

}  // namespace

InkComponents find_ink_components(ImageView ink, std::uint8_t threshold, bool with_labels) {
  InkComponents found;
  if (ink.empty()) return found;
  std::vector<PieceRun>& runs = found.runs;
  std::vector<std::int32_t> parents;  // of every run, another of the same piece; a root is its own
  std::size_t above_begin = 0;
  std::size_t above_end = 0;
  for (int y = 0; y < ink.height_px; ++y) {
    const std::uint8_t* row = ink.row(y);
    const std::size_t row_begin = runs.size();
    for (int x = find_at_least(row, 0, ink.width_px, threshold); x < ink.width_px;) {
      int end = x + 1;
      while (end < ink.width_px && row[end] >= threshold) ++end;
      parents.push_back(static_cast<std::int32_t>(runs.size()));
      runs.push_back({y, x, end, 0});
      x = find_at_least(row, end, ink.width_px, threshold);
    }
    std::size_t above = above_begin;
    for (std::size_t i = row_begin; i < runs.size(); ++i) {
      // Runs touch when they overlap or meet at a corner.
      while (above < above_end && runs[above].end_px < runs[i].begin_px) ++above;
      for (std::size_t j = above; j < above_end && runs[j].begin_px <= runs[i].end_px; ++j) {
        join(parents, static_cast<std::int32_t>(i), static_cast<std::int32_t>(j));
      }
    }
    above_begin = row_begin;
    above_end = runs.size();
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto root = static_cast<std::size_t>(find_root(parents, static_cast<std::int32_t>(i)));
    PieceRun& run = runs[i];
    if (root == i) {
      // No run of a piece comes before its root.
      run.piece = static_cast<std::int32_t>(found.pieces.size());
      found.pieces.push_back({run.begin_px, run.row_px, run.end_px, run.row_px + 1, 0});
    }
    run.piece = runs[root].piece;
    InkComponent& piece = found.pieces[static_cast<std::size_t>(run.piece)];
    piece.left_px = std::min(piece.left_px, run.begin_px);
    piece.right_px = std::max(piece.right_px, run.end_px);
    piece.bottom_px = std::max(piece.bottom_px, run.row_px + 1);
    piece.area_px += run.end_px - run.begin_px;
  }
  if (with_labels) {
    const auto width = static_cast<std::size_t>(ink.width_px);
    found.labels.assign(width * static_cast<std::size_t>(ink.height_px), -1);
    for (const PieceRun& run : runs) {
      const auto row = found.labels.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(run.row_px) * width);
      std::fill(row + run.begin_px, row + run.end_px, run.piece);
    }
  }
  return found;
}

}  // namespace inkfield::recognizer
