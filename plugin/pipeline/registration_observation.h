// Where the print that a template lists really lies near where a pose says it should: what a fit is drawn to, and what
// its residual is measured by.
#pragma once

#include <vector>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"

namespace inkfield::pipeline {

struct Observation {
  double x_mm = 0;
  double y_mm = 0;
  bool of_x = false;  ///< which picture coordinate was measured
  double value = 0;   ///< where it is, in pixels of the upright picture
  double weight = 1;
};

/// Looks `window_mm` around each piece. `fine`: to a fraction of a pixel. `tiles`: areas of print, too, which take longer.
std::vector<Observation> observe(const PrintReference& reference, const PrintEvidence& print, const Pose& pose, double window_mm, bool fine, bool tiles);

}  // namespace inkfield::pipeline
