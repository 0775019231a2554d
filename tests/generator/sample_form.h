// The three sample forms: what a bank, an office and a laboratory print on them.
//
// A form's boxes, combs, check boxes, base lines and marks are drawn from its template, so that picture and template
// cannot drift apart; only what surrounds them (titles, labels, tints, security print) is laid out here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/canvas.h"

namespace inkfield::generator {

enum class SampleForm { cheque, census, lab };

inline const std::vector<SampleForm>& sample_forms() {
  static const std::vector<SampleForm> forms{SampleForm::cheque, SampleForm::census, SampleForm::lab};
  return forms;
}

/// "cheque", "census" or "lab": stem of the template's file, too.
std::string name_of(SampleForm form);

/// Colour of the sheet before anything is printed on it.
Colour paper_of(SampleForm form);

/// Prints the empty form. `printed` holds the values of the printed_text fields by id; a missing one stays blank.
void print_form(SampleForm form, const config::FormTemplate& form_template, const std::map<std::string, std::string>& printed,
                Canvas& canvas);

}  // namespace inkfield::generator
