// Where every part of the service notes what happens; a snapshot of it is what operators see.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/hosts/watch_folder/document_reading.h"
#include "adapters/hosts/watch_folder/service_status.h"

namespace inkfield::watch_folder {

/// Any thread.
class StatusBoard {
 public:
  StatusBoard();
  /// A document has been filed.
  void note_filed(const std::string& folder, const DocumentReading& reading);
  /// Pages have been read just now.
  void note_pages(std::uint64_t pages);
  void note_waiting(const std::string& folder, std::uint64_t waiting, std::uint64_t working, double oldest_waiting_s);
  void note_error(const std::string& text);
  /// What stands in the way now at a place; "" once nothing does any more.
  void note_trouble(const std::string& place, const std::string& text);
  void note_version(const std::string& version);
  [[nodiscard]] ServiceStatus snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, FolderStatus> folders_;
  std::map<std::string, FormStatus> forms_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> pages_;
  std::deque<std::string> errors_;
  std::map<std::string, std::string> troubles_;
  std::string started_at_, version_;
  std::chrono::steady_clock::time_point started_;
};

/// Now, in UTC: "2024-05-01T08:30:00Z".
std::string time_now_text();

}  // namespace inkfield::watch_folder
