// A file without a buffer of the library's: what is asked for goes straight to where it is wanted.
#include "recognizer/engine/model_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"

namespace inkfield::recognizer::onnx {
namespace {

// Tags and lengths are read here; a few of them, and the small messages between them, in one go.
constexpr std::size_t kWindowBytes = 4096;

// Calls `once` again where a signal of the host's cut in.
template <typename Call>
ssize_t undisturbed(const Call& once) {
  ssize_t got = 0;
  do {
    got = once();
  } while (got < 0 && errno == EINTR);
  return got;
}

std::vector<std::uint8_t> read_to_end(const OpenFile& file, const std::string& path) {
  std::vector<std::uint8_t> content;
  std::vector<std::uint8_t> piece(std::size_t{64} << 10U);
  for (;;) {
    const ssize_t got = undisturbed([&] { return ::read(file.descriptor(), piece.data(), piece.size()); });
    if (got < 0)
      throw Error(ErrorKind::io_error,
                  "network file " + path + " cannot be read: " + std::generic_category().message(errno));
    if (got == 0) return content;
    content.insert(content.end(), piece.begin(), piece.begin() + got);
    if (content.size() > kMaxModelBytes) {
      throw Error(ErrorKind::invalid_model, path + ": more than " + std::to_string(kMaxModelBytes) + " bytes");
    }
  }
}

// Of what is no folder.
struct stat facts_of(const OpenFile& file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file.descriptor(), &facts) != 0) {
    throw Error(ErrorKind::io_error,
                "network file " + path + " cannot be read: " + std::generic_category().message(errno));
  }
  if (S_ISDIR(facts.st_mode)) throw Error(ErrorKind::io_error, path + " is a folder, not a network file");
  return facts;
}

}  // namespace

OpenFile::OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    throw Error(ErrorKind::not_found,
                "network file " + path + " cannot be opened: " + std::generic_category().message(errno));
  }
}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ModelBytes::ModelBytes(std::span<const std::uint8_t> bytes)
    : memory_(reinterpret_cast<const char*>(bytes.data())), size_(bytes.size()) {}

ModelBytes ModelBytes::of_file(const std::string& path) {
  ModelBytes bytes;
  bytes.path_ = path;
  bytes.file_ = OpenFile(path);
  const struct stat facts = facts_of(bytes.file_, path);
  if (S_ISREG(facts.st_mode)) {
    bytes.size_ = static_cast<std::size_t>(facts.st_size);
  } else {
    bytes.own_ = read_to_end(bytes.file_, path);
    bytes.memory_ = reinterpret_cast<const char*>(bytes.own_.data());
    bytes.size_ = bytes.own_.size();
  }
  return bytes;
}

void ModelBytes::copy(std::size_t first, std::size_t count, char* to) {
  if (count == 0) return;
  if (memory_ != nullptr) {
    std::memcpy(to, memory_ + first, count);
    return;
  }
  for (std::size_t done = 0; done < count;) {
    const ssize_t got = undisturbed([&] {
      return ::pread(file_.descriptor(), to + done, count - done, static_cast<off_t>(first + done));
    });
    if (got <= 0) {
      throw Error(ErrorKind::io_error,
                  "network file " + path_ + " cannot be read to its end; is it being written? Copy it again");
    }
    done += static_cast<std::size_t>(got);
  }
}

const char* ModelBytes::view(std::size_t first, std::size_t count) {
  if (memory_ != nullptr) return memory_ + first;
  if (first < window_first_ || first + count > window_first_ + window_size_) {
    const std::size_t size = std::min(std::max(count, kWindowBytes), size_ - first);
    if (window_.size() < size) window_.resize(size);
    window_size_ = 0;  // nothing half read is ever taken for read
    copy(first, size, window_.data());
    window_first_ = first;
    window_size_ = size;
  }
  return window_.data() + (first - window_first_);
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  const OpenFile file(path);
  facts_of(file, path);
  return read_to_end(file, path);
}

}  // namespace inkfield::recognizer::onnx
