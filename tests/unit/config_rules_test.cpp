// Rules across fields as they load, and lists of values from files: good, bad and enormous ones. What is refused word by word is in
// the corpus of templates.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "config/calendar.h"
#include "config/template_loader.h"
#include "config/value_list.h"
#include "tests/scratch_folder.h"
#include "tests/unit/config_corpus.h"

namespace inkfield::config_test {
namespace {

using config::FormTemplate;
using config::ValueList;
using config::ValueListColumns;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

config::Loaded<FormTemplate> load_with(const char* rules, const std::string& folder = "") {
  Json json = Json::parse(base_template());
  json["rules"] = Json::parse(rules);
  return config::load_templates(json.dump(), "memory", folder);
}

std::string problem_of(std::string_view csv, const ValueListColumns& columns, ValueList* filled = nullptr) {
  ValueList list;
  return config::parse_value_list(csv, "l.csv", columns, filled == nullptr ? list : *filled);
}

TEST(Rules, GoodOnes_LoadAsWritten) {
  const auto loaded = load_with(R"([
    {"name": "sum", "type": "sum", "terms": ["plain", "account"], "less": ["amount"], "total": "zip", "tax_percent": 19}])");
  EXPECT_FALSE(loaded.ok()) << "a ZIP is no number";
  const auto mended = load_with(R"([
    {"name": "sum", "type": "sum", "terms": ["plain", "account"], "total": "amount", "tax_percent": 7.125, "tolerance_minor_units": 2},
    {"name": "when paid", "type": "required_if", "field": "amount", "when": {"field": "cash", "is": "unchecked"}}])");
  ASSERT_TRUE(mended.ok()) << mended.faults[0].message;
  const FormTemplate& form = mended.values.at(0);
  ASSERT_EQ(form.rules.size(), 2U);
  EXPECT_EQ(form.rules[0].name, "sum");
  EXPECT_THAT(form.rules[0].fields, ElementsAre(1, 2, 8)) << "in the template's order";
  const auto& sum = std::get<config::SumRule>(form.rules[0].detail);
  EXPECT_THAT(sum.terms, ElementsAre(8, 1));
  EXPECT_EQ(sum.total, 2U);
  EXPECT_EQ(sum.decimals, 2);
  EXPECT_EQ(sum.tax_thousandths, 7125);
  EXPECT_EQ(sum.tolerance_minor_units, 2);
  EXPECT_EQ(std::get<config::RequiredIfRule>(form.rules[1].detail).condition, config::FieldCondition::unchecked);
}

TEST(Rules, FieldsAtFault_AreNotFaultedTwice) {
  Json json = Json::parse(base_template());
  json["fields"][2]["format"]["type"] = "amout";
  json["rules"] = Json::parse(R"([{"name": "s", "type": "sum", "terms": ["plain"], "total": "amount"}])");
  const auto loaded = config::load_templates(json.dump(), "memory", "");
  ASSERT_EQ(loaded.faults.size(), 1U) << loaded.faults.back().message;
  EXPECT_EQ(loaded.faults[0].json_pointer, "/fields/2/format/type");
}

TEST(Rules, ThousandsOfUnknownFields_ListedAndCounted) {
  Json json = Json::parse(base_template());
  for (int i = 0; i < 1000; ++i) {
    Json rule = {{"name", "r" + std::to_string(i)}, {"type", "equal"}, {"fields", Json::array()}};
    for (int f = 0; f < 30; ++f) rule["fields"].push_back("f" + std::to_string(f));
    json["rules"].push_back(rule);
  }
  const auto loaded = config::load_templates(json.dump(), "memory", "");
  EXPECT_EQ(loaded.faults.size(), 101U);
  EXPECT_THAT(loaded.faults.back().message, HasSubstr("29900 more"));
  json["rules"].push_back(json["rules"][0]);
  EXPECT_THAT(config::load_templates(json.dump(), "memory", "").faults.at(0).message, HasSubstr("1001"));
}

// Every sum's terms are the totals of the next two: a careless walk takes two to the power of their number.
TEST(Rules, LadderOfSums_IsNoCircleAndWalkedOnce) {
  Json json = Json::parse(base_template());
  json["fields"] = Json::array();
  const int count = 400;
  for (int i = 0; i < count; ++i) {
    json["fields"].push_back({{"id", "f" + std::to_string(i)}, {"kind", "handwritten_number"}, {"zone", {{"x_mm", 1}, {"y_mm", 1}, {"width_mm", 20}, {"height_mm", 5}}}});
  }
  for (int i = 0; i + 2 < count; ++i) {
    const auto id = [&](int k) { return "f" + std::to_string(i + k); };
    json["rules"].push_back({{"name", id(0)}, {"type", "sum"}, {"terms", {id(1), id(2)}}, {"total", id(0)}});
  }
  EXPECT_TRUE(config::load_templates(json.dump(), "memory", "").ok());
  json["rules"].push_back({{"name", "last"}, {"type", "sum"}, {"terms", {"f0"}}, {"total", "f399"}});
  const auto loaded = config::load_templates(json.dump(), "memory", "");
  ASSERT_EQ(loaded.faults.size(), 1U);
  EXPECT_THAT(loaded.faults[0].message, HasSubstr("in a circle"));
}

