// Makes a model file fit for int8: how large its values become on held-out samples, in its metadata.
#pragma once

#include <string>

#include "recognizer/training/samples.h"

namespace inkfield::training {

/// `onnx` with `inkfield.int8` measured on a few hundred cells and lines of `samples`, in place of any that it had;
/// the file as it came if none of its layers can run in int8. Throws Error(invalid_model): no network for inputs
/// 32 px high.
std::string with_int8_ranges(const std::string& onnx, const SampleSources& samples);
/// `onnx` with the ranges that `source`, a file of the same weights, has: it then computes the same in int8. Unchanged if
/// `source` has none.
std::string with_int8_ranges_of(const std::string& source, const std::string& onnx);

}  // namespace inkfield::training
