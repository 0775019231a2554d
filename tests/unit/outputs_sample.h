// Outcomes for the outputs' tests, and a folder of their own.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "adapters/hosts/watch_folder/document_outcome.h"

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

class ScratchFolder {
 public:
  explicit ScratchFolder(bool in_memory = true) {
    // In memory where that can be had: these tests kill processes, not machines, and flushing to a real disk takes most of their time.
    const std::filesystem::path memory = "/dev/shm";
    std::string pattern = (in_memory && ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) / "inkfield_outputs_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& bytes, std::ios::openmode how = {}) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary | how) << bytes;
    return path_ / name;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace inkfield::watch_folder
