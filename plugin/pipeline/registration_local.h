// The last step of registration: each field's own correction, from what is printed around it. Paper stretches, feeders
// slip and sheets curl by more between two corners of a page than between a field and the print beside it.
#pragma once

#include <vector>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_view.h"

namespace inkfield::pipeline {

/// One map for each of the reference's fields, in their order: millimetres on the form -> pixels of the upright picture.
std::vector<Pose> correct_by_field(const PrintReference& reference, const PrintEvidence& print, const Pose& pose);

}  // namespace inkfield::pipeline
