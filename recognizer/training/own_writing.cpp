// Everything that can be refused is refused before the first step: a run takes most of an hour.
#include "recognizer/training/own_writing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/device.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/onnx_writer.h"

namespace inkfield::training {
namespace {

namespace fs = std::filesystem;

// Rows that follow each other by name are often of one hand; ten blocks at least, so that a fifth is a fifth.
constexpr std::size_t kLargestBlock = 18;
constexpr std::size_t kFewestBlocks = 10;
constexpr double kAllowedWrong = 0.01;
constexpr std::uint64_t kGeneralSeed = 20240701;
constexpr int kGeneralCells = 20000;
// Twice what fills up the smallest held-out part, for the case that the crops alone mislead.
constexpr std::size_t kGeneralLines = 2 * kEnoughHeldOutCrops;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::invalid_argument, why); }

std::string counted(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

void check_paper(const fs::path& table, const Strip& strip) {
  const std::string where =
      table.string() + ": line " + std::to_string(strip.line) + ": the picture of " + strip.name + " ";
  // Of the ink of 1,080 cheque amounts the least clean picture, with half of its hatching left, is 18 %
  // clean; of their crops none is more than 0.3 %.
  constexpr std::uint8_t kClean = 8;
  constexpr std::uint8_t kInk = 128;
  constexpr double kLeastClean = 0.1;
  const auto clean =
      std::count_if(strip.ink.begin(), strip.ink.end(), [](std::uint8_t ink) { return ink <= kClean; });
  if (static_cast<double>(clean) < kLeastClean * static_cast<double>(strip.ink.size())) {
    refuse(where + "shows paper, not ink alone on clean white; run the crops through `inkfield ink` first");
  }
  if (std::none_of(strip.ink.begin(), strip.ink.end(), [](std::uint8_t ink) { return ink >= kInk; }) ||
      strip_input(strip).empty()) {
    refuse(where + "shows no ink, but the table has a text for it; leave the text empty to leave it out");
  }
}

void check_options(const TrainingOptions& options) {
  const std::string missing = missing_own_option(options);
  if (!missing.empty()) refuse("recipe own needs " + missing);
  if (!options.boxes.empty()) refuse("recipe own takes no --boxes; it learns from whole lines");
  // Gone on with another table, writers that had been learnt from would be held out.
  if (options.resume || !options.checkpoint.empty()) {
    refuse("recipe own takes no --checkpoint and no --resume; --init own.onnx with new crops goes on from a model");
  }
  device_named(options.device);
  if (options.workers < 1 || options.workers > options.recipe.lines_per_step) {
    refuse("--workers must be from 1 to " + std::to_string(options.recipe.lines_per_step) +
           ", the cores to use");
  }
  std::error_code failure;
  if (!fs::is_directory(options.strips, failure)) {
    refuse(options.strips.string() + ": is no folder; --crops names the folder that `inkfield ink` wrote");
  }
  if (!fs::is_regular_file(options.init, failure)) {
    refuse(options.init.string() +
           ": is no file; --init names a model to begin from, such as inkfield-open.onnx");
  }
  const fs::path out = options.out;
  if (fs::equivalent(out, options.init, failure)) {
    refuse(options.out + ": is the network to begin from; give --out another name");
  }
  if (fs::equivalent(out, options.truth, failure))
    refuse(options.out + ": is the table; give --out another name");
  // An hour must not end at a folder that cannot be written to.
  for (const fs::path& file : {out, report_beside(out)}) {
    if (fs::is_directory(file, failure)) refuse(file.string() + ": is a folder; --out names a file");
    const fs::path part = file.string() + ".part";
    const bool writable = std::ofstream(part, std::ios::binary).good();
    fs::remove(part, failure);
    if (!writable) {
      throw Error(ErrorKind::io_error,
                  file.string() + ": cannot be written; --out needs a folder that exists");
    }
  }
}

/// Licence and data of the network to begin from bind the new one too.
void inherit(const fs::path& init, Recipe& recipe) {
  namespace onnx = recognizer::onnx;
  const std::vector<std::uint8_t> bytes = onnx::read_file(init.string());
  const onnx::Model model = onnx::read_model(bytes);
  const auto fact = [&](const std::string& key) {
    const auto found = std::find_if(model.metadata.begin(), model.metadata.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    return found == model.metadata.end() ? std::string("unknown") : found->second;
  };
  recipe.licence = fact("inkfield.licence") + "; carried on with own crops, for their owner to license";
  recipe.data = fact("inkfield.data") + "; own labelled crops";
}

/// Whether the plugin takes it: surer answers must be more often right, or it refuses the whole model.
bool usable(const FittedCalibration& fit) { return fit.a >= 1e-3 && fit.a <= 1e3 && std::abs(fit.b) <= 1e3; }

std::string percent(double share) {
  std::array<char, 32> text{};
  const int tenths = static_cast<int>(std::lround(1000 * share));  // no locale's comma
  std::snprintf(text.data(), text.size(), "%d.%d", tenths / 10, tenths % 10);
  return text.data();
}

std::string share_of(int part, int whole) {
  const ShareInterval interval = clopper_pearson(part, whole);
  return std::to_string(part) + " of " + std::to_string(whole) + " (" +
         percent(whole == 0 ? 0.0 : static_cast<double>(part) / whole) + " %; " + percent(interval.low) +
         " to " + percent(interval.high) + ")";
}

std::string acceptable(const Score& score) {
  const Accepted accepted = most_accepted(score.outcomes, kAllowedWrong);
  return share_of(accepted.count, score.count) + ", " + std::to_string(accepted.wrong) + " of them wrong";
}

std::string report_text(const TrainingOptions& options, const OwnWritingReport& report,
                        const StripSet& strips) {
  const std::string hands = strips.writers_known ? "writers" : "blocks of rows";
  std::string text = options.out + ", carried on from " + options.init.string() + ", seed " +
                     std::to_string(options.seed) + ", " + std::to_string(options.recipe.steps) + " steps, " +
                     std::to_string(options.workers) + " workers\n";
  text += "trained on " + std::to_string(report.crops) + " crops of " + std::to_string(report.writers) + " " +
          hands + ", beside " +
          (options.data.empty() ? "synthetic writing alone" : "the open data sets and synthetic writing") +
          "\n";
  text += "held out: " + std::to_string(report.held_out) + " crops of " +
          std::to_string(report.held_out_writers) + " other " + hands + "\n";
  text += std::string("compared: ") +
          (strips.marks_labelled ? "whole texts" : "digits alone, since the table has no commas and dashes") +
          "\n\n";
  text += "held-out crops, with 95 % intervals (Clopper-Pearson)\n";
  text += "  right before:                   " + share_of(report.before.right, report.before.count) + "\n";
  text += "  right after:                    " + share_of(report.after.right, report.after.count) + "\n";
  text += "  acceptable at 1 % wrong before: " + acceptable(report.before) + "\n";
  text += "  acceptable at 1 % wrong after:  " + acceptable(report.after) + "\n\n";
  text += "confidence of lines: ";
  if (report.lines.identity) {
    text +=
        "the network's own probability; neither the held-out crops nor general lines show how right surer "
        "answers are\n";
  } else {
    text += "fitted on " + counted(report.after.outcomes.size(), "answer") + " to the held-out crops";
    if (report.lines.general > 0) {
      text += " and " + std::to_string(report.lines.general) + " to general lines, since " +
              (report.after.outcomes.size() < kEnoughHeldOutCrops
                   ? "those are fewer than " + std::to_string(kEnoughHeldOutCrops)
                   : std::string("among those surer answers are not more often right"));
    }
    text += "\n";
  }
  text += report.cells_identity
              ? "confidence of cells: the network's own probability; general cells do not show how right surer answers are\n\n"
              : "confidence of cells: fitted on general cells\n\n";
  if (report.after.right < report.before.right) {
    text += "Fewer are right than before: keep " + options.init.string() + ".\n";
  }
  text +=
      "What is acceptable was counted on the crops that fixed the confidence. Before you trust it, measure "
      "on new crops:\n"
      "inkfield eval --model " +
      options.out + " --field FIELD.json --crops NEW --truth NEW.csv --key file --column text\n";
  return text;
}

}  // namespace

std::filesystem::path report_beside(const std::filesystem::path& model) {
  return fs::path(model).replace_extension(".report.txt");
}

std::string missing_own_option(const TrainingOptions& options) {
  if (options.strips.empty()) return "--crops FOLDER, the ink of your crops";
  if (options.truth.empty()) return "--truth CSV, the table of what stands on them";
  if (options.init.empty()) return "--init FILE.onnx, the network to begin from";
  if (options.out.empty()) return "--out FILE.onnx, where the new network goes";
  return "";
}

StripSet load_own_strips(const fs::path& folder, const fs::path& table) {
  StripSet all = load_strips(folder, table, 1);
  for (const Strip& strip : all.strips) check_paper(table, strip);
  if (all.strips.size() < kFewestOwnCrops) {
    refuse(table.string() + ": has " + counted(all.strips.size(), "row") + " with a known text; at least " +
           std::to_string(kFewestOwnCrops) + " crops are needed, several hundred are better");
  }
  if (all.writers_known) {
    const int first = all.strips.front().writer;
    if (std::all_of(all.strips.begin(), all.strips.end(),
                    [&](const Strip& s) { return s.writer == first; })) {
      refuse(table.string() +
             ": all rows are of one writer, so none can be held out; name more in the column `writer`, or "
             "leave it away");
    }
  } else {
    const std::size_t block = std::min(kLargestBlock, all.strips.size() / kFewestBlocks);
    for (std::size_t i = 0; i < all.strips.size(); ++i) all.strips[i].writer = static_cast<int>(i / block);
  }
  return all;
}

void hold_out_writers(const StripSet& all, StripSet& kept, StripSet& held_out) {
  std::map<int, std::size_t> crops_of;
  for (const Strip& strip : all.strips) ++crops_of[strip.writer];
  std::vector<std::pair<std::size_t, int>> writers;
  for (const auto& [writer, crops] : crops_of) writers.emplace_back(crops, writer);
  std::sort(writers.begin(), writers.end());
  const std::size_t groups = std::max<std::size_t>(1, (writers.size() + 2) / 5);
  std::set<int> chosen;
  for (std::size_t k = 0; k < groups; ++k) {
    chosen.insert(writers[((2 * k + 1) * writers.size() - groups) / (2 * groups)].second);
  }
  for (StripSet* part : {&kept, &held_out}) {
    part->marks_labelled = all.marks_labelled;
    part->writers_known = all.writers_known;
    part->strips.clear();
  }
  for (const Strip& strip : all.strips)
    (chosen.contains(strip.writer) ? held_out : kept).strips.push_back(strip);
}

OwnLineFit fit_own_lines(const std::vector<Outcome>& crops, const std::vector<Outcome>& general) {
  OwnLineFit fit;
  std::vector<Outcome> outcomes = crops;
  const auto take = [&](std::size_t most) {
    const std::size_t end = std::min(general.size(), most);
    outcomes.insert(outcomes.end(), general.begin() + static_cast<std::ptrdiff_t>(fit.general),
                    general.begin() + static_cast<std::ptrdiff_t>(end));
    fit.general = end;
    fit.calibration = fit_calibration(outcomes);
  };
  take(crops.size() < kEnoughHeldOutCrops ? kEnoughHeldOutCrops - crops.size() : 0);
  if (!usable(fit.calibration)) take(general.size());
  if (!usable(fit.calibration)) {
    fit.calibration = fit_calibration({});
    fit.identity = true;
  }
  return fit;
}

ShareInterval clopper_pearson(int part, int whole) {
  if (whole <= 0) return {};
  constexpr double kTail = 0.025;
  // P(at most k of n) at share p, summed; what is counted here is small.
  const auto at_most = [whole](int k, double p) {
    double sum = 0;
    for (int i = 0; i <= k; ++i) {
      sum += std::exp(std::lgamma(whole + 1.0) - std::lgamma(i + 1.0) - std::lgamma(whole - i + 1.0) +
                      i * std::log(p) + (whole - i) * std::log1p(-p));
    }
    return sum;
  };
  // The share at which P(at most k) falls to `target`.
  const auto share_where = [&](int k, double target) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; ++i) {
      const double middle = 0.5 * (low + high);
      (at_most(k, middle) > target ? low : high) = middle;
    }
    return 0.5 * (low + high);
  };
  ShareInterval interval;
  if (part > 0) interval.low = share_where(part - 1, 1 - kTail);
  if (part < whole) interval.high = share_where(part, kTail);
  return interval;
}

