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

void pack_weights(const PackingTask& task) {
  static_assert(std::endian::native == std::endian::little && kDot == 4);
  const std::size_t places = task.places;
  const std::size_t taps = task.taps();
  std::int32_t* const bytes = task.scratch;
  std::int8_t* const output = task.output;  // a byte written may be any, for all the compiler knows: not one of the task
  if (task.bytes != nullptr) {
    for (std::size_t i = 0; i < task.count; ++i) bytes[i] = task.bytes[i] + kZeroByte;
  } else {
    for (std::size_t i = 0; i < task.count; ++i) {
      bytes[i] = static_cast<std::int32_t>(static_cast<double>(task.weights[i]) * task.factor + (kZeroByte + 0.5));
    }
  }
  std::fill(bytes + task.count, bytes + taps * kDot, kZeroByte);
  const auto write = [output](std::size_t tap, std::uint32_t four) { std::memcpy(output + tap * kLanes * kDot, &four, sizeof four); };
  // Four neighbouring places at once; the last ones of a channel are packed twice.
  using Words = std::uint32_t __attribute__((vector_size(16)));
  constexpr std::size_t kAtOnce = 4;
  const auto load = [](const std::int32_t* from) {
    Words words;
    std::memcpy(&words, from, sizeof words);
    return words;
  };
  const auto packed = [places](auto channel) {
    return (channel(0) | channel(places) << 8 | channel(2 * places) << 16 | channel(3 * places) << 24) ^ kZeroBytes;
  };
  const std::size_t beside = task.beside;
  const std::int32_t* from = bytes;
  for (std::size_t four = 0; four * places < taps; ++four, from += kDot * places) {
    const std::size_t first = four / beside * beside * places + four % beside;
    if (places < kAtOnce) {
      for (std::size_t place = 0; place < places; ++place) {
        write(first + place * beside, packed([&](std::size_t channel) { return static_cast<std::uint32_t>(from[channel + place]); }));
      }
      continue;
    }
    for (std::size_t place = 0;; place = std::min(place + kAtOnce, places - kAtOnce)) {
      const Words words = packed([&](std::size_t channel) { return load(from + channel + place); });
      for (std::size_t i = 0; i < kAtOnce; ++i) write(first + (place + i) * beside, words[i]);
      if (place + kAtOnce == places) break;
    }
  }
}

}  // namespace
}  // namespace inkfield::recognizer
