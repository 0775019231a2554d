// Rules applied to the answers of a page: what is mended, what goes to a person, what stays; and the search against all
// assignments one by one.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/form_rules.h"
#include "plugin/pipeline/rule_search.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

using page::FieldResult;
using page::FieldState;
using page::RuleState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Candidates = std::vector<page::ReadingCandidate>;

/// A form whose fields' answers are written down, not read.
class Rules : public ::testing::Test {
 protected:
  std::size_t add(const std::string& id, const Candidates& candidates, double threshold = 0.9, config::FormatType type = config::FormatType::digits) {
    config::Field field;
    field.id = id;
    field.format.type = type;
    field.format.min_length = 1;
    field.format.max_length = type == config::FormatType::digits ? 10 : 0;
    field.format.grouping = config::Grouping::none;
    FieldResult answer;
    answer.id = id;
    answer.threshold = threshold;
    if (candidates.empty()) {
      field.required = false;
      answer.state = FieldState::empty;
      answer.nothing_written = true;
      answer.confidence = 0.99;
    } else {
      const FieldValue value = field_value(field, candidates[0].text, nullptr);
      answer.text = answer.raw_text = value.text;
      answer.normalized = value.normalized;
      answer.confidence = candidates[0].probability;
      answer.candidates = candidates;
      answer.state = answer.confidence >= threshold ? FieldState::accepted : FieldState::review;
      for (const char c : value.text) answer.characters.push_back({static_cast<std::uint32_t>(c), answer.confidence, {}});
    }
    form_.fields.push_back(field);
    page_.fields.push_back(answer);
    return form_.fields.size() - 1;
  }
  void rule(const std::string& name, config::RuleDetail detail, std::vector<std::size_t> fields) { form_.rules.push_back({name, std::move(detail), std::move(fields)}); }
  void apply(const RuleSurroundings& surroundings = {}, const std::string& left_out = "") {
    std::vector<std::optional<recognizer::Automaton>> formats;
    for (const config::Field& field : form_.fields) formats.push_back(has_automaton(field) ? std::optional(compile_format(field)) : std::nullopt);
    std::vector<const config::Field*> read;
    for (const config::Field& field : form_.fields) {
      if (field.id != left_out) read.push_back(&field);
    }
    std::erase_if(page_.fields, [&](const FieldResult& field) { return field.id == left_out; });
    apply_rules(form_, formats, read, surroundings, page_);
  }
  const FieldResult& answer(const std::string& id) const {
    return *std::find_if(page_.fields.begin(), page_.fields.end(), [&](const FieldResult& field) { return field.id == id; });
  }
  static config::SumRule sum(std::vector<std::size_t> terms, std::size_t total) {
    config::SumRule rule;
    rule.terms = std::move(terms);
    rule.total = total;
    return rule;
  }
  config::FormTemplate form_;
  page::PageResult page_;
};

TEST_F(Rules, AllHold_NothingIsTouched) {
  add("a", {{"12", 0.95}});
  add("b", {{"30", 0.6}, {"80", 0.3}});
  add("t", {{"42", 0.99}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::kept);
  EXPECT_EQ(page_.rules[0].reason, "");
  EXPECT_EQ(answer("a").state, FieldState::accepted);
  EXPECT_EQ(answer("b").confidence, 0.6) << "a rule that holds makes nothing surer";
  EXPECT_EQ(answer("b").state, FieldState::review);
  EXPECT_EQ(answer("b").rule, "");
}

TEST_F(Rules, DoubtfulTerm_IsMendedAndProposed) {
  add("a", {{"12", 0.95}});
  add("b", {{"80", 0.6}, {"30", 0.3}, {"31", 0.05}});
  add("t", {{"42", 0.99}});
  rule("lines make the total", sum({0, 1}, 2), {0, 1, 2});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::mended);
  EXPECT_THAT(page_.rules[0].changed_field_ids, ElementsAre("b"));
  const FieldResult& b = answer("b");
  EXPECT_EQ(b.text, "30");
  EXPECT_EQ(b.normalized, "30");
  EXPECT_EQ(b.raw_text, "80");
  EXPECT_TRUE(b.changed_by_rule);
  EXPECT_EQ(b.rule, "lines make the total");
  EXPECT_EQ(b.state, FieldState::review);
  EXPECT_LE(b.confidence, 0.3);
  EXPECT_EQ(b.characters.at(0).codepoint, '3');
  EXPECT_LE(b.characters[0].confidence, 0.3);
  EXPECT_EQ(b.characters[1].confidence, 0.6);
  EXPECT_EQ(b.candidates.at(0).text, "80") << "candidates stay as the network gave them";
  EXPECT_THAT(b.reason, Not(HasSubstr("30")));
  EXPECT_EQ(answer("a").state, FieldState::accepted) << "it was sure, and the doubtful field explains the break";
  EXPECT_EQ(answer("t").state, FieldState::accepted);
}

