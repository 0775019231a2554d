// What the plugin answers about one page: the values behind the C ABI's result.
#pragma once

#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/reading.h"
#include "plugin/page/transform.h"

namespace inkfield::page {

enum class PageState { read, unknown_form, ambiguous_form, blank };
enum class FieldState { accepted, review, empty, failed };

struct ResultCharacter {
  std::uint32_t codepoint = 0;
  double confidence = 0;
  Quad source_quad{};
};

struct FieldResult {
  std::string id;
  config::FieldKind kind = config::FieldKind::handwritten_number;
  FieldState state = FieldState::failed;
  std::string text;
  std::string normalized;
  std::string currency;
  std::string raw_text;
  std::string reason;
  double confidence = 0;
  double threshold = 1;
  bool changed_by_rule = false;
  bool nothing_written = false;  ///< surely blank, whether or not that is allowed
  std::string rule;              ///< name of the rule across fields that changed the answer or doubts it; "" if none did
  Quad source_quad{};
  std::vector<ReadingCandidate> candidates;
  std::vector<ResultCharacter> characters;
};

/// What became of one of the template's rules across fields.
enum class RuleState {
  kept,         ///< holds as read
  mended,       ///< holds with other readings of the fields in `changed_field_ids`, which go to a person
  broken,       ///< no likely readings satisfy it: its fields go to a person
  not_applied,  ///< could not be held against anything; `reason` says why
};

struct RuleResult {
  std::string name;
  RuleState state = RuleState::not_applied;
  std::string reason;                 ///< for people; "" if kept; holds no field's value
  std::vector<std::string> field_ids;  ///< that it looks at, in the template's order
  std::vector<std::string> changed_field_ids;
};

struct PageResult {
  PageState state = PageState::unknown_form;
  std::string form_id;
  std::string reason;
  std::string correlation_id;
  std::string model_name;
  double form_confidence = 0;
  double registration_residual_mm = 0;
  double rotation_degrees = 0;
  double scale_px_per_mm = 0;
  Quad form_quad{};
  std::string contradiction;  ///< what on the page speaks against the form that the host named; "" if nothing does
  std::vector<FieldResult> fields;
  std::vector<RuleResult> rules;  ///< in the template's order; empty unless the page was read
  [[nodiscard]] bool needs_review() const;
};

}  // namespace inkfield::page
