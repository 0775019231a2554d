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

/// Tries these places only. `tried`: of how many places they are the best.
Fit fit_places(const PrintReference& reference, const PrintEvidence& print, const std::vector<Pose>& places, double tried,
               const std::function<void()>& checkpoint);

}  // namespace inkfield::pipeline
