// mkdir and rename; a claim's folder is made first, so a claim that was cut short is an empty folder and nothing else.
#include "adapters/hosts/watch_folder/claims.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>
#include <utility>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

constexpr const char* kHeartbeat = "heartbeat";

[[noreturn]] void fail(const fs::path& path, int error) { throw std::system_error(error, std::generic_category(), path.string()); }

void make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) fail(path, errno);
}

bool is_folder(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// The document within a claim's folder; "" if there is none.
std::string document_in(const fs::path& place) {
  std::error_code error;
  for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.front() == '.') continue;
    if (!is_folder(entry->path())) return name;
    std::error_code inner_error;
    for (fs::directory_iterator inner(entry->path(), inner_error), last; !inner_error && inner != last; inner.increment(inner_error)) {
      return name + '/' + inner->path().filename().string();
    }
  }
  return "";
}

/// Claims in an owner's folder. What is no claim is left out; a claim that was cut short is removed if `tidy`.
std::vector<Claim> claims_in(const fs::path& owner, bool tidy) {
  std::vector<Claim> claims;
  std::error_code error;
  for (fs::directory_iterator entry(owner, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_folder(entry->path())) continue;
    Claim claim{entry->path().filename(), entry->path(), document_in(entry->path())};
    std::error_code ignored;
    if (claim.name.empty() && !fs::exists(claim.outcome(), ignored)) {
      if (tidy) Claims::finish(claim);
      continue;
    }
    claims.push_back(std::move(claim));
  }
  if (error && error != std::errc::no_such_file_or_directory) fail(owner, error.value());
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

}  // namespace

std::string random_id() {
  std::random_device device;
  std::array<char, 9> digits{};
  std::string id;
  for (int i = 0; i < 4; ++i) {
    std::snprintf(digits.data(), digits.size(), "%08x", device());
    id += digits.data();
  }
  return id;
}

Claims::Claims(fs::path watch, std::string owner, std::chrono::milliseconds lease)
    : watch_(std::move(watch)), working_(watch_ / ".inkfieldd"), owner_(std::move(owner)), lease_(lease) {}

void Claims::make_own_place() const {
  make_folder(working_);
  make_folder(own_place());
}

std::optional<Claim> Claims::claim(const std::string& name) {
  Claim claim;
  claim.id = random_id();
  claim.place = own_place() / claim.id;
  claim.name = name;
  if (::mkdir(claim.place.c_str(), 0777) != 0) {
    if (errno != ENOENT) fail(claim.place, errno);
    make_own_place();  // another service has cleared it away while this one slept
    if (::mkdir(claim.place.c_str(), 0777) != 0) fail(claim.place, errno);
  }
  const std::string subfolder = claim.subfolder();
  if (!subfolder.empty()) make_folder(claim.place / subfolder);
  if (::rename((watch_ / name).c_str(), claim.document().c_str()) == 0) return claim;
  const int error = errno;
  finish(claim);
  if (error == ENOENT) return std::nullopt;
  throw std::system_error(error, std::generic_category(), "cannot be moved into " + own_place().string());
}

std::vector<Claim> Claims::own() const { return claims_in(own_place(), true); }

bool Claims::holds(const Claim& claim) {
  struct stat status {};
  return ::lstat(claim.document().c_str(), &status) == 0;
}

void Claims::finish(const Claim& claim) {
  // First, so that no claim is ever left that holds pictures and nothing that tells what they are.
  std::error_code unremovable;
  fs::remove_all(claim.pictures(), unremovable);
  ::unlink(claim.outcome().c_str());
  const std::string subfolder = claim.subfolder();
  if (!subfolder.empty()) ::rmdir((claim.place / subfolder).c_str());
  if (::rmdir(claim.place.c_str()) == 0 || errno != ENOTEMPTY) return;
  // Half-written things of a run that was killed, or the subfolder of a document that has been filed: never a document itself.
  std::error_code ignored;
  if (document_in(claim.place).empty()) fs::remove_all(claim.place, ignored);
}

void Claims::beat() {
  const fs::path path = own_place() / kHeartbeat;
  int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd == -1 && errno == ENOENT) {
    make_own_place();
    fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666);
  }
  if (fd == -1) fail(path, errno);
  const int touched = ::futimens(fd, nullptr);
  const int error = errno;
  ::close(fd);
  if (touched != 0) fail(path, error);
}

std::vector<Claim> Claims::adopt(Clock::time_point now) {
  std::vector<Claim> adopted;
  const std::lock_guard lock(mutex_);
  std::map<std::string, Heartbeat> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(working_)) {
    const std::string other = entry.path().filename();
    if (other == owner_ || other.front() == '.' || !is_folder(entry.path())) continue;
    struct stat status {};
    std::int64_t touched_ns = 0;
    if (::lstat((entry.path() / kHeartbeat).c_str(), &status) == 0) {
      touched_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    }
    const auto before = others_.find(other);
    Heartbeat heartbeat{touched_ns, now};
    if (before != others_.end() && before->second.touched_ns == touched_ns) heartbeat.since = before->second.since;
    others.emplace(other, heartbeat);
    if (now - heartbeat.since < lease_) continue;
    make_own_place();
    for (const Claim& claim : claims_in(entry.path(), false)) {
      Claim ours = claim;
      ours.place = own_place() / claim.id;
      if (::rename(claim.place.c_str(), ours.place.c_str()) == 0) adopted.push_back(std::move(ours));
    }
    // Nothing left: the dead owner's place goes, too. Should he wake up, he makes it anew.
    for (const fs::directory_entry& left : fs::directory_iterator(entry.path())) {
      if (is_folder(left.path())) ::rmdir(left.path().c_str());
    }
    ::unlink((entry.path() / kHeartbeat).c_str());
    if (::rmdir(entry.path().c_str()) == 0) others.erase(other);
  }
  others_ = std::move(others);
  return adopted;
}

}  // namespace inkfield::watch_folder
