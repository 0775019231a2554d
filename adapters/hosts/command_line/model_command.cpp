// `inkfield model`: what a network file is, and whether this library runs it.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/program_files.h"

namespace inkfield::command_line {

namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  return hosts::printable(value.is_string() ? value.get<std::string>()
                                            : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string words(std::string key) {
  for (char& c : key) c = c == '_' ? ' ' : c;
  return hosts::printable(key);
}

/// Nested objects become "outer inner"; lists of numbers one line, lists of texts and objects a line an entry.
void add_rows(const Json& object, const std::string& prefix, std::vector<std::vector<TableCell>>& rows) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix.empty() ? words(key) : prefix + ' ' + words(key);
    const bool long_entries = value.is_array() && !value.empty() && (value.front().is_object() || value.front().is_string());
    if (value.is_object()) {
      add_rows(value, name, rows);
    } else if (long_entries) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        std::string line;
        if (value[i].is_object()) {
          for (const auto& [inner_key, inner] : value[i].items()) {
            line += (line.empty() ? "" : ", ") + words(inner_key) + ' ' + shown(inner);
          }
        } else {
          line = shown(value[i]);
        }
        rows.push_back({{name + ' ' + std::to_string(i + 1), Colour::dim}, {line}});
      }
    } else if (value != "" && value != Json::array()) {
      rows.push_back({{name, Colour::dim}, {shown(value)}});
    }
  }
}

/// For people: the verdict first, then what stands in the way, then the facts.
void print_verdict(const Json& facts, bool colour) {
  if (!facts.contains("runnable")) return;
  const bool runs = facts.value("runnable", true);
  std::vector<std::vector<TableCell>> rows;
  rows.push_back({{runs ? "runs" : "does not run", runs ? Colour::green : Colour::red},
                  {hosts::printable(facts.value("use", std::string()))}});
  const Json missing = facts.value("missing", Json::array());
  for (const auto& fault : missing) {
    std::string where = fault.value("where", std::string());
    if (const int more = fault.value("count", 1) - 1; more > 0) where += " and " + std::to_string(more) + " more";
    rows.push_back({{"in the way", Colour::dim}, {hosts::printable(where + ": " + fault.value("what", std::string()))}});
    if (const std::string advice = fault.value("advice", std::string()); !advice.empty()) {
      rows.push_back({{"what to do", Colour::dim}, {hosts::printable(advice)}});
    }
  }
  if (!runs && missing.empty()) rows.push_back({{"in the way", Colour::dim}, {hosts::printable(facts.value("why_not", std::string()))}});
  write_table(std::cout, rows, {}, "", colour);
  std::cout << '\n';
}

}  // namespace

int run_model(const std::string& name, bool json) {
  const std::string file = hosts::model_file(name);
  const Library library = load_plugin();
  std::string text;
  try {
    text = describe_model(library, file);
  } catch (const Error& error) {
    throw UsageError(hosts::printable(file) + ": " + hosts::without_path(error.what(), file));
  }
  const Json facts = Json::parse(text);
  if (json) {
    std::cout << text << '\n';
  } else {
    const bool colour = shows_colour(STDOUT_FILENO);
    print_verdict(facts, colour);
    // What the verdict has said already is left out here.
    Json rest = facts;
    for (const char* key : {"runnable", "why_not", "missing", "use"}) rest.erase(key);
    std::vector<std::vector<TableCell>> rows;
    add_rows(rest, "", rows);
    write_table(std::cout, rows, {}, "", colour);
  }
  flush_output();
  return facts.value("runnable", true) ? hosts::kExitDone : hosts::kExitUsage;
}

}  // namespace inkfield::command_line
