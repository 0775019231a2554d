// The templates of the sample forms, as their folder in the source tree has them.
#pragma once

#include "tests/generator/form_printing.h"

namespace inkfield::generator {

inline config::FormTemplate template_of(SampleForm form) {
  return load_sample_template(form, INKFIELD_SAMPLE_FORMS);
}

}  // namespace inkfield::generator
