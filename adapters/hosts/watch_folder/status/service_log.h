// The service's log as lines of JSON, with rotation, and the audit trail. Neither has a place for a field's value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

enum class LogLevel { error, warning, info, debug };

struct LogFile {
  std::filesystem::path path;
  std::uint64_t largest_bytes = 10 << 20;  ///< then the file is put aside as PATH.0, the older ones move up
  int kept = 10;                           ///< files put aside that stay
};

/// {"time":"2026-01-02T03:04:05.678Z","level":"info","event":"filed","document":"...","pages":"2"}
class ServiceLog {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  /// Throws std::runtime_error if the file cannot be opened.
  explicit ServiceLog(const LogFile& file);
  ~ServiceLog();
  ServiceLog(const ServiceLog&) = delete;
  ServiceLog& operator=(const ServiceLog&) = delete;

  /// From any thread. A line that cannot be written (disk full) is dropped: the log never stops the work.
  void write(LogLevel level, std::string_view event, const Fields& fields = {}) noexcept;

 private:
  struct Channel;
  std::unique_ptr<Channel> channel_;
};

/// The line alone, for a console.
std::string log_line(LogLevel level, std::string_view event, const ServiceLog::Fields& fields, std::int64_t time_ms);

/// One line of JSON for each decision: which document (id, name, hash), where it went, which forms were found, how many fields were
/// accepted and which were not (ids, never values). Nothing is ever changed or rotated by us; a file that was moved away is begun
/// anew. Any thread.
class AuditTrail {
 public:
  /// Mends a torn last line, left by a crash, by ending it. Throws std::system_error.
  explicit AuditTrail(const std::filesystem::path& file);
  ~AuditTrail();
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;

  /// On disk when it returns. One write each, at the file's end, so that several writers never mix. Throws std::system_error
  /// (disk full): a decision that cannot be written down should wait.
  void decided(const DocumentOutcome& outcome, std::string_view decision);

  /// What was done by another than the reader: "deleted" by retention, "adopted" from a dead service.
  void noted(std::string_view decision, const ServiceLog::Fields& fields);

 private:
  void open();
  void append(const std::string& line);
  std::filesystem::path path_;
  std::mutex mutex_;
  int fd_ = -1;
};

}  // namespace inkfield::watch_folder
