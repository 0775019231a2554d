// Drawing a pose to the print of a page by least squares, and measuring how well it fits there, and how surely.
#pragma once

#include <functional>
#include <vector>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_observation.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"

namespace inkfield::pipeline {

struct Fit {
  bool found = false;       ///< some place was worth measuring
  Pose pose;
  double match = 0;         ///< weighted share of the counted print that lies on the page and was found
  double visible = 0;       ///< share of the counted print that lies within the picture
  double residual_mm = 0;
  double evidence = 0;      ///< natural logarithm: how much likelier this much print is here than by chance
  double tried = 1;         ///< places that were looked at
  int pieces = 0;           ///< pieces of print found
  bool common = false;      ///< what was found is printed on many forms alike
  std::vector<double> said; ///< what each piece added to the evidence, in the reference's order
};

/// How freely a pose may follow what it is drawn to.
enum class Freedom {
  near_similar,  ///< coarse: a similarity unless lines insist
  stretched,     ///< two scales that differ by what feeders do
  affine,        ///< two scales and a shear
  projective,    ///< what a camera does, too
};

class PoseFitter {
 public:
  PoseFitter(const PrintReference& reference, const PrintEvidence& print);

  /// Whether the form at that scale could be what the picture shows.
  [[nodiscard]] bool plausible(double scale) const;
  [[nodiscard]] double fill_scale() const { return fill_scale_; }
  /// One step of least squares to what lies within the window. False if too little was found to say anything.
  bool draw_to_print(Pose& pose, double window_mm, Freedom freedom, bool fine, bool tiles) const;
  /// All the steps that a rough pose needs before it is compared with others.
  void draw_near(Pose& pose) const;
  /// The last steps, to a fraction of a pixel.
  void polish(Pose& pose) const;
  [[nodiscard]] double weighted_share(const Pose& pose, double tolerance_mm) const;
  /// How well the print fits, and how much that says.
  [[nodiscard]] Fit measure(const Pose& pose, const std::function<void()>& checkpoint) const;

 private:
  [[nodiscard]] double residual_mm(const Pose& pose) const;

  const PrintReference& reference_;
  const PrintEvidence& print_;
  page::Point center_;
  double fill_scale_ = 1;
};

}  // namespace inkfield::pipeline
