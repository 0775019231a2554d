// Inkfield for C++17 hosts: owning objects and exceptions over the C table of inkfield.h. Header-only;
// nothing here is compiled into the library, so a host may use another compiler or standard library than the
// library's.
//
//   auto library = inkfield::Library::load(inkfield::find_library());
//   inkfield::EngineOptions options;
//   options.template_paths = {"forms"};
//   inkfield::Engine engine(library, options);
//   inkfield::Session session(engine);
//   inkfield::Document document = engine.open("page.png");
//   inkfield::Result result = session.read_page(document.page(0));
//   for (const auto& field : result.fields()) std::cout << field.id << ' ' << field.text << '\n';
//
// Every failed call throws inkfield::Error. Texts are copied out, so they live as long as the host keeps
// them. An exception thrown by a progress callback ends the call and comes out of it; one thrown by a log
// callback is dropped. Threads: as in inkfield.h. Library and Engine may be copied and shared; make one
// Session a thread.
#pragma once

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inkfield/inkfield.h"

namespace inkfield {
inline namespace client {  // keeps these names apart from the library's own, should both meet in one program

/// A failed call: the status of inkfield.h and the library's message.
class Error : public std::runtime_error {
 public:
  Error(inkfield_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  [[nodiscard]] inkfield_status status() const noexcept { return status_; }

 private:
  inkfield_status status_;
};

/// The name of a status as people and scripts see it: "invalid_image".
inline const char* status_name(inkfield_status status) noexcept {
  switch (status) {
    case INKFIELD_OK:
      return "ok";
    case INKFIELD_INVALID_ARGUMENT:
      return "invalid_argument";
    case INKFIELD_INVALID_TEMPLATE:
      return "invalid_template";
    case INKFIELD_INVALID_MODEL:
      return "invalid_model";
    case INKFIELD_INVALID_IMAGE:
      return "invalid_image";
    case INKFIELD_LIMIT_EXCEEDED:
      return "limit_exceeded";
    case INKFIELD_NOT_FOUND:
      return "not_found";
    case INKFIELD_CANCELLED:
      return "cancelled";
    case INKFIELD_DEADLINE_EXCEEDED:
      return "deadline_exceeded";
    case INKFIELD_OUT_OF_MEMORY:
      return "out_of_memory";
    case INKFIELD_UNAVAILABLE:
      return "unavailable";
    case INKFIELD_IO_ERROR:
      return "io_error";
    default:
      return "internal";
  }
}

namespace detail {

/// Runs one C call with an error buffer and turns a failure into an Error.
template <class Call>
void checked(Call&& call) {
  std::array<char, 8192> buffer{};
  inkfield_error error{};
  error.struct_size = sizeof error;
  error.buffer = buffer.data();
  error.buffer_bytes = static_cast<std::uint32_t>(buffer.size());
  const inkfield_status status = call(&error);
  if (status != INKFIELD_OK) throw Error(status, buffer[0] != '\0' ? buffer.data() : status_name(status));
}

template <class Struct>
Struct sized() {
  Struct value{};
  value.struct_size = static_cast<std::uint32_t>(sizeof value);
  return value;
}

inline const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (line.find('\n') != std::string::npos) {
      throw Error(INKFIELD_INVALID_ARGUMENT, "a path or id with a line break cannot be passed: " + line);
    }
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

inline std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

}  // namespace detail

/// Where libinkfield.so lies: the environment's INKFIELD_LIBRARY, else beside or in ../lib of this executable
/// (an installed tree and a build tree alike), else its bare name for the system's own search.
inline std::string find_library() {
  if (const char* named = std::getenv("INKFIELD_LIBRARY"); named != nullptr && *named != '\0') return named;
  std::array<char, PATH_MAX> self{};
  const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (length > 0) {
    const std::string_view path(self.data(), static_cast<std::size_t>(length));
    const std::string folder(path.substr(0, path.rfind('/')));
#if defined(__x86_64__)
    const char* const system_folder = "/../lib/x86_64-linux-gnu";
#elif defined(__aarch64__)
    const char* const system_folder = "/../lib/aarch64-linux-gnu";
#else
    const char* const system_folder = "/../lib32";
#endif
    for (const char* place : {"/../lib", system_folder, "/../lib64", ""}) {
      for (const char* name : {"/libinkfield.so.1", "/libinkfield.so"}) {
        const std::string candidate = folder + place + name;
        if (::access(candidate.c_str(), R_OK) == 0) return candidate;
      }
    }
  }
  return "libinkfield.so.1";
}

/// The loaded library. Copies share it.
class Library {
 public:
  /// Opens it at run time, as a capture program does. Throws Error(unavailable) if it is not there or too
  /// old.
  static Library load(const std::string& path) {
    void* const opened = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) {
      const char* why = ::dlerror();
      throw Error(INKFIELD_UNAVAILABLE,
                  "cannot load " + path + ": " + (why != nullptr ? why : "unknown reason"));
    }
    std::shared_ptr<void> handle(opened, [](void* library) { ::dlclose(library); });
    const auto get_api = reinterpret_cast<inkfield_get_api_fn>(::dlsym(opened, "inkfield_get_api"));
    if (get_api == nullptr)
      throw Error(INKFIELD_UNAVAILABLE, path + " is not Inkfield: it exports no inkfield_get_api");
    return Library(get_api(INKFIELD_ABI_MAJOR), std::move(handle), path);
  }
  /// For a host that links with libinkfield.
  static Library linked() {
    return Library(inkfield_get_api(INKFIELD_ABI_MAJOR), nullptr, "the linked libinkfield");
  }

  [[nodiscard]] const inkfield_api& api() const { return *api_; }
  [[nodiscard]] std::string version() const { return api_->version; }

  /// An extension's table. Throws Error(unavailable) if this library lacks it.
  template <class Table>
  [[nodiscard]] const Table& extension(const char* id) const {
    const auto* table = static_cast<const Table*>(api_->get_extension(id));
    if (table == nullptr || table->struct_size < sizeof(Table)) {
      throw Error(INKFIELD_UNAVAILABLE, std::string("this libinkfield has no extension ") + id);
    }
    return *table;
  }

 private:
  Library(const inkfield_api* api, std::shared_ptr<void> handle, const std::string& path)
      : handle_(std::move(handle)), api_(api) {
    if (api_ == nullptr || !INKFIELD_HAS(api_, get_extension)) {
      throw Error(INKFIELD_UNAVAILABLE, path + " does not speak version " +
                                            std::to_string(INKFIELD_ABI_MAJOR) + " of the interface");
    }
  }
  std::shared_ptr<void> handle_;
  const inkfield_api* api_;
};

/// One thing that is wrong with a template.
struct Fault {
  std::string source;
  std::string json_pointer;
  std::string message;
};

/// Everything that is wrong with a template (an object) or several (an array); empty when nothing is.
inline std::vector<Fault> check_template(const Library& library, std::string_view json,
                                         const std::string& source = "memory") {
  const inkfield_api& api = library.api();
  inkfield_faults* list = nullptr;
  std::array<char, 4096> buffer{};
  auto error = detail::sized<inkfield_error>();
  error.buffer = buffer.data();
  error.buffer_bytes = static_cast<std::uint32_t>(buffer.size());
  const inkfield_status status = api.check_template(json.data(), json.size(), source.c_str(), &list, &error);
  if (list == nullptr) throw Error(status, buffer.data());
  const std::unique_ptr<inkfield_faults, void (*)(inkfield_faults*)> owner(list, api.faults_destroy);
  std::vector<Fault> faults;
  for (std::uint32_t i = 0; i < api.faults_count(list); ++i) {
    auto fault = detail::sized<inkfield_fault>();
    detail::checked([&](inkfield_error*) { return api.faults_get(list, i, &fault); });
    faults.push_back({fault.source, fault.json_pointer, fault.message});
  }
  return faults;
}

/// JSON about a network file (extension "inkfield.model/1"): see inkfield.h.
inline std::string describe_model(const Library& library, const std::string& path) {
  const auto& model = library.extension<inkfield_model_api>(INKFIELD_EXT_MODEL);
  std::uint64_t required = 0;
  detail::checked(
      [&](inkfield_error* error) { return model.describe(path.c_str(), nullptr, 0, &required, error); });
  std::string text(static_cast<std::size_t>(required), '\0');
  detail::checked([&](inkfield_error* error) {
    return model.describe(path.c_str(), text.data(), static_cast<std::uint64_t>(text.size()), &required,
                          error);
  });
  text.resize(std::char_traits<char>::length(text.c_str()));
  return text;
}

/// A picture in the host's memory, borrowed for the call. `stride_bytes` 0: rows are packed.
inline inkfield_image make_image(inkfield_pixel_format format, const void* pixels, std::uint64_t pixels_bytes,
                                 int width_px, int height_px, std::int64_t stride_bytes = 0, double dpi = 0) {
  auto image = detail::sized<inkfield_image>();
  image.format = format;
  image.pixels = pixels;
  image.pixels_bytes = pixels_bytes;
  image.width_px = width_px;
  image.height_px = height_px;
  image.stride_bytes = stride_bytes;
  image.dpi_x = dpi;
  image.dpi_y = dpi;
  return image;
}

using LogFunction = std::function<void(inkfield_log_level, const std::string&)>;
/// Returns false to cancel.
using ProgressFunction = std::function<bool(double fraction, const char* stage)>;

struct EngineOptions {
  std::vector<std::string> template_paths;  ///< files or folders
  std::string templates_json;               ///< one template or an array of them
  std::string model_path;                   ///< "": the shipped open model
  std::string model_folder;
  std::string tessdata_folder;
  std::string languages;
  std::string model_bytes;  ///< a model in memory
  std::int64_t max_page_pixels = 0;
  bool strict = false;
  bool log_field_values = false;
  bool keep_third_party_messages = false;
  inkfield_log_level log_level = 0;
  inkfield_precision precision = 0;  ///< 0: int8 if the model's file has ranges, else float32
  LogFunction log;
};

struct FormInfo {
  std::string id;
  std::string name;
  std::string source;
  double width_mm = 0;
  double height_mm = 0;
  std::uint32_t field_count = 0;
};

/// An opened image file (extension "inkfield.files/1"). Made by Engine::open.
class Document {
 public:
  [[nodiscard]] std::uint32_t page_count() const { return files_->document_page_count(document_.get()); }
  /// Decodes one page; its pixels live until the next page() or the document's end.
  inkfield_image page(std::uint32_t index) {
    auto image = detail::sized<inkfield_image>();
    detail::checked(
        [&](inkfield_error* error) { return files_->document_page(document_.get(), index, &image, error); });
    return image;
  }

 private:
  friend class Engine;
  Document(Library library, std::shared_ptr<LogFunction> log, const inkfield_files_api* files,
           inkfield_document* document)
      : library_(std::move(library)),
        log_(std::move(log)),
        files_(files),
        document_(document, files->document_close) {}
  Library library_;
  std::shared_ptr<LogFunction> log_;
  const inkfield_files_api* files_;
  std::unique_ptr<inkfield_document, void (*)(inkfield_document*)> document_;
};

/// Models, templates and settings. Immutable; copies share it.
class Engine {
 public:
  explicit Engine(Library library, const EngineOptions& options = {})
      : library_(std::move(library)), log_(std::make_shared<LogFunction>(options.log)) {
    const std::string paths = detail::joined(options.template_paths);
    auto c = detail::sized<inkfield_engine_options>();
    c.strict = options.strict ? 1 : 0;
    c.template_paths = detail::or_null(paths);
    c.model_path = detail::or_null(options.model_path);
    c.model_folder = detail::or_null(options.model_folder);
    c.tessdata_folder = detail::or_null(options.tessdata_folder);
    c.languages = detail::or_null(options.languages);
    c.templates_json = detail::or_null(options.templates_json);
    c.templates_json_bytes = options.templates_json.size();
    c.model_bytes = options.model_bytes.empty() ? nullptr : options.model_bytes.data();
    c.model_bytes_count = options.model_bytes.size();
    c.max_page_pixels = options.max_page_pixels;
    c.log_level = options.log_level;
    c.precision = options.precision;
    c.log_field_values = options.log_field_values ? 1 : 0;
    c.keep_third_party_messages = options.keep_third_party_messages ? 1 : 0;
    if (*log_) {
      c.log = [](void* user, inkfield_log_level level, const char* message) {
        try {
          (*static_cast<LogFunction*>(user))(level, message);
        } catch (...) {  // a log line must not end a call, and nothing may be thrown through C
        }
      };
      c.log_user = log_.get();
    }
    inkfield_engine* made = nullptr;
    detail::checked([&](inkfield_error* error) { return library_.api().engine_create(&c, &made, error); });
    engine_.reset(made, library_.api().engine_release);
  }

  [[nodiscard]] const Library& library() const { return library_; }
  [[nodiscard]] inkfield_engine* get() const { return engine_.get(); }

  [[nodiscard]] std::vector<FormInfo> forms() const {
    std::vector<FormInfo> forms;
    for (std::uint32_t i = 0; i < library_.api().engine_form_count(engine_.get()); ++i) {
      auto form = detail::sized<inkfield_form_info>();
      detail::checked([&](inkfield_error*) { return library_.api().engine_form(engine_.get(), i, &form); });
      forms.push_back({form.id, form.name, form.source, form.width_mm, form.height_mm, form.field_count});
    }
    return forms;
  }

  /// Why templates were left out; empty in strict mode, which throws instead.
  [[nodiscard]] std::vector<Fault> faults() const {
    std::vector<Fault> faults;
    for (std::uint32_t i = 0; i < library_.api().engine_fault_count(engine_.get()); ++i) {
      auto fault = detail::sized<inkfield_fault>();
      detail::checked([&](inkfield_error*) { return library_.api().engine_fault(engine_.get(), i, &fault); });
      faults.push_back({fault.source, fault.json_pointer, fault.message});
    }
    return faults;
  }

  Document open(const std::string& path) const {
    const auto& files = library_.extension<inkfield_files_api>(INKFIELD_EXT_FILES);
    inkfield_document* document = nullptr;
    detail::checked([&](inkfield_error* error) {
      return files.document_open(engine_.get(), path.c_str(), &document, error);
    });
    return Document(library_, log_, &files, document);
  }
  Document open_memory(const void* bytes, std::size_t bytes_count) const {
    const auto& files = library_.extension<inkfield_files_api>(INKFIELD_EXT_FILES);
    inkfield_document* document = nullptr;
    detail::checked([&](inkfield_error* error) {
      return files.document_open_memory(engine_.get(), bytes, bytes_count, &document, error);
    });
    return Document(library_, log_, &files, document);
  }

 private:
  friend class Session;
  Library library_;
  std::shared_ptr<LogFunction> log_;  // outlives engine_: declared before it
  std::shared_ptr<inkfield_engine> engine_;
};

struct ReadOptions {
  std::string form_id;                 ///< "": chosen among the engine's templates
  std::vector<std::string> field_ids;  ///< empty: all
  std::string correlation_id;
  std::string explain_folder;
  std::string today;  ///< YYYY-MM-DD, for rules such as "no later than today"; "": they are not applied
  int deadline_ms = 0;
  ProgressFunction progress;
};

struct Candidate {
  std::string text;
  double probability = 0;
};

struct Character {
  std::uint32_t codepoint = 0;  ///< 0: an empty box
  double confidence = 0;
  inkfield_quad quad{};
};

struct Field {
  inkfield_field_state state = INKFIELD_FIELD_FAILED;
  inkfield_field_kind kind = INKFIELD_KIND_HANDWRITTEN_NUMBER;
  std::string id;
  std::string text;
  std::string normalized;
  std::string currency;
  std::string raw_text;
  std::string reason;
  double confidence = 0;
  double threshold = 1;
  bool changed_by_rule = false;
  std::string rule;  ///< the rule across fields that changed the answer or sends it to a person; "" if none did
  inkfield_quad quad{};
  std::vector<Candidate> candidates;
  std::vector<Character> characters;
};

/// What became of a rule across fields.
struct Rule {
  inkfield_rule_state state = INKFIELD_RULE_NOT_APPLIED;
  std::string name;
  std::string reason;
  std::vector<std::string> field_ids;
  std::vector<std::string> changed_field_ids;
};

struct PageInfo {
  inkfield_page_state state = INKFIELD_PAGE_UNKNOWN_FORM;
  std::string form_id;
  std::string reason;
  std::string correlation_id;
  std::string model_name;
  double form_confidence = 0;
  double registration_residual_mm = 0;
  double rotation_degrees = 0;
  double scale_px_per_mm = 0;
  inkfield_quad form_quad{};
  std::uint32_t field_count = 0;
  bool needs_review = true;
  std::string contradiction;
};

/// What was read from one page; outlives its session.
class Result {
 public:
  [[nodiscard]] PageInfo page() const {
    auto c = detail::sized<inkfield_page_info>();
    detail::checked([&](inkfield_error*) { return library_.api().result_page(result_.get(), &c); });
    PageInfo page;
    page.state = c.state;
    page.form_id = c.form_id;
    page.reason = c.reason;
    page.correlation_id = c.correlation_id;
    page.model_name = c.model_name;
    page.form_confidence = c.form_confidence;
    page.registration_residual_mm = c.registration_residual_mm;
    page.rotation_degrees = c.rotation_degrees;
    page.scale_px_per_mm = c.scale_px_per_mm;
    page.form_quad = c.form_quad;
    page.field_count = c.field_count;
    page.needs_review = c.needs_review != 0;
    page.contradiction = c.contradiction != nullptr ? c.contradiction : "";  // an older library leaves it out
    return page;
  }

  [[nodiscard]] std::uint32_t field_count() const {
    auto c = detail::sized<inkfield_page_info>();
    detail::checked([&](inkfield_error*) { return library_.api().result_page(result_.get(), &c); });
    return c.field_count;
  }

  /// Throws Error(not_found) past the last.
  Field field(std::uint32_t index) const {
    const inkfield_api& api = library_.api();
    auto c = detail::sized<inkfield_field>();
    detail::checked([&](inkfield_error*) { return api.result_field(result_.get(), index, &c); });
    Field field;
    field.state = c.state;
    field.kind = c.kind;
    field.id = c.id;
    field.text = c.text;
    field.normalized = c.normalized;
    field.currency = c.currency;
    field.raw_text = c.raw_text;
    field.reason = c.reason;
    field.confidence = c.confidence;
    field.threshold = c.threshold;
    field.changed_by_rule = c.changed_by_rule != 0;
    field.rule = c.rule != nullptr ? c.rule : "";  // null: an older library
    field.quad = c.quad;
    for (std::uint32_t i = 0; i < c.candidate_count; ++i) {
      auto candidate = detail::sized<inkfield_candidate>();
      detail::checked(
          [&](inkfield_error*) { return api.result_candidate(result_.get(), index, i, &candidate); });
      field.candidates.push_back({candidate.text, candidate.probability});
    }
    for (std::uint32_t i = 0; i < c.character_count; ++i) {
      auto character = detail::sized<inkfield_character>();
      detail::checked(
          [&](inkfield_error*) { return api.result_character(result_.get(), index, i, &character); });
      field.characters.push_back({character.codepoint, character.confidence, character.quad});
    }
    return field;
  }

  [[nodiscard]] std::vector<Field> fields() const {
    std::vector<Field> fields;
    const std::uint32_t count = field_count();
    fields.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) fields.push_back(field(i));
    return fields;
  }

  /// Empty with a library that knows no rules.
  [[nodiscard]] std::vector<Rule> rules() const {
    std::vector<Rule> rules;
    const inkfield_api& api = library_.api();
    if (!INKFIELD_HAS(&api, result_rule)) return rules;
    auto page = detail::sized<inkfield_page_info>();
    detail::checked([&](inkfield_error*) { return api.result_page(result_.get(), &page); });
    for (std::uint32_t i = 0; i < page.rule_count; ++i) {
      auto c = detail::sized<inkfield_rule>();
      detail::checked([&](inkfield_error*) { return api.result_rule(result_.get(), i, &c); });
      rules.push_back({c.state, c.name, c.reason, detail::lines(c.field_ids), detail::lines(c.changed_field_ids)});
    }
    return rules;
  }

  /// One JSON object under config/schema/result.schema.json, on one line.
  [[nodiscard]] std::string json() const {
    const char* text = library_.api().result_json(result_.get());
    if (text == nullptr) throw Error(INKFIELD_OUT_OF_MEMORY, "no memory for the result's JSON");
    return text;
  }

 private:
  friend class Session;
  Result(Library library, inkfield_result* result)
      : library_(std::move(library)), result_(result, library_.api().result_destroy) {}
  Library library_;
  std::unique_ptr<inkfield_result, void (*)(inkfield_result*)> result_;
};

/// Scratch memory and one OCR object: one call at a time, from any thread.
class Session {
 public:
  explicit Session(const Engine& engine)
      : library_(engine.library_), log_(engine.log_), session_(nullptr, nullptr) {
    inkfield_session* made = nullptr;
    detail::checked(
        [&](inkfield_error* error) { return library_.api().session_create(engine.get(), &made, error); });
    session_ = {made, library_.api().session_destroy};
  }

