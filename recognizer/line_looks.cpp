#include "recognizer/line_looks.h"

#include <algorithm>

#include "recognizer/line_shear.h"

namespace inkfield::recognizer {
namespace {

// Chosen on lines of held-out writers and on strips of a bank that the network never saw.
constexpr std::array<Shear, kFurtherLooks> kLooks = {{{.lean = 0.12F, .on_px = 2},
                                                      {.lean = -0.12F, .on_px = 2},
                                                      {.stretch = 1.1F, .on_px = kFrameStridePx / 2}}};

}  // namespace

std::array<NetworkInput, kFurtherLooks> further_looks(const NetworkInput& line) {
  std::array<NetworkInput, kFurtherLooks> looks;
  std::transform(kLooks.begin(), kLooks.end(), looks.begin(),
                 [&](const Shear& look) { return sheared(line, look); });
  return looks;
}

}  // namespace inkfield::recognizer
