// The one picture of the degradation bench: read rate and wrong-accepted rate against severity.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/generator/severity.h"

namespace inkfield::bench {

/// What came of the fields of some pages.
struct FieldCounts {
  std::size_t fields = 0;
  std::size_t right = 0;           ///< the first reading, accepted or not
  std::size_t accepted = 0;        ///< no person needed: accepted, or empty as the field may be
  std::size_t accepted_wrong = 0;
  FieldCounts& operator+=(const FieldCounts& other);
};

using BySeverity = std::array<FieldCounts, generator::kSeverityCount>;

/// One line of the picture and the table: a kind of damage, or several.
struct DegradationSeries {
  std::string name;   ///< "skew", "each alone", "all together"
  BySeverity all;     ///< every field, read by Inkfield
  BySeverity text;    ///< the fields that are no check boxes, read by Inkfield
  BySeverity peer;    ///< some of the same fields, read by Tesseract; empty where it was not asked
};

/// An SVG document, whole in itself. Above: the sums ("each alone", "all together"), accepted share and wrong share among the accepted
/// with its 95 % interval, Inkfield and Tesseract over the fields that both can read. Below: the accepted share (of all fields) under each
/// kind of damage by itself.
std::string degradation_picture(const std::vector<DegradationSeries>& sums, const std::vector<DegradationSeries>& kinds, const std::string& title);

}  // namespace inkfield::bench
