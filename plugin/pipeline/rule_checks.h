// One small class a type of rule: does it hold for these values? To add a type: a struct in config/form_rules.h, a function in
// config/rule_loader.cpp, and here one class and one line of make_rule_check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "config/form_rules.h"
#include "config/form_template.h"

namespace inkfield::pipeline {

/// One value that a field may have, taken apart once, whatever rules then ask of it.
struct RuleValue {
  bool blank = false;      ///< nothing is written, or the box is not checked
  std::string normalized;  ///< as in a result; "" if blank
  std::string bare;        ///< without blanks and punctuation, in capitals
  std::optional<std::int64_t> ten_thousandths;  ///< of numbers and amounts that are small enough to be counted with
  std::optional<std::int64_t> day;              ///< of dates, since 1970-01-01
};

RuleValue blank_value();
RuleValue rule_value(const config::Field& field, const std::string& normalized);

/// By the field's index in the template. Those of the rule's own fields are not null.
using RuleValues = std::span<const RuleValue* const>;

class RuleCheck {
 public:
  virtual ~RuleCheck() = default;
  [[nodiscard]] virtual bool holds(RuleValues values) const = 0;
  /// Whether a blank field may be to blame when the rule is broken. An empty line of a sum is not.
  [[nodiscard]] virtual bool doubts_blanks() const { return true; }
};

/// `today` as a day number; a rule that needs it and has none must not be asked.
std::unique_ptr<const RuleCheck> make_rule_check(const config::FormRule& rule, std::optional<std::int64_t> today);

}  // namespace inkfield::pipeline
