// What each field kind is called and what a template may say of it: one row a kind, and a new kind is one row more.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/form_template.h"

namespace inkfield::config {

/// One kind of field, as templates and results know it.
struct KindRules {
  std::string_view name;  ///< as templates and results write it; must outlive the table
  FieldKind kind = FieldKind::handwritten_number;
  std::string_view called;                   ///< how a message calls one: "a checkbox"
  std::span<const LayoutType> layouts;       ///< those it may have; none: it has no layout
  std::span<const FormatType> formats;       ///< those it may have, the one meant when it says none first; none: no format
  std::span<const std::string_view> keys;    ///< of a field that belong to this kind (others may share them)
  bool zone_from_options = false;            ///< a zone that is left out is the rectangle round its options
};

/// The kinds that a loader knows, in the order in which messages list them.
using KindTable = std::vector<KindRules>;

/// The kinds that this program reads.
const KindTable& standard_kinds();

/// Null if the table has none of that kind.
const KindRules* rules_of(FieldKind kind, const KindTable& kinds = standard_kinds());

/// "" for a kind that is not in the standard table.
std::string_view kind_name(FieldKind kind);

}  // namespace inkfield::config
