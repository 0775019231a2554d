// The fixed network that speeds are compared on: small enough for a digit, large enough that arithmetic
// decides.
#pragma once

#include <cstdint>
#include <vector>

namespace inkfield::bench {

inline constexpr int kReferenceSidePx = 28;

/// An ONNX file: 3x3 convolutions with ReLU 1-16-16-pool-32-32-pool-64, global average, fully connected 10;
/// 28 x 28 in, 5.53 million multiply-adds. Weights come from a fixed seed, so that it is the same network
/// everywhere.
std::vector<std::uint8_t> reference_network();

}  // namespace inkfield::bench
