// Model files for programs that cannot read weights stored as bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace inkfield::test {

/// The same network with every constant that a DequantizeLinear turns into floats stored as these floats. Throws
/// recognizer::Error(invalid_model).
std::string with_float_weights(std::span<const std::uint8_t> onnx);

}  // namespace inkfield::test
