// Network files: read them from memory and from a file, which must not differ, and, if they are accepted, run them once.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"

namespace {

using inkfield::recognizer::Network;

// A file that holds the bytes, in memory all the same.
std::string file_of(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("model", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  return "/proc/self/fd/" + std::to_string(file);
}

template <typename Read>
bool accepted(const Read& read) {
  try {
    (void)read();
    return true;
  } catch (const inkfield::Error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path = file_of(data, size);
  if (accepted([&] { return Network::from_file(path); }) != accepted([&] { return Network::from_onnx({data, size}); })) std::abort();
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
