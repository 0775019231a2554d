#include "plugin/pipeline/registration_local.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plugin/pipeline/registration_observation.h"

namespace inkfield::pipeline {
namespace {

using page::Point;

constexpr double kReachMm = 18;   // print that far from a field still says something about it
constexpr double kTrustMm = 25;   // over which a local stretch is told from a shift
constexpr double kStiffness = 0.35;  // of no correction, in weights of a well-seen line
constexpr double kMostShiftMm = 1.5;

double distance_to(const config::RectMm& zone, double x, double y) {
  const double dx = std::max({zone.x_mm - x, 0.0, x - zone.right_mm()});
  const double dy = std::max({zone.y_mm - y, 0.0, y - zone.bottom_mm()});
  return std::hypot(dx, dy);
}

// Shift and stretch of one picture coordinate around the field's middle, by ridge regression with strays weighed down.
struct Bend {
  double shift = 0;
  double per_x = 0;  // a millimetre
  double per_y = 0;
};

Bend bend_of(const std::vector<Observation>& observations, bool of_x, const Pose& pose, const config::RectMm& zone, double spread_px) {
  Bend bend;
  const config::PointMm middle = zone.center();
  for (int round = 0; round < 2; ++round) {
    std::array<std::array<double, 4>, 3> a{};
    double total = 0;
    for (const Observation& o : observations) {
      if (o.of_x != of_x) continue;
      const double away = distance_to(zone, o.x_mm, o.y_mm);
      if (away > 2 * kReachMm) continue;
      const Point p = pose(Point{o.x_mm, o.y_mm});
      const double u = (o.x_mm - middle.x_mm) / kTrustMm;
      const double v = (o.y_mm - middle.y_mm) / kTrustMm;
      const double value = o.value - (of_x ? p.x : p.y);
      const double miss = (value - bend.shift - bend.per_x * u - bend.per_y * v) / spread_px;
      const double weight = o.weight * std::exp(-(away / kReachMm) * (away / kReachMm)) / (1 + miss * miss);
      const std::array<double, 3> row{1, u, v};
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t k = 0; k < 3; ++k) a[i][k] += weight * row[i] * row[k];
        a[i][3] += weight * row[i] * value;
      }
      total += weight;
    }
    a[0][0] += kStiffness;
    a[1][1] += kStiffness + 0.3 * total;
    a[2][2] += kStiffness + 0.3 * total;
    // The ridge keeps all pivots above zero.
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t row = 0; row < 3; ++row) {
        if (row == i) continue;
        const double factor = a[row][i] / a[i][i];
        for (std::size_t k = i; k < 4; ++k) a[row][k] -= factor * a[i][k];
      }
    }
    bend = {a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]};
  }
  return bend;
}

}  // namespace

std::vector<Pose> correct_by_field(const PrintReference& reference, const PrintEvidence& print, const Pose& pose) {
  std::vector<Pose> poses;
  if (reference.fields.empty()) return poses;
  const double scale = scale_at(pose, {reference.width_mm / 2, reference.height_mm / 2});
  const std::vector<Observation> observations = observe(reference, print, pose, 0.9, true, true);
  for (const config::RectMm& zone : reference.fields) {
    Bend x = bend_of(observations, true, pose, zone, std::max(0.5, 0.15 * scale));
    Bend y = bend_of(observations, false, pose, zone, std::max(0.5, 0.15 * scale));
    // What would carry the field further is no correction but a mistake.
    const double reach = std::max(zone.width_mm, zone.height_mm) / 2 / kTrustMm;
    const auto moves = [&](const Bend& b) { return std::fabs(b.shift) + (std::fabs(b.per_x) + std::fabs(b.per_y)) * reach; };
    if (moves(x) > kMostShiftMm * scale) x = {};
    if (moves(y) > kMostShiftMm * scale) y = {};
    // The bend is a function of millimetres: (x, y) on the form are put back by the pose's inverse, to first order.
    const config::PointMm middle = zone.center();
    const Point here = pose(Point{middle.x_mm, middle.y_mm});
    const Pose back = pose.inverse();
    const auto mm_per_px = [&](double dx, double dy) {
      const Point q = back(Point{here.x + dx, here.y + dy});
      return Point{(q.x - middle.x_mm) / kTrustMm, (q.y - middle.y_mm) / kTrustMm};
    };
    const Point across = mm_per_px(1, 0);
    const Point down = mm_per_px(0, 1);
    Pose nudge;
    nudge.m = {1 + x.per_x * across.x + x.per_y * across.y, x.per_x * down.x + x.per_y * down.y, x.shift,
               y.per_x * across.x + y.per_y * across.y, 1 + y.per_x * down.x + y.per_y * down.y, y.shift, 0, 0, 1};
    poses.push_back(Pose::scale_shift(1, 1, here.x, here.y).after(nudge).after(Pose::scale_shift(1, 1, -here.x, -here.y)).after(pose));
  }
  return poses;
}

}  // namespace inkfield::pipeline
