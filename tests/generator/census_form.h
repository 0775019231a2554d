// See census_form.cpp.
#pragma once

#include <map>
#include <string>

#include "config/form_template.h"
#include "tests/generator/canvas.h"

namespace inkfield::generator {

void print_census(const config::FormTemplate& form, const std::map<std::string, std::string>& printed, Canvas& canvas);

}  // namespace inkfield::generator
