// Angles by how sharply edges gather on lines; a camera's view by how lines converge.
#include "plugin/pipeline/registration_skew.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numbers>

#include "plugin/pipeline/wide_loops.h"
#include "recognizer/eight_pixels.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;
using page::Point;
using page::Transform;

constexpr double kMaxSkewDegrees = 22;
// Forms and letters reach 1.2 to 6 times the middling score at their own angle, specks and noise 1.09.
constexpr double kSkewCertainty = 1.12;
// Enough edges for a quarter of a degree, then for a fortieth.
constexpr std::size_t kCoarseEdges = 6000;
constexpr std::size_t kFineEdges = 14000;
// Edges so near the page's middle, as shares of its sides, are taken alone if they are more than so few and gather so much better.
constexpr double kInnerShare = 0.25;
constexpr std::size_t kFewInner = 1000;
constexpr double kInnerGain = 1.15;
// Lines that tell whether they converge; lengths and places are measured in half pictures.
constexpr double kShortestLine = 0.03;
constexpr std::size_t kMostLines = 300;
constexpr double kLeastVariance = 0.002;     // of the lines' places
constexpr double kSureConvergence = 5;       // times its error
constexpr double kLeastConvergence = 0.008;  // radians between the middle and the edge: less is left to the fit

struct EdgePoints {
  std::vector<Point> level;    // dark below light
  std::vector<Point> upright;  // dark right of light
};

void thin_out(std::vector<Point>& points, std::size_t most) {
  if (points.size() <= most) return;
  std::vector<Point> kept;
  kept.reserve(most);
  const double step = static_cast<double>(points.size()) / static_cast<double>(most);
  for (std::size_t i = 0; i < most; ++i) kept.push_back(points[static_cast<std::size_t>(static_cast<double>(i) * step)]);
  points = std::move(kept);
}

// Counts of places, in four parts: neighbours on a line fall on one place, and one counter would wait for
// itself.
class PlaceCounts {
 public:
  explicit PlaceCounts(std::size_t places) : places_(places), counts_(4 * places) {}
  [[nodiscard]] std::size_t places() const { return places_; }
  void clear() { std::fill(counts_.begin(), counts_.end(), 0U); }
  void add(const std::int32_t* places, std::size_t count) {
    unsigned* const counts = counts_.data();
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      ++counts[static_cast<std::size_t>(places[i])];
      ++counts[static_cast<std::size_t>(places[i + 1]) + places_];
      ++counts[static_cast<std::size_t>(places[i + 2]) + 2 * places_];
      ++counts[static_cast<std::size_t>(places[i + 3]) + 3 * places_];
    }
    for (; i < count; ++i) ++counts[static_cast<std::size_t>(places[i])];
  }
  [[nodiscard]] const unsigned* part(std::size_t i) const { return counts_.data() + i * places_; }

 private:
  std::size_t places_;
  std::vector<unsigned> counts_;
};

INKFIELD_WIDE_LOOPS double sum_of_squares(const PlaceCounts& counts) {
  const unsigned* const a = counts.part(0);
  const unsigned* const b = counts.part(1);
  const unsigned* const c = counts.part(2);
  const unsigned* const d = counts.part(3);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.places(); ++i) {
    const unsigned count = a[i] + b[i] + c[i] + d[i];
    sum += std::uint64_t{count} * count;
  }
  return static_cast<double>(sum);
}

// Whole places of along_x * x + along_y * y + middle.
INKFIELD_WIDE_LOOPS void find_places(const Point* points, std::size_t count, double along_x, double along_y,
                                     double middle, std::int32_t* places) {
  for (std::size_t i = 0; i < count; ++i)
    places[i] = static_cast<std::int32_t>(points[i].y * along_y + points[i].x * along_x + middle);
}

// How sharply points gather in bins of along_x * x + along_y * y.
double gathering(const std::vector<Point>& points, double along_x, double along_y, PlaceCounts& bins) {
  const double middle = static_cast<double>(bins.places()) / 2;
  bins.clear();
  // Places first, several at a time, then the counts.
  constexpr std::size_t kBlock = 256;
  std::array<std::int32_t, kBlock> places{};
  for (std::size_t first = 0; first < points.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, points.size() - first);
    find_places(points.data() + first, count, along_x, along_y, middle, places.data());
    bins.add(places.data(), count);
  }
  return sum_of_squares(bins);
}

