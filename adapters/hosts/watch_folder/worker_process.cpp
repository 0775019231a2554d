// Boost.Process starts it; the pipes are our own, because those of Boost 1.74 are inherited by every other worker. Requests go to its
// standard input, answers come from its standard output, and what it says on standard error is kept as its last words.
#include "adapters/hosts/watch_folder/worker_process.h"

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
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
#include <cstring>
#include <set>
#include <system_error>
#include <utility>

#include "adapters/hosts/common/printable.h"

namespace inkfield::watch_folder {

namespace {

namespace bp = boost::process;

/// As much of standard error as a reason file needs.
constexpr std::size_t kLastWordsBytes = 2000;
/// How often a waiting thread looks whether the service shall stop.
constexpr int kLookMs = 50;
/// Loading networks and templates, and opening or converting a document, may take longer than a page.
constexpr std::chrono::minutes kSettingUp{6};

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void set(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ != -1) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

void make_pipe(Descriptor& read, Descriptor& write) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  read.set(ends[0]);
  write.set(ends[1]);
}

std::string signal_text(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? std::to_string(signal) : std::string("SIG") + name;
}

}  // namespace

struct WorkerProcess::Process {
  Descriptor to, from, words;
  bp::child child;
  MessageReader answers;
  std::string last_words;
  std::set<std::string> keys;  // engines it has loaded
  std::uint32_t pages = 0;

  void hear(const char* bytes, std::size_t count) {
    last_words.append(bytes, count);
    if (last_words.size() > kLastWordsBytes) last_words.erase(0, last_words.size() - kLastWordsBytes);
  }
};

WorkerProcess::WorkerProcess(WorkerLimits limits, Log log) : limits_(limits), log_(std::move(log)) {}

WorkerProcess::~WorkerProcess() { end(); }

int WorkerProcess::id() const { return process_ ? static_cast<int>(process_->child.id()) : 0; }

void WorkerProcess::start() {
  auto process = std::make_unique<Process>();
  Descriptor in, out, err;
  make_pipe(in, process->to);
  make_pipe(process->from, out);
  make_pipe(process->words, err);
  ::fcntl(process->words.get(), F_SETFL, O_NONBLOCK);
  const std::int64_t memory = limits_.memory_bytes;
  // Runs in the new process before exec, where only plain system calls are safe.
  const auto limit = [memory, service = ::getpid()](auto&) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != service) ::_exit(0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);  // a core file would hold people's data
    if (memory > 0) {
      const rlimit most{static_cast<rlim_t>(memory), static_cast<rlim_t>(memory)};
      ::setrlimit(RLIMIT_AS, &most);
    }
  };
  std::error_code error;
  // The link of this very process: after an upgrade of the files, workers still are of the service's own version.
  process->child = bp::child(bp::exe = "/proc/self/exe", bp::args = std::vector<std::string>{"--worker"}, bp::posix::fd.bind(STDIN_FILENO, in.get()),
                             bp::posix::fd.bind(STDOUT_FILENO, out.get()), bp::posix::fd.bind(STDERR_FILENO, err.get()), bp::extend::on_exec_setup = limit,
                             error);
  if (error) throw std::system_error(error, "a worker cannot be started");
  process_ = std::move(process);
}

void WorkerProcess::end() {
  if (!process_) return;
  std::error_code ignored;
  if (process_->child.valid()) {
    ::kill(process_->child.id(), SIGKILL);
    process_->child.wait(ignored);
  }
  process_.reset();
}

void WorkerProcess::died(const std::string& how) {
  std::array<char, 4096> piece{};
  std::string text = how;
  bool by_others = false;
  if (text.empty()) {
    std::error_code ignored;
    process_->child.wait(ignored);
    const int status = process_->child.native_exit_code();
    if (WIFSIGNALED(status)) {
      text = "its worker was ended by " + signal_text(WTERMSIG(status));
      by_others = WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM;
    } else {
      text = "its worker ended with status " + std::to_string(WEXITSTATUS(status));
    }
  }
  for (ssize_t n = 0; (n = ::read(process_->words.get(), piece.data(), piece.size())) > 0;) process_->hear(piece.data(), static_cast<std::size_t>(n));
  const std::size_t last = process_->last_words.find_last_not_of(" \n\r\t");
  const std::string words = hosts::printable(std::string_view(process_->last_words).substr(0, last + 1));
  if (!words.empty()) text += "; its last words: " + words;
  end();
  throw WorkerDied(text, by_others);
}

void WorkerProcess::send(const Message& message) {
  const std::string bytes = packed(message);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(process_->to.get(), bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) died("");
    at += static_cast<std::size_t>(n);
  }
}

