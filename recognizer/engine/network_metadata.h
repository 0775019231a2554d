// What a network file says about itself in its ONNX metadata (keys `inkfield.*`, listed in README.md).
#pragma once

#include "recognizer/engine/network.h"
#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/onnx_reader.h"

namespace inkfield::recognizer {

/// Checked against the plan; throws Error(invalid_model). A file without the keys is taken for what its
/// layers show: ten classes are the digits 0 to 9 of a plain classifier; anything else is refused, since
/// nobody could know what its classes mean.
NetworkFacts read_facts(const onnx::Model& model, const NetworkPlan& plan);

}  // namespace inkfield::recognizer
