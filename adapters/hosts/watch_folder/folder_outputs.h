// A folder's outputs, besides the file beside the image, from its settings.
#pragma once

#include <memory>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/output.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {

/// Looks at no file. Throws SettingsError: an output that is not known, one of its keys is wrong, or its file lies in a watched folder.
void check_outputs(const FolderSettings& folder, const Settings& settings);

/// Throws SettingsError, also when a file holds something else than this output's.
std::vector<std::unique_ptr<Output>> outputs_of(const FolderSettings& folder, const Settings& settings);

}  // namespace inkfield::watch_folder
