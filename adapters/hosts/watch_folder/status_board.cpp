// Counters behind a mutex.
#include "adapters/hosts/watch_folder/status_board.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

namespace {

constexpr std::chrono::minutes kRateWindow{5};
constexpr std::size_t kErrorsKept = 20;

}  // namespace

std::string time_now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

StatusBoard::StatusBoard() : started_at_(time_now_text()), started_(std::chrono::steady_clock::now()) {}

void StatusBoard::note_filed(const std::string& folder, const DocumentReading& reading) {
  const std::lock_guard lock(mutex_);
  FolderStatus& status = folders_[folder];
  if (!reading.duplicate_of.empty()) {
    ++status.duplicates;
    return;
  }
  status.pages += reading.outcome.pages.size();
  switch (reading.outcome.destination) {
    case Destination::done:
      ++status.done;
      break;
    case Destination::review:
      ++status.review;
      break;
    default:
      ++status.failed;
      break;
  }
  for (const PageOutcome& page : reading.outcome.pages) {
    FormStatus& form = forms_[page.form_id];
    const bool review = std::any_of(page.fields.begin(), page.fields.end(), [](const FieldOutcome& field) { return field.state == "review" || field.state == "failed"; });
    ++form.read;
    if (page.state == "unreadable") {
      ++form.failed;
    } else if (page.state != "read" || review) {
      ++form.review;
    }
  }
}

void StatusBoard::note_pages(std::uint64_t pages) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  pages_.emplace_back(now, pages);
  while (!pages_.empty() && now - pages_.front().first > kRateWindow) pages_.pop_front();
}

void StatusBoard::note_waiting(const std::string& folder, std::uint64_t waiting, std::uint64_t working, double oldest_waiting_s) {
  const std::lock_guard lock(mutex_);
  FolderStatus& status = folders_[folder];
  status.waiting = waiting;
  status.working = working;
  status.oldest_waiting_s = oldest_waiting_s;
}

void StatusBoard::note_error(const std::string& text) {
  const std::lock_guard lock(mutex_);
  errors_.push_back(time_now_text() + ' ' + hosts::printable(text));
  if (errors_.size() > kErrorsKept) errors_.pop_front();
}

void StatusBoard::note_trouble(const std::string& place, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (text.empty()) {
    troubles_.erase(place);
  } else {
    troubles_[place] = hosts::printable(text);
  }
}

void StatusBoard::note_version(const std::string& version) {
  const std::lock_guard lock(mutex_);
  version_ = version;
}

ServiceStatus StatusBoard::snapshot() const {
  const std::lock_guard lock(mutex_);
  ServiceStatus status;
  for (const auto& [name, folder] : folders_) {
    status.folders.push_back(folder);
    status.folders.back().name = name;
  }
  for (const auto& [id, form] : forms_) {
    status.forms.push_back(form);
    status.forms.back().form_id = id;
  }
  const auto now = std::chrono::steady_clock::now();
  std::uint64_t pages = 0;
  for (const auto& [at, count] : pages_) pages += now - at <= kRateWindow ? count : 0;
  const std::chrono::duration<double, std::ratio<60>> window = std::min<std::chrono::steady_clock::duration>(kRateWindow, now - started_);
  status.pages_per_minute = window.count() > 0 ? static_cast<double>(pages) / window.count() : 0;
  status.last_errors.assign(errors_.begin(), errors_.end());
  for (const auto& [place, text] : troubles_) status.troubles.push_back(text);
  status.started_at = started_at_;
  status.version = version_;
  return status;
}

}  // namespace inkfield::watch_folder
