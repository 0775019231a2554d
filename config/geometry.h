// Millimetres on the form: origin at its top left corner, x to the right, y down.
#pragma once

#include <array>

namespace inkfield::config {

struct PointMm {
  double x_mm = 0;
  double y_mm = 0;
};

struct RectMm {
  double x_mm = 0;
  double y_mm = 0;
  double width_mm = 0;
  double height_mm = 0;
  [[nodiscard]] double right_mm() const { return x_mm + width_mm; }
  [[nodiscard]] double bottom_mm() const { return y_mm + height_mm; }
  [[nodiscard]] PointMm center() const { return {x_mm + width_mm / 2, y_mm + height_mm / 2}; }
};

}  // namespace inkfield::config
