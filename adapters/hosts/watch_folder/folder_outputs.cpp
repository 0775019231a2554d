// The one place where the service meets the kinds of outputs there are.
#include "adapters/hosts/watch_folder/folder_outputs.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/MapConfiguration.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "adapters/hosts/watch_folder/outputs/make_outputs.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

Poco::AutoPtr<Poco::Util::MapConfiguration> view_of(const FolderSettings& folder) {
  Poco::AutoPtr<Poco::Util::MapConfiguration> view(new Poco::Util::MapConfiguration);
  for (const auto& [key, value] : folder.outputs) view->setString(key, value);
  return view;
}

fs::path base_of(const Settings& settings) { return settings.file.empty() ? fs::current_path() : settings.file.parent_path(); }

[[noreturn]] void refuse(const FolderSettings& folder, const std::exception& error) { throw SettingsError("folder." + folder.name + ": " + error.what()); }

}  // namespace

void check_outputs(const FolderSettings& folder, const Settings& settings) {
  try {
    for (const fs::path& file : output_files(*view_of(folder), base_of(settings))) {
      std::error_code ignored;
      const fs::path place = fs::weakly_canonical(file, ignored);
      for (const FolderSettings& watched : settings.folders) {
        if (std::mismatch(watched.watch.begin(), watched.watch.end(), place.begin(), place.end()).first == watched.watch.end()) {
          throw std::invalid_argument(file.string() + ": this output lies in the watched folder " + watched.watch.string());
        }
      }
    }
  } catch (const std::invalid_argument& error) {
    refuse(folder, error);
  }
}

std::vector<std::unique_ptr<Output>> outputs_of(const FolderSettings& folder, const Settings& settings) {
  try {
    return make_outputs(*view_of(folder), base_of(settings));
  } catch (const std::invalid_argument& error) {
    refuse(folder, error);
  }
}

}  // namespace inkfield::watch_folder
