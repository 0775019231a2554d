// Copies of a family form as they come in: filled in, scanned or photographed, at a severity from 0 to 3, with the truth
// about where the form lies.
#pragma once

#include <cstdint>
#include <string>

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"
#include "tests/bench/form_family.h"

namespace inkfield::bench {

struct SentPage {
  page::GrayImage gray;
  page::Transform px_from_mm;
  double dpi = 0;
  bool photographed = false;
  bool mirrored = false;
  std::string how;  ///< in words, for a table of what went wrong
};

/// The empty form, filling the picture exactly.
page::GrayImage blank_picture(const FamilyForm& form, double px_per_mm);

/// The numbers behind a severity stand in `form_pages.cpp`, in one table. `dpi` 0: drawn.
SentPage send_page(const FamilyForm& form, int severity, double dpi, std::uint64_t seed);

}  // namespace inkfield::bench
