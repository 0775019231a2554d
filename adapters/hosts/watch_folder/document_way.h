// The way of a claimed document through the service, walked by one thread for each worker process:
//
//   known already? ─► read, page by page, and pictures for a person cut ─► what was read is saved in the claim ─► outputs ─► filed, and the claim goes
//
// Every step may be the last before a crash. The next start finds the claim and goes on where the saved reading says.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/filing.h"
#include "adapters/hosts/watch_folder/journal.h"
#include "adapters/hosts/watch_folder/preparation.h"
#include "adapters/hosts/watch_folder/status_board.h"
#include "adapters/hosts/watch_folder/work_source.h"
#include "adapters/hosts/watch_folder/worker_process.h"

namespace inkfield::watch_folder {

/// What the ways of all threads share.
struct WayStation {
  const Preparation& preparation;
  Journal& journal;
  StatusBoard& board;
  WorkSource& source;
  Log log;
  std::function<void(const DocumentReading&)> filed;  ///< called for each document that is through
  std::function<void()> held_up;                      ///< called when a document has to wait for better times
  std::function<void(const DocumentOutcome&, const std::string&)> decided;  ///< the audit trail; may throw, and then the document waits
  std::mutex outputs;                                 ///< one delivery at a time
};

class DocumentWay {
 public:
  DocumentWay(WayStation& station, std::unique_ptr<WorkerProcess> worker);
  /// Takes work until `no_more` is requested; what it has then is finished unless `at_once` is requested, too.
  void run(const std::stop_token& no_more, const std::stop_token& at_once);

 private:
  enum class End { finished, later, changed, stopped };
  End walk(const Work& work, std::string& why_later);
  End read(const Work& work, DocumentReading& reading);
  void cut_pictures(const Claim& claim, const PreparedFolder& folder, const DocumentReading& reading, const WorkerProcess::Request& request);
  [[nodiscard]] std::filesystem::path make_scratch(const Claim& claim) const;
  std::string read_pages(const WorkerProcess::Request& request, const ReadingSettings& settings, std::vector<PageReading>& pages);
  void deliver(const Claim& claim, DocumentReading& reading, std::size_t folder);
  [[nodiscard]] Filing filing_of(const Claim& claim, const DocumentReading& reading, std::size_t folder);
  void filed(const Work& work, const DocumentReading& reading, const std::string& name);
  void log(inkfield_log_level level, const std::string& text);

  WayStation& station_;
  std::unique_ptr<WorkerProcess> worker_;
  std::stop_token at_once_;
};

}  // namespace inkfield::watch_folder
