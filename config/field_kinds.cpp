// The table of field kinds.
#include "config/field_kinds.h"

#include <algorithm>
#include <array>

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array kAllLayouts = {LayoutType::line, LayoutType::boxes, LayoutType::comb};
constexpr std::array kLineOnly = {LayoutType::line};
constexpr std::array kNumberFormats = {FormatType::digits, FormatType::date,  FormatType::amount,
                                       FormatType::zip,    FormatType::phone, FormatType::pattern};
constexpr std::array kPrintedFormats = {FormatType::text, FormatType::digits, FormatType::date, FormatType::amount,
                                        FormatType::zip,  FormatType::phone,  FormatType::pattern};
// Of print that only machines write.
constexpr std::array kCodeFormats = {FormatType::text, FormatType::digits, FormatType::pattern};

constexpr std::array<Word, 1> kCheckboxKeys = {"checked_ink_share"};
constexpr std::array<Word, 3> kGroupKeys = {"options", "choose", "checked_ink_share"};
constexpr std::array<Word, 1> kBarcodeKeys = {"symbologies"};

}  // namespace

const KindTable& standard_kinds() {
  static const KindTable kKinds = {
      {"handwritten_number", FieldKind::handwritten_number, "a handwritten number", kAllLayouts, kNumberFormats, {}, false},
      {"printed_text", FieldKind::printed_text, "printed text", kLineOnly, kPrintedFormats, {}, false},
      {"printed_number", FieldKind::printed_number, "a printed number", kLineOnly, kNumberFormats, {}, false},
      {"checkbox", FieldKind::checkbox, "a checkbox", {}, {}, kCheckboxKeys, false},
      {"checkbox_group", FieldKind::checkbox_group, "a checkbox_group", {}, {}, kGroupKeys, true},
      {"barcode", FieldKind::barcode, "a barcode", {}, kCodeFormats, kBarcodeKeys, false},
      {"signature", FieldKind::signature, "a signature", {}, {}, {}, false},
      {"micr_line", FieldKind::micr_line, "a MICR line", {}, kCodeFormats, {}, false},
  };
  return kKinds;
}

const KindRules* rules_of(FieldKind kind, const KindTable& kinds) {
  const auto row = std::find_if(kinds.begin(), kinds.end(), [&](const KindRules& rules) { return rules.kind == kind; });
  return row == kinds.end() ? nullptr : &*row;
}

std::string_view kind_name(FieldKind kind) {
  const KindRules* const rules = rules_of(kind);
  return rules == nullptr ? Word() : rules->name;
}

}  // namespace inkfield::config
