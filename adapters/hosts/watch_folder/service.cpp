// One thread looks and claims, one shows that the service lives, and one for each worker process reads and files.
#include "adapters/hosts/watch_folder/service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <set>
#include <thread>
#include <utility>

#include "adapters/hosts/watch_folder/claims.h"
#include "adapters/hosts/watch_folder/document_way.h"
#include "adapters/hosts/watch_folder/documents/retention.h"
#include "adapters/hosts/watch_folder/filing.h"
#include "adapters/hosts/watch_folder/folder_outputs.h"
#include "adapters/hosts/watch_folder/intake.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

/// How long `once` waits for files that keep changing, or outputs that cannot be written, beyond the settle time.
constexpr std::chrono::seconds kOncePatience{10};
/// A folder whose documents cannot be filed gets no more claims than this.
constexpr std::size_t kMostResting = 16;
/// Of the time, a folder too big to be looked through at once may cost about one part in this many.
constexpr int kLookingShare = 5;

/// What an ended run was writing when it ended. A day old: another service may be writing beside us.
void remove_old_temporaries(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    struct stat status {};
    if (!name.starts_with(".inkfieldd-") || !name.ends_with(".tmp") || ::lstat(entry->path().c_str(), &status) != 0) continue;
    if (std::time(nullptr) - status.st_mtime <= 24 * 60 * 60) continue;
    std::error_code ignored;
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) fs::remove_all(entry->path(), ignored);
  }
}

hosts::Outcome outcome_of(const DocumentReading& reading) {
  switch (reading.outcome.destination) {
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
  Folder(std::size_t place, const FolderSettings& own, const Settings& all, const std::string& owner)
      : number(place), settings(own), claims(own.watch, owner, all.lease),
        intake(own.watch, {all.settle, own.marker, own.subfolders != Subfolders::ignored}) {}
  std::size_t number;
  const FolderSettings& settings;
  Claims claims;
  Intake intake;
  bool pass_open = false;
  bool looked_through = false;  ///< at least once
  Clock::time_point pass_began{}, next_look{}, next_by_event{};
  bool told_of_trouble = false;  ///< the folder cannot be worked in, and the log says so
  std::set<std::string> told_unmovable;
};

Service::Service(std::unique_ptr<Preparation> preparation, Journal& journal, StatusBoard& board, Log log, AuditTrail* audit, ServiceManager* manager)
    : preparation_(std::move(preparation)), journal_(journal), board_(board), log_(std::move(log)), audit_(audit), manager_(manager), queue_([this] { wake_up_.wake(); }) {
  const Settings& settings = preparation_->settings;
  make_folders(settings);
  for (std::size_t i = 0; i < preparation_->folders.size(); ++i) {
    const FolderSettings& folder = preparation_->folders[i].settings;
    preparation_->folders[i].outputs = outputs_of(folder, settings);
    folders_.push_back(std::make_unique<Folder>(i, folder, settings, journal_.owner()));
    for (const char* word : {"done", "review", "failed", "duplicate"}) remove_old_temporaries(folder.folder_for(word));
    if (!wake_up_.watch(folder.watch)) {
      log_(INKFIELD_LOG_WARNING, folder.watch.string() + ": gives no events; it is looked into every " + std::to_string(settings.poll.count()) + " ms");
    }
    log_(INKFIELD_LOG_INFO, folder.watch.string() + ": watched; results go to " + folder.output.string());
  }
}

Service::~Service() = default;

void Service::note(hosts::Outcome outcome) {
  const std::lock_guard lock(status_mutex_);
  status_.note(outcome);
}

void Service::drain() {
  draining_.request_stop();
  wake_up_.wake();
}

void Service::tell_trouble(Folder& folder, const std::string& what) {
  if (std::exchange(folder.told_of_trouble, true)) return;
  const std::string text = folder.settings.watch.string() + ": " + what;
  log_(INKFIELD_LOG_ERROR, text);
  board_.note_error(text);
  board_.note_trouble(folder.settings.name, text);
}

void Service::delete_old() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const std::unique_ptr<Folder>& folder : folders_) {
    if (folder->settings.retention_days == 0) continue;
    const RetentionReport report = delete_old_documents(folder->settings.folder_for("done"), static_cast<int>(folder->settings.retention_days), now);
    for (const std::string& name : report.deleted) {
      if (audit_ != nullptr) audit_->noted("deleted", {{"folder", folder->settings.name}, {"name", name}});
    }
    if (!report.deleted.empty()) {
      log_(INKFIELD_LOG_INFO, folder->settings.name + ": " + std::to_string(report.deleted.size()) + " old files deleted from done/");
    }
    for (const std::string& problem : report.problems) log_(INKFIELD_LOG_WARNING, problem);
  }
}

