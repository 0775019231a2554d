// Outcomes for the outputs' tests, and a folder of their own.
#pragma once

#include <string>

#include "adapters/hosts/watch_folder/document_outcome.h"
#include "tests/scratch_folder.h"

namespace inkfield::watch_folder {

/// A page of two fields; one accepted, one for a person.
inline DocumentOutcome sample_outcome(const std::string& id) {
  DocumentOutcome outcome;
  outcome.document_id = id;
  outcome.folder = "post";
  outcome.name = "scan " + id + ".png";
  outcome.content_hash = "00ff";
  outcome.destination = Destination::review;
  outcome.reasons = {"field amount: unsure"};
  outcome.read_at = "2026-01-02T03:04:05Z";
  PageOutcome page;
  page.page = 1;
  page.state = "read";
  page.form_id = "cheque";
  page.fields.push_back({"account", "handwritten_number", "accepted", "004217", "004217", "", 0.98765});
  page.fields.push_back({"amount", "handwritten_number", "review", "-12,50", "-12.50", "unsure", 0.5});
  page.json = "{\"fields\":[]}";
  outcome.pages.push_back(page);
  return outcome;
}

/// A folder of a test's own, in memory where that can be had: these tests kill processes, not machines, and
/// flushing to a real disk takes most of their time.
class ScratchFolder : public tests::ScratchFolder {
 public:
  ScratchFolder() : tests::ScratchFolder(Place::memory) {}
};

}  // namespace inkfield::watch_folder
