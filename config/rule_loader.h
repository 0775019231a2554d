// The rules across a form's fields: from their JSON to checked values.
#pragma once

#include <string>

#include "config/fault_list.h"
#include "config/form_template.h"
#include "config/json_document.h"

namespace inkfield::config {

/// Whether a rule may be held against its fields' formats: what is at fault already is not faulted twice.
enum class FieldsAre { good, at_fault };

/// Reads `list` into form.rules; form.fields is complete. Files of values are looked for from `base_folder` ("": none).
/// Reports faults; the rules are of use only if none was added.
void read_rules(const JsonNode& list, const std::string& pointer, const std::string& base_folder, FieldsAre fields_are,
                FormTemplate& form, FaultList& faults);

}  // namespace inkfield::config