  Result read_page(const inkfield_image& image, const ReadOptions& options = {}) {
    return read(options,
                [&](const inkfield_read_options& c, inkfield_result** result, inkfield_error* error) {
                  return library_.api().read_page(session_.get(), &image, &c, result, error);
                });
  }

  /// A crop that the host cut, and the field object that says what stands in it (extension
  /// "inkfield.read_field/1").
  Result read_field(const inkfield_image& crop, std::string_view field_json,
                                  const ReadOptions& options = {}) {
    const auto& extension = library_.extension<inkfield_read_field_api>(INKFIELD_EXT_READ_FIELD);
    return read(options,
                [&](const inkfield_read_options& c, inkfield_result** result, inkfield_error* error) {
                  return extension.read_field(session_.get(), &crop, field_json.data(), field_json.size(), &c,
                                              result, error);
                });
  }

 private:
  struct Progress {
    const ProgressFunction* function;
    std::exception_ptr thrown;
  };

  template <class Call>
  Result read(const ReadOptions& options, Call&& call) {
    const std::string fields = detail::joined(options.field_ids);
    Progress progress{&options.progress, nullptr};
    auto c = detail::sized<inkfield_read_options>();
    c.deadline_ms = options.deadline_ms;
    c.form_id = detail::or_null(options.form_id);
    c.field_ids = detail::or_null(fields);
    c.correlation_id = detail::or_null(options.correlation_id);
    c.explain_folder = detail::or_null(options.explain_folder);
    c.today = detail::or_null(options.today);
    if (options.progress) {
      c.progress = [](void* user, double fraction, const char* stage) -> std::int32_t {
        auto* told = static_cast<Progress*>(user);
        try {
          return (*told->function)(fraction, stage) ? 0 : 1;
        } catch (...) {  // carried around the C frames, not through them
          told->thrown = std::current_exception();
          return 1;
        }
      };
      c.progress_user = &progress;
    }
    inkfield_result* result = nullptr;
    try {
      detail::checked([&](inkfield_error* error) { return call(c, &result, error); });
    } catch (const Error&) {
      if (progress.thrown) std::rethrow_exception(progress.thrown);
      throw;
    }
    Result owned(library_, result);
    if (progress.thrown) std::rethrow_exception(progress.thrown);
    return owned;
  }

  Library library_;
  std::shared_ptr<LogFunction> log_;  // the engine that the session keeps alive may still log
  std::unique_ptr<inkfield_session, void (*)(inkfield_session*)> session_;
};

}  // namespace client
}  // namespace inkfield
