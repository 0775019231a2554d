// What happens to a sheet of paper before anyone scans it: rings of coffee, creases, punch holes, stamps, a back that shines through.
#pragma once

#include <array>

#include "tests/generator/canvas.h"
#include "tests/generator/picture.h"
#include "tests/generator/random.h"

namespace inkfield::generator {

/// A ring whose rim, 2 to 3 mm wide and uneven, swallows up to `darkness` of the light; blue most, red least. In pixels.
void add_coffee_ring(Picture& picture, double x_px, double y_px, double radius_px, double darkness, Random& random);

/// A crease along the line {x1, y1, x2, y2} (pixels): a dark hair line, shade to one side that fades over 12 mm, and beyond it
/// the sheet lies `aside_mm` along the line and half as much across it.
void fold(Picture& picture, const std::array<double, 4>& line, double shade, double aside_mm);

/// The picture seen through `map` (pixels of the old to pixels of the new picture, projective, centres at .5), of the same size;
/// `surround` where nothing was.
Picture warped(const Picture& picture, const std::array<double, 9>& map, std::uint8_t surround);

}  // namespace inkfield::generator
