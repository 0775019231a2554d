// Writes values on a printed form in one person's hand, with one pen.
#pragma once

#include <cstdint>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/canvas.h"
#include "tests/generator/form_values.h"
#include "tests/generator/sample_form.h"

namespace inkfield::generator {

/// Handwritten numbers, marks in check boxes, and the words and signatures that belong to the form. `faint` is for
/// a pencil or a pen that runs dry, `ink_left` the share of its ink that is there at all.
void write_on_form(SampleForm form, const config::FormTemplate& form_template, const std::vector<FieldValue>& values, bool faint,
                   std::uint64_t seed, Canvas& canvas, double ink_left = 1);

}  // namespace inkfield::generator
