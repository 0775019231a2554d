// Looking for a template's print on a page: where it could lie, how well it fits there, and how surely.
#pragma once

#include <array>
#include <functional>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"

namespace inkfield::pipeline {

/// Millimetres on the form -> pixels of the upright picture.
struct Pose {
  std::array<double, 6> m{1, 0, 0, 0, 1, 0};
  [[nodiscard]] page::Point operator()(double x_mm, double y_mm) const {
    return {m[0] * x_mm + m[1] * y_mm + m[2], m[3] * x_mm + m[4] * y_mm + m[5]};
  }
  [[nodiscard]] double scale() const;      ///< pixels a millimetre
  [[nodiscard]] int quarter_turns() const; ///< 0 to 3, clockwise
};

struct Fit {
  bool found = false;       ///< some place was worth measuring
  Pose pose;
  double match = 0;         ///< weighted share of the counted print that lies on the page and was found
  double visible = 0;       ///< share of the counted print that lies within the picture
  double residual_mm = 0;
  double evidence = 0;      ///< natural logarithm: how much likelier this much print is here than by chance
  double tried = 1;         ///< places that were looked at
  int pieces = 0;           ///< pieces of print found
};

Fit search_form(const PrintReference& reference, const PrintEvidence& print, const std::function<void()>& checkpoint);

}  // namespace inkfield::pipeline
