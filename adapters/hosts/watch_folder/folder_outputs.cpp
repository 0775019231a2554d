// The one place where the service meets the kinds of outputs there are.
#include "adapters/hosts/watch_folder/folder_outputs.h"

namespace inkfield::watch_folder {

std::vector<std::unique_ptr<Output>> outputs_of(const FolderSettings& folder, const Settings&) {
  if (!folder.outputs.empty()) {
    throw SettingsError("folder." + folder.name + '.' + folder.outputs.begin()->first + ": this program has no outputs but the file beside the image");
  }
  return {};
}

}  // namespace inkfield::watch_folder
