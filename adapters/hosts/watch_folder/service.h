// The loop: look into the folders, take what is whole, read it, file it. One thread; one bad document never ends it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/watch_folder/document_reading.h"
#include "adapters/hosts/watch_folder/intake.h"
#include "adapters/hosts/watch_folder/settings.h"
#include "adapters/hosts/watch_folder/wake_up.h"

namespace inkfield::watch_folder {

class Service {
 public:
  using Log = DocumentReader::Log;

  /// Loads plugin, templates and network for every folder. Throws SettingsError, also when another service has one of the
  /// folders.
  Service(Settings settings, Log log);
  ~Service();

  /// Works until `stop` is requested; with `once`, until nothing is left that can be taken. Throws nothing that one document
  /// or folder causes.
  void run(std::stop_token stop, bool once);

  /// What became of the documents so far.
  [[nodiscard]] const hosts::ExitStatus& status() const { return status_; }

 private:
  struct Folder;

  void take_leftovers(Folder& folder, const std::stop_token& stop);
  void take_new(Folder& folder, const std::stop_token& stop);
  void process(Folder& folder, const std::string& name, const std::stop_token& stop);

  Settings settings_;
  Log log_;
  WakeUp wake_up_;
  std::vector<std::unique_ptr<Folder>> folders_;
  hosts::ExitStatus status_;
};

}  // namespace inkfield::watch_folder
