// Least squares over what `registration_observation` sees, with less and less stiffness.
#include "plugin/pipeline/registration_fitting.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inkfield::pipeline {
namespace {

using page::Point;

// Scales that are tried, against the one at which the form would fill the picture.
constexpr double kLeastScale = 0.35;
constexpr double kMostScale = 1.45;
// A camera's view must lower the residual by so much before it is believed: two more unknowns always lower it a little.
constexpr double kProjectiveGain = 0.85;

constexpr std::size_t kUnknowns = 8;
using Row = std::array<double, kUnknowns>;
using System = std::array<std::array<double, kUnknowns + 1>, kUnknowns>;

bool solve(System& a, Row& solution) {
  for (std::size_t column = 0; column < kUnknowns; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < kUnknowns; ++row) {
      if (std::fabs(a[row][column]) > std::fabs(a[pivot][column])) pivot = row;
    }
    if (!(std::fabs(a[pivot][column]) > 1e-12)) return false;
    std::swap(a[pivot], a[column]);
    for (std::size_t row = 0; row < kUnknowns; ++row) {
      if (row == column) continue;
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k <= kUnknowns; ++k) a[row][k] -= factor * a[column][k];
    }
  }
  for (std::size_t i = 0; i < kUnknowns; ++i) solution[i] = a[i][kUnknowns] / a[i][i];
  return true;
}

// A free line is not part of a longer one. One end may touch something; both will not.
bool runs_on(const View& view, const PrintElement& element, double tolerance) {
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
double chance(const View& view, const PrintElement& element, double tolerance) {
  int found = 0;
  int looked = 0;
  constexpr int kLooks = 24;
  const double needed = needed_share(element);
  View moved = view;
  for (int i = 0; i < kLooks; ++i) {
    // A fixed spiral: all directions, 3 to 40 mm.
    const double angle = 2.399963 * i + 0.5;
    const double distance = (3 + 37.0 * i / kLooks) * view.scale;
    moved.pose = Pose::scale_shift(1, 1, distance * std::cos(angle), distance * std::sin(angle)).after(view.pose);
    const ElementLook look = look_at(moved, element, tolerance);
    if (look.visible < 0.5) continue;
    ++looked;
    if (look.share >= needed) ++found;
  }
  return std::clamp((found + 0.5) / (looked + 1.0), 0.02, 0.98);
}

}  // namespace

PoseFitter::PoseFitter(const PrintReference& reference, const PrintEvidence& print)
    : reference_(reference), print_(print), center_{reference.width_mm / 2, reference.height_mm / 2} {
  const double fill = std::sqrt(static_cast<double>(print.width) * print.height / (reference.width_mm * reference.height_mm));
  fill_scale_ = std::min(fill, 1.2 * std::max(print.width, print.height) / std::max(reference.width_mm, reference.height_mm));
}

bool PoseFitter::plausible(double scale) const { return scale >= kLeastScale * fill_scale_ && scale <= kMostScale * fill_scale_; }

bool PoseFitter::draw_to_print(Pose& pose, double window_mm, Freedom freedom, bool fine, bool tiles) const {
  const std::vector<Observation> observations = observe(reference_, print_, pose, window_mm, fine, tiles);
  if (observations.size() < 6) return false;
  // Millimetres are centred and scaled, pixels are centred: then all unknowns are pixels of one size.
  const double radius = std::hypot(center_.x, center_.y);
  const Point middle = pose(center_);
  const double reach = std::max(1.0, scale_at(pose, center_) * radius);
  const Pose centred = Pose::scale_shift(1, 1, -middle.x, -middle.y).after(pose).after(Pose::scale_shift(radius, radius, center_.x, center_.y));
  Row last{};
  const double w = centred.m[8];
  for (std::size_t i = 0; i < 6; ++i) last[i] = centred.m[i] / w;
  for (std::size_t i = 6; i < 8; ++i) last[i] = centred.m[i] / w * reach;
  System a{};
  auto add = [&](const Row& row, double value, double weight) {
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      if (row[i] == 0) continue;
      for (std::size_t k = 0; k < kUnknowns; ++k) a[i][k] += weight * row[i] * row[k];
      a[i][kUnknowns] += weight * row[i] * value;
    }
  };
  const double spread = std::max(1.0, 0.15 * scale_at(pose, center_));
  double total = 0;
  for (const Observation& o : observations) {
    const double u = (o.x_mm - center_.x) / radius;
    const double v = (o.y_mm - center_.y) / radius;
    const Point p = pose(Point{o.x_mm, o.y_mm});
    const double miss = (o.value - (o.of_x ? p.x : p.y)) / spread;
    const double weight = o.weight / (1 + miss * miss / 4);
    const double value = o.value - (o.of_x ? middle.x : middle.y);
    total += weight;
    if (o.of_x) add({u, v, 1, 0, 0, 0, -u * value / reach, -v * value / reach}, value, weight);
    else add({0, 0, 0, u, v, 1, -u * value / reach, -v * value / reach}, value, weight);
  }
  // Paper is scanned nearly to scale: where lines say nothing, the map stays a similarity near the last one.
  const double stiff = total * (freedom == Freedom::near_similar ? 0.2 : freedom == Freedom::stretched ? 0.01 : 0.001);
  const double hand = is_mirrored(pose, center_) ? 1 : -1;
  add({1, 0, 0, 0, hand, 0, 0, 0}, 0, stiff);
  add({0, 1, 0, -hand, 0, 0, 0, 0}, 0, stiff);
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    Row row{};
    row[i] = 1;
    const bool camera = i >= 6;
    add(row, last[i], total * (camera && freedom != Freedom::projective ? 1e6 : 1e-3));
  }
  Row solution{};
  if (!solve(a, solution)) return false;
  Pose next;
  for (std::size_t i = 0; i < 6; ++i) next.m[i] = solution[i];
  for (std::size_t i = 6; i < 8; ++i) next.m[i] = freedom == Freedom::projective ? solution[i] / reach : last[i] / reach;
  next = Pose::scale_shift(1, 1, middle.x, middle.y).after(next).after(Pose::scale_shift(1 / radius, 1 / radius, -center_.x / radius, -center_.y / radius));
  if (!(std::fabs(next.m[8]) > 1e-9)) return false;
  const double k = 1 / next.m[8];
  for (double& value : next.m) {
    value *= k;
    if (!std::isfinite(value)) return false;
  }
  if (!plausible(scale_at(next, center_))) return false;
  // The horizon stays off the sheet.
  for (const Point& corner : page::rectangle(0, 0, reference_.width_mm, reference_.height_mm)) {
    const double depth = next.m[6] * corner.x + next.m[7] * corner.y + 1;
    if (!(depth > 0.4 && depth < 2.5)) return false;
  }
  pose = next;
  return true;
}

