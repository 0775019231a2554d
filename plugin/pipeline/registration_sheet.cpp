// Where paper begins along rows and columns, a straight line through each side's places, and the view under which the
// four lines are a rectangle's.
#include "plugin/pipeline/registration_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "plugin/pipeline/registration_skew.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;
using page::Quad;
using page::Transform;

// Rows and columns that are looked along, each way.
constexpr int kLooks = 80;
// Paper must be brighter than all that lies before it by such a share of its level: about what shadow does to a desk.
constexpr double kLeastStep = 0.07;
// Pixels of the longer side on either side of a step that are averaged, against grain.
constexpr double kStepShare = 1.0 / 120;
constexpr double kStraight = 1.0 / 500;     // of the longer side: so far a place may lie off its side's line
constexpr double kSteepest = 0.6;           // of a side against its axis; skew is looked for no further either
constexpr std::size_t kLeastPlaces = 12;    // of one side
constexpr double kLeastSeen = 0.6;          // of the places that a side's length should give
constexpr double kLeastArea = 0.2;          // of the picture
constexpr double kOutside = 0.02;           // of the longer side: a corner lies so far out of the picture at most
constexpr double kLeastConvergence = 0.02;  // radians between opposite sides: under it a sheet was scanned, or as good as scanned
constexpr double kMostConvergence = 0.6;

// One side's line, across = at + slope * along; `along` is y for left and right sides.
struct Side {
  double at = 0;
  double slope = 0;
  std::vector<double> inliers;  // where along it places were seen
};

struct Place {
  double along = 0;
  double across = 0;
};

// A row or column of the picture, read from outside inwards.
class Ray {
 public:
  Ray(const GrayImage& gray, bool upright_side, bool from_end, int along)
      : gray_(gray), upright_side_(upright_side), from_end_(from_end), along_(along), length_(upright_side ? gray.width_px : gray.height_px) {}
  [[nodiscard]] int length() const { return length_; }
  [[nodiscard]] int at(int i) const {
    const int k = from_end_ ? length_ - 1 - i : i;
    return upright_side_ ? gray_.at(k, along_) : gray_.at(along_, k);
  }
  [[nodiscard]] double coordinate(double i) const { return from_end_ ? length_ - i : i; }

 private:
  const GrayImage& gray_;
  bool upright_side_;
  bool from_end_;
  int along_;
  int length_;
};

// Where paper begins on the ray: the first step up to paper with nothing as bright before it. Negative: nowhere.
double paper_begins(const Ray& ray, int window, double step, double paper) {
  int before = 0;
  int after = 0;
  for (int i = 0; i < window; ++i) {
    before += ray.at(i);
    after += ray.at(i + window);
  }
  double brightest = before;  // of the windows passed
  double best = 0;
  double best_at = -1;
  for (int i = window; i + window < ray.length() / 2; ++i) {
    brightest = std::max<double>(brightest, before);
    // Paper from the picture's edge on, or something as bright as paper that is not the sheet.
    if (brightest > (paper - step) * window) return best_at;
    const double rise = after - before;
    if (rise > best && after - brightest > step * window) {
      best = rise;
      best_at = i;
    }
    if (best_at >= 0 && i > best_at + window) return best_at;
    before += ray.at(i) - ray.at(i - window);
    after += ray.at(i + window) - ray.at(i);
  }
  return best_at;
}

std::vector<Place> places_of_side(const GrayImage& gray, bool upright_side, bool from_end, int paper) {
  std::vector<Place> places;
  const int longer = std::max(gray.width_px, gray.height_px);
  const int window = std::max(3, static_cast<int>(longer * kStepShare));
  const int span = upright_side ? gray.height_px : gray.width_px;
  for (int k = 0; k < kLooks; ++k) {
    const int along = (2 * k + 1) * span / (2 * kLooks);
    const Ray ray(gray, upright_side, from_end, along);
    if (ray.length() < 8 * window) return {};
    const double at = paper_begins(ray, window, std::max(8.0, kLeastStep * paper), paper);
    if (at >= 0) places.push_back({along + 0.5, ray.coordinate(at)});
  }
  return places;
}

// The line that most places lie on, drawn through them by least squares.
bool line_of(const std::vector<Place>& places, double tolerance, Side& side) {
  if (places.size() < kLeastPlaces) return false;
  std::size_t most = 0;
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (std::size_t b = a + kLeastPlaces / 2; b < places.size(); ++b) {
      const double slope = (places[b].across - places[a].across) / (places[b].along - places[a].along);
      if (std::fabs(slope) > kSteepest) continue;
      const double at = places[a].across - slope * places[a].along;
      const auto on_it = [&](const Place& p) { return std::fabs(p.across - at - slope * p.along) < tolerance; };
      const auto count = static_cast<std::size_t>(std::count_if(places.begin(), places.end(), on_it));
      if (count <= most) continue;
      most = count;
      side.at = at;
      side.slope = slope;
    }
  }
  if (most < kLeastPlaces) return false;
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const Place& p : places) {
    if (std::fabs(p.across - side.at - side.slope * p.along) >= tolerance) continue;
    side.inliers.push_back(p.along);
    n += 1;
    x += p.along;
    y += p.across;
    xx += p.along * p.along;
    xy += p.along * p.across;
  }
  side.slope = (xy - x * y / n) / (xx - x * x / n);
  side.at = (y - side.slope * x) / n;
  return true;
}

