// The file that training writes is the network that was trained, as our own engine reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "recognizer/training/byte_weights.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/int8_export.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/onnx_writer.h"
#include "tests/scratch_folder.h"

namespace inkfield::training {
namespace {

std::map<std::string, std::string> metadata() {
  return {{"inkfield.name", "test"},
          {"inkfield.version", "1"},
          {"inkfield.alphabet", kAlphabet},
          {"inkfield.blank", "0"},
          {"inkfield.input", R"({"height_px":32,"frame_stride_px":4,"frames_per_column":)" +
                                 std::to_string(kFramesPerColumn) + R"(,"layout":"line"})"},
          {"inkfield.calibration", R"({"symbol":{"a":0.5,"b":0.25,"thresholds":[[0.01,0.75]]},)"
                                   R"("line":{"a":1.5,"b":0,"thresholds":[]}})"},
          {"inkfield.licence", "none"},
          {"inkfield.data", "none"}};
}

class Onnx : public testing::TestWithParam<int> {};

TEST_P(Onnx, RoundTrip_GivesTheTrainersScores) {
  torch::manual_seed(8);
  torch::NoGradGuard no_grad;
  CtcNetwork network(shipped_plan(), 0.1);
  // Statistics as training leaves them, or folding would have nothing to fold.
  for (torch::Tensor& buffer : network->buffers()) {
    if (buffer.is_floating_point()) buffer.copy_(0.5 + torch::rand_like(buffer));
  }
  for (torch::Tensor& parameter : network->parameters()) {
    if (parameter.dim() == 1) parameter.add_(0.3 * torch::randn_like(parameter));
  }
  network->eval();
  const std::string onnx = to_onnx(*network, metadata());
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()));
  const int width = GetParam();
  const torch::Tensor ink = torch::rand({2, 1, 32, width});
  const torch::Tensor expected = frames_of(network->forward(ink)).contiguous();
  recognizer::Network::Scratch scratch;
  std::vector<float> scores;
  const int frames = engine.run(std::span(ink.data_ptr<float>(), static_cast<std::size_t>(ink.numel())), 2,
                                width, scratch, scores);
  ASSERT_EQ(frames, kFramesPerColumn * width / 4);
  ASSERT_EQ(scores.size(), static_cast<std::size_t>(expected.numel()));
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], expected.data_ptr<float>()[i], 2e-3);
}

TEST(Int8Export, Twice_LeavesOneSetOfRanges) {
  torch::manual_seed(9);
  torch::NoGradGuard no_grad;
  CtcNetwork network(tiny_plan(), 0.1);
  network->eval();
  SampleSources synthesis;
  synthesis.index();
  const std::string once = with_int8_ranges(to_onnx(*network, metadata()), synthesis);
  EXPECT_EQ(with_int8_ranges(once, synthesis), once);
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(once.data()), once.size()),
      {.precision = recognizer::Precision::int8});
  // The input of every layer but the last.
  EXPECT_EQ(engine.facts().int8_ranges.size(), tiny_plan().size() - 1);
  EXPECT_EQ(engine.facts().name, "test");
}

TEST(Int8Export, OfAnotherFile_AreThose) {
  torch::manual_seed(9);
  torch::NoGradGuard no_grad;
  CtcNetwork network(tiny_plan(), 0.1);
  network->eval();
  SampleSources synthesis;
  synthesis.index();
  SampleSources gentle = synthesis;
  gentle.symbol_roughness = gentle.line_roughness = 0;
  const std::string bare = to_onnx(*network, metadata());
  const std::string first = with_int8_ranges(bare, synthesis);
  const std::string second = with_int8_ranges(bare, gentle);
  ASSERT_NE(first, second);
  EXPECT_EQ(with_int8_ranges_of(first, second), first);
  EXPECT_EQ(with_int8_ranges_of(first, bare), first);
  EXPECT_EQ(with_int8_ranges_of(bare, second), second);
}

TEST(Int8Export, OfTheShippedPlan_AllButTheLastConvolutionRunInBytes) {
  torch::manual_seed(9);
  torch::NoGradGuard no_grad;
  CtcNetwork network(shipped_plan(), 0.0);
  network->eval();
  SampleSources synthesis;
  synthesis.index();
  const std::string onnx = with_int8_ranges(to_onnx(*network, metadata()), synthesis);
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()),
      {.precision = recognizer::Precision::int8});
  EXPECT_EQ(engine.facts().int8_ranges.size(), shipped_plan().size() - 1);
  EXPECT_EQ(engine.facts().frames_per_column, kFramesPerColumn);
  const auto& layers = engine.facts().layers;
  const auto in_bytes = std::count_if(layers.begin(), layers.end(), [](const std::string& layer) {
    return layer.starts_with("Conv") && layer.find("int8") != std::string::npos;
  });
  EXPECT_EQ(in_bytes, static_cast<std::ptrdiff_t>(shipped_plan().size() - 1));
}

class ByteWeightsExport : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(9);
    network_ = CtcNetwork(shipped_plan(), 0.0);
    network_->eval();
    synthesis_.index();
    floats_ = with_int8_ranges(to_onnx(*network_, metadata()), synthesis_);
    bytes_ = with_byte_weights(floats_);
  }

  static std::vector<float> scores(const std::string& onnx, recognizer::Precision precision) {
    torch::manual_seed(3);
    const torch::Tensor ink = torch::rand({2, 1, 32, 60});
    const recognizer::Network engine = recognizer::Network::from_onnx(
        std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()), {.precision = precision});
    recognizer::Network::Scratch scratch;
    std::vector<float> found;
    engine.run(std::span(ink.data_ptr<float>(), static_cast<std::size_t>(ink.numel())), 2, 60, scratch, found);
    return found;
  }

  /// The largest difference, as a share of the largest score.
  static double difference(const std::vector<float>& a, const std::vector<float>& b) {
    double most = 0;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      most = std::max(most, static_cast<double>(std::abs(a[i] - b[i])));
      largest = std::max(largest, static_cast<double>(std::abs(a[i])));
    }
    return most / largest;
  }

  torch::NoGradGuard no_grad_;
  CtcNetwork network_{nullptr};
  SampleSources synthesis_;
  std::string floats_, bytes_;
};

