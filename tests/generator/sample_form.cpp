#include "tests/generator/sample_form.h"

#include "tests/generator/census_form.h"
#include "tests/generator/cheque_form.h"
#include "tests/generator/lab_form.h"

namespace inkfield::generator {

std::string name_of(SampleForm form) {
  return form == SampleForm::cheque ? "cheque" : form == SampleForm::census ? "census" : "lab";
}

Colour paper_of(SampleForm form) {
  return form == SampleForm::cheque ? Colour{0.985, 0.985, 0.97} : form == SampleForm::census ? Colour{0.995, 0.995, 0.99} : Colour{0.98, 0.98, 0.975};
}

void print_form(SampleForm form, const config::FormTemplate& form_template, const std::map<std::string, std::string>& printed,
                Canvas& canvas) {
  switch (form) {
    case SampleForm::cheque:
      return print_cheque(form_template, printed, canvas);
    case SampleForm::census:
      return print_census(form_template, printed, canvas);
    case SampleForm::lab:
      return print_lab(form_template, printed, canvas);
  }
}

}  // namespace inkfield::generator
