// A libinkfield.so that reads nothing: what it answers stands in the file it is given. It lets tests drive the hosts through every
// outcome - accepted, review, unknown form, unreadable, slow - in milliseconds and without any reading being good.
//
// A document is a text file: the line "stand-in", then a line for each page: accepted, review, unknown, blank, broken (cannot be
// decoded), unreadable, no_field, fleeting (as review, and ends the process if it is decoded again), formula, slow (5 s, asking whether to stop), brief (20 ms), busy (20 ms of arithmetic), and those that harm the
// process: crash, hang, hog (takes memory until there is none), leave (exit). A line that begins with # is none: it tells two documents apart.
// A template file that holds "bad" has a fault; one that holds "ill" ends the process. A crop of a field is a picture whose first pixel is 255 minus the digit to answer, its second 255
// minus the confidence in percent, its third 255 minus the state.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "plugin/include/inkfield/inkfield.h"

struct inkfield_engine {
  std::vector<std::string> forms;
  std::vector<std::string> bad;
};
struct inkfield_session {};
struct inkfield_document {
  std::vector<std::string> pages;
};
struct inkfield_faults {
  std::string source;
  bool bad = false;
};
struct inkfield_result {
  std::string what;
  std::string correlation_id;
  std::string text;
  std::string json;
  double confidence = 0;
  inkfield_field_state state = INKFIELD_FIELD_ACCEPTED;
  [[nodiscard]] bool has_fields() const { return what != "unknown" && what != "blank"; }
};

