// Where a training computes.
#pragma once

#include <torch/types.h>

#include <string>

namespace inkfield::training {

/// The device of that name. Throws Error(invalid_argument) if there is none of that name, or none that can compute.
torch::Device device_named(const std::string& name);

}  // namespace inkfield::training
