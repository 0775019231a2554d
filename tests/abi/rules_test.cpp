// Rules across fields as a host sees them: in structs, in JSON, and with hosts that know nothing of them.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;
using drawing::field_of;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The drawn form with rules: it says 1717 in its boxes and 117 in print.
std::string form_with(const char* rules) {
  json form = json::parse(drawing::drawn_template());
  form["rules"] = json::parse(rules);
  return form.dump();
}

Result read_with(const char* rules, const ReadOptions& options = {}) {
  EngineOptions engine_options;
  engine_options.templates_json = form_with(rules);
  engine_options.strict = true;
  const Engine engine(Library::linked(), engine_options);
  Session session(engine);
  return session.read_page(drawing::drawn_page().image(), options);
}

constexpr const char* kSame = R"([{"name": "given twice", "type": "equal", "fields": ["number", "code"]}])";

TEST(RulesOfAPage, BrokenRule_IsToldInStructsAndJson) {
  const Result result = read_with(kSame);
  ASSERT_EQ(result.rules().size(), 1U);
  const Rule rule = result.rules()[0];
  EXPECT_EQ(rule.state, INKFIELD_RULE_BROKEN);
  EXPECT_EQ(rule.name, "given twice");
  EXPECT_NE(rule.reason, "");
  EXPECT_THAT(rule.field_ids, ElementsAre("number", "code"));
  EXPECT_THAT(rule.changed_field_ids, IsEmpty());
  EXPECT_TRUE(result.page().needs_review);
  for (const char* id : {"number", "code"}) {
    EXPECT_EQ(field_of(result, id).state, INKFIELD_FIELD_REVIEW) << id;
    EXPECT_EQ(field_of(result, id).rule, "given twice");
    EXPECT_THAT(field_of(result, id).reason, HasSubstr("given twice"));
    EXPECT_EQ(field_of(result, id).reason.find("17"), std::string::npos) << "no values in reasons";
  }
  EXPECT_EQ(field_of(result, "box").rule, "");
  const json document = json::parse(result.json());
  EXPECT_EQ(document["rules"][0]["state"], "broken");
  EXPECT_EQ(document["rules"][0]["fields"], json({"number", "code"}));
  EXPECT_EQ(document["fields"][0]["rule"], "given twice");
}

TEST(RulesOfAPage, SubsetOfFields_RuleIsNotAppliedAndSaysSo) {
  ReadOptions options;
  options.field_ids = {"number"};
  const Result result = read_with(kSame, options);
  EXPECT_EQ(result.rules().at(0).state, INKFIELD_RULE_NOT_APPLIED);
  EXPECT_THAT(result.rules()[0].reason, HasSubstr("\"code\""));
  EXPECT_EQ(result.field(0).rule, "");
}

TEST(RulesOfAPage, KeptRule_ChangesNothing) {
  const Result with = read_with(R"([{"name": "if ticked", "type": "required_if", "field": "number", "when": {"field": "box", "is": "checked"}}])");
  EXPECT_EQ(with.rules().at(0).state, INKFIELD_RULE_KEPT);
  const Result without = read_with("[]");
  EXPECT_THAT(without.rules(), IsEmpty());
  EXPECT_EQ(json::parse(with.json())["fields"], json::parse(without.json())["fields"]);
}

TEST(RulesOfAPage, TodayThatIsNoDay_IsAnInvalidArgument) {
  for (const char* today : {"tomorrow", "2026-02-30", "2026-2-3", "20260203"}) {
    ReadOptions options;
    options.today = today;
    try {
      read_with("[]", options);
      ADD_FAILURE() << today;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), INKFIELD_INVALID_ARGUMENT);
      EXPECT_THAT(error.what(), HasSubstr("YYYY-MM-DD"));
    }
  }
  ReadOptions options;
  options.today = "2026-02-03";
  EXPECT_NO_THROW(read_with("[]", options));
}

TEST(RulesOfAPage, HostOfTheFirstVersion_GetsWhatItKnows) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  const std::string form = form_with(kSame);
  inkfield_engine_options options{};
  options.struct_size = sizeof options;
  options.templates_json = form.c_str();
  inkfield_engine* engine = nullptr;
  ASSERT_EQ(api->engine_create(&options, &engine, nullptr), INKFIELD_OK);
  inkfield_session* session = nullptr;
  ASSERT_EQ(api->session_create(engine, &session, nullptr), INKFIELD_OK);
  const auto page = drawing::drawn_page();
  const inkfield_image image = page.image();
  inkfield_read_options read{};
  read.struct_size = 56;  // before `today`
  read.today = reinterpret_cast<const char*>(1);  // beyond its struct: never touched
  inkfield_result* result = nullptr;
  ASSERT_EQ(api->read_page(session, &image, &read, &result, nullptr), INKFIELD_OK);
  inkfield_field field{};
  field.struct_size = 152;  // before `rule`
  field.rule = "untouched";
  ASSERT_EQ(api->result_field(result, 0, &field), INKFIELD_OK);
  EXPECT_STREQ(field.rule, "untouched");
  EXPECT_STREQ(field.id, "number");
  inkfield_page_info info{};
  info.struct_size = 144;  // before `rule_count`
  info.rule_count = 77;
  ASSERT_EQ(api->result_page(result, &info), INKFIELD_OK);
  EXPECT_EQ(info.rule_count, 77U);
  inkfield_rule rule{};
  EXPECT_EQ(api->result_rule(result, 0, &rule), INKFIELD_INVALID_ARGUMENT) << "struct_size is 0";
  rule.struct_size = sizeof rule;
  EXPECT_EQ(api->result_rule(result, 1, &rule), INKFIELD_NOT_FOUND);
  EXPECT_EQ(api->result_rule(nullptr, 0, &rule), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api->result_rule(result, 0, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api->result_rule(result, 0, &rule), INKFIELD_OK);
  api->result_destroy(result);
  api->session_destroy(session);
  api->engine_release(engine);
}

}  // namespace
