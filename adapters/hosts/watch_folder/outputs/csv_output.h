// A CSV file that grows by whole documents. Beside FILE lies FILE.journal, which says how long FILE is for certain and
// which documents are in it: whatever a crash or a full disk left beyond that length is cut off before the next row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>

#include "adapters/hosts/watch_folder/outputs/csv_rows.h"
#include "adapters/hosts/watch_folder/outputs/output.h"

namespace inkfield::watch_folder {

class CsvOutput : public Output {
 public:
  /// Cuts the file back if it can be reached now, else at the first delivery. Throws std::invalid_argument: the file
  /// holds something else than this layout's rows.
  CsvOutput(std::filesystem::path file, CsvLayout layout);

  /// Several outputs, in one process or in several on this machine, may share a file: each waits for the other. If the file
  /// was moved away (somebody imports it), a new one begins with its header; documents that were in the old one do not come again.
  void deliver(const DocumentOutcome& outcome) override;

 private:
  struct Held;
  /// 128 bits of a document id; ids are the service's own, so chance is all there is to fear, and it is 1e-27 for a million.
  struct Key {
    std::uint64_t high = 0, low = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key.high ^ key.low); }
  };

  static Key key_of(const std::string& id);
  void take_over_journal(Held& held);
  void check_beginning(std::uint64_t size, const std::string& start) const;
  void make_whole(Held& held);
  void record(Held& held, std::uint64_t length, const std::string& rows, const std::string& id);

  std::filesystem::path file_, journal_;
  CsvLayout layout_;
  std::string header_;
  std::uint64_t journal_read_ = 0;  ///< bytes of the journal that are known here
  std::uint64_t length_ = 0;        ///< of the CSV file, for certain
  std::uint64_t last_bytes_ = 0;    ///< of what was added last
  std::uint32_t last_sum_ = 0;      ///< CRC-32 of that
  std::uint64_t journal_inode_ = 0;
  std::unordered_set<Key, KeyHash> delivered_;
};

}  // namespace inkfield::watch_folder
