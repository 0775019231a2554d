// The plain classifiers' recipes.
#include "recognizer/training/recipes/classifiers.h"

namespace inkfield::training {
namespace {

void on_usps(ClassifierRecipe& recipe) {
  recipe.set = "usps";
  recipe.test_images = "usps/usps-test-images-idx3-ubyte.gz";
  recipe.test_labels = "usps/usps-test-labels-idx1-ubyte.gz";
  recipe.image_side_px = 16;
  recipe.licence = "research use: the USPS set was made available by AT&T research labs without a licence";
  recipe.data = "USPS zip code digits, training part";
}

void on_mnist(ClassifierRecipe& recipe) {
  recipe.set = "mnist";
  recipe.test_images = "mnist/t10k-images-idx3-ubyte.gz";
  recipe.test_labels = "mnist/t10k-labels-idx1-ubyte.gz";
  recipe.image_side_px = 28;
  recipe.licence = "weights Apache-2.0; trained on MNIST (CC BY-SA 3.0)";
  recipe.data = "MNIST, training part";
}

ClassifierRecipe zip1989() {
  ClassifierRecipe recipe;
  recipe.name = "zip1989";
  on_usps(recipe);
  recipe.network = ClassifierRecipe::Network::zip1989;
  recipe.framing = {16, 16, false, -1, 1};
  recipe.passes = 23;
  recipe.rate = 0.04;
  return recipe;
}

ClassifierRecipe lenet5() {
  ClassifierRecipe recipe;
  recipe.name = "lenet5";
  on_mnist(recipe);
  recipe.network = ClassifierRecipe::Network::lenet5;
  recipe.framing = {32, 20, true, -0.1F, 1.175F};
  recipe.passes = 20;
  recipe.batch = 32;
  recipe.rate = 2e-3;
  return recipe;
}

ClassifierRecipe mnist() {
  ClassifierRecipe recipe;
  recipe.name = "mnist";
  on_mnist(recipe);
  recipe.framing = {28, 20, true, 0, 1};
  recipe.plan = {{16, 3, 3, 1, 1, 1, 1},  {32, 3, 3, 1, 1, 2, 2},  // 28 -> 14
                 {48, 3, 3, 1, 1, 1, 1},  {64, 3, 3, 1, 1, 2, 2},  // -> 7
                 {96, 3, 3, 1, 1, 1, 1},  {128, 3, 3, 0, 0, 1, 1},  // -> 5
                 {10, 5, 5, 0, 0, 1, 1}};
  recipe.passes = 36;
  recipe.batch = 64;
  recipe.rate = 2.5e-3;
  recipe.varied = true;
  recipe.dropout = 0.3;
  recipe.smoothing = 0.03;
  recipe.hold_out_one_in = 20;
  return recipe;
}

ClassifierRecipe usps() {
  ClassifierRecipe recipe;
  recipe.name = "usps";
  on_usps(recipe);
  recipe.framing = {20, 16, false, 0, 1};
  recipe.plan = {{32, 3, 3, 1, 1, 1, 1},  {32, 3, 3, 1, 1, 2, 2},  // 20 -> 10
                 {64, 3, 3, 1, 1, 1, 1},  {64, 3, 3, 1, 1, 2, 2},  // -> 5
                 {128, 3, 3, 1, 1, 1, 1}, {10, 5, 5, 0, 0, 1, 1}};
  recipe.passes = 70;
  recipe.batch = 64;
  recipe.rate = 3e-3;
  recipe.varied = true;
  recipe.variation.shift = 0.055F;
  recipe.variation.noise = 0.15F;
  recipe.dropout = 0.4;
  recipe.smoothing = 0.05;
  return recipe;
}

}  // namespace

bool find_classifier_recipe(const std::string& name, ClassifierRecipe& recipe) {
  for (const auto make : {zip1989, lenet5, mnist, usps}) {
    ClassifierRecipe made = make();
    if (made.name != name) continue;
    recipe = std::move(made);
    return true;
  }
  return false;
}

}  // namespace inkfield::training
