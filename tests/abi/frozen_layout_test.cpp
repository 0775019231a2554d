// Offsets and sizes of version 1, written down once. A line here never changes and is never taken away: hosts
// that were compiled against it are in the field. New members and functions are appended, here too.

#include <gtest/gtest.h>
#include <inkfield/inkfield.h>

// What follows is for processors with 64-bit pointers, which is where the plugin runs.
static_assert(sizeof(void*) == 8);

#define FROZEN(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")
#define FIRST_SIZE(type, size) static_assert(sizeof(type) >= (size), #type " has shrunk")

FIRST_SIZE(inkfield_error, 24);
FROZEN(inkfield_error, struct_size, 0);
FROZEN(inkfield_error, buffer_bytes, 4);
FROZEN(inkfield_error, buffer, 8);
FROZEN(inkfield_error, required_bytes, 16);
FIRST_SIZE(inkfield_image, 56);
FROZEN(inkfield_image, struct_size, 0);
FROZEN(inkfield_image, format, 4);
FROZEN(inkfield_image, pixels, 8);
FROZEN(inkfield_image, pixels_bytes, 16);
FROZEN(inkfield_image, stride_bytes, 24);
FROZEN(inkfield_image, width_px, 32);
FROZEN(inkfield_image, height_px, 36);
FROZEN(inkfield_image, dpi_x, 40);
FROZEN(inkfield_image, dpi_y, 48);
FIRST_SIZE(inkfield_point, 16);
FROZEN(inkfield_point, x, 0);
FROZEN(inkfield_point, y, 8);
FIRST_SIZE(inkfield_quad, 64);
FROZEN(inkfield_quad, corner, 0);
FIRST_SIZE(inkfield_engine_options, 120);
FROZEN(inkfield_engine_options, struct_size, 0);
FROZEN(inkfield_engine_options, strict, 4);
FROZEN(inkfield_engine_options, template_paths, 8);
FROZEN(inkfield_engine_options, model_path, 16);
FROZEN(inkfield_engine_options, model_folder, 24);
FROZEN(inkfield_engine_options, tessdata_folder, 32);
FROZEN(inkfield_engine_options, languages, 40);
FROZEN(inkfield_engine_options, templates_json, 48);
FROZEN(inkfield_engine_options, templates_json_bytes, 56);
FROZEN(inkfield_engine_options, model_bytes, 64);
FROZEN(inkfield_engine_options, model_bytes_count, 72);
FROZEN(inkfield_engine_options, max_page_pixels, 80);
FROZEN(inkfield_engine_options, log, 88);
FROZEN(inkfield_engine_options, log_user, 96);
FROZEN(inkfield_engine_options, log_level, 104);
FROZEN(inkfield_engine_options, log_field_values, 108);
FROZEN(inkfield_engine_options, keep_third_party_messages, 112);
FROZEN(inkfield_engine_options, precision, 116);
FIRST_SIZE(inkfield_form_info, 48);
FROZEN(inkfield_form_info, struct_size, 0);
FROZEN(inkfield_form_info, field_count, 4);
FROZEN(inkfield_form_info, id, 8);
FROZEN(inkfield_form_info, name, 16);
FROZEN(inkfield_form_info, source, 24);
FROZEN(inkfield_form_info, width_mm, 32);
FROZEN(inkfield_form_info, height_mm, 40);
FIRST_SIZE(inkfield_fault, 32);
FROZEN(inkfield_fault, struct_size, 0);
FROZEN(inkfield_fault, reserved, 4);
FROZEN(inkfield_fault, source, 8);
FROZEN(inkfield_fault, json_pointer, 16);
FROZEN(inkfield_fault, message, 24);
FIRST_SIZE(inkfield_read_options, 56);
FROZEN(inkfield_read_options, struct_size, 0);
FROZEN(inkfield_read_options, deadline_ms, 4);
FROZEN(inkfield_read_options, form_id, 8);
FROZEN(inkfield_read_options, field_ids, 16);
FROZEN(inkfield_read_options, correlation_id, 24);
FROZEN(inkfield_read_options, progress, 32);
FROZEN(inkfield_read_options, progress_user, 40);
FROZEN(inkfield_read_options, explain_folder, 48);
FROZEN(inkfield_read_options, today, 56);
FIRST_SIZE(inkfield_page_info, 144);
FROZEN(inkfield_page_info, struct_size, 0);
FROZEN(inkfield_page_info, state, 4);
FROZEN(inkfield_page_info, form_id, 8);
FROZEN(inkfield_page_info, reason, 16);
FROZEN(inkfield_page_info, correlation_id, 24);
FROZEN(inkfield_page_info, model_name, 32);
FROZEN(inkfield_page_info, form_confidence, 40);
FROZEN(inkfield_page_info, registration_residual_mm, 48);
FROZEN(inkfield_page_info, rotation_degrees, 56);
FROZEN(inkfield_page_info, scale_px_per_mm, 64);
FROZEN(inkfield_page_info, form_quad, 72);
FROZEN(inkfield_page_info, field_count, 136);
FROZEN(inkfield_page_info, needs_review, 140);
FROZEN(inkfield_page_info, rule_count, 144);
FROZEN(inkfield_page_info, contradiction, 152);
FIRST_SIZE(inkfield_field, 152);
FROZEN(inkfield_field, struct_size, 0);
FROZEN(inkfield_field, state, 4);
FROZEN(inkfield_field, id, 8);
FROZEN(inkfield_field, text, 16);
FROZEN(inkfield_field, normalized, 24);
FROZEN(inkfield_field, currency, 32);
FROZEN(inkfield_field, raw_text, 40);
FROZEN(inkfield_field, reason, 48);
FROZEN(inkfield_field, confidence, 56);
FROZEN(inkfield_field, threshold, 64);
FROZEN(inkfield_field, quad, 72);
FROZEN(inkfield_field, kind, 136);
FROZEN(inkfield_field, candidate_count, 140);
FROZEN(inkfield_field, character_count, 144);
FROZEN(inkfield_field, changed_by_rule, 148);
FROZEN(inkfield_field, rule, 152);
FIRST_SIZE(inkfield_rule, 40);
FROZEN(inkfield_rule, struct_size, 0);
FROZEN(inkfield_rule, state, 4);
FROZEN(inkfield_rule, name, 8);
FROZEN(inkfield_rule, reason, 16);
FROZEN(inkfield_rule, field_ids, 24);
FROZEN(inkfield_rule, changed_field_ids, 32);
FIRST_SIZE(inkfield_candidate, 24);
FROZEN(inkfield_candidate, struct_size, 0);
FROZEN(inkfield_candidate, reserved, 4);
FROZEN(inkfield_candidate, text, 8);
FROZEN(inkfield_candidate, probability, 16);
FIRST_SIZE(inkfield_character, 80);
FROZEN(inkfield_character, struct_size, 0);
FROZEN(inkfield_character, codepoint, 4);
FROZEN(inkfield_character, confidence, 8);
FROZEN(inkfield_character, quad, 16);
FIRST_SIZE(inkfield_api, 184);
FROZEN(inkfield_api, struct_size, 0);
FROZEN(inkfield_api, abi_major, 4);
FROZEN(inkfield_api, version, 8);
FROZEN(inkfield_api, engine_create, 16);
FROZEN(inkfield_api, engine_retain, 24);
FROZEN(inkfield_api, engine_release, 32);
FROZEN(inkfield_api, engine_form_count, 40);
FROZEN(inkfield_api, engine_form, 48);
FROZEN(inkfield_api, engine_fault_count, 56);
FROZEN(inkfield_api, engine_fault, 64);
FROZEN(inkfield_api, session_create, 72);
FROZEN(inkfield_api, session_destroy, 80);
FROZEN(inkfield_api, read_page, 88);
FROZEN(inkfield_api, result_destroy, 96);
FROZEN(inkfield_api, result_page, 104);
FROZEN(inkfield_api, result_field, 112);
FROZEN(inkfield_api, result_candidate, 120);
FROZEN(inkfield_api, result_character, 128);
FROZEN(inkfield_api, result_json, 136);
FROZEN(inkfield_api, check_template, 144);
FROZEN(inkfield_api, faults_count, 152);
FROZEN(inkfield_api, faults_get, 160);
FROZEN(inkfield_api, faults_destroy, 168);
FROZEN(inkfield_api, get_extension, 176);
FROZEN(inkfield_api, result_rule, 184);
FIRST_SIZE(inkfield_files_api, 48);
FROZEN(inkfield_files_api, struct_size, 0);
FROZEN(inkfield_files_api, reserved, 4);
FROZEN(inkfield_files_api, document_open, 8);
FROZEN(inkfield_files_api, document_open_memory, 16);
FROZEN(inkfield_files_api, document_close, 24);
FROZEN(inkfield_files_api, document_page_count, 32);
FROZEN(inkfield_files_api, document_page, 40);
FIRST_SIZE(inkfield_read_field_api, 16);
FROZEN(inkfield_read_field_api, struct_size, 0);
FROZEN(inkfield_read_field_api, reserved, 4);
FROZEN(inkfield_read_field_api, read_field, 8);
FIRST_SIZE(inkfield_model_api, 16);
FROZEN(inkfield_model_api, struct_size, 0);
FROZEN(inkfield_model_api, reserved, 4);
FROZEN(inkfield_model_api, describe, 8);

