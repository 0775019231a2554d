// A program run for each document. It runs at least once: after a crash of ours it may run again with the same document id.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/output.h"

namespace inkfield::watch_folder {

struct CommandSettings {
  std::string program;                 ///< an absolute path, or a name looked for in PATH
  std::vector<std::string> arguments;  ///< {document_id} and {outcome} in them are replaced; nothing else is, as a file's name may
                                       ///< begin with a dash
  std::vector<std::string> environment;  ///< "NAME=value", beside PATH, HOME, LANG, LC_ALL and TZ of the service
  std::chrono::seconds time_limit{60};
};

/// The program gets the whole result as JSON on its standard input, and INKFIELD_DOCUMENT_ID, INKFIELD_FOLDER, INKFIELD_FILE,
/// INKFIELD_OUTCOME, INKFIELD_CONTENT_HASH and INKFIELD_READ_AT in its environment. Exit status 0: delivered; 75 (try later, as
/// sysexits.h has it), or a program that is not there: OutputUnavailable; all else: std::runtime_error with its last words.
class CommandOutput : public Output {
 public:
  explicit CommandOutput(CommandSettings settings);
  void deliver(const DocumentOutcome& outcome) override;

 private:
  CommandSettings settings_;
};

/// Splits at blanks; "double quotes" hold blanks together, and a backslash takes the next character as it is. No variables, no
/// patterns, no shell. Throws std::invalid_argument: a quote that is not closed.
std::vector<std::string> split_arguments(const std::string& text);

}  // namespace inkfield::watch_folder
