// Check digits by the examples of their standards and by what they promise; the other rules at their edges.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/value_list.h"
#include "plugin/pipeline/check_digits.h"
#include "plugin/pipeline/rule_checks.h"
#include "recognizer/decoding/automaton.h"

namespace inkfield::pipeline {
namespace {

using config::CheckMethod;

TEST(CheckDigits, PublishedNumbers_Fit) {
  const std::vector<std::pair<CheckMethod, const char*>> good = {
      {CheckMethod::luhn, "79927398713"},
      {CheckMethod::mod10_weight31, "4006381333931"},
      {CheckMethod::mod11, "07940"},
      {CheckMethod::mod97, "79444"},
      {CheckMethod::verhoeff, "2363"},
      {CheckMethod::aba, "111000025"},
      {CheckMethod::iso7064_mod11_2, "079X"},              // ISO 7064
      {CheckMethod::iso7064_mod11_2, "000000021694233X"},  // ORCID iD
      {CheckMethod::iso7064_mod11_2, "0000000218250097"},  // ORCID iD
      {CheckMethod::iso7064_mod37_2, "G123489654321Y"},    // ISBT 128
      {CheckMethod::iso7064_mod11_10, "07945"},            // ISO 7064
      {CheckMethod::iso7064_mod37_36, "A12425GABC1234002M"},  // GRid
      {CheckMethod::iso7064_mod97_10, "5493001KJTIIGC8Y1R12"},  // LEI
      {CheckMethod::iban, "GB82WEST12345698765432"},
      {CheckMethod::iban, "NO9386011117947"},
      {CheckMethod::mod11_weights_2to7, "0365327"},  // 7 + 2*2 + 3*3 + 4*5 + 5*6 + 6*3 + 7*0 = 88
  };
  for (const auto& [method, text] : good) {
    EXPECT_TRUE(check_digit_fits(method, text)) << text;
  }
}

// What every one of them is there for: one digit wrong is always seen.
TEST(CheckDigits, AnyOneDigitWrong_IsSeen) {
  for (const auto& [method, text] : std::vector<std::pair<CheckMethod, std::string>>{{CheckMethod::luhn, "79927398713"},
                                                                                     {CheckMethod::mod97, "79444"},
                                                                                     {CheckMethod::verhoeff, "2363"},
                                                                                     {CheckMethod::aba, "111000025"},
                                                                                     {CheckMethod::iso7064_mod11_2, "0000000218250097"},
                                                                                     {CheckMethod::iso7064_mod11_10, "07945"},
                                                                                     {CheckMethod::iso7064_mod37_36, "A12425GABC1234002M"},
                                                                                     {CheckMethod::iban, "GB82WEST12345698765432"},
                                                                                     {CheckMethod::mod11_weights_2to7, "0365327"}}) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string other = text;
        other[i] = digit;
        EXPECT_EQ(check_digit_fits(method, other), digit == text[i]) << other;
      }
    }
  }
}

// Inside one field the same names are automata: both must say the same of every number.
TEST(CheckDigits, NamesThatFieldsKnow_AgreeWithTheAutomata) {
  using Kind = recognizer::Automaton::CheckDigit;
  for (const auto& [method, kind, length] : std::vector<std::tuple<CheckMethod, Kind, int>>{{CheckMethod::luhn, Kind::luhn, 4},
                                                                                          {CheckMethod::mod10_weight31, Kind::mod10_weight31, 4},
                                                                                          {CheckMethod::mod11, Kind::mod11, 4},
                                                                                          {CheckMethod::mod97, Kind::mod97, 5},
                                                                                          {CheckMethod::verhoeff, Kind::verhoeff, 4}}) {
    const auto automaton = recognizer::Automaton::digits(length, length).with_check_digit(kind);
    int fitting = 0;
    const int end = length == 4 ? 10'000 : 100'000;
    for (int i = 0; i < end; ++i) {
      const std::string padded = std::to_string(end + i).substr(1);
      ASSERT_EQ(check_digit_fits(method, padded), automaton.accepts(padded)) << padded << " " << static_cast<int>(method);
      fitting += automaton.accepts(padded) ? 1 : 0;
    }
    EXPECT_GT(fitting, 100);
  }
  const auto aba = recognizer::Automaton::digits(9, 9).with_check_digit(Kind::aba);
  for (int i = 111'000'000; i < 111'010'000; ++i) ASSERT_EQ(check_digit_fits(CheckMethod::aba, std::to_string(i)), aba.accepts(std::to_string(i))) << i;
}

