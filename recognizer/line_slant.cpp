// Only +, -, * and / in a fixed order: the same line gives the same bits on every processor.
#include "recognizer/line_slant.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "recognizer/line_shear.h"

namespace inkfield::recognizer {
namespace {

// An edge counts while its direction is this near to the slant found so far, in columns for each row; before
// any is found, all do that are this steep.
constexpr double kNearSlant = 0.6;
constexpr float kSteep = 1.5F;
// Each round goes by the edges near to what the one before it found.
constexpr int kRounds = 6;
constexpr float kLeastEdge = 0.4F;
constexpr float kInk = 0.2F;

/// How fast the ink grows towards the right and towards the foot of the line.
struct Edge {
  double right = 0;
  double down = 0;
};

/// By Sobel's operator, which smooths across what it differentiates along.
std::vector<Edge> steep_edges(const NetworkInput& line) {
  std::vector<Edge> edges;
  const auto width = static_cast<std::size_t>(line.width_px);
  for (std::size_t y = 1; y + 1 < static_cast<std::size_t>(line.height_px); ++y) {
    const float* above = line.pixels.data() + (y - 1) * width;
    const float* row = above + width;
    const float* below = row + width;
    for (std::size_t x = 1; x + 1 < width; ++x) {
      const float corners = below[x + 1] - above[x - 1];
      const float others = above[x + 1] - below[x - 1];
      const float right = corners + others + 2 * (row[x + 1] - row[x - 1]);
      const float down = corners - others + 2 * (below[x] - above[x]);
      if (std::abs(right) >= kLeastEdge && std::abs(down) <= kSteep * std::abs(right))
        edges.push_back({right, down});
    }
  }
  return edges;
}

/// From the first column with ink to the one behind the last; `end` is not behind `begin` if there is none.
struct Columns {
  int begin = 0;
  int end = 0;
};

Columns inked_columns(const NetworkInput& line) {
  Columns inked{line.width_px, 0};
  for (int y = 0; y < line.height_px; ++y) {
    const float* row =
        line.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(line.width_px);
    for (int x = 0; x < line.width_px; ++x) {
      if (row[x] < kInk) continue;
      inked.begin = std::min(inked.begin, x);
      inked.end = std::max(inked.end, x + 1);
    }
  }
  return inked;
}

}  // namespace

float slant_of(const NetworkInput& line) {
  // Along a stroke that leans by s nothing changes: right * s - down = 0.
  const std::vector<Edge> edges = steep_edges(line);
  double slant = 0;
  for (int round = 0; round < kRounds; ++round) {
    double product = 0;
    double square = 0;
    for (const Edge& edge : edges) {
      if (round > 0 && std::abs(edge.down - slant * edge.right) > kNearSlant * std::abs(edge.right)) continue;
      product += edge.right * edge.down;
      square += edge.right * edge.right;
    }
    if (square <= 0) return 0;
    slant = std::clamp(product / square, -1.0, 1.0);
  }
  return static_cast<float>(slant);
}

NetworkInput set_upright(NetworkInput line, int margin_px) {
  const float slant = slant_of(line);
  const float excess = slant - std::clamp(slant, -kMostSlant, kMostSlant);
  if (excess == 0) return line;
  const int room_px =
      static_cast<int>(std::ceil(0.5F * std::abs(excess) * static_cast<float>(line.height_px)));
  if (line.width_px + 2 * (room_px + margin_px) + kFrameStridePx > kMaxLineWidthPx) return line;
  const NetworkInput leant = sheared(line, {.lean = -excess, .on_px = room_px});
  const Columns inked = inked_columns(leant);
  if (inked.begin >= inked.end) return line;
  const int needed_px = inked.end - inked.begin + 2 * margin_px;
  const int shift_px = margin_px - inked.begin;
  line.width_px = (needed_px + kFrameStridePx - 1) / kFrameStridePx * kFrameStridePx;
  line.offset_x_px += static_cast<float>(room_px + shift_px);
  const auto width = static_cast<std::size_t>(line.width_px);
  line.pixels.assign(width * static_cast<std::size_t>(line.height_px), 0.0F);
  const int begin = std::max(0, -shift_px);
  const int end = std::min(leant.width_px, line.width_px - shift_px);
  for (std::size_t y = 0; y < static_cast<std::size_t>(line.height_px); ++y) {
    const float* from = leant.pixels.data() + y * static_cast<std::size_t>(leant.width_px);
    std::copy(from + begin, from + end, line.pixels.data() + y * width + begin + shift_px);
  }
  return line;
}

}  // namespace inkfield::recognizer
