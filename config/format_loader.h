// The format of a field: which texts are valid in it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/fault_list.h"
#include "config/field_kinds.h"
#include "config/form_template.h"
#include "config/json_document.h"

namespace inkfield::config {

std::span<const std::string_view> format_keys();

/// Reads an object into `field.format`. The field's layout must have been read; where it is not good, nothing
/// is held against it.
void read_format(const JsonNode& node, const std::string& pointer, const KindRules& rules, bool layout_good,
                 FaultList& faults, Field& field);

/// Fills in the lengths that were left out.
void set_lengths(Field& field, std::optional<int> min_length, std::optional<int> max_length);

}  // namespace inkfield::config
