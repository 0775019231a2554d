// The plugin is loaded in a worker only: a template that takes it down does not take the service along.
#include "adapters/hosts/watch_folder/preparation.h"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "adapters/hosts/common/program_files.h"
#include "adapters/hosts/watch_folder/claims.h"
#include "adapters/hosts/watch_folder/content_hash.h"
#include "adapters/hosts/watch_folder/folder_outputs.h"
#include "adapters/hosts/watch_folder/template_copies.h"

namespace inkfield::watch_folder {

WorkerLimits Preparation::limits_of(const Settings& settings) {
  return {settings.worker_memory_mb << 20, settings.page, static_cast<std::uint32_t>(settings.worker_pages)};
}

Preparation::Preparation(Settings given, std::filesystem::path place, const Log& log, Faults faults)
    : settings(std::move(given)), worker(std::make_unique<WorkerProcess>(limits_of(settings), log)), place_(std::move(place)) {
  std::error_code ignored;
  try {
    // Another preparation's engines, which a worker may still have, must not be taken for these.
    const std::string series = random_id();
    for (std::size_t i = 0; i < settings.folders.size(); ++i) {
      PreparedFolder folder;
      folder.settings = settings.folders[i];
      check_outputs(folder.settings, settings);
      const std::string where = folder.settings.watch.string() + ": ";
      const TemplateCopies copies(folder.settings.templates, place_ / std::to_string(i));
      folder.reading = {series + '/' + std::to_string(i), settings.model, settings.precision, settings.tessdata, settings.languages, copies.paths()};
      folder.template_hash = copies.hash();
      LoadedForms loaded;
      try {
        loaded = worker->configure(folder.reading, [] { return false; });
      } catch (const std::runtime_error& error) {
        throw SettingsError(where + copies.with_known_paths(error.what()));
      }
      for (const std::string& fault : loaded.faults) {
        if (faults == Faults::refused) throw SettingsError(copies.with_known_paths(fault));
        log(INKFIELD_LOG_ERROR, copies.with_known_paths(fault) + " (this template is left out)");
      }
      if (loaded.forms.empty()) throw SettingsError(where + "none of its templates can be used");
      const std::string& form = folder.settings.form;
      if (!form.empty() && std::find(loaded.forms.begin(), loaded.forms.end(), form) == loaded.forms.end()) {
        throw SettingsError(where + "no form \"" + form + "\" among its templates");
      }
      folder.forms = std::move(loaded.forms);
      folders.push_back(std::move(folder));
    }
    const std::filesystem::path model = hosts::model_file(settings.model.empty() ? "open" : settings.model);
    if (std::filesystem::is_regular_file(model, ignored)) model_hash = content_hash(model);
  } catch (...) {
    std::filesystem::remove_all(place_, ignored);
    throw;
  }
}

Preparation::~Preparation() {
  std::error_code ignored;
  std::filesystem::remove_all(place_, ignored);
}

}  // namespace inkfield::watch_folder
