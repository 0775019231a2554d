// poll() over an inotify and an eventfd descriptor.
#include "adapters/hosts/watch_folder/wake_up.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>

namespace inkfield::watch_folder {

WakeUp::WakeUp() : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_ == -1) {
    const int error = errno;
    if (events_ != -1) ::close(events_);
    throw std::system_error(error, std::generic_category(), "eventfd");
  }
}

WakeUp::~WakeUp() {
  if (events_ != -1) ::close(events_);
  ::close(wake_);
}

bool WakeUp::watch(const std::filesystem::path& folder) {
  return events_ != -1 &&
         ::inotify_add_watch(events_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) != -1;
}

bool WakeUp::wait(std::chrono::milliseconds longest) {
  std::array<pollfd, 2> descriptors = {pollfd{wake_, POLLIN, 0}, pollfd{events_, POLLIN, 0}};
  const auto timeout = static_cast<int>(std::clamp<std::int64_t>(longest.count(), 0, INT_MAX));
  ::poll(descriptors.data(), events_ == -1 ? 1 : 2, timeout);
  // What happened is found out by looking; the descriptors are only emptied.
  std::array<char, 4096> ignored{};
  bool happened = false;
  while (events_ != -1 && ::read(events_, ignored.data(), ignored.size()) > 0) happened = true;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(wake_, &count, sizeof count);
  return happened;
}

void WakeUp::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(wake_, &one, sizeof one);
}

}  // namespace inkfield::watch_folder
