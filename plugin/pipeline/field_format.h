// What a field may hold: the template's words turned into an automaton for the search, and a reading into the value
// that a host stores.
#pragma once

#include <string>
#include <string_view>

#include "config/form_template.h"
#include "plugin/page/reading.h"
#include "recognizer/decoding/automaton.h"

namespace inkfield::pipeline {

/// The valid readings of a handwritten number or of printed text that has a format other than free text. Throws
/// Error(invalid_template) that names the field if no reading at all would be valid.
recognizer::Automaton compile_format(const config::Field& field);

/// False for check boxes and for free text: nothing narrows what they hold to what an automaton knows.
bool has_automaton(const config::Field& field);

struct FieldValue {
  bool valid = false;
  std::string text;        ///< as read, under the format
  std::string normalized;  ///< ISO date; amount with '.' and all its decimals, no grouping; bare digits; text itself
};

/// The value that `text` stands for. `format` may be null for fields without an automaton.
FieldValue field_value(const config::Field& field, std::string_view text, const recognizer::Automaton* format);

/// Printed text comes from an engine that knows no formats: blanks that cannot belong are dropped, letters put into the
/// only case that the field allows, and readings that are not valid taken off the candidates.
void fit_printed_text(const config::Field& field, const recognizer::Automaton* format, page::Reading& reading);

}  // namespace inkfield::pipeline