// How sharply edges gather on level (and upright) lines when the picture is turned by -angle.
double gathering(const EdgePoints& edges, double angle, double bin, PlaceCounts& bins) {
  const double c = std::cos(angle) / bin;
  const double s = std::sin(angle) / bin;
  return gathering(edges.level, -s, c, bins) + gathering(edges.upright, c, s, bins);
}

std::vector<Point> thinned(const std::vector<Point>& points, std::size_t most) {
  std::vector<Point> copy = points;
  thin_out(copy, most);
  return copy;
}

std::vector<Point> inner_part(const std::vector<Point>& points, double most_x, double most_y) {
  std::vector<Point> inner;
  std::copy_if(points.begin(), points.end(), std::back_inserter(inner), [&](const Point& p) { return std::fabs(p.x) < most_x && std::fabs(p.y) < most_y; });
  return inner;
}

// Slopes of lines over where they lie: a straight line through them, drawn by weighted least squares again and again so
// that strays lose their weight.
struct Trend {
  double at_middle = 0;
  double per_px = 0;
  bool certain = false;
};

Trend trend_of(const std::vector<LineSegment>& lines, double middle, double half) {
  Trend trend;
  struct Point1 {
    double place = 0;
    double slope = 0;
    double weight = 0;
  };
  std::vector<Point1> points;
  for (const LineSegment& line : lines) {
    if (line.length() < kShortestLine * half || points.size() >= kMostLines) break;
    // A slope is as sure as its line is long.
    const double length = line.length() / half;
    points.push_back({(line.offset - middle) / half, line.slope, length * length});
  }
  if (points.size() < 5) return trend;
  double a = 0;
  double b = 0;
  double spread = 0.03;
  double reach = 0;
  double error = 0;  // of b
  for (int round = 0; round < 8; ++round) {
    double w = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (const Point1& p : points) {
      const double miss = (p.slope - a - b * p.place) / spread;
      const double weight = p.weight / (1 + miss * miss);
      w += weight;
      x += weight * p.place;
      y += weight * p.slope;
      xx += weight * p.place * p.place;
      xy += weight * p.place * p.slope;
    }
    const double variance = xx / w - (x / w) * (x / w);
    reach = std::sqrt(std::max(0.0, variance));
    if (variance < kLeastVariance) return trend;  // all in one place: no telling whether they converge
    b = (xy / w - x * y / (w * w)) / variance;
    a = y / w - b * x / w;
    double misses = 0;
    double weights = 0;
    double squares = 0;
    for (const Point1& p : points) {
      const double miss = std::fabs(p.slope - a - b * p.place);
      const double weight = p.weight / (1 + (miss / spread) * (miss / spread));
      misses += weight * miss;
      weights += weight;
      squares += weight * weight;
    }
    spread = std::max(0.002, 2 * misses / weights);
    error = spread / std::sqrt(weights * weights / squares * variance);
  }
  trend.at_middle = a;
  trend.per_px = b / half;
  const bool clear = spread < std::fabs(b) && reach > 0.2;
  trend.certain = std::fabs(b) > kLeastConvergence && (clear || std::fabs(b) > kSureConvergence * error);
  return trend;
}

}  // namespace

