// Tries the device before anything depends on it.
#include "recognizer/training/device.h"

#include <torch/types.h>

#include <exception>

#include "recognizer/error.h"

namespace inkfield::training {

c10::Device device_named(const std::string& name) {
  // What libtorch says of a failure is a page of addresses.
  try {
    const c10::Device device(name);
    torch::zeros({1}, device).add_(1);
    return device;
  } catch (const c10::Error&) {
    throw Error(ErrorKind::invalid_argument,
                "no device " + name + " that libtorch can compute with here; --device is cpu, or cuda where there is one");
  }
}

void require_bfloat16(c10::Device device) {
  const auto values = torch::TensorOptions(device).dtype(torch::kBFloat16);
  try {
    torch::conv2d(torch::zeros({1, 16, 4, 4}, values), torch::zeros({16, 16, 3, 3}, values),
                  torch::zeros({16}, values));
  } catch (const std::exception&) {
    throw Error(ErrorKind::invalid_argument,
                "libtorch cannot convolve in bfloat16 here; train without --bfloat16");
  }
}

}  // namespace inkfield::training
