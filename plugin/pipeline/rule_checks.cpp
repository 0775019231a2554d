// The rules themselves, one class each.
#include "plugin/pipeline/rule_checks.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "config/calendar.h"
#include "plugin/pipeline/check_digits.h"

namespace inkfield::pipeline {
namespace {

constexpr int kDecimals = 4;  // the most that a template's amount may have
// Beyond this a sum of 4,000 of them would leave 64 bits; no form asks for 100,000 millions.
constexpr std::int64_t kMostTenThousandths = 1'000'000'000'000'000;

/// "1234.50" in ten-thousandths.
std::optional<std::int64_t> counted(const std::string& normalized) {
  std::int64_t value = 0;
  int decimals = -1;
  for (const char c : normalized) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9' || decimals >= kDecimals) return std::nullopt;
    if (decimals >= 0) ++decimals;
    value = value * 10 + (c - '0');
    if (value > kMostTenThousandths) return std::nullopt;
  }
  for (int i = std::max(0, decimals); i < kDecimals; ++i) value *= 10;
  if (value > kMostTenThousandths) return std::nullopt;
  return value;
}

class CheckDigitCheck final : public RuleCheck {
 public:
  explicit CheckDigitCheck(config::CheckDigitRule rule) : rule_(std::move(rule)) {}
  [[nodiscard]] bool holds(RuleValues values) const override {
    std::string joined;
    std::size_t blanks = 0;
    for (const std::size_t field : rule_.fields) {
      blanks += values[field]->blank ? 1 : 0;
      joined += values[field]->bare;
    }
    if (blanks == rule_.fields.size()) return true;
    return blanks == 0 && check_digit_fits(rule_.method, joined);
  }

 private:
  config::CheckDigitRule rule_;
};

class DateOrderCheck final : public RuleCheck {
 public:
  explicit DateOrderCheck(config::DateOrderRule rule) : rule_(rule) {}
  [[nodiscard]] bool holds(RuleValues values) const override {
    const auto earlier = values[rule_.earlier]->day;
    const auto later = values[rule_.later]->day;
    if (!earlier || !later) return true;
    const std::int64_t days = *later - *earlier;
    return days >= rule_.least_days && (!rule_.most_days || days <= *rule_.most_days);
  }

 private:
  config::DateOrderRule rule_;
};

class DateLimitCheck final : public RuleCheck {
 public:
  DateLimitCheck(config::DateLimitRule rule, std::optional<std::int64_t> today) : rule_(rule), today_(today) {}
  [[nodiscard]] bool holds(RuleValues values) const override {
    const auto day = values[rule_.field]->day;
    if (!day) return true;
    if (rule_.earliest && *day < config::day_number(*rule_.earliest)) return false;
    if (rule_.latest && *day > config::day_number(*rule_.latest)) return false;
    if (rule_.not_after_today && today_ && *day > *today_) return false;
    return !(rule_.most_days_old && today_ && *day < *today_ - *rule_.most_days_old);
  }

 private:
  config::DateLimitRule rule_;
  std::optional<std::int64_t> today_;
};

class SumCheck final : public RuleCheck {
 public:
  explicit SumCheck(config::SumRule rule) : rule_(std::move(rule)) {
    for (int i = rule_.decimals; i < kDecimals; ++i) minor_unit_ *= 10;
  }
  [[nodiscard]] bool holds(RuleValues values) const override {
    std::int64_t sum = 0;
    for (const std::size_t field : rule_.terms) {
      const RuleValue& value = *values[field];
      if (!value.blank && !value.ten_thousandths) return false;
      sum += value.ten_thousandths.value_or(0);
    }
    for (const std::size_t field : rule_.less) {
      const RuleValue& value = *values[field];
      if (!value.blank && !value.ten_thousandths) return false;
      sum -= value.ten_thousandths.value_or(0);
    }
    const RuleValue& total = *values[rule_.total];
    if (!total.blank && !total.ten_thousandths) return false;
    // A per cent has a hundred thousand thousandths in the whole; split, so that nothing leaves 64 bits.
    constexpr std::int64_t kWhole = 100'000;
    const std::int64_t tax = sum / kWhole * rule_.tax_thousandths + sum % kWhole * rule_.tax_thousandths / kWhole;
    const std::int64_t difference = sum + tax - total.ten_thousandths.value_or(0);
    // Tax is rounded to the minor unit, up or down as the writer does it.
    const std::int64_t rounding = rule_.tax_thousandths > 0 ? minor_unit_ / 2 + 1 : 0;
    const std::int64_t allowed = rule_.tolerance_minor_units * minor_unit_ + rounding;
    return difference <= allowed && difference >= -allowed;
  }
  [[nodiscard]] bool doubts_blanks() const override { return false; }

