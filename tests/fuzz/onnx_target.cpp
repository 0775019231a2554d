// Network files: read them and, if they are accepted, run them once.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using inkfield::recognizer::Network;
  try {
    const auto network = Network::from_onnx({data, size});
    const auto& facts = network.facts();
    const int width = facts.input_width_px != 0 ? facts.input_width_px : 8 * facts.frame_stride_px;
    // Some files ask for much work and may; a fuzzer has no time for it.
    if (network.multiply_adds(width) > 20'000'000) return 0;
    const std::vector<float> ink(
        static_cast<std::size_t>(facts.input_height_px) * static_cast<std::size_t>(width), 0.5F);
    Network::Scratch scratch;
    std::vector<float> scores;
    network.run(ink, 1, width, scratch, scores);
  } catch (const inkfield::Error&) {
    // refused, as it should be
  }
  return 0;
}
