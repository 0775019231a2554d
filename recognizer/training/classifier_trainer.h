// Trains a plain classifier by its recipe, in one thread: the same seed gives the same file on the same processor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "recognizer/training/recipes/classifiers.h"

namespace inkfield::training {

struct ClassifierOptions {
  ClassifierRecipe recipe;
  std::filesystem::path data;
  std::string out;                   ///< ONNX file
  std::filesystem::path checkpoint;  ///< folder for checkpoints; empty: none
  bool resume = false;
  int passes = 0;  ///< instead of the recipe's
  int most_digits = 0;  ///< of the set, for a quick look; 0: all
  std::uint64_t seed = 1;
  std::string device = "cpu";  ///< or what libtorch calls an accelerator ("cuda"); sums there need not be the same twice
};

/// Trains, calibrates on what was held out, writes the model and returns its bytes. Progress goes to stderr.
std::string train_classifier(const ClassifierOptions& options);

/// Prints how the network of a checkpoint reads what was held out and the set's test part, and how many of that would
/// have to be rejected for 1 % of the rest to be wrong, as the papers of the time give it.
void evaluate_classifier(const ClassifierOptions& options);

}  // namespace inkfield::training
