// The service's memory: every document's way, in one SQLite file on the service's own disk.
//
// The journal tells what happened and knows contents seen before. It is never needed to find a document again: what is
// unfinished lies in claims, with what was read beside it. So a journal lost, or behind by a moment after a power cut, loses nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace inkfield::watch_folder {

/// The journal cannot be read or written: disk full, no permission, not a journal. Later it may go again.
class JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One line of the journal.
struct JournalEntry {
  std::string document_id, folder, name, content_hash, template_hash, model_hash, state, filed_as, duplicate_of, reason;
  std::int64_t attempts = 0;
  bool operator==(const JournalEntry&) const = default;
};

/// Any thread; one call at a time goes through. Every call throws JournalError.
class Journal {
 public:
  /// Opens or makes `state`/journal.sqlite and locks the folder: one service each. `state` is made if it is not there.
  explicit Journal(const std::filesystem::path& state);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// This service's name in claims, chosen once and kept.
  [[nodiscard]] const std::string& owner() const { return owner_; }

  /// state "claimed". Knowing the document already changes nothing.
  void note_claimed(const std::string& document_id, const std::string& folder, const std::string& name);
  /// state "reading"; counts the attempt. With `mark_duplicates`, the id of an earlier document of the same folder and content, unless that one
  /// failed, was given up or is a duplicate itself; then this one's state is "duplicate" at once.
  std::optional<std::string> begin_reading(const std::string& document_id, const std::string& folder, const std::string& hash,
                                           const std::string& template_hash, const std::string& model_hash, bool mark_duplicates);
  /// state "read": what was read lies beside the claim.
  void note_read(const std::string& document_id, const std::string& destination, const std::string& reason, std::int64_t pages);
  /// state = destination: "done", "review", "failed" or "duplicate".
  void note_filed(const std::string& document_id, const std::string& destination, const std::string& filed_as);
  /// state "given up": another service took it over.
  void note_given_up(const std::string& document_id);

  [[nodiscard]] std::optional<JournalEntry> entry(const std::string& document_id) const;
  /// How many documents are in a state.
  [[nodiscard]] std::int64_t count(const std::string& state) const;
  /// Forgets documents that were filed more than `days` ago.
  void forget_after(std::int64_t days);

 private:
  struct Database;
  int lock_ = -1;
  std::unique_ptr<Database> database_;
  std::string owner_;
};

}  // namespace inkfield::watch_folder
