// The joint choice: among the candidates of all fields that rules tie together, the most probable readings that satisfy every
// one of these rules.
//
// From the readings as they are, one broken rule is taken and one of its fields read otherwise, in all ways, the likeliest set
// of changes first. Every satisfying set of changes has to change a field of every rule that is broken, so none is missed; and the
// first that satisfies all rules is the best. Fields that no broken rule touches are never looked at.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "plugin/pipeline/rule_checks.h"

namespace inkfield::pipeline {

/// Another reading of a field.
struct Alternative {
  RuleValue value;
  double likelihood = 0;      ///< its probability by that of the reading as it is; above 0, at most 1
  std::size_t candidate = 0;  ///< its place among the field's candidates
};

/// By the field's index in the template; a field without alternatives stays as it is.
using Alternatives = std::vector<std::vector<Alternative>>;

struct TiedRule {
  const RuleCheck* check = nullptr;
  std::span<const std::size_t> fields;
};

/// How many values may yet be looked at, over all searches of a page.
struct SearchBudget {
  std::size_t looks = 0;
  std::function<void()> checkpoint = [] {};  ///< throws to stop; called every few thousand looks
};

struct FieldChange {
  std::size_t field = 0;
  std::size_t alternative = 0;
};

struct JointChoice {
  enum class Outcome { found, impossible, too_long };
  Outcome outcome = Outcome::impossible;
  std::vector<FieldChange> changes;  ///< of the best choice, by field; those not named stay as they are
  /// By field index, 1 where not doubtful: among all choices found, weighed by their likelihood, the share of those that agree
  /// with the best about this field.
  std::vector<double> agreement;
  bool complete = false;  ///< no choice that matters to `agreement` was left out for want of budget
};

/// Changes less likely than this, all together, are not proposed: it is then likelier that what was written breaks the rule.
inline constexpr double kLeastLikelihood = 1e-4;

/// `values` hold the readings as they are; they are changed while searching and put back.
JointChoice choose_jointly(std::span<const TiedRule> rules, const Alternatives& alternatives, std::vector<const RuleValue*>& values, SearchBudget& budget);

}  // namespace inkfield::pipeline
