// `inkfield model`: what a network file is, and whether this library runs it.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/common/exit_status.h"
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

/// Nested objects become "outer inner"; a list of plain values one line, a list of objects one line each.
void add_rows(const Json& object, const std::string& prefix, std::vector<std::vector<TableCell>>& rows) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix.empty() ? words(key) : prefix + ' ' + words(key);
    const bool of_objects = value.is_array() && !value.empty() && value.front().is_object();
    if (value.is_object()) {
      add_rows(value, name, rows);
    } else if (of_objects) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        std::string line;
        for (const auto& [inner_key, inner] : value[i].items()) line += (line.empty() ? "" : ", ") + words(inner_key) + ' ' + shown(inner);
        rows.push_back({{name + ' ' + std::to_string(i + 1), Colour::dim}, {line}});
      }
    } else {
      rows.push_back({{name, Colour::dim}, {shown(value)}});
    }
  }
}

}  // namespace

int run_model(const std::string& name, bool json) {
  const std::string file = hosts::model_file(name);
  const Library library = load_plugin();
  std::string text;
  try {
    text = describe_model(library, file);
  } catch (const Error& error) {
    throw UsageError(file + ": " + error.what());
  }
  if (json) {
    std::cout << text << '\n';
  } else {
    std::vector<std::vector<TableCell>> rows = {{{"file", Colour::dim}, {hosts::printable(file)}}};
    add_rows(Json::parse(text), "", rows);
    write_table(std::cout, rows, {}, "", shows_colour(STDOUT_FILENO));
  }
  flush_output();
  return hosts::kExitDone;
}

}  // namespace inkfield::command_line
