// The trainer's command line.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "recognizer/engine/model_bytes.h"
#include "recognizer/error.h"
#include "recognizer/training/byte_weights.h"
#include "recognizer/training/classifier_trainer.h"
#include "recognizer/training/int8_export.h"
#include "recognizer/training/onnx_writer.h"
#include "recognizer/training/own_writing.h"
#include "recognizer/training/trainer.h"

namespace {

constexpr char kUsage[] =
    "usage: inkfield-train --recipe open|touching|round_sums|regional|clean|research --out FILE [--checkpoint DIR] [--resume] [--init DIR|FILE.onnx]\n"
    "                      [--minutes M] [--steps N] [--symbols N] [--lines N] [--rate R] [--seed S] [--workers N] [--device cpu|cuda] [--bfloat16]\n"
    "       inkfield-train --recipe strips --crops FOLDER --truth CSV [--boxes CSV] [--fold K] [--folds N] --init DIR --out FILE\n"
    "       inkfield-train --recipe own --crops FOLDER --truth CSV --init FILE.onnx --out FILE.onnx\n"
    "                      [--minutes M] [--steps N] [--seed S] [--workers N] [--device cpu|cuda] [--bfloat16]\n"
    "       inkfield-train --recipe mnist|usps|zip1989|lenet5 --out FILE [--checkpoint DIR] [--resume]\n"
    "                      [--passes N] [--seed S] [--device cpu|cuda]\n"
    "       inkfield-train --ranges FILE.onnx --out FILE --recipe NAME    (adds what int8 needs to a model)\n"
    "       inkfield-train --bytes FILE.onnx --out FILE    (stores the weights as bytes: the same in int8, a quarter of the size)\n"
    "       inkfield-train --smoke [--out FILE]\n"
    "       inkfield-train --evaluate --recipe NAME --checkpoint DIR\n"
    "       inkfield-train --calibrate --recipe NAME --init DIR|FILE.onnx [--halfway FILE.onnx] --out FILE\n"
    "       inkfield-train --preview FILE.pgm --recipe NAME [--seed S]\n"
    "Data sets are found in the folder INKFIELD_DATA; --smoke and own also train without.\n"
    "Ends with 0, with 1 if something failed or was refused, with 2 if it was called wrongly.\n";

// What the command line itself gets wrong.
struct WrongUsage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Number>
Number number(const std::string& key, const std::string& value, Number least) {
  Number parsed{};
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (failure != std::errc() || end != value.data() + value.size() || !(parsed >= least)) {
    std::string text = "number";
    if (least > Number{}) text = "number above 0";
    throw WrongUsage(key + " takes a " + text + ", not " + value);
  }
  return parsed;
}

// A sheet of samples as the network sees them, for looking at.
void preview(const inkfield::training::TrainingOptions& options, const std::string& file) {
  using namespace inkfield;
  training::SampleSources sources;
  training::SampleSources held_out;
  training::load_sources(options, sources, held_out);
  constexpr int kWidth = 1440;
  constexpr int kHeight = 36 * 36;
  std::vector<unsigned char> sheet(static_cast<std::size_t>(kWidth) * kHeight, 255);
  synthesis::Random random(options.seed);
  int x = 0;
  int y = 2;
  while (y + 34 < kHeight) {
    const bool lines = y > kHeight / 3;
    const training::Sample sample = lines ? training::make_line(sources, 2 + random.below(10), random)
                                          : training::make_symbol(sources, random);
    const int width = sample.input.width_px;
    if (x + width > kWidth) {
      x = 0;
      y += 36;
      if (y + 34 >= kHeight) break;
    }
    if (width > kWidth) continue;
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < width; ++column) {
        const float ink = sample.input.pixels[static_cast<std::size_t>(row * width + column)];
        sheet[static_cast<std::size_t>((y + row) * kWidth + x + column)] =
            static_cast<unsigned char>(250.0F - 250.0F * ink);
      }
    }
    std::printf("%s ", sample.text.c_str());
    x += width + 4;
  }
  std::printf("\n");
  std::ofstream out(file, std::ios::binary);
  out << "P5\n" << kWidth << ' ' << kHeight << "\n255\n";
  out.write(reinterpret_cast<const char*>(sheet.data()), static_cast<std::streamsize>(sheet.size()));
}

