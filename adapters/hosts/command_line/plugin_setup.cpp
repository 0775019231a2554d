// What every command needs before it starts: the plugin, an engine's options, a way to complain.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <sstream>
#include <utility>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/program_files.h"

namespace inkfield::command_line {

void complain(const std::string& message) {
  std::istringstream lines(message);
  const char* start = "inkfield: ";
  for (std::string line; std::getline(lines, line);) {
    std::cerr << std::exchange(start, "  ") << hosts::printable(line) << '\n';
  }
  std::cerr << std::flush;
}

void flush_output() {
  errno = 0;
  std::cout.flush();
  if (!std::cout) {
    throw OutputError(std::string("cannot write to standard output: ") +
                      (errno != 0 ? std::strerror(errno) : "the stream is closed"));
  }
}

Library load_plugin() {
  try {
    return Library::load(find_library());
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

EngineOptions engine_options(const ReaderArguments& arguments) {
  EngineOptions options;
  if (!arguments.model.empty()) options.model_path = hosts::model_file(arguments.model);
  options.precision = hosts::precision_named(arguments.precision).value_or(0);
  options.tessdata_folder = arguments.tessdata;
  options.languages = arguments.language;
  options.log = [](inkfield_log_level level, const std::string& message) {
    // An error ends a call, and the call's own message is told where it fails.
    if (level != INKFIELD_LOG_ERROR) complain("warning: " + message);
  };
  return options;
}

}  // namespace inkfield::command_line
