// Spaces and carriage returns only: they work on every terminal, and in a log that a terminal was recorded into.
#include "adapters/hosts/watch_folder/once_report.h"

#include <unistd.h>

#include <array>
#include <charconv>

namespace inkfield::watch_folder {

namespace {

FolderStatus sum_of(const ServiceStatus& status) {
  FolderStatus sum;
  for (const FolderStatus& folder : status.folders) {
    sum.waiting += folder.waiting;
    sum.working += folder.working;
    sum.done += folder.done;
    sum.review += folder.review;
    sum.failed += folder.failed;
    sum.duplicates += folder.duplicates;
    sum.pages += folder.pages;
  }
  return sum;
}

std::uint64_t documents_of(const FolderStatus& sum) { return sum.done + sum.review + sum.failed + sum.duplicates; }

}  // namespace

std::string once_summary(const ServiceStatus& status, double seconds) {
  const FolderStatus sum = sum_of(status);
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed, 1).ptr;
  return "documents " + std::to_string(documents_of(sum)) + ", pages " + std::to_string(sum.pages) + ", done " + std::to_string(sum.done) + ", review " +
         std::to_string(sum.review) + ", failed " + std::to_string(sum.failed) + ", duplicates " + std::to_string(sum.duplicates) + ", seconds " +
         std::string(digits.data(), end) + '\n';
}

std::string once_progress(const ServiceStatus& status) {
  const FolderStatus sum = sum_of(status);
  return std::to_string(documents_of(sum)) + " documents, " + std::to_string(sum.pages) + " pages read; " + std::to_string(sum.waiting + sum.working) + " to go";
}

ProgressLine::~ProgressLine() { show(""); }

void ProgressLine::show(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (text != shown_) put(text);
}

void ProgressLine::above(const std::function<void()>& write) {
  const std::lock_guard lock(mutex_);
  const std::string text = shown_;
  put("");
  write();
  put(text);
}

void ProgressLine::put(const std::string& text) {
  std::string bytes = '\r' + text;
  if (text.size() < shown_.size()) bytes += std::string(shown_.size() - text.size(), ' ') + '\r' + text;
  shown_ = text;
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(fd_, bytes.data() + at, bytes.size() - at);
    if (n <= 0) return;  // it is decoration
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace inkfield::watch_folder