TEST_F(ByteWeightsExport, OfTheShippedPlan_AreAQuarterAndComputeTheSameInInt8) {
  EXPECT_LT(bytes_.size(), 1'000'000U);
  const auto wanted = scores(floats_, recognizer::Precision::int8);
  EXPECT_LT(difference(wanted, scores(bytes_, recognizer::Precision::int8)), 1e-3);
  EXPECT_LT(difference(wanted, scores(floats_, recognizer::Precision::float32)), 0.1);
  // In float32 the rounded weights are what changes.
  EXPECT_LT(difference(scores(floats_, recognizer::Precision::float32), scores(bytes_, recognizer::Precision::float32)), 0.03);
}

TEST_F(ByteWeightsExport, Twice_OrWithoutRanges_ChangesNothing) {
  EXPECT_EQ(with_byte_weights(bytes_), bytes_);
  const std::string bare = to_onnx(*network_, metadata());
  EXPECT_EQ(with_byte_weights(bare), bare);
}

TEST_F(ByteWeightsExport, LetTrainingGoOn) {
  const tests::ScratchFolder scratch;
  const std::string file = scratch.file("bytes.onnx");
  write_file(file, bytes_);
  CtcNetwork again(shipped_plan(), 0.0);
  read_weights(file, *again);
  again->eval();
  const std::string onnx = to_onnx(*again, metadata());
  // Folding the batch norms costs a last bit here and there.
  EXPECT_LT(difference(scores(onnx, recognizer::Precision::float32), scores(bytes_, recognizer::Precision::float32)), 1e-4);
  const std::string once_more = with_byte_weights(with_int8_ranges_of(floats_, onnx));
  EXPECT_EQ(once_more.size(), bytes_.size());
  EXPECT_LT(difference(scores(once_more, recognizer::Precision::int8), scores(bytes_, recognizer::Precision::int8)), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Widths, Onnx, testing::Values(32, 36, 212));

TEST(OnnxFile, Facts_AreTheMetadata) {
  CtcNetwork network(tiny_plan(), 0.0);
  const std::string onnx = to_onnx(*network, metadata());
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()));
  EXPECT_EQ(engine.facts().name, "test");
  EXPECT_EQ(engine.facts().alphabet, kAlphabet);
  EXPECT_EQ(engine.facts().class_count, kClassCount);
  EXPECT_TRUE(engine.facts().calibrated);
  EXPECT_DOUBLE_EQ(engine.facts().symbol_calibration.a, 0.5);
  ASSERT_EQ(engine.facts().symbol_calibration.thresholds.size(), 1U);
}

class OnnxWeights : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(8);
    torch::NoGradGuard no_grad;
    for (torch::Tensor& buffer : network_->buffers()) {
      if (buffer.is_floating_point()) buffer.copy_(0.5 + torch::rand_like(buffer));
    }
    for (torch::Tensor& parameter : network_->parameters()) {
      if (parameter.dim() == 1) parameter.add_(0.3 * torch::randn_like(parameter));
    }
    network_->eval();
    write_file(file_, to_onnx(*network_, metadata()));
  }

  static std::string refusal(const std::string& file, CtcNetwork network) {
    try {
      read_weights(file, *network);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  CtcNetwork network_{tiny_plan(), 0.0};
  tests::ScratchFolder scratch_;
  std::string file_ = scratch_.file("weights.onnx");
};

TEST_F(OnnxWeights, ReadBack_GiveTheSameScoresAndCanBeTrained) {
  CtcNetwork again(tiny_plan(), 0.0);
  read_weights(file_, *again);
  again->train();
  again->freeze_statistics();
  const torch::Tensor ink = torch::rand({2, 1, 32, 40});
  const torch::Tensor scores = again->forward(ink);
  EXPECT_LT((scores - network_->forward(ink)).abs().max().item<float>(), 2e-3F);
  scores.sum().backward();
  for (const torch::Tensor& parameter : again->parameters()) EXPECT_TRUE(parameter.grad().defined());
  EXPECT_GT(to_onnx(*again, metadata()).size(), 1000U);
}

TEST_F(OnnxWeights, OfAnotherPlan_NameWhatDoesNotFit) {
  EXPECT_THAT(refusal(file_, CtcNetwork(shipped_plan(), 0.0)), testing::HasSubstr("5 convolutions, expected 17"));
  auto wider = tiny_plan();
  wider[1].channels = 20;
  EXPECT_THAT(refusal(file_, CtcNetwork(wider, 0.0)),
              testing::HasSubstr("layer 2 has weights of 16x8x3x3, expected 20x8x3x3"));
  EXPECT_THAT(refusal("nowhere.onnx", CtcNetwork(tiny_plan(), 0.0)), testing::HasSubstr("cannot read nowhere.onnx"));
}

TEST(OnnxFile, OfTheShippedPlan_StaysSmall) {
  CtcNetwork network(shipped_plan(), 0.0);
  EXPECT_LT(to_onnx(*network, metadata()).size(), 3'600'000U);
}

}  // namespace
}  // namespace inkfield::training
