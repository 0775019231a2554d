// Rules across the fields of a form, as the rest of the program sees them: what a template's "rules" load into.
//
// Fields are named by their index in FormTemplate::fields. Everything here is checked by the loader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/calendar.h"
#include "config/value_list.h"

namespace inkfield::config {

/// How check characters are computed. The first six are the ones that a field's format knows, too.
enum class CheckMethod {
  luhn,
  mod10_weight31,
  mod11,  ///< ISO 7064 MOD 11-2 in digits alone
  mod97,  ///< ISO 7064 MOD 97-10
  verhoeff,
  aba,
  iso7064_mod11_2,     ///< the check may be X
  iso7064_mod37_2,     ///< letters and digits; the check may be *
  iso7064_mod97_10,    ///< letters count 10 to 35, as in an LEI
  iso7064_mod11_10,    ///< hybrid
  iso7064_mod37_36,    ///< hybrid, letters and digits
  mod11_weights_2to7,  ///< weights 2 to 7 from the right, the check itself weighs 1
  iban,
};

/// Several fields, joined, end in a valid check digit.
struct CheckDigitRule {
  std::vector<std::size_t> fields;
  CheckMethod method = CheckMethod::luhn;
};

/// One day does not come before another.
struct DateOrderRule {
  std::size_t earlier = 0;
  std::size_t later = 0;
  int least_days = 0;  ///< so many days lie between them at least
  std::optional<int> most_days;
};

/// A day lies between limits, fixed or counted from the day that the host calls today.
struct DateLimitRule {
  std::size_t field = 0;
  std::optional<Day> earliest;
  std::optional<Day> latest;
  bool not_after_today = false;
  std::optional<int> most_days_old;
  [[nodiscard]] bool needs_today() const { return not_after_today || most_days_old.has_value(); }
};

/// (terms - less) * (1 + tax) = total.
struct SumRule {
  std::vector<std::size_t> terms;
  std::vector<std::size_t> less;
  std::size_t total = 0;
  int decimals = 0;                   ///< of a minor unit: the most that any of the fields has
  std::int64_t tax_thousandths = 0;   ///< of a per cent
  std::int64_t tolerance_minor_units = 0;
};

/// The same value was written in every field.
struct EqualRule {
  std::vector<std::size_t> fields;
};

/// The value stands in a list, if need be beside the value of a key field.
struct ListRule {
  std::size_t field = 0;
  std::optional<std::size_t> key_field;
  std::shared_ptr<const ValueList> values;
};

enum class FieldCondition { filled, blank, checked, unchecked, equals };

/// A field must be filled in if another one is, or is checked, or says something.
struct RequiredIfRule {
  std::size_t field = 0;
  std::size_t when_field = 0;
  FieldCondition condition = FieldCondition::filled;
  std::string equals;  ///< a normalized value
};

using RuleDetail = std::variant<CheckDigitRule, DateOrderRule, DateLimitRule, SumRule, EqualRule, ListRule, RequiredIfRule>;

struct FormRule {
  std::string name;  ///< for people, unique on its form
  RuleDetail detail;
  std::vector<std::size_t> fields;  ///< all that it looks at, each once, in ascending order
};

}  // namespace inkfield::config
