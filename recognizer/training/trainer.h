// Runs a recipe: seeded, resumable, on all cores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "recognizer/training/calibration_fit.h"
#include "recognizer/training/recipes/recipes.h"
#include "recognizer/training/samples.h"

namespace inkfield::training {

class CtcNetwork;

/// How a network's belief in its answers becomes confidence, for cells and for lines.
struct Calibrations {
  FittedCalibration symbol;
  FittedCalibration line;
  std::optional<FittedCalibration> digits;  ///< of lines that may hold digits alone; unset: as of any line
};

struct TrainingOptions {
  Recipe recipe;
  std::filesystem::path data;        ///< folder of the data sets; empty: synthesis alone
  std::string out;                   ///< ONNX file
  std::filesystem::path checkpoint;  ///< folder for checkpoints; empty: none
  std::filesystem::path init;        ///< checkpoint folder or ONNX file whose weights to begin from
  std::filesystem::path halfway;     ///< to calibrate: ONNX file of another network, the weights are those between the two
  bool resume = false;
  std::filesystem::path strips;      ///< folder of strips' ink, for recipes that take them
  std::filesystem::path truth;       ///< table of what is written on them
  std::filesystem::path boxes;       ///< table of the boxes of their digits; empty: none
  int fold = 0;                      ///< strips of this part of `folds` are held out
  int folds = 5;
  double minutes = 0;  ///< at most; 0: the recipe's steps. Cutting short shortens the schedule too
  std::uint64_t seed = 1;
  int workers = 2;  ///< replicas with a thread each; part of what a run depends on
  /// "cpu", or what libtorch calls an accelerator ("cuda"): one network there, and the workers make its samples.
  std::string device = "cpu";
  /// Products in bfloat16 while it trains: up to twice as fast on processors that multiply it (AVX-512 BF16, AMX), slow
  /// on others. Weights, calibration and export are float32 as ever.
  bool bfloat16 = false;
  /// Fits the confidences of the finished network; empty: on samples from held-out writers.
  std::function<Calibrations(CtcNetwork& network, const SampleSources& held_out)> calibrate;
};

struct TrainingReport {
  double first_loss = 0;  ///< mean over the first and the last twentieth of the run
  double last_loss = 0;
  int steps = 0;
  std::string onnx;
};

/// Trains, fits the calibration on held-out writers and writes the model. Progress goes to stderr.
TrainingReport train(const TrainingOptions& options);
/// The same with sources that are loaded already.
TrainingReport train(const TrainingOptions& options, const SampleSources& sources, const SampleSources& held_out);

/// Fits the calibration of the weights in `init`, or of those halfway from there to `halfway`, and writes the model.
std::string calibrate(const TrainingOptions& options);

/// Prints how the network of a checkpoint reads held-out writers and the sets' test parts.
void evaluate(const TrainingOptions& options);

/// Where samples are drawn from under the options' recipe, and the same from held-out writers.
void load_sources(const TrainingOptions& options, SampleSources& sources, SampleSources& held_out);

}  // namespace inkfield::training
