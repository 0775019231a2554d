// What `inkfieldd --once` tells whoever called it: one line at its end and, where somebody watches, one that moves while it works.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "adapters/hosts/watch_folder/service_status.h"

namespace inkfield::watch_folder {

/// "documents 6, pages 9, done 1, review 2, failed 2, duplicates 1, seconds 1.4\n", of what has been filed. The words and their order stay:
/// scripts read them.
std::string once_summary(const ServiceStatus& status, double seconds);

/// "5 documents, 8 pages read; 3 to go"
std::string once_progress(const ServiceStatus& status);

/// A line at the foot of a terminal that is written over again and again. Any thread.
class ProgressLine {
 public:
  /// `fd` is a terminal and stays open.
  explicit ProgressLine(int fd) : fd_(fd) {}
  /// Leaves nothing on the terminal.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text);
  /// Writes something else to the terminal, with the line out of the way.
  void above(const std::function<void()>& write);

 private:
  void put(const std::string& text);

  int fd_;
  std::mutex mutex_;
  std::string shown_;
};

}  // namespace inkfield::watch_folder
