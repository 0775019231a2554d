// A folder's outputs, besides the file beside the image, from its settings.
#pragma once

#include <memory>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/output.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {

/// Throws SettingsError: an output that is not known, or one of its keys is wrong.
std::vector<std::unique_ptr<Output>> outputs_of(const FolderSettings& folder, const Settings& settings);

}  // namespace inkfield::watch_folder
