// A PostgreSQL server of a test's own: made in a temporary folder, reached through a socket there, ended with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/scratch_folder.h"

namespace inkfield::tests {

class PostgresqlServer {
 public:
  /// Why there can be none here, or "".
  static std::string missing();

  /// Started and empty. Throws std::runtime_error.
  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  void start() const;
  void stop() const;
  /// Where clients find it, in libpq's words; `database` is one that every server has, if not given.
  [[nodiscard]] std::string connection(const std::string& database = "postgres") const;
  /// The rows, a line each, with | between the columns.
  [[nodiscard]] std::string answer(const std::string& question) const;

 private:
  /// Runs one of the server's programs. Throws std::runtime_error with what went wrong.
  void run(const std::vector<std::string>& command) const;
  [[nodiscard]] std::string data() const { return folder_ / "data"; }

  ScratchFolder scratch_;  // not in memory: a cluster may be too large for a container's /dev/shm
  const std::filesystem::path& folder_ = scratch_.path();
  std::string programs_;
  std::vector<std::string> as_user_;
};

}  // namespace inkfield::tests
