// Lines as a network sees them, for tests of what is done to such lines.
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

#include "recognizer/network_input.h"

namespace inkfield::recognizer::test {

inline NetworkInput paper(int width_px) {
  NetworkInput line;
  line.width_px = width_px;
  line.pixels.assign(static_cast<std::size_t>(width_px) * kInputHeightPx, 0.0F);
  return line;
}

inline float ink_of(const NetworkInput& line) {
  return std::accumulate(line.pixels.begin(), line.pixels.end(), 0.0F);
}

}  // namespace inkfield::recognizer::test
