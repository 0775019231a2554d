#include "plugin/pipeline/registration_index.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plugin/pipeline/registration_fitting.h"

namespace inkfield::pipeline {
namespace {

using page::Point;
using Stroke = RegistrationIndex::Stroke;

constexpr std::size_t kBuckets = 1U << 15U;
// Of a template: lines that frames are hung on, and lines that are entered in each frame.
constexpr std::size_t kBasesOfForm = 14;
constexpr std::size_t kOthersOfForm = 26;
// Of a page, which may show more than its template lists.
constexpr std::size_t kBasesOfPage = 32;
constexpr std::size_t kOthersOfPage = 64;
constexpr std::size_t kMostMarks = 8;
constexpr std::size_t kPlacesOfForm = 5;
// Steps of the table. Far away from a frame's origin the steps grow, because an error of its length does.
constexpr double kPlaceStep = 0.06;
constexpr double kLengthStep = 0.09;
constexpr double kFarthest = 12;  // frames' lengths away

// Where the other line's middle lies in the frame, in growing steps, and how long it is.
struct Seen {
  double x = 0;
  double y = 0;
  double length = 0;
  unsigned kind = 0;
};

bool see(const Stroke& base, const Stroke& other, Seen& seen) {
  const double unit = base.length();
  const double base_x = base.upright ? base.offset : base.middle();
  const double base_y = base.upright ? base.middle() : base.offset;
  const double x = ((other.upright ? other.offset : other.middle()) - base_x) / unit;
  const double y = ((other.upright ? other.middle() : other.offset) - base_y) / unit;
  if (std::fabs(x) > kFarthest || std::fabs(y) > kFarthest) return false;
  seen.x = std::asinh(x * 2) / kPlaceStep + 64;
  seen.y = std::asinh(y * 2) / kPlaceStep + 64;
  seen.length = std::log(other.length() / unit) / kLengthStep + 48;
  seen.kind = (base.upright ? 8U : 0U) | (base.between_marks ? 4U : 0U) | (other.upright ? 2U : 0U) | (other.between_marks ? 1U : 0U);
  return seen.x >= 0 && seen.y >= 0 && seen.length >= 0 && seen.x < 127 && seen.y < 127 && seen.length < 95;
}

std::uint32_t key_of(unsigned x, unsigned y, unsigned length, unsigned kind) { return (((kind * 96U + length) * 128U + y) * 128U) + x; }

std::size_t bucket_of(std::uint32_t key) { return (key * 2654435761U) >> (32U - 15U); }

void sort_by_length(std::vector<Stroke>& strokes) {
  std::stable_sort(strokes.begin(), strokes.end(), [](const Stroke& a, const Stroke& b) { return a.length() > b.length(); });
}

// The ways between marks that stand in one row or column.
template <class Mark>
void add_ways(const std::vector<Mark>& marks, double slack, std::vector<Stroke>& strokes) {
  for (std::size_t a = 0; a < std::min(marks.size(), kMostMarks); ++a) {
    for (std::size_t b = a + 1; b < std::min(marks.size(), kMostMarks); ++b) {
      const auto p = marks[a];
      const auto q = marks[b];
      const double dx = std::fabs(p.x - q.x);
      const double dy = std::fabs(p.y - q.y);
      if (std::min(dx, dy) > slack * std::max(dx, dy)) continue;
      if (dx > dy) strokes.push_back({false, true, std::min(p.x, q.x), std::max(p.x, q.x), (p.y + q.y) / 2});
      else if (dy > 0) strokes.push_back({true, true, std::min(p.y, q.y), std::max(p.y, q.y), (p.x + q.x) / 2});
    }
  }
}

std::vector<Stroke> strokes_of(const PrintReference& reference) {
  std::vector<Stroke> strokes;
  for (const ReferenceLine& line : reference.lines) {
    if (line.length_mm() > 3) strokes.push_back({line.upright, false, line.from_mm, line.to_mm, line.offset_mm});
  }
  std::vector<Point> marks;
  for (const config::RectMm& blob : reference.blobs) marks.push_back({blob.center().x_mm, blob.center().y_mm});
  add_ways(marks, 0.01, strokes);
  sort_by_length(strokes);
  return strokes;
}

// Solid pieces that could be marks: near square ones first, of like size.
std::vector<Stroke> strokes_of(const PrintEvidence& print) {
  std::vector<Stroke> strokes;
  for (const auto* segments : {&print.level, &print.upright}) {
    for (std::size_t i = 0; i < std::min(segments->size(), kOthersOfPage); ++i) {
      const LineSegment& s = (*segments)[i];
      strokes.push_back({segments == &print.upright, false, s.from, s.to, s.offset});
    }
  }
  std::vector<SolidBlob> blobs = print.blobs;
  std::stable_sort(blobs.begin(), blobs.end(), [](const SolidBlob& a, const SolidBlob& b) {
    const auto odd = [](const SolidBlob& s) { return std::fabs(std::log(s.width() / s.height())); };
    return odd(a) < odd(b);
  });
  std::vector<Point> marks;
  for (const SolidBlob& blob : blobs) marks.push_back(blob.center());
  add_ways(marks, 0.05, strokes);
  sort_by_length(strokes);
  return strokes;
}

// The page's strokes as they would lie on the form if the form were held this way: undoes `make_pose`'s turn.
std::vector<Stroke> held(const std::vector<Stroke>& strokes, const Pose& form_from_page, bool swaps) {
  std::vector<Stroke> result;
  result.reserve(strokes.size());
  for (const Stroke& s : strokes) {
    const Point a = form_from_page(s.upright ? Point{s.offset, s.from} : Point{s.from, s.offset});
    const Point b = form_from_page(s.upright ? Point{s.offset, s.to} : Point{s.to, s.offset});
    Stroke turned = s;
    turned.upright = s.upright != swaps;
    turned.from = turned.upright ? std::min(a.y, b.y) : std::min(a.x, b.x);
    turned.to = turned.upright ? std::max(a.y, b.y) : std::max(a.x, b.x);
    turned.offset = turned.upright ? (a.x + b.x) / 2 : (a.y + b.y) / 2;
    result.push_back(turned);
  }
  return result;
}

}  // namespace

void RegistrationIndex::add(const PrintReference& reference) {
  if (buckets_.empty()) buckets_.resize(kBuckets);
  const auto number = static_cast<std::uint32_t>(forms_.size());
  forms_.push_back({&reference, choose_probes(reference)});
  const std::vector<Stroke> strokes = strokes_of(reference);
  const std::size_t others = std::min(strokes.size(), kOthersOfForm);
  for (std::size_t b = 0; b < std::min(strokes.size(), kBasesOfForm); ++b) {
    const auto base = static_cast<std::uint32_t>(bases_.size());
    std::uint32_t entered = 0;
    for (std::size_t o = 0; o < others; ++o) {
      Seen seen;
      if (o == b || !see(strokes[b], strokes[o], seen)) continue;
      const std::uint32_t key = key_of(static_cast<unsigned>(seen.x), static_cast<unsigned>(seen.y), static_cast<unsigned>(seen.length), seen.kind);
      buckets_[bucket_of(key)].push_back({key, base, static_cast<std::uint32_t>(o)});
      ++entered;
    }
    bases_.push_back({strokes[b], number, entered});
  }
}

std::vector<IndexedPlace> RegistrationIndex::ask(const PrintEvidence& print, double& tried, const std::function<void()>& checkpoint) const {
  std::vector<IndexedPlace> places;
  if (forms_.empty() || print.blank || print.width < 8 || print.height < 8) return places;
  struct Named {
    double share = 0;
    std::uint32_t base = 0;
    Pose pose;
  };
  std::vector<std::array<Named, kPlacesOfForm>> best(forms_.size());
  std::vector<std::uint32_t> named(bases_.size(), 0);  // a bit for each other line, so that none counts twice
  std::vector<std::uint32_t> touched;
  std::vector<double> fill(forms_.size());
  for (std::size_t i = 0; i < forms_.size(); ++i) fill[i] = PoseFitter(*forms_[i].reference, print).fill_scale();
  const std::vector<Stroke> seen_strokes = strokes_of(print);
  for (const bool mirrored : {false, true}) {
    for (int turns = 0; turns < 4; ++turns) {
      checkpoint();
      const Pose turn = make_pose(turns, mirrored, 1, 0, 0);
      const std::vector<Stroke> strokes = held(seen_strokes, turn.inverse(), turns % 2 == 1);
      for (std::size_t b = 0; b < std::min(strokes.size(), kBasesOfPage); ++b) {
        touched.clear();
        for (std::size_t o = 0; o < std::min(strokes.size(), kOthersOfPage); ++o) {
          Seen seen;
          if (o == b || !see(strokes[b], strokes[o], seen)) continue;
          // Half a step either way: two cells along each axis.
          const auto low = [](double at) { return static_cast<unsigned>(std::max(0.0, at - 0.5)); };
          const unsigned x = low(seen.x);
          const unsigned y = low(seen.y);
          const unsigned length = low(seen.length);
          for (unsigned cell = 0; cell < 8; ++cell) {
            const std::uint32_t key = key_of(x + (cell & 1U), y + ((cell >> 1U) & 1U), length + (cell >> 2U), seen.kind);
            for (const Entry& entry : buckets_[bucket_of(key)]) {
              if (entry.key != key) continue;
              if (named[entry.base] == 0) touched.push_back(entry.base);
              named[entry.base] |= 1U << entry.other;
            }
          }
        }
        for (const std::uint32_t t : touched) {
          const Base& base = bases_[t];
          const int votes = __builtin_popcount(named[t]);
          named[t] = 0;
          const double scale = strokes[b].length() / base.stroke.length();
          if (scale < 0.33 * fill[base.form] || scale > 1.5 * fill[base.form]) continue;
          // What is named once more weighs more than what could have been named: small forms would win by chance.
          const double share = (votes - 0.5) / (base.others + 1.5);
          auto& list = best[base.form];
          if (share <= list.back().share) continue;
          Pose pose = Pose::scale_shift(scale, scale, 0, 0);
          const Stroke& to = strokes[b];
          const Stroke& from = base.stroke;
          pose.m[2] = (from.upright ? to.offset : to.middle()) - scale * (from.upright ? from.offset : from.middle());
          pose.m[5] = (from.upright ? to.middle() : to.offset) - scale * (from.upright ? from.middle() : from.offset);
          auto at = std::find_if(list.begin(), list.end(), [&](const Named& n) { return n.share < share; });
          std::move_backward(at, list.end() - 1, list.end());
          *at = {share, t, turn.after(pose)};
          ++tried;
        }
      }
    }
  }
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (i % 32 == 0) checkpoint();
    for (const Named& n : best[i]) {
      if (n.share <= 0) break;
      const View view(print, n.pose, *forms_[i].reference);
      const double length_mm = bases_[n.base].stroke.length();
      const double score = probe(view, forms_[i].probes, tolerance_for(view.scale, std::clamp(1.0 + 40 / length_mm, 1.0, 2.5)), 0.25);
      if (score > 0) places.push_back({i, n.pose, score});
    }
  }
  std::stable_sort(places.begin(), places.end(), [](const IndexedPlace& a, const IndexedPlace& b) { return a.score > b.score; });
  return places;
}

}  // namespace inkfield::pipeline
