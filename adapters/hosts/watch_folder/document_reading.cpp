// The plugin does the work; here its answers become a destination and reasons.
#include "adapters/hosts/watch_folder/document_reading.h"

#include <utility>

#include "adapters/hosts/common/local_day.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/program_files.h"

namespace inkfield::watch_folder {

namespace {

Engine make_engine(const Settings& settings, const FolderSettings& folder, const DocumentReader::Log& log) {
  EngineOptions options;
  options.template_paths = folder.templates;
  if (!settings.model.empty()) options.model_path = hosts::model_file(settings.model);
  options.precision = hosts::precision_named(settings.precision);
  options.tessdata_folder = settings.tessdata;
  options.languages = settings.languages;
  options.log = log;
  try {
    Engine engine(Library::load(find_library()), options);
    for (const Fault& fault : engine.faults()) {
      log(INKFIELD_LOG_ERROR, fault.source + ": " + (fault.json_pointer.empty() ? "" : fault.json_pointer + ": ") +
                                  fault.message + " (this template is left out)");
    }
    const std::vector<FormInfo> forms = engine.forms();
    if (forms.empty()) throw SettingsError(folder.watch.string() + ": none of its templates can be used");
    bool known = folder.form.empty();
    for (const FormInfo& form : forms) known = known || form.id == folder.form;
    if (!known) throw SettingsError(folder.watch.string() + ": no form \"" + folder.form + "\" among its templates");
    return engine;
  } catch (const Error& error) {
    throw SettingsError(folder.watch.string() + ": " + error.what());
  }
}

Session make_session(const Engine& engine) {
  try {
    return Session(engine);
  } catch (const Error& error) {
    throw SettingsError(error.what());
  }
}

void add_reasons(const hosts::PageRecord& record, std::vector<std::string>& reasons) {
  const std::string place = record.pages > 1 ? "page " + std::to_string(record.page) + ": " : "";
  if (!record.result) {
    reasons.push_back(place + record.error);
    return;
  }
  const PageInfo page = record.result->page();
  if (page.state != INKFIELD_PAGE_READ) {
    reasons.push_back(place + hosts::name_of_page_state(page.state) + (page.reason.empty() ? "" : ": " + page.reason));
  } else if (!page.reason.empty()) {
    reasons.push_back(place + page.reason);
  }
  for (const Field& field : record.result->fields()) {
    if (field.state == INKFIELD_FIELD_REVIEW || field.state == INKFIELD_FIELD_FAILED) {
      reasons.push_back(place + "field " + field.id + ": " + (field.reason.empty() ? "needs a person" : field.reason));
    }
  }
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace

const char* name_of(Destination destination) {
  switch (destination) {
    case Destination::done:
      return "done";
    case Destination::review:
      return "review";
    default:
      return "failed";
  }
}

DocumentReader::DocumentReader(const Settings& settings, const FolderSettings& folder, const Log& log)
    : engine_(make_engine(settings, folder, log)), session_(make_session(engine_)), form_(folder.form) {}

DocumentReading DocumentReader::read(const std::string& path, const std::string& name,
                                     const std::function<bool()>& stopping) {
  DocumentReading reading;
  reading.destination = Destination::done;
  std::size_t unreadable = 0;
  std::size_t for_review = 0;
  try {
    const auto options = [&](std::uint32_t page, std::uint32_t) {
      ReadOptions read;
      read.form_id = form_;
      read.today = hosts::local_day();
      read.correlation_id = hosts::printable(name) + '#' + std::to_string(page);
      read.progress = [&](double, const char*) { return !stopping(); };
      return read;
    };
    hosts::read_pages(session_, name, path, [&] { return engine_.open(path); }, options, [&](hosts::PageRecord record) {
      if (stopping()) {
        reading.interrupted = true;
        return false;
      }
      switch (hosts::outcome_of(record)) {
        case hosts::Outcome::accepted:
          break;
        case hosts::Outcome::needs_person:
          ++for_review;
          if (reading.destination == Destination::done) reading.destination = Destination::review;
          break;
        default:
          ++unreadable;
          reading.destination = Destination::failed;
          break;
      }
      if (hosts::outcome_of(record) != hosts::Outcome::accepted) add_reasons(record, reading.reasons);
      reading.pages.push_back(hosts::json_of(record));
      return true;
    });
  } catch (const std::exception& error) {
    reading.destination = Destination::failed;
    reading.reasons.push_back(error.what());
    ++unreadable;
  }
  reading.summary = counted(reading.pages.size(), "page");
  if (for_review > 0) reading.summary += ", " + std::to_string(for_review) + " for a person";
  if (unreadable > 0) reading.summary += ", " + std::to_string(unreadable) + " unreadable";
  return reading;
}

std::string json_of(const DocumentReading& reading, const std::string& name, const std::string& read_at) {
  std::string json = "{\"file\":" + hosts::json_string(name) + ",\"outcome\":\"" + name_of(reading.destination) +
                     "\",\"read_at\":" + hosts::json_string(read_at) + ",\"reasons\":[";
  for (std::size_t i = 0; i < reading.reasons.size(); ++i) {
    json += (i == 0 ? "" : ",") + hosts::json_string(reading.reasons[i]);
  }
  json += "],\"pages\":[";
  for (std::size_t i = 0; i < reading.pages.size(); ++i) json += (i == 0 ? "\n" : ",\n") + reading.pages[i];
  return json + (reading.pages.empty() ? "]}\n" : "\n]}\n");
}

}  // namespace inkfield::watch_folder
