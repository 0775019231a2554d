// A few hundred forms that no two people drew: random ruled and boxed forms of one house style, with the templates that
// describe them. Some are revisions of each other that differ by one line or by one printed code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "tests/generator/canvas.h"

namespace inkfield::bench {

/// How a template says where its print lies.
enum class FoundBy { corner_marks, landmarks, blank_picture };

struct PrintedItem {
  enum class Kind { solid, outline, text };
  Kind kind = Kind::solid;
  config::RectMm zone;  ///< of text: left, base line, width as set, height of its letters
  std::string text;
  double size_pt = 7;
  bool bold = false;
};

struct FamilyForm {
  config::FormTemplate form;
  FoundBy found_by = FoundBy::landmarks;
  std::vector<PrintedItem> print;  ///< all but the fields' boxes and the corner marks
};

/// Forms 10k + 8 and 10k + 9 are revisions of each other. `family` sets the draw: another one shares no form with it.
FamilyForm family_form(int number, std::uint64_t family);

/// Everything that is printed on every copy.
void print_family_form(const FamilyForm& form, generator::Canvas& canvas);

}  // namespace inkfield::bench
