// Formats to automata and values; readings to decisions.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "plugin/pipeline/checkbox_reader.h"
#include "plugin/pipeline/decision.h"
#include "plugin/pipeline/field_format.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

using config::Field;
using config::FormatType;
using page::FieldState;

Field field_with(FormatType type) {
  Field field;
  field.id = "f";
  field.format.type = type;
  return field;
}

std::string value_of(const Field& field, const std::string& text) {
  const recognizer::Automaton automaton = compile_format(field);
  const FieldValue value = field_value(field, text, &automaton);
  return value.valid ? value.normalized : "invalid";
}

TEST(FieldValue, Dates_BecomeIso) {
  Field field = field_with(FormatType::date);
  EXPECT_EQ(value_of(field, "29022016"), "2016-02-29");
  EXPECT_EQ(value_of(field, "29022015"), "invalid");
  EXPECT_EQ(value_of(field, "2902201"), "invalid");
  field.format.date_order = config::DateOrder::mmddyyyy;
  field.format.date_separators = "/-";
  EXPECT_EQ(value_of(field, "12/31/1999"), "1999-12-31");
  field.format.latest = "1998-12-31";
  EXPECT_EQ(value_of(field, "12311999"), "invalid");
}

TEST(FieldValue, TwoDigitYears_TakeTheOneYearOfTheRange) {
  Field field = field_with(FormatType::date);
  field.format.date_order = config::DateOrder::ddmmyy;
  EXPECT_EQ(value_of(field, "010249"), "2049-02-01");
  EXPECT_EQ(value_of(field, "010250"), "1950-02-01");
  field.format.earliest = "1920-06-01";
  EXPECT_EQ(value_of(field, "010221"), "1921-02-01");
}

TEST(FieldValue, Amounts_LoseGroupingAndTerminators) {
  Field field = field_with(FormatType::amount);
  field.format.terminators = {"-", "/-"};
  EXPECT_EQ(value_of(field, "12,34,567/-"), "1234567.00");
  EXPECT_EQ(value_of(field, "1,234,567.50"), "1234567.50");
  EXPECT_EQ(value_of(field, "007"), "7.00");
  EXPECT_EQ(value_of(field, "12,3"), "invalid");
  field.format.decimal_mark = ',';
  EXPECT_EQ(value_of(field, "1.234,05"), "1234.05");
  field.format.decimals = 0;
  EXPECT_EQ(value_of(field, "1.234"), "1234");
  field.format.maximum = 1000;
  EXPECT_EQ(value_of(field, "1.234"), "invalid");
}

TEST(FieldFormat, TextOfDigitsAloneOfKnownLength_IsAnAutomaton) {
  Field field = field_with(FormatType::text);
  field.kind = config::FieldKind::printed_text;
  EXPECT_FALSE(has_automaton(field));
  field.format.characters = "0123456789";
  EXPECT_FALSE(has_automaton(field));  // any length
  field.format.min_length = 6;
  field.format.max_length = 14;
  ASSERT_TRUE(has_automaton(field));
  EXPECT_EQ(value_of(field, "00471100"), "00471100");
  EXPECT_EQ(value_of(field, "47110"), "invalid");
  field.format.characters = "01";
  EXPECT_EQ(value_of(field, "010101"), "010101");
  EXPECT_EQ(value_of(field, "010102"), "invalid");
  field.format.max_length = 41;  // no line is as long
  EXPECT_FALSE(has_automaton(field));
  field.format.max_length = 14;
  field.format.characters = "0123456789X";
  EXPECT_FALSE(has_automaton(field));
}

TEST(FieldValue, DigitsZipPhoneAndPattern_BecomeWhatAHostStores) {
  Field digits = field_with(FormatType::digits);
  digits.layout.type = config::LayoutType::boxes;
  digits.layout.count = 4;
  digits.format.min_length = 2;
  EXPECT_EQ(value_of(digits, "007"), "007");
  EXPECT_EQ(value_of(digits, "1"), "invalid");
  EXPECT_EQ(value_of(digits, "12345"), "invalid");
  const Field zip = field_with(FormatType::zip);
  EXPECT_EQ(value_of(zip, "12345"), "12345");
  EXPECT_EQ(value_of(zip, "123456789"), "12345-6789");
  EXPECT_EQ(value_of(zip, "12345-6789"), "12345-6789");
  EXPECT_EQ(value_of(zip, "1234567"), "invalid");
  const Field phone = field_with(FormatType::phone);
  EXPECT_EQ(value_of(phone, "555-010.99"), "55501099");
  EXPECT_EQ(value_of(phone, "5550"), "invalid");
  Field pattern = field_with(FormatType::pattern);
  pattern.format.pattern = "9{4}-9{2}";
  EXPECT_EQ(value_of(pattern, "1234-56"), "1234-56");
  EXPECT_EQ(value_of(pattern, "123456"), "invalid");
}

TEST(FieldValue, CheckDigit_RefusesAWrongOne) {
  Field field = field_with(FormatType::digits);
  field.format.check_digit = config::CheckDigit::luhn;
  EXPECT_EQ(value_of(field, "79927398713"), "79927398713");
  EXPECT_EQ(value_of(field, "79927398714"), "invalid");
}

