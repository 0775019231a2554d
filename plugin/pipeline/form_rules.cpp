// From readings to values and candidates, group by group of fields that rules tie together, and back to answers.
#include "plugin/pipeline/form_rules.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "plugin/pipeline/field_format.h"
#include "plugin/pipeline/rule_checks.h"
#include "plugin/pipeline/rule_search.h"

namespace inkfield::pipeline {
namespace {

using config::Field;
using config::FormRule;
using page::FieldResult;
using page::FieldState;
using page::RuleResult;
using page::RuleState;

constexpr std::size_t kNotRead = static_cast<std::size_t>(-1);
constexpr const char* kTooMany = "does not hold, and too many other readings are possible to choose among them";

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

void send_to_person(FieldResult& field, const std::string& rule, const std::string& reason) {
  if (field.rule.empty()) field.rule = rule;
  if (field.state == FieldState::accepted || field.state == FieldState::empty) field.state = FieldState::review;
  field.reason = field.reason.empty() ? reason : field.reason + "; " + reason;
}

FieldValue candidate_value(const Field& field, const std::string& text, const recognizer::Automaton* format) {
  if (field.kind != config::FieldKind::checkbox) return field_value(field, text, format);
  return {true, text, text == "checked" ? "true" : "false"};
}

std::vector<std::uint32_t> codepoints_of(std::string_view utf8) {
  std::vector<std::uint32_t> points;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !points.empty()) {
      points.back() = points.back() << 6U | (byte & 0x3FU);
    } else {
      points.push_back(byte >= 0xF0 ? byte & 0x07U : byte >= 0xE0 ? byte & 0x0FU : byte >= 0xC0 ? byte & 0x1FU : byte);
    }
  }
  return points;
}

/// The characters of another text in the places of the old one's. Where the texts differ in length nobody knows which place
/// is whose: there are none then.
void rewrite_characters(FieldResult& field, const std::string& text) {
  const std::vector<std::uint32_t> points = codepoints_of(text);
  const auto written = std::count_if(field.characters.begin(), field.characters.end(), [](const page::ResultCharacter& c) { return c.codepoint != 0; });
  if (static_cast<std::size_t>(written) != points.size()) {
    field.characters.clear();
    return;
  }
  std::size_t next = 0;
  for (page::ResultCharacter& character : field.characters) {
    if (character.codepoint == 0) continue;
    const std::uint32_t point = points[next++];
    if (character.codepoint == point) continue;
    character.codepoint = point;
    character.confidence = std::min(character.confidence, field.confidence);
  }
}

class RulesOfPage {
 public:
  RulesOfPage(const config::FormTemplate& form, const std::vector<std::optional<recognizer::Automaton>>& formats,
              const std::vector<const Field*>& read, const RuleSurroundings& surroundings, page::PageResult& result)
      : form_(form), formats_(formats), surroundings_(surroundings), result_(result), answer_of_(form.fields.size(), kNotRead), values_(form.fields.size(), nullptr), as_read_(form.fields.size()), alternatives_(form.fields.size()), active_(form.rules.size(), 0), broken_as_read_(form.rules.size(), 0) {
    for (std::size_t i = 0; i < read.size(); ++i) answer_of_[static_cast<std::size_t>(read[i] - form.fields.data())] = i;
    budget_ = {surroundings.budget_looks, surroundings.checkpoint};
  }

  void apply() {
    std::vector<char> wanted(form_.fields.size(), 0);
    for (const FormRule& rule : form_.rules) {
      for (const std::size_t field : rule.fields) wanted[field] = 1;
    }
    for (std::size_t field = 0; field < wanted.size(); ++field) {
      if (wanted[field] != 0 && answer_of_[field] != kNotRead) take_values(field);
    }
    make_checks();
    while (settle_groups()) surroundings_.checkpoint();
  }

 private:
  FieldResult& answer(std::size_t field) { return result_.fields[answer_of_[field]]; }

  /// What was read, and what else it may be.
  void take_values(std::size_t index) {
    const Field& field = form_.fields[index];
    const FieldResult& read = answer(index);
    if (read.state == FieldState::failed) return;
    if (read.state == FieldState::empty || read.nothing_written) {
      as_read_[index] = blank_value();
      values_[index] = &as_read_[index];
      return;
    }
    if (read.normalized.empty()) return;
    as_read_[index] = rule_value(field, read.normalized);
    values_[index] = &as_read_[index];
    const recognizer::Automaton* format = formats_[index] ? &*formats_[index] : nullptr;
    const double first = read.candidates.empty() ? 0 : read.candidates.front().probability;
    if (!(first > 0)) return;
    std::vector<std::string> seen{read.normalized};
    for (std::size_t c = 1; c < read.candidates.size(); ++c) {
      const double likelihood = std::min(1.0, read.candidates[c].probability / first);
      if (!(likelihood >= kLeastLikelihood)) continue;
      const FieldValue value = candidate_value(field, read.candidates[c].text, format);
      if (!value.valid || std::find(seen.begin(), seen.end(), value.normalized) != seen.end()) continue;
      seen.push_back(value.normalized);
      alternatives_[index].push_back({rule_value(field, value.normalized), likelihood, c});
    }
  }

