// `inkfield eval`: how well one field definition and one network read labelled pictures.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/evaluation.h"
#include "adapters/hosts/command_line/evaluation_picture.h"
#include "adapters/hosts/command_line/evaluation_report.h"
#include "adapters/hosts/command_line/idx_file.h"
#include "adapters/hosts/command_line/item_lists.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/command_line/whole_file.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/page_reading.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield::command_line {

namespace fs = std::filesystem;

namespace {

/// Reads crops one by one with one session and keeps what the counting needs.
class CropReader {
 public:
  CropReader(const Engine& engine, std::string field_json, std::string field_file)
      : session_(engine), field_json_(std::move(field_json)), field_file_(std::move(field_file)) {}

  void read(const inkfield_image& crop, std::string item, std::string truth) {
    EvaluatedItem evaluated{std::move(item), std::move(truth), {}, 0, false, 0};
    const auto start = std::chrono::steady_clock::now();
    try {
      const Result result = session_.read_field(crop, field_json_);
      time_ += std::chrono::steady_clock::now() - start;
      const Field field = result.field(0);
      evaluated.reading = !field.candidates.empty() ? field.candidates.front().text
                          : !field.text.empty()     ? field.text
                          : field.state == INKFIELD_FIELD_EMPTY ? ""
                                                                : field.raw_text;
      evaluated.confidence = field.confidence;
      // Nothing calibrates the probability that nothing is written; an answer that fits no valid value has no probability.
      evaluated.uncalibrated = field.candidates.empty() ? field.confidence : field.candidates.front().probability;
      evaluated.accepted = field.state == INKFIELD_FIELD_ACCEPTED || field.state == INKFIELD_FIELD_EMPTY;
      model_ = result.page().model_name;
      threshold_ = field.threshold;
    } catch (const Error& error) {
      time_ += std::chrono::steady_clock::now() - start;
      switch (error.status()) {
        case INKFIELD_INVALID_TEMPLATE:
        case INKFIELD_INVALID_MODEL:
        case INKFIELD_INVALID_ARGUMENT:
        case INKFIELD_UNAVAILABLE:
          throw UsageError(field_file_ + ": " + error.what());
        default:
          break;
      }
      complain(hosts::printable(evaluated.item) + ": " + error.what());
      ++unreadable_;
    }
    items_.push_back(std::move(evaluated));
  }

  /// An item whose picture cannot be decoded is an item that was read wrong: leaving it out would flatter.
  void note_unreadable(std::string item, std::string truth, const std::string& why) {
    complain(hosts::printable(item) + ": " + why);
    items_.push_back({std::move(item), std::move(truth), {}, 0, false, 0});
    ++unreadable_;
  }

  [[nodiscard]] const std::vector<EvaluatedItem>& items() const { return items_; }
  [[nodiscard]] std::size_t unreadable() const { return unreadable_; }
  [[nodiscard]] const std::string& model() const { return model_; }
  [[nodiscard]] double threshold() const { return threshold_; }
  [[nodiscard]] double ms_per_item() const {
    if (items_.empty()) return 0;
    return std::chrono::duration<double, std::milli>(time_).count() / static_cast<double>(items_.size());
  }

 private:
  Session session_;
  std::string field_json_;
  std::string field_file_;
  std::vector<EvaluatedItem> items_;
  std::size_t unreadable_ = 0;
  std::string model_;
  double threshold_ = 1;
  std::chrono::steady_clock::duration time_{};
};

void read_idx(const EvalArguments& arguments, NameList* only, CropReader& reader, ProgressBar& bar) {
  const IdxImages images = read_idx_images(arguments.idx[0]);
  const std::vector<std::uint8_t> labels = read_idx_labels(arguments.idx[1]);
  if (images.count != labels.size()) {
    throw UsageError(arguments.idx[0] + " has " + std::to_string(images.count) + " pictures, " + arguments.idx[1] + ' ' +
                     std::to_string(labels.size()) + " labels");
  }
  std::vector<std::uint8_t> dark_on_light;
  for (std::size_t i = 0; i < images.count; ++i) {
    if (only != nullptr && !only->take(std::to_string(i))) continue;
    if (arguments.limit != 0 && reader.items().size() == arguments.limit) break;
    bar.show(static_cast<double>(i) / static_cast<double>(images.count), "item " + std::to_string(i));
    const auto ink = images.image(i);
    dark_on_light.assign(ink.begin(), ink.end());
    for (std::uint8_t& pixel : dark_on_light) pixel = static_cast<std::uint8_t>(255 - pixel);
    reader.read(make_image(INKFIELD_PIXELS_GRAY8, dark_on_light.data(), dark_on_light.size(), images.width_px,
                           images.height_px),
                std::to_string(i), truth_of_label(labels[i]));
  }
}

/// Picture files of a folder by their stem.
std::map<std::string, fs::path> pictures_by_stem(const std::string& folder) {
  std::map<std::string, fs::path> pictures;
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw UsageError(folder + ": is no folder of pictures");
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_picture_name(entry->path().filename().string())) continue;
    const auto [at, added] = pictures.emplace(entry->path().stem(), entry->path());
    if (!added) {
      throw UsageError(folder + ": two pictures are called " + at->first + ": " + at->second.filename().string() + " and " +
                       entry->path().filename().string());
    }
  }
  if (error) throw UsageError(folder + ": " + error.message());
  return pictures;
}

