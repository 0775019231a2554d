// The loop that joins the parts: look into the folders, claim what is whole while workers have room, take over what the dead left. Reading and
// filing is done by one thread for each worker process; one bad document or folder never ends anything.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/watch_folder/journal.h"
#include "adapters/hosts/watch_folder/preparation.h"
#include "adapters/hosts/watch_folder/settings.h"
#include "adapters/hosts/watch_folder/status/service_log.h"
#include "adapters/hosts/watch_folder/status/service_manager.h"
#include "adapters/hosts/watch_folder/status_board.h"
#include "adapters/hosts/watch_folder/wake_up.h"
#include "adapters/hosts/watch_folder/work_queue.h"

namespace inkfield::watch_folder {

class Service {
 public:
  /// All but the preparation outlive the service; `audit` and `manager` may be null. Throws SettingsError: a folder that cannot be made, an output that is
  /// something else.
  Service(std::unique_ptr<Preparation> preparation, Journal& journal, StatusBoard& board, Log log, AuditTrail* audit = nullptr,
          ServiceManager* manager = nullptr);
  ~Service();

  /// Works until `stop` is requested, which leaves what is being read for the next start, or drain() is called; with `once`, until nothing is left that
  /// can be taken. Throws nothing that one document or folder causes.
  void run(std::stop_token stop, bool once);
  /// Lets run() return once the documents being read are through. Any thread.
  void drain();

  /// What became of the documents so far. After run().
  [[nodiscard]] const hosts::ExitStatus& status() const { return status_; }
  [[nodiscard]] const Settings& settings() const { return preparation_->settings; }
  /// Gives back what the service was made of, for another. After run().
  std::unique_ptr<Preparation> take_preparation() { return std::move(preparation_); }

 private:
  struct Folder;

  void note(hosts::Outcome outcome);
  void beat_and_resume();
  void adopt(Clock::time_point now);
  bool look(Folder& folder, bool happened);
  void claim(Folder& folder);
  [[nodiscard]] bool room_for(std::size_t folder) const;
  void tell_trouble(Folder& folder, const std::string& what);
  void note_counts();
  void delete_old();

  std::unique_ptr<Preparation> preparation_;
  Journal& journal_;
  StatusBoard& board_;
  Log log_;
  AuditTrail* audit_;
  ServiceManager* manager_;
  WakeUp wake_up_;
  WorkQueue queue_;
  std::vector<std::unique_ptr<Folder>> folders_;
  std::stop_source draining_;
  std::mutex status_mutex_;
  hosts::ExitStatus status_;
};

}  // namespace inkfield::watch_folder
