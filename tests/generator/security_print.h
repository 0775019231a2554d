// What makes paper look like a bank's: guilloches, rosettes, tints, microprint and the E-13B line at the foot.
#pragma once

#include <string>

#include "config/geometry.h"
#include "tests/generator/canvas.h"
#include "tests/generator/random.h"

namespace inkfield::generator {

/// A band of fine waves that run through each other.
void print_waves(const config::RectMm& area, int strands, double period_mm, double swing_mm, Colour colour, Canvas& canvas);
/// A rosette as an engine-turning lathe cuts it.
void print_rosette(config::PointMm center, double radius_mm, int petals, Colour colour, Canvas& canvas);
/// Slanting hair lines with a hidden letter-like relief: lines shift where the relief is.
void print_relief(const config::RectMm& area, const std::string& initials, Colour colour, Colour line, Canvas& canvas);
/// A line of print so small that it looks like a rule.
void print_microtext(double x_mm, double baseline_mm, double width_mm, const std::string& words, Colour colour, Canvas& canvas);

/// How a printer makes E-13B.
struct MagneticPrint {
  Colour colour = kBlack;
  double spread_squares = 0;  ///< by which strokes are fatter on every side than the standard's; thinner below 0
  double unevenness_mm = 0;   ///< that a character may lie off its place, either way
};

/// Digits and the four symbols of an E-13B line: T transit, U on-us, A amount, D dash; 8 characters an inch, the first one's cell from `x_mm` on.
void print_e13b(double x_mm, double baseline_mm, const std::string& text, const MagneticPrint& print, Random& random, Canvas& canvas);

}  // namespace inkfield::generator
