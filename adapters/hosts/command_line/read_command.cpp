// `inkfield read`: the fields of page images, as a table, JSON or CSV.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <set>
#include <utility>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/result_writers.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/local_day.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/common/program_files.h"

namespace inkfield::command_line {

namespace fs = std::filesystem;

namespace {

Engine make_engine(const ReadArguments& arguments) {
  EngineOptions options = engine_options(arguments.reader);
  options.template_paths = arguments.templates;
  options.strict = arguments.strict;
  if (options.template_paths.empty()) {
    const fs::path shipped = hosts::shipped_templates();
    if (shipped.empty()) throw UsageError("no form templates: name a file or folder with --templates");
    options.template_paths.push_back(shipped);
  }
  const auto make = [&]() -> Engine {
    const Library library = load_plugin();
    try {
      return Engine(library, options);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
  };
  Engine engine = make();
  for (const Fault& fault : engine.faults()) {
    complain(fault.source + ": " + (fault.json_pointer.empty() ? "" : fault.json_pointer + ": ") + fault.message +
             " (this template is left out)");
  }
  const std::vector<FormInfo> forms = engine.forms();
  if (forms.empty()) {
    std::string where;
    for (const std::string& path : options.template_paths) where += (where.empty() ? "" : ", ") + path;
    throw UsageError("no usable form template in " + where);
  }
  if (!arguments.form.empty()) {
    std::string known;
    bool found = false;
    for (const FormInfo& form : forms) {
      found = found || form.id == arguments.form;
      known += (known.empty() ? "" : ", ") + form.id;
    }
    if (!found) throw UsageError("no form \"" + arguments.form + "\" among the templates; there are: " + known);
  }
  return engine;
}

/// Gives every page a folder of its own for the pictures of its steps.
class ExplainFolders {
 public:
  explicit ExplainFolders(fs::path root) : root_(std::move(root)) {}

  std::string folder_for(const std::string& file, std::uint32_t page, std::uint32_t pages) {
    if (root_.empty()) return {};
    // Names of 255 bytes are allowed and must not grow over that.
    std::string name = file == "-" ? "stdin" : fs::path(file).filename().string().substr(0, 200);
    if (pages > 1) name += "_page" + std::to_string(page);
    std::string unique = name;
    for (int i = 2; !used_.insert(unique).second; ++i) unique = name + '-' + std::to_string(i);
    const fs::path folder = root_ / unique;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw UsageError(folder.string() + ": cannot be made: " + error.message());
    return folder;
  }

 private:
  fs::path root_;
  std::set<std::string> used_;
};

std::string place_of(const hosts::PageRecord& record) {
  return hosts::printable(record.file) + (record.pages > 1 ? " (page " + std::to_string(record.page) + ")" : "");
}

}  // namespace

int run_read(const ReadArguments& arguments) {
  const Engine engine = make_engine(arguments);
  Session session = [&] {
    try {
      return Session(engine);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
  }();
  ExplainFolders explain(arguments.explain_folder);
  if (!arguments.explain_folder.empty()) {
    std::error_code error;
    fs::create_directories(arguments.explain_folder, error);
    if (error) throw UsageError(arguments.explain_folder + ": cannot be made: " + error.message());
  }

  const std::unique_ptr<ResultWriter> writer = make_writer(arguments.format, std::cout, shows_colour(STDOUT_FILENO));
  ProgressBar bar(is_terminal(STDERR_FILENO));
  hosts::ExitStatus status;
  writer->begin();
  const auto files = static_cast<double>(arguments.images.size());
  for (std::size_t i = 0; i < arguments.images.size(); ++i) {
    const std::string& file = arguments.images[i];
    bar.show(static_cast<double>(i) / files, file);
    const auto open = [&] {
      if (file != "-") return engine.open(file);
      try {
        const std::string bytes = whole_stream(std::cin, "standard input");
        return engine.open_memory(bytes.data(), bytes.size());
      } catch (const DataError& error) {
        throw Error(INKFIELD_IO_ERROR, error.what());
      }
    };
    const auto options = [&](std::uint32_t page, std::uint32_t pages) {
      ReadOptions read;
      read.form_id = arguments.form;
      read.field_ids = arguments.fields;
      read.correlation_id = hosts::printable(file) + '#' + std::to_string(page);
      read.explain_folder = explain.folder_for(file, page, pages);
      read.today = arguments.today.empty() ? hosts::local_day() : arguments.today;
      if (bar.enabled()) {
        const std::string label = (pages > 1 ? "page " + std::to_string(page) + " of " + std::to_string(pages) + ", " : "") + file;
        read.progress = [&bar, label, done = static_cast<double>(i), page, pages, files](double fraction, const char*) {
          bar.show((done + (static_cast<double>(page - 1) + fraction) / static_cast<double>(pages)) / files, label);
          return true;
        };
      }
      return read;
    };
    hosts::read_pages(session, file, file, open, options, [&](hosts::PageRecord record) {
      bar.clear();
      status.note(hosts::outcome_of(record));
      if (!record.result) complain(place_of(record) + ": " + record.error);
      writer->write(record);
      flush_output();
      return true;
    });
  }
  bar.clear();
  writer->end();
  flush_output();
  return status.value();
}

}  // namespace inkfield::command_line
