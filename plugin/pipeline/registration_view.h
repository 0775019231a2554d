// A page as a template would see it: a pose, and whether this or that piece of print is there under it.
#pragma once

#include <array>
#include <vector>

#include "plugin/page/transform.h"
#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"

namespace inkfield::pipeline {

/// Millimetres on the form -> pixels of the upright picture.
using Pose = page::Transform;

/// Pixels a millimetre at that point of the form.
double scale_at(const Pose& pose, page::Point mm);
/// Whether the form lies mirrored in the picture.
bool is_mirrored(const Pose& pose, page::Point mm);
/// Clockwise quarter turns, of the form's mirror image where `mirrored`, then scaled and shifted.
Pose make_pose(int turns, bool mirrored, double scale, double dx, double dy);

struct View {
  const PrintEvidence& print;
  Pose pose;
  double scale = 1;    ///< in the middle of the form
  bool swaps = false;  ///< level lines of the form are upright ones in the picture

  View(const PrintEvidence& evidence, const Pose& p, const PrintReference& reference);

  [[nodiscard]] page::Point at(double x_mm, double y_mm) const {
    const std::array<double, 9>& m = pose.m;
    const double x = m[0] * x_mm + m[1] * y_mm + m[2];
    const double y = m[3] * x_mm + m[4] * y_mm + m[5];
    if (flat_) return {x, y};
    const double w = 1 / (m[6] * x_mm + m[7] * y_mm + m[8]);
    return {x * w, y * w};
  }
  [[nodiscard]] bool seen_level(PrintKind kind) const { return (kind == PrintKind::level_line) != swaps; }
  /// Which way is outside, on the picture.
  [[nodiscard]] page::Point outward(const PrintSample& sample) const;
  /// 1 found, 0 not, -1 outside the picture.
  [[nodiscard]] int look(const PrintSample& sample, double tolerance_px) const;

 private:
  bool flat_ = true;
};

struct ElementLook {
  double share = 0;    ///< of the samples seen
  double visible = 0;  ///< of all samples
};
ElementLook look_at(const View& view, const PrintElement& element, double tolerance_px);
/// Share of its samples from which a piece counts as found.
double needed_share(const PrintElement& element);
/// Never less than what a line's own thickness takes.
double tolerance_for(double scale, double mm);

/// A few samples of every piece, mixed so that any first part of them speaks for the whole form.
std::vector<PrintSample> choose_probes(const PrintReference& reference);
/// Share of the probes that are found; 0 as soon as `least` is out of reach.
double probe(const View& view, const std::vector<PrintSample>& probes, double tolerance_px, double least);

}  // namespace inkfield::pipeline
