// `inkfield eval`: how well one field definition and one network read labelled pictures.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/hosts/command_line/commands.h"
#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/evaluation.h"
#include "adapters/hosts/command_line/idx_file.h"
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
    EvaluatedItem evaluated{std::move(item), std::move(truth), {}, 0, false};
    const auto start = std::chrono::steady_clock::now();
    try {
      const Result result = session_.read_field(crop, field_json_);
      time_ += std::chrono::steady_clock::now() - start;
      const Field field = result.field(0);
      evaluated.reading = !field.candidates.empty() ? field.candidates.front().text
                          : !field.text.empty()     ? field.text
                                                    : field.raw_text;
      evaluated.confidence = field.confidence;
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
    items_.push_back({std::move(item), std::move(truth), {}, 0, false});
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

void read_idx(const EvalArguments& arguments, CropReader& reader, ProgressBar& bar) {
  const IdxImages images = read_idx_images(arguments.idx[0]);
  const std::vector<std::uint8_t> labels = read_idx_labels(arguments.idx[1]);
  if (images.count != labels.size()) {
    throw UsageError(arguments.idx[0] + " has " + std::to_string(images.count) + " pictures, " + arguments.idx[1] + ' ' +
                     std::to_string(labels.size()) + " labels");
  }
  const std::size_t count = arguments.limit == 0 ? images.count : std::min(arguments.limit, images.count);
  std::vector<std::uint8_t> dark_on_light;
  for (std::size_t i = 0; i < count; ++i) {
    bar.show(static_cast<double>(i) / static_cast<double>(count), "item " + std::to_string(i));
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
  static constexpr std::array<const char*, 11> kExtensions = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pnm",
                                                              ".pgm", ".pbm", ".ppm",  ".bmp", ".webp"};
  std::map<std::string, fs::path> pictures;
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw UsageError(folder + ": is no folder of pictures");
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string extension = entry->path().extension();
    for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::find(kExtensions.begin(), kExtensions.end(), extension) == kExtensions.end()) continue;
    const auto [at, added] = pictures.emplace(entry->path().stem(), entry->path());
    if (!added) {
      throw UsageError(folder + ": two pictures are called " + at->first + ": " + at->second.filename().string() + " and " +
                       entry->path().filename().string());
    }
  }
  if (error) throw UsageError(folder + ": " + error.message());
  return pictures;
}

void read_crops(const EvalArguments& arguments, const Engine& engine, CropReader& reader, ProgressBar& bar) {
  const CsvTable truths = read_csv(arguments.truth);
  const std::size_t key = truths.column(arguments.key);
  const std::size_t column = truths.column(arguments.column);
  const std::map<std::string, fs::path> pictures = pictures_by_stem(arguments.crops);
  const std::size_t count = arguments.limit == 0 ? truths.rows.size() : std::min(arguments.limit, truths.rows.size());
  for (std::size_t i = 0; i < count; ++i) {
    const CsvRow& row = truths.rows[i];
    const std::string& stem = row.cells[key];
    const std::string& truth = row.cells[column];
    bar.show(static_cast<double>(i) / static_cast<double>(count), stem);
    // A key may be a stem or, as many tables have it, the file's whole name.
    auto found = pictures.find(stem);
    if (found == pictures.end()) {
      found = pictures.find(fs::path(stem).stem());
      if (found != pictures.end() && found->second.filename() != stem) found = pictures.end();
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

std::string percent(double share, int decimals = 2) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), share * 100, std::chars_format::fixed, decimals);
  return std::string(text.data(), end.ptr) + " %";
}

std::string number(double value, int decimals) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return std::string(text.data(), end.ptr);
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

