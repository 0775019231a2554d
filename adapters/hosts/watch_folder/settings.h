// What the service was told: which folders, how to read them, where documents go. Checked once, before anything starts.
#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace inkfield::watch_folder {

class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FolderSettings {
  std::string name;  ///< for messages
  std::filesystem::path watch;
  std::filesystem::path output;  ///< holds done/, review/ and failed/; the watched folder itself if left out
  std::vector<std::string> templates;
  std::string form;  ///< the form's id, if every document here is of one; "" if it is found out

  [[nodiscard]] std::filesystem::path working() const { return watch / ".inkfieldd"; }
  [[nodiscard]] std::filesystem::path done() const { return output / "done"; }
  [[nodiscard]] std::filesystem::path review() const { return output / "review"; }
  [[nodiscard]] std::filesystem::path failed() const { return output / "failed"; }
};

struct Settings {
  std::chrono::milliseconds settle{1000};  ///< a file is whole once it has not changed for so long
  std::chrono::milliseconds poll{2000};    ///< longest time between two looks into a folder
  std::string model;
  std::string precision;  ///< "float32" or "int8"; "": float32
  std::string tessdata;
  std::string languages;
  std::vector<FolderSettings> folders;
};

/// Reads a configuration file. Relative paths in it start at its own folder:
///
///   settle_ms = 1000
///   poll_ms = 2000
///   model = open
///   precision = float32
///   tessdata = /usr/share/tesseract-ocr/5/tessdata
///   languages = eng
///   folder.post.watch = /srv/post
///   folder.post.templates = /srv/forms; /srv/more_forms
///   folder.post.output = /srv/post_out
///   folder.post.form = cheque
///
/// `post` is any name; there may be several. Only the watched folder must be given. Throws SettingsError naming file and key: an
/// unknown key, a number that is none or out of range, an unknown precision, no folder.
Settings load_settings(const std::string& file);

/// Fills in defaults (shipped templates, output), makes paths absolute, makes the folders. Throws SettingsError: a watched
/// folder that is not there or given twice, an output that is itself watched, a folder that cannot be made.
void complete(Settings& settings);

}  // namespace inkfield::watch_folder
