// Loaded before the C library (LD_PRELOAD): makes one folder's disk full or read-only for as long as a file says so. Tests need neither a disk of
// their own nor the right to mount one, and it works for root, whom no permission holds back.
//
// INKFIELD_FULL_DISK_FOLDER names the folder, INKFIELD_FULL_DISK_SWITCH the file: "full" - writing there fails with ENOSPC; "readonly" - making,
// renaming and removing there fails with EROFS.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool switched_to(const char* what) {
  const char* path = std::getenv("INKFIELD_FULL_DISK_SWITCH");
  if (path == nullptr) return false;
  const auto open_it = real<int (*)(const char*, int, ...)>("open");
  const int fd = open_it(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return false;
  std::array<char, 16> text{};
  const ssize_t n = ::read(fd, text.data(), text.size() - 1);
  ::close(fd);
  return n > 0 && std::strcmp(text.data(), what) == 0;
}

bool in_folder(const char* path) {
  const char* folder = std::getenv("INKFIELD_FULL_DISK_FOLDER");
  return folder != nullptr && path != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool full(int fd) {
  if (std::getenv("INKFIELD_FULL_DISK_FOLDER") == nullptr) return false;
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  if (::readlink(link.data(), path.data(), path.size() - 1) <= 0) return false;
  if (!in_folder(path.data()) || !switched_to("full")) return false;
  errno = ENOSPC;
  return true;
}

bool read_only(const char* path) {
  if (!in_folder(path) || !switched_to("readonly")) return false;
  errno = EROFS;
  return true;
}

}  // namespace

extern "C" {

#define EXPORTED __attribute__((visibility("default")))

EXPORTED ssize_t write(int fd, const void* data, size_t size) {
  return full(fd) ? -1 : real<ssize_t (*)(int, const void*, size_t)>("write")(fd, data, size);
}
EXPORTED ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return full(fd) ? -1 : real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(fd, data, size, at);
}
EXPORTED ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return full(fd) ? -1 : real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(fd, data, size, at);
}
EXPORTED int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && read_only(path)) return -1;
  return real<int (*)(const char*, int, ...)>("open64")(path, flags, mode);
}
EXPORTED int mkdir(const char* path, mode_t mode) { return read_only(path) ? -1 : real<int (*)(const char*, mode_t)>("mkdir")(path, mode); }
EXPORTED int rename(const char* from, const char* to) {
  return read_only(from) || read_only(to) ? -1 : real<int (*)(const char*, const char*)>("rename")(from, to);
}
EXPORTED int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (read_only(from) || read_only(to)) return -1;
  return real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2")(from_folder, from, to_folder, to, flags);
}
EXPORTED int unlink(const char* path) { return read_only(path) ? -1 : real<int (*)(const char*)>("unlink")(path); }
}
