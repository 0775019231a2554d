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
  Quad source_quad{};
  std::vector<ReadingCandidate> candidates;
  std::vector<ResultCharacter> characters;
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
  [[nodiscard]] bool needs_review() const;
};

}  // namespace inkfield::page