void read_crops(const EvalArguments& arguments, const Engine& engine, NameList* only, CropReader& reader,
                ProgressBar& bar) {
  const CsvTable truths = read_csv(arguments.truth);
  const std::size_t key = truths.column(arguments.key);
  const std::size_t column = truths.column(arguments.column);
  const std::map<std::string, fs::path> pictures = pictures_by_stem(arguments.crops);
  for (const CsvRow& row : truths.rows) {
    const std::string& stem = row.cells[key];
    const std::string& truth = row.cells[column];
    if (only != nullptr && !only->take(stem)) continue;
    if (arguments.limit != 0 && reader.items().size() == arguments.limit) break;
    bar.show(static_cast<double>(row.line) / static_cast<double>(truths.rows.back().line), stem);
    // A key may be a stem or, as many tables have it, the file's whole name, even with a folder before it.
    auto found = pictures.find(stem);
    if (found == pictures.end()) {
      found = pictures.find(bare_name(stem));
      if (found != pictures.end() && found->second.filename() != fs::path(stem).filename()) found = pictures.end();
    }
    if (found == pictures.end()) {
      reader.note_unreadable(stem, truth, "no picture of that name in " + arguments.crops + " (line " +
                                              std::to_string(row.line) + " of " + arguments.truth + ")");
      continue;
    }
    try {
      Document document = engine.open(found->second);
      reader.read(document.page(0), stem, truth);
    } catch (const Error& error) {
      reader.note_unreadable(stem, truth, hosts::without_path(error.what(), found->second));
    }
  }
}

/// Written whole before anything is printed: a figure without its picture would be half an answer. Throws OutputError.
void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw OutputError(path + ": cannot be written");
}

/// Everything that a run of readings tells.
struct ReadItems {
  std::vector<EvaluatedItem> items;
  std::string model;
  double threshold = 0;
  std::size_t unreadable = 0;
  double ms_per_item = 0;
};

ReadItems read_items(const EvalArguments& arguments) {
  std::string field_json;
  try {
    field_json = whole_file(arguments.field);
  } catch (const DataError& error) {
    throw UsageError(error.what());
  }
  const Library library = load_plugin();
  const Engine engine = [&] {
    try {
      return Engine(library, engine_options(arguments.reader));
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
  }();
  ProgressBar bar(is_terminal(STDERR_FILENO));
  CropReader reader(engine, std::move(field_json), arguments.field);
  std::optional<NameList> only;
  if (!arguments.only.empty()) only = NameList::read(arguments.only);
  NameList* wanted = only ? &*only : nullptr;
  if (arguments.idx.empty()) {
    read_crops(arguments, engine, wanted, reader, bar);
  } else {
    read_idx(arguments, wanted, reader, bar);
  }
  bar.clear();
  if (only && arguments.limit == 0) {
    const std::vector<std::string> unknown = only->never_met();
    if (!unknown.empty()) {
      throw UsageError(arguments.only + ": names " + std::to_string(unknown.size()) + " items that are not there, the first " +
                       hosts::printable(unknown.front()));
    }
  }
  const std::string how = arguments.reader.precision == "int8" ? " (int8)" : "";
  return {reader.items(), reader.model() + how, reader.threshold(), reader.unreadable(), reader.ms_per_item()};
}

}  // namespace

int run_eval(const EvalArguments& arguments) {
  ReadItems read;
  EvaluationReport report;
  try {
    if (arguments.pool.empty()) {
      read = read_items(arguments);
    } else {
      for (const std::string& file : arguments.pool) {
        for (EvaluatedItem& item : read_answers(file)) read.items.push_back(std::move(item));
      }
      read.model = "answers of " + std::to_string(arguments.pool.size()) + " runs";
    }
    if (read.items.empty()) throw UsageError("nothing to evaluate: there are no items");
    report.sum = evaluate(read.items);
    if (!arguments.corrections.empty()) {
      const Corrections corrections = Corrections::read(arguments.corrections);
      std::vector<EvaluatedItem> items = read.items;
      report.mended = corrections.mend(items);
      report.as_labelled = std::move(report.sum);
      report.sum = evaluate(items);
    }
  } catch (const DataError& error) {
    throw UsageError(error.what());
  }
  report.field = arguments.field;
  report.model = read.model;
  report.threshold = read.threshold;
  report.unreadable = read.unreadable;
  report.ms_per_item = read.ms_per_item;
  if (!arguments.picture.empty()) write_file(arguments.picture, evaluation_picture(report));
  if (!arguments.answers.empty()) {
    std::ostringstream answers;
    write_answers(read.items, answers);
    write_file(arguments.answers, answers.str());
  }
  if (!arguments.errors.empty()) {
    std::ostringstream errors;
    write_errors(report.sum, errors);
    write_file(arguments.errors, errors.str());
  }
  if (arguments.json) {
    write_json(report, std::cout);
  } else {
    write_table(report, std::cout, shows_colour(STDOUT_FILENO));
  }
  flush_output();
  return read.unreadable > 0 ? hosts::kExitUnreadable : hosts::kExitDone;
}

}  // namespace inkfield::command_line
