// Sleeps until something may have happened in a watched folder, the time is over, or the service shall stop.
#pragma once

#include <chrono>
#include <filesystem>

namespace inkfield::watch_folder {

/// inotify is a hint only: shares send no events, so nothing depends on one arriving.
class WakeUp {
 public:
  /// Throws std::system_error if the system gives no descriptor.
  WakeUp();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  /// False if the folder's events cannot be had; it is then seen by looking only.
  bool watch(const std::filesystem::path& folder);
  /// True if something happened in a watched folder.
  bool wait(std::chrono::milliseconds longest);
  /// Ends the wait that runs, or the next one. From any thread.
  void wake();

 private:
  int events_ = -1;
  int wake_ = -1;
};

}  // namespace inkfield::watch_folder
