// Two editions of one form, told apart by looking at nothing but the print in which their templates differ.
#pragma once

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"

namespace inkfield::pipeline {

/// Above 0 the page speaks for `first`, below for `second`; from -1 to 1. What lies between -`kLeastDifference` and that is no answer:
/// the templates do not differ, or the page shows neither's print, or something lies over it.
double weigh_difference(const PrintReference& first, const Pose& first_pose, const PrintReference& second, const Pose& second_pose, const PrintEvidence& print);

inline constexpr double kLeastDifference = 0.2;

}  // namespace inkfield::pipeline
