// What the service is doing, as one snapshot: for `inkfieldd status`, for metrics, for health. No field values in it, ever.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

struct FolderStatus {
  std::string name;
  std::uint64_t waiting = 0;     ///< files in the folder that are not taken yet
  std::uint64_t working = 0;     ///< taken, not finished
  std::uint64_t done = 0;        ///< since the start, as the next three
  std::uint64_t review = 0;
  std::uint64_t failed = 0;
  std::uint64_t duplicates = 0;
  double oldest_waiting_s = 0;   ///< 0: nothing waits
  std::uint64_t pages = 0;       ///< of the documents done, for review and failed
};

struct FormStatus {
  std::string form_id;  ///< "": pages of no known form
  std::uint64_t read = 0;  ///< pages since the start; review and failed are among them
  std::uint64_t review = 0;
  std::uint64_t failed = 0;
};

struct ServiceStatus {
  std::string version;
  std::string started_at;  ///< ISO 8601, UTC
  double pages_per_minute = 0;  ///< over the last minutes
  std::vector<FolderStatus> folders;
  std::vector<FormStatus> forms;
  std::vector<std::string> last_errors;  ///< newest last
  std::vector<std::string> troubles;     ///< what stands in the way now (a folder gone, an output that waits); none: healthy
};

}  // namespace inkfield::watch_folder
