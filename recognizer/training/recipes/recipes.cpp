// The shipped recipes.
#include "recognizer/training/recipes/recipes.h"

#include "recognizer/error.h"

namespace inkfield::training {
namespace {

Recipe open_recipe() {
  Recipe recipe;
  recipe.name = "open";
  recipe.version = "9";
  recipe.licence =
      "weights Apache-2.0; trained on MNIST (CC BY-SA 3.0), optdigits and Semeion (CC BY 4.0) and synthesis";
  recipe.data = "MNIST training part, UCI optdigits train and cv, UCI Semeion, Inkfield pen-stroke synthesis";
  // MNIST is the only large set; the two small ones are drawn more often than their size, for their hands.
  recipe.sets = {{"mnist", 0.82F, 0.66F}, {"optdigits", 0.10F, 0.18F}, {"semeion", 0.08F, 0.16F}};
  recipe.synthetic_lines = 0.42F;
  recipe.decimal_lines = 0.2F;
  recipe.plan = shipped_plan();
  recipe.steps = 15000;
  recipe.symbols_per_step = 1024;
  recipe.lines_per_step = 384;
  recipe.peak_rate = 3e-3;
  return recipe;
}

// Carries the open network on with lines whose digits run into each other: what is left of its errors on lines.
Recipe touching_recipe() {
  Recipe recipe = open_recipe();
  recipe.name = "touching";
  recipe.synthetic_lines = 0.3F;
  recipe.line_roughness = 0.5F;
  recipe.line_hands.crowded = 0.75F;
  recipe.line_hands.touching = 0.5F;
  recipe.line_hands.deepest_touch = 0.22F;
  recipe.steps = 2191;
  recipe.symbols_per_step = 64;
  recipe.lines_per_step = 96;
  recipe.peak_rate = 6e-4;
  return recipe;
}

// The same with round sums, whose zeros people write in one go, and with large commas.
Recipe round_sums_recipe() {
  Recipe recipe = touching_recipe();
  recipe.name = "round_sums";
  recipe.line_hands.linked_zeros = 0.3F;
  recipe.line_hands.round_sums = 0.25F;
  recipe.line_hands.large_commas = 0.3F;
  recipe.steps = 1650;
  recipe.peak_rate = 4e-4;
  return recipe;
}

// The same with hands of other countries, which no open set holds.
Recipe regional_recipe() {
  Recipe recipe = round_sums_recipe();
  recipe.name = "regional";
  recipe.synthetic_symbols = 0.25F;
  recipe.regional_hands = 0.45F;
  recipe.steps = 2000;
  return recipe;
}

// Carries the open network on, last of all, with what careful hands write and good scanners see: networks that saw spoilt
// ink to their end still misread clean lines of the very hands they were trained on.
Recipe clean_recipe() {
  Recipe recipe = regional_recipe();
  recipe.name = "clean";
  recipe.sets = {{"mnist", 0.82F, 0.76F}, {"optdigits", 0.10F, 0.12F}, {"semeion", 0.08F, 0.12F}};
  recipe.synthetic_symbols = 0.2F;
  recipe.synthetic_lines = 0.15F;
  recipe.symbol_roughness = 0.5F;
  recipe.line_roughness = 0.25F;
  recipe.line_hands.crowded = 0.8F;
  recipe.line_hands.touching = 0.4F;
  recipe.line_hands.linked_zeros = 0.15F;
  recipe.line_hands.round_sums = 0.12F;
  recipe.line_hands.large_commas = 0.15F;
  recipe.regional_hands = 0.25F;
  recipe.steps = 5500;
  recipe.peak_rate = 5e-4;
  return recipe;
}

Recipe research_recipe() {
  Recipe recipe = open_recipe();
  recipe.name = "research";
  recipe.version = "7";
  recipe.licence =
      "research use only: trained on data that may not be used commercially (USPS, Chars74K, ORAND-CAR)";
  recipe.data =
      open_recipe().data + ", USPS training part, Chars74K tablet letters, ORAND-CAR-A training strips";
  recipe.sets = {{"mnist", 0.70F, 0.56F}, {"optdigits", 0.08F, 0.16F}, {"semeion", 0.06F, 0.14F}, {"usps", 0.16F, 0.14F}};
  recipe.letters = true;
  recipe.line_roughness = 0.55F;
  // Begins from the open weights; whole strips and their digits come from the command line.
  recipe.strip_share = 0.4F;
  recipe.steps = 2600;
  recipe.symbols_per_step = 256;
  recipe.lines_per_step = 96;
  recipe.peak_rate = 8e-4;
  return recipe;
}

// Carries a network on with whole lines of real writing, a customer's or a data set's; beside them are the lines that the
// open network saw last. Sized for two cores.
Recipe strips_recipe() {
  Recipe recipe = round_sums_recipe();
  recipe.name = "strips";
  recipe.licence = "as its strips allow";
  recipe.data = open_recipe().data + ", labelled strips";
  recipe.strip_share = 0.6F;
  recipe.steps = 1600;
  recipe.symbols_per_step = 48;
  recipe.lines_per_step = 56;
  recipe.peak_rate = 7e-4;
  return recipe;
}

// What OWN_WRITING.md tells of; licence and data are told after those of the network it begins from.
Recipe own_recipe() {
  Recipe recipe = strips_recipe();
  recipe.name = "own";
  recipe.steps = 2600;
  recipe.lines_per_step = 28;
  recipe.peak_rate = 1e-3;
  return recipe;
}

// Proves in a minute that the trainer works; its model reads badly.
Recipe smoke_recipe() {
  Recipe recipe = open_recipe();
  recipe.name = "smoke";
  recipe.plan = tiny_plan();
  recipe.steps = 300;
  recipe.symbols_per_step = 64;
  recipe.lines_per_step = 6;
  return recipe;
}

}  // namespace

Recipe recipe_by_name(const std::string& name) {
  if (name == "open") return open_recipe();
  if (name == "touching") return touching_recipe();
  if (name == "round_sums") return round_sums_recipe();
  if (name == "regional") return regional_recipe();
  if (name == "clean") return clean_recipe();
  if (name == "research") return research_recipe();
  if (name == "strips") return strips_recipe();
  if (name == "own") return own_recipe();
  if (name == "smoke") return smoke_recipe();
  throw Error(ErrorKind::invalid_argument,
              "no recipe named " + name +
                  "; there are open, touching, round_sums, regional, clean, research, strips, own and smoke");
}

}  // namespace inkfield::training