  void make_checks() {
    const auto today = surroundings_.today ? std::optional(config::day_number(*surroundings_.today)) : std::nullopt;
    for (std::size_t r = 0; r < form_.rules.size(); ++r) {
      const FormRule& rule = form_.rules[r];
      checks_.push_back(make_rule_check(rule, today));
      RuleResult report;
      report.name = rule.name;
      std::string unasked;
      std::string unread;
      for (const std::size_t field : rule.fields) {
        const std::string& id = form_.fields[field].id;
        report.field_ids.push_back(id);
        if (answer_of_[field] == kNotRead) {
          if (unasked.empty()) unasked = id;
        } else if (values_[field] == nullptr && unread.empty()) {
          unread = id;
        }
      }
      const auto* limit = std::get_if<config::DateLimitRule>(&rule.detail);
      if (!unasked.empty()) {
        report.reason = "not applied: " + quoted(unasked) + " was not asked for";
      } else if (!unread.empty()) {
        report.reason = "not applied: " + quoted(unread) + " could not be read";
      } else if (limit != nullptr && limit->needs_today() && !today) {
        report.reason = "not applied: the host did not say which day is today";
      } else {
        report.state = RuleState::kept;
        active_[r] = 1;
        broken_as_read_[r] = checks_[r]->holds(values_) ? 0 : 1;
      }
      result_.rules.push_back(std::move(report));
    }
  }

  // --- groups ---

  /// Settles every group of active rules that holds a broken one. True if rules were given up, so that the others have to be
  /// looked at again.
  bool settle_groups() {
    std::vector<std::size_t> group(form_.fields.size());
    std::iota(group.begin(), group.end(), std::size_t{0});
    const auto root = [&](std::size_t field) {
      while (group[field] != field) field = group[field] = group[group[field]];
      return field;
    };
    for (std::size_t r = 0; r < form_.rules.size(); ++r) {
      if (active_[r] == 0) continue;
      // Fields that can be nothing else tie nothing together.
      std::size_t first = kNotRead;
      for (const std::size_t field : form_.rules[r].fields) {
        if (alternatives_[field].empty()) continue;
        if (first == kNotRead) first = root(field);
        group[root(field)] = first;
      }
    }
    std::vector<std::vector<std::size_t>> rules_of_group(form_.fields.size());
    std::vector<std::size_t> rigid;  // broken rules none of whose fields can be anything else
    for (std::size_t r = 0; r < form_.rules.size(); ++r) {
      if (active_[r] == 0) continue;
      const auto& fields = form_.rules[r].fields;
      const auto loose = std::find_if(fields.begin(), fields.end(), [&](std::size_t field) { return !alternatives_[field].empty(); });
      if (loose != fields.end()) {
        rules_of_group[root(*loose)].push_back(r);
      } else if (broken_as_read_[r] != 0) {
        rigid.push_back(r);
      }
    }
    for (const std::size_t rule : rigid) give_up(rule, "does not hold, and no other reading of its fields is likely");
    bool again = false;
    for (const std::vector<std::size_t>& rules : rules_of_group) {
      const bool broken = std::any_of(rules.begin(), rules.end(), [&](std::size_t r) { return broken_as_read_[r] != 0; });
      if (broken) again = settle(rules) || again;
    }
    return again;
  }

  JointChoice choose(const std::vector<std::size_t>& rules) {
    std::vector<TiedRule> tied;
    for (const std::size_t r : rules) tied.push_back({checks_[r].get(), form_.rules[r].fields});
    return choose_jointly(tied, alternatives_, values_, budget_);
  }

  /// True if a rule was given up while others of the group are left.
  bool settle(const std::vector<std::size_t>& rules) {
    const JointChoice choice = choose(rules);
    if (choice.outcome == JointChoice::Outcome::found) {
      mend(rules, choice);
      return false;
    }
    std::vector<std::size_t> broken;
    for (const std::size_t r : rules) {
      if (broken_as_read_[r] != 0) broken.push_back(r);
    }
    if (choice.outcome == JointChoice::Outcome::too_long) {
      for (const std::size_t r : broken) give_up(r, kTooMany);
      return false;
    }
    // Together they cannot be satisfied. Those that cannot even alone are to blame; if there are none, nobody knows which.
    std::vector<std::size_t> hopeless;
    if (rules.size() > 1) {
      for (const std::size_t r : broken) {
        if (choose({r}).outcome != JointChoice::Outcome::found) hopeless.push_back(r);
      }
    }
    const char* const why = budget_.looks > 0 ? "does not hold, and no likely readings of its fields satisfy it" : kTooMany;
    for (const std::size_t r : hopeless.empty() ? broken : hopeless) give_up(r, why);
    return broken.size() > hopeless.size() && !hopeless.empty();
  }

  // --- answers ---

