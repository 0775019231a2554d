// One table of rules, from the gravest to the mildest; the first that applies names the reason.
#include "plugin/pipeline/decision.h"

#include <string>

#include "plugin/pipeline/field_format.h"

namespace inkfield::pipeline {
namespace {

using page::FieldState;

void set(page::FieldResult& result, FieldState state, std::string reason) {
  result.state = state;
  result.reason = std::move(reason);
}

}  // namespace

page::FieldResult decide(const config::Field& field, const page::Reading& reading, const recognizer::Automaton* format,
                         const page::Transform& source_from_crop, const page::Quad& source_quad) {
  page::FieldResult result;
  result.id = field.id;
  result.kind = field.kind;
  result.currency = field.format.type == config::FormatType::amount ? field.format.currency : "";
  result.source_quad = source_quad;
  result.threshold = reading.threshold;
  result.raw_text = reading.raw_text;
  if (!reading.failure.empty()) {
    set(result, FieldState::failed, reading.failure);
    return result;
  }
  result.candidates = reading.candidates;
  for (const page::ReadingCharacter& character : reading.characters) {
    result.characters.push_back({character.codepoint, character.confidence, source_from_crop(character.crop_quad)});
  }
  if (reading.empty_probability >= kSurelyEmpty) {
    result.confidence = reading.empty_probability;
    result.candidates.clear();
    result.nothing_written = reading.doubt.empty();
    if (!reading.doubt.empty()) {
      set(result, FieldState::review, reading.doubt);
    } else if (field.required) {
      set(result, FieldState::review, "required, but nothing is written");
    } else {
      set(result, FieldState::empty, "");
    }
    return result;
  }
  FieldValue value;
  if (!reading.candidates.empty()) {
    value.text = reading.candidates.front().text;
    if (reading.normalized) {
      value.valid = true;
      value.normalized = *reading.normalized;
    } else {
      value = field_value(field, value.text, format);
    }
  }
  result.text = value.text;
  result.normalized = value.valid ? value.normalized : "";
  result.confidence = reading.confidence;
  result.changed_by_rule = reading.changed_by_format;
  if (!value.valid) {
    result.confidence = 0;
    set(result, FieldState::review, reading.doubt.empty() ? "what is written fits no valid value of this field" : reading.doubt);
  } else if (reading.empty_probability > kPerhapsEmpty) {
    set(result, FieldState::review, "hard to tell whether anything is written");
  } else if (!reading.doubt.empty()) {
    set(result, FieldState::review, reading.doubt);
  } else if (!(reading.confidence >= reading.threshold)) {
    set(result, FieldState::review, "not sure enough of the reading for the allowed wrong rate");
  } else {
    set(result, FieldState::accepted, "");
  }
  return result;
}

}  // namespace inkfield::pipeline