TEST(Rules, ListBesideTheTemplate_IsReadAndShared) {
  const tests::ScratchFolder scratch;
  const std::string folder = scratch.path();
  scratch.write("banks.csv", "bank;branch\n10;1\n10;2\n20;1\n");
  const auto loaded = load_with(R"([
    {"name": "a", "type": "list", "field": "zip", "file": "banks.csv", "column": "branch", "key_field": "plain", "key_column": "bank", "separator": ";"},
    {"name": "b", "type": "list", "field": "phone", "file": "./banks.csv", "column": "branch", "key_field": "plain", "key_column": "bank", "separator": ";"},
    {"name": "c", "type": "list", "field": "phone", "file": "banks.csv", "column": "bank", "separator": ";"}])",
                                folder);
  ASSERT_TRUE(loaded.ok()) << loaded.faults[0].message;
  const auto list = [&](std::size_t i) { return std::get<config::ListRule>(loaded.values[0].rules[i].detail).values; };
  EXPECT_EQ(list(0), list(1));
  EXPECT_NE(list(0), list(2));
  EXPECT_TRUE(list(0)->contains("20", "1"));
  EXPECT_FALSE(list(0)->contains("20", "2"));
  EXPECT_FALSE(list(0)->contains("", "1"));
  EXPECT_TRUE(list(2)->contains("", "20"));
  const auto folder_named = load_with(R"([{"name": "a", "type": "list", "field": "zip", "file": ".", "column": "b"}])", folder);
  EXPECT_THAT(folder_named.faults.at(0).message, HasSubstr("no file at"));
}

TEST(ValueList, QuotedCellsBlanksAndTwins_AreOneValueEach) {
  ValueList list;
  ASSERT_EQ(problem_of("\xEF\xBB\xBFname, \"co,de\" ,x\r\na , \"1,\"\"2\"\" \",\r\n\r\nb,007\nc,007\nd,,\ne,\"two\nlines\"", {"co,de", "", ','}, &list), "");
  EXPECT_EQ(list.size(), 3U);
  EXPECT_TRUE(list.contains("", "1,\"2\" "));
  EXPECT_TRUE(list.contains("", "007"));
  EXPECT_TRUE(list.contains("", "two\nlines"));
  EXPECT_FALSE(list.contains("", "7"));
  EXPECT_FALSE(list.contains("", ""));
  EXPECT_FALSE(list.contains("", "co,de")) << "the first line is no value";
  EXPECT_FALSE(list.contains("", std::string(100'000, '7')));
}

TEST(ValueList, BadFiles_SayWhereAndWhat) {
  const ValueListColumns code{"code", "", ','};
  EXPECT_THAT(problem_of("", code), HasSubstr("no column is called \"code\""));
  EXPECT_THAT(problem_of("cod,x\n1,2\n", code), HasSubstr("did you mean \"cod\"?"));
  EXPECT_THAT(problem_of("x;code\n1;2\n", code), HasSubstr("separator"));
  EXPECT_THAT(problem_of("code,code\n1,2\n", code), HasSubstr("two columns are called"));
  EXPECT_THAT(problem_of("code\n", code), HasSubstr("holds no value"));
  EXPECT_THAT(problem_of("x,code\n1,2\n\n3\n", code), HasSubstr("line 4: only 1 cells"));
  EXPECT_THAT(problem_of("code\n1\n\"2\n3\n", code), HasSubstr("line 3: a quoted cell begins here"));
  EXPECT_THAT(problem_of("code\n\"1\"2\n", code), HasSubstr("line 2: something stands"));
  EXPECT_THAT(problem_of("code\n1\nZ\xFCrich\n", code), HasSubstr("line 3: a cell is not UTF-8"));
  EXPECT_THAT(problem_of("code\n\xED\xA0\x80\n", code), HasSubstr("not UTF-8"));
  EXPECT_THAT(problem_of(std::string("code\n1\0\n", 8), code), HasSubstr("zero character"));
  EXPECT_THAT(problem_of("\xFF\xFE" "c", code), HasSubstr("UTF-16"));
  EXPECT_THAT(problem_of("code\n" + std::string(1001, '1'), code), HasSubstr("more than 1000 bytes"));
  EXPECT_THAT(problem_of("code\n\"" + std::string(1002, '1') + "\"", code), HasSubstr("a quote is missing"));
  EXPECT_THAT(problem_of(std::string(5000, ','), code), HasSubstr("columns"));
  ValueList list;
  EXPECT_THAT(config::read_value_list("/dev/zero", code, list), HasSubstr("no file at /dev/zero"));
}

TEST(ValueList, AMillionValues_AllFoundAndNoOther) {
  std::string csv = "key,code\n";
  for (int i = 0; i < 1'000'000; ++i) csv += std::to_string(i % 7) + "," + std::to_string(i * 7 + 3) + "\n";
  ValueList list;
  ASSERT_EQ(problem_of(csv, {"code", "key", ','}, &list), "");
  EXPECT_EQ(list.size(), 1'000'000U);
  int found = 0;
  int wrong = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    found += list.contains(std::to_string(i % 7), std::to_string(i * 7 + 3)) ? 1 : 0;
    wrong += list.contains(std::to_string((i + 1) % 7), std::to_string(i * 7 + 3)) || list.contains(std::to_string(i % 7), std::to_string(i * 7 + 4)) ? 1 : 0;
  }
  EXPECT_EQ(found, 1'000'000);
  EXPECT_EQ(wrong, 0);
}

TEST(DayNumber, KnownDays_CountFrom1970) {
  EXPECT_EQ(config::day_number({1970, 1, 1}), 0);
  EXPECT_EQ(config::day_number({1969, 12, 31}), -1);
  EXPECT_EQ(config::day_number({2000, 3, 1}) - config::day_number({2000, 2, 28}), 2);
  EXPECT_EQ(config::day_number({1900, 3, 1}) - config::day_number({1900, 2, 28}), 1);
  EXPECT_EQ(config::day_number({2026, 1, 1}), 20454);
}

}  // namespace
}  // namespace inkfield::config_test
