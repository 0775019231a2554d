// Makes a model file fit for int8: how large its values become on held-out samples, in its metadata.
#pragma once

#include <string>

#include "recognizer/training/samples.h"

namespace inkfield::training {

/// `onnx` with `inkfield.int8` measured on a few hundred cells and lines of `samples`, in place of any that it had;
/// the file as it came if none of its layers can run in int8. Throws Error(invalid_model): no network for inputs
/// 32 px high.
std::string with_int8_ranges(const std::string& onnx, const SampleSources& samples);

}  // namespace inkfield::training
