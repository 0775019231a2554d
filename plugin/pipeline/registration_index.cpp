#include "plugin/pipeline/registration_index.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plugin/pipeline/registration_fitting.h"

namespace inkfield::pipeline {
namespace {

using page::Point;
using Stroke = RegistrationIndex::Stroke;

constexpr unsigned kRowBits = 16;
constexpr std::size_t kRows = std::size_t{1} << kRowBits;
constexpr unsigned kOtherBits = 5;
constexpr std::uint32_t kOtherMask = (1U << kOtherBits) - 1;
// Of a template: lines that frames are hung on, and lines that are entered in each frame.
constexpr std::size_t kBasesOfForm = 14;
constexpr std::size_t kOthersOfForm = 26;
static_assert(kOthersOfForm <= kOtherMask + 1);
// Of a page, which may show more than its template lists.
constexpr std::size_t kBasesOfPage = 32;
constexpr std::size_t kOthersOfPage = 64;
constexpr std::size_t kMostMarks = 8;
constexpr std::size_t kPlacesOfForm = 5;
// Steps of the table. Far away from a frame's origin the steps grow, because an error of its length does.
constexpr double kPlaceStep = 0.06;
constexpr double kLengthStep = 0.09;
constexpr double kFarthest = 11;  // frames' lengths away

// Where the other line's middle lies in the frame, in steps that grow away from its origin, and how long it is.
struct Seen {
  double x = 0;
  double y = 0;
  double length = 0;
  unsigned kind = 0;
};
constexpr unsigned kUprightBits = 8U | 2U;

// False if it lies too far away to be of use.
bool see(const Stroke& base, const Stroke& other, Seen& seen) {
  const double unit = base.length();
  const double base_x = base.upright ? base.offset : base.middle();
  const double base_y = base.upright ? base.middle() : base.offset;
  const double x = ((other.upright ? other.offset : other.middle()) - base_x) / unit;
  const double y = ((other.upright ? other.middle() : other.offset) - base_y) / unit;
  seen.length = std::log(other.length() / unit) / kLengthStep + 48;
  if (!(std::fabs(x) <= kFarthest && std::fabs(y) <= kFarthest && seen.length >= 0 && seen.length < 95)) return false;
  seen.x = std::asinh(x * 2) / kPlaceStep;
  seen.y = std::asinh(y * 2) / kPlaceStep;
  seen.kind = (base.upright ? 8U : 0U) | (base.between_marks ? 4U : 0U) | (other.upright ? 2U : 0U) | (other.between_marks ? 1U : 0U);
  return true;
}

// Cells are numbered from a corner that no place reaches.
constexpr double kOriginCell = 64;
static_assert(kFarthest <= 11, "asinh(2 * kFarthest) / kPlaceStep must stay below kOriginCell, and the two together below 127.5");

std::uint32_t key_of(unsigned x, unsigned y, unsigned length, unsigned kind) { return (((kind * 96U + length) * 128U + y) * 128U) + x; }

std::size_t row_of(std::uint32_t key) { return ((key >> 7U) * 2654435761U) >> (32U - kRowBits); }

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

// The page's stroke as it would lie on the form if the form were held this way: undoes `make_pose`'s turn.
Stroke held(const Stroke& stroke, const Pose& form_from_page, bool swaps) {
  const Point a = form_from_page(stroke.upright ? Point{stroke.offset, stroke.from} : Point{stroke.from, stroke.offset});
  const Point b = form_from_page(stroke.upright ? Point{stroke.offset, stroke.to} : Point{stroke.to, stroke.offset});
  Stroke turned = stroke;
  turned.upright = stroke.upright != swaps;
  turned.from = turned.upright ? std::min(a.y, b.y) : std::min(a.x, b.x);
  turned.to = turned.upright ? std::max(a.y, b.y) : std::max(a.x, b.x);
  turned.offset = turned.upright ? (a.x + b.x) / 2 : (a.y + b.y) / 2;
  return turned;
}

}  // namespace

void RegistrationIndex::add(const PrintReference& reference) {
  const auto number = static_cast<std::uint32_t>(forms_.size());
  forms_.push_back({&reference, choose_probes(reference)});
  const std::vector<Stroke> strokes = strokes_of(reference);
  const std::size_t others = std::min(strokes.size(), kOthersOfForm);
  std::vector<Entry> fresh;
  for (std::size_t b = 0; b < std::min(strokes.size(), kBasesOfForm); ++b) {
    const auto base = static_cast<std::uint32_t>(bases_.size());
    std::uint32_t entered = 0;
    for (std::size_t o = 0; o < others; ++o) {
      Seen seen;
      if (o == b || !see(strokes[b], strokes[o], seen)) continue;
      const std::uint32_t key =
          key_of(static_cast<unsigned>(seen.x + kOriginCell), static_cast<unsigned>(seen.y + kOriginCell), static_cast<unsigned>(seen.length), seen.kind);
      fresh.push_back({key, (base << kOtherBits) | static_cast<std::uint32_t>(o)});
      ++entered;
    }
    bases_.push_back({strokes[b], number, entered});
  }
  // The rows move apart, from the last one on, to make room for the new entries at their ends.
  row_ends_.resize(kRows, 0);
  std::stable_sort(fresh.begin(), fresh.end(), [](const Entry& a, const Entry& b) { return row_of(a.key) < row_of(b.key); });
  std::size_t read = entries_.size();
  std::size_t write = read + fresh.size();
  entries_.resize(write);
  for (std::size_t row = kRows; row-- > 0 && !fresh.empty();) {
    const std::size_t begin = row > 0 ? row_ends_[row - 1] : 0;
    row_ends_[row] = static_cast<std::uint32_t>(write);
    while (!fresh.empty() && row_of(fresh.back().key) == row) {
      entries_[--write] = fresh.back();
      fresh.pop_back();
    }
    std::move_backward(entries_.begin() + static_cast<std::ptrdiff_t>(begin), entries_.begin() + static_cast<std::ptrdiff_t>(read), entries_.begin() + static_cast<std::ptrdiff_t>(write));
    write -= read - begin;
    read = begin;
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
  const std::size_t bases = std::min(seen_strokes.size(), kBasesOfPage);
  // What each line sees of the others is the same however the sheet is held, but for signs and axes.
  std::vector<std::vector<Seen>> views(bases);
  for (std::size_t b = 0; b < bases; ++b) {
    for (std::size_t o = 0; o < std::min(seen_strokes.size(), kOthersOfPage); ++o) {
      Seen seen;
      if (o != b && see(seen_strokes[b], seen_strokes[o], seen)) views[b].push_back(seen);
    }
  }
  for (const bool mirrored : {false, true}) {
    for (int turns = 0; turns < 4; ++turns) {
      checkpoint();
      const Pose turn = make_pose(turns, mirrored, 1, 0, 0);
      const Pose back = turn.inverse();
      const bool swaps = turns % 2 == 1;
      for (std::size_t b = 0; b < bases; ++b) {
        const Stroke to = held(seen_strokes[b], back, swaps);
        touched.clear();
        for (const Seen& seen : views[b]) {
          // Half a step either way: two cells along each axis.
          const auto low = [](double at) { return static_cast<unsigned>(std::max(0.0, at - 0.5)); };
          const unsigned x = low(back.m[0] * seen.x + back.m[1] * seen.y + kOriginCell);
          const unsigned y = low(back.m[3] * seen.x + back.m[4] * seen.y + kOriginCell);
          const unsigned length = low(seen.length);
          const unsigned kind = swaps ? seen.kind ^ kUprightBits : seen.kind;
          for (unsigned cell = 0; cell < 4; ++cell) {
            const std::uint32_t key = key_of(x, y + (cell & 1U), length + (cell >> 1U), kind);
            const std::size_t row = row_of(key);
            const Entry* const end = entries_.data() + row_ends_[row];
            for (const Entry* entry = entries_.data() + (row > 0 ? row_ends_[row - 1] : 0); entry != end; ++entry) {
              if (entry->key - key > 1) continue;
              const std::uint32_t base = entry->base_and_other >> kOtherBits;
              if (named[base] == 0) touched.push_back(base);
              named[base] |= 1U << (entry->base_and_other & kOtherMask);
            }
          }
        }
        for (const std::uint32_t t : touched) {
          const Base& base = bases_[t];
          const int votes = __builtin_popcount(named[t]);
          named[t] = 0;
          const double scale = to.length() / base.stroke.length();
          if (scale < 0.33 * fill[base.form] || scale > 1.5 * fill[base.form]) continue;
          // What is named once more weighs more than what could have been named: small forms would win by chance.
          const double share = (votes - 0.5) / (base.others + 1.5);
          auto& list = best[base.form];
          if (share <= list.back().share) continue;
          Pose pose = Pose::scale_shift(scale, scale, 0, 0);
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
