// Looking for a template's print on a page, coarse to fine.
//
// One printed line whose two ends are known (or two solid blobs) says where the whole form would lie. All such places
// are probed with a few samples of print; the best are drawn to their lines by least squares, with less and less
// freedom, and the one under which most print is found is measured to a fraction of a pixel.
#include "plugin/pipeline/registration_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace inkfield::pipeline {
namespace {

using page::Point;

// Scales that are tried, against the one at which the form would fill the picture.
constexpr double kLeastScale = 0.35;
constexpr double kMostScale = 1.45;
constexpr std::size_t kReferenceLinesTried = 40;
constexpr std::size_t kPageLinesTried = 160;
constexpr std::size_t kBlobsTried = 60;
constexpr std::size_t kPlacesKept = 40;
constexpr std::size_t kPlacesRefined = 6;
constexpr double kFoundShare = 0.6;       // of a piece's samples: handwriting and folds may hide the rest
constexpr double kInkFoundShare = 0.75;   // print is denser than lines, so chance finds more of it

double darkness_at(const PrintEvidence& print, int x, int y) { return 255.0 - print.gray.at(x, y); }

bool is_dark(const PrintEvidence& print, double x, double y) {
  return print.holds(x, y) && print.dark[print.index(static_cast<int>(x), static_cast<int>(y))] != 0;
}

// The pose as one sees it: quarter turns swap level and upright.
struct View {
  const PrintEvidence& print;
  Pose pose;
  double scale = 1;
  bool swaps = false;
  View(const PrintEvidence& evidence, const Pose& p) : print(evidence), pose(p), scale(p.scale()), swaps(p.quarter_turns() % 2 == 1) {}

  [[nodiscard]] bool seen_level(PrintKind kind) const { return (kind == PrintKind::level_line) != swaps; }

  // Which way is outside, on the picture.
  [[nodiscard]] Point outward(const PrintSample& sample) const {
    const double x = pose.m[0] * sample.out_x + pose.m[1] * sample.out_y;
    const double y = pose.m[3] * sample.out_x + pose.m[4] * sample.out_y;
    const double length = std::hypot(x, y);
    return length > 0 ? Point{x / length, y / length} : Point{};
  }

  /// 1 found, 0 not, -1 outside the picture.
  [[nodiscard]] int look(const PrintSample& sample, double tolerance_px) const {
    const Point p = pose(sample.x_mm, sample.y_mm);
    if (!print.holds(p.x, p.y)) return -1;
    const std::size_t i = print.index(static_cast<int>(p.x), static_cast<int>(p.y));
    switch (sample.kind) {
      case PrintKind::level_line:
      case PrintKind::upright_line:
        return static_cast<int>((seen_level(sample.kind) ? print.to_level_line[i] : print.to_upright_line[i]) <= tolerance_px);
      case PrintKind::edge: {
        const Point out = outward(sample);
        const double d = std::max(1.5, tolerance_px);
        return static_cast<int>(is_dark(print, p.x - out.x * d, p.y - out.y * d) && !is_dark(print, p.x + out.x * d, p.y + out.y * d));
      }
      case PrintKind::ink: return static_cast<int>(print.to_ink[i] <= std::max(2.0, tolerance_px));  // half of it, in half pixels
      case PrintKind::text: return static_cast<int>(print.to_ink[i] <= 2 * std::max(1.5, 0.8 * scale));
    }
    return 0;
  }
};

struct ElementLook {
  double share = 0;
  double visible = 0;
};

ElementLook look_at(const View& view, const PrintElement& element, double tolerance_px) {
  int found = 0;
  int seen = 0;
  for (const PrintSample& sample : element.samples) {
    const int answer = view.look(sample, tolerance_px);
    if (answer < 0) continue;
    ++seen;
    found += answer;
  }
  if (seen == 0) return {};
  return {static_cast<double>(found) / seen, static_cast<double>(seen) / static_cast<double>(element.samples.size())};
}

double needed_share(const PrintElement& element) {
  const PrintKind kind = element.samples.front().kind;
  return kind == PrintKind::ink || kind == PrintKind::text ? kInkFoundShare : kFoundShare;
}

double tolerance_for(double scale, double mm) { return std::max(1.6, mm * scale); }

// A few samples of every piece, mixed so that any first part of them speaks for the whole form.
std::vector<PrintSample> choose_probes(const PrintReference& reference) {
  std::vector<PrintSample> probes;
  std::vector<const PrintElement*> pieces;
  for (const PrintElement& element : reference.elements) {
    if (element.counts && element.samples.front().kind != PrintKind::text) pieces.push_back(&element);
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](const PrintElement* a, const PrintElement* b) { return a->weight > b->weight; });
  if (pieces.size() > 48) pieces.resize(48);
  constexpr std::size_t kEach = 4;
  for (std::size_t round = 0; round < kEach; ++round) {
    for (const PrintElement* piece : pieces) {
      const std::size_t n = piece->samples.size();
      probes.push_back(piece->samples[std::min(n - 1, (n * (2 * ((round * 3) % kEach) + 1)) / (2 * kEach))]);
    }
  }
  return probes;
}

