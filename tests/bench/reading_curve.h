// From Tesseract's own figures to probabilities: a curve through what was read right, as source text.
#pragma once

#include <string>
#include <vector>

namespace inkfield::bench {

struct CurvePoint {
  double figure = 0;  ///< 0 to 100
  bool right = false;
};

/// Prints one knot for each range of figures (`from`, ascending): the share of right readings in it with one wrong reading more than was seen.
/// Neighbours that would fall are put together (pool adjacent violators).
void print_curve(const std::string& name, const std::vector<double>& from, const std::vector<CurvePoint>& points);

}  // namespace inkfield::bench