void Service::beat_and_resume() {
  for (const std::unique_ptr<Folder>& folder : folders_) {
    try {
      folder->claims.beat();
      // Files that an older version left there without a claim.
      for (const fs::directory_entry& entry : fs::directory_iterator(folder->settings.working())) {
        const std::string name = entry.path().filename();
        struct stat status {};
        if (name.front() == '.' || ::lstat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        move_without_replacing(entry.path(), folder->settings.watch / name);
      }
      for (Claim& claim : folder->claims.own()) {
        log_(INKFIELD_LOG_INFO, (claim.name.empty() ? "document " + claim.id : claim.name) + ": taken up again");
        queue_.add({std::move(claim), folder->number, 0, 0});
      }
    } catch (const std::exception& error) {
      tell_trouble(*folder, error.what());
    }
  }
}

void Service::adopt(Clock::time_point now) {
  for (const std::unique_ptr<Folder>& folder : folders_) {
    try {
      for (Claim& claim : folder->claims.adopt(now)) {
        log_(INKFIELD_LOG_WARNING, claim.name + ": taken over from a service that has been silent");
        queue_.add({std::move(claim), folder->number, 0, 0});
      }
    } catch (const std::exception& error) {
      tell_trouble(*folder, error.what());
    }
  }
}

bool Service::room_for(std::size_t folder) const {
  return queue_.counts().waiting < static_cast<std::size_t>(preparation_->settings.workers) && queue_.counts(folder).resting < kMostResting;
}

bool Service::look(Folder& folder, bool happened) {
  const Clock::time_point now = Clock::now();
  if (!folder.pass_open) {
    if (now < folder.next_look && !(happened && now >= folder.next_by_event)) {
      if (happened) folder.next_look = std::min(folder.next_look, folder.next_by_event);
      return false;
    }
    folder.pass_open = true;
    folder.pass_began = now;
  }
  if (folder.intake.look(now)) {
    const Clock::time_point ended = Clock::now();
    folder.pass_open = false;
    folder.looked_through = true;
    folder.next_by_event = ended + (ended - folder.pass_began) * kLookingShare;
    folder.next_look = ended + preparation_->settings.poll;
    if (const auto whole_at = folder.intake.next_whole_at()) folder.next_look = std::min(folder.next_look, *whole_at);
    folder.next_look = std::max(folder.next_look, folder.next_by_event);
  }
  for (const std::string& name : folder.intake.take_refused()) {
    const std::string text = name + ": is no plain file and is left alone";
    log_(INKFIELD_LOG_WARNING, text);
    board_.note_error(text);
  }
  return true;
}

void Service::claim(Folder& folder) {
  while (room_for(folder.number)) {
    const std::optional<std::string> name = folder.intake.next_whole();
    if (!name) return;
    try {
      std::optional<Claim> claim = folder.claims.claim(*name);
      if (!claim) continue;
      if (!folder.settings.marker.empty()) ::unlink((folder.settings.watch / (*name + folder.settings.marker)).c_str());
      folder.told_unmovable.clear();
      queue_.add({std::move(*claim), folder.number, 0, 0});
    } catch (const std::exception& error) {
      note(hosts::Outcome::unreadable);
      if (folder.told_unmovable.size() < 1000 && !folder.told_unmovable.insert(*name).second) continue;
      log_(INKFIELD_LOG_ERROR, *name + ": " + error.what());
      board_.note_error(*name + ": " + error.what());
    }
  }
}

void Service::note_counts() {
  const Clock::time_point now = Clock::now();
  for (const std::unique_ptr<Folder>& folder : folders_) {
    const WorkQueue::Counts counts = queue_.counts(folder->number);
    const auto oldest = folder->intake.oldest_since();
    board_.note_waiting(folder->settings.name, folder->intake.waiting() + counts.waiting + counts.resting, counts.working,
                        oldest ? std::chrono::duration<double>(now - *oldest).count() : 0);
  }
}

void Service::run(std::stop_token stop, bool once) {
  const std::stop_callback wake(stop, [this] { wake_up_.wake(); });
  const Settings& settings = preparation_->settings;
  WayStation station{*preparation_, journal_, board_, queue_, log_, [this](const DocumentReading& reading) { note(outcome_of(reading)); },
                     [this] { note(hosts::Outcome::unreadable); },
                     [this](const DocumentOutcome& outcome, const std::string& word) {
                       if (audit_ != nullptr) audit_->decided(outcome, word);
                     },
                     {}};
  beat_and_resume();
  std::vector<std::unique_ptr<DocumentWay>> ways;
  for (std::int64_t i = 0; i < settings.workers; ++i) {
    auto worker = i == 0 && preparation_->worker ? std::move(preparation_->worker) : std::make_unique<WorkerProcess>(Preparation::limits_of(settings), log_);
    ways.push_back(std::make_unique<DocumentWay>(station, std::move(worker)));
  }
  std::stop_source no_more;
  std::vector<std::jthread> threads;
  for (const std::unique_ptr<DocumentWay>& way : ways) {
    threads.emplace_back([&way, &no_more, &stop] { way->run(no_more.get_token(), stop); });
  }
  threads.emplace_back([this, &no_more, lease = settings.lease] {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any ended;
    while (!ended.wait_for(lock, no_more.get_token(), lease / 6, [&] { return no_more.stop_requested(); })) {
      for (const std::unique_ptr<Folder>& folder : folders_) {
        try {
          folder->claims.beat();
        } catch (const std::exception&) {  // the folder is out of reach: looking into it says so
        }
      }
    }
  });

  const Clock::time_point patience = Clock::now() + settings.settle * 2 + kOncePatience;
  Clock::time_point next_adoption = Clock::now();
  Clock::time_point next_counts = Clock::now();
  Clock::time_point next_retention = Clock::now();
  Clock::time_point next_word = Clock::now();
  const std::optional<milliseconds> watchdog = manager_ == nullptr ? std::nullopt : manager_->watchdog_interval();
  bool happened = true;
  while (!stop.stop_requested() && !draining_.stop_requested()) {
    const Clock::time_point now = Clock::now();
    if (now >= next_adoption) {
      adopt(now);
      next_adoption = now + settings.lease / 4;
    }
    Clock::time_point next = std::min(now + settings.poll, next_adoption);
    if (const auto rested = queue_.wake_rested(now)) next = std::min(next, *rested);
    bool busy = false;
    bool waiting = false;
    bool trouble = false;
    for (const std::unique_ptr<Folder>& folder : folders_) {
      try {
        claim(*folder);
        while (look(*folder, happened)) {
          claim(*folder);
          if (!folder->pass_open || !room_for(folder->number)) break;
        }
        if (std::exchange(folder->told_of_trouble, false)) board_.note_trouble(folder->settings.name, "");
      } catch (const std::exception& error) {
        tell_trouble(*folder, error.what());
        folder->pass_open = false;
        folder->next_look = Clock::now() + settings.poll;
        if (once) note(hosts::Outcome::unreadable);
        trouble = true;
        continue;
      }
      busy = busy || folder->pass_open;
      waiting = waiting || !folder->looked_through || folder->pass_open || folder->intake.next_whole_at().has_value() || folder->intake.has_whole();
      next = std::min(next, folder->next_look);
    }
    if (now >= next_retention) {
      try {
        delete_old();
      } catch (const std::exception& error) {  // the audit trail cannot be written
        log_(INKFIELD_LOG_ERROR, error.what());
      }
      next_retention = now + std::chrono::hours(1);
    }
    if (watchdog && now >= next_word) {
      manager_->alive();
      next_word = now + *watchdog;
    }
    if (watchdog) next = std::min(next, next_word);
    if (now >= next_counts) {
      note_counts();
      next_counts = now + std::chrono::seconds(1);
    }
    if (once) {
      const WorkQueue::Counts counts = queue_.counts();
      const bool out_of_patience = Clock::now() > patience && counts.waiting + counts.working == 0;
      if ((!waiting && counts.all() == 0) || (trouble && counts.all() == 0) || out_of_patience) {
        if (counts.resting > 0) log_(INKFIELD_LOG_WARNING, std::to_string(counts.resting) + " documents could not be filed and are left for the next run");
        if (waiting && !trouble) log_(INKFIELD_LOG_WARNING, "some files are still being written and are left for the next run");
        break;
      }
    }
    // Rounded up, or the last part of a millisecond would be spent in a busy loop. An open pass goes on soon, but lets workers' threads go first.
    auto pause = std::chrono::ceil<milliseconds>(next - Clock::now());
    if (busy) pause = std::min(pause, milliseconds(5));
    happened = pause.count() > 0 && wake_up_.wait(pause);
  }
  no_more.request_stop();
  for (std::jthread& thread : threads) thread.join();
  note_counts();
}

}  // namespace inkfield::watch_folder
