// Turns convolutions of a plan into sums of bytes, where the ranges of their inputs are known.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network_plan.h"

namespace inkfield::recognizer {

/// Values that may become bytes: inputs of convolutions that are never negative. Not that of the last
/// convolution: the scores keep their precision, and its share of the work is small.
std::vector<int> int8_inputs(const NetworkPlan& plan);

/// `kernels` turn the weights into bytes, the same whichever they are. Throws Error(unavailable) without ranges,
/// Error(invalid_model) if one is not of such a value.
void use_int8(NetworkPlan& plan, const std::vector<std::pair<std::string, float>>& ranges, const Kernels& kernels);

}  // namespace inkfield::recognizer