 private:
  config::SumRule rule_;
  std::int64_t minor_unit_ = 1;  // in ten-thousandths
};

class EqualCheck final : public RuleCheck {
 public:
  explicit EqualCheck(config::EqualRule rule) : rule_(std::move(rule)) {}
  [[nodiscard]] bool holds(RuleValues values) const override {
    const RuleValue& first = *values[rule_.fields.front()];
    return std::all_of(rule_.fields.begin() + 1, rule_.fields.end(), [&](std::size_t field) {
      const RuleValue& other = *values[field];
      if (first.blank != other.blank) return false;
      // Amounts with other numbers of decimals are the same amounts.
      if (first.ten_thousandths && other.ten_thousandths && (first.normalized.find('.') != std::string::npos || other.normalized.find('.') != std::string::npos)) {
        return *first.ten_thousandths == *other.ten_thousandths;
      }
      return first.bare == other.bare;
    });
  }

 private:
  config::EqualRule rule_;
};

class ListCheck final : public RuleCheck {
 public:
  explicit ListCheck(config::ListRule rule) : rule_(std::move(rule)) {}
  [[nodiscard]] bool holds(RuleValues values) const override {
    const RuleValue& value = *values[rule_.field];
    if (value.blank || rule_.values == nullptr) return true;
    if (!rule_.key_field) return rule_.values->contains("", value.normalized);
    const RuleValue& key = *values[*rule_.key_field];
    return !key.blank && rule_.values->contains(key.normalized, value.normalized);
  }

 private:
  config::ListRule rule_;
};

class RequiredIfCheck final : public RuleCheck {
 public:
  explicit RequiredIfCheck(config::RequiredIfRule rule) : rule_(std::move(rule)) {}
  [[nodiscard]] bool holds(RuleValues values) const override { return !values[rule_.field]->blank || !applies(*values[rule_.when_field]); }

 private:
  [[nodiscard]] bool applies(const RuleValue& when) const {
    switch (rule_.condition) {
      case config::FieldCondition::filled:
      case config::FieldCondition::checked: return !when.blank;
      case config::FieldCondition::blank:
      case config::FieldCondition::unchecked: return when.blank;
      case config::FieldCondition::equals: return !when.blank && when.normalized == rule_.equals;
    }
    return false;
  }
  config::RequiredIfRule rule_;
};

}  // namespace

RuleValue blank_value() {
  RuleValue value;
  value.blank = true;
  return value;
}

RuleValue rule_value(const config::Field& field, const std::string& normalized) {
  RuleValue value;
  value.normalized = normalized;
  if (field.kind == config::FieldKind::checkbox) {
    value.blank = normalized != "true";
    return value;
  }
  value.bare = bare_code(normalized);
  if (field.format.type == config::FormatType::date) {
    if (const auto day = config::parse_iso_day(normalized)) value.day = config::day_number(*day);
  } else {
    value.ten_thousandths = counted(normalized);
  }
  return value;
}

std::unique_ptr<const RuleCheck> make_rule_check(const config::FormRule& rule, std::optional<std::int64_t> today) {
  struct Maker {
    std::optional<std::int64_t> today;
    using Check = std::unique_ptr<const RuleCheck>;
    Check operator()(const config::CheckDigitRule& r) const { return std::make_unique<const CheckDigitCheck>(r); }
    Check operator()(const config::DateOrderRule& r) const { return std::make_unique<const DateOrderCheck>(r); }
    Check operator()(const config::DateLimitRule& r) const { return std::make_unique<const DateLimitCheck>(r, today); }
    Check operator()(const config::SumRule& r) const { return std::make_unique<const SumCheck>(r); }
    Check operator()(const config::EqualRule& r) const { return std::make_unique<const EqualCheck>(r); }
    Check operator()(const config::ListRule& r) const { return std::make_unique<const ListCheck>(r); }
    Check operator()(const config::RequiredIfRule& r) const { return std::make_unique<const RequiredIfCheck>(r); }
  };
  return std::visit(Maker{today}, rule.detail);
}

}  // namespace inkfield::pipeline
