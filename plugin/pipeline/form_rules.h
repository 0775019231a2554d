// Rules across fields, between reading and answer: what was read is held against the template's rules, readings are chosen
// jointly where one is broken, and whoever is in doubt goes to a person.
//
// A rule never makes an answer surer. An answer that it changed is a proposal: the network itself thought another reading likelier,
// so its evidence for this one is one half at most, and no field is accepted at so little. What a rule does is to take acceptances
// back: from the fields of a rule that no likely reading satisfies; from all fields of a rule that is satisfied only by changing
// one which had been sure; and from fields that could be read in several ways by which all rules hold.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "config/calendar.h"
#include "config/form_template.h"
#include "plugin/page/page_result.h"
#include "recognizer/decoding/automaton.h"

namespace inkfield::pipeline {

struct RuleSurroundings {
  std::optional<config::Day> today;          ///< as the host says; rules that need it are not applied without
  std::function<void()> checkpoint = [] {};  ///< throws to stop
  /// Values that may be looked at for one page. A rule that is not settled by then counts as broken.
  std::size_t budget_looks = 4'000'000;
};

/// Applies form.rules to result.fields and fills result.rules. `read` are the fields of `form` that result.fields answer, in the
/// same order; `formats` are parallel to form.fields.
void apply_rules(const config::FormTemplate& form, const std::vector<std::optional<recognizer::Automaton>>& formats,
                 const std::vector<const config::Field*>& read, const RuleSurroundings& surroundings, page::PageResult& result);

}  // namespace inkfield::pipeline