Message WorkerProcess::receive(std::chrono::milliseconds patience, const Stopping& stopping) {
  const auto end_of_patience = std::chrono::steady_clock::now() + patience;
  std::array<char, 1 << 16> piece{};
  for (;;) {
    try {
      if (std::optional<Message> message = process_->answers.next()) {
        if (message->empty()) throw std::runtime_error("an empty message");
        if (message->front() != "log") return std::move(*message);
        MessageWalk walk(*message, 1);
        const auto level = static_cast<inkfield_log_level>(walk.number());
        log_(level, walk.text());
        continue;
      }
    } catch (const std::runtime_error& error) {
      died(std::string("its worker answered nonsense: ") + error.what());
    }
    if (stopping()) {
      this->end();
      throw WorkerStopped();
    }
    if (std::chrono::steady_clock::now() > end_of_patience) {
      died("its worker took longer than " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience).count()) + " s");
    }
    std::array<pollfd, 2> ready = {pollfd{process_->from.get(), POLLIN, 0}, pollfd{process_->words.get(), POLLIN, 0}};
    ::poll(ready.data(), process_->words.get() == -1 ? 1 : 2, kLookMs);
    if (ready[1].revents != 0) {
      const ssize_t n = ::read(process_->words.get(), piece.data(), piece.size());
      if (n > 0) process_->hear(piece.data(), static_cast<std::size_t>(n));
      if (n == 0) process_->words.close();
    }
    if (ready[0].revents != 0) {
      const ssize_t n = ::read(process_->from.get(), piece.data(), piece.size());
      if (n > 0) process_->answers.take(std::string_view(piece.data(), static_cast<std::size_t>(n)));
      if (n == 0) died("");
    }
  }
}

void WorkerProcess::recycle_if_due() {
  if (process_ && limits_.pages > 0 && process_->pages >= limits_.pages) end();
}

LoadedForms WorkerProcess::configure(const ReadingSettings& settings, const Stopping& stopping) {
  if (!process_) start();
  Message request = {"configure", settings.key, settings.model, settings.precision, settings.tessdata, settings.languages};
  request.insert(request.end(), settings.templates.begin(), settings.templates.end());
  send(request);
  const Message answer = receive(kSettingUp, stopping);
  if (answer.front() == "refused" && answer.size() == 2) throw WorkerRefused(answer[1]);
  LoadedForms loaded;
  try {
    if (answer.front() != "configured") throw std::runtime_error("no answer to the question");
    MessageWalk walk(answer, 1);
    for (std::int64_t forms = walk.number(); forms > 0; --forms) loaded.forms.push_back(walk.text());
    for (std::int64_t faults = walk.number(); faults > 0; --faults) loaded.faults.push_back(walk.text());
  } catch (const std::runtime_error& error) {
    died(std::string("its worker answered nonsense: ") + error.what());
  }
  process_->keys.insert(settings.key);
  return loaded;
}

std::string WorkerProcess::read(const ReadingSettings& settings, const Request& request, const std::function<void(PageReading)>& take,
                                const Stopping& stopping) {
  recycle_if_due();
  if (!process_ || process_->keys.count(settings.key) == 0) configure(settings, stopping);
  send({"read", settings.key, request.path, request.name, request.form, request.scratch, std::to_string(request.pdf.most_pages),
        std::to_string(request.pdf.dpi), std::to_string(request.pdf.time_limit.count()), request.pdf.active_content ? "1" : "0",
        std::to_string(request.first_page), request.only_one_page ? "1" : "0"});
  // The worker itself gives up a PDF that takes too long; it gets the time to say so.
  std::chrono::milliseconds patience = std::max<std::chrono::milliseconds>(kSettingUp, request.pdf.time_limit + std::chrono::minutes(1));
  for (;;) {
    const Message answer = receive(patience, stopping);
    if (answer.front() == "end") return "";
    if (answer.front() == "unopened" && answer.size() == 2) return answer[1];
    if (answer.front() == "opened") {
      patience = limits_.page;
      continue;
    }
    std::optional<PageReading> page;
    try {
      if (answer.front() != "page") throw std::runtime_error("no answer to the question");
      MessageWalk walk(answer, 1);
      page = page_reading_of(walk);
    } catch (const std::runtime_error& error) {
      died(std::string("its worker answered nonsense: ") + error.what());
    }
    ++process_->pages;
    take(std::move(*page));
  }
}

void WorkerProcess::cut_pictures(const ReadingSettings& settings, const Request& request, const std::vector<PageOutcome>& pages,
                                 const std::filesystem::path& folder, const Stopping& stopping) {
  if (!process_ || process_->keys.count(settings.key) == 0) configure(settings, stopping);
  Message message = {"pictures", settings.key, request.path, request.scratch, folder.string(), std::to_string(pages.size())};
  for (const PageOutcome& page : pages) append(message, page);
  send(message);
  const Message answer = receive(limits_.page * static_cast<int>(std::max<std::size_t>(1, pages.size())), stopping);
  if (answer.front() == "pictured") return;
  int code = 0;
  std::string why;
  try {
    if (answer.front() != "not_pictured") throw std::runtime_error("no answer to the question");
    MessageWalk walk(answer, 1);
    code = static_cast<int>(walk.number());
    why = walk.text();
  } catch (const std::runtime_error& error) {
    died(std::string("its worker answered nonsense: ") + error.what());
  }
  if (code != 0) throw std::system_error(code, std::generic_category(), folder.string());
  throw std::runtime_error(why);
}

}  // namespace inkfield::watch_folder
