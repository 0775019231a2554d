// What only some kinds of field say: the boxes of a check-box group, the symbologies of a barcode.
#pragma once

#include <cstdint>

#include "config/field_loader.h"
#include "config/object_reader.h"

namespace inkfield::config {

/// Reads the keys `options`, `choose` and `symbologies` of a field whose kind has them, and sets the zone of a group that
/// says none. Faults go to `faults`; what is returned in `field` is of use only if none was added.
void read_kind_details(ObjectReader& in, const KindRules& rules, const FieldSurroundings& surroundings, FaultList& faults,
                       Field& field);

/// The set of Symbology bits that the list `symbologies` names; all of them if there is none.
std::uint32_t read_symbologies(ObjectReader& in, FaultList& faults);

}  // namespace inkfield::config
