// `inkfield check`: every fault of form templates, with its JSON pointer, before a scanner ever runs.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace fs = std::filesystem;

namespace {

/// A folder stands for the .json files in it, in the order of their names.
std::vector<std::string> templates_at(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  }
  if (error) throw DataError(path + ": " + error.message());
  if (files.empty()) throw DataError(path + ": no .json files in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

std::string facts_of_form(const nlohmann::json& form) {
  const std::size_t fields = form.value("fields", nlohmann::json::array()).size();
  return form.value("id", "") + ", " + std::to_string(fields) + (fields == 1 ? " field" : " fields");
}

/// What a good template holds: "cheque_axis, 6 fields", or "3 forms: ...".
std::string facts_of(const std::string& json) {
  try {
    const nlohmann::json document = nlohmann::json::parse(json);
    if (!document.is_array()) return facts_of_form(document);
    std::string facts = std::to_string(document.size()) + (document.size() == 1 ? " form" : " forms");
    for (std::size_t i = 0; i < document.size(); ++i) facts += (i == 0 ? ": " : "; ") + facts_of_form(document[i]);
    return facts;
  } catch (const nlohmann::json::exception&) {
    return {};  // the plugin has accepted it; only the remark is lost
  }
}

}  // namespace

int run_check(const std::vector<std::string>& paths) {
  const Library library = load_plugin();
  bool all_good = true;
  for (const std::string& path : paths) {
    std::vector<std::string> files;
    try {
      files = templates_at(path);
    } catch (const DataError& error) {
      complain(error.what());
      all_good = false;
    }
    for (const std::string& file : files) {
      try {
        const std::string json = whole_file(file);
        const std::vector<Fault> faults = check_template(library, json, file);
        for (const Fault& fault : faults) {
          std::cout << hosts::printable(file) << ": "
                    << (fault.json_pointer.empty() ? "" : hosts::printable(fault.json_pointer) + ": ")
                    << hosts::printable(fault.message) << '\n';
        }
        if (faults.empty()) {
          const std::string facts = facts_of(json);
          std::cout << hosts::printable(file) << ": ok" << (facts.empty() ? "" : " (" + hosts::printable(facts) + ")")
                    << '\n';
        } else {
          all_good = false;
        }
      } catch (const DataError& error) {
        complain(error.what());
        all_good = false;
      } catch (const Error& error) {
        complain(hosts::printable(file) + ": " + error.what());
        all_good = false;
      }
      flush_output();
    }
  }
  return all_good ? hosts::kExitDone : hosts::kExitUsage;
}

}  // namespace inkfield::command_line
