// Deletes what has lain in done/ long enough. review/ and failed/ are a person's to empty.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

struct RetentionReport {
  std::vector<std::string> deleted;   ///< names, for the audit
  std::vector<std::string> problems;  ///< what could not be deleted, and why
  bool held_back = false;             ///< the clock has not been steady for a day: nothing is deleted
};

/// Deletes plain files in `done` (not below it) that neither changed nor were moved there for `days`; a document and its result file
/// are as old as each other, as both come there together. Links, pipes, folders and hidden files stay, and `done` itself must
/// be no link. To be called about once an hour, with the wall clock as `now`.
///
/// A clock that jumps must not empty the folder, so a hidden file in it remembers when this was last called. After a jump
/// (backwards by any amount, or forwards by more than a day, which a service that was switched off makes too) nothing is deleted
/// until the clock has run on from there for a day. Throws nothing but std::bad_alloc.
RetentionReport delete_old_documents(const std::filesystem::path& done, int days, std::chrono::sys_seconds now);

}  // namespace inkfield::watch_folder