Point meet(const Side& level, const Side& upright) {
  // y = level.at + level.slope * x, x = upright.at + upright.slope * y
  const double y = (level.at + level.slope * upright.at) / (1 - level.slope * upright.slope);
  return {upright.at + upright.slope * y, y};
}

// Enough of the side between its corners was seen, and not in one part of it alone.
bool seen_between(const Side& side, double from, double to, double step) {
  const double middle = (from + to) / 2;
  for (const auto& [low, high] : {std::pair{from, middle}, std::pair{middle, to}}) {
    const auto count = std::count_if(side.inliers.begin(), side.inliers.end(), [low = low, high = high](double at) { return at >= low && at <= high; });
    if (static_cast<double>(count) < kLeastSeen * ((high - low) / step - 1)) return false;
  }
  return true;
}

double area_of(const Quad& q) {
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point& a = q[i];
    const Point& b = q[(i + 1) % 4];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum / 2;
}

bool find_corners(const GrayImage& gray, int paper, Quad& corners) {
  const double longer = std::max(gray.width_px, gray.height_px);
  std::array<Side, 4> sides;  // left, right, top, bottom
  for (std::size_t i = 0; i < 4; ++i) {
    if (!line_of(places_of_side(gray, i < 2, i % 2 == 1, paper), std::max(1.5, kStraight * longer), sides[i])) return false;
  }
  const auto& [left, right, top, bottom] = sides;
  corners = {meet(top, left), meet(top, right), meet(bottom, right), meet(bottom, left)};
  for (const Point& p : corners) {
    const double rim = kOutside * longer;
    if (!(p.x > -rim && p.y > -rim && p.x < gray.width_px + rim && p.y < gray.height_px + rim)) return false;
  }
  const double down = static_cast<double>(gray.height_px) / kLooks;
  const double across = static_cast<double>(gray.width_px) / kLooks;
  return seen_between(left, corners[0].y, corners[3].y, down) && seen_between(right, corners[1].y, corners[2].y, down) &&
         seen_between(top, corners[0].x, corners[1].x, across) && seen_between(bottom, corners[3].x, corners[2].x, across) &&
         area_of(corners) > kLeastArea * gray.width_px * gray.height_px;
}

// The unit square seen as that quadrilateral.
Transform square_seen_as(const Quad& q) {
  const double sum_x = q[0].x - q[1].x + q[2].x - q[3].x;
  const double sum_y = q[0].y - q[1].y + q[2].y - q[3].y;
  const double ax = q[1].x - q[2].x;
  const double ay = q[1].y - q[2].y;
  const double bx = q[3].x - q[2].x;
  const double by = q[3].y - q[2].y;
  const double det = ax * by - bx * ay;
  const double g = (sum_x * by - bx * sum_y) / det;
  const double h = (ax * sum_y - sum_x * ay) / det;
  Transform t;
  t.m = {q[1].x - q[0].x + g * q[1].x, q[3].x - q[0].x + h * q[3].x, q[0].x, q[1].y - q[0].y + g * q[1].y, q[3].y - q[0].y + h * q[3].y, q[0].y, g, h, 1};
  return t;
}

double angle_between(const Point& a, const Point& b, const Point& c, const Point& d) {
  return std::fabs(std::remainder(std::atan2(b.y - a.y, b.x - a.x) - std::atan2(d.y - c.y, d.x - c.x), 6.283185307179586));
}

}  // namespace

bool find_sheet(const GrayImage& gray, int paper, Transform& seen_from_flat) {
  Quad q;
  if (!find_corners(gray, paper, q)) return false;
  const double convergence = std::max(angle_between(q[0], q[1], q[3], q[2]), angle_between(q[0], q[3], q[1], q[2]));
  if (convergence < kLeastConvergence || convergence > kMostConvergence) return false;
  const Transform seen = square_seen_as(q);
  // How far off a point at infinity lies says how much a side is shortened; the lens looks through the picture's middle.
  const double focal = kFocalLength * std::max(gray.width_px, gray.height_px);
  const auto length_of = [&](std::size_t column) {
    const double w = seen.m[6 + column];
    return std::hypot(seen.m[column] - w * gray.width_px / 2.0, seen.m[3 + column] - w * gray.height_px / 2.0, focal * w);
  };
  const double aspect = length_of(0) / length_of(1);  // width over height
  // As many pixels as it was seen with.
  const double height = std::sqrt(area_of(q) / aspect);
  seen_from_flat = seen.after(Transform::scale_shift(1 / (aspect * height), 1 / height, 0, 0));
  return true;
}

}  // namespace inkfield::pipeline
