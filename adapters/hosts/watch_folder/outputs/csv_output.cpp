// The order of a delivery: rows to the file, file flushed, line to the journal, journal flushed. Only then is the document in.
#include "adapters/hosts/watch_folder/outputs/csv_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

/// "LENGTH BYTES SUM KEY LINESUM\n": 20, 10, 8, 32 and 8 characters. All lines are as long, so a torn one is seen at once.
constexpr std::size_t kLineBytes = 20 + 1 + 10 + 1 + 8 + 1 + 32 + 1 + 8 + 1;
constexpr std::size_t kSummedBytes = kLineBytes - 9;
/// Another writer needs milliseconds; one that holds the file longer hangs on a dead disk.
constexpr std::chrono::seconds kLongestWait{10};

/// Something at the file's place that this output did not write.
class ForeignFile : public OutputUnavailable {
  using OutputUnavailable::OutputUnavailable;
};

[[noreturn]] void unavailable(const fs::path& path, int error) {
  throw OutputUnavailable(path.string() + ": " + std::generic_category().message(error));
}

std::uint32_t sum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

class Opened {
 public:
  Opened(fs::path path, int flags) : path_(std::move(path)), fd_(::open(path_.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640)) {
    if (fd_ == -1) unavailable(path_, errno);
    struct stat status {};
    if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd_);
      throw OutputUnavailable(path_.string() + ": is no plain file");
    }
  }
  ~Opened() { ::close(fd_); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] struct stat status() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) unavailable(path_, errno);
    return status;
  }

  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(status().st_size); }

  [[nodiscard]] std::string bytes(std::uint64_t from, std::uint64_t count) const {
    std::string data(count, '\0');
    std::size_t done = 0;
    while (done < data.size()) {
      const ssize_t n = ::pread(fd_, data.data() + done, data.size() - done, static_cast<off_t>(from + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) unavailable(path_, errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    data.resize(done);
    return data;
  }

  /// Writes at `at` and flushes. On failure the file is cut back to `at`, so that nothing half stays even if we end here.
  void add(std::uint64_t at, std::string_view data) const {
    const auto give_up = [&](int error) {
      [[maybe_unused]] const int ignored = ::ftruncate(fd_, static_cast<off_t>(at));
      unavailable(path_, error);
    };
    std::size_t done = 0;
    while (done < data.size()) {
      const ssize_t n = ::pwrite(fd_, data.data() + done, data.size() - done, static_cast<off_t>(at + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) give_up(errno);
      done += static_cast<std::size_t>(n);
    }
    if (::fsync(fd_) != 0) give_up(errno);
  }

  void cut(std::uint64_t length) const {
    if (::ftruncate(fd_, static_cast<off_t>(length)) != 0 || ::fsync(fd_) != 0) unavailable(path_, errno);
  }

 private:
  fs::path path_;
  int fd_;
};

void flush_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

/// The journal, opened and locked; whoever holds it may write to both files.
struct CsvOutput::Held {
  explicit Held(const fs::path& path) : journal(path, O_RDWR | O_CREAT) {
    const auto end = std::chrono::steady_clock::now() + kLongestWait;
    while (::flock(journal.fd(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) unavailable(path, errno);
      if (std::chrono::steady_clock::now() > end) throw OutputUnavailable(path.string() + ": is held by another process");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    struct stat there {};
    const struct stat held = journal.status();
    if (::lstat(path.c_str(), &there) != 0 || there.st_ino != held.st_ino || there.st_dev != held.st_dev) {
      throw OutputUnavailable(path.string() + ": was taken away just now");
    }
    inode = held.st_ino;
  }
  Opened journal;
  std::uint64_t inode = 0;
};

CsvOutput::CsvOutput(fs::path file, CsvLayout layout)
    : file_(std::move(file)), journal_(file_.string() + ".journal"), layout_(std::move(layout)), header_(csv_header(layout_)) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file_, error))) return;
  try {
    if (!fs::exists(fs::symlink_status(journal_, error))) {
      // Only looked at: a journal made beside somebody else's file would be litter.
      const Opened csv(file_, O_RDONLY);
      check_beginning(csv.size(), csv.bytes(0, std::min<std::uint64_t>(csv.size(), header_.size())));
      return;
    }
    Held held(journal_);
    take_over_journal(held);
    make_whole(held);
  } catch (const ForeignFile& foreign) {
    throw std::invalid_argument(foreign.what());
  } catch (const OutputUnavailable&) {
    // Told when a document is to be delivered; until then it may have been mended.
  }
}

CsvOutput::Key CsvOutput::key_of(const std::string& id) {
  Poco::SHA1Engine engine;
  engine.update(id);
  const Poco::DigestEngine::Digest& digest = engine.digest();
  Key key;
  for (std::size_t i = 0; i < 8; ++i) {
    key.high = key.high << 8 | digest[i];
    key.low = key.low << 8 | digest[8 + i];
  }
  return key;
}

/// Reads the lines that came since the last look, by us or by others, and cuts off a torn one.
void CsvOutput::take_over_journal(Held& held) {
  const std::uint64_t size = held.journal.size();
  if (held.inode != journal_inode_ || size < journal_read_) {
    journal_inode_ = held.inode;
    journal_read_ = length_ = last_bytes_ = 0;
    delivered_.clear();
  }
  const std::string text = held.journal.bytes(journal_read_, size - journal_read_);
  std::size_t at = 0;
  while (text.size() - at >= kLineBytes) {
    const std::string line = text.substr(at, kLineBytes);
    std::uint64_t length = 0;
    std::uint64_t added = 0;
    std::uint32_t sum = 0;
    std::uint32_t line_sum = 0;
    Key key;
    const int found = std::sscanf(line.c_str(), "%20" SCNu64 " %10" SCNu64 " %8" SCNx32 " %16" SCNx64 "%16" SCNx64 " %8" SCNx32,
                                  &length, &added, &sum, &key.high, &key.low, &line_sum);
    if (found != 6 || line.back() != '\n' || line_sum != sum_of(std::string_view(line).substr(0, kSummedBytes)) || added > length) {
      if (text.size() - at >= 2 * kLineBytes) {
        throw OutputUnavailable(journal_.string() + ": is damaged in line " + std::to_string((journal_read_ + at) / kLineBytes + 1) +
                                "; move it and " + file_.string() + " away, and new ones are begun");
      }
      break;
    }
    length_ = length;
    last_bytes_ = added;
    last_sum_ = sum;
    if (key != Key{}) delivered_.insert(key);
    at += kLineBytes;
  }
  journal_read_ += at;
  if (journal_read_ < size) held.journal.cut(journal_read_);
}

/// Of a file that no journal vouches for, only an empty one or part of our header may be written over.
void CsvOutput::check_beginning(std::uint64_t size, const std::string& start) const {
  if (size <= header_.size() && header_.starts_with(start)) return;
  if (length_ == 0) {
    throw ForeignFile(file_.string() + ": holds something, and no " + journal_.string() + " says that it is ours; move it away");
  }
  throw OutputUnavailable(file_.string() + ": is shorter than it was, so somebody changed it; move it away, and a new one is begun");
}

/// Makes the CSV file exactly what the journal says, or begins it.
void CsvOutput::make_whole(Held& held) {
  const Opened csv(file_, O_RDWR | O_CREAT);
  const std::uint64_t size = csv.size();
  const std::string start = csv.bytes(0, std::min<std::uint64_t>(size, header_.size()));
  if (length_ > 0 && size >= length_) {
    if (start != header_) {
      throw ForeignFile(file_.string() + ": has other columns than are asked for now; move it away, and a new one is begun");
    }
    if (sum_of(csv.bytes(length_ - last_bytes_, last_bytes_)) != last_sum_) {
      throw OutputUnavailable(file_.string() + ": was changed by somebody else; move it away, and a new one is begun");
    }
    if (size > length_) csv.cut(length_);
    return;
  }
  // Nothing of ours is there: a new file, one moved away, or a header on which we ended last time.
  check_beginning(size, start);
  csv.cut(0);
  csv.add(0, header_);
  flush_folder_of(file_);
  record(held, header_.size(), header_, "");
}

void CsvOutput::record(Held& held, std::uint64_t length, const std::string& added, const std::string& id) {
  const Key key = id.empty() ? Key{} : key_of(id);
  std::array<char, kLineBytes + 1> line{};
  std::snprintf(line.data(), line.size(), "%020" PRIu64 " %010" PRIu64 " %08" PRIx32 " %016" PRIx64 "%016" PRIx64 " ", length,
                static_cast<std::uint64_t>(added.size()), sum_of(added), key.high, key.low);
  std::snprintf(line.data() + kSummedBytes, line.size() - kSummedBytes, "%08" PRIx32 "\n",
                sum_of(std::string_view(line.data(), kSummedBytes)));
  held.journal.add(journal_read_, std::string_view(line.data(), kLineBytes));
  if (journal_read_ == 0) flush_folder_of(journal_);
  journal_read_ += kLineBytes;
  length_ = length;
  last_bytes_ = added.size();
  last_sum_ = sum_of(added);
  if (key != Key{}) delivered_.insert(key);
}

void CsvOutput::deliver(const DocumentOutcome& outcome) {
  if (outcome.document_id.empty()) throw std::invalid_argument("a document without an id cannot be delivered once");
  Held held(journal_);
  take_over_journal(held);
  make_whole(held);
  if (delivered_.contains(key_of(outcome.document_id))) return;
  const std::string rows = csv_rows(layout_, outcome);
  const Opened csv(file_, O_RDWR);
  csv.add(length_, rows);
  try {
    record(held, length_ + rows.size(), rows, outcome.document_id);
  } catch (...) {
    [[maybe_unused]] const int ignored = ::ftruncate(csv.fd(), static_cast<off_t>(length_));
    throw;
  }
}

}  // namespace inkfield::watch_folder