void PoseFitter::draw_near(Pose& pose) const {
  draw_to_print(pose, 2.5, Freedom::near_similar, false, false);
  for (const double window : {2.2, 1.5}) draw_to_print(pose, window, Freedom::stretched, false, false);
}

void PoseFitter::polish(Pose& pose) const {
  if (print_.photographed) {
    // The picture was laid flat by its lines alone, so more is left to mend.
    for (const double window : {3.0, 2.0, 1.4}) draw_to_print(pose, window, Freedom::projective, false, false);
    for (const double window : {1.0, 0.7, 0.6}) draw_to_print(pose, window, Freedom::projective, true, window < 0.9);
    return;
  }
  for (int i = 0; i < 3; ++i) draw_to_print(pose, 0.6, Freedom::affine, true, i > 0);
  const double flat = residual_mm(pose);
  Pose camera = pose;
  for (const double window : {1.5, 0.9, 0.6}) draw_to_print(camera, window, Freedom::projective, true, false);
  if (residual_mm(camera) < kProjectiveGain * flat) {
    draw_to_print(camera, 0.6, Freedom::projective, true, true);
    pose = camera;
  }
}

double PoseFitter::weighted_share(const Pose& pose, double tolerance_mm) const {
  const View view(print_, pose, reference_);
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

double PoseFitter::residual_mm(const Pose& pose) const {
  double sum = 0;
  double weights = 0;
  for (const Observation& o : observe(reference_, print_, pose, 0.6, true, false)) {
    const Point p = pose(Point{o.x_mm, o.y_mm});
    const double miss = o.value - (o.of_x ? p.x : p.y);
    sum += o.weight * miss * miss;
    weights += o.weight;
  }
  // A miss is measured across a line, so only one of a point's two directions; both together are what a field feels.
  return weights > 0 ? std::sqrt(2 * sum / weights) / scale_at(pose, center_) : 0;
}

// A piece that would be found just as well beside its place (in a grid, in noise, in black) says nothing.
Fit PoseFitter::measure(const Pose& pose, const std::function<void()>& checkpoint) const {
  Fit fit;
  fit.found = true;
  fit.pose = pose;
  fit.said.assign(reference_.elements.size(), 0);
  const View view(print_, pose, reference_);
  const double tolerance = tolerance_for(view.scale, 0.35);
  double total = 0;
  double visible = 0;
  double matched = 0;
  int number = 0;
  for (const PrintElement& element : reference_.elements) {
    double& said = fit.said[static_cast<std::size_t>(number)];
    if (++number % 64 == 0) checkpoint();
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
      said = std::min(1.0, element.weight) * -std::log(chance(view, element, tolerance));
      ++fit.pieces;
    } else {
      said = -std::min(1.0, element.weight) * 3 * (1 - share);
    }
    fit.evidence += said;
  }
  fit.visible = total > 0 ? visible / total : 0;
  fit.match = visible > 0 ? matched / visible : 0;
  fit.residual_mm = residual_mm(pose);
  return fit;
}

}  // namespace inkfield::pipeline
