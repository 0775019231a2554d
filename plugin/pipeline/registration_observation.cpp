// Where the print that a template lists really lies near where it should.
#include "plugin/pipeline/registration_observation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace inkfield::pipeline {
namespace {

using page::Point;

double darkness_at(const PrintEvidence& print, int x, int y) { return 255.0 - print.gray.at(x, y); }

bool is_dark(const PrintEvidence& print, double x, double y) {
  return print.holds(x, y) && print.dark[print.index(static_cast<int>(x), static_cast<int>(y))] != 0;
}

class Observer {
 public:
  explicit Observer(const PrintEvidence& print) : print_(print) {}

  // Where the line nearest to `p` runs, across it; false if there is none within `window_px`.
  bool find_line(Point p, bool level, double window_px, bool fine, double& value) const {
    const int x = static_cast<int>(p.x);
    const int y = static_cast<int>(p.y);
    const std::vector<std::uint8_t>& map = level ? print_.to_level_line : print_.to_upright_line;
    const int distance = map[print_.index(x, y)];
    if (distance > window_px) return false;
    auto inside = [&](int along) { return along >= 0 && along < (level ? print_.height : print_.width); };
    auto at = [&](int along) { return level ? print_.index(x, along) : print_.index(along, y); };
    const int here = level ? y : x;
    int middle = here;
    if (distance > 0) {
      const bool before = inside(here - distance) && map[at(here - distance)] == 0;
      const bool after = inside(here + distance) && map[at(here + distance)] == 0;
      if (before && after) return false;  // between two lines: no telling which
      if (!before && !after) return false;
      middle = before ? here - distance : here + distance;
    }
    int first = middle;
    int last = middle;
    while (inside(first - 1) && map[at(first - 1)] == 0 && middle - first < 12) --first;
    while (inside(last + 1) && map[at(last + 1)] == 0 && last - middle < 12) ++last;
    if (!fine) {
      value = (first + last + 1) / 2.0;
      return true;
    }
    // The middle of the darkness, over the line and one pixel of paper on both sides.
    const int from = first - 2;
    const int to = last + 2;
    if (!inside(from) || !inside(to)) return false;
    auto dark = [&](int along) { return level ? darkness_at(print_, x, along) : darkness_at(print_, along, y); };
    const double paper = std::min(dark(from), dark(to));
    double sum = 0;
    double weighted = 0;
    for (int along = from; along <= to; ++along) {
      const double value_here = std::max(0.0, dark(along) - paper);
      sum += value_here;
      weighted += value_here * (along + 0.5);
    }
    if (sum <= 0) return false;
    value = weighted / sum;
    return true;
  }

  // The rim of something solid: how far outward of `p` dark turns to light.
  bool find_edge(Point p, Point out, double window_px, double& shift) const {
    const int reach = static_cast<int>(std::ceil(window_px));
    int best = 1 << 20;
    for (int d = -reach; d <= reach; ++d) {
      if (!is_dark(print_, p.x + out.x * d, p.y + out.y * d) || is_dark(print_, p.x + out.x * (d + 1), p.y + out.y * (d + 1))) continue;
      if (!print_.holds(p.x + out.x * (d + 1), p.y + out.y * (d + 1))) continue;  // cut off by the picture's edge, perhaps
      // Behind a rim it is solid, not a line.
      bool solid = true;
      for (int i = 1; i <= 5; ++i) solid = solid && is_dark(print_, p.x + out.x * (d - i), p.y + out.y * (d - i));
      if (solid && std::abs(d) < std::abs(best)) best = d;
    }
    if (best == 1 << 20) return false;
    // The gray step, to a fraction: where it passes halfway between what lies on both sides.
    auto dark = [&](double d) {
      const double x = p.x + out.x * d;
      const double y = p.y + out.y * d;
      return print_.holds(x, y) ? darkness_at(print_, static_cast<int>(x), static_cast<int>(y)) : 0.0;
    };
    const double high = dark(best - 2);
    const double low = dark(best + 3);
    if (high - low < 10) return false;
    double sum = 0;
    for (int d = best - 1; d <= best + 2; ++d) sum += std::clamp((dark(d) - low) / (high - low), 0.0, 1.0);
    // `sum` pixels from best - 1 on are dark; p's own pixel begins at its floor.
    const bool x_axis = std::fabs(out.x) > std::fabs(out.y);
    const double sign = x_axis ? (out.x > 0 ? 1 : -1) : (out.y > 0 ? 1 : -1);
    const double coordinate = x_axis ? p.x : p.y;
    const double start = sign > 0 ? std::floor(coordinate) + (best - 1) : std::floor(coordinate) + 1 - (best - 1);
    const double rim = start + sign * sum;
    shift = (rim - coordinate) * sign;
    return true;
  }

  // Where a free line ends near `p`; `step` points outward along it.
  bool find_end(Point p, bool level, double step, double window_px, double& value) const {
    const std::vector<std::uint8_t>& map = level ? print_.to_level_line : print_.to_upright_line;
    auto has_line = [&](double d) {
      const double x = level ? p.x + step * d : p.x;
      const double y = level ? p.y : p.y + step * d;
      return print_.holds(x, y) && map[print_.index(static_cast<int>(x), static_cast<int>(y))] <= 1;
    };
    const double inner = -2 * window_px;
    double last = inner - 1;
    for (double d = inner; d <= 2 * window_px; d += 1) {
      if (has_line(d)) last = d;
      else if (d - last > window_px) break;
    }
    if (last < -window_px || last > window_px) return false;
    value = (level ? p.x : p.y) + step * (last + 0.5);
    return true;
  }

