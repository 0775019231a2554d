// Recipes of plain classifiers: one digit in, one of ten out, each trained on one standard set's training part alone.
#pragma once

#include <string>
#include <vector>

#include "recognizer/normalization.h"
#include "recognizer/training/digit_inputs.h"
#include "recognizer/training/layer_plan.h"

namespace inkfield::training {

struct ClassifierRecipe {
  enum class Network { layers, zip1989, lenet5 };
  std::string name;
  std::string version = "1";
  std::string licence;
  std::string data;
  std::string set;  ///< as `load_digit_set` knows it
  std::string test_images, test_labels;  ///< for the final figure alone
  int image_side_px = 0;                 ///< of the set's images, the cell's height in reading
  Network network = Network::layers;
  std::vector<LayerPlan> plan;  ///< of `layers`
  recognizer::SymbolFraming framing;
  int passes = 0;     ///< over the training part
  int batch = 1;      ///< 1: after every digit, as the first networks were trained
  double rate = 0;    ///< of plain gradient descent if batch is 1, else the peak of AdamW's one cycle
  bool varied = false;
  Variation variation;
  float plain_share = 0.05F;  ///< of varied training's digits that are left as they are
  double dropout = 0;
  double smoothing = 0;  ///< of the labels
  int hold_out_one_in = 14;  ///< writers, where the set knows them
};

/// "zip1989", "lenet5", "mnist" or "usps"; false for any other name.
bool find_classifier_recipe(const std::string& name, ClassifierRecipe& recipe);

}  // namespace inkfield::training