namespace {

inkfield_status fail(inkfield_status status, const std::string& message, inkfield_error* error) {
  if (error != nullptr && error->buffer != nullptr && error->buffer_bytes > message.size()) {
    std::memcpy(error->buffer, message.c_str(), message.size() + 1);
  }
  return status;
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Of this process: what a page costs does not depend on who else uses the processor.
long cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

inkfield_status engine_create(const inkfield_engine_options* options, inkfield_engine** engine, inkfield_error* error) {
  auto made = std::make_unique<inkfield_engine>();
  std::istringstream paths(options->template_paths == nullptr ? "" : options->template_paths);
  for (std::string path; std::getline(paths, path);) {
    if (!std::filesystem::exists(path)) return fail(INKFIELD_NOT_FOUND, path + ": no such file or folder", error);
    if (text_of(path).find("ill") != std::string::npos) std::abort();
    const bool bad = text_of(path).find("bad") != std::string::npos;
    if (bad && options->strict == 1) return fail(INKFIELD_INVALID_TEMPLATE, path + ": bad", error);
    (bad ? made->bad : made->forms).push_back(bad ? path : std::filesystem::path(path).stem().string());
  }
  if (options->model_path != nullptr && !std::filesystem::exists(options->model_path)) {
    return fail(INKFIELD_NOT_FOUND, std::string(options->model_path) + ": no such model", error);
  }
  if (options->precision == INKFIELD_PRECISION_INT8) return fail(INKFIELD_UNAVAILABLE, "the model has no ranges", error);
  *engine = made.release();
  return INKFIELD_OK;
}
void engine_retain(inkfield_engine*) {}
void engine_release(inkfield_engine* engine) { delete engine; }
uint32_t engine_form_count(const inkfield_engine* engine) { return static_cast<uint32_t>(engine->forms.size()); }
inkfield_status engine_form(const inkfield_engine* engine, uint32_t index, inkfield_form_info* form) {
  form->id = engine->forms[index].c_str();
  form->name = form->id;
  form->source = form->id;
  form->field_count = 1;
  return INKFIELD_OK;
}
uint32_t engine_fault_count(const inkfield_engine* engine) { return static_cast<uint32_t>(engine->bad.size()); }
inkfield_status engine_fault(const inkfield_engine* engine, uint32_t index, inkfield_fault* fault) {
  fault->source = engine->bad[index].c_str();
  fault->json_pointer = "/fields/0";
  fault->message = "is bad";
  return INKFIELD_OK;
}

inkfield_status session_create(inkfield_engine*, inkfield_session** session, inkfield_error*) {
  *session = new inkfield_session;
  return INKFIELD_OK;
}
void session_destroy(inkfield_session* session) { delete session; }

void finish(inkfield_result& result, const inkfield_read_options* options) {
  if (options != nullptr && options->correlation_id != nullptr) result.correlation_id = options->correlation_id;
  result.json = "{\"stand_in\":\"" + result.what + "\"";
  if (result.state == INKFIELD_FIELD_REVIEW) result.json += R"(,"fields":[{"id":"number","quad":[[0,0],[6,0],[6,1],[0,1]]}])";
  result.json += '}';
}

inkfield_status read_page(inkfield_session*, const inkfield_image* image, const inkfield_read_options* options,
                          inkfield_result** result, inkfield_error* error) {
  auto made = std::make_unique<inkfield_result>();
  made->what.assign(static_cast<const char*>(image->pixels), static_cast<std::size_t>(image->width_px));
  if (made->what == "unreadable") return fail(INKFIELD_DEADLINE_EXCEEDED, "took too long", error);
  if (made->what == "no_field") return fail(INKFIELD_NOT_FOUND, "no such field", error);
  if (made->what == "slow") {
    for (int i = 0; i < 500; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (options != nullptr && options->progress != nullptr && options->progress(options->progress_user, i / 500.0, "slow") != 0) {
        return fail(INKFIELD_CANCELLED, "cancelled", error);
      }
    }
  }
  if (made->what == "brief") std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (made->what == "busy") {
    const auto end = cpu_ms() + 20;
    while (cpu_ms() < end) {
    }
  }
  if (made->what == "crash") {
    std::fputs("stand-in: about to crash\n", stderr);
    std::raise(SIGSEGV);
  }
  if (made->what == "leave") std::_Exit(7);
  while (made->what == "hang") std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (made->what == "hog") {
    try {
      std::vector<std::unique_ptr<char[]>> taken;
      for (;;) taken.emplace_back(new char[std::size_t{16} << 20]);  // untouched: only the address space goes
    } catch (const std::bad_alloc&) {
      return fail(INKFIELD_OUT_OF_MEMORY, "no memory", error);
    }
  }
  made->text = made->what == "formula" ? "=1+1" : "12";
  const bool review = made->what == "review" || made->what == "fleeting";
  made->state = review ? INKFIELD_FIELD_REVIEW : INKFIELD_FIELD_ACCEPTED;
  made->confidence = review ? 0.5 : 0.99;
  if (options != nullptr && options->explain_folder != nullptr) {
    std::ofstream(std::filesystem::path(options->explain_folder) / "page.txt") << made->what;
  }
  finish(*made, options);
  *result = made.release();
  return INKFIELD_OK;
}

inkfield_status read_field(inkfield_session*, const inkfield_image* crop, const char* field_json, uint64_t bytes,
                           const inkfield_read_options* options, inkfield_result** result, inkfield_error* error) {
  if (std::string(field_json, bytes).find("bad") != std::string::npos) {
    return fail(INKFIELD_INVALID_TEMPLATE, "/kind: is bad", error);
  }
  const auto* pixels = static_cast<const unsigned char*>(crop->pixels);
  auto made = std::make_unique<inkfield_result>();
  made->what = "field";
  made->text = std::to_string(255 - pixels[0]);
  made->confidence = (255 - pixels[1]) / 100.0;
  made->state = 255 - pixels[2];
  finish(*made, options);
  *result = made.release();
  return INKFIELD_OK;
}

void result_destroy(inkfield_result* result) { delete result; }
inkfield_status result_page(const inkfield_result* result, inkfield_page_info* page) {
  page->state = result->what == "unknown" ? INKFIELD_PAGE_UNKNOWN_FORM
                : result->what == "blank" ? INKFIELD_PAGE_BLANK
                                          : INKFIELD_PAGE_READ;
  page->form_id = page->state == INKFIELD_PAGE_READ ? "form_a" : "";
  page->reason = page->state == INKFIELD_PAGE_READ ? "" : "fits none";
  page->correlation_id = result->correlation_id.c_str();
  page->model_name = "stand-in";
  page->registration_residual_mm = 0.125;
  page->scale_px_per_mm = 8;
  page->field_count = result->has_fields() ? 1 : 0;
  page->needs_review = page->state != INKFIELD_PAGE_READ || result->state == INKFIELD_FIELD_REVIEW ? 1 : 0;
  return INKFIELD_OK;
}
inkfield_status result_field(const inkfield_result* result, uint32_t index, inkfield_field* field) {
  if (!result->has_fields() || index > 0) return INKFIELD_NOT_FOUND;
  field->state = result->state;
  field->id = "number";
  field->text = result->text.c_str();
  field->normalized = result->text.c_str();
  field->currency = "";
  field->raw_text = "raw";
  field->reason = result->state == INKFIELD_FIELD_REVIEW ? "not sure enough" : "";
  field->confidence = result->confidence;
  field->threshold = 0.9;
  field->kind = INKFIELD_KIND_HANDWRITTEN_NUMBER;
  field->candidate_count = 1;
  return INKFIELD_OK;
}
inkfield_status result_candidate(const inkfield_result* result, uint32_t, uint32_t, inkfield_candidate* candidate) {
  candidate->text = result->text.c_str();
  candidate->probability = result->confidence;
  return INKFIELD_OK;
}
inkfield_status result_character(const inkfield_result*, uint32_t, uint32_t, inkfield_character*) { return INKFIELD_NOT_FOUND; }
const char* result_json(const inkfield_result* result) { return result->json.c_str(); }

inkfield_status check_template(const char* json, uint64_t bytes, const char* source, inkfield_faults** faults, inkfield_error*) {
  auto made = std::make_unique<inkfield_faults>();
  made->source = source;
  made->bad = std::string(json, bytes).find("bad") != std::string::npos;
  const bool bad = made->bad;
  *faults = made.release();
  return bad ? INKFIELD_INVALID_TEMPLATE : INKFIELD_OK;
}
uint32_t faults_count(const inkfield_faults* faults) { return faults->bad ? 1 : 0; }
inkfield_status faults_get(const inkfield_faults* faults, uint32_t, inkfield_fault* fault) {
  fault->source = faults->source.c_str();
  fault->json_pointer = "/fields/0/kind";
  fault->message = "is bad";
  return INKFIELD_OK;
}
void faults_destroy(inkfield_faults* faults) { delete faults; }

inkfield_status open_text(const std::string& text, inkfield_document** document, inkfield_error* error) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != "stand-in") return fail(INKFIELD_INVALID_IMAGE, "is no picture", error);
  auto made = std::make_unique<inkfield_document>();
  while (std::getline(lines, line)) {
    if (!line.starts_with('#')) made->pages.push_back(line);
  }
  *document = made.release();
  return INKFIELD_OK;
}
inkfield_status document_open(inkfield_engine*, const char* path, inkfield_document** document, inkfield_error* error) {
  if (!std::filesystem::exists(path)) return fail(INKFIELD_NOT_FOUND, "no such file", error);
  return open_text(text_of(path), document, error);
}
inkfield_status document_open_memory(inkfield_engine*, const void* bytes, uint64_t count, inkfield_document** document, inkfield_error* error) {
  return open_text(std::string(static_cast<const char*>(bytes), count), document, error);
}
void document_close(inkfield_document* document) { delete document; }
uint32_t document_page_count(const inkfield_document* document) { return static_cast<uint32_t>(document->pages.size()); }
inkfield_status document_page(inkfield_document* document, uint32_t page, inkfield_image* image, inkfield_error* error) {
  const std::string& what = document->pages[page];
  if (what == "broken") return fail(INKFIELD_INVALID_IMAGE, "is damaged", error);
  static bool decoded = false;
  if (what == "fleeting" && std::exchange(decoded, true)) std::raise(SIGSEGV);
  image->format = INKFIELD_PIXELS_GRAY8;
  image->pixels = what.data();
  image->pixels_bytes = what.size();
  image->width_px = static_cast<int32_t>(what.size());
  image->height_px = 1;
  return INKFIELD_OK;
}

