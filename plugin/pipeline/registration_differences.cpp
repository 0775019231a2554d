#include "plugin/pipeline/registration_differences.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace inkfield::pipeline {
namespace {

using page::Point;

constexpr double kTileMm = 5;
constexpr std::size_t kMostTiles = 32;
constexpr std::size_t kLeastPixels = 6;  // of a difference: fewer are the drawing's own noise
constexpr int kReachPx = 2;              // a tile may lie that far from where the pose puts it
// Pixels of the blank picture: so near to the other's print, print is the other's; so far from it, nothing else is meant.
constexpr int kSharedReach = 1;
constexpr int kLoneReach = 3;

// Print of one template in a small square of the form: all of it, and what the other does not have; of that apart what stands
// where the other has nothing at all.
struct Tile {
  std::vector<Point> print_mm;
  std::vector<Point> own_mm;
  std::vector<Point> lone_mm;
  [[nodiscard]] std::size_t own() const { return own_mm.size() + lone_mm.size(); }
};
using Tiles = std::map<std::pair<int, int>, Tile>;

bool dark_near(const BlankPrint& blank, const Point& mm, int reach) {
  const int x = static_cast<int>(mm.x * blank.px_per_mm_x);
  const int y = static_cast<int>(mm.y * blank.px_per_mm_y);
  for (int j = y - reach; j <= y + reach; ++j) {
    for (int i = x - reach; i <= x + reach; ++i) {
      if (blank.dark(i, j)) return true;
    }
  }
  return false;
}

Tiles tiles_of(const BlankPrint& blank, const BlankPrint& other) {
  Tiles tiles;
  for (int y = 0; y < blank.height; ++y) {
    for (int x = 0; x < blank.width; ++x) {
      if (!blank.dark(x, y)) continue;
      const Point mm{(x + 0.5) / blank.px_per_mm_x, (y + 0.5) / blank.px_per_mm_y};
      Tile& tile = tiles[{static_cast<int>(mm.x / kTileMm), static_cast<int>(mm.y / kTileMm)}];
      tile.print_mm.push_back(mm);
      if (!dark_near(other, mm, kLoneReach)) tile.lone_mm.push_back(mm);
      else if (!dark_near(other, mm, kSharedReach)) tile.own_mm.push_back(mm);
    }
  }
  return tiles;
}

// Ink so near to a point counts as on it; in half pixels.
enum Nearness : std::uint8_t { on_it = 0, beside_it = 2 };

int hits(const PrintEvidence& print, const Pose& pose, const std::vector<Point>& points, int dx, int dy, Nearness nearness) {
  int found = 0;
  for (const Point& mm : points) {
    const Point p = pose(mm);
    const double x = p.x + dx;
    const double y = p.y + dy;
    found += static_cast<int>(print.holds(x, y) && print.to_ink[print.index(static_cast<int>(x), static_cast<int>(y))] <= nearness);
  }
  return found;
}

// How much of each one's own print is there when the tile is laid where `mine` fits best. What neither has decides nothing.
double lean(const PrintEvidence& print, const Pose& pose, const Tile& mine, const Tile& yours) {
  int best = -1;
  int best_x = 0;
  int best_y = 0;
  for (int dy = -kReachPx; dy <= kReachPx; ++dy) {
    for (int dx = -kReachPx; dx <= kReachPx; ++dx) {
      // In doubt, where the pose says.
      const int score = 2 * hits(print, pose, mine.print_mm, dx, dy, on_it) - static_cast<int>(dx != 0) - static_cast<int>(dy != 0);
      if (score > best) {
        best = score;
        best_x = dx;
        best_y = dy;
      }
    }
  }
  // A fine line may be two pixels thick in the blank picture and one on the page. Where it stands alone that is no doubt.
  const auto share = [&](const Tile& tile) {
    const int found = hits(print, pose, tile.own_mm, best_x, best_y, on_it) + hits(print, pose, tile.lone_mm, best_x, best_y, beside_it);
    return tile.own() == 0 ? 0.5 : static_cast<double>(found) / static_cast<double>(tile.own());
  };
  return share(mine) - share(yours);
}

double by_pictures(const PrintReference& first, const Pose& first_pose, const PrintReference& second, const Pose& second_pose, const PrintEvidence& print) {
  Tiles firsts = tiles_of(first.blank, second.blank);
  Tiles seconds = tiles_of(second.blank, first.blank);
  std::vector<std::pair<std::size_t, std::pair<int, int>>> places;
  for (const auto& [place, tile] : firsts) {
    const auto other = seconds.find(place);
    const std::size_t pixels = tile.own() + (other != seconds.end() ? other->second.own() : 0);
    if (pixels >= kLeastPixels) places.push_back({pixels, place});
  }
  for (const auto& [place, tile] : seconds) {
    if (firsts.find(place) == firsts.end() && tile.own() >= kLeastPixels) places.push_back({tile.own(), place});
  }
  std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (places.size() > kMostTiles) places.resize(kMostTiles);
  double sum = 0;
  double weights = 0;
  for (const auto& [pixels, place] : places) {
    const Tile& a = firsts[place];
    const Tile& b = seconds[place];
    const auto weight = static_cast<double>(pixels);
    sum += weight * (lean(print, first_pose, a, b) - lean(print, second_pose, b, a)) / 2;
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

// The same for what templates list: pieces that only one of them has.
bool listed_by(const PrintReference& reference, const PrintElement& piece) {
  const auto near = [](const PrintSample& a, const PrintSample& b) { return std::hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm) < 1.0; };
  return std::any_of(reference.elements.begin(), reference.elements.end(), [&](const PrintElement& other) {
    return other.samples.front().kind == piece.samples.front().kind && near(other.samples.front(), piece.samples.front()) && near(other.samples.back(), piece.samples.back());
  });
}

double own_share(const PrintReference& mine, const PrintReference& yours, const Pose& pose, const PrintEvidence& print) {
  const View view(print, pose, mine);
  double found = 0;
  double weights = 0;
  for (const PrintElement& piece : mine.elements) {
    if (!piece.counts || listed_by(yours, piece)) continue;
    const ElementLook look = look_at(view, piece, tolerance_for(view.scale, 0.35));
    if (look.visible < 0.5) continue;
    const double needed = needed_share(piece);
    found += piece.weight * std::clamp((look.share - needed / 2) / (needed / 2), 0.0, 1.0);
    weights += piece.weight;
  }
  return weights > 0 ? found / weights : 0.5;
}

}  // namespace

double weigh_difference(const PrintReference& first, const Pose& first_pose, const PrintReference& second, const Pose& second_pose, const PrintEvidence& print) {
  if (first.blank.width > 0 && second.blank.width > 0) return by_pictures(first, first_pose, second, second_pose, print);
  return own_share(first, second, first_pose, print) - own_share(second, first, second_pose, print);
}

}  // namespace inkfield::pipeline
