// Where a form lies in a picture of it.
#pragma once

#include <cstddef>
#include <vector>

#include "plugin/page/transform.h"

namespace inkfield::page {

struct RegisteredForm {
  Transform source_px_from_mm;   ///< millimetres on the form -> pixels of the source image
  double residual_mm = 0;        ///< RMS distance of what is printed from where the template says
  double rotation_degrees = 0;   ///< clockwise, -180 to 180; of the mirror image where `mirrored`
  bool mirrored = false;         ///< the picture shows the form from behind, as film fed the wrong way round
  double scale_px_per_mm = 0;
  double match = 0;              ///< share of what the template says is printed that was found, 0 to 1
  /// The same map as it holds around each field of the template, in their order; empty where nothing corrects it.
  std::vector<Transform> field_px_from_mm;

  /// The form as that field sees it, without the others' maps.
  [[nodiscard]] RegisteredForm at_field(std::size_t field) const {
    const Transform& map = field < field_px_from_mm.size() ? field_px_from_mm[field] : source_px_from_mm;
    return {map, residual_mm, rotation_degrees, mirrored, scale_px_per_mm, match, {}};
  }
};

}  // namespace inkfield::page