double probe(const View& view, const std::vector<PrintSample>& probes, double tolerance_px, double least) {
  int found = 0;
  const std::size_t early = probes.size() / 4;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    found += static_cast<int>(view.look(probes[i], tolerance_px) > 0);
    // A place that is poor on a quarter of the probes will not become the best.
    if (i + 1 == early && found < 0.6 * least * static_cast<double>(early)) return 0;
  }
  return static_cast<double>(found) / static_cast<double>(probes.size());
}

Pose make_pose(int turns, double scale, double dx, double dy) {
  static constexpr std::array<std::array<double, 4>, 4> kTurns{{{1, 0, 0, 1}, {0, -1, 1, 0}, {-1, 0, 0, -1}, {0, 1, -1, 0}}};
  const auto& t = kTurns[static_cast<std::size_t>(turns)];
  return {{t[0] * scale, t[1] * scale, dx, t[2] * scale, t[3] * scale, dy}};
}

struct Place {
  Pose pose;
  double score = 0;
};

class PlaceList {
 public:
  explicit PlaceList(double spacing_px) : spacing_(spacing_px) {}
  [[nodiscard]] double least() const { return places_.size() < kPlacesKept ? 0.05 : places_.back().score; }
  void add(const Pose& pose, double score, const PrintReference& reference) {
    if (score <= least()) return;
    // Neighbours of a better place would only crowd others out.
    auto near = [&](const Pose& a, const Pose& b) {
      for (const auto& [x, y] : {std::pair{0.0, 0.0}, std::pair{reference.width_mm, reference.height_mm}}) {
        const Point p = a(x, y);
        const Point q = b(x, y);
        if (std::hypot(p.x - q.x, p.y - q.y) > spacing_) return false;
      }
      return true;
    };
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!near(places_[i].pose, pose)) continue;
      if (places_[i].score >= score) return;
      places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    const auto at = std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.score < score; });
    places_.insert(at, {pose, score});
    if (places_.size() > kPlacesKept) places_.pop_back();
  }
  [[nodiscard]] const std::vector<Place>& all() const { return places_; }

 private:
  double spacing_;
  std::vector<Place> places_;
};

class Search {
 public:
  Search(const PrintReference& reference, const PrintEvidence& print)
      : reference_(reference), print_(print), probes_(choose_probes(reference)), places_(1.0) {
    const double fill = std::sqrt(static_cast<double>(print.width) * print.height / (reference.width_mm * reference.height_mm));
    fill_scale_ = std::min(fill, 1.2 * std::max(print.width, print.height) / std::max(reference.width_mm, reference.height_mm));
    places_ = PlaceList(1.5 * fill_scale_);
  }

  Fit run(const std::function<void()>& checkpoint) {
    for (int turns : {0, 2, 1, 3}) {
      checkpoint();
      place_by_lines(turns);
      place_by_blobs(turns);
    }
    checkpoint();
    return best_of_places(checkpoint);
  }

 private:
  void consider(const Pose& pose, double certainty_mm) {
    ++tried_;
    const View view(print_, pose);
    const double score = probe(view, probes_, tolerance_for(view.scale, certainty_mm), places_.least());
    places_.add(pose, score, reference_);
  }

