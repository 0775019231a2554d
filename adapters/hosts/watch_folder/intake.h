// Which files of a watched folder are whole, and how one is taken.
//
// A file is taken once its size and time of change have stayed the same for the settle time by our own clock, so
// that neither a slow copy nor a clock set back confuses us. Taking is one rename into the working folder: after
// it nobody else's rescan sees the file, and after a crash it is still there.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::watch_folder {

using Clock = std::chrono::steady_clock;

/// Names that scanners, browsers and copy programs give to what is not finished yet, and hidden ones.
bool is_temporary_name(std::string_view name);

class Intake {
 public:
  /// `working` must be on the file system of `watch`.
  Intake(std::filesystem::path watch, std::filesystem::path working, std::chrono::milliseconds settle);

  /// Looks into the folder. Returns the names that are whole now, oldest first. Throws std::system_error if the folder
  /// cannot be read.
  std::vector<std::string> whole_files(Clock::time_point now);

  /// When the next file may be whole, if nothing happens to it; nothing if no file waits.
  [[nodiscard]] std::optional<Clock::time_point> next_whole_at() const;

  /// Moves the file into the working folder. False if it is gone or has changed since it was found whole, or if one of the same
  /// name is still being worked on. Throws std::system_error if the file cannot be moved.
  bool claim(const std::string& name);

  /// What a run that ended early has left in the working folder, by name.
  [[nodiscard]] std::vector<std::string> leftovers() const;

  /// Names of things that will never be taken (links, pipes, devices), each told once.
  std::vector<std::string> take_refused();

  [[nodiscard]] std::filesystem::path working_path(const std::string& name) const { return working_ / name; }

 private:
  struct Seen {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    Clock::time_point since{};
    [[nodiscard]] bool same_file(const Seen& other) const {
      return device == other.device && inode == other.inode && size == other.size && changed_ns == other.changed_ns;
    }
  };
  static std::optional<Seen> look(const std::filesystem::path& path, bool* irregular);

  std::filesystem::path watch_;
  std::filesystem::path working_;
  std::chrono::milliseconds settle_;
  std::map<std::string, Seen> waiting_;
  std::set<std::string> refused_;
  std::vector<std::string> newly_refused_;
};

}  // namespace inkfield::watch_folder
