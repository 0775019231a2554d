// What stands between settings and a running service: templates copied, a worker that has loaded them, and with it the proof that they are good.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/output.h"
#include "adapters/hosts/watch_folder/settings.h"
#include "adapters/hosts/watch_folder/worker_process.h"

namespace inkfield::watch_folder {

struct PreparedFolder {
  FolderSettings settings;
  ReadingSettings reading;
  std::string template_hash;
  std::vector<std::string> forms;
  std::vector<std::unique_ptr<Output>> outputs;  ///< made by the service that runs
};

/// Removes the copies of templates with itself.
class Preparation {
 public:
  /// Whether a template with a fault is left out, with a line in the log, or refused with all the rest.
  enum class Faults { left_out, refused };

  /// `settings` are complete; copies go into `place`, which is made. Throws SettingsError: the plugin cannot be loaded, no usable template, an unknown
  /// form, a bad network, a bad output.
  Preparation(Settings settings, std::filesystem::path place, const Log& log, Faults faults);
  ~Preparation();
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  [[nodiscard]] static WorkerLimits limits_of(const Settings& settings);

  Settings settings;
  std::vector<PreparedFolder> folders;
  std::string model_hash;                  ///< "" if the network is no file
  std::unique_ptr<WorkerProcess> worker;   ///< has loaded everything

 private:
  std::filesystem::path place_;
};

}  // namespace inkfield::watch_folder