namespace {

TEST(FrozenLayout, Table_SaysItsSizeAndVersion) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(api->struct_size, sizeof(inkfield_api));
  EXPECT_EQ(api->abi_major, INKFIELD_ABI_MAJOR);
  EXPECT_TRUE(INKFIELD_HAS(api, engine_create));
  EXPECT_TRUE(INKFIELD_HAS(api, get_extension));
  EXPECT_STRNE(api->version, "");
}

TEST(FrozenLayout, EveryFunction_IsThere) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  // Functions begin after the version and fill the rest of the table.
  const auto* entry = reinterpret_cast<void* const*>(&api->engine_create);
  const auto* end = reinterpret_cast<void* const*>(reinterpret_cast<const char*>(api) + api->struct_size);
  for (; entry != end; ++entry) EXPECT_NE(*entry, nullptr);
}

TEST(FrozenLayout, OtherMajorVersion_IsNotSpoken) {
  EXPECT_EQ(inkfield_get_api(0), nullptr);
  EXPECT_EQ(inkfield_get_api(INKFIELD_ABI_MAJOR + 1), nullptr);
}

TEST(FrozenLayout, Extensions_AreThereByExactName) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  for (const char* name : {INKFIELD_EXT_FILES, INKFIELD_EXT_READ_FIELD, INKFIELD_EXT_MODEL}) {
    EXPECT_NE(api->get_extension(name), nullptr) << name;
  }
  EXPECT_EQ(api->get_extension("inkfield.files/2"), nullptr);
  EXPECT_EQ(api->get_extension(""), nullptr);
  EXPECT_EQ(api->get_extension(nullptr), nullptr);
}

}  // namespace
