// One small function a kind of output; each knows its own keys.
#include "adapters/hosts/watch_folder/outputs/make_outputs.h"

#include <Poco/NumberParser.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/AbstractConfiguration.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "adapters/hosts/watch_folder/outputs/command_output.h"
#include "adapters/hosts/watch_folder/outputs/csv_output.h"
#include "adapters/hosts/watch_folder/outputs/database_output.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;

namespace {

using Configuration = Poco::Util::AbstractConfiguration;

struct Kind {
  const char* name;
  std::vector<std::string> keys;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kKinds = {
      {"csv", {"file", "rows", "columns", "separator"}},
      {"sqlite", {"file"}},
      {"postgresql", {"connection"}},
      {"command", {"program", "arguments", "environment", "time_limit_s"}},
  };
  return kKinds;
}

std::vector<std::string> listed(const std::string& text) {
  const Poco::StringTokenizer parts(text, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return {parts.begin(), parts.end()};
}

std::vector<std::string> split_at_blanks(const std::string& text) {
  const Poco::StringTokenizer parts(text, " \t", Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return {parts.begin(), parts.end()};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Never expanded: a ${...} in a password or an argument stays what it is.
std::string value_of(const Configuration& view, const std::string& key) { return view.getRawString(key, ""); }

std::string needed(const Configuration& view, const std::string& key) {
  std::string value = value_of(view, key);
  if (value.empty()) throw std::invalid_argument(key + " is missing");
  return value;
}

fs::path file_of(const Configuration& view, const std::string& key, const fs::path& base) {
  return (base / needed(view, key)).lexically_normal();
}

/// The kinds asked for, after every key was looked at.
std::vector<std::string> checked_kinds(const Configuration& view) {
  std::vector<std::string> wanted = listed(value_of(view, "outputs"));
  std::vector<std::string> known;
  for (const Kind& kind : kinds()) known.emplace_back(kind.name);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::find(known.begin(), known.end(), wanted[i]) == known.end()) {
      throw std::invalid_argument("outputs: there is no output \"" + wanted[i] + "\"; there are " + joined(known));
    }
    if (std::find(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(i), wanted[i]) != wanted.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw std::invalid_argument("outputs: " + wanted[i] + " is named twice");
    }
  }
  for (const Kind& kind : kinds()) {
    const std::string name = kind.name;
    Configuration::Keys keys;
    view.keys(name, keys);
    const bool asked = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    for (const std::string& key : keys) {
      if (std::find(kind.keys.begin(), kind.keys.end(), key) == kind.keys.end()) {
        throw std::invalid_argument("unknown key " + name + '.' + key + "; " + name + " has " + joined(kind.keys));
      }
      if (!asked) throw std::invalid_argument(name + '.' + key + " is given, but outputs does not name " + name);
    }
    if (!asked && view.hasProperty(name)) throw std::invalid_argument("unknown key " + name + "; write outputs = " + name);
  }
  return wanted;
}

CsvLayout csv_layout(const Configuration& view) {
  CsvLayout layout;
  const std::string rows = value_of(view, "csv.rows");
  if (rows == "pages") {
    layout.rows = CsvLayout::Rows::pages;
  } else if (!rows.empty() && rows != "fields") {
    throw std::invalid_argument("csv.rows = " + rows + ": there are fields and pages");
  }
  layout.columns = listed(value_of(view, "csv.columns"));
  if (layout.rows == CsvLayout::Rows::pages && layout.columns.empty()) throw std::invalid_argument("csv.columns is missing: which fields shall have a column?");
  if (layout.rows == CsvLayout::Rows::fields && !layout.columns.empty()) throw std::invalid_argument("csv.columns goes with csv.rows = pages");
  if (std::set<std::string>(layout.columns.begin(), layout.columns.end()).size() != layout.columns.size()) {
    throw std::invalid_argument("csv.columns names a field twice");
  }
  const std::string separator = value_of(view, "csv.separator");
  if (separator == "semicolon") {
    layout.separator = ';';
  } else if (separator == "tab") {
    layout.separator = '\t';
  } else if (!separator.empty() && separator != "comma") {
    throw std::invalid_argument("csv.separator = " + separator + ": there are comma, semicolon and tab");
  }
  return layout;
}

/// Poco hands on these and silently drops all else, which must not happen to an sslmode.
std::string postgresql_connection(const Configuration& view) {
  static const std::vector<std::string> kKnown = {"host", "port", "user", "password", "dbname"};
  const std::string connection = needed(view, "postgresql.connection");
  bool user = false;
  for (const std::string& part : split_at_blanks(connection)) {
    const std::string name = part.substr(0, part.find('='));
    if (name.size() == part.size() || part.find_first_of("'\"") != std::string::npos) {
      throw std::invalid_argument("postgresql.connection: NAME=value with blanks between, and no blanks or quotes in a value");
    }
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      throw std::invalid_argument("postgresql.connection has no " + name + "; it has " + joined(kKnown) +
                                  ". Set others by libpq's environment variables, PGSSLMODE for instance");
    }
    user = user || (name == "user" && part.size() > 5);
  }
  if (!user) throw std::invalid_argument("postgresql.connection: user=NAME is missing");
  return connection;
}

CommandSettings command_settings(const Configuration& view) {
  CommandSettings settings;
  settings.program = needed(view, "command.program");
  if (settings.program.find('/') != std::string::npos && settings.program.front() != '/') {
    throw std::invalid_argument("command.program = " + settings.program + ": write the whole path, or a name that lies in PATH");
  }
  for (const char* key : {"command.arguments", "command.environment"}) {
    std::vector<std::string> parts;
    try {
      parts = split_arguments(value_of(view, key));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(std::string(key) + ": " + error.what());
    }
    (std::string(key) == "command.arguments" ? settings.arguments : settings.environment) = parts;
  }
  for (const std::string& variable : settings.environment) {
    if (variable.find('=') == std::string::npos || variable.front() == '=') {
      throw std::invalid_argument("command.environment: " + variable + " is no NAME=value");
    }
  }
  const std::string limit = value_of(view, "command.time_limit_s");
  if (!limit.empty()) {
    constexpr int kDay_s = 24 * 60 * 60;
    int seconds = 0;
    if (!Poco::NumberParser::tryParse(limit, seconds) || seconds < 1 || seconds > kDay_s) {
      throw std::invalid_argument("command.time_limit_s = " + limit + " is no whole number of seconds from 1 to " + std::to_string(kDay_s));
    }
    settings.time_limit = std::chrono::seconds(seconds);
  }
  return settings;
}

}  // namespace

