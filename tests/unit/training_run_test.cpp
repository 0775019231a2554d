// A tiny run end to end: the loss falls, checkpoints carry on, the schedule keeps its word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <span>
#include <string>

#include "recognizer/engine/network.h"
#include "recognizer/training/trainer.h"

namespace inkfield::training {
namespace {

TrainingOptions small_run() {
  TrainingOptions options;
  options.recipe = recipe_by_name("smoke");
  options.recipe.steps = 100;
  options.recipe.symbols_per_step = 32;
  options.recipe.lines_per_step = 2;
  options.workers = 2;
  return options;
}

TEST(TrainingRun, OnSynthesisAlone_LearnsSomething) {
  const TrainingReport report = train(small_run());
  EXPECT_EQ(report.steps, 100);
  EXPECT_LT(report.last_loss, 0.6 * report.first_loss);
  EXPECT_GT(report.onnx.size(), 10'000U);
  // What is exported at the end runs in int8 as it is.
  const auto engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(report.onnx.data()), report.onnx.size()),
      {.precision = recognizer::Precision::int8});
  EXPECT_FALSE(engine.facts().int8_ranges.empty());
  EXPECT_TRUE(engine.facts().calibrated);
}

TEST(TrainingRun, OfTheSameSeed_IsTheSame) {
  TrainingOptions options = small_run();
  options.recipe.steps = 8;
  const std::string first = train(options).onnx;
  EXPECT_TRUE(first == train(options).onnx);
  options.seed = 2;
  EXPECT_FALSE(first == train(options).onnx);
}

TEST(TrainingRun, Resumed_GoesOnWhereItStopped) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "inkfield_training_run";
  std::filesystem::remove_all(folder);
  TrainingOptions options = small_run();
  options.checkpoint = folder;
  options.recipe.steps = 6;
  EXPECT_EQ(train(options).steps, 6);
  options.resume = true;
  options.recipe.steps = 10;
  EXPECT_EQ(train(options).steps, 10);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace inkfield::training
