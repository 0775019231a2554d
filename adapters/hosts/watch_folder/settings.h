// What the service was told: which folders, how to read them, where documents go. Checked once, before anything starts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/documents/page_images.h"

namespace inkfield::watch_folder {

class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a subfolder of the watched folder means.
enum class Subfolders { ignored, batch, form };

struct FolderSettings {
  std::string name;  ///< for messages
  std::filesystem::path watch;
  std::filesystem::path output;  ///< holds done/, review/, failed/ and duplicates/; beside the watched folder if left out
  std::vector<std::string> templates;
  std::string form;  ///< the form's id, if every document here is of one; "" if it is found out
  bool mark_duplicates = true;
  std::string marker;  ///< ending of companion files, ".done" for instance; "": none
  Subfolders subfolders = Subfolders::ignored;
  std::string separator_form;         ///< of sheets between the documents of a batch; "": none
  std::string separator_label_field;  ///< what names the document that follows; "": nothing does
  bool review_pictures = true;        ///< fields that need a person lie as pictures beside a document in review/
  PageLimits pdf;                     ///< how PDFs become pages; pages, dpi, time and active content are settings
  std::int64_t retention_days = 0;    ///< done documents are deleted after so many; 0: never
  std::map<std::string, std::string> outputs;  ///< keys of outputs other than the file beside the image, as they stand in the file

  [[nodiscard]] std::filesystem::path working() const { return watch / ".inkfieldd"; }
  /// "done", "review", "failed", "duplicate"
  [[nodiscard]] std::filesystem::path folder_for(const std::string& word) const { return output / (word == "duplicate" ? "duplicates" : word); }
};

/// One setting as `--check-config` explains it.
struct ExplainedSetting {
  std::string key, value, origin;
};

struct Settings {
  std::chrono::milliseconds settle{1000};  ///< a file is whole once it has not changed for so long
  std::chrono::milliseconds poll{2000};    ///< longest time between two looks into a folder
  std::chrono::milliseconds lease{60'000};  ///< a service silent for so long is dead, and its claims go to another
  std::chrono::milliseconds retry{15'000};  ///< rest of a document that can be read but not filed
  std::chrono::milliseconds page{120'000};  ///< longest time for one page
  std::int64_t workers = 0;                 ///< processes that read; 0: one for each processor, at most 4
  std::int64_t worker_pages = 1000;         ///< a worker process ends after so many pages and another takes its place
  std::int64_t worker_memory_mb = 4096;     ///< address space of a worker process
  std::int64_t journal_days = 400;          ///< filed documents are forgotten after so many days
  std::int64_t status_port = 0;             ///< on the loopback, for status and metrics; 0: none
  std::filesystem::path log, audit;         ///< files; "": log on standard error, no audit trail
  std::filesystem::path state;              ///< journal and copies of the templates in use; on a local disk
  std::string model;
  std::string precision;  ///< "fastest", "float32" or "int8"; "": fastest
  std::string tessdata;
  std::string languages;
  std::vector<FolderSettings> folders;
  std::filesystem::path file;               ///< the configuration file; "" if there is none
  std::map<std::string, std::string> origins;  ///< of keys that were given: where
};

/// Reads a configuration file; README.md tells its keys. Relative paths in it start at its own folder. Throws SettingsError naming file and key:
/// an unknown key with the nearest known one, a number that is none or out of range, an unknown word, no folder.
Settings load_settings(const std::string& file);

/// Fills in defaults (shipped templates, output, state), makes paths absolute. Throws SettingsError: a watched folder that is not there, lies in
/// another or is given twice; an output or state folder inside a watched one; a watched folder inside an output.
void complete(Settings& settings);

/// Makes the folders that are needed. Throws SettingsError.
void make_folders(const Settings& settings);

/// Every setting with its value and where it comes from, defaults among them. Of complete settings.
std::vector<ExplainedSetting> explained(const Settings& settings);

}  // namespace inkfield::watch_folder