  [[nodiscard]] bool plausible(double scale) const { return scale >= kLeastScale * fill_scale_ && scale <= kMostScale * fill_scale_; }

  void place_by_lines(int turns) {
    const std::size_t count = std::min(reference_.lines.size(), kReferenceLinesTried);
    for (std::size_t r = 0; r < count; ++r) {
      const ReferenceLine& line = reference_.lines[r];
      const bool seen_upright = line.upright != (turns % 2 == 1);
      const std::vector<LineSegment>& segments = seen_upright ? print_.upright : print_.level;
      const std::size_t limit = std::min(segments.size(), kPageLinesTried);
      for (std::size_t s = 0; s < limit; ++s) {
        const LineSegment& segment = segments[s];
        const double scale = segment.length() / line.length_mm();
        if (!plausible(scale)) continue;
        Pose pose = make_pose(turns, scale, 0, 0);
        const double middle = (line.from_mm + line.to_mm) / 2;
        const Point at = line.upright ? pose(line.offset_mm, middle) : pose(middle, line.offset_mm);
        const double along = (segment.from + segment.to) / 2;
        pose.m[2] = (seen_upright ? segment.offset : along) - at.x;
        pose.m[5] = (seen_upright ? along : segment.offset) - at.y;
        // Ends are known to a pixel or two; what that does to the scale grows away from the line.
        consider(pose, std::clamp(1.0 + 40 / line.length_mm(), 1.0, 2.5));
      }
    }
  }

  void place_by_blobs(int turns) {
    const std::vector<config::RectMm>& marks = reference_.blobs;
    const std::size_t limit = std::min(print_.blobs.size(), kBlobsTried);
    for (std::size_t a = 0; a < std::min<std::size_t>(marks.size(), 8); ++a) {
      for (std::size_t b = a + 1; b < std::min<std::size_t>(marks.size(), 8); ++b) {
        const Pose unit = make_pose(turns, 1, 0, 0);
        const Point from = unit(marks[a].center().x_mm, marks[a].center().y_mm);
        const Point to = unit(marks[b].center().x_mm, marks[b].center().y_mm);
        const double distance = std::hypot(to.x - from.x, to.y - from.y);
        if (distance < 15) continue;
        for (std::size_t i = 0; i < limit; ++i) {
          for (std::size_t k = 0; k < limit; ++k) {
            if (i == k) continue;
            const Point p = print_.blobs[i].center();
            const Point q = print_.blobs[k].center();
            const double scale = std::hypot(q.x - p.x, q.y - p.y) / distance;
            if (!plausible(scale) || !alike(marks[a], print_.blobs[i], scale, turns) || !alike(marks[b], print_.blobs[k], scale, turns)) continue;
            const double angle = std::atan2(q.y - p.y, q.x - p.x) - std::atan2(to.y - from.y, to.x - from.x);
            const double off = std::remainder(angle, 2 * std::numbers::pi);
            if (std::fabs(off) > 0.035) continue;  // the picture stands upright already, to two degrees
            Pose pose = make_pose(turns, scale, 0, 0);
            const double c = std::cos(off);
            const double s = std::sin(off);
            pose.m = {c * pose.m[0] - s * pose.m[3], c * pose.m[1] - s * pose.m[4], 0, s * pose.m[0] + c * pose.m[3], s * pose.m[1] + c * pose.m[4], 0};
            const Point at = pose(marks[a].center().x_mm, marks[a].center().y_mm);
            pose.m[2] = p.x - at.x;
            pose.m[5] = p.y - at.y;
            consider(pose, 1.0);
          }
        }
      }
    }
  }

  static bool alike(const config::RectMm& mark, const SolidBlob& blob, double scale, int turns) {
    const double width = (turns % 2 == 1 ? mark.height_mm : mark.width_mm) * scale;
    const double height = (turns % 2 == 1 ? mark.width_mm : mark.height_mm) * scale;
    auto near = [](double is, double should) { return std::fabs(is - should) < 3 + 0.25 * should; };
    return near(blob.width(), width) && near(blob.height(), height);
  }

