// The service's status over HTTP on this machine: /health, /metrics, /status. And the other end of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "adapters/hosts/watch_folder/service_status.h"

namespace inkfield::watch_folder {

/// Listens on 127.0.0.1 only, and changes nothing: GET and HEAD are all it knows. Anybody with an account on the machine may
/// ask, which is why no field value is in a status.
class StatusServer {
 public:
  /// Called from the server's own threads, several at a time; must be quick. If it throws, the answer is 500.
  using Snapshot = std::function<ServiceStatus()>;

  /// `port` 0 takes any free one. Throws std::runtime_error naming the port if it is taken.
  StatusServer(std::uint16_t port, Snapshot snapshot);
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

/// Asks a running service on this machine. Throws std::runtime_error: nobody answers at that port, or not within `patience`, or what
/// answers is no inkfieldd.
ServiceStatus fetch_status(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace inkfield::watch_folder
