// Whether a person has to look at a page.
#include "plugin/page/page_result.h"

#include <algorithm>

namespace inkfield::page {

bool PageResult::needs_review() const {
  // A page that was not read may still matter to somebody; a blank one (a back side) does not.
  if (state == PageState::blank) return false;
  if (state != PageState::read || !contradiction.empty()) return true;
  return std::any_of(fields.begin(), fields.end(), [](const FieldResult& field) {
    return field.state == FieldState::review || field.state == FieldState::failed;
  });
}

}  // namespace inkfield::page
