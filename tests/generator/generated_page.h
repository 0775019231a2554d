// One filled-in page from a seed: what was written on it and what the scanner made of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/degradation.h"
#include "tests/generator/form_values.h"
#include "tests/generator/picture.h"
#include "tests/generator/sample_form.h"

namespace inkfield::generator {

struct GeneratedPage {
  Picture picture;
  std::vector<FieldValue> values;
  Scan scan;
};

/// `dpi` 0: drawn with the scan.
GeneratedPage generate_page(SampleForm form, const config::FormTemplate& form_template, Severity severity, double dpi, std::uint64_t seed);

/// What the page's printer puts into its printed_text fields, by field id.
std::map<std::string, std::string> printed_values(const std::vector<FieldValue>& values);

/// The empty form with nothing variable on it, gray, filling the picture exactly.
Picture blank_page(SampleForm form, const config::FormTemplate& form_template, double dpi);

/// Throws std::runtime_error if a font that the forms are set in is not installed, naming its Debian package.
void require_fonts();

/// Loads `folder`/NAME.json; throws std::runtime_error listing its faults.
config::FormTemplate load_sample_template(SampleForm form, const std::string& folder);

}  // namespace inkfield::generator
