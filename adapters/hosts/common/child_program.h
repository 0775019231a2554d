// Runs another program to its end, with limits that it cannot get round, and keeps what it said. Never through a shell.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace inkfield::hosts {

struct ProgramCall {
  std::vector<std::string> command;      ///< the program first, as an absolute path or a name looked for in PATH; then its arguments
  std::vector<std::string> environment;  ///< "NAME=value", all that the program gets
  std::string input;                     ///< its standard input
  std::chrono::milliseconds time_limit{60'000};
  std::uint64_t memory_limit_bytes = 0;  ///< of address space; 0: none
  std::uint64_t file_limit_bytes = 0;    ///< no file that it writes grows larger; 0: none
  std::size_t kept_bytes = 1 << 20;      ///< of each of its outputs; the rest is read and dropped
  std::function<bool()> stopping;        ///< asked some times a second; true ends the program
};

struct ProgramEnd {
  int status = -1;       ///< exit status; -1 if a signal ended it
  int signal = 0;        ///< that signal
  bool timed_out = false;
  bool stopped = false;
  std::string out, err;

  /// "ended with 3", "was ended by signal 9", "took longer than 60 s"; with the last line of what it wrote to stderr.
  [[nodiscard]] std::string told() const;
  std::chrono::milliseconds time_limit{0};
};

/// The program and all it starts in its process group end with this call. Throws std::system_error if it cannot be started
/// (ENOENT, EACCES and so on, with the program's name).
ProgramEnd run_program(const ProgramCall& call);

/// PATH, HOME, LANG, LC_ALL and TZ of this process, where they are set.
std::vector<std::string> modest_environment();

}  // namespace inkfield::hosts
