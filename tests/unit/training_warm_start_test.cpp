// A network can begin from the file of an older one, without residual pairs and with one frame a column: it reads as that
// one did, and can learn more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "recognizer/error.h"
#include "recognizer/training/onnx_weights.h"
#include "recognizer/training/onnx_writer.h"

namespace inkfield::training {
namespace {

/// A plan as it was before its residual pairs, and before a column held several frames.
std::vector<LayerPlan> older(const std::vector<LayerPlan>& plan, bool without_pairs, bool one_frame) {
  std::vector<LayerPlan> old;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const bool pair = plan[i].closes_residual || (i + 1 < plan.size() && plan[i + 1].closes_residual);
    if (!pair || !without_pairs) old.push_back(plan[i]);
  }
  if (one_frame) old.back().channels = kClassCount;
  return old;
}

class WarmStart : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    file_ = std::filesystem::path(testing::TempDir()) / ("inkfield_warm_start_" + name + ".onnx");
    torch::manual_seed(12);
  }
  void TearDown() override { std::filesystem::remove(file_); }

  /// Statistics as training leaves them, written to the file.
  CtcNetwork written(const std::vector<LayerPlan>& plan) const {
    torch::NoGradGuard no_grad;
    CtcNetwork network(plan, 0.0);
    for (torch::Tensor& buffer : network->buffers()) {
      if (buffer.is_floating_point()) buffer.copy_(0.5 + torch::rand_like(buffer));
    }
    for (torch::Tensor& parameter : network->parameters()) {
      if (parameter.dim() == 1) parameter.add_(0.3 * torch::randn_like(parameter));
    }
    network->eval();
    write_file(file_.string(), to_onnx(*network, {}));
    return network;
  }
  CtcNetwork read(const std::vector<LayerPlan>& plan) const {
    CtcNetwork network(plan, 0.0);
    read_weights(file_, *network);
    network->eval();
    return network;
  }

  std::filesystem::path file_;
};

void expect_same_scores_in_each_frame(CtcNetwork& old, CtcNetwork& now) {
  torch::NoGradGuard no_grad;
  const torch::Tensor ink = torch::rand({2, 1, 32, 80});
  const torch::Tensor expected = old->forward(ink).squeeze(2).permute({0, 2, 1});
  const torch::Tensor frames = frames_of(now->forward(ink));
  ASSERT_EQ(frames.size(1), kFramesPerColumn * expected.size(1));
  for (int frame = 0; frame < kFramesPerColumn; ++frame) {
    const torch::Tensor of_frame = frames.slice(1, frame, frames.size(1), kFramesPerColumn);
    EXPECT_LT((of_frame - expected).abs().max().item<float>(), 2e-3F) << frame;
  }
}

TEST_F(WarmStart, FromOneFrameAColumn_GivesItsScoresToEachFrame) {
  CtcNetwork old = written(older(tiny_plan(), false, true));
  CtcNetwork now = read(tiny_plan());
  expect_same_scores_in_each_frame(old, now);
}

TEST_F(WarmStart, FromNoResidualPairsAndOneFrameAColumn_GivesTheSameScores) {
  CtcNetwork old = written(older(shipped_plan(), true, true));
  CtcNetwork now = read(shipped_plan());
  expect_same_scores_in_each_frame(old, now);
}

TEST_F(WarmStart, FromNoResidualPairs_GivesTheSameScores) {
  torch::NoGradGuard no_grad;
  CtcNetwork old = written(older(shipped_plan(), true, false));
  CtcNetwork now = read(shipped_plan());
  const torch::Tensor ink = torch::rand({1, 1, 32, 48});
  EXPECT_LT((old->forward(ink) - now->forward(ink)).abs().max().item<float>(), 2e-3F);
}

TEST_F(WarmStart, FromNoResidualPairs_CanLearnWithThem) {
  written(older(shipped_plan(), true, true));
  CtcNetwork now = read(shipped_plan());
  now->train();
  now->freeze_statistics();
  torch::optim::SGD optimizer(now->parameters(), 0.01);
  const auto pair_weights = [&] {
    // Of the first layer of the pair: nothing reaches it until the second adds something.
    for (std::size_t i = 0; i + 1 < now->plan().size(); ++i) {
      if (now->plan()[i + 1].closes_residual) {
        return now->named_parameters()["conv" + std::to_string(i) + ".weight"].detach().clone();
      }
    }
    return torch::Tensor();
  };
  const torch::Tensor before = pair_weights();
  for (int step = 0; step < 2; ++step) {
    optimizer.zero_grad();
    now->forward(torch::rand({1, 1, 32, 48})).square().mean().backward();
    optimizer.step();
  }
  EXPECT_FALSE(before.equal(pair_weights()));
}

TEST_F(WarmStart, FromWhatIsNeither_IsRefusedWithTheLayerThatDoesNotFit) {
  std::vector<LayerPlan> other = tiny_plan();
  other.back().channels = kClassCount - 1;
  written(other);
  try {
    read(tiny_plan());
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("layer 5 has weights of 16x48x1x1, expected 34x48x1x1"));
  }
}

}  // namespace
}  // namespace inkfield::training
