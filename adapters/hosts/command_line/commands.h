// The commands of the program `inkfield`. Each takes what was asked on the command line, prints its results on standard
// output and everything else on standard error, and returns the exit status.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <inkfield/inkfield.hpp>

namespace inkfield::command_line {

/// Wrong usage or configuration: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The results could not be written: exit status 1.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Who reads: shared by the commands that load a network.
struct ReaderArguments {
  std::string model;     ///< a file, or the name of a shipped network; "": the shipped open one
  std::string tessdata;  ///< folder of Tesseract's language data
  std::string language;
  std::string precision;  ///< "fastest", "float32" or "int8"; "": fastest
};

struct ReadArguments {
  ReaderArguments reader;
  std::vector<std::string> templates;  ///< files or folders; none: the shipped ones
  std::string form;                    ///< "": found out from the page
  std::vector<std::string> fields;     ///< none: all
  std::string format = "table";
  std::string explain_folder;
  std::string today;    ///< YYYY-MM-DD for rules that need it; "": this machine's
  bool strict = false;  ///< a bad template ends the run
  std::vector<std::string> images;  ///< "-": standard input
};

struct EvalArguments {
  ReaderArguments reader;
  std::string field;                    ///< file with one field definition
  std::vector<std::string> idx;         ///< images and labels
  std::string crops;                    ///< folder of pictures
  std::string truth;                    ///< table of truths
  std::string key;                      ///< its column that names a picture's stem
  std::string column;                   ///< its column that holds the truth
  bool json = false;
  std::size_t limit = 0;  ///< 0: all items
  std::string only;         ///< file with the names of the items that count; "": all
  std::string corrections;  ///< table of labels to mend; "": none
  std::string picture;      ///< SVG file to write; "": none
  std::string answers;      ///< CSV file to write every answer to; "": none
  std::vector<std::string> pool;  ///< such files of several runs, counted as one; nothing is read then
  std::string errors;       ///< CSV file to write; "": none
};

struct InkArguments {
  ReaderArguments reader;
  std::string field;  ///< file with one field definition
  std::string crops;  ///< folder of pictures
  std::string out;    ///< folder for the pictures of their ink
};

int run_read(const ReadArguments& arguments);
int run_check(const std::vector<std::string>& files);
int run_model(const std::string& file, bool json);
int run_eval(const EvalArguments& arguments);
int run_ink(const InkArguments& arguments);

/// The plugin as installed with this program. Throws UsageError if it cannot be loaded.
Library load_plugin();

/// Options for an engine that speaks to people through standard error.
EngineOptions engine_options(const ReaderArguments& arguments);

/// On standard error: `inkfield: MESSAGE`, further lines indented. File names in it should be printable() already.
void complain(const std::string& message);

/// Flushes standard output. Throws OutputError if anything written so far did not arrive.
void flush_output();

}  // namespace inkfield::command_line
