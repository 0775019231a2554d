// The layout of a field: a line, or boxes that must fit the zone.
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

std::span<const std::string_view> layout_keys();
/// Of an entry of the layout's list of gaps.
std::span<const std::string_view> gap_keys();

/// "1 box", "8 places"
std::string boxes_text(LayoutType type, int count);

/// Reads an object into `layout`; false if a format cannot be held against what was read. Without a zone the
/// boxes are not fitted.
bool read_layout(const JsonNode& node, const std::string& pointer, const KindRules& rules,
                 const std::optional<RectMm>& zone, FaultList& faults, Layout& layout);

}  // namespace inkfield::config
