// A borrowed 8-bit image, the one picture type that crosses into the recognizer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inkfield::recognizer {

/// Non-owning view of an 8-bit, one-channel image.
///
/// `data` points at the first pixel of the top row; row r begins at `data + r * stride_bytes`.
/// What the values mean is said by whoever takes the view: an *ink map* has 255 for full ink and 0
/// for paper, a *gray* image has 0 for black and 255 for white. Never outlives the call.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width_px = 0;
  int height_px = 0;
  std::ptrdiff_t stride_bytes = 0;

  [[nodiscard]] bool empty() const { return data == nullptr || width_px <= 0 || height_px <= 0; }
  [[nodiscard]] const std::uint8_t* row(int y) const { return data + y * stride_bytes; }
  [[nodiscard]] std::uint8_t at(int x, int y) const { return row(y)[x]; }
};

}  // namespace inkfield::recognizer