  Fit best_of_places(const std::function<void()>& checkpoint) {
    struct Refined {
      Pose pose;
      double score = 0;
    };
    std::vector<Refined> refined;
    for (const Place& place : places_.all()) {
      Refined r{place.pose, 0};
      for (const double window : {2.5, 1.5}) draw_to_lines(r.pose, window, false);
      r.score = weighted_share(r.pose, 0.7);
      refined.push_back(r);
    }
    std::stable_sort(refined.begin(), refined.end(), [](const Refined& a, const Refined& b) { return a.score > b.score; });
    if (refined.size() > kPlacesRefined) refined.resize(kPlacesRefined);
    Fit best;
    for (Refined& r : refined) {
      checkpoint();
      for (const double window : {1.2, 0.9, 0.7}) draw_to_lines(r.pose, window, false);
      for (int i = 0; i < 3; ++i) draw_to_lines(r.pose, 0.6, true);
      Fit fit = measure(r.pose);
      if (!best.found || fit.evidence > best.evidence) best = fit;
    }
    best.tried = std::max(1.0, tried_);
    return best;
  }

  double weighted_share(const Pose& pose, double tolerance_mm) const {
    const View view(print_, pose);
    const double tolerance = tolerance_for(view.scale, tolerance_mm);
    double found = 0;
    double total = 0;
    for (const PrintElement& element : reference_.elements) {
      if (!element.counts) continue;
      const ElementLook look = look_at(view, element, tolerance);
      total += element.weight;
      found += element.weight * look.share * look.visible;
    }
    return total > 0 ? found / total : 0;
  }

