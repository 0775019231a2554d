// Every call of the table: arguments checked, the work handed on, outputs filled only when all went well.
#include "plugin/abi/calls.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "config/template_loader.h"
#include "plugin/abi/boundary.h"
#include "plugin/abi/documents.h"
#include "plugin/abi/engine.h"
#include "plugin/abi/model_description.h"
#include "plugin/abi/result_json.h"
#include "plugin/abi/session.h"

struct inkfield_faults {
  std::vector<inkfield::config::Fault> list;
};

namespace inkfield::abi {
namespace {

inkfield_quad to_c(const page::Quad& quad) {
  inkfield_quad out{};
  for (std::size_t i = 0; i < quad.size(); ++i) out.corner[i] = {quad[i].x, quad[i].y};
  return out;
}

inkfield_fault to_c(const config::Fault& fault) {
  return {sizeof(inkfield_fault), 0, fault.source.c_str(), fault.json_pointer.c_str(), fault.message.c_str()};
}

template <class List>
const auto& at(const List& list, std::uint32_t index, const char* what) {
  if (index >= list.size()) {
    throw Error(ErrorKind::not_found, std::string("there is no ") + what + " " + std::to_string(index) +
                                          ", only " + std::to_string(list.size()));
  }
  return list[index];
}

inkfield_read_options read_options(const inkfield_read_options* given) {
  return given == nullptr ? inkfield_read_options{} : copied_in(given, "options");
}

inkfield_status read_field(inkfield_session* session, const inkfield_image* crop, const char* field_json,
                           std::uint64_t field_json_bytes, const inkfield_read_options* options,
                           inkfield_result** result, inkfield_error* error) {
  return guarded(error, [&] {
    required(session, "session");
    required(result, "result");
    const inkfield_image image = copied_in(crop, "crop");
    const std::string_view json = text_view(required(field_json, "field_json"), field_json_bytes);
    *result = session->read_field(image, json, read_options(options)).release();
  });
}

constexpr inkfield_read_field_api kReadFieldTable = {sizeof(inkfield_read_field_api), 0, read_field};

}  // namespace

inkfield_status engine_create(const inkfield_engine_options* options, inkfield_engine** engine,
                              inkfield_error* error) {
  return guarded(error, [&] {
    required(engine, "engine");
    *engine = std::make_unique<inkfield_engine>(copied_in(options, "options")).release();
  });
}

void engine_retain(inkfield_engine* engine) {
  if (engine != nullptr) engine->references.fetch_add(1, std::memory_order_relaxed);
}

void engine_release(inkfield_engine* engine) {
  if (engine != nullptr) EngineReference::release(engine);
}

uint32_t engine_form_count(const inkfield_engine* engine) {
  return engine == nullptr ? 0 : static_cast<std::uint32_t>(engine->catalogue->size());
}

inkfield_status engine_form(const inkfield_engine* engine, uint32_t index, inkfield_form_info* form) {
  return guarded(nullptr, [&] {
    required(engine, "engine");
    check_struct(form, kFirstSize<inkfield_form_info>, "form");
    if (index >= engine->catalogue->size()) throw Error(ErrorKind::not_found, "there is no such form");
    const config::FormTemplate& found = engine->catalogue->form(index);
    inkfield_form_info info{};
    info.field_count = static_cast<std::uint32_t>(found.fields.size());
    info.id = found.id.c_str();
    info.name = found.name.c_str();
    info.source = found.source.c_str();
    info.width_mm = found.width_mm;
    info.height_mm = found.height_mm;
    fill_out(form, info);
  });
}

uint32_t engine_fault_count(const inkfield_engine* engine) {
  return engine == nullptr ? 0 : static_cast<std::uint32_t>(engine->faults.size());
}

inkfield_status engine_fault(const inkfield_engine* engine, uint32_t index, inkfield_fault* fault) {
  return guarded(nullptr, [&] {
    required(engine, "engine");
    check_struct(fault, kFirstSize<inkfield_fault>, "fault");
    fill_out(fault, to_c(at(engine->faults, index, "fault")));
  });
}

inkfield_status session_create(inkfield_engine* engine, inkfield_session** session, inkfield_error* error) {
  return guarded(error, [&] {
    required(engine, "engine");
    required(session, "session");
    *session = std::make_unique<inkfield_session>(engine).release();
  });
}

void session_destroy(inkfield_session* session) { delete session; }

inkfield_status read_page(inkfield_session* session, const inkfield_image* image,
                          const inkfield_read_options* options, inkfield_result** result,
                          inkfield_error* error) {
  return guarded(error, [&] {
    required(session, "session");
    required(result, "result");
    const inkfield_image pixels = copied_in(image, "image");
    *result = session->read_page(pixels, read_options(options)).release();
  });
}

void result_destroy(inkfield_result* result) { delete result; }

inkfield_status result_page(const inkfield_result* result, inkfield_page_info* page) {
  return guarded(nullptr, [&] {
    const page::PageResult& read = required(result, "result")->page;
    check_struct(page, kFirstSize<inkfield_page_info>, "page");
    inkfield_page_info info{};
    switch (read.state) {
      case page::PageState::read:
        info.state = INKFIELD_PAGE_READ;
        break;
      case page::PageState::unknown_form:
        info.state = INKFIELD_PAGE_UNKNOWN_FORM;
        break;
      case page::PageState::ambiguous_form:
        info.state = INKFIELD_PAGE_AMBIGUOUS_FORM;
        break;
      case page::PageState::blank:
        info.state = INKFIELD_PAGE_BLANK;
        break;
    }
    info.form_id = read.form_id.c_str();
    info.reason = read.reason.c_str();
    info.correlation_id = read.correlation_id.c_str();
    info.model_name = read.model_name.c_str();
    info.form_confidence = read.form_confidence;
    info.registration_residual_mm = read.registration_residual_mm;
    info.rotation_degrees = read.rotation_degrees;
    info.scale_px_per_mm = read.scale_px_per_mm;
    info.form_quad = to_c(read.form_quad);
    info.field_count = static_cast<std::uint32_t>(read.fields.size());
    info.needs_review = read.needs_review() ? 1 : 0;
    info.rule_count = static_cast<std::uint32_t>(read.rules.size());
    info.contradiction = read.contradiction.c_str();
    fill_out(page, info);
  });
}

inkfield_status result_field(const inkfield_result* result, uint32_t index, inkfield_field* field) {
  return guarded(nullptr, [&] {
    const page::PageResult& read = required(result, "result")->page;
    check_struct(field, kFirstSize<inkfield_field>, "field");
    const page::FieldResult& found = at(read.fields, index, "field");
    inkfield_field info{};
    switch (found.state) {
      case page::FieldState::accepted:
        info.state = INKFIELD_FIELD_ACCEPTED;
        break;
      case page::FieldState::review:
        info.state = INKFIELD_FIELD_REVIEW;
        break;
      case page::FieldState::empty:
        info.state = INKFIELD_FIELD_EMPTY;
        break;
      case page::FieldState::failed:
        info.state = INKFIELD_FIELD_FAILED;
        break;
    }
    info.kind = static_cast<inkfield_field_kind>(found.kind) + 1;  // the enum's own order, which never changes
    info.id = found.id.c_str();
    info.text = found.text.c_str();
    info.normalized = found.normalized.c_str();
    info.currency = found.currency.c_str();
    info.raw_text = found.raw_text.c_str();
    info.reason = found.reason.c_str();
    info.confidence = found.confidence;
    info.threshold = found.threshold;
    info.quad = to_c(found.source_quad);
    info.candidate_count = static_cast<std::uint32_t>(found.candidates.size());
    info.character_count = static_cast<std::uint32_t>(found.characters.size());
    info.changed_by_rule = found.changed_by_rule ? 1 : 0;
    info.rule = found.rule.c_str();
    fill_out(field, info);
  });
}

inkfield_status result_candidate(const inkfield_result* result, uint32_t field, uint32_t index,
                                 inkfield_candidate* candidate) {
  return guarded(nullptr, [&] {
    const page::PageResult& read = required(result, "result")->page;
    check_struct(candidate, kFirstSize<inkfield_candidate>, "candidate");
    const page::ReadingCandidate& found = at(at(read.fields, field, "field").candidates, index, "candidate");
    fill_out(candidate,
             inkfield_candidate{sizeof(inkfield_candidate), 0, found.text.c_str(), found.probability});
  });
}

inkfield_status result_character(const inkfield_result* result, uint32_t field, uint32_t index,
                                 inkfield_character* character) {
  return guarded(nullptr, [&] {
    const page::PageResult& read = required(result, "result")->page;
    check_struct(character, kFirstSize<inkfield_character>, "character");
    const page::ResultCharacter& found = at(at(read.fields, field, "field").characters, index, "character");
    fill_out(character, inkfield_character{sizeof(inkfield_character), found.codepoint, found.confidence,
                                           to_c(found.source_quad)});
  });
}

inkfield_status result_rule(const inkfield_result* result, uint32_t index, inkfield_rule* rule) {
  return guarded(nullptr, [&] {
    const inkfield_result& read = *required(result, "result");
    check_struct(rule, kFirstSize<inkfield_rule>, "rule");
    const page::RuleResult& found = at(read.page.rules, index, "rule");
    inkfield_rule info{};
    switch (found.state) {
      case page::RuleState::kept:
        info.state = INKFIELD_RULE_KEPT;
        break;
      case page::RuleState::mended:
        info.state = INKFIELD_RULE_MENDED;
        break;
      case page::RuleState::broken:
        info.state = INKFIELD_RULE_BROKEN;
        break;
      case page::RuleState::not_applied:
        info.state = INKFIELD_RULE_NOT_APPLIED;
        break;
    }
    info.name = found.name.c_str();
    info.reason = found.reason.c_str();
    info.field_ids = read.rule_fields[index].first.c_str();
    info.changed_field_ids = read.rule_fields[index].second.c_str();
    fill_out(rule, info);
  });
}

const char* result_json_text(const inkfield_result* result) {
  if (result == nullptr) return nullptr;
  try {
    std::call_once(result->json_written, [&] { result->json = result_json(result->page); });
    return result->json.c_str();
  } catch (...) {  // no memory; the next call tries again
    return nullptr;
  }
}

inkfield_status check_template(const char* json, uint64_t json_bytes, const char* source,
                               inkfield_faults** faults, inkfield_error* error) {
  inkfield_status found = INKFIELD_OK;
  const inkfield_status status = guarded(error, [&] {
    required(faults, "faults");
    const std::string_view text = text_view(required(json, "json"), json_bytes);
    const std::string name = source == nullptr || *source == '\0' ? "memory" : source;
    const std::string folder = std::filesystem::path(name).parent_path().string();
    auto list = std::make_unique<inkfield_faults>();
    list->list = config::load_templates(text, name, folder).faults;
    if (!list->list.empty()) found = INKFIELD_INVALID_TEMPLATE;
    *faults = list.release();
  });
  return status != INKFIELD_OK ? status : found;
}

uint32_t faults_count(const inkfield_faults* faults) {
  return faults == nullptr ? 0 : static_cast<std::uint32_t>(faults->list.size());
}

inkfield_status faults_get(const inkfield_faults* faults, uint32_t index, inkfield_fault* fault) {
  return guarded(nullptr, [&] {
    required(faults, "faults");
    check_struct(fault, kFirstSize<inkfield_fault>, "fault");
    fill_out(fault, to_c(at(faults->list, index, "fault")));
  });
}

void faults_destroy(inkfield_faults* faults) { delete faults; }

const void* get_extension(const char* id) {
  if (id == nullptr) return nullptr;
  const std::string_view name(id);
  if (name == INKFIELD_EXT_FILES) return &files_api();
  if (name == INKFIELD_EXT_READ_FIELD) return &kReadFieldTable;
  if (name == INKFIELD_EXT_MODEL) return &model_api();
  return nullptr;
}

}  // namespace inkfield::abi
