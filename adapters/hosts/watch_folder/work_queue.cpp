// A mutex and a condition; resting work is few, so it is looked through.
#include "adapters/hosts/watch_folder/work_queue.h"

#include <algorithm>
#include <utility>

namespace inkfield::watch_folder {

void WorkQueue::note(std::size_t folder, std::size_t Counts::*what, std::ptrdiff_t change) {
  if (by_folder_.size() <= folder) by_folder_.resize(folder + 1);
  counts_.*what += static_cast<std::size_t>(change);
  by_folder_[folder].*what += static_cast<std::size_t>(change);
}

void WorkQueue::add(Work work) {
  {
    const std::lock_guard lock(mutex_);
    note(work.folder, &Counts::waiting, 1);
    waiting_.push_back(std::move(work));
  }
  there_is_work_.notify_one();
}

std::optional<Work> WorkQueue::take(const std::stop_token& stop) {
  std::optional<Work> work;
  {
    std::unique_lock lock(mutex_);
    there_is_work_.wait(lock, stop, [this] { return !waiting_.empty(); });
    if (stop.stop_requested() || waiting_.empty()) return std::nullopt;
    work = std::move(waiting_.front());
    waiting_.pop_front();
    note(work->folder, &Counts::waiting, -1);
    note(work->folder, &Counts::working, 1);
  }
  changed_();
  return work;
}

void WorkQueue::finish(const Work& work) {
  {
    const std::lock_guard lock(mutex_);
    note(work.folder, &Counts::working, -1);
  }
  changed_();
}

void WorkQueue::put_back(Work work, std::chrono::milliseconds rest) {
  {
    const std::lock_guard lock(mutex_);
    note(work.folder, &Counts::working, -1);
    note(work.folder, &Counts::resting, 1);
    resting_.push_back({std::move(work), Clock::now() + rest});
  }
  changed_();
}

std::optional<Clock::time_point> WorkQueue::wake_rested(Clock::time_point now) {
  std::vector<Work> awake;
  std::optional<Clock::time_point> next;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = resting_.begin(); at != resting_.end();) {
      if (at->until > now) {
        next = next ? std::min(*next, at->until) : at->until;
        ++at;
        continue;
      }
      note(at->work.folder, &Counts::resting, -1);
      awake.push_back(std::move(at->work));
      at = resting_.erase(at);
    }
  }
  for (Work& work : awake) add(std::move(work));
  return next;
}

WorkQueue::Counts WorkQueue::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

WorkQueue::Counts WorkQueue::counts(std::size_t folder) const {
  const std::lock_guard lock(mutex_);
  return folder < by_folder_.size() ? by_folder_[folder] : Counts{};
}

}  // namespace inkfield::watch_folder
