// Runs a program as a shell would and keeps what it printed; a scratch folder for each test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/scratch_folder.h"

namespace inkfield::tests {

struct Finished {
  int status = -1;  ///< exit status; 128 + signal if it died of one
  std::string out;
  std::string err;
};

/// Environment variables set on top of this process's own; a value of "" removes one.
using Environment = std::map<std::string, std::string>;

struct Redirect {
  std::string in = "/dev/null";
  std::string out;            ///< a file to write standard output to, instead of keeping it
  bool out_closed = false;    ///< started with descriptor 1 closed
};

/// Runs to the end, at most `seconds`, then kills it.
Finished run(const std::vector<std::string>& command, const Environment& environment = {}, const Redirect& redirect = {},
        int seconds = 280);

/// A program left running; killed when the object goes.
class Background {
 public:
  explicit Background(const std::vector<std::string>& command, const Environment& environment, const std::filesystem::path& log);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void send(int signal) const;
  [[nodiscard]] pid_t id() const { return pid_; }
  /// Exit status, or -1 if it still runs after `milliseconds`.
  int wait(int milliseconds);

 private:
  pid_t pid_ = -1;
};

/// A folder that programs are waited for in.
class Scratch : public ScratchFolder {
 public:
  [[nodiscard]] bool has(const std::string& name) const;
  /// True once the file is there; waits up to `milliseconds`.
  [[nodiscard]] bool wait_for(const std::string& name, int milliseconds = 10000) const;
};

/// Folder of the real data sets, or "" (the test then skips).
std::string data_folder();

}  // namespace inkfield::tests