TEST(CompileFormat, NothingValid_IsRefusedNamingTheField) {
  Field field = field_with(FormatType::digits);
  field.format.min_length = field.format.max_length = 2;
  field.format.minimum = 500;
  try {
    compile_format(field);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_template);
    EXPECT_NE(std::string(error.what()).find("\"f\""), std::string::npos);
  }
}

TEST(FitPrintedText, BlanksAndCase_AreMendedAndOtherLettersAreNot) {
  Field field = field_with(FormatType::text);
  field.kind = config::FieldKind::printed_text;
  field.format.min_length = field.format.max_length = 6;
  field.format.characters = "ABC0123456789";
  const auto fit = [&](const std::string& text) {
    page::Reading reading;
    reading.raw_text = text;
    reading.confidence = 0.9;
    reading.candidates.push_back({text, 0.9});
    fit_printed_text(field, nullptr, reading);
    return reading;
  };
  EXPECT_EQ(fit(" AB 12 34\n").candidates.at(0).text, "AB1234");
  EXPECT_FALSE(fit(" AB 12 34\n").changed_by_format);
  EXPECT_EQ(fit("ab1234").candidates.at(0).text, "AB1234");
  EXPECT_TRUE(fit("ab1234").changed_by_format);
  EXPECT_TRUE(fit("AB123O").candidates.empty());
  EXPECT_EQ(fit("AB123O").confidence, 0);
  EXPECT_TRUE(fit("AB12345").candidates.empty());
}

struct DecisionCase {
  const char* name;
  const char* text;
  double confidence;
  double empty;
  const char* doubt;
  const char* failure;
  bool required;
  FieldState state;
  const char* reason_part;
};

class Decide : public ::testing::TestWithParam<DecisionCase> {};

TEST_P(Decide, Reading_GivesStateAndReasonWithoutTheValue) {
  const DecisionCase& p = GetParam();
  Field field = field_with(FormatType::digits);
  field.required = p.required;
  page::Reading reading;
  reading.raw_text = p.text;
  if (*p.text != 0) reading.candidates.push_back({p.text, p.confidence});
  reading.confidence = p.confidence;
  reading.threshold = 0.9;
  reading.empty_probability = p.empty;
  reading.doubt = p.doubt;
  reading.failure = p.failure;
  const recognizer::Automaton automaton = compile_format(field);
  const page::FieldResult result = decide(field, reading, &automaton, {}, page::rectangle(0, 0, 1, 1));
  EXPECT_EQ(result.state, p.state);
  EXPECT_NE(result.reason.find(p.reason_part), std::string::npos) << result.reason;
  EXPECT_EQ(result.reason.empty(), p.state == FieldState::accepted || p.state == FieldState::empty);
  if (*p.text != 0) {
    EXPECT_EQ(result.reason.find(p.text), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Decide,
    ::testing::Values(DecisionCase{"sure", "4711", 0.95, 0, "", "", true, FieldState::accepted, ""},
                      DecisionCase{"at_the_threshold", "4711", 0.9, 0, "", "", true, FieldState::accepted, ""},
                      DecisionCase{"unsure", "4711", 0.89, 0, "", "", true, FieldState::review, "not sure enough"},
                      DecisionCase{"doubt", "4711", 0.99, 0, "an empty box between", "", true, FieldState::review, "an empty box between"},
                      DecisionCase{"empty_optional", "", 0, 1, "", "", false, FieldState::empty, ""},
                      DecisionCase{"empty_required", "", 0, 1, "", "", true, FieldState::review, "required, but nothing is written"},
                      DecisionCase{"empty_with_doubt", "", 0, 1, "ink in a box", "", false, FieldState::review, "ink in a box"},
                      DecisionCase{"perhaps_empty", "4711", 0.95, 0.4, "", "", false, FieldState::review, "hard to tell"},
                      DecisionCase{"no_candidate", "", 0, 0, "", "", true, FieldState::review, "fits no valid value"},
                      DecisionCase{"not_a_number", "4711", std::numeric_limits<double>::quiet_NaN(), 0, "", "", true, FieldState::review, "not sure enough"},
                      DecisionCase{"failure", "", 0, 0, "", "no row of 8 boxes", false, FieldState::failed, "no row of 8 boxes"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(JudgeCheckbox, InkShare_DecidesAndIsUnsureNearTheLine) {
  EXPECT_EQ(judge_checkbox(0.0, 0, 0.01).candidates.at(0).text, "unchecked");
  EXPECT_GE(judge_checkbox(0.0, 0, 0.01).confidence, 0.999);
  EXPECT_EQ(judge_checkbox(0.12, 0, 0.01).candidates.at(0).text, "checked");
  EXPECT_GE(judge_checkbox(0.12, 0, 0.01).confidence, 0.99);
  for (const double share : {0.015, 0.02, 0.03, 0.04}) {
    const page::Reading reading = judge_checkbox(share, 0, 0.01);
    EXPECT_LT(reading.confidence, reading.threshold) << share;
  }
  EXPECT_EQ(judge_checkbox(0.12, 0.5, 0.01).candidates.at(0).text, "unchecked");
}

}  // namespace
}  // namespace inkfield::pipeline
