// A worker as the service sees it: another process that has the plugin loaded, is held to limits and may die of what it reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <inkfield/inkfield.h>

#include "adapters/hosts/watch_folder/document_reading.h"
#include "adapters/hosts/watch_folder/documents/page_images.h"
#include "adapters/hosts/watch_folder/message.h"

namespace inkfield::watch_folder {

using Log = std::function<void(inkfield_log_level, const std::string&)>;

/// What a worker needs to know to read a folder's documents.
struct ReadingSettings {
  std::string key;  ///< names this engine within a worker; another key, another engine
  std::string model, precision, tessdata, languages;
  std::vector<std::string> templates;
};

/// What a worker says of its templates.
struct LoadedForms {
  std::vector<std::string> forms;
  std::vector<std::string> faults;  ///< a line for each template left out
};

struct WorkerLimits {
  std::int64_t memory_bytes = 0;  ///< address space; 0: none
  std::chrono::milliseconds page{0};  ///< longest silence while a page is read
  std::uint32_t pages = 0;            ///< a worker ends after so many; 0: never
};

/// The worker ended, or was ended for being silent too long. what(): how, with its last words.
class WorkerDied : public std::runtime_error {
 public:
  WorkerDied(const std::string& how, bool by_others) : std::runtime_error(how), by_others_(by_others) {}
  /// Killed from outside as far as can be told (SIGKILL or SIGTERM that we did not send): hardly the page's fault.
  [[nodiscard]] bool by_others() const { return by_others_; }

 private:
  bool by_others_;
};

/// The worker cannot load these templates or this network.
class WorkerRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The service is told to stop; nothing is known of the page.
class WorkerStopped : public std::runtime_error {
 public:
  WorkerStopped() : std::runtime_error("stopped") {}
};

/// One thread at a time. The process ends with the object, and with the thread that started it.
class WorkerProcess {
 public:
  /// `log` gets what the plugin logs. The process starts with the first call.
  WorkerProcess(WorkerLimits limits, Log log);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  using Stopping = std::function<bool()>;

  /// Throws WorkerRefused, WorkerDied, WorkerStopped, std::system_error (no process can be started).
  LoadedForms configure(const ReadingSettings& settings, const Stopping& stopping);

  struct Request {
    std::string path;  ///< the document
    std::string name;  ///< what messages call it
    std::string form;  ///< "": found out
    std::string scratch;  ///< an empty folder for pages of a PDF; "": no PDFs
    PageLimits pdf;       ///< memory and pixels stay at their defaults
    std::uint32_t first_page = 1;
    bool only_one_page = false;
  };
  /// Reads pages in order, each handed to `take` as soon as it has been read. Returns why the document cannot be opened, or "". Throws as configure.
  std::string read(const ReadingSettings& settings, const Request& request, const std::function<void(PageReading)>& take, const Stopping& stopping);

  /// Cuts pictures of the fields in question out of a document that has just been read, as write_review_crops tells, into `folder`; all of the request
  /// but its pages counts. Throws as configure; std::system_error with the code of what went wrong (a full disk), std::runtime_error.
  void cut_pictures(const ReadingSettings& settings, const Request& request, const std::vector<PageOutcome>& pages, const std::filesystem::path& folder,
                    const Stopping& stopping);

  /// Ends the process; the next call starts another.
  void end();
  [[nodiscard]] int id() const;  ///< process id, or 0

 private:
  struct Process;
  void start();
  void recycle_if_due();
  void send(const Message& message);
  Message receive(std::chrono::milliseconds patience, const Stopping& stopping);
  [[noreturn]] void died(const std::string& how);

  WorkerLimits limits_;
  Log log_;
  std::unique_ptr<Process> process_;
};

}  // namespace inkfield::watch_folder