  void give_up(std::size_t rule, const std::string& why) {
    active_[rule] = 0;
    RuleResult& report = result_.rules[rule];
    report.state = RuleState::broken;
    report.reason = why;
    for (const std::size_t field : form_.rules[rule].fields) {
      if (values_[field]->blank && form_.fields[field].kind != config::FieldKind::checkbox && !checks_[rule]->doubts_blanks()) continue;
      send_to_person(answer(field), report.name, "the rule " + quoted(report.name) + " does not hold");
    }
  }

  void mend(const std::vector<std::size_t>& rules, const JointChoice& choice) {
    std::vector<char> changed(form_.fields.size(), 0);
    std::vector<char> surprising(form_.fields.size(), 0);
    for (const FieldChange& change : choice.changes) {
      changed[change.field] = 1;
      if (answer(change.field).state == FieldState::accepted) surprising[change.field] = 1;
    }
    for (const std::size_t r : rules) {
      active_[r] = 0;
      RuleResult& report = result_.rules[r];
      std::string names;
      bool surprised = false;
      for (const std::size_t field : form_.rules[r].fields) {
        if (changed[field] == 0) continue;
        surprised = surprised || surprising[field] != 0;
        report.changed_field_ids.push_back(form_.fields[field].id);
        names += (names.empty() ? "" : ", ") + quoted(form_.fields[field].id);
      }
      if (report.changed_field_ids.empty()) continue;
      if (broken_as_read_[r] != 0) {
        report.state = RuleState::mended;
        report.reason = "holds with another reading of " + names;
      }
      for (const std::size_t field : form_.rules[r].fields) {
        FieldResult& read = answer(field);
        if (changed[field] != 0) {
          // The rule that was broken gives its name, not one that merely still holds.
          if (broken_as_read_[r] != 0 || read.rule.empty()) read.rule = report.name;
        } else if (surprised && broken_as_read_[r] != 0) {
          if (values_[field]->blank && !checks_[r]->doubts_blanks()) continue;
          send_to_person(read, report.name, "the rule " + quoted(report.name) + " holds only if a field that seemed sure is read otherwise");
        }
      }
    }
    for (const FieldChange& change : choice.changes) change_answer(change, choice.agreement[change.field]);
    for (const std::size_t r : rules) doubt_others(r, choice, changed);
  }

  void change_answer(const FieldChange& change, double agreement) {
    FieldResult& read = answer(change.field);
    const Alternative& alternative = alternatives_[change.field][change.alternative];
    const page::ReadingCandidate& candidate = read.candidates[alternative.candidate];
    const Field& field = form_.fields[change.field];
    const recognizer::Automaton* format = formats_[change.field] ? &*formats_[change.field] : nullptr;
    const FieldValue value = candidate_value(field, candidate.text, format);
    // The network's own evidence, scaled down as calibration did with the first reading; whatever is left over by the first.
    const double first = read.candidates.front().probability;
    const double scale = std::min(1.0, read.confidence / first);
    read.confidence = std::max(0.0, std::min({candidate.probability * scale, 1 - read.confidence, read.confidence, agreement}));
    read.text = value.text;
    read.normalized = value.normalized;
    read.changed_by_rule = true;
    read.state = FieldState::review;
    const std::string why = "read otherwise, so that the rule " + quoted(read.rule) + " holds";
    read.reason = read.reason.empty() ? why : read.reason + "; " + why;
    rewrite_characters(read, value.text);
  }

  /// Other choices satisfy the rules, too, and say something else of fields that the best one left alone.
  void doubt_others(std::size_t rule, const JointChoice& choice, const std::vector<char>& changed) {
    for (const std::size_t field : form_.rules[rule].fields) {
      if (changed[field] != 0) continue;
      FieldResult& read = answer(field);
      // What the search left out for want of time may say anything.
      const double agreement = choice.complete ? choice.agreement[field] : alternatives_[field].empty() ? 1.0 : 0.0;
      if (agreement >= 1) continue;
      read.confidence = std::min(read.confidence, agreement);
      if (read.state == FieldState::accepted && !(read.confidence >= read.threshold)) {
        const std::string& name = result_.rules[rule].name;
        send_to_person(read, name, "the rule " + quoted(name) + " holds with several readings of this field");
      }
    }
  }

  const config::FormTemplate& form_;
  const std::vector<std::optional<recognizer::Automaton>>& formats_;
  const RuleSurroundings& surroundings_;
  page::PageResult& result_;
  // By field of the template:
  std::vector<std::size_t> answer_of_;  // place in result_.fields, or kNotRead
  std::vector<const RuleValue*> values_;  // as read; null if nothing is known
  std::vector<RuleValue> as_read_;
  Alternatives alternatives_;
  // By rule:
  std::vector<std::unique_ptr<const RuleCheck>> checks_;
  std::vector<char> active_;  // 1: neither settled nor given up
  std::vector<char> broken_as_read_;
  SearchBudget budget_;
};

}  // namespace

void apply_rules(const config::FormTemplate& form, const std::vector<std::optional<recognizer::Automaton>>& formats,
                 const std::vector<const Field*>& read, const RuleSurroundings& surroundings, page::PageResult& result) {
  if (form.rules.empty()) return;
  RulesOfPage(form, formats, read, surroundings, result).apply();
}

}  // namespace inkfield::pipeline
