// The functions of the main table; each is described where the host reads it, in inkfield.h.
#pragma once

#include "inkfield/inkfield.h"

namespace inkfield::abi {

inkfield_status engine_create(const inkfield_engine_options* options, inkfield_engine** engine,
                              inkfield_error* error);
void engine_retain(inkfield_engine* engine);
void engine_release(inkfield_engine* engine);
uint32_t engine_form_count(const inkfield_engine* engine);
inkfield_status engine_form(const inkfield_engine* engine, uint32_t index, inkfield_form_info* form);
uint32_t engine_fault_count(const inkfield_engine* engine);
inkfield_status engine_fault(const inkfield_engine* engine, uint32_t index, inkfield_fault* fault);

inkfield_status session_create(inkfield_engine* engine, inkfield_session** session, inkfield_error* error);
void session_destroy(inkfield_session* session);
inkfield_status read_page(inkfield_session* session, const inkfield_image* image,
                          const inkfield_read_options* options, inkfield_result** result,
                          inkfield_error* error);

void result_destroy(inkfield_result* result);
inkfield_status result_page(const inkfield_result* result, inkfield_page_info* page);
inkfield_status result_field(const inkfield_result* result, uint32_t index, inkfield_field* field);
inkfield_status result_candidate(const inkfield_result* result, uint32_t field, uint32_t index,
                                 inkfield_candidate* candidate);
inkfield_status result_character(const inkfield_result* result, uint32_t field, uint32_t index,
                                 inkfield_character* character);
inkfield_status result_rule(const inkfield_result* result, uint32_t index, inkfield_rule* rule);
const char* result_json_text(const inkfield_result* result);

inkfield_status check_template(const char* json, uint64_t json_bytes, const char* source,
                               inkfield_faults** faults, inkfield_error* error);
uint32_t faults_count(const inkfield_faults* faults);
inkfield_status faults_get(const inkfield_faults* faults, uint32_t index, inkfield_fault* fault);
void faults_destroy(inkfield_faults* faults);

const void* get_extension(const char* id);

}  // namespace inkfield::abi