inkfield_status describe(const char* path, char* buffer, uint64_t buffer_bytes, uint64_t* required, inkfield_error* error) {
  if (!std::filesystem::exists(path)) return fail(INKFIELD_NOT_FOUND, "no such file", error);
  std::string said;
  std::getline(std::ifstream(path), said);
  const std::string text = said == "cannot" ? R"({"runnable":false,"why_not":"no","missing":[{"where":"node Elu 'e'","what":"is not supported","advice":"train without it","count":3}]})" : R"({"name":"stand-in","parameters":7,"calibration":{"symbol":{"a":1}},"layers":[{"op":"Conv"},{"op":"Relu"}]})";
  *required = text.size() + 1;
  if (buffer != nullptr && buffer_bytes > text.size()) std::memcpy(buffer, text.c_str(), text.size() + 1);
  return INKFIELD_OK;
}

const inkfield_files_api kFiles = {sizeof(inkfield_files_api), 0, document_open, document_open_memory, document_close, document_page_count, document_page};
const inkfield_read_field_api kReadField = {sizeof(inkfield_read_field_api), 0, read_field};
const inkfield_model_api kModel = {sizeof(inkfield_model_api), 0, describe};

const void* get_extension(const char* id) {
  if (std::strcmp(id, INKFIELD_EXT_FILES) == 0) return &kFiles;
  if (std::strcmp(id, INKFIELD_EXT_READ_FIELD) == 0) return &kReadField;
  if (std::strcmp(id, INKFIELD_EXT_MODEL) == 0) return &kModel;
  return nullptr;
}

inkfield_api make_api() {
  inkfield_api api{};
  api.struct_size = sizeof api;
  api.abi_major = INKFIELD_ABI_MAJOR;
  api.version = "0.0.0-stand-in";
  api.engine_create = engine_create;
  api.engine_retain = engine_retain;
  api.engine_release = engine_release;
  api.engine_form_count = engine_form_count;
  api.engine_form = engine_form;
  api.engine_fault_count = engine_fault_count;
  api.engine_fault = engine_fault;
  api.session_create = session_create;
  api.session_destroy = session_destroy;
  api.read_page = read_page;
  api.result_destroy = result_destroy;
  api.result_page = result_page;
  api.result_field = result_field;
  api.result_candidate = result_candidate;
  api.result_character = result_character;
  api.result_json = result_json;
  api.check_template = check_template;
  api.faults_count = faults_count;
  api.faults_get = faults_get;
  api.faults_destroy = faults_destroy;
  api.get_extension = get_extension;
  return api;
}

}  // namespace

const inkfield_api* inkfield_get_api(uint32_t abi_major) {
  static const inkfield_api kApi = make_api();
  return abi_major == INKFIELD_ABI_MAJOR ? &kApi : nullptr;
}
