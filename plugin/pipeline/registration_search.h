// Looking for a template's print on a page: where it could lie, drawn near and measured.
#pragma once

#include <functional>
#include <vector>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_fitting.h"
#include "plugin/pipeline/registration_reference.h"

namespace inkfield::pipeline {

/// Tries every place that one line or two solid marks allow.
Fit search_form(const PrintReference& reference, const PrintEvidence& print, const std::function<void()>& checkpoint);

struct Place {
  Pose pose;
  double score = 0;
};
/// Draws a rough pose near to the print; the score is the share of print under it, less for a mirror image.
Place bring_near(const PrintReference& reference, const PrintEvidence& print, const Pose& rough);
/// Draws a near pose to a fraction of a pixel and measures it.
Fit settle(const PrintReference& reference, const PrintEvidence& print, const Pose& near, const std::function<void()>& checkpoint);

}  // namespace inkfield::pipeline
