// Poco's SHA-256 over the file in pieces.
#include "adapters/hosts/watch_folder/content_hash.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

std::string content_hash(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1) throw std::system_error(errno, std::generic_category(), "cannot be opened");
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  std::vector<char> buffer(std::size_t{1} << 18);
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      ::close(fd);
      throw std::system_error(error, std::generic_category(), "cannot be read");
    }
    if (n == 0) break;
    engine.update(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string content_hash_of_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  for (const fs::path& file : files) {
    std::string line = file.lexically_relative(folder).string() + '\0';
    try {
      line += content_hash(file);
    } catch (const std::system_error&) {
      line += "unreadable";
    }
    engine.update(line.data(), line.size());
  }
  return Poco::DigestEngine::digestToHex(engine.digest());
}

FileSignature signature_of(const fs::path& file) {
  struct stat status {};
  FileSignature signature;
  if (::lstat(file.c_str(), &status) != 0) return signature;
  signature.device = status.st_dev;
  signature.inode = status.st_ino;
  signature.size = status.st_size;
  signature.changed_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  signature.regular = S_ISREG(status.st_mode);
  return signature;
}

}  // namespace inkfield::watch_folder