double measure_skew(const std::vector<std::uint8_t>& dark, int width, int height) {
  if (width < 16 || height < 16) return 0;
  EdgePoints edges;
  const double center_x = width / 2.0;
  const double center_y = height / 2.0;
  const int inset = std::max(width, height) / 100;  // a scanner's dark rim is not the page
  const int first_x = std::max(1, inset);
  for (int y = std::max(1, inset); y < height - inset; ++y) {
    const std::uint8_t* row = dark.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
    const std::uint8_t* above = row - width;
    // Every third row or column is enough.
    const bool whole = y % 3 == 0;
    const int end_x = width - inset;
    for (int x = recognizer::find_at_least(row, first_x, end_x, 1); x < end_x;
         x = recognizer::find_at_least(row, x + 1, end_x, 1)) {
      const Point p{x - center_x, y - center_y};
      if (above[x] == 0 && (x - first_x) % 3 == 0) edges.level.push_back(p);
      if (whole && row[x - 1] == 0) edges.upright.push_back(p);
    }
  }
  thin_out(edges.level, kFineEdges);
  thin_out(edges.upright, kFineEdges);
  if (edges.level.size() + edges.upright.size() < 50) return 0;
  const EdgePoints few{thinned(edges.level, kCoarseEdges), thinned(edges.upright, kCoarseEdges)};
  const double diagonal = std::hypot(width, height);
  const double px = std::max(1.0, std::max(width, height) / 900.0);
  std::vector<double> scores;
  auto search = [&](const EdgePoints& points, double from, double to, double step, double bin) {
    PlaceCounts bins(static_cast<std::size_t>(diagonal / bin) + 8);
    scores.clear();
    double best = -1;
    double best_angle = 0;
    const int steps = static_cast<int>(std::lround((to - from) / step));
    for (int i = 0; i <= steps; ++i) {
      const double angle = from + step * i;
      const double score = gathering(points, angle * std::numbers::pi / 180, bin, bins);
      scores.push_back(score);
      if (score > best) {
        best = score;
        best_angle = angle;
      }
    }
    return best_angle;
  };
  struct Coarse {
    double angle = 0;
    double certainty = 0;  // the best score over the middling one
  };
  const auto look_coarsely = [&](const EdgePoints& points) {
    // Bins of two pixels forgive 0.25 degrees over a third of the picture, which the next steps then take away.
    const double angle = search(points, -kMaxSkewDegrees, kMaxSkewDegrees, 0.5, 2 * px);
    const double best = *std::max_element(scores.begin(), scores.end());
    const auto middle = scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 2);
    std::nth_element(scores.begin(), middle, scores.end());
    return Coarse{angle, best / std::max(1.0, *middle)};
  };
  Coarse coarse = look_coarsely(few);
  // Under a camera lines converge, and only those in the middle lie as the page does.
  const EdgePoints inner{inner_part(edges.level, kInnerShare * width, kInnerShare * height), inner_part(edges.upright, kInnerShare * width, kInnerShare * height)};
  const Coarse inner_coarse = look_coarsely(inner);
  const bool from_inner = inner.level.size() + inner.upright.size() > kFewInner && inner_coarse.certainty > kInnerGain * coarse.certainty;
  if (from_inner) coarse = inner_coarse;
  // Specks gather nowhere in particular: such a page is left as it lies.
  if (coarse.certainty < kSkewCertainty) return 0;
  const EdgePoints& fine = from_inner ? inner : edges;
  const double middle = search(fine, coarse.angle - 0.5, coarse.angle + 0.5, 0.1, 1.5 * px);
  return search(fine, middle - 0.1, middle + 0.1, 0.025, px) * std::numbers::pi / 180;
}

bool measure_convergence(const PrintEvidence& print, Transform& seen_from_flat) {
  const double half_width = print.width / 2.0;
  const double half_height = print.height / 2.0;
  const Trend level = trend_of(print.level, half_height, half_height);
  const Trend upright = trend_of(print.upright, half_width, half_width);
  if (!level.certain && !upright.certain) return false;
  const double p = level.certain ? -level.per_px : 0;
  const double q = upright.certain ? -upright.per_px : 0;
  const double focal = kFocalLength * std::max(print.width, print.height);
  const auto shortened = [focal](double convergence) { return std::sqrt(std::max(0.5, 1 - convergence * focal * convergence * focal)); };
  Transform camera;
  camera.m = {shortened(p), upright.certain ? upright.at_middle : 0, 0, level.certain ? level.at_middle : 0, shortened(q), 0, p, q, 1};
  seen_from_flat = Transform::scale_shift(1, 1, half_width, half_height).after(camera);
  return true;
}

