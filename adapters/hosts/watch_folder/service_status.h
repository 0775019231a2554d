// What the service is doing, as a value: operators see it, and nothing in it tells what stands on a page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

struct FolderStatus {
  std::string name;
  std::uint64_t waiting = 0;  ///< in the watched folder, or claimed and not begun
  std::uint64_t working = 0;  ///< being read or filed
  std::uint64_t done = 0, review = 0, failed = 0, duplicates = 0;  ///< since the service started
  double oldest_waiting_s = 0;
};

/// Pages, since the service started.
struct FormStatus {
  std::string form_id;
  std::uint64_t read = 0, review = 0, failed = 0;
};

struct ServiceStatus {
  std::vector<FolderStatus> folders;
  std::vector<FormStatus> forms;
  double pages_per_minute = 0;           ///< over the last five minutes
  std::vector<std::string> last_errors;  ///< newest last
  std::string started_at, version;
};

}  // namespace inkfield::watch_folder
