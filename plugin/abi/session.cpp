// One call: options in, deadline and cancelling, the pipeline, the log line, the result out.
#include "plugin/abi/session.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "config/template_loader.h"
#include "plugin/abi/boundary.h"
#include "plugin/abi/explain_folder.h"
#include "plugin/abi/pixel_conversion.h"
#include "plugin/abi/result_json.h"

namespace {

using inkfield::Error;
using inkfield::ErrorKind;
using Clock = std::chrono::steady_clock;

/// A host that reads by field definition has a handful of them; more than this is churn.
constexpr std::size_t kMaxCompiledFields = 64;

/// Marks the session as busy: two calls at once would be a crash somewhere far away, so the second is refused
/// here.
class Busy {
 public:
  explicit Busy(std::atomic_flag& flag) : flag_(flag) {
    if (flag_.test_and_set(std::memory_order_acquire)) {
      throw Error(ErrorKind::invalid_argument,
                  "the session is busy with another call; make one session a thread");
    }
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag& flag_;
};

std::vector<std::string> lines_of(const char* text) {
  std::vector<std::string> lines;
  const std::string all = inkfield::abi::or_empty(text);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    if (end > begin) lines.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// What may end a call early: the host's progress function and the deadline.
class Interruption {
 public:
  explicit Interruption(const inkfield_read_options& options) : options_(options) {
    if (options.deadline_ms < 0) throw Error(ErrorKind::invalid_argument, "options.deadline_ms is negative");
    if (options.deadline_ms > 0) deadline_ = Clock::now() + std::chrono::milliseconds(options.deadline_ms);
  }
  void check() const {
    if (deadline_ && Clock::now() >= *deadline_) {
      throw Error(ErrorKind::deadline_exceeded,
                  "the call did not end within " + std::to_string(options_.deadline_ms) + " ms");
    }
    if (options_.progress != nullptr && options_.progress(options_.progress_user, fraction_, stage_) != 0) {
      throw Error(ErrorKind::cancelled, "the host cancelled the call");
    }
  }
  void progress(double fraction, const char* stage) {
    fraction_ = std::clamp(fraction, fraction_, 1.0);  // a bar that runs backwards helps nobody
    stage_ = stage;
    check();
  }

 private:
  const inkfield_read_options& options_;
  std::optional<Clock::time_point> deadline_;
  double fraction_ = 0;
  const char* stage_ = "start";
};

}  // namespace

inkfield_result::inkfield_result(inkfield::page::PageResult read) : page(std::move(read)) {
  const auto lines = [](const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : "\n") + id;
    return text;
  };
  for (const inkfield::page::RuleResult& rule : page.rules) rule_fields.emplace_back(lines(rule.field_ids), lines(rule.changed_field_ids));
}

inkfield_session::inkfield_session(inkfield_engine* of)
    : engine_(of), reader_(of->catalogue, of->field_engines()) {}

template <class Read>
std::unique_ptr<inkfield_result> inkfield_session::run(const char* call, const inkfield_image& image,
                                                       const inkfield_read_options& options, Read&& read) {
  const Busy busy(busy_);
  const Clock::time_point begin = Clock::now();
  Interruption interruption(options);
  inkfield::pipeline::ReadRequest request;
  request.form_id = inkfield::abi::or_empty(options.form_id);
  request.field_ids = lines_of(options.field_ids);
  request.correlation_id = inkfield::abi::or_empty(options.correlation_id);
  request.today = inkfield::abi::or_empty(options.today);
  request.checkpoint = [&] { interruption.check(); };
  request.progress = [&](double fraction, const char* stage) { interruption.progress(fraction, stage); };
  std::optional<inkfield::abi::ExplainFolder> folder;
  if (options.explain_folder != nullptr && *options.explain_folder != '\0') {
    folder.emplace(options.explain_folder);
    request.explain = [&](const std::string& name, const inkfield::page::GrayImage& picture) {
      folder->write(name, picture);
    };
  }
  const std::string prefix = request.correlation_id.empty() ? "" : "[" + request.correlation_id + "] ";
  try {
    interruption.check();
    const inkfield::page::Page page = inkfield::abi::page_from_pixels(image, engine_->max_page_pixels, engine_->catalogue->drop_outs());
    auto result = std::make_unique<inkfield_result>(read(page, request));
    const inkfield::page::PageResult& answer = result->page;
    if (engine_->log.wants(INKFIELD_LOG_INFO)) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
      engine_->log(INKFIELD_LOG_INFO, prefix + call + ": " + inkfield::abi::page_state_name(answer.state) +
                                          " " + answer.form_id + ", " + std::to_string(answer.fields.size()) +
                                          " fields, " + std::to_string(ms) + " ms");
    }
    if (engine_->log.wants(INKFIELD_LOG_DEBUG)) {
      for (const inkfield::page::FieldResult& field : answer.fields) {
        engine_->log(INKFIELD_LOG_DEBUG, prefix + field.id + ": " +
                                             inkfield::abi::field_state_name(field.state) +
                                             (engine_->log.values() ? " \"" + field.text + "\"" : ""));
      }
    }
    return result;
  } catch (const std::exception& e) {
    engine_->log(INKFIELD_LOG_ERROR, prefix + call + ": " + e.what());
    throw;
  }
}

std::unique_ptr<inkfield_result> inkfield_session::read_page(const inkfield_image& image,
                                                             const inkfield_read_options& options) {
  return run("read_page", image, options,
             [&](const inkfield::page::Page& page, const inkfield::pipeline::ReadRequest& request) {
               return reader_.read_page(page, request);
             });
}

std::unique_ptr<inkfield_result> inkfield_session::read_field(const inkfield_image& crop,
                                                              std::string_view field_json,
                                                              const inkfield_read_options& options) {
  return run("read_field", crop, options,
             [&](const inkfield::page::Page& page, const inkfield::pipeline::ReadRequest& request) {
               const inkfield::config::Field& field = compiled_field(field_json);
               engine_->require_engine_of(field.kind);
               return reader_.read_crop(page, field, request);
             });
}

const inkfield::config::Field& inkfield_session::compiled_field(std::string_view json) {
  const auto known =
      std::find_if(fields_.begin(), fields_.end(), [&](const auto& entry) { return entry.first == json; });
  if (known != fields_.end()) {
    fields_.splice(fields_.begin(), fields_, known);
    return fields_.front().second;
  }
  inkfield::config::Loaded<inkfield::config::Field> loaded = inkfield::config::load_field(json, "field_json");
  if (!loaded.ok()) {
    std::string all;
    for (const inkfield::config::Fault& fault : loaded.faults) {
      if (!all.empty()) all += '\n';
      all += fault.source + (fault.json_pointer.empty() ? "" : " at " + fault.json_pointer) + ": " +
             fault.message;
    }
    throw Error(ErrorKind::invalid_template, all);
  }
  if (fields_.size() >= kMaxCompiledFields) fields_.pop_back();
  fields_.emplace_front(std::string(json), std::move(loaded.values.front()));
  return fields_.front().second;
}
