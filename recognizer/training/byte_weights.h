// A model file a quarter of its size: weights as the signed bytes that int8 multiplies by.
#pragma once

#include <string>

namespace inkfield::training {

/// `onnx` with the weights of each convolution whose input has a range in `inkfield.int8` stored as signed bytes, 127 for the
/// largest of their output channel, with a DequantizeLinear that other programs understand. In int8 the file computes what it
/// computed before, up to the rounding of the scales to float32; in float32 it computes with the rounded weights. Unchanged if it
/// has no ranges or its weights are bytes already. Throws Error(invalid_model).
std::string with_byte_weights(const std::string& onnx);

}  // namespace inkfield::training