  // The small shift under which a tile of print falls on ink.
  bool find_tile(const View& view, const PrintElement& tile, double window_px, Point& shift) const {
    const int reach = std::min(8, static_cast<int>(std::ceil(window_px)));
    constexpr int kCap = 6;
    int best = 1 << 20;
    double sum_x = 0;
    double sum_y = 0;
    int ties = 0;
    std::vector<Point> places;
    places.reserve(tile.samples.size());
    for (const PrintSample& sample : tile.samples) places.push_back(view.at(sample.x_mm, sample.y_mm));
    for (int dy = -reach; dy <= reach; ++dy) {
      for (int dx = -reach; dx <= reach; ++dx) {
        int cost = 0;
        for (const Point& p : places) {
          if (cost > best) break;  // neither the best nor as good
          const double x = p.x + dx;
          const double y = p.y + dy;
          cost += print_.holds(x, y) ? std::min<int>(kCap, print_.to_ink[print_.index(static_cast<int>(x), static_cast<int>(y))]) : kCap;
        }
        if (cost < best) {
          best = cost;
          sum_x = sum_y = 0;
          ties = 0;
        }
        if (cost == best) {
          sum_x += dx;
          sum_y += dy;
          ++ties;
        }
      }
    }
    if (best > static_cast<int>(tile.samples.size()) || ties == 0 || ties > 6) return false;
    shift = {sum_x / ties, sum_y / ties};
    return std::fabs(shift.x) < reach && std::fabs(shift.y) < reach;
  }

 private:
  const PrintEvidence& print_;
};

}  // namespace

std::vector<Observation> observe(const PrintReference& reference, const PrintEvidence& print, const Pose& pose, double window_mm, bool fine, bool tiles) {
  const View view(print, pose, reference);
  const Observer observer(print);
  const double window = tolerance_for(view.scale, window_mm);
  std::vector<Observation> observations;
  for (const PrintElement& element : reference.elements) {
    const std::size_t first = observations.size();
    const PrintKind kind = element.samples.front().kind;
    if (kind == PrintKind::text) continue;
    if (kind == PrintKind::ink) {
      if (!tiles) continue;
      Point shift;
      if (!observer.find_tile(view, element, window, shift)) continue;
      const PrintSample& middle = element.samples[element.samples.size() / 2];
      const Point p = view.at(middle.x_mm, middle.y_mm);
      observations.push_back({middle.x_mm, middle.y_mm, true, p.x + shift.x, 0.25});
      observations.push_back({middle.x_mm, middle.y_mm, false, p.y + shift.y, 0.25});
      continue;
    }
    for (const PrintSample& sample : element.samples) {
      const Point p = view.at(sample.x_mm, sample.y_mm);
      if (!print.holds(p.x, p.y)) continue;
      if (sample.kind == PrintKind::edge) {
        const Point out = view.outward(sample);
        double shift = 0;
        if (!observer.find_edge(p, out, window, shift)) continue;
        const bool of_x = std::fabs(out.x) > std::fabs(out.y);
        const double sign = (of_x ? out.x : out.y) > 0 ? 1 : -1;
        observations.push_back({sample.x_mm, sample.y_mm, of_x, (of_x ? p.x : p.y) + sign * shift, 1});
        continue;
      }
      const bool level = view.seen_level(sample.kind);
      double value = 0;
      if (observer.find_line(p, level, window, fine, value)) observations.push_back({sample.x_mm, sample.y_mm, !level, value, 1});
    }
    const std::size_t count = observations.size() - first;
    // Too little of it was found: what was found is something else.
    if (static_cast<double>(count) < 0.3 * static_cast<double>(element.samples.size())) {
      observations.resize(first);
      continue;
    }
    // Samples along one line are not independent.
    for (std::size_t i = first; i < observations.size(); ++i) observations[i].weight = element.weight / std::sqrt(static_cast<double>(count));
    if (element.has_ends) {
      const PrintSample& a = element.samples.front();
      const PrintSample& b = element.samples.back();
      const bool level = view.seen_level(a.kind);
      for (const auto& [end, other] : {std::pair{a, b}, std::pair{b, a}}) {
        const double length = std::hypot(end.x_mm - other.x_mm, end.y_mm - other.y_mm);
        const double inset = std::min(0.4, length / 8);
        const double x_mm = end.x_mm + (end.x_mm - other.x_mm) / length * inset;
        const double y_mm = end.y_mm + (end.y_mm - other.y_mm) / length * inset;
        const Point p = view.at(x_mm, y_mm);
        const Point q = view.at(other.x_mm, other.y_mm);
        const double step = (level ? p.x - q.x : p.y - q.y) > 0 ? 1 : -1;
        double value = 0;
        if (observer.find_end(p, level, step, window, value)) observations.push_back({x_mm, y_mm, level, value, fine ? 0.1 : 0.3});
      }
    }
  }
  return observations;
}


}  // namespace inkfield::pipeline
