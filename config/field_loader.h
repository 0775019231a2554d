// One field of a template: from its JSON object to a checked value.
#pragma once

#include <optional>
#include <string>

#include "config/fault_list.h"
#include "config/field_kinds.h"
#include "config/form_template.h"
#include "config/json_document.h"

namespace inkfield::config {

/// What a field takes from the template around it.
struct FieldSurroundings {
  bool alone = false;        ///< a field definition by itself: zone and id may be left out
  double page_width_mm = 0;  ///< 0: not known, or itself at fault; zones are then not held against it
  double page_height_mm = 0;
  double allowed_wrong_rate = 0.01;
  bool required = true;
  const KindTable* kinds = &standard_kinds();  ///< never null
};

inline constexpr double kMaxAllowedWrongRate = 0.5;
inline constexpr double kMaxLengthMm = 2000;  ///< of anything on a form
/// Things are measured on paper: a hundredth of a millimetre over an edge is rounding.
inline constexpr double kRoundingMm = 0.01;

/// Reports faults and returns what could be read; the result is of use only if no fault was added.
Field read_field(const JsonNode& node, const std::string& pointer, const FieldSurroundings& surroundings,
                 FaultList& faults);

/// A rectangle {x_mm, y_mm, width_mm, height_mm}; nothing if it has a fault. Page sizes of 0 are not checked.
std::optional<RectMm> read_zone(const JsonNode& node, const std::string& pointer, double page_width_mm,
                                double page_height_mm, FaultList& faults);

/// Where a key that stands in the wrong object is at home, as a message says it; "" for an unknown one.
std::string home_of_key(std::string_view key);

/// `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`
bool is_id(std::string_view text);
inline constexpr std::string_view kIdRule =
    "expected 1 to 64 of the letters A-Z and a-z, digits and _ . -, beginning with a letter or digit";

}  // namespace inkfield::config
