// By descriptor throughout: what is looked at is what is deleted, whatever happens to the paths meanwhile.
#include "adapters/hosts/watch_folder/documents/retention.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMemory = ".retention";
constexpr std::int64_t kDay_s = 24 * 60 * 60;
/// Clocks are set right by small steps all the time.
constexpr std::int64_t kSmallStep_s = 5 * 60;

/// When the last call was, and since when the clock has run without a jump; seconds since 1970.
struct Memory {
  std::int64_t last = 0;
  std::int64_t steady_since = 0;
};

std::optional<Memory> read_memory(int folder) {
  const int fd = ::openat(folder, kMemory, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1) return std::nullopt;
  std::array<char, 64> text{};
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (n <= 0) return std::nullopt;
  Memory memory;
  const char* end = text.data() + n;
  const auto first = std::from_chars(text.data(), end, memory.last);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, memory.steady_since);
  if (second.ec != std::errc{} || second.ptr == end || *second.ptr != '\n') return std::nullopt;
  return memory;
}

bool write_memory(int folder, const Memory& memory) {
  const std::string text = std::to_string(memory.last) + ' ' + std::to_string(memory.steady_since) + '\n';
  const std::string temporary = std::string(kMemory) + ".tmp";
  ::unlinkat(folder, temporary.c_str(), 0);
  const int fd = ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd == -1) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written && ::renameat(folder, temporary.c_str(), folder, kMemory) == 0;
}

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> names;
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = fd == -1 ? nullptr : ::fdopendir(fd);
  if (listing == nullptr) {
    if (fd != -1) ::close(fd);
    return names;
  }
  while (const dirent* entry = ::readdir(listing)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

RetentionReport delete_old_documents(const fs::path& done, int days, std::chrono::sys_seconds now) {
  RetentionReport report;
  if (days <= 0) return report;
  const int folder = ::open(done.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder == -1) {
    report.problems.push_back(done.string() + ": " + std::generic_category().message(errno));
    return report;
  }
  const std::int64_t time = now.time_since_epoch().count();
  Memory memory = read_memory(folder).value_or(Memory{time, time});
  if (time < memory.last - kSmallStep_s || time > memory.last + kDay_s) memory.steady_since = time;
  memory.last = time;
  // What cannot be remembered cannot be relied on.
  const bool remembered = write_memory(folder, memory);
  if (!remembered) report.problems.push_back((done / kMemory).string() + ": cannot be written, so nothing is deleted");
  report.held_back = !remembered || time < memory.steady_since + kDay_s;
  if (!report.held_back) {
    for (const std::string& name : names_in(folder)) {
      struct stat status {};
      if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) continue;
      // The time of the last change of the file's entry: a rename sets it, and nobody can set it back.
      const std::int64_t since = std::max<std::int64_t>(status.st_mtim.tv_sec, status.st_ctim.tv_sec);
      if (time - since < days * kDay_s) continue;
      if (::unlinkat(folder, name.c_str(), 0) == 0) {
        report.deleted.push_back(name);
      } else {
        report.problems.push_back((done / name).string() + ": " + std::generic_category().message(errno));
      }
    }
  }
  ::close(folder);
  return report;
}

}  // namespace inkfield::watch_folder
