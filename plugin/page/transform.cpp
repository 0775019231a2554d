// Projective maps of the plane, written out: nine numbers need no matrix library.
#include "plugin/page/transform.h"

#include <cmath>

#include "recognizer/error.h"

namespace inkfield::page {

Quad Transform::operator()(const Quad& quad) const {
  return {(*this)(quad[0]), (*this)(quad[1]), (*this)(quad[2]), (*this)(quad[3])};
}

Transform Transform::inverse() const {
  const double c0 = m[4] * m[8] - m[5] * m[7];
  const double c1 = m[5] * m[6] - m[3] * m[8];
  const double c2 = m[3] * m[7] - m[4] * m[6];
  const double determinant = m[0] * c0 + m[1] * c1 + m[2] * c2;
  double largest = 0;
  for (const double value : m) largest = std::fmax(largest, std::fabs(value));
  // Not `<`: a NaN anywhere must be refused too.
  if (!(std::fabs(determinant) > 1e-15 * largest) || !std::isfinite(determinant)) {
    throw Error(ErrorKind::internal, "a transform without an inverse was to be turned around");
  }
  const double k = 1 / determinant;
  Transform result;
  result.m = {c0 * k, (m[2] * m[7] - m[1] * m[8]) * k, (m[1] * m[5] - m[2] * m[4]) * k,
              c1 * k, (m[0] * m[8] - m[2] * m[6]) * k, (m[2] * m[3] - m[0] * m[5]) * k,
              c2 * k, (m[1] * m[6] - m[0] * m[7]) * k, (m[0] * m[4] - m[1] * m[3]) * k};
  return result;
}

Transform Transform::after(const Transform& first) const {
  Transform result;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += m[row * 3 + k] * first.m[k * 3 + column];
      result.m[row * 3 + column] = sum;
    }
  }
  return result;
}

Transform Transform::scale_shift(double scale_x, double scale_y, double dx, double dy) {
  Transform result;
  result.m = {scale_x, 0, dx, 0, scale_y, dy, 0, 0, 1};
  return result;
}

Transform Transform::rotation(double radians) {
  const double c = std::cos(radians);
  const double s = std::sin(radians);
  Transform result;
  result.m = {c, -s, 0, s, c, 0, 0, 0, 1};
  return result;
}

Quad rectangle(double left, double top, double right, double bottom) {
  return {Point{left, top}, Point{right, top}, Point{right, bottom}, Point{left, bottom}};
}

}  // namespace inkfield::page
