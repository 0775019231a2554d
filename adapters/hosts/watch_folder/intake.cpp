// opendir, lstat and nothing else: no file is opened here.
#include "adapters/hosts/watch_folder/intake.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

/// Entries looked at in one call: about 2 ms on a local disk.
constexpr std::size_t kPiece = 512;
/// More files than this are not kept in mind at once (150 bytes each); the others follow as these go.
constexpr std::size_t kMostSeen = 300'000;
/// Whole files known beforehand; enough that workers never wait for a pass.
constexpr std::size_t kMostWhole = 2'048;

class Folder {
 public:
  explicit Folder(const fs::path& path) : dir_(::opendir(path.c_str())) {
    if (dir_ == nullptr) throw std::system_error(errno, std::generic_category(), path.string());
  }
  ~Folder() { ::closedir(dir_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  /// Null at the end.
  const dirent* next() { return ::readdir(dir_); }

 private:
  DIR* dir_;
};

}  // namespace

struct Intake::Pass {
  explicit Pass(const fs::path& path) : folder(path) {}
  Folder folder;
  std::vector<std::string> subfolders;  // looked into at the end
};

bool is_temporary_name(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.front() == '~' || name.back() == '~') return true;
  static constexpr std::array<std::string_view, 9> kEndings = {".tmp",  ".temp",       ".part", ".partial", ".filepart",
                                                               ".swp",  ".crdownload", ".lock", ".download"};
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return lower.ends_with(ending); });
}

Intake::Intake(fs::path watch, Rules rules) : watch_(std::move(watch)), rules_(std::move(rules)) {}

Intake::~Intake() = default;

std::optional<Intake::Seen> Intake::look_at(const fs::path& path, bool* irregular) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  if (irregular != nullptr) *irregular = !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  Seen seen;
  seen.inode = status.st_ino;
  seen.size = status.st_size;
  seen.changed_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return seen;
}

void Intake::see(const std::string& name, bool may_be_folder, Clock::time_point now) {
  const fs::path path = watch_ / name;
  bool irregular = false;
  std::optional<Seen> seen = look_at(path, &irregular);
  if (irregular) {
    if (refused_.insert(name).second) newly_refused_.insert(name);
    return;
  }
  if (!seen) {
    struct stat status {};
    if (may_be_folder && rules_.subfolders && ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) pass_->subfolders.push_back(name);
    return;
  }
  if (!rules_.marker.empty()) {
    if (name.ends_with(rules_.marker)) return;
    struct stat marker {};
    if (::lstat((path.string() + rules_.marker).c_str(), &marker) != 0 || !S_ISREG(marker.st_mode)) return;
  }
  seen->since = now;
  seen->pass = pass_number_;
  auto known = seen_.find(name);
  if (known == seen_.end()) {
    if (seen_.size() >= kMostSeen) return;
    known = seen_.emplace(name, *seen).first;
  } else {
    if (known->second.same_file(*seen)) {
      seen->since = known->second.since;
      seen->given = known->second.given;
    }
    known->second = *seen;
  }
  const bool is_whole = now - known->second.since >= rules_.settle;
  if (is_whole && !known->second.given && whole_.size() + piece_.size() < kMostWhole) {
    known->second.given = true;
    piece_.emplace_back(known->second.changed_ns, name);
  }
}

bool Intake::look(Clock::time_point now) {
  if (!pass_) {
    pass_ = std::make_unique<Pass>(watch_);
    ++pass_number_;
  }
  bool ended = false;
  for (std::size_t i = 0; i < kPiece && !ended; ++i) {
    const dirent* entry = pass_->folder.next();
    ended = entry == nullptr;
    if (!ended && !is_temporary_name(entry->d_name)) see(entry->d_name, true, now);
  }
  if (ended) {
    for (const std::string& subfolder : pass_->subfolders) {
      try {
        Folder folder(watch_ / subfolder);
        while (const dirent* entry = folder.next()) {
          if (!is_temporary_name(entry->d_name)) see(subfolder + '/' + entry->d_name, false, now);
        }
      } catch (const std::system_error&) {  // gone, or not for us: the others go on
      }
    }
  }
  std::sort(piece_.begin(), piece_.end());
  for (auto& [changed, name] : piece_) whole_.push_back(std::move(name));
  piece_.clear();
  if (ended) end_pass();
  return ended;
}

void Intake::end_pass() {
  pass_.reset();
  oldest_since_.reset();
  next_whole_at_.reset();
  for (auto at = seen_.begin(); at != seen_.end();) {
    Seen& seen = at->second;
    if (seen.pass != pass_number_) {
      at = seen_.erase(at);
      continue;
    }
    if (!oldest_since_ || seen.since < *oldest_since_) oldest_since_ = seen.since;
    if (!seen.given && (!next_whole_at_ || seen.since + rules_.settle < *next_whole_at_)) next_whole_at_ = seen.since + rules_.settle;
    ++at;
  }
  waiting_count_ = seen_.size();
  std::erase_if(refused_, [&](const std::string& name) {
    struct stat status {};
    return ::lstat((watch_ / name).c_str(), &status) != 0;
  });
}

std::optional<std::string> Intake::next_whole() {
  while (!whole_.empty()) {
    std::string name = std::move(whole_.front());
    whole_.pop_front();
    const auto known = seen_.find(name);
    if (known == seen_.end()) continue;
    const std::optional<Seen> now = look_at(watch_ / name, nullptr);
    const bool same = now && now->same_file(known->second);
    seen_.erase(known);
    if (same) return name;
  }
  return std::nullopt;
}

std::optional<Clock::time_point> Intake::next_whole_at() const { return next_whole_at_; }

std::vector<std::string> Intake::take_refused() {
  std::vector<std::string> refused(newly_refused_.begin(), newly_refused_.end());
  newly_refused_.clear();
  return refused;
}

}  // namespace inkfield::watch_folder
