// run_program does the work; here are the words that the program is told.
#include "adapters/hosts/watch_folder/outputs/command_output.h"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "adapters/hosts/common/child_program.h"
#include "adapters/hosts/watch_folder/outputs/outcome_text.h"

namespace inkfield::watch_folder {

namespace {

/// EX_TEMPFAIL of sysexits.h.
constexpr int kTryLater = 75;

std::string replaced(std::string text, const std::string& mark, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) text.replace(at, mark.size(), value);
  return text;
}

/// An environment holds no zero byte; all others are the file's name as it is.
std::string variable(const char* name, std::string value) {
  std::erase(value, '\0');
  return std::string(name) + '=' + value;
}

}  // namespace

CommandOutput::CommandOutput(CommandSettings settings) : settings_(std::move(settings)) {}

void CommandOutput::deliver(const DocumentOutcome& outcome) {
  hosts::ProgramCall call;
  call.command = {settings_.program};
  for (const std::string& argument : settings_.arguments) {
    call.command.push_back(replaced(replaced(argument, "{document_id}", outcome.document_id), "{outcome}", word_for(outcome.destination)));
  }
  call.environment = hosts::modest_environment();
  call.environment.insert(call.environment.end(), settings_.environment.begin(), settings_.environment.end());
  call.environment.push_back(variable("INKFIELD_DOCUMENT_ID", outcome.document_id));
  call.environment.push_back(variable("INKFIELD_FOLDER", outcome.folder));
  call.environment.push_back(variable("INKFIELD_FILE", outcome.name));
  call.environment.push_back(variable("INKFIELD_OUTCOME", word_for(outcome.destination)));
  call.environment.push_back(variable("INKFIELD_CONTENT_HASH", outcome.content_hash));
  call.environment.push_back(variable("INKFIELD_READ_AT", outcome.read_at));
  call.input = json_text(outcome) + '\n';
  call.time_limit = settings_.time_limit;
  call.kept_bytes = 4096;
  hosts::ProgramEnd end;
  try {
    end = hosts::run_program(call);
  } catch (const std::system_error& error) {
    throw OutputUnavailable(std::string("command: ") + error.what());
  }
  if (end.status == 0 && !end.timed_out) return;
  const std::string told = settings_.program + ' ' + end.told();
  if (end.status == kTryLater) throw OutputUnavailable(told);
  throw std::runtime_error(told);
}

std::vector<std::string> split_arguments(const std::string& text) {
  std::vector<std::string> arguments;
  std::string argument;
  bool quoted = false;
  bool begun = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      argument += text[++i];
      begun = true;
    } else if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if ((c == ' ' || c == '\t') && !quoted) {
      if (begun) arguments.push_back(std::exchange(argument, {}));
      begun = false;
    } else {
      argument += c;
      begun = true;
    }
  }
  if (quoted) throw std::invalid_argument("a double quote is not closed in " + text);
  if (begun) arguments.push_back(argument);
  return arguments;
}

}  // namespace inkfield::watch_folder
