#include "plugin/pipeline/registration_view.h"

#include <algorithm>
#include <cmath>

namespace inkfield::pipeline {
namespace {

using page::Point;

constexpr double kFoundShare = 0.6;      // of a piece's samples: handwriting and folds may hide the rest
constexpr double kInkFoundShare = 0.75;  // print is denser than lines, so chance finds more of it

bool is_dark(const PrintEvidence& print, double x, double y) {
  return print.holds(x, y) && print.dark[print.index(static_cast<int>(x), static_cast<int>(y))] != 0;
}

double determinant_at(const Pose& pose, Point mm) {
  const auto& m = pose.m;
  const double w = m[6] * mm.x + m[7] * mm.y + m[8];
  const double x = (m[0] * mm.x + m[1] * mm.y + m[2]) / w;
  const double y = (m[3] * mm.x + m[4] * mm.y + m[5]) / w;
  return ((m[0] - m[6] * x) * (m[4] - m[7] * y) - (m[1] - m[7] * x) * (m[3] - m[6] * y)) / (w * w);
}

}  // namespace

double scale_at(const Pose& pose, Point mm) { return std::sqrt(std::fabs(determinant_at(pose, mm))); }

bool is_mirrored(const Pose& pose, Point mm) { return determinant_at(pose, mm) < 0; }

Pose make_pose(int turns, bool mirrored, double scale, double dx, double dy) {
  static constexpr std::array<std::array<double, 4>, 4> kTurns{{{1, 0, 0, 1}, {0, -1, 1, 0}, {-1, 0, 0, -1}, {0, 1, -1, 0}}};
  const auto& t = kTurns[static_cast<std::size_t>(turns)];
  const double first = mirrored ? -scale : scale;
  Pose pose;
  pose.m = {t[0] * first, t[1] * scale, dx, t[2] * first, t[3] * scale, dy, 0, 0, 1};
  return pose;
}

View::View(const PrintEvidence& evidence, const Pose& p, const PrintReference& reference)
    : print(evidence),
      pose(p),
      scale(scale_at(p, {reference.width_mm / 2, reference.height_mm / 2})),
      swaps(std::fabs(p.m[1]) + std::fabs(p.m[3]) > std::fabs(p.m[0]) + std::fabs(p.m[4])),
      flat_(p.m[6] == 0 && p.m[7] == 0 && p.m[8] == 1) {}

Point View::outward(const PrintSample& sample) const {
  const double x = pose.m[0] * sample.out_x + pose.m[1] * sample.out_y;
  const double y = pose.m[3] * sample.out_x + pose.m[4] * sample.out_y;
  const double length = std::hypot(x, y);
  return length > 0 ? Point{x / length, y / length} : Point{};
}

int View::look(const PrintSample& sample, double tolerance_px) const {
  const Point p = at(sample.x_mm, sample.y_mm);
  if (!print.holds(p.x, p.y)) return -1;
  const std::size_t i = print.index(static_cast<int>(p.x), static_cast<int>(p.y));
  switch (sample.kind) {
    case PrintKind::level_line:
    case PrintKind::upright_line:
      return static_cast<int>((seen_level(sample.kind) ? print.to_level_line[i] : print.to_upright_line[i]) <= tolerance_px);
    case PrintKind::edge: {
      const Point out = outward(sample);
      const double d = std::max(1.5, tolerance_px);
      // A rim that the picture's own edge cuts is not a missing one.
      if (!print.holds(p.x - out.x * d, p.y - out.y * d) || !print.holds(p.x + out.x * d, p.y + out.y * d)) return -1;
      return static_cast<int>(is_dark(print, p.x - out.x * d, p.y - out.y * d) && !is_dark(print, p.x + out.x * d, p.y + out.y * d));
    }
    case PrintKind::ink: return static_cast<int>(print.to_ink[i] <= std::max(2.0, tolerance_px));  // half of it, in half pixels
    case PrintKind::text: return static_cast<int>(print.to_ink[i] <= 2 * std::max(1.5, 0.8 * scale));
  }
  return 0;
}

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

}  // namespace inkfield::pipeline
