// Where a worker takes its work from. Today a queue in this process (work_queue.h); a message broker may stand behind it later.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>

#include "adapters/hosts/watch_folder/claims.h"

namespace inkfield::watch_folder {

/// A claimed document on its way.
struct Work {
  Claim claim;
  std::size_t folder = 0;           ///< its place among the watched folders
  int interruptions = 0;            ///< how often the file was changed while it was read
  int rests = 0;                    ///< how often it had to be put back
};

/// Any thread. Work that is taken is either finished or put back; if this process ends before, the claim is still there.
class WorkSource {
 public:
  virtual ~WorkSource() = default;
  /// Waits for work. Nothing once `stop` is requested.
  virtual std::optional<Work> take(const std::stop_token& stop) = 0;
  /// The document is done, or not ours any more.
  virtual void finish(const Work& work) = 0;
  /// It cannot go on now (a disk is full, a database is gone): given out again after the rest.
  virtual void put_back(Work work, std::chrono::milliseconds rest) = 0;
};

}  // namespace inkfield::watch_folder
