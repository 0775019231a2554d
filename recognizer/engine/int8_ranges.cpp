// The metadata is plain JSON without escapes: names that would need them are left out, their layers stay
// floats.
#include "recognizer/engine/int8_ranges.h"

#include <algorithm>
#include <charconv>

#include "recognizer/error.h"

namespace inkfield::recognizer {

void Int8Ranges::add(std::span<const float> input, int batch, int width_px) {
  const auto pixels =
      static_cast<std::size_t>(network_.facts().input_height_px) * static_cast<std::size_t>(width_px);
  if (width_px < 1 || batch < 0 || input.size() / pixels < static_cast<std::size_t>(batch)) {
    throw Error(ErrorKind::invalid_argument,
                "the samples hold fewer than " + std::to_string(batch) + " images");
  }
  for (int i = 0; i < batch; ++i) {
    network_.measure(input.subspan(static_cast<std::size_t>(i) * pixels, pixels), width_px, scratch_,
                     largest_);
  }
}

std::string Int8Ranges::metadata() const {
  const auto plain = [](const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c != '"' && c != '\\'; });
  };
  std::string ranges;
  for (const auto& [name, largest] : largest_) {
    if (!plain(name)) continue;
    char number[32];
    const auto end = std::to_chars(number, number + sizeof number, std::max(largest, 1e-6F)).ptr;
    ranges += (ranges.empty() ? "\"" : ",\"") + name + "\":" + std::string(number, end);
  }
  return ranges.empty() ? ranges : "{\"version\":1,\"ranges\":{" + ranges + "}}";
}

}  // namespace inkfield::recognizer
