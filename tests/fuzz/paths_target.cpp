// Any bytes are a small network and some ink: every processor's kernels must give the same bits, in floats and in
// bytes, input by input and in a batch.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "adapters/hosts/common/tile_registers.h"
#include "recognizer/engine/network.h"
#include "tests/unit/recognizer_random_networks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace test = inkfield::recognizer::test;
  static const bool kAsked = (inkfield::hosts::ask_for_tile_registers(), true);
  static_cast<void>(kAsked);
  // The first two bytes choose the ink, what follows the network.
  if (size < 3) return 0;
  const int batch = 1 + data[0] % 5;
  const auto network = test::random_network({data + 2, size - 2});
  // The plainest kernels take their time, the more so under sanitizers.
  const auto loaded = inkfield::recognizer::Network::from_onnx(network.onnx);
  if (loaded.multiply_adds(network.width) * batch > 4'000'000) return 0;
  const std::string difference = test::compare_paths(network, batch, data[1]);
  if (!difference.empty()) {
    std::fprintf(stderr, "%s\n", difference.c_str());
    std::abort();
  }
  return 0;
}