TEST(CheckDigits, TextsOfAnotherKind_DoNotFit) {
  for (int method = 0; method <= static_cast<int>(CheckMethod::iban); ++method) {
    for (const std::string text : {"", "1", "\xFF\xFE", "12*4", "abc", "GB8", "XXXXXXXXXXXXXXXXXX"}) EXPECT_FALSE(check_digit_fits(static_cast<CheckMethod>(method), text)) << method << " " << text;
    EXPECT_FALSE(check_digit_fits(static_cast<CheckMethod>(method), std::string(100'000, '0'))) << method;
  }
}

// --- the other rules, by values of their fields ---

class Checks : public ::testing::Test {
 protected:
  Checks() {
    fields_.resize(4);
    for (config::Field& field : fields_) field.format.type = config::FormatType::amount;
  }
  bool holds(config::RuleDetail detail, const std::vector<std::string>& values, std::optional<std::int64_t> today = std::nullopt) const {
    std::vector<RuleValue> all;
    for (std::size_t i = 0; i < values.size(); ++i) all.push_back(values[i].empty() ? blank_value() : rule_value(fields_[i], values[i]));
    std::vector<const RuleValue*> pointers;
    for (const RuleValue& value : all) pointers.push_back(&value);
    return make_rule_check({"r", std::move(detail), {}}, today)->holds(pointers);
  }
  std::vector<config::Field> fields_;
};

TEST_F(Checks, Sum_ToTheCentWithBlanksAsNothing) {
  config::SumRule sum;
  sum.terms = {0, 1};
  sum.less = {2};
  sum.total = 3;
  sum.decimals = 2;
  EXPECT_TRUE(holds(sum, {"10.50", "0.75", "1.25", "10.00"}));
  EXPECT_FALSE(holds(sum, {"10.50", "0.75", "1.25", "10.01"}));
  EXPECT_TRUE(holds(sum, {"10.50", "", "", "10.50"}));
  EXPECT_TRUE(holds(sum, {"", "", "", ""}));
  EXPECT_TRUE(holds(sum, {"", "", "", "0"}));
  EXPECT_FALSE(holds(sum, {"1", "", "", ""}));
  EXPECT_TRUE(holds(sum, {"99999999999.99", "", "", "99999999999.99"}));
  EXPECT_FALSE(holds(sum, {"999999999999999999999", "", "", "999999999999999999999"})) << "too big to be counted with";
  sum.tolerance_minor_units = 1;
  EXPECT_TRUE(holds(sum, {"10.50", "0.75", "1.25", "10.01"}));
  EXPECT_TRUE(holds(sum, {"10.50", "0.75", "1.25", "9.99"}));
  EXPECT_FALSE(holds(sum, {"10.50", "0.75", "1.25", "10.02"}));
}

TEST_F(Checks, SumWithTax_RoundedToTheMinorUnit) {
  config::SumRule sum;
  sum.terms = {0};
  sum.total = 1;
  sum.decimals = 2;
  sum.tax_thousandths = 19'000;
  EXPECT_TRUE(holds(sum, {"10.03", "11.94"}));  // 11.9357
  EXPECT_FALSE(holds(sum, {"10.03", "11.93"}));
  EXPECT_FALSE(holds(sum, {"10.03", "11.95"}));
  EXPECT_FALSE(holds(sum, {"10.03", "10.03"}));
  sum.decimals = 0;
  EXPECT_TRUE(holds(sum, {"10", "12"}));  // 11.9
  EXPECT_FALSE(holds(sum, {"10", "11"}));
}

TEST_F(Checks, DateOrder_CountsDaysAndLetsBlanksBe) {
  for (config::Field& field : fields_) field.format.type = config::FormatType::date;
  config::DateOrderRule order{0, 1, 0, 30};
  EXPECT_TRUE(holds(order, {"2024-02-29", "2024-02-29"}));
  EXPECT_TRUE(holds(order, {"2024-02-29", "2024-03-30"}));
  EXPECT_FALSE(holds(order, {"2024-02-29", "2024-03-31"}));
  EXPECT_FALSE(holds(order, {"2024-03-01", "2024-02-29"}));
  EXPECT_TRUE(holds(order, {"", "2024-02-29"}));
  order.least_days = 1;
  EXPECT_FALSE(holds(order, {"2024-02-29", "2024-02-29"}));
}

TEST_F(Checks, DateLimit_FixedAndFromToday) {
  for (config::Field& field : fields_) field.format.type = config::FormatType::date;
  config::DateLimitRule limit;
  limit.field = 0;
  limit.earliest = config::Day{2020, 1, 1};
  limit.not_after_today = true;
  limit.most_days_old = 10;
  const auto today = config::day_number({2026, 3, 1});
  EXPECT_TRUE(holds(limit, {"2026-03-01"}, today));
  EXPECT_TRUE(holds(limit, {"2026-02-19"}, today));
  EXPECT_FALSE(holds(limit, {"2026-02-18"}, today));
  EXPECT_FALSE(holds(limit, {"2026-03-02"}, today));
  EXPECT_FALSE(holds(limit, {"2019-12-31"}, config::day_number({2020, 1, 2})));
  EXPECT_TRUE(holds(limit, {""}, today));
  config::DateLimitRule fixed;
  fixed.latest = config::Day{2026, 3, 1};
  EXPECT_TRUE(holds(fixed, {"2026-03-01"}));
  EXPECT_FALSE(holds(fixed, {"2026-03-02"}));
}

TEST_F(Checks, Equal_WhateverThePunctuation) {
  const config::EqualRule equal{{0, 1, 2}};
  EXPECT_TRUE(holds(equal, {"10.50", "10.5", "10.50"}));
  EXPECT_FALSE(holds(equal, {"10.50", "10.5", "1050"}));
  EXPECT_FALSE(holds(equal, {"10.50", "10.50", ""}));
  EXPECT_TRUE(holds(equal, {"", "", ""}));
}

TEST_F(Checks, EqualCodes_LeadingZerosCount) {
  for (config::Field& field : fields_) field.format.type = config::FormatType::digits;
  const config::EqualRule equal{{0, 1}};
  EXPECT_TRUE(holds(equal, {"12-34.5", "12345"}));
  EXPECT_TRUE(holds(equal, {"ab 1", "AB1"}));
  EXPECT_FALSE(holds(equal, {"0012", "12"}));
}

TEST_F(Checks, JoinedCheckDigit_AllOrNothing) {
  for (config::Field& field : fields_) field.format.type = config::FormatType::pattern;
  const config::CheckDigitRule check{{1, 0}, CheckMethod::luhn};
  EXPECT_TRUE(holds(check, {"98713", "7992-73"}));
  EXPECT_FALSE(holds(check, {"98714", "7992-73"}));
  EXPECT_TRUE(holds(check, {"", ""}));
  EXPECT_FALSE(holds(check, {"", "79927398713"})) << "half of a number is missing";
}

TEST_F(Checks, KeyedList_AsksTheKey) {
  auto values = std::make_shared<config::ValueList>();
  for (config::Field& field : fields_) field.format.type = config::FormatType::digits;
  values->add("10", "1");
  values->add("20", "2");
  const config::ListRule list{0, 1, values};
  EXPECT_TRUE(holds(list, {"1", "10"}));
  EXPECT_FALSE(holds(list, {"1", "20"}));
  EXPECT_FALSE(holds(list, {"1", ""}));
  EXPECT_TRUE(holds(list, {"", "20"}));
}

TEST_F(Checks, RequiredIf_EveryCondition) {
  fields_[1].kind = config::FieldKind::checkbox;
  using config::FieldCondition;
  const auto rule = [](FieldCondition condition) { return config::RequiredIfRule{0, 1, condition, ""}; };
  EXPECT_FALSE(holds(rule(FieldCondition::checked), {"", "true"}));
  EXPECT_TRUE(holds(rule(FieldCondition::checked), {"", "false"}));
  EXPECT_TRUE(holds(rule(FieldCondition::checked), {"5", "true"}));
  EXPECT_FALSE(holds(rule(FieldCondition::unchecked), {"", "false"}));
  fields_[1].kind = config::FieldKind::handwritten_number;
  EXPECT_FALSE(holds(rule(FieldCondition::filled), {"", "5"}));
  EXPECT_TRUE(holds(rule(FieldCondition::filled), {"", ""}));
  EXPECT_FALSE(holds(rule(FieldCondition::blank), {"", ""}));
  const config::RequiredIfRule equals{0, 1, FieldCondition::equals, "5.00"};
  EXPECT_FALSE(holds(equals, {"", "5.00"}));
  EXPECT_TRUE(holds(equals, {"", "6.00"}));
}

}  // namespace
}  // namespace inkfield::pipeline
