// The program `inkfield`: what was asked on the command line, handed to one of the commands.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/precision.h"
#include "adapters/hosts/common/tile_registers.h"

namespace {

using namespace inkfield::command_line;

constexpr const char* kExitStatuses =
    "Exit status: 2 wrong usage or configuration, else 1 a page could not be read (or the results not written),\n"
    "else 3 something needs a person (a field in review, an unknown form), else 0.";

/// A program started with closed standard files must not find a picture behind descriptor 1.
void keep_standard_files() {
  for (const int fd : {STDIN_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1) {
      const int null = ::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
      if (null != fd && null != -1) {
        ::dup2(null, fd);
        ::close(null);
      }
    }
  }
  if (::fcntl(STDOUT_FILENO, F_GETFD) == -1) {
    complain("standard output is closed: there is nowhere to write the results");
    std::_Exit(inkfield::hosts::kExitUnreadable);
  }
}

void add_reader_options(CLI::App& command, ReaderArguments& reader) {
  command.add_option("--model", reader.model, "Network: an ONNX file, or open or research as shipped")->type_name("FILE");
  command.add_option("--tessdata", reader.tessdata, "Folder of Tesseract's language data")->type_name("FOLDER");
  command.add_option("--language", reader.language, "Languages of printed text, as eng+deu")->type_name("LANGUAGE");
}

void add_precision(CLI::App& command, ReaderArguments& reader) {
  command.add_option("--precision", reader.precision, "How the network calculates: fastest (int8 if its file has ranges for it, else float32), float32 or int8")
      ->check([](const std::string& word) {
        return inkfield::hosts::precision_named(word) ? std::string() : word + ": " + inkfield::hosts::kPrecisionWords;
      })
      ->type_name("PRECISION");
}

int run(int argc, char** argv) {
  CLI::App app("Inkfield reads the fields of paper forms.", "inkfield");
  app.footer(kExitStatuses);
  app.require_subcommand(1);
  app.set_version_flag("--version", [] { return "inkfield " + load_plugin().version(); }, "Print the version");

  ReadArguments read;
  CLI::App& read_command = *app.add_subcommand("read", "Read the fields of page images");
  read_command.footer(kExitStatuses);
  read_command.add_option("--templates", read.templates, "Form templates: a file or a folder; may be given again")
      ->type_name("FILE_OR_FOLDER")
      ->allow_extra_args(false);
  read_command.add_option("--form", read.form, "The form's id, if it is known")->type_name("ID");
  add_reader_options(read_command, read.reader);
  add_precision(read_command, read.reader);
  read_command.add_option("--format", read.format, "table, json (one array), jsonl (a line a page) or csv (a line a field)")
      ->check(CLI::IsMember({"table", "json", "jsonl", "csv"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  read_command.add_option("--fields", read.fields, "Only these fields: ids with commas between")
      ->type_name("ID,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  read_command
      .add_option("--explain", read.explain_folder, "Write pictures of what each step saw into a folder a page under this one")
      ->type_name("FOLDER");
  read_command.add_option("--today", read.today, "The day that a form's rules call today; left out: this machine's")->type_name("YYYY-MM-DD");
  read_command.add_flag("--strict", read.strict, "One bad template ends the run, instead of being left out");
  read_command.add_option("IMAGE", read.images, "PNG, JPEG, PNM or TIFF; every page is read; - is standard input")->required();

  std::vector<std::string> checked;
  CLI::App& check_command = *app.add_subcommand("check", "List every fault of form templates");
  check_command.footer("Exit status: 0 all are good, 2 otherwise.");
  check_command.add_option("FILE", checked, "Templates, or folders of them")->required();

  std::string model = "open";
  bool model_json = false;
  CLI::App& model_command = *app.add_subcommand("model", "Tell what a network file is");
  model_command.footer("Exit status: 0 the file can be used, 2 otherwise.");
  model_command.add_flag("--json", model_json, "Print JSON");
  model_command.add_option("FILE", model, "An ONNX file, or open or research as shipped")->capture_default_str();

  EvalArguments eval;
  CLI::App& eval_command = *app.add_subcommand("eval", "Measure how well labelled pictures of one field are read");
  eval_command.footer(
      "Digits are compared with digits. Right rates are those of first readings, nothing rejected. An item with ? in its\n"
      "truth is right only if rejected and stays out of the rates; accepted, it counts as accepted wrong. Digits right:\n"
      "position by position where the lengths agree, else as a least-edits alignment matches them. An item whose truth\n"
      "has no digits must not be accepted with digits. Intervals are Clopper and Pearson's.\n"
      "Exit status: 2 wrong usage or configuration, else 1 a picture could not be read, else 0.");
  eval_command.add_option("--field", eval.field, "The field's definition")->type_name("FIELD.json")->required();
  add_reader_options(eval_command, eval.reader);
  add_precision(eval_command, eval.reader);
  CLI::Option* idx = eval_command.add_option("--idx", eval.idx, "Pictures and labels in idx files, plain or .gz")
                         ->type_name("IMAGES LABELS")
                         ->expected(2);
  CLI::Option* crops = eval_command.add_option("--crops", eval.crops, "Folder of pictures, one a field")->type_name("FOLDER");
  CLI::Option* truth = eval_command.add_option("--truth", eval.truth, "Table with what is written in them")->type_name("CSV");
  CLI::Option* key = eval_command.add_option("--key", eval.key, "Its column with the pictures' names, without their endings");
  CLI::Option* column = eval_command.add_option("--column", eval.column, "Its column with the truth");
  idx->excludes(crops)->excludes(truth)->excludes(key)->excludes(column);
  crops->needs(truth)->needs(key)->needs(column);
  eval_command.add_flag("--json", eval.json, "Print one JSON object");
  eval_command.add_option("--picture", eval.picture, "Draw the reliability diagram and the error/reject curve")
      ->type_name("FILE.svg")
      ->check([](const std::string& file) {
        return file.size() > 4 && file.substr(file.size() - 4) == ".svg" ? std::string() : file + ": the picture is an SVG: name it FILE.svg";
      });
  eval_command.add_option("--answers", eval.answers, "List every answer, for --pool")->type_name("FILE.csv");
  CLI::Option* pool =
      eval_command.add_option("--pool", eval.pool, "Count the answers of several runs, written by --answers, as one")
          ->type_name("FILE.csv ...");
  pool->excludes(idx)->excludes(crops);
  eval_command.add_option("--errors", eval.errors, "List every wrong answer, the most confident first")->type_name("FILE.csv");
  eval_command.add_option("--only", eval.only, "Only the items named in this file, one a line")->type_name("LIST.txt");
  eval_command
      .add_option("--corrections", eval.corrections,
                  "Wrong labels: the first column names the item, the last says what is written; both figures are printed")
      ->type_name("FILE.csv");
  eval_command.add_option("--limit", eval.limit, "Only the first so many items")->type_name("N")->check(CLI::NonNegativeNumber);
  eval_command.callback([&] {
    if (eval.idx.empty() && eval.crops.empty() && eval.pool.empty()) {
      throw CLI::RequiredError("--idx IMAGES LABELS, or --crops FOLDER --truth CSV --key COLUMN --column COLUMN, or --pool FILES");
    }
  });

  InkArguments ink;
  CLI::App& ink_command = *app.add_subcommand("ink", "Write the ink of crops as the network meets it, to train on them");
  ink_command.footer(
      "Dark ink on white, PNG, named as the crops; printed lines are gone. inkfield-train takes the folder with a table of\n"
      "what is written. Exit status: 2 wrong usage or configuration, else 1 a picture could not be read, else 0.");
  ink_command.add_option("--field", ink.field, "The field's definition")->type_name("FIELD.json")->required();
  ink_command.add_option("--crops", ink.crops, "Folder of pictures, one a field")->type_name("FOLDER")->required();
  ink_command.add_option("--out", ink.out, "Folder for the pictures of their ink")->type_name("FOLDER")->required();
  add_reader_options(ink_command, ink.reader);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error, std::cout, std::cerr);
      flush_output();
      return inkfield::hosts::kExitDone;
    }
    std::string message = error.what();
    for (char& c : message) c = c == '\n' ? ' ' : c;
    complain(message + " (inkfield --help tells more)");
    return inkfield::hosts::kExitUsage;
  }
  if (read_command.parsed()) return run_read(read);
  if (check_command.parsed()) return run_check(checked);
  if (model_command.parsed()) return run_model(model, model_json);
  if (ink_command.parsed()) return run_ink(ink);
  return run_eval(eval);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) is an error to report, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  keep_standard_files();
  inkfield::hosts::ask_for_tile_registers();
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    complain(error.what());
    return inkfield::hosts::kExitUsage;
  } catch (const OutputError& error) {
    complain(error.what());
    return inkfield::hosts::kExitUnreadable;
  } catch (const std::exception& error) {
    complain(std::string("unexpected failure: ") + error.what());
    return inkfield::hosts::kExitUnreadable;
  }
}