std::vector<std::unique_ptr<Output>> make_outputs(const Configuration& view, const fs::path& base) {
  std::vector<std::unique_ptr<Output>> outputs;
  for (const std::string& kind : checked_kinds(view)) {
    if (kind == "csv") {
      outputs.push_back(std::make_unique<CsvOutput>(file_of(view, "csv.file", base), csv_layout(view)));
    } else if (kind == "sqlite") {
      outputs.push_back(DatabaseOutput::sqlite(file_of(view, "sqlite.file", base)));
    } else if (kind == "postgresql") {
      outputs.push_back(DatabaseOutput::postgresql(postgresql_connection(view)));
    } else {
      outputs.push_back(std::make_unique<CommandOutput>(command_settings(view)));
    }
  }
  return outputs;
}

std::vector<fs::path> output_files(const Configuration& view, const fs::path& base) {
  std::vector<fs::path> files;
  for (const std::string& kind : checked_kinds(view)) {
    if (kind == "csv" || kind == "sqlite") files.push_back(file_of(view, kind + ".file", base));
  }
  return files;
}

std::string shown_value(const std::string& key, const std::string& value) {
  if (!key.ends_with("postgresql.connection")) return value;
  std::string shown;
  for (const std::string& part : split_at_blanks(value)) shown += (shown.empty() ? "" : " ") + (part.starts_with("password=") ? "password=..." : part);
  return shown;
}

}  // namespace inkfield::watch_folder