Accepted most_accepted(std::vector<Outcome> outcomes, double wrong_rate) {
  std::sort(outcomes.begin(), outcomes.end(),
            [](const Outcome& l, const Outcome& r) { return l.probability > r.probability; });
  Accepted most;
  int wrong = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    wrong += outcomes[i].right ? 0 : 1;
    const bool tie = i + 1 < outcomes.size() && outcomes[i + 1].probability == outcomes[i].probability;
    // The small term takes up rounding of products like 0.01 * 100.
    if (!tie && wrong <= wrong_rate * static_cast<double>(i + 1) + 1e-9)
      most = {static_cast<int>(i) + 1, wrong};
  }
  return most;
}

OwnWritingReport train_on_own_writing(TrainingOptions options) {
  check_options(options);
  const StripSet strips = load_own_strips(options.strips, options.truth);
  CtcNetwork begin(options.recipe.plan, 0.0);
  read_weights(options.init, *begin);
  begin->eval();
  inherit(options.init, options.recipe);

  TrainingOptions general = options;
  general.strips.clear();
  SampleSources sources;
  SampleSources held_out;
  try {
    load_sources(general, sources, held_out);
  } catch (const Error& error) {
    throw Error(error.kind(),
                std::string(error.what()) +
                    "; INKFIELD_DATA must name the folder of the open data sets, or be unset for "
                    "synthetic writing alone");
  }
  hold_out_writers(strips, sources.strips, held_out.strips);
  sources.strip_share = options.recipe.strip_share;
  sources.index();
  held_out.index();

  OwnWritingReport report;
  const auto hands = [](const StripSet& set) {
    std::set<int> writers;
    for (const Strip& strip : set.strips) writers.insert(strip.writer);
    return static_cast<int>(writers.size());
  };
  report.crops = static_cast<int>(sources.strips.strips.size());
  report.writers = hands(sources.strips);
  report.held_out = static_cast<int>(held_out.strips.strips.size());
  report.held_out_writers = hands(held_out.strips);
  report.before = score_strips(begin, held_out.strips);

  // A model is written once, whole and with its confidences: half a training would look like one to a reader.
  TrainingOptions run = options;
  run.out.clear();
  run.calibrate = [&](CtcNetwork& network, const SampleSources& others) {
    const bool small = options.recipe.name == "smoke";
    report.after = score_strips(network, others.strips);
    synthesis::Random random(kGeneralSeed);
    std::vector<Sample> cells;
    for (int i = 0; i < (small ? 600 : kGeneralCells); ++i) cells.push_back(make_symbol(others, random));
    std::vector<Sample> lines;
    for (std::size_t i = 0; i < kGeneralLines; ++i) {
      Sample line = make_line(others, 2 + static_cast<int>(i % 11), random);
      if (line.text.find('?') != std::string::npos) continue;
      if (!strips.marks_labelled) {
        line.marks_labelled = false;
        std::erase_if(line.text, [](char c) { return c < '0' || c > '9'; });
      }
      lines.push_back(std::move(line));
    }
    report.lines = fit_own_lines(report.after.outcomes, score_lines(network, lines).outcomes);
    FittedCalibration of_cells = fit_calibration(score_symbols(network, cells).outcomes);
    report.cells_identity = !usable(of_cells);
    if (report.cells_identity) of_cells = fit_calibration({});
    return Calibrations{of_cells, report.lines.calibration, std::nullopt};
  };
  const TrainingReport trained = train(run, sources, held_out);
  options.recipe.steps = trained.steps;
  report.text = report_text(options, report, strips);
  write_file(options.out, trained.onnx);
  write_file(report_beside(options.out).string(), report.text);
  return report;
}

}  // namespace inkfield::training
