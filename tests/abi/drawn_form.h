// A small form and a filled-in page of it, drawn by the tests themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inkfield/inkfield.hpp"

namespace inkfield::drawing {

/// The template of the page below, id "drawn": four boxes "number" (optional), a check box "box", print
/// "code".
std::string drawn_template(const std::string& id = "drawn");

struct DrawnPage {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> gray;
  [[nodiscard]] inkfield_image image() const {
    return make_image(INKFIELD_PIXELS_GRAY8, gray.data(), gray.size(), width_px, height_px);
  }
};

/// The field with that id, or an empty one.
Field field_of(const Result& result, const std::string& id);

/// What this process holds in memory.
long resident_kB();

/// Corner marks, boxes with 1 7 1 7 in strokes, a crossed check box, and a printed 1 1 7.
DrawnPage drawn_page(double px_per_mm = 8);

}  // namespace inkfield::drawing
