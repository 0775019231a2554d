// Where a training computes.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace inkfield::training {

/// The device of that name. Throws Error(invalid_argument) if there is none of that name, or none that can compute.
c10::Device device_named(const std::string& name);

/// Throws Error(invalid_argument) if libtorch cannot convolve in bfloat16 there.
void require_bfloat16(c10::Device device);

}  // namespace inkfield::training
