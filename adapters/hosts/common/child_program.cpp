// fork and exec by hand: between the two, limits must be set, and only async-signal-safe calls are allowed there.
#include "adapters/hosts/common/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "adapters/hosts/common/printable.h"

namespace inkfield::hosts {

namespace {

using Clock = std::chrono::steady_clock;

/// Longest time between two looks at `stopping`.
constexpr int kLook_ms = 50;
constexpr std::size_t kLongestToldLine = 300;

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read = above_standard(ends[0]);
    write = above_standard(ends[1]);
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_one(read); }
  void close_write() { close_one(write); }
  /// A host started with its standard streams closed would get their numbers, and the program's streams would mix with them.
  static int above_standard(int fd) {
    if (fd > STDERR_FILENO) return fd;
    const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ::close(fd);
    if (higher == -1) throw std::system_error(errno, std::generic_category(), "pipe");
    return higher;
  }
  static void close_one(int& fd) {
    if (fd != -1) ::close(fd);
    fd = -1;
  }
};

/// Where the program lies; looked up before fork, for looking is not safe after.
std::string program_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t colon = std::min(folders.find(':', at), folders.size());
    const std::string candidate = folders.substr(at, colon - at) + '/' + program;
    if (colon > at && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = colon + 1;
  }
  throw std::system_error(ENOENT, std::generic_category(), program);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

void limit(decltype(RLIMIT_AS) what, std::uint64_t bytes) {
  const rlimit value{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  ::setrlimit(what, &value);
}

[[noreturn]] void become(const ProgramCall& call, const char* path, char* const* arguments, char* const* environment, int in, int out, int err,
                         int told) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Signals that the service blocks or ignores must not stay so in the program.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGCHLD}) ::signal(number, SIG_DFL);
  if (::dup2(in, STDIN_FILENO) == -1 || ::dup2(out, STDOUT_FILENO) == -1 || ::dup2(err, STDERR_FILENO) == -1) ::_exit(127);
  // Sockets and files of libraries that did not mark theirs.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  limit(RLIMIT_CORE, 0);
  if (call.memory_limit_bytes > 0) limit(RLIMIT_AS, call.memory_limit_bytes);
  if (call.file_limit_bytes > 0) limit(RLIMIT_FSIZE, call.file_limit_bytes);
  ::execve(path, arguments, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t ignored = ::write(told, &error, sizeof error);
  ::_exit(127);
}

/// What is there; false at the end.
bool drain(int fd, std::string& kept, std::size_t most) {
  std::array<char, 1 << 14> buffer{};
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    kept.append(buffer.data(), std::min(static_cast<std::size_t>(n), most - std::min(most, kept.size())));
  }
}

}  // namespace

std::string ProgramEnd::told() const {
  std::string text;
  if (timed_out) {
    text = "took longer than " + std::to_string(time_limit.count() / 1000) + " s";
  } else if (stopped) {
    text = "was stopped";
  } else if (signal != 0) {
    text = "was ended by signal " + std::to_string(signal);
  } else {
    text = "ended with " + std::to_string(status);
  }
  std::string last = err;
  while (!last.empty() && (last.back() == '\n' || last.back() == '\r' || last.back() == ' ')) last.pop_back();
  const std::size_t line = last.rfind('\n');
  if (line != std::string::npos) last = last.substr(line + 1);
  if (last.size() > kLongestToldLine) last = last.substr(0, kLongestToldLine) + "...";
  return last.empty() ? text : text + ": " + printable(last);
}

std::vector<std::string> modest_environment() {
  std::vector<std::string> environment;
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + '=' + value);
  }
  return environment;
}

ProgramEnd run_program(const ProgramCall& call) {
  const std::string path = program_path(call.command.at(0));
  ProgramEnd end;
  end.time_limit = call.time_limit;
  // A short program could end before the first look.
  end.stopped = call.stopping && call.stopping();
  if (end.stopped) return end;
  const std::vector<char*> arguments = pointers(call.command);
  const std::vector<char*> environment = pointers(call.environment);
  Pipe in;
  Pipe out;
  Pipe err;
  Pipe told;  // closed by exec, or carries why exec failed
  const pid_t pid = ::fork();
  if (pid == -1) throw std::system_error(errno, std::generic_category(), path);
  if (pid == 0) become(call, path.c_str(), arguments.data(), environment.data(), in.read, out.write, err.write, told.write);
  ::setpgid(pid, pid);
  in.close_read();
  out.close_write();
  err.close_write();
  told.close_write();
  for (const int fd : {in.write, out.read, err.read}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  int error = 0;
  if (::read(told.read, &error, sizeof error) == static_cast<ssize_t>(sizeof error)) {
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(error, std::generic_category(), path);
  }

  const Clock::time_point last = Clock::now() + call.time_limit;
  std::size_t sent = 0;
  if (call.input.empty()) in.close_write();
  int status = 0;
  bool ended = false;
  while (!ended) {
    std::array<pollfd, 3> waits = {pollfd{in.write, POLLOUT, 0}, pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(last - Clock::now()).count();
    // Once its outputs are closed nothing wakes us at its end but time.
    const bool silent = out.read == -1 && err.read == -1;
    ::poll(waits.data(), waits.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, silent ? 2 : kLook_ms)));
    if (in.write != -1 && waits[0].revents != 0) {
      // SIGPIPE is ignored by the hosts; a program that does not want its input is none the worse for it.
      const ssize_t n = ::write(in.write, call.input.data() + sent, call.input.size() - sent);
      if (n > 0) sent += static_cast<std::size_t>(n);
      if ((n < 0 && errno != EAGAIN && errno != EINTR) || sent == call.input.size()) in.close_write();
    }
    if (out.read != -1 && waits[1].revents != 0 && !drain(out.read, end.out, call.kept_bytes)) out.close_read();
    if (err.read != -1 && waits[2].revents != 0 && !drain(err.read, end.err, call.kept_bytes)) err.close_read();
    ended = ::waitpid(pid, &status, WNOHANG) == pid;
    if (ended) break;
    end.stopped = call.stopping && call.stopping();
    end.timed_out = !end.stopped && Clock::now() >= last;
    if (end.stopped || end.timed_out) {
      ::kill(-pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      break;
    }
  }
  if (out.read != -1) drain(out.read, end.out, call.kept_bytes);
  if (err.read != -1) drain(err.read, end.err, call.kept_bytes);
  ::kill(-pid, SIGKILL);  // what it left running
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace inkfield::hosts
