// The work of one service, in memory: what waits for a worker, what a worker has, what rests until it may go again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/hosts/watch_folder/work_source.h"

namespace inkfield::watch_folder {

class WorkQueue : public WorkSource {
 public:
  /// `changed` is called, without the lock, whenever there may be room for more or nothing is left to do.
  explicit WorkQueue(std::function<void()> changed) : changed_(std::move(changed)) {}

  void add(Work work);
  std::optional<Work> take(const std::stop_token& stop) override;
  void finish(const Work& work) override;
  void put_back(Work work, std::chrono::milliseconds rest) override;

  /// Lets go again what has rested long enough; returns when the next one will have.
  std::optional<Clock::time_point> wake_rested(Clock::time_point now);

  struct Counts {
    std::size_t waiting = 0, working = 0, resting = 0;
    [[nodiscard]] std::size_t all() const { return waiting + working + resting; }
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] Counts counts(std::size_t folder) const;

 private:
  struct Resting {
    Work work;
    Clock::time_point until;
  };
  void note(std::size_t folder, std::size_t Counts::*what, std::ptrdiff_t change);

  std::function<void()> changed_;
  mutable std::mutex mutex_;
  std::condition_variable_any there_is_work_;
  std::deque<Work> waiting_;
  std::vector<Resting> resting_;
  Counts counts_;
  std::vector<Counts> by_folder_;
};

}  // namespace inkfield::watch_folder
