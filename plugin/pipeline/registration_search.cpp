// Looking for a template's print on a page, coarse to fine.
//
// One printed line whose two ends are known (or two solid blobs) says where the whole form would lie. All such places
// are probed with a few samples of print; the best are drawn to their lines by least squares, with less and less
// freedom, and the one under which most print is found is measured to a fraction of a pixel.
#include "plugin/pipeline/registration_search.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace inkfield::pipeline {
namespace {

using page::Point;

constexpr std::size_t kReferenceLinesTried = 40;
constexpr std::size_t kPageLinesTried = 160;
constexpr std::size_t kBlobsTried = 60;
constexpr std::size_t kPlacesKept = 40;
constexpr std::size_t kPlacesRefined = 6;
// Film is fed mirrored far more seldom than paper the right way up: in doubt it is not.
constexpr double kMirrorHandicap = 0.93;

class PlaceList {
 public:
  explicit PlaceList(double spacing_px) : spacing_(spacing_px) {}
  [[nodiscard]] double least() const { return places_.size() < kPlacesKept ? 0.05 : places_.back().score; }
  void add(const Pose& pose, double score, const PrintReference& reference) {
    if (score <= least()) return;
    // Neighbours of a better place would only crowd others out.
    auto near = [&](const Pose& a, const Pose& b) {
      for (const auto& [x, y] : {std::pair{0.0, 0.0}, std::pair{reference.width_mm, reference.height_mm}}) {
        const Point p = a(Point{x, y});
        const Point q = b(Point{x, y});
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
      : reference_(reference), print_(print), fitter_(reference, print), probes_(choose_probes(reference)), places_(1.5 * fitter_.fill_scale()) {}

  Fit run(const std::function<void()>& checkpoint) {
    for (const bool mirrored : {false, true}) {
      for (const int turns : {0, 2, 1, 3}) {
        checkpoint();
        place_by_lines(turns, mirrored, checkpoint);
        place_by_blobs(turns, mirrored, checkpoint);
      }
    }
    std::vector<Place> near;
    for (const Place& place : places_.all()) {
      checkpoint();
      near.push_back(bring_near(reference_, print_, place.pose));
    }
    std::stable_sort(near.begin(), near.end(), [](const Place& a, const Place& b) { return a.score > b.score; });
    if (near.size() > kPlacesRefined) near.resize(kPlacesRefined);
    Fit best;
    for (const Place& place : near) {
      // What is that much poorer does not become the best by a closer look.
      if (best.found && place.score < 0.8 * near.front().score) break;
      const Fit fit = settle(reference_, print_, place.pose, checkpoint);
      if (!best.found || fit.evidence > best.evidence) best = fit;
    }
    best.tried = std::max(1.0, tried_);
    return best;
  }

 private:
  void consider(const Pose& pose, double certainty_mm, bool mirrored) {
    ++tried_;
    const View view(print_, pose, reference_);
    const double handicap = mirrored ? kMirrorHandicap : 1;
    const double score = probe(view, probes_, tolerance_for(view.scale, certainty_mm), places_.least() / handicap);
    places_.add(pose, score * handicap, reference_);
  }

  void place_by_lines(int turns, bool mirrored, const std::function<void()>& checkpoint) {
    const std::size_t count = std::min(reference_.lines.size(), kReferenceLinesTried);
    for (std::size_t r = 0; r < count; ++r) {
      if (r % 8 == 7) checkpoint();
      const ReferenceLine& line = reference_.lines[r];
      const bool seen_upright = line.upright != (turns % 2 == 1);
      const std::vector<LineSegment>& segments = seen_upright ? print_.upright : print_.level;
      const std::size_t limit = std::min(segments.size(), kPageLinesTried);
      for (std::size_t s = 0; s < limit; ++s) {
        const LineSegment& segment = segments[s];
        const double scale = segment.length() / line.length_mm();
        if (!fitter_.plausible(scale)) continue;
        Pose pose = make_pose(turns, mirrored, scale, 0, 0);
        const double middle = (line.from_mm + line.to_mm) / 2;
        const Point at = pose(line.upright ? Point{line.offset_mm, middle} : Point{middle, line.offset_mm});
        const double along = (segment.from + segment.to) / 2;
        pose.m[2] = (seen_upright ? segment.offset : along) - at.x;
        pose.m[5] = (seen_upright ? along : segment.offset) - at.y;
        // Ends are known to a pixel or two; what that does to the scale grows away from the line.
        consider(pose, std::clamp(1.0 + 40 / line.length_mm(), 1.0, 2.5), mirrored);
      }
    }
  }

  void place_by_blobs(int turns, bool mirrored, const std::function<void()>& checkpoint) {
    const std::vector<config::RectMm>& marks = reference_.blobs;
    const std::size_t limit = std::min(print_.blobs.size(), kBlobsTried);
    for (std::size_t a = 0; a < std::min<std::size_t>(marks.size(), 8); ++a) {
      for (std::size_t b = a + 1; b < std::min<std::size_t>(marks.size(), 8); ++b) {
        checkpoint();
        const Pose unit = make_pose(turns, mirrored, 1, 0, 0);
        const Point from = unit(Point{marks[a].center().x_mm, marks[a].center().y_mm});
        const Point to = unit(Point{marks[b].center().x_mm, marks[b].center().y_mm});
        const double distance = std::hypot(to.x - from.x, to.y - from.y);
        if (distance < 15) continue;
        for (std::size_t i = 0; i < limit; ++i) {
          for (std::size_t k = 0; k < limit; ++k) {
            if (i == k) continue;
            const Point p = print_.blobs[i].center();
            const Point q = print_.blobs[k].center();
            const double scale = std::hypot(q.x - p.x, q.y - p.y) / distance;
            if (!fitter_.plausible(scale) || !alike(marks[a], print_.blobs[i], scale, turns) || !alike(marks[b], print_.blobs[k], scale, turns)) continue;
            const double angle = std::atan2(q.y - p.y, q.x - p.x) - std::atan2(to.y - from.y, to.x - from.x);
            const double off = std::remainder(angle, 2 * std::numbers::pi);
            if (std::fabs(off) > 0.035) continue;  // the picture stands upright already, to two degrees
            Pose pose = Pose::rotation(off).after(make_pose(turns, mirrored, scale, 0, 0));
            const Point at = pose(Point{marks[a].center().x_mm, marks[a].center().y_mm});
            pose.m[2] = p.x - at.x;
            pose.m[5] = p.y - at.y;
            consider(pose, 1.0, mirrored);
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

  const PrintReference& reference_;
  const PrintEvidence& print_;
  PoseFitter fitter_;
  std::vector<PrintSample> probes_;
  PlaceList places_;
  double tried_ = 0;
};

}  // namespace

Place bring_near(const PrintReference& reference, const PrintEvidence& print, const Pose& rough) {
  const PoseFitter fitter(reference, print);
  Place place{rough, 0};
  fitter.draw_near(place.pose);
  const bool mirrored = is_mirrored(place.pose, {reference.width_mm / 2, reference.height_mm / 2});
  place.score = fitter.weighted_share(place.pose, 0.7) * (mirrored ? kMirrorHandicap : 1);
  return place;
}

Fit settle(const PrintReference& reference, const PrintEvidence& print, const Pose& near, const std::function<void()>& checkpoint) {
  const PoseFitter fitter(reference, print);
  Pose pose = near;
  checkpoint();
  for (const double window : {1.5, 1.0, 0.7}) fitter.draw_to_print(pose, window, Freedom::stretched, false, false);
  fitter.polish(pose);
  checkpoint();
  return fitter.measure(pose, checkpoint);
}

Fit search_form(const PrintReference& reference, const PrintEvidence& print, const std::function<void()>& checkpoint) {
  if (print.blank || print.width < 8 || print.height < 8) return {};
  return Search(reference, print).run(checkpoint);
}

}  // namespace inkfield::pipeline
