// lstat and rename; nothing is opened here.
#include "adapters/hosts/watch_folder/intake.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

bool is_temporary_name(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.front() == '~' || name.back() == '~') return true;
  static constexpr std::array<std::string_view, 9> kEndings = {".tmp",  ".temp",       ".part", ".partial", ".filepart",
                                                               ".swp",  ".crdownload", ".lock", ".download"};
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return lower.ends_with(ending); });
}

Intake::Intake(fs::path watch, fs::path working, std::chrono::milliseconds settle)
    : watch_(std::move(watch)), working_(std::move(working)), settle_(settle) {}

std::optional<Intake::Seen> Intake::look(const fs::path& path, bool* irregular) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  if (irregular != nullptr) *irregular = !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  Seen seen;
  seen.device = status.st_dev;
  seen.inode = status.st_ino;
  seen.size = status.st_size;
  seen.changed_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return seen;
}

std::vector<std::string> Intake::whole_files(Clock::time_point now) {
  std::map<std::string, Seen> waiting;
  std::set<std::string> refused;
  std::vector<std::pair<std::int64_t, std::string>> whole;
  for (const fs::directory_entry& entry : fs::directory_iterator(watch_)) {
    const std::string name = entry.path().filename();
    if (is_temporary_name(name)) continue;
    bool irregular = false;
    std::optional<Seen> seen = look(entry.path(), &irregular);
    if (irregular) {
      if (refused_.count(name) == 0) newly_refused_.push_back(name);
      refused.insert(name);
    }
    if (!seen) continue;
    const auto before = waiting_.find(name);
    seen->since = before != waiting_.end() && before->second.same_file(*seen) ? before->second.since : now;
    if (now - seen->since >= settle_) whole.emplace_back(seen->changed_ns, name);
    waiting.emplace(name, *seen);
  }
  waiting_ = std::move(waiting);
  refused_ = std::move(refused);
  std::sort(whole.begin(), whole.end());
  std::vector<std::string> names;
  names.reserve(whole.size());
  for (auto& [changed, name] : whole) names.push_back(std::move(name));
  return names;
}

std::optional<Clock::time_point> Intake::next_whole_at() const {
  std::optional<Clock::time_point> next;
  for (const auto& [name, seen] : waiting_) {
    const Clock::time_point at = seen.since + settle_;
    if (!next || at < *next) next = at;
  }
  return next;
}

bool Intake::claim(const std::string& name) {
  const auto waiting = waiting_.find(name);
  if (waiting == waiting_.end()) return false;
  const std::optional<Seen> seen = look(watch_ / name, nullptr);
  if (!seen || !seen->same_file(waiting->second)) {
    waiting_.erase(waiting);
    return false;
  }
  const fs::path target = working_ / name;
  struct stat status {};
  if (::lstat(target.c_str(), &status) == 0) {
    waiting_.erase(waiting);  // seen again at the next look
    return false;
  }
  if (::rename((watch_ / name).c_str(), target.c_str()) != 0) {
    const int error = errno;
    waiting_.erase(waiting);
    if (error == ENOENT) return false;
    throw std::system_error(error, std::generic_category(), "cannot be moved into " + working_.string());
  }
  waiting_.erase(waiting);
  return true;
}

std::vector<std::string> Intake::leftovers() const {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(working_)) {
    struct stat status {};
    const std::string name = entry.path().filename();
    if (name.front() != '.' && ::lstat(entry.path().c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Intake::take_refused() { return std::exchange(newly_refused_, {}); }

}  // namespace inkfield::watch_folder
