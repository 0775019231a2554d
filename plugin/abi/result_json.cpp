// Result to JSON. Key names are a published interface.
#include "plugin/abi/result_json.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "config/field_kinds.h"
#include "plugin/abi/json_writer.h"

namespace inkfield::abi {
namespace {

/// A hundredth of a pixel is finer than any screen shows, and half the bytes.
double hundredths(double value) { return std::round(value * 100) / 100; }

/// The schema promises 0 to 1.
double share(double value) { return std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : 0.0; }

void write_quad(JsonWriter& json, std::string_view key, const page::Quad& quad) {
  json.key(key);
  json.begin_array();
  for (const page::Point& corner : quad) {
    json.begin_array().value(hundredths(corner.x)).value(hundredths(corner.y)).end_array();
  }
  json.end_array();
}

void write_field(JsonWriter& json, const page::FieldResult& field) {
  json.begin_object();
  json.member("id", field.id)
      .member("kind", std::string(config::kind_name(field.kind)))
      .member("state", field_state_name(field.state));
  json.member("text", field.text).member("normalized", field.normalized).member("currency", field.currency);
  json.member("raw_text", field.raw_text).member("reason", field.reason);
  json.member("confidence", share(field.confidence)).member("threshold", share(field.threshold));
  json.member("changed_by_rule", field.changed_by_rule).member("rule", field.rule);
  write_quad(json, "quad", field.source_quad);
  json.key("candidates").begin_array();
  for (const page::ReadingCandidate& candidate : field.candidates) {
    json.begin_object()
        .member("text", candidate.text)
        .member("probability", share(candidate.probability))
        .end_object();
  }
  json.end_array();
  json.key("characters").begin_array();
  for (const page::ResultCharacter& character : field.characters) {
    std::string text;
    if (character.codepoint != 0) append_utf8(text, character.codepoint);
    json.begin_object().member("character", text).member("confidence", share(character.confidence));
    write_quad(json, "quad", character.source_quad);
    json.end_object();
  }
  json.end_array().end_object();
}

const char* rule_state_name(page::RuleState state) {
  switch (state) {
    case page::RuleState::kept:
      return "kept";
    case page::RuleState::mended:
      return "mended";
    case page::RuleState::broken:
      return "broken";
    case page::RuleState::not_applied:
      return "not_applied";
  }
  return "";
}

void write_rule(JsonWriter& json, const page::RuleResult& rule) {
  json.begin_object();
  json.member("name", rule.name).member("state", rule_state_name(rule.state)).member("reason", rule.reason);
  const auto ids = [&](std::string_view key, const std::vector<std::string>& list) {
    json.key(key).begin_array();
    for (const std::string& id : list) json.value(id);
    json.end_array();
  };
  ids("fields", rule.field_ids);
  ids("changed_fields", rule.changed_field_ids);
  json.end_object();
}

}  // namespace

const char* page_state_name(page::PageState state) {
  switch (state) {
    case page::PageState::read:
      return "read";
    case page::PageState::unknown_form:
      return "unknown_form";
    case page::PageState::ambiguous_form:
      return "ambiguous_form";
    case page::PageState::blank:
      return "blank";
  }
  return "";
}

const char* field_state_name(page::FieldState state) {
  switch (state) {
    case page::FieldState::accepted:
      return "accepted";
    case page::FieldState::review:
      return "review";
    case page::FieldState::empty:
      return "empty";
    case page::FieldState::failed:
      return "failed";
  }
  return "";
}

std::string result_json(const page::PageResult& result) {
  JsonWriter json;
  json.begin_object().member("schema_version", 1).member("correlation_id", result.correlation_id);
  json.key("page").begin_object();
  json.member("state", page_state_name(result.state)).member("reason", result.reason);
  json.member("form_id", result.form_id).member("form_confidence", share(result.form_confidence));
  json.member("registration_residual_mm", std::max(0.0, result.registration_residual_mm));
  json.member("rotation_degrees", result.rotation_degrees);
  json.member("scale_px_per_mm", std::max(0.0, result.scale_px_per_mm));
  write_quad(json, "form_quad", result.form_quad);
  if (!result.contradiction.empty()) json.member("contradiction", result.contradiction);
  json.end_object();
  json.member("model", result.model_name).member("needs_review", result.needs_review());
  json.key("fields").begin_array();
  for (const page::FieldResult& field : result.fields) write_field(json, field);
  json.end_array();
  json.key("rules").begin_array();
  for (const page::RuleResult& rule : result.rules) write_rule(json, rule);
  json.end_array().end_object();
  return json.take();
}

}  // namespace inkfield::abi
