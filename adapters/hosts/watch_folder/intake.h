// Which files of a watched folder are whole.
//
// A file is whole once its size and time of change have stayed the same for the settle time by our own clock, so that neither a slow copy
// nor a clock set back confuses us. The folder is looked through in pieces: of 100,000 files the first can be claimed before the last has
// been seen. Claiming itself is claims.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/hosts/watch_folder/claims.h"

namespace inkfield::watch_folder {

/// Names that scanners, browsers and copy programs give to what is not finished yet, and hidden ones.
bool is_temporary_name(std::string_view name);

class Intake {
 public:
  struct Rules {
    std::chrono::milliseconds settle{1000};
    std::string marker;       ///< "": none; else a file counts as whole only with a companion NAME + marker beside it
    bool subfolders = false;  ///< files one level down, too
  };
  Intake(std::filesystem::path watch, Rules rules);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// Goes on looking through the folder, a piece at a time. True once a pass has reached the folder's end; the next call starts another.
  /// Throws std::system_error if the folder cannot be read.
  bool look(Clock::time_point now);
  /// A file that is whole and still is as it was seen; the oldest of a piece comes first. Nothing if none is known.
  std::optional<std::string> next_whole();

  /// When the next file may be whole, if nothing happens to it; nothing if no file waits for that.
  [[nodiscard]] std::optional<Clock::time_point> next_whole_at() const;
  /// Whole files known and not given out yet.
  [[nodiscard]] bool has_whole() const { return !whole_.empty(); }
  /// Files that the last whole pass saw, and since when the longest waiting one has been seen.
  [[nodiscard]] std::size_t waiting() const { return waiting_count_; }
  [[nodiscard]] std::optional<Clock::time_point> oldest_since() const { return oldest_since_; }

  /// Names of things that will never be taken (links, pipes, devices), each told once.
  std::vector<std::string> take_refused();

 private:
  struct Pass;
  struct Seen {
    std::uint64_t inode = 0;
    std::int64_t size = 0, changed_ns = 0;
    Clock::time_point since{};
    std::uint32_t pass = 0;
    bool given = false;  ///< among whole_, or given out
    [[nodiscard]] bool same_file(const Seen& other) const { return inode == other.inode && size == other.size && changed_ns == other.changed_ns; }
  };
  [[nodiscard]] static std::optional<Seen> look_at(const std::filesystem::path& path, bool* irregular);
  void see(const std::string& name, bool may_be_folder, Clock::time_point now);
  void end_pass();

  std::filesystem::path watch_;
  Rules rules_;
  std::unique_ptr<Pass> pass_;
  std::uint32_t pass_number_ = 0;
  std::unordered_map<std::string, Seen> seen_;
  std::deque<std::string> whole_;
  std::vector<std::pair<std::int64_t, std::string>> piece_;
  std::set<std::string> refused_, newly_refused_;
  std::size_t waiting_count_ = 0;
  std::optional<Clock::time_point> oldest_since_, next_whole_at_;
};

}  // namespace inkfield::watch_folder
