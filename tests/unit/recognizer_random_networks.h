// Small networks of all kinds, drawn from a list of bytes, to compare the engine's paths with: a seed's bytes
// in tests, a fuzzer's in tests/fuzz.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inkfield::recognizer::test {

struct RandomNetwork {
  std::vector<std::uint8_t> onnx;  ///< with ranges for int8 where it has such layers
  bool has_int8 = false;
  int height = 0;
  int width = 0;
  std::string layers;  ///< for messages
};

/// Any bytes give a network that loads; the same bytes the same network.
RandomNetwork random_network(std::span<const std::uint8_t> choices);

/// Ink for so many inputs, with long white and black stretches as real ink has.
std::vector<float> random_ink(const RandomNetwork& network, int batch, std::uint32_t seed);

/// Scores of every table of kernels in both precisions, compared with the plainest table alone and one by
/// one. Empty if all bits agree, else what differs.
std::string compare_paths(const RandomNetwork& network, int batch, std::uint32_t seed);

}  // namespace inkfield::recognizer::test
