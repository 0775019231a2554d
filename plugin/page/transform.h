// Plane transforms between millimetres on the form, pixels of the source image and pixels of a crop.
#pragma once

#include <array>

namespace inkfield::page {

struct Point {
  double x = 0;
  double y = 0;
};

/// Corners top left, top right, bottom right, bottom left, as the form is read.
using Quad = std::array<Point, 4>;

/// A projective map; an affine one has {0, 0, 1} as its last row. Pixel centres lie at .5.
struct Transform {
  std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};

  [[nodiscard]] Point operator()(Point p) const {
    const double x = m[0] * p.x + m[1] * p.y + m[2];
    const double y = m[3] * p.x + m[4] * p.y + m[5];
    const double w = m[6] * p.x + m[7] * p.y + m[8];
    return {x / w, y / w};
  }
  [[nodiscard]] Quad operator()(const Quad& quad) const;
  [[nodiscard]] Transform inverse() const;  ///< throws Error(internal) if singular
  /// First `first`, then this one.
  [[nodiscard]] Transform after(const Transform& first) const;
  static Transform scale_shift(double scale_x, double scale_y, double dx, double dy);
  static Transform rotation(double radians);
};

Quad rectangle(double left, double top, double right, double bottom);

}  // namespace inkfield::page
