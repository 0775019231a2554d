// renameat2(RENAME_NOREPLACE) where the file system has it, link and unlink where it has not.
#include "adapters/hosts/watch_folder/filing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

/// Room left in a name of 255 bytes for "-12345" and ".reason.txt".
constexpr std::size_t kLongestName = 235;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw std::system_error(error, std::generic_category(), path.string());
}

class File {
 public:
  File(const fs::path& path, int flags, mode_t mode) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (fd_ == -1) fail(path, errno);
  }
  ~File() {
    if (fd_ != -1) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

  void write(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t n = ::write(fd_, data, size);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, errno);
      data += n;
      size -= static_cast<std::size_t>(n);
    }
  }
  /// Flushed to disk and closed, errors told.
  void finish() {
    if (::fsync(fd_) != 0) fail(path_, errno);
    const int closed = ::close(fd_);
    fd_ = -1;
    if (closed != 0) fail(path_, errno);
  }

 private:
  fs::path path_;
  int fd_;
};

/// Makes names in a folder durable. File systems that cannot do it are believed to do it by themselves.
void flush_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) return;
  ::fsync(fd);
  ::close(fd);
}

bool is_taken(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

/// A hidden name in `folder` that intake never takes and nobody else uses.
fs::path temporary_in(const fs::path& folder) {
  static std::atomic<unsigned> count{0};
  return folder / (".inkfieldd-" + std::to_string(::getpid()) + '-' + std::to_string(++count) + ".tmp");
}

/// Removes a temporary file unless it has got its name.
struct Temporary {
  fs::path path;
  ~Temporary() { ::unlink(path.c_str()); }
};

/// Within one file system. False if `to` exists; throws EXDEV for two.
bool rename_without_replacing(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) fail(to, errno);
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
    return true;
  }
  if (errno == EEXIST) return false;
  if (errno == EXDEV) fail(to, errno);
  // No hard links either, as on some shares: an empty file of ours holds the name, and is then replaced.
  const int placeholder = ::open(to.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (placeholder == -1) {
    if (errno == EEXIST) return false;
    fail(to, errno);
  }
  ::close(placeholder);
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    ::unlink(to.c_str());
    fail(to, error);
  }
  return true;
}

void copy_contents(const fs::path& from, const fs::path& to) {
  const File in(from, O_RDONLY | O_NOFOLLOW, 0);
  struct stat status {};
  if (::fstat(in.fd(), &status) != 0) fail(from, errno);
  File out(to, O_CREAT | O_EXCL | O_WRONLY, status.st_mode & 0777u);
  std::array<char, 1 << 16> buffer{};
  for (;;) {
    const ssize_t n = ::read(in.fd(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(from, errno);
    if (n == 0) break;
    out.write(buffer.data(), static_cast<std::size_t>(n));
  }
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  ::futimens(out.fd(), times.data());
  out.finish();
}

}  // namespace

std::string numbered_name(const std::string& name, int number) {
  std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name.size() - dot > 16) dot = name.size();
  std::string stem = name.substr(0, dot);
  const std::string ending = name.substr(dot);
  if (stem.size() + ending.size() > kLongestName) {
    std::size_t cut = kLongestName - ending.size();
    while (cut > 0 && (static_cast<unsigned char>(stem[cut]) & 0xC0u) == 0x80u) --cut;
    stem.resize(cut);
  }
  if (number > 1) stem.append("-").append(std::to_string(number));
  return stem + ending;
}

bool move_without_replacing(const fs::path& from, const fs::path& to) {
  try {
    if (!rename_without_replacing(from, to)) return false;
  } catch (const std::system_error& error) {
    if (error.code().value() != EXDEV) throw;
    const Temporary copy{temporary_in(to.parent_path())};
    copy_contents(from, copy.path);
    if (!rename_without_replacing(copy.path, to)) return false;
    if (::unlink(from.c_str()) != 0) fail(from, errno);
  }
  flush_folder(to.parent_path());
  return true;
}

bool write_without_replacing(const fs::path& path, const std::string& text) {
  const Temporary temporary{temporary_in(path.parent_path())};
  File out(temporary.path, O_CREAT | O_EXCL | O_WRONLY, 0666);
  out.write(text.data(), text.size());
  out.finish();
  if (!rename_without_replacing(temporary.path, path)) return false;
  flush_folder(path.parent_path());
  return true;
}

std::string file_document(const fs::path& document, const fs::path& folder, const std::string& name,
                          const std::string& result_json, const std::string& reasons) {
  constexpr int kMostNumbers = 99'999;
  for (int number = 1; number <= kMostNumbers; ++number) {
    const std::string filed = numbered_name(name, number);
    const fs::path target = folder / filed;
    const fs::path result = folder / (filed + ".json");
    const fs::path reason = folder / (filed + ".reason.txt");
    if (is_taken(target) || is_taken(result) || is_taken(reason)) continue;
    if (!write_without_replacing(result, result_json)) continue;
    bool reason_is_ours = false;
    const auto take_back = [&] {
      ::unlink(result.c_str());
      if (reason_is_ours) ::unlink(reason.c_str());
    };
    try {
      if (!reasons.empty()) reason_is_ours = write_without_replacing(reason, reasons);
      if ((reasons.empty() || reason_is_ours) && move_without_replacing(document, target)) return filed;
    } catch (...) {
      take_back();
      throw;
    }
    take_back();  // somebody else took one of the names meanwhile
  }
  throw std::system_error(EEXIST, std::generic_category(), (folder / name).string());
}

}  // namespace inkfield::watch_folder
