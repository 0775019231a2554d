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

#include "adapters/hosts/watch_folder/content_hash.h"

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

constexpr int kMostNumbers = 99'999;

bool begins_with(const fs::path& path, const std::string& text) {
  if (text.empty()) return false;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1) return false;
  std::string bytes(text.size(), '\0');
  const ssize_t n = ::pread(fd, bytes.data(), bytes.size(), 0);
  ::close(fd);
  return n == static_cast<ssize_t>(text.size()) && bytes == text;
}

/// Makes a folder that somebody has removed.
void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw std::system_error(error, folder.string());
}

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

/// The same for a folder.
struct TemporaryFolder {
  fs::path path;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
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

/// As for files; where the system cannot hold a name, a folder that is not empty still replaces nothing.
bool rename_folder_without_replacing(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) fail(to, errno);
  if (is_taken(to)) return false;
  if (::rename(from.c_str(), to.c_str()) != 0) fail(to, errno);
  return true;
}

/// Another folder with the same plain files, there by one rename. The first stays, so that this can be done again. False if `to` exists.
bool place_folder(const fs::path& from, const fs::path& to) {
  const TemporaryFolder copy{temporary_in(to.parent_path())};
  if (::mkdir(copy.path.c_str(), 0777) != 0) fail(copy.path, errno);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const fs::path target = copy.path / entry.path().filename();
    // A second name costs nothing; another file system, or one that has no second names, gets a copy.
    if (::link(entry.path().c_str(), target.c_str()) != 0) copy_contents(entry.path(), target);
  }
  flush_folder(copy.path);
  if (!rename_folder_without_replacing(copy.path, to)) return false;
  flush_folder(to.parent_path());
  return true;
}

}  // namespace

bool is_disk_full(const std::error_code& error) { return error == std::errc::no_space_on_device || error.value() == EDQUOT; }

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

void write_replacing(const fs::path& path, const std::string& text) {
  const Temporary temporary{temporary_in(path.parent_path())};
  File out(temporary.path, O_CREAT | O_EXCL | O_WRONLY, 0666);
  out.write(text.data(), text.size());
  out.finish();
  if (::rename(temporary.path.c_str(), path.c_str()) != 0) fail(path, errno);
  flush_folder(path.parent_path());
}

std::string file_document(const Filing& filing) {
  make_folders(filing.folder);
  for (int number = 1; number <= kMostNumbers; ++number) {
    const std::string filed = numbered_name(filing.name, number);
    const fs::path target = filing.folder / filed;
    const fs::path result = filing.folder / (filed + ".json");
    const fs::path reason = filing.folder / (filed + ".reason.txt");
    const fs::path pictures = filing.folder / (filed + ".pictures");
    bool reason_is_ours = false;
    bool pictures_are_ours = false;
    const bool begun = begins_with(result, filing.result_beginning);
    if (!begun) {
      if (is_taken(target) || is_taken(result) || is_taken(reason) || is_taken(pictures)) continue;
      if (!write_without_replacing(result, filing.result_json)) continue;
    }
    // Killed between the copy to another file system and the removal: the copy is whole, or it would have no name.
    if (begun && signature_of(target).regular && content_hash(target) == content_hash(filing.document)) {
      if (::unlink(filing.document.c_str()) != 0) fail(filing.document, errno);
      return filed;
    }
    const auto take_back = [&] {
      if (!is_taken(filing.document)) return;  // somebody who took over the claim needs what is there
      ::unlink(result.c_str());
      if (reason_is_ours) ::unlink(reason.c_str());
      std::error_code ignored;
      if (pictures_are_ours) fs::remove_all(pictures, ignored);
    };
    try {
      if (!filing.reasons.empty()) {
        reason_is_ours = write_without_replacing(reason, filing.reasons);
        if (!reason_is_ours && !begun) {
          take_back();
          continue;
        }
      }
      if (!filing.pictures.empty() && fs::is_directory(fs::symlink_status(filing.pictures))) {
        bool lost = false;
        try {
          pictures_are_ours = place_folder(filing.pictures, pictures);
        } catch (const std::system_error& error) {
          if (is_disk_full(error.code())) throw;
          lost = true;
          if (filing.pictures_lost) filing.pictures_lost(error.what());
        }
        if (!pictures_are_ours && !lost && !begun) {
          take_back();
          continue;
        }
      }
      if (move_without_replacing(filing.document, target)) return filed;
    } catch (...) {
      if (!begun) take_back();
      throw;
    }
    take_back();  // somebody else took one of the names meanwhile
  }
  throw std::system_error(EEXIST, std::generic_category(), (filing.folder / filing.name).string());
}

std::string filed_name(const Filing& filing) {
  for (int number = 1; number <= kMostNumbers; ++number) {
    const std::string filed = numbered_name(filing.name, number);
    const fs::path result = filing.folder / (filed + ".json");
    if (begins_with(result, filing.result_beginning)) return filed;
    if (!is_taken(result) && !is_taken(filing.folder / filed)) return "";
  }
  return "";
}

}  // namespace inkfield::watch_folder
