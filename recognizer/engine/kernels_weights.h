// What loading does to every weight of a network that runs in int8, compiled once for each instruction set: plain loops that the
// compiler turns into its vectors. A model has a million weights, and its first digit waits for them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

// Maxima side by side, which the compiler keeps in registers. As whole numbers: without its sign a float is the larger the larger
// its bits are, and what is not finite has the largest.
float largest_size(const float* values, std::size_t count) {
  constexpr std::size_t kAtOnce = 32;
  const auto bits_at = [values](std::size_t i) {
    std::int32_t bits = 0;
    std::memcpy(&bits, values + i, sizeof bits);
    return bits & 0x7FFFFFFF;
  };
  std::int32_t most[kAtOnce] = {};
  std::size_t i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) {
    for (std::size_t k = 0; k < kAtOnce; ++k) most[k] = std::max(most[k], bits_at(i + k));
  }
  for (; i < count; ++i) most[0] = std::max(most[0], bits_at(i));
  return std::bit_cast<float>(*std::max_element(most, most + kAtOnce));
}

// Numbers above zero until they are packed: they need no masks, and cutting them off rounds them down.
constexpr std::int32_t kZeroByte = 128;
constexpr std::uint32_t kZeroBytes = 0x80808080U;

// Four times four channels at neighbouring places of the kernel; the last ones are packed twice.
void pack_channels(const std::int32_t* byte, std::size_t reach, std::size_t words, std::int8_t* to) {
  using Words = std::uint32_t __attribute__((vector_size(16)));
  constexpr std::size_t kAtOnce = 4;
  const auto load = [](const std::int32_t* from) {
    Words four;
    std::memcpy(&four, from, sizeof four);
    return four;
  };
  for (std::size_t first = 0; first < words; first += reach, byte += kDot * reach) {
    for (std::size_t place = 0;; place = std::min(place + kAtOnce, reach - kAtOnce)) {
      const std::int32_t* const from = byte + place;
      const Words packed = (load(from) | load(from + reach) << 8 | load(from + 2 * reach) << 16 | load(from + 3 * reach) << 24) ^ kZeroBytes;
      std::int8_t* const at = to + (first + place) * kLanes * kDot;
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        const std::uint32_t word = packed[i];
        std::memcpy(at + i * kLanes * kDot, &word, sizeof word);
      }
      if (place + kAtOnce == reach) break;
    }
  }
}

void pack_weights(const PackingTask& task) {
  static_assert(std::endian::native == std::endian::little && kDot == 4);
  std::int32_t* const byte = task.scratch;
  for (std::size_t i = 0; i < task.count; ++i) {
    byte[i] = static_cast<std::int32_t>(static_cast<double>(task.weights[i]) * task.factor + (kZeroByte + 0.5));
  }
  std::fill_n(byte + task.count, PackingTask::room(task.count, task.reach) - task.count, kZeroByte);
  if (task.reach >= 4) {
    pack_channels(byte, task.reach, task.fours.size(), task.output);
    return;
  }
  const auto at = [byte](std::uint32_t place) { return static_cast<std::uint32_t>(byte[place]); };
  std::int8_t* to = task.output;
  for (const auto& four : task.fours) {
    const std::uint32_t word = (at(four[0]) | at(four[1]) << 8U | at(four[2]) << 16U | at(four[3]) << 24U) ^ kZeroBytes;
    std::memcpy(to, &word, sizeof word);
    to += kLanes * kDot;
  }
}

}  // namespace
}  // namespace inkfield::recognizer
