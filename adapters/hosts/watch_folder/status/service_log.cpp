// Poco's FileChannel rotates; JSON strings keep every line one line, whatever a file is called.
#include "adapters/hosts/watch_folder/status/service_log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/FileChannel.h>
#include <Poco/Message.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <set>
#include <stdexcept>
#include <system_error>

#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

namespace {

using hosts::json_string;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string time_text(std::int64_t time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(time_ms % 1000));
  return text.data();
}

const char* word_for(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    default:
      return "debug";
  }
}

std::string fields_text(const ServiceLog::Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += ',' + json_string(name) + ':' + json_string(hosts::printable(value));
  return text;
}

}  // namespace

std::string log_line(LogLevel level, std::string_view event, const ServiceLog::Fields& fields, std::int64_t time_ms) {
  return "{\"time\":\"" + time_text(time_ms) + "\",\"level\":\"" + word_for(level) + "\",\"event\":" + json_string(hosts::printable(event)) +
         fields_text(fields) + '}';
}

struct ServiceLog::Channel {
  Poco::AutoPtr<Poco::FileChannel> file;
};

ServiceLog::ServiceLog(const LogFile& file) : channel_(std::make_unique<Channel>()) {
  try {
    channel_->file = new Poco::FileChannel(file.path.string());
    channel_->file->setProperty(Poco::FileChannel::PROP_ROTATION, std::to_string(file.largest_bytes));
    channel_->file->setProperty(Poco::FileChannel::PROP_ARCHIVE, "number");
    channel_->file->setProperty(Poco::FileChannel::PROP_PURGECOUNT, std::to_string(file.kept));
    channel_->file->setProperty(Poco::FileChannel::PROP_ROTATEONOPEN, "false");
    channel_->file->setProperty(Poco::FileChannel::PROP_FLUSH, "true");
    channel_->file->open();
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("log " + file.path.string() + ": " + error.displayText());
  }
}

ServiceLog::~ServiceLog() = default;

void ServiceLog::write(LogLevel level, std::string_view event, const Fields& fields) noexcept {
  try {
    Poco::Message message;
    message.setText(log_line(level, event, fields, now_ms()));
    channel_->file->log(message);
  } catch (...) {
    // Nobody is left to tell. Its stream stays broken for good after a full disk, so the next line opens the file again.
    try {
      channel_->file->close();
    } catch (...) {
    }
  }
}

AuditTrail::AuditTrail(const std::filesystem::path& file) : path_(file) { open(); }

void AuditTrail::open() {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd == -1) throw std::system_error(errno, std::generic_category(), path_.string());
  if (fd_ != -1) ::close(fd_);
  fd_ = fd;
  struct stat status {};
  char last = '\n';
  if (::fstat(fd_, &status) == 0 && status.st_size > 0 && ::pread(fd_, &last, 1, status.st_size - 1) == 1 && last != '\n') {
    [[maybe_unused]] const ssize_t ignored = ::write(fd_, "\n", 1);
  }
}

AuditTrail::~AuditTrail() { ::close(fd_); }

void AuditTrail::decided(const DocumentOutcome& outcome, std::string_view decision) {
  std::size_t accepted = 0;
  std::set<std::string> forms;
  std::string others;
  for (const PageOutcome& page : outcome.pages) {
    if (!page.form_id.empty()) forms.insert(page.form_id);
    for (const FieldOutcome& field : page.fields) {
      if (field.state == "accepted" || field.state == "empty") {
        ++accepted;
      } else {
        others += (others.empty() ? "" : ",") + json_string(std::to_string(page.page) + '/' + field.id + ": " + field.state);
      }
    }
  }
  std::string form_list;
  for (const std::string& form : forms) form_list += (form_list.empty() ? "" : ",") + json_string(form);
  append("{\"time\":\"" + time_text(now_ms()) + "\",\"decision\":" + json_string(decision) + ",\"document_id\":" + json_string(outcome.document_id) +
         ",\"folder\":" + json_string(outcome.folder) + ",\"file\":" + json_string(hosts::printable(outcome.name)) +
         ",\"content_hash\":" + json_string(outcome.content_hash) + ",\"pages\":" + std::to_string(outcome.pages.size()) + ",\"forms\":[" + form_list +
         "],\"accepted_fields\":" + std::to_string(accepted) + ",\"other_fields\":[" + others + "]}\n");
}

void AuditTrail::noted(std::string_view decision, const ServiceLog::Fields& fields) {
  append("{\"time\":\"" + time_text(now_ms()) + "\",\"decision\":" + json_string(decision) + fields_text(fields) + "}\n");
}

void AuditTrail::append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  struct stat held {};
  struct stat there {};
  if (::fstat(fd_, &held) != 0 || ::lstat(path_.c_str(), &there) != 0 || held.st_ino != there.st_ino || held.st_dev != there.st_dev) open();
  std::string_view rest = line;
  bool torn = false;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      if (torn) [[maybe_unused]] const ssize_t ignored = ::write(fd_, "\n", 1);
      throw std::system_error(error, std::generic_category(), path_.string());
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
    torn = true;
  }
  if (::fdatasync(fd_) != 0) throw std::system_error(errno, std::generic_category(), path_.string());
}

}  // namespace inkfield::watch_folder