void print_json(const EvalArguments& arguments, const CropReader& reader, const Evaluation& sum) {
  nlohmann::ordered_json json;
  json["field"] = arguments.field;
  json["model"] = reader.model();
  json["items"] = sum.items;
  json["rated_items"] = sum.rated_items;
  json["unknowable_items"] = sum.unknowable_items;
  json["unknowable_accepted"] = sum.unknowable_accepted;
  json["unreadable_items"] = reader.unreadable();
  json["right"] = sum.right;
  json["right_rate"] = sum.right_rate;
  json["error_rate"] = sum.error_rate;
  json["digit_right_rate"] = sum.digit_right_rate;
  json["threshold"] = reader.threshold();
  json["accepted"] = sum.accepted;
  json["wrong_accepted"] = sum.wrong_accepted;
  json["read_rate_at"] = nlohmann::ordered_json::array();
  for (const ReadRate& rate : sum.read_rate_at) {
    json["read_rate_at"].push_back({{"wrong_rate", rate.wrong_rate}, {"read_rate", rate.read_rate}});
  }
  json["ms_per_item"] = reader.ms_per_item();
  json["misread"] = nlohmann::ordered_json::array();
  for (const Misread& misread : sum.misread) {
    json["misread"].push_back({{"item", misread.item},
                               {"truth", misread.truth},
                               {"reading", misread.reading},
                               {"confidence", misread.confidence},
                               {"accepted", misread.accepted}});
  }
  std::cout << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void print_table(const EvalArguments& arguments, const CropReader& reader, const Evaluation& sum) {
  const bool colour = shows_colour(STDOUT_FILENO);
  std::vector<std::vector<TableCell>> rows;
  const auto row = [&](std::string name, std::string value, std::string remark, Colour shade = Colour::none) {
    rows.push_back({{std::move(name), Colour::dim}, {std::move(value), shade}, {std::move(remark), Colour::dim}});
  };
  row("field", hosts::printable(fs::path(arguments.field).filename().string()), "");
  row("model", hosts::printable(reader.model()), "");
  row("items", std::to_string(sum.items),
      sum.unknowable_items == 0 ? ""
                                : std::to_string(sum.unknowable_items) +
                                      " with ? in the truth, outside the rates; accepted of them: " +
                                      std::to_string(sum.unknowable_accepted));
  if (reader.unreadable() > 0) row("unreadable", std::to_string(reader.unreadable()), "counted as wrong", Colour::red);
  row("right", percent(sum.right_rate),
      std::to_string(sum.right) + " of " + std::to_string(sum.rated_items) + " first readings, nothing rejected");
  row("wrong", percent(sum.error_rate), "");
  row("digits right", percent(sum.digit_right_rate), "");
  row("accepted", percent(share(sum.accepted, sum.items)),
      std::to_string(sum.accepted) + " items at the field's own threshold " + number(reader.threshold(), 4));
  row("wrong of accepted", percent(share(sum.wrong_accepted, sum.accepted)), std::to_string(sum.wrong_accepted) + " items",
      sum.wrong_accepted > 0 ? Colour::red : Colour::green);
  for (const ReadRate& rate : sum.read_rate_at) {
    row("at " + percent(rate.wrong_rate, 1) + " wrong", percent(rate.read_rate), "could be accepted, picked afterwards");
  }
  row("time an item", number(reader.ms_per_item(), 3) + " ms", "");
  write_table(std::cout, rows, {}, "", colour);
  if (sum.misread.empty()) return;
  constexpr std::size_t kShown = 40;
  std::cout << '\n';
  rows = {{{"MISREAD", Colour::dim}, {"TRUTH", Colour::dim}, {"READING", Colour::dim}, {"CONFIDENCE", Colour::dim}, {}}};
  for (std::size_t i = 0; i < std::min(kShown, sum.misread.size()); ++i) {
    const Misread& misread = sum.misread[i];
    rows.push_back({{hosts::printable(misread.item)},
                    {hosts::printable(misread.truth)},
                    {hosts::printable(misread.reading)},
                    {number(misread.confidence, 4)},
                    {misread.accepted ? "accepted" : "", Colour::red}});
  }
  write_table(std::cout, rows, {3}, "", colour);
  if (sum.misread.size() > kShown) {
    std::cout << "and " << sum.misread.size() - kShown << " more (--json lists all)\n";
  }
}

}  // namespace

int run_eval(const EvalArguments& arguments) {
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
  try {
    if (arguments.idx.empty()) {
      read_crops(arguments, engine, reader, bar);
    } else {
      read_idx(arguments, reader, bar);
    }
  } catch (const DataError& error) {
    throw UsageError(error.what());
  }
  bar.clear();
  if (reader.items().empty()) throw UsageError("nothing to evaluate: there are no items");
  const Evaluation sum = evaluate(reader.items());
  if (arguments.json) {
    print_json(arguments, reader, sum);
  } else {
    print_table(arguments, reader, sum);
  }
  flush_output();
  return reader.unreadable() > 0 ? hosts::kExitUnreadable : hosts::kExitDone;
}

}  // namespace inkfield::command_line