Transform fitting_canvas(const Transform& gray_from_free, const GrayImage& gray, int& width, int& height) {
  const page::Quad corners = gray_from_free.inverse()(page::rectangle(0, 0, gray.width_px, gray.height_px));
  double left = corners[0].x;
  double top = corners[0].y;
  double right = left;
  double bottom = top;
  for (const Point& corner : corners) {
    left = std::min(left, corner.x);
    top = std::min(top, corner.y);
    right = std::max(right, corner.x);
    bottom = std::max(bottom, corner.y);
  }
  const int most = 2 * std::max(gray.width_px, gray.height_px);
  width = std::clamp(static_cast<int>(std::ceil(right - left)), 1, most);
  height = std::clamp(static_cast<int>(std::ceil(bottom - top)), 1, most);
  return gray_from_free.after(Transform::scale_shift(1, 1, left, top));
}

std::vector<std::pair<int, int>> shown_columns(const Transform& gray_from_turned, int gray_width, int gray_height, int width, int height) {
  const auto& m = gray_from_turned.m;
  std::vector<std::pair<int, int>> shown(static_cast<std::size_t>(height));
  for (int row = 0; row < height; ++row) {
    const double y = row + 0.5;
    double from = 0;
    double to = width;
    // Each side of the source allows what lies on its own side of a straight line: a * x + b >= 0.
    const auto allow = [&](double a, double b) {
      if (a > 0) from = std::max(from, -b / a);
      else if (a < 0) to = std::min(to, -b / a);
      else if (b < 0) to = 0;
    };
    const double w = m[7] * y + m[8];
    allow(m[0], m[1] * y + m[2]);
    allow(m[3], m[4] * y + m[5]);
    allow(gray_width * m[6] - m[0], gray_width * w - m[1] * y - m[2]);
    allow(gray_height * m[6] - m[3], gray_height * w - m[4] * y - m[5]);
    from = std::min<double>(from, width);
    shown[static_cast<std::size_t>(row)] = {static_cast<int>(std::ceil(from)), static_cast<int>(std::floor(std::max(from, to)))};
  }
  return shown;
}

GrayImage turned(const GrayImage& gray, const Transform& gray_from_turned, int new_width, int new_height, int paper) {
  GrayImage result(new_width, new_height, static_cast<std::uint8_t>(paper));
  const int last_x = gray.width_px - 1;
  const int last_y = gray.height_px - 1;
  if (last_x < 1 || last_y < 1) return result;
  const auto& m = gray_from_turned.m;
  const bool flat = m[6] == 0 && m[7] == 0;
  constexpr int kShift = 16;
  const auto fixed = [](double value) { return static_cast<std::int64_t>(std::llround(value * (1 << kShift))); };
  const std::int64_t step_x = fixed(m[0]);
  const std::int64_t step_y = fixed(m[3]);
  // Along a row the way through the source is straight: where it enters and leaves the picture is known beforehand.
  for (int y = 0; y < new_height; ++y) {
    std::uint8_t* out = result.row(y);
    // A camera's view is followed in pieces of sixteen pixels, straight within each.
    const int piece = flat ? new_width : 16;
    for (int x0 = 0; x0 < new_width; x0 += piece) {
      const int x1 = std::min(new_width, x0 + piece);
      const Point start = gray_from_turned(Point{x0 + 0.5, y + 0.5});
      std::int64_t du = step_x;
      std::int64_t dv = step_y;
      if (!flat) {
        const Point end = gray_from_turned(Point{x0 + piece + 0.5, y + 0.5});
        du = fixed((end.x - start.x) / piece);
        dv = fixed((end.y - start.y) / piece);
      }
      std::int64_t u = fixed(start.x - 0.5);
      std::int64_t v = fixed(start.y - 0.5);
      for (int x = x0; x < x1; ++x, u += du, v += dv) {
        const auto i = static_cast<int>(u >> kShift);
        const auto j = static_cast<int>(v >> kShift);
        if (i < 0 || j < 0 || i >= last_x || j >= last_y) continue;
        const auto fx = static_cast<int>((u >> (kShift - 8)) & 255);
        const auto fy = static_cast<int>((v >> (kShift - 8)) & 255);
        const std::uint8_t* a = gray.row(j) + i;
        const std::uint8_t* b = a + gray.width_px;
        const int upper = a[0] * (256 - fx) + a[1] * fx;
        const int lower = b[0] * (256 - fx) + b[1] * fx;
        out[x] = static_cast<std::uint8_t>((upper * (256 - fy) + lower * fy + (1 << 15)) >> 16);
      }
    }
  }
  return result;
}

}  // namespace inkfield::pipeline