  struct Observation {
    double x_mm = 0;
    double y_mm = 0;
    bool of_x = false;   // which picture coordinate was measured
    double value = 0;    // where it is
    double weight = 1;
  };

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
    for (int dy = -reach; dy <= reach; ++dy) {
      for (int dx = -reach; dx <= reach; ++dx) {
        int cost = 0;
        for (const PrintSample& sample : tile.samples) {
          const Point p = view.pose(sample.x_mm, sample.y_mm);
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

  std::vector<Observation> observe(const Pose& pose, double window_mm, bool fine) const {
    const View view(print_, pose);
    const double window = tolerance_for(view.scale, window_mm);
    std::vector<Observation> observations;
    for (const PrintElement& element : reference_.elements) {
      const std::size_t first = observations.size();
      const PrintKind kind = element.samples.front().kind;
      if (kind == PrintKind::text) continue;
      if (kind == PrintKind::ink) {
        if (!fine) continue;
        Point shift;
        if (!find_tile(view, element, window, shift)) continue;
        const PrintSample& middle = element.samples[element.samples.size() / 2];
        const Point p = pose(middle.x_mm, middle.y_mm);
        observations.push_back({middle.x_mm, middle.y_mm, true, p.x + shift.x, 0.25});
        observations.push_back({middle.x_mm, middle.y_mm, false, p.y + shift.y, 0.25});
        continue;
      }
      for (const PrintSample& sample : element.samples) {
        const Point p = pose(sample.x_mm, sample.y_mm);
        if (!print_.holds(p.x, p.y)) continue;
        if (sample.kind == PrintKind::edge) {
          const Point out = view.outward(sample);
          double shift = 0;
          if (!find_edge(p, out, window, shift)) continue;
          const bool of_x = std::fabs(out.x) > std::fabs(out.y);
          const double sign = (of_x ? out.x : out.y) > 0 ? 1 : -1;
          observations.push_back({sample.x_mm, sample.y_mm, of_x, (of_x ? p.x : p.y) + sign * shift, 1});
          continue;
        }
        const bool level = view.seen_level(sample.kind);
        double value = 0;
        if (find_line(p, level, window, fine, value)) observations.push_back({sample.x_mm, sample.y_mm, !level, value, 1});
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
          const Point p = pose(x_mm, y_mm);
          const Point q = pose(other.x_mm, other.y_mm);
          const double step = (level ? p.x - q.x : p.y - q.y) > 0 ? 1 : -1;
          double value = 0;
          if (find_end(p, level, step, window, value)) observations.push_back({x_mm, y_mm, level, value, fine ? 0.1 : 0.3});
        }
      }
    }
    return observations;
  }

  // One step of least squares to what lies nearest. Returns false if too little was found to say anything.
  bool draw_to_lines(Pose& pose, double window_mm, bool fine) const {
    const std::vector<Observation> observations = observe(pose, window_mm, fine);
    if (observations.size() < 6) return false;
    const double center_x = reference_.width_mm / 2;
    const double center_y = reference_.height_mm / 2;
    const double radius = std::hypot(center_x, center_y);
    // Unknowns: both rows of the map over (x, y, 1), x and y centred and scaled so that all are of one size in pixels.
    std::array<std::array<double, 7>, 6> a{};
    auto add = [&](const std::array<double, 6>& row, double value, double weight) {
      for (std::size_t i = 0; i < 6; ++i) {
        if (row[i] == 0) continue;
        for (std::size_t k = 0; k < 6; ++k) a[i][k] += weight * row[i] * row[k];
        a[i][6] += weight * row[i] * value;
      }
    };
    const double spread = std::max(1.0, 0.15 * pose.scale());
    double total = 0;
    for (const Observation& o : observations) {
      const double u = (o.x_mm - center_x) / radius;
      const double v = (o.y_mm - center_y) / radius;
      const Point p = pose(o.x_mm, o.y_mm);
      const double miss = (o.value - (o.of_x ? p.x : p.y)) / spread;
      const double weight = o.weight / (1 + miss * miss / 4);
      total += weight;
      if (o.of_x) add({u, v, 1, 0, 0, 0}, o.value, weight);
      else add({0, 0, 0, u, v, 1}, o.value, weight);
    }
    // Paper is scanned nearly to scale: where lines say nothing, the map stays a similarity near the last one.
    const double stiff = total * (fine ? 0.003 : 0.2);
    add({1, 0, 0, 0, -1, 0}, 0, stiff);
    add({0, 1, 0, 1, 0, 0}, 0, stiff);
    const Point center = pose(center_x, center_y);
    const std::array<double, 6> last{pose.m[0] * radius, pose.m[1] * radius, center.x, pose.m[3] * radius, pose.m[4] * radius, center.y};
    for (std::size_t i = 0; i < 6; ++i) {
      std::array<double, 6> row{};
      row[i] = 1;
      add(row, last[i], total * 1e-3);
    }
    std::array<double, 6> solution{};
    if (!solve(a, solution)) return false;
    Pose next;
    next.m[0] = solution[0] / radius;
    next.m[1] = solution[1] / radius;
    next.m[2] = solution[2] - next.m[0] * center_x - next.m[1] * center_y;
    next.m[3] = solution[3] / radius;
    next.m[4] = solution[4] / radius;
    next.m[5] = solution[5] - next.m[3] * center_x - next.m[4] * center_y;
    for (const double value : next.m) {
      if (!std::isfinite(value)) return false;
    }
    if (!plausible(next.scale())) return false;
    pose = next;
    return true;
  }

  static bool solve(std::array<std::array<double, 7>, 6>& a, std::array<double, 6>& solution) {
    for (std::size_t column = 0; column < 6; ++column) {
      std::size_t pivot = column;
      for (std::size_t row = column + 1; row < 6; ++row) {
        if (std::fabs(a[row][column]) > std::fabs(a[pivot][column])) pivot = row;
      }
      if (!(std::fabs(a[pivot][column]) > 1e-12)) return false;
      std::swap(a[pivot], a[column]);
      for (std::size_t row = 0; row < 6; ++row) {
        if (row == column) continue;
        const double factor = a[row][column] / a[column][column];
        for (std::size_t k = column; k < 7; ++k) a[row][k] -= factor * a[column][k];
      }
    }
    for (std::size_t i = 0; i < 6; ++i) solution[i] = a[i][6] / a[i][i];
    return true;
  }

  // How well the print fits, and how much that says: a piece that would be found just as well beside its place
  // (in a grid, in noise, in black) says nothing.
  Fit measure(const Pose& pose) const {
    Fit fit;
    fit.found = true;
    fit.pose = pose;
    const View view(print_, pose);
    const double tolerance = tolerance_for(view.scale, 0.35);
    double total = 0;
    double visible = 0;
    double matched = 0;
    for (const PrintElement& element : reference_.elements) {
      if (!element.counts) continue;
      const ElementLook look = look_at(view, element, tolerance);
      total += element.weight;
      if (look.visible < 0.5) continue;
      visible += element.weight;
      const double needed = needed_share(element);
      const bool there = look.share >= needed && !runs_on(view, element, tolerance);
      // Nearly found counts in part, so that one lost sample does not turn a page away.
      const double share = there ? 1 : std::clamp((look.share - needed / 2) / (needed / 2), 0.0, 1.0) * 0.5;
      matched += element.weight * share;
      if (there) {
        fit.evidence += std::min(1.0, element.weight) * -std::log(chance(element, pose, tolerance, needed));
        ++fit.pieces;
      } else {
        fit.evidence -= std::min(1.0, element.weight) * 3 * (1 - share);
      }
    }
    fit.visible = total > 0 ? visible / total : 0;
    fit.match = visible > 0 ? matched / visible : 0;
    const std::vector<Observation> observations = observe(pose, 0.6, true);
    double sum = 0;
    double weights = 0;
    for (const Observation& o : observations) {
      const Point p = pose(o.x_mm, o.y_mm);
      const double miss = (o.value - (o.of_x ? p.x : p.y)) / view.scale;
      sum += o.weight * miss * miss;
      weights += o.weight;
    }
    // A miss is measured across a line, so only one of a point's two directions; both together are what a field feels.
    fit.residual_mm = weights > 0 ? std::sqrt(2 * sum / weights) : 0;
    return fit;
  }

  // A free line is not part of a longer one. One end may touch something; both will not.
  static bool runs_on(const View& view, const PrintElement& element, double tolerance) {
    if (!element.has_ends) return false;
    const PrintSample& a = element.samples.front();
    const PrintSample& b = element.samples.back();
    const double length = std::hypot(b.x_mm - a.x_mm, b.y_mm - a.y_mm);
    const double along_x = (b.x_mm - a.x_mm) / length;
    const double along_y = (b.y_mm - a.y_mm) / length;
    for (const auto& [end, sign] : {std::pair{a, -1.0}, std::pair{b, 1.0}}) {
      int beyond = 0;
      for (double d = 2; d <= 5; d += 0.5) {
        PrintSample next = end;
        next.x_mm += sign * along_x * d;
        next.y_mm += sign * along_y * d;
        beyond += static_cast<int>(view.look(next, tolerance) > 0);
      }
      if (beyond < 6) return false;
    }
    return true;
  }

  // How often this piece is "found" in places around, where it is not.
  double chance(const PrintElement& element, const Pose& pose, double tolerance, double needed) const {
    int found = 0;
    int looked = 0;
    constexpr int kLooks = 24;
    for (int i = 0; i < kLooks; ++i) {
      // A fixed spiral: all directions, 3 to 40 mm.
      const double angle = 2.399963 * i + 0.5;
      const double distance = (3 + 37.0 * i / kLooks) * pose.scale();
      Pose moved = pose;
      moved.m[2] += distance * std::cos(angle);
      moved.m[5] += distance * std::sin(angle);
      const ElementLook look = look_at(View(print_, moved), element, tolerance);
      if (look.visible < 0.5) continue;
      ++looked;
      if (look.share >= needed) ++found;
    }
    return std::clamp((found + 0.5) / (looked + 1.0), 0.02, 0.98);
  }

  const PrintReference& reference_;
  const PrintEvidence& print_;
  std::vector<PrintSample> probes_;
  PlaceList places_;
  double fill_scale_ = 1;
  double tried_ = 0;
};

}  // namespace

double Pose::scale() const { return std::sqrt(std::fabs(m[0] * m[4] - m[1] * m[3])); }

int Pose::quarter_turns() const {
  const double angle = std::atan2(m[3] - m[1], m[0] + m[4]);
  return static_cast<int>(std::lround(angle / (std::numbers::pi / 2)) + 4) % 4;
}

Fit search_form(const PrintReference& reference, const PrintEvidence& print, const std::function<void()>& checkpoint) {
  if (print.blank || print.width < 8 || print.height < 8) return {};
  return Search(reference, print).run(checkpoint);
}

}  // namespace inkfield::pipeline