TEST_F(Rules, SureFieldMustChange_EverybodyGoesToAPerson) {
  add("a", {{"12", 0.95}, {"17", 0.04}});
  add("b", {{"30", 0.98}});
  add("t", {{"47", 0.99}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  apply();
  EXPECT_EQ(answer("a").text, "17");
  for (const char* id : {"a", "b", "t"}) {
    EXPECT_EQ(answer(id).state, FieldState::review) << id;
    EXPECT_EQ(answer(id).rule, "sum");
  }
  EXPECT_EQ(answer("b").confidence, 0.98);
}

TEST_F(Rules, NoReadingFits_AllGoToAPersonByTheRulesName) {
  add("a", {{"12", 0.95}, {"13", 0.01}});
  add("blank", {});
  add("t", {{"42", 0.99}});
  add("other", {{"5", 0.99}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::broken);
  EXPECT_EQ(answer("a").state, FieldState::review);
  EXPECT_THAT(answer("a").reason, HasSubstr("\"sum\""));
  EXPECT_EQ(answer("a").text, "12") << "nothing is changed";
  EXPECT_FALSE(answer("a").changed_by_rule);
  EXPECT_EQ(answer("t").state, FieldState::review);
  EXPECT_EQ(answer("blank").state, FieldState::empty);
  EXPECT_EQ(answer("other").state, FieldState::accepted);
}

TEST_F(Rules, TooUnlikelyReading_IsNotProposed) {
  add("a", {{"12", 0.95}, {"17", 1e-5}});
  add("t", {{"17", 0.99}});
  rule("same", config::EqualRule{{0, 1}}, {0, 1});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::broken);
  EXPECT_EQ(answer("a").text, "12");
}

// Two ways to satisfy the rule, one a third as likely as the other: whoever they disagree about is in doubt.
TEST_F(Rules, SeveralWaysOut_TheirFieldsAreDoubted) {
  add("a", {{"12", 0.5}, {"17", 0.3}});
  add("b", {{"30", 0.7}, {"35", 0.2}}, 0.65);
  add("t", {{"47", 0.99}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});  // 17 + 30 or 12 + 35
  apply();
  EXPECT_EQ(answer("a").text, "17");
  EXPECT_EQ(answer("b").text, "30");
  // 0.6 for the one way, 2/7 for the other: 0.677 agree with b as read.
  EXPECT_NEAR(answer("b").confidence, 0.6 / (0.6 + 0.2 / 0.7), 1e-12);
  EXPECT_EQ(answer("b").state, FieldState::accepted);
}

TEST_F(Rules, SeveralWaysOut_WhatAllOfThemChangeAlikeIsNotDoubted) {
  add("a", {{"12", 0.5}, {"17", 0.3}});
  add("b", {{"30", 0.7}, {"35", 0.2}});
  add("d", {{"5", 0.7}, {"10", 0.25}});
  add("c", {{"17", 0.99}});
  add("t", {{"57", 0.99}});
  rule("same", config::EqualRule{{0, 3}}, {0, 3});
  rule("sum", sum({0, 1, 2}, 4), {0, 1, 2, 4});  // 17 + 30 + 10 or 17 + 35 + 5
  apply();
  EXPECT_EQ(answer("a").text, "17");
  EXPECT_EQ(answer("b").text, "30");
  EXPECT_EQ(answer("d").text, "10");
  EXPECT_NEAR(answer("a").confidence, 0.3, 1e-12);
  EXPECT_NEAR(answer("b").confidence, 0.25 / (0.25 + 0.2), 1e-12);
  EXPECT_NEAR(answer("d").confidence, 0.25, 1e-12);
}

TEST_F(Rules, SeveralWaysOut_BelowTheThresholdNotAccepted) {
  add("a", {{"12", 0.5}, {"17", 0.3}});
  add("b", {{"30", 0.7}, {"35", 0.2}}, 0.69);
  add("t", {{"47", 0.99}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  apply();
  EXPECT_EQ(answer("b").state, FieldState::review);
  EXPECT_EQ(answer("b").rule, "sum");
  EXPECT_THAT(answer("b").reason, HasSubstr("several readings"));
}

TEST_F(Rules, TwoRulesOneField_AreSatisfiedTogether) {
  // By the sum alone 17 would be the likeliest mend, but the other rule wants a = c.
  add("a", {{"12", 0.5}, {"17", 0.4}, {"19", 0.1}});
  add("b", {{"30", 0.5}, {"28", 0.3}});
  add("t", {{"47", 0.99}});
  add("c", {{"19", 0.9}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  rule("twice", config::EqualRule{{0, 3}}, {0, 3});
  apply();
  EXPECT_EQ(answer("a").text, "19");
  EXPECT_EQ(answer("b").text, "28");
  EXPECT_EQ(page_.rules.at(0).state, RuleState::mended);
  EXPECT_EQ(page_.rules.at(1).state, RuleState::mended);
}

TEST_F(Rules, OneHopelessRule_DoesNotKeepAnotherFromMending) {
  add("a", {{"12", 0.5}, {"17", 0.4}});
  add("b", {{"30", 0.95}});
  add("t", {{"47", 0.99}});
  add("c", {{"99", 0.95}, {"98", 0.01}});
  rule("sum", sum({0, 1}, 2), {0, 1, 2});
  rule("twice", config::EqualRule{{0, 3}}, {0, 3});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::mended);
  EXPECT_EQ(page_.rules.at(1).state, RuleState::broken);
  EXPECT_EQ(answer("a").text, "17");
  EXPECT_EQ(answer("b").state, FieldState::accepted);
  EXPECT_EQ(answer("c").state, FieldState::review);
}

TEST_F(Rules, RulesThatContradictEachOther_AreBothBroken) {
  add("a", {{"12", 0.5}, {"17", 0.4}, {"19", 0.1}});
  add("b", {{"17", 0.95}});
  add("c", {{"19", 0.95}});
  rule("one", config::EqualRule{{0, 1}}, {0, 1});
  rule("two", config::EqualRule{{0, 2}}, {0, 2});
  apply();
  EXPECT_EQ(page_.rules.at(0).state, RuleState::broken);
  EXPECT_EQ(page_.rules.at(1).state, RuleState::broken);
  EXPECT_EQ(answer("a").text, "12");
}

TEST_F(Rules, FieldsNotAskedForOrNotRead_LeaveTheRuleAside) {
  add("a", {{"12", 0.95}});
  add("b", {{"13", 0.95}});
  add("c", {{"14", 0.95}});
  page_.fields[2].state = FieldState::failed;
  rule("unasked", config::EqualRule{{0, 1}}, {0, 1});
  rule("unread", config::EqualRule{{0, 2}}, {0, 2});
  config::DateLimitRule limit;
  limit.field = 0;
  limit.not_after_today = true;
  rule("today", limit, {0});
  apply({}, "b");
  EXPECT_EQ(answer("a").state, FieldState::accepted);
  for (const page::RuleResult& rule : page_.rules) EXPECT_EQ(rule.state, RuleState::not_applied) << rule.name;
  EXPECT_THAT(page_.rules[0].reason, HasSubstr("\"b\" was not asked for"));
  EXPECT_THAT(page_.rules[1].reason, HasSubstr("\"c\" could not be read"));
  EXPECT_THAT(page_.rules[2].reason, HasSubstr("today"));
}

TEST_F(Rules, RequiredIf_SendsTheBlankFieldToAPerson) {
  add("a", {{"1", 0.95}});
  add("b", {});
  rule("b with a", config::RequiredIfRule{1, 0, config::FieldCondition::filled, ""}, {0, 1});
  apply();
  EXPECT_EQ(answer("b").state, FieldState::review);
  EXPECT_THAT(answer("b").reason, HasSubstr("\"b with a\""));
  EXPECT_EQ(answer("b").rule, "b with a");
}

TEST_F(Rules, CheckboxMayBeReadOtherwise_ToHold) {
  add("a", {});
  add("box", {{"checked", 0.6}, {"unchecked", 0.4}});
  form_.fields[1].kind = config::FieldKind::checkbox;
  page_.fields[1].normalized = "true";
  rule("r", config::RequiredIfRule{0, 1, config::FieldCondition::checked, ""}, {0, 1});
  apply();
  EXPECT_EQ(answer("box").text, "unchecked");
  EXPECT_EQ(answer("box").normalized, "false");
  EXPECT_EQ(answer("a").state, FieldState::empty);
}

TEST_F(Rules, TextOfAnotherLength_HasNoCharacters) {
  add("a", {{"12", 0.5}, {"121", 0.4}});
  add("b", {{"121", 0.95}});
  rule("same", config::EqualRule{{0, 1}}, {0, 1});
  apply();
  EXPECT_EQ(answer("a").text, "121");
  EXPECT_THAT(answer("a").characters, IsEmpty());
}

TEST_F(Rules, NoRuleMakesAnythingSurer_WhateverTheCandidates) {
  for (int seed = 0; seed < 300; ++seed) {
    form_ = {};
    page_ = {};
    unsigned state = static_cast<unsigned>(seed) * 2654435761U + 1;
    const auto next = [&](unsigned below) { return (state = state * 1664525U + 1013904223U) / 65536U % below; };
    for (int f = 0; f < 5; ++f) {
      double left = 1;
      Candidates candidates;
      for (int c = 0; c < 4; ++c) {
        const double p = left * (0.5 + next(49) / 100.0);
        left -= p;
        candidates.push_back({std::to_string(next(4)), p});
      }
      add("f" + std::to_string(f), candidates, 0.5 + next(50) / 100.0);
    }
    rule("s", sum({0, 1}, 2), {0, 1, 2});
    rule("e", config::EqualRule{{2, 3}}, {2, 3});
    rule("d", sum({3}, 4), {3, 4});
    const page::PageResult before = page_;
    apply();
    for (std::size_t f = 0; f < page_.fields.size(); ++f) {
      const FieldResult& now = page_.fields[f];
      EXPECT_LE(now.confidence, before.fields[f].confidence);
      EXPECT_FALSE(now.state == FieldState::accepted && (before.fields[f].state != FieldState::accepted || now.changed_by_rule || now.confidence < now.threshold));
    }
  }
}

// --- the search ---

TEST_F(Rules, EveryAssignmentTried_FindsTheSameBest) {
  int mended = 0;
  for (int seed = 0; seed < 1500; ++seed) {
    unsigned state = static_cast<unsigned>(seed) * 2246822519U + 7;
    const auto next = [&](unsigned below) { return (state = state * 1664525U + 1013904223U) / 65536U % below; };
    config::Field field;
    field.format.type = config::FormatType::digits;
    std::vector<RuleValue> first;
    Alternatives alternatives(6);
    for (std::size_t f = 0; f < 6; ++f) {
      first.push_back(rule_value(field, std::to_string(next(4))));
      for (unsigned a = next(4); a > 0; --a) alternatives[f].push_back({rule_value(field, std::to_string(next(7))), (1 + next(1000)) / 1001.0, a});
    }
    std::vector<const RuleValue*> values;
    for (const RuleValue& value : first) values.push_back(&value);
    std::vector<config::FormRule> rules = {{"s", sum({0, 1, 2}, 3), {0, 1, 2, 3}}, {"t", sum({3, 4}, 5), {3, 4, 5}}, {"e", config::EqualRule{{0, 4}}, {0, 4}}};
    std::vector<std::unique_ptr<const RuleCheck>> checks;
    std::vector<TiedRule> tied;
    for (const config::FormRule& rule : rules) {
      checks.push_back(make_rule_check(rule, std::nullopt));
      tied.push_back({checks.back().get(), rule.fields});
    }
    double best = 0;
    std::vector<std::size_t> pick(6, 0);
    while (true) {
      double likelihood = 1;
      std::vector<const RuleValue*> tried;
      for (std::size_t f = 0; f < 6; ++f) {
        tried.push_back(pick[f] == 0 ? values[f] : &alternatives[f][pick[f] - 1].value);
        if (pick[f] > 0) likelihood *= alternatives[f][pick[f] - 1].likelihood;
      }
      const bool fits = std::all_of(checks.begin(), checks.end(), [&](const auto& check) { return check->holds(tried); });
      if (fits && likelihood >= kLeastLikelihood) best = std::max(best, likelihood);
      std::size_t f = 0;
      while (f < 6 && ++pick[f] > alternatives[f].size()) pick[f++] = 0;
      if (f == 6) break;
    }
    SearchBudget budget{1'000'000, [] {}};
    const std::vector<const RuleValue*> before = values;
    const JointChoice choice = choose_jointly(tied, alternatives, values, budget);
    EXPECT_EQ(values, before);
    double found = choice.outcome == JointChoice::Outcome::found ? 1 : 0;
    for (const FieldChange& change : choice.changes) found *= alternatives[change.field][change.alternative].likelihood;
    EXPECT_NEAR(found, best, 1e-12) << seed;
    mended += best > 0 && best < 1 ? 1 : 0;
  }
  EXPECT_GT(mended, 50) << "or this test tests nothing";
}

TEST_F(Rules, TooManyWays_EndInTimeAndAreDoubted) {
  std::vector<std::size_t> terms;
  for (int i = 0; i < 300; ++i) terms.push_back(add("f" + std::to_string(i), {{"500", 0.2}, {"501", 0.19}, {"502", 0.18}, {"503", 0.17}, {"504", 0.16}}, 0.1));
  const std::size_t total = add("t", {{"999999", 0.99}});
  std::vector<std::size_t> all = terms;
  all.push_back(total);
  rule("sum", sum(terms, total), all);
  int checkpoints = 0;
  RuleSurroundings surroundings;
  surroundings.checkpoint = [&] { ++checkpoints; };
  apply(surroundings);
  EXPECT_EQ(page_.rules.at(0).state, RuleState::broken);
  EXPECT_THAT(page_.rules[0].reason, HasSubstr("too many"));
  EXPECT_EQ(answer("t").state, FieldState::review);
  EXPECT_GT(checkpoints, 20) << "a host can stop it";
}

TEST_F(Rules, CheckpointThatThrows_EndsTheSearch) {
  std::vector<std::size_t> terms;
  for (int i = 0; i < 100; ++i) terms.push_back(add("f" + std::to_string(i), {{"500", 0.2}, {"501", 0.19}, {"502", 0.18}}, 0.1));
  const std::size_t total = add("t", {{"999999", 0.99}});
  std::vector<std::size_t> all = terms;
  all.push_back(total);
  rule("sum", sum(terms, total), all);
  RuleSurroundings surroundings;
  surroundings.checkpoint = [] { throw Error(ErrorKind::deadline_exceeded, "late"); };
  EXPECT_THROW(apply(surroundings), Error);
}

TEST_F(Rules, TwoThousandFieldsFiveHundredRules_AllSettled) {
  for (int r = 0; r < 500; ++r) {
    const std::string id = std::to_string(r);
    const std::size_t a = add("a" + id, {{"12", 0.95}});
    const std::size_t b = add("b" + id, {{"80", 0.6}, {"30", 0.3}, {"31", 0.05}});
    const std::size_t t = add("t" + id, {{"42", 0.99}, {"43", 0.003}});
    add("x" + id, {{"7", 0.99}});
    rule("r" + id, sum({a, b}, t), {a, b, t});
  }
  apply();
  for (const page::RuleResult& rule : page_.rules) ASSERT_EQ(rule.state, RuleState::mended);
  EXPECT_EQ(answer("b499").text, "30");
}

}  // namespace
}  // namespace inkfield::pipeline
