// What each shipped model is made from. A recipe is all that a training run depends on besides the seed.
#pragma once

#include <string>
#include <vector>

#include "recognizer/training/layer_plan.h"
#include "recognizer/training/samples.h"

namespace inkfield::training {

struct RecipeSet {
  std::string name;         ///< as `load_digit_set` knows it
  float symbol_weight = 0;  ///< share among lone real digits
  float line_weight = 0;    ///< share among lines of real digits
};

struct Recipe {
  std::string name;
  std::string version;
  std::string licence;
  std::string data;  ///< for the model's metadata
  std::vector<RecipeSet> sets;
  bool letters = false;  ///< tablet letters as rejects
  float strip_share = 0;  ///< of the lines, where a folder of labelled strips is given
  float synthetic_symbols = 0.16F;
  float synthetic_lines = 0.30F;
  float decimal_lines = 0.10F;  ///< share of measured values among composed lines
  /// Shares of lone symbols and of composed lines that are spoilt; the others are clean, as half of the lone digits are anyway.
  float symbol_roughness = 1;
  float line_roughness = 1;
  LineHands line_hands;
  float regional_hands = 0;  ///< share of hands that write shapes of some countries
  std::vector<LayerPlan> plan;
  int steps = 0;
  int symbols_per_step = 0;  ///< lone symbols and lines of one optimizer step, all workers together
  int lines_per_step = 0;
  double peak_rate = 0;  ///< of the one-cycle schedule
  double dropout = 0.1;
};

/// "open", "touching", "round_sums", "regional", "clean", "research", "strips", "own" or "smoke". Throws
/// Error(invalid_argument).
Recipe recipe_by_name(const std::string& name);

}  // namespace inkfield::training
