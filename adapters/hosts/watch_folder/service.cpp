// Intake, reading and filing, joined; what goes wrong stays with the document it went wrong with.
#include "adapters/hosts/watch_folder/service.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <set>
#include <utility>

#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/filing.h"

namespace inkfield::watch_folder {

namespace {

/// How long a document rests that could be read but not filed (disk full, folder read-only).
constexpr std::chrono::seconds kRetryFiling{15};
/// How long `once` waits for files that keep changing, beyond the settle time.
constexpr std::chrono::seconds kOncePatience{10};

/// Held as long as the service works in a folder; the system lets go of it when the process ends, however it ends.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& working) {
    const std::filesystem::path path = working / ".lock";
    fd_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd_ == -1) throw SettingsError(path.string() + ": " + std::generic_category().message(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      throw SettingsError(working.parent_path().string() + ": another service works in this folder");
    }
  }
  ~FolderLock() { ::close(fd_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_ = -1;
};

std::string time_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::filesystem::path folder_for(const FolderSettings& settings, Destination destination) {
  switch (destination) {
    case Destination::done:
      return settings.done();
    case Destination::review:
      return settings.review();
    default:
      return settings.failed();
  }
}

hosts::Outcome outcome_of(Destination destination) {
  switch (destination) {
    case Destination::done:
      return hosts::Outcome::accepted;
    case Destination::review:
      return hosts::Outcome::needs_person;
    default:
      return hosts::Outcome::unreadable;
  }
}

}  // namespace

struct Service::Folder {
  Folder(const Settings& all, const FolderSettings& own, const Log& log)
      : settings(own), lock(own.working()), intake(own.watch, own.working(), all.settle), reader(all, own, log) {}
  FolderSettings settings;
  FolderLock lock;
  Intake intake;
  DocumentReader reader;
  std::map<std::string, Clock::time_point> retry_at;  ///< leftovers that could not be filed
  bool told_of_trouble = false;                       ///< the folder cannot be looked into, and the log says so
};

Service::Service(Settings settings, Log log) : settings_(std::move(settings)), log_(std::move(log)) {
  for (const FolderSettings& folder : settings_.folders) {
    folders_.push_back(std::make_unique<Folder>(settings_, folder, log_));
    if (!wake_up_.watch(folder.watch)) {
      log_(INKFIELD_LOG_WARNING, folder.watch.string() + ": gives no events; it is looked into every " +
                                     std::to_string(settings_.poll.count()) + " ms");
    }
    log_(INKFIELD_LOG_INFO, folder.watch.string() + ": watched; results go to " + folder.output.string());
  }
}

Service::~Service() = default;

void Service::run(std::stop_token stop, bool once) {
  const std::stop_callback wake(stop, [this] { wake_up_.wake(); });
  const Clock::time_point patience = Clock::now() + settings_.settle * 2 + kOncePatience;
  while (!stop.stop_requested()) {
    Clock::time_point next = Clock::now() + settings_.poll;
    bool waiting = false;
    for (const std::unique_ptr<Folder>& folder : folders_) {
      try {
        take_leftovers(*folder, stop);
        take_new(*folder, stop);
        folder->told_of_trouble = false;
      } catch (const std::exception& error) {
        if (!std::exchange(folder->told_of_trouble, true)) log_(INKFIELD_LOG_ERROR, folder->settings.watch.string() + ": " + error.what());
        if (once) status_.note(hosts::Outcome::unreadable);
        continue;
      }
      if (const auto whole_at = folder->intake.next_whole_at()) {
        waiting = true;
        next = std::min(next, *whole_at);
      }
    }
    if (once && (!waiting || Clock::now() > patience)) {
      if (waiting) log_(INKFIELD_LOG_WARNING, "some files are still being written and are left for the next run");
      return;
    }
    // Rounded up, or the last part of a millisecond would be spent in a busy loop.
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    if (!stop.stop_requested() && pause.count() > 0) wake_up_.wait(pause);
  }
}

void Service::take_leftovers(Folder& folder, const std::stop_token& stop) {
  const std::vector<std::string> names = folder.intake.leftovers();
  const std::set<std::string> there(names.begin(), names.end());
  std::erase_if(folder.retry_at, [&](const auto& entry) { return there.count(entry.first) == 0; });
  for (const std::string& name : names) {
    if (stop.stop_requested()) return;
    const auto retry = folder.retry_at.find(name);
    if (retry != folder.retry_at.end() && Clock::now() < retry->second) continue;
    log_(INKFIELD_LOG_INFO, name + ": taken up again");
    process(folder, name, stop);
  }
}

void Service::take_new(Folder& folder, const std::stop_token& stop) {
  const std::vector<std::string> names = folder.intake.whole_files(Clock::now());
  for (const std::string& name : folder.intake.take_refused()) {
    log_(INKFIELD_LOG_WARNING, name + ": is no plain file and is left alone");
  }
  for (const std::string& name : names) {
    if (stop.stop_requested()) return;
    try {
      if (folder.intake.claim(name)) process(folder, name, stop);
    } catch (const std::exception& error) {
      log_(INKFIELD_LOG_ERROR, name + ": " + error.what());
      status_.note(hosts::Outcome::unreadable);
    }
  }
}

void Service::process(Folder& folder, const std::string& name, const std::stop_token& stop) {
  const std::filesystem::path document = folder.intake.working_path(name);
  DocumentReading reading;
  std::error_code error;
  // Looked at again here: between finding and taking, a link may have been put in a file's place.
  if (std::filesystem::symlink_status(document, error).type() == std::filesystem::file_type::regular) {
    reading = folder.reader.read(document, name, [&stop] { return stop.stop_requested(); });
    if (reading.interrupted) {
      log_(INKFIELD_LOG_INFO, name + ": left for the next start");
      return;
    }
  } else {
    reading.reasons = {"is no plain file"};
    reading.summary = "no plain file";
  }
  std::string reasons;
  for (const std::string& reason : reading.reasons) reasons += hosts::printable(reason) + '\n';
  try {
    const std::string filed = file_document(document, folder_for(folder.settings, reading.destination), name,
                                            json_of(reading, name, time_now()), reasons);
    folder.retry_at.erase(name);
    status_.note(outcome_of(reading.destination));
    log_(reading.destination == Destination::failed ? INKFIELD_LOG_WARNING : INKFIELD_LOG_INFO,
         name + ": " + reading.summary + ", filed as " + name_of(reading.destination) + '/' + filed);
  } catch (const std::exception& problem) {
    folder.retry_at[name] = Clock::now() + kRetryFiling;
    status_.note(hosts::Outcome::unreadable);
    log_(INKFIELD_LOG_ERROR, name + ": cannot be filed, tried again later: " + problem.what());
  }
}

}  // namespace inkfield::watch_folder
