// Products of bytes in plain C++, for processors without an instruction of their own for them.
#pragma once

#include <cstdint>

#include "recognizer/engine/kernels.h"

namespace inkfield::recognizer {
namespace {

struct Int8Products {
  using Total = std::int32_t __attribute__((vector_size(16)));  // four output channels
  using Floats = float __attribute__((vector_size(16)));
  using Sum = Total;
  using Weights = Total;  // four bytes for each channel
  struct Value {
    std::int32_t bytes[kDot];
  };
  static constexpr int kVectors = kLanes / 4;
  static constexpr int kMostSums = 4;

  static Value splat(const std::uint8_t* from) { return {{from[0], from[1], from[2], from[3]}}; }
  static Weights load(const std::int8_t* from) {
    Weights weights;
    __builtin_memcpy(&weights, from, sizeof weights);
    return weights;
  }
  static Sum start(const std::int32_t* bias) {
    Sum sum;
    __builtin_memcpy(&sum, bias, sizeof sum);
    return sum;
  }
  // The lowest byte comes first: shifts up and down take each with its sign.
  static Sum add(const Value& value, Weights weights, Sum sum) {
    return sum + (weights << 24 >> 24) * value.bytes[0] + (weights << 16 >> 24) * value.bytes[1] +
           (weights << 8 >> 24) * value.bytes[2] + (weights >> 24) * value.bytes[3];
  }
  static Total total(Sum sum) { return sum; }
  static Total larger(Total a, Total b) { return a > b ? a : b; }

  static Floats scaled(Total total, const float* scale) {
    Floats factor;
    __builtin_memcpy(&factor, scale, sizeof factor);
    return __builtin_convertvector(total, Floats) * factor;
  }
  // Floats of 2^23 and more have no fraction, so the addition rounds, to even if halfway.
  static std::uint8_t nearest(float value) {
    const float raised = value > 0.0F ? value : 0.0F;
    const float limited = raised < 255.0F ? raised : 255.0F;
    const float rounded = limited + 8388608.0F;
    return static_cast<std::uint8_t>(static_cast<std::int32_t>(rounded) - 8388608);
  }
  static void store_bytes(std::uint8_t* to, Total total, const float* scale) {
    const Floats value = scaled(total, scale);
    for (int i = 0; i < 4; ++i) to[i] = nearest(value[i]);
  }
  template <bool kRelu>
  static void store_floats(float* to, Total total, const float* scale) {
    Floats value = scaled(total, scale);
    if (kRelu) value = value > 0.0F ? value : Floats{};
    __builtin_memcpy(to, &value, sizeof value);
  }
  static void quantise(const float* input, float scale, std::uint8_t* output, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) output[i] = nearest(input[i] * scale);
  }
};

}  // namespace
}  // namespace inkfield::recognizer