std::string read_model_file(const std::string& file) {
  const auto bytes = inkfield::recognizer::onnx::read_file(file);
  return {bytes.begin(), bytes.end()};
}

// A model file gets the ranges that int8 needs, measured on the recipe's held-out writers.
void add_ranges(const inkfield::training::TrainingOptions& options, const std::string& file) {
  using namespace inkfield;
  const std::string onnx = read_model_file(file);
  training::SampleSources sources;
  training::SampleSources held_out;
  training::load_sources(options, sources, held_out);
  training::write_file(options.out, training::with_int8_ranges(onnx, held_out));
}

// Weights as bytes, for what ships. Returns the exit status.
int store_as_bytes(const std::string& file, const std::string& out) {
  using namespace inkfield;
  const std::string onnx = read_model_file(file);
  std::string stored;
  try {
    stored = training::with_byte_weights(onnx);
  } catch (const Error& error) {
    throw Error(error.kind(), file + ": " + error.what());
  }
  if (stored == onnx) {
    std::fprintf(stderr, "inkfield-train: %s has no float weights that int8 multiplies by; if it has no ranges, add them first (--ranges)\n", file.c_str());
    return 1;
  }
  training::write_file(out, stored);
  std::fprintf(stderr, "%zu bytes, %zu before\n", stored.size(), onnx.size());
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  using namespace inkfield::training;
  TrainingOptions options;
  if (const char* data = std::getenv("INKFIELD_DATA")) options.data = data;
  std::string recipe;
  std::string preview_file;
  std::string ranges_file;
  std::string bytes_file;
  bool smoke = false;
  bool evaluating = false;
  bool calibrating = false;
  int steps = 0;
  int passes = 0;
  int symbols = 0;
  int lines = 0;
  double rate = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& key = arguments[i];
    if (key == "--smoke") {
      smoke = true;
    } else if (key == "--evaluate") {
      evaluating = true;
    } else if (key == "--calibrate") {
      calibrating = true;
    } else if (key == "--resume") {
      options.resume = true;
    } else if (key == "--bfloat16") {
      options.bfloat16 = true;
    } else if (i + 1 < arguments.size()) {
      const std::string& value = arguments[++i];
      if (key == "--recipe")
        recipe = value;
      else if (key == "--out")
        options.out = value;
      else if (key == "--checkpoint")
        options.checkpoint = value;
      else if (key == "--crops")
        options.strips = value;
      else if (key == "--boxes")
        options.boxes = value;
      else if (key == "--truth")
        options.truth = value;
      else if (key == "--fold")
        options.fold = number<int>(key, value, 1) - 1;
      else if (key == "--folds")
        options.folds = number<int>(key, value, 1);
      else if (key == "--init")
        options.init = value;
      else if (key == "--halfway")
        options.halfway = value;
      else if (key == "--ranges")
        ranges_file = value;
      else if (key == "--bytes")
        bytes_file = value;
      else if (key == "--preview")
        preview_file = value;
      else if (key == "--minutes")
        options.minutes = number<double>(key, value, 0);
      else if (key == "--steps")
        steps = number<int>(key, value, 1);
      else if (key == "--symbols")
        symbols = number<int>(key, value, 1);
      else if (key == "--lines")
        lines = number<int>(key, value, 1);
      else if (key == "--rate")
        rate = number<double>(key, value, 1e-9);
      else if (key == "--passes")
        passes = number<int>(key, value, 1);
      else if (key == "--seed")
        options.seed = number<std::uint64_t>(key, value, 0);
      else if (key == "--workers")
        options.workers = number<int>(key, value, 1);
      else if (key == "--device")
        options.device = value;
      else {
        std::fprintf(stderr, "inkfield-train: unknown option %s\n%s", key.c_str(), kUsage);
        return 2;
      }
    } else {
      std::fprintf(stderr, "inkfield-train: unknown option or missing value: %s\n%s", key.c_str(), kUsage);
      return 2;
    }
  }
  if (options.bfloat16 && (evaluating || calibrating || !bytes_file.empty() || !ranges_file.empty() || !preview_file.empty())) {
    throw WrongUsage("--bfloat16 is for training; this computes in float32, leave it out");
  }
  if (!bytes_file.empty()) {
    if (options.out.empty()) throw WrongUsage("--bytes needs --out, the file to write");
    return store_as_bytes(bytes_file, options.out);
  }
  if (recipe.empty() && !smoke) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  ClassifierOptions classifier;
  if (!smoke && ranges_file.empty() && find_classifier_recipe(recipe, classifier.recipe)) {
    if (options.bfloat16) throw WrongUsage("--bfloat16 is for the recipes that read lines; " + recipe + " trains in float32");
    if (options.data.empty()) {
      std::fprintf(stderr, "inkfield-train: set INKFIELD_DATA to the folder of the data sets\n");
      return 2;
    }
    if (calibrating) throw WrongUsage("--calibrate is for the recipes that read lines; " + recipe + " calibrates as it trains");
    classifier.data = options.data;
    classifier.out = options.out;
    classifier.checkpoint = options.checkpoint;
    classifier.resume = options.resume;
    classifier.passes = passes;
    classifier.seed = options.seed;
    classifier.device = options.device;
    if (evaluating) {
      evaluate_classifier(classifier);
    } else {
      train_classifier(classifier);
    }
    return 0;
  }
  try {
    options.recipe = recipe_by_name(smoke ? "smoke" : recipe);
  } catch (const inkfield::Error& unknown) {
    throw WrongUsage(unknown.what());
  }
  if (steps > 0) options.recipe.steps = steps;
  if (symbols > 0) options.recipe.symbols_per_step = symbols;
  if (lines > 0) options.recipe.lines_per_step = lines;
  if (rate > 0) options.recipe.peak_rate = rate;
  if (smoke && options.minutes <= 0) options.minutes = 0.75;
  if (!preview_file.empty()) {
    preview(options, preview_file);
    return 0;
  }
  if (!ranges_file.empty() && (options.out.empty() || recipe == "own")) {
    throw WrongUsage(options.out.empty() ? "--ranges needs --out, the file to write"
                                         : "--ranges needs a recipe with held-out writers, as open; own measures as it trains");
  }
  if (recipe == "own" && !smoke) {
    if (evaluating || calibrating) {
      throw WrongUsage("recipe own measures and calibrates when it trains; `inkfield eval` measures a model on new crops");
    }
    const std::string missing = missing_own_option(options);
    if (!missing.empty()) throw WrongUsage("recipe own needs " + missing);
    std::fputs(train_on_own_writing(options).text.c_str(), stdout);
    return 0;
  }
  if (options.data.empty() && !smoke) {
    std::fprintf(stderr, "inkfield-train: set INKFIELD_DATA to the folder of the data sets\n");
    return 2;
  }
  if (!ranges_file.empty()) {
    add_ranges(options, ranges_file);
    return 0;
  }
  if (evaluating) {
    evaluate(options);
    return 0;
  }
  if (!options.halfway.empty() && !calibrating) throw WrongUsage("--halfway goes with --calibrate");
  if (calibrating) {
    if (options.init.empty() || options.out.empty()) {
      std::fprintf(stderr, "inkfield-train: --calibrate needs --init, the weights, and --out, the model\n");
      return 2;
    }
    calibrate(options);
    return 0;
  }
  const TrainingReport report = train(options);
  std::fprintf(stderr, "%d steps, loss %.3f to %.3f, model of %zu bytes%s%s\n", report.steps,
               report.first_loss, report.last_loss, report.onnx.size(), options.out.empty() ? "" : " in ",
               options.out.c_str());
  if (smoke && !(report.last_loss < 0.7 * report.first_loss)) {
    std::fprintf(stderr, "inkfield-train: the loss did not fall as it must\n");
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const WrongUsage& failure) {
    std::fprintf(stderr, "inkfield-train: %s\n", failure.what());
    return 2;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "inkfield-train: %s\n", failure.what());
    return 1;
  }
}
