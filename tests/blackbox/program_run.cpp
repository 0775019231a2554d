// fork and exec; output goes to files, so that no pipe can fill up.
#include "tests/blackbox/program_run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace inkfield::tests {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void open_as(int fd, const char* path, int flags) {
  const int opened = ::open(path, flags, 0644);
  if (opened == -1) ::_exit(126);
  if (opened != fd) {
    ::dup2(opened, fd);
    ::close(opened);
  }
}

pid_t start(const std::vector<std::string>& command, const Environment& environment, const std::string& in,
            const std::string& out, bool out_closed, const std::string& err) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  for (const auto& [name, value] : environment) {
    if (value.empty()) {
      ::unsetenv(name.c_str());
    } else {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  open_as(STDIN_FILENO, in.c_str(), O_RDONLY);
  if (out_closed) {
    ::close(STDOUT_FILENO);
  } else {
    open_as(STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  }
  open_as(STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

/// -1: still running.
int wait_for_end(pid_t pid, int milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (std::chrono::steady_clock::now() > end) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

Finished run(const std::vector<std::string>& command, const Environment& environment, const Redirect& redirect, int seconds) {
  const Scratch scratch;
  const std::string out = redirect.out.empty() ? (scratch.path() / "out").string() : redirect.out;
  const std::string err = scratch.path() / "err";
  const pid_t pid = start(command, environment, redirect.in, out, redirect.out_closed, err);
  Finished result;
  result.status = wait_for_end(pid, seconds * 1000);
  if (result.status == -1) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  if (redirect.out.empty()) result.out = text_of(out);
  result.err = text_of(err);
  return result;
}

Background::Background(const std::vector<std::string>& command, const Environment& environment, const fs::path& log)
    : pid_(start(command, environment, "/dev/null", "/dev/null", false, log)) {}

Background::~Background() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void Background::send(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

int Background::wait(int milliseconds) {
  const int status = wait_for_end(pid_, milliseconds);
  if (status != -1) pid_ = -1;
  return status;
}

bool Scratch::has(const std::string& name) const { return fs::exists(fs::symlink_status(path() / name)); }

bool Scratch::wait_for(const std::string& name, int milliseconds) const {
  for (int waited = 0; waited <= milliseconds; waited += 10) {
    if (has(name)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::string data_folder() {
  const char* folder = std::getenv("INKFIELD_DATA");
  return folder == nullptr ? "" : folder;
}

}  // namespace inkfield::tests
