// `inkfield ink`: the ink of labelled crops as the network will meet it, for training on a customer's own writing.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace fs = std::filesystem;

namespace {

/// The folder that one crop's explanation goes to; gone with this object.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) : path_(parent / (".ink-" + std::to_string(getpid()))) {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error) throw UsageError(parent.string() + ": cannot be written: " + error.message());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

  /// The picture of the ink among those that were written; the folder is empty afterwards.
  bool take_ink(const fs::path& to) {
    bool taken = false;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
      const std::string stem = entry.path().stem().string();
      if (stem.size() >= 3 && stem.compare(stem.size() - 3, 3, "ink") == 0) {
        fs::rename(entry.path(), to, error);
        if (error) throw OutputError(to.string() + ": cannot be written: " + error.message());
        taken = true;
      } else {
        fs::remove(entry.path(), error);
      }
    }
    return taken;
  }

 private:
  fs::path path_;
};

}  // namespace

int run_ink(const InkArguments& arguments) {
  std::string field_json;
  try {
    field_json = whole_file(arguments.field);
  } catch (const DataError& error) {
    throw UsageError(error.what());
  }
  std::error_code error;
  if (!fs::is_directory(arguments.crops, error)) throw UsageError(arguments.crops + ": is no folder of pictures");
  fs::create_directories(arguments.out, error);
  if (error) throw UsageError(arguments.out + ": cannot be made: " + error.message());
  if (fs::equivalent(arguments.crops, arguments.out, error)) {
    throw UsageError(arguments.out + ": is the folder of the crops themselves; name another");
  }
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(arguments.crops)) {
    if (entry.is_regular_file(error) && entry.path().filename().string().front() != '.') files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  const Library library = load_plugin();
  const Engine engine = [&] {
    try {
      return Engine(library, engine_options(arguments.reader));
    } catch (const Error& failure) {
      throw UsageError(failure.what());
    }
  }();
  Session session(engine);
  ScratchFolder scratch(arguments.out);
  ProgressBar bar(is_terminal(STDERR_FILENO));
  std::size_t written = 0;
  std::size_t without_ink = 0;
  std::size_t unreadable = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    bar.show(static_cast<double>(i) / static_cast<double>(files.size()), files[i].filename().string());
    try {
      Document document = engine.open(files[i]);
      ReadOptions options;
      options.explain_folder = scratch.path().string();
      session.read_field(document.page(0), field_json, options);
      if (scratch.take_ink(fs::path(arguments.out) / (files[i].stem().string() + ".png"))) {
        ++written;
      } else {
        ++without_ink;
      }
    } catch (const Error& failure) {
      if (failure.status() == INKFIELD_INVALID_TEMPLATE) throw UsageError(arguments.field + ": " + failure.what());
      complain(hosts::printable(files[i].filename().string()) + ": " + hosts::without_path(failure.what(), files[i]));
      ++unreadable;
    }
  }
  bar.clear();
  if (written == 0) {
    throw UsageError(arguments.crops + ": no ink was found in any of " + std::to_string(files.size()) +
                     " files; the field must be a handwritten_number");
  }
  std::cout << written << " pictures of ink in " << hosts::printable(arguments.out) << ", " << without_ink
            << " crops without ink, " << unreadable << " that cannot be read\n";
  flush_output();
  return unreadable > 0 ? hosts::kExitUnreadable : hosts::kExitDone;
}

}  // namespace inkfield::command_line
