// A filled-in page that suffered what the severity table says, and where its millimetres lie in the picture.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/canvas.h"
#include "tests/generator/form_values.h"
#include "tests/generator/picture.h"
#include "tests/generator/sample_form.h"
#include "tests/generator/severity.h"

namespace inkfield::generator {

struct DamagedPage {
  Picture picture;
  std::vector<FieldValue> values;
  FileKind file = FileKind::png;  ///< JPEG where the damage asks for one
  int jpeg_quality = 85;
  /// Projective map, row by row: millimetres on the form -> pixels of the picture (centres at .5). The small displacement beyond a
  /// fold is not in it.
  std::array<double, 9> px_from_mm{};
};

/// What is written depends on `seed` alone, so that the same page can be seen under every damage.
DamagedPage damaged_page(SampleForm form, const config::FormTemplate& form_template, const PageDamage& damage, std::uint64_t seed);

/// The same done to any sheet: `draw` prints and writes on the canvas that it is given (mm of a sheet of that size), the
/// share of the pen's ink that is left being the second argument. Fills in all but `values`.
template <class Draw>
DamagedPage damaged_sheet(double width_mm, double height_mm, Colour paper, const PageDamage& damage, std::uint64_t seed, const Draw& draw);

/// The two halves of `damaged_sheet`.
Placement placement_of(double width_mm, double height_mm, const PageDamage& damage, std::uint64_t seed);
DamagedPage damaged_scan(Picture sheet, double width_mm, double height_mm, const Placement& placement, const PageDamage& damage, std::uint64_t seed);

template <class Draw>
DamagedPage damaged_sheet(double width_mm, double height_mm, Colour paper, const PageDamage& damage, std::uint64_t seed, const Draw& draw) {
  const Placement placement = placement_of(width_mm, height_mm, damage, seed);
  Canvas canvas(width_mm, height_mm, placement, paper);
  draw(canvas, 1 - damage.of(Damage::faint_ink));
  return damaged_scan(canvas.picture(), width_mm, height_mm, placement, damage, seed);
}

}  // namespace inkfield::generator
