// A tiny run end to end: the loss falls, checkpoints carry on, the schedule keeps its word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/device.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/onnx_writer.h"
#include "recognizer/training/trainer.h"
#include "tests/scratch_folder.h"

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
  const tests::ScratchFolder scratch;
  TrainingOptions options = small_run();
  options.checkpoint = scratch.path();
  options.recipe.steps = 6;
  EXPECT_EQ(train(options).steps, 6);
  options.resume = true;
  options.recipe.steps = 10;
  EXPECT_EQ(train(options).steps, 10);
}

recognizer::Network engine_of(const std::string& onnx) {
  return recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()));
}

TEST(TrainingRun, Calibrated_KeepsTheWeightsAndFitsAsTheRunDid) {
  const tests::ScratchFolder scratch;
  const std::filesystem::path file = scratch.file("calibrate.onnx");
  TrainingOptions options = small_run();
  const std::string trained = train(options).onnx;
  write_file(file.string(), trained);
  options.init = file;
  options.seed = 9;
  const std::string again = calibrate(options);
  const recognizer::NetworkFacts first = engine_of(trained).facts();
  const recognizer::NetworkFacts second = engine_of(again).facts();
  EXPECT_TRUE(second.calibrated);
  EXPECT_NEAR(second.symbol_calibration.a, first.symbol_calibration.a, 1e-3);
  EXPECT_NEAR(second.symbol_calibration.b, first.symbol_calibration.b, 1e-3);
  EXPECT_NEAR(second.line_calibration.a, first.line_calibration.a, 1e-3);
  EXPECT_EQ(second.line_calibration.spread, 1);
  EXPECT_LT(second.digits_calibration.spread, 0.1);
  EXPECT_EQ(second.digits_calibration.spread, first.digits_calibration.spread);
  EXPECT_FALSE(first.int8_ranges.empty());
  EXPECT_EQ(second.int8_ranges, first.int8_ranges);
  CtcNetwork before(options.recipe.plan, 0.0);
  CtcNetwork after(options.recipe.plan, 0.0);
  read_weights(file, *before);
  write_file(file.string(), again);
  read_weights(file, *after);
  torch::NoGradGuard no_grad;
  before->eval();
  after->eval();
  const torch::Tensor ink = torch::rand({1, 1, 32, 64});
  EXPECT_LT((before->forward(ink) - after->forward(ink)).abs().max().item<float>(), 1e-4F);
}

TEST(TrainingRun, CalibratedHalfway_HasTheMeanOfTheWeights) {
  const tests::ScratchFolder scratch;
  const std::filesystem::path& folder = scratch.path();
  TrainingOptions options = small_run();
  options.recipe.steps = 3;
  std::vector<CtcNetwork> networks;
  for (const std::uint64_t seed : {4U, 5U}) {
    options.seed = seed;
    const auto file = folder / ("halfway_" + std::to_string(seed) + ".onnx");
    write_file(file.string(), train(options).onnx);
    networks.emplace_back(options.recipe.plan, 0.0);
    read_weights(file, *networks.back());
  }
  options.init = folder / "halfway_4.onnx";
  options.halfway = folder / "halfway_5.onnx";
  const auto between = folder / "halfway.onnx";
  write_file(between.string(), calibrate(options));
  networks.emplace_back(options.recipe.plan, 0.0);
  read_weights(between, *networks.back());
  for (std::size_t layer = 0; layer < options.recipe.plan.size(); ++layer) {
    const torch::Tensor mean = 0.5 * (networks[0]->folded(layer).first + networks[1]->folded(layer).first);
    EXPECT_LT((networks[2]->folded(layer).first - mean).abs().max().item<float>(), 1e-4F) << layer;
    EXPECT_GT((networks[2]->folded(layer).first - networks[0]->folded(layer).first).abs().max().item<float>(), 1e-3F) << layer;
  }
}

TEST(TrainingRun, OnADeviceThatIsNotThere_IsRefusedInAFewWords) {
  EXPECT_TRUE(device_named("cpu").is_cpu());
  std::vector<std::string> absent = {"nonsense", "", "cpu:nonsense", "cuda:99"};
  if (!torch::cuda::is_available()) absent.push_back("cuda");
  for (const std::string& name : absent) {
    TrainingOptions options = small_run();
    options.device = name;
    try {
      train(options);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("no device " + name)) << name;
      EXPECT_LT(std::string(error.what()).size(), 150U);
    }
  }
}

}  // namespace
}  // namespace inkfield::training
