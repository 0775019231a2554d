// Tells systemd how the service is, by the protocol of sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names.
// A few lines of our own, so that the service needs no libsystemd and runs the same where there is no systemd.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace inkfield::watch_folder {

class ServiceManager {
 public:
  /// Takes NOTIFY_SOCKET and WATCHDOG_USEC (if WATCHDOG_PID is this process or not given) from the environment. To be made before
  /// threads and workers start: call forget_environment() then, so that children do not speak for the service.
  ServiceManager();
  static void forget_environment();

  /// Everything is loaded, the folders are watched.
  bool ready() const { return tell("READY=1"); }
  /// The configuration is being read again; ready() ends it.
  bool reloading() const;
  bool stopping() const { return tell("STOPPING=1"); }
  /// A line for `systemctl status`; no field values.
  bool status(const std::string& line) const;
  /// Still alive; to be called at least as often as watchdog_interval() says, by the thread that does the work.
  bool alive() const { return tell("WATCHDOG=1"); }

  /// Half of what the unit allows; nothing if no watchdog is asked for.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval() const { return watchdog_; }

 private:
  /// False if there is nobody to tell or it cannot be told; never an error: the service works on.
  bool tell(const std::string& message) const;

  std::string socket_;
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace inkfield::watch_folder
