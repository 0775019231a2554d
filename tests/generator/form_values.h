// What people put on a form: values that the template allows, and how they would be written.
#pragma once

#include <string>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/random.h"
#include "tests/generator/sample_form.h"

namespace inkfield::generator {

/// One field as it was filled in.
struct FieldValue {
  std::string field_id;
  config::FieldKind kind = config::FieldKind::handwritten_number;
  std::string written;     ///< character for character; "" if nothing; "checked" or "unchecked"
  std::string normalized;  ///< ISO date, decimal amount, bare digits, "true" or "false"
};

/// Values for every field of the form, in the template's order. Optional fields are empty now and then.
std::vector<FieldValue> random_values(SampleForm form, const config::FormTemplate& form_template, Random& random);

/// Digit that makes the whole pass Luhn's check.
char luhn_digit(const std::string& digits);

}  // namespace inkfield::generator
