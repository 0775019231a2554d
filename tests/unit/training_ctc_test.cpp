// The sums of CTC by hand, against libtorch's loss, and its gradient against finite differences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "recognizer/error.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/device.h"
#include "recognizer/training/evaluation.h"

namespace inkfield::training {
namespace {

Sample paper_sample(const std::string& text, int width_px) {
  Sample sample;
  sample.text = text;
  sample.input.width_px = width_px;
  sample.input.pixels.assign(static_cast<std::size_t>(width_px * recognizer::kInputHeightPx), 0.0F);
  return sample;
}

TEST(Ctc, LogProbability_AgreesWithTheTrainingLoss) {
  torch::manual_seed(3);
  const std::vector<std::string> texts = {"", "7", "11", "2016", "1,250/-"};
  for (const std::string& text : texts) {
    const Batch batch = make_batch({paper_sample(text, 64)});
    const torch::Tensor scores = 2 * torch::randn({1, kFramesPerColumn * kClassCount, 1, 16});
    const double loss = ctc_losses(scores, batch)[0].item<double>();
    const torch::Tensor log_probabilities = torch::log_softmax(frames_of(scores), 2).contiguous();
    EXPECT_NEAR(log_probability(log_probabilities.data_ptr<float>(), 16 * kFramesPerColumn, text), -loss, 1e-3)
        << text;
  }
}

TEST(Ctc, LogDigitsProbability_SumsOverAllMarksBetween) {
  torch::manual_seed(4);
  constexpr int kFrames = 4;
  const torch::Tensor log_probabilities =
      torch::log_softmax(2 * torch::randn({kFrames, kClassCount}), 1).contiguous();
  const float* frames = log_probabilities.data_ptr<float>();
  for (const std::string digits : {"5", "22", "701"}) {
    // All texts of up to four symbols.
    double sum = 0;
    const std::string symbols = digits + ",.-/=";
    std::vector<std::string> texts = {""};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string text = texts[i];
      std::string bare = text;
      std::erase_if(bare, [](char c) { return c < '0' || c > '9'; });
      if (bare == digits) sum += std::exp(log_probability(frames, kFrames, text));
      for (std::size_t s = 0; s < symbols.size() && text.size() < kFrames; ++s) {
        if (symbols.find(symbols[s]) == s) texts.push_back(text + symbols[s]);
      }
    }
    EXPECT_NEAR(log_digits_probability(frames, kFrames, digits), std::log(sum), 1e-5) << digits;
  }
}

TEST(Ctc, MarksThatAreNotLabelled_CountAsBlanks) {
  // Frames that surely say 1 , 2: as a label "12" that is sure where marks are silent, and out of the question elsewhere.
  torch::Tensor scores = torch::zeros({2, kFramesPerColumn * kClassCount, 1, 3});
  std::vector<int> path = {class_of('1'), class_of(','), class_of('2')};
  path.resize(3 * kFramesPerColumn, 0);
  for (int item = 0; item < 2; ++item) {
    for (int t = 0; t < 3 * kFramesPerColumn; ++t) {
      scores[item][t % kFramesPerColumn * kClassCount + path[static_cast<std::size_t>(t)]][0][t / kFramesPerColumn] = 12;
    }
  }
  Sample strict = paper_sample("12", 12);
  Sample silent = strict;
  silent.marks_labelled = false;
  const torch::Tensor losses = ctc_losses(scores, make_batch({strict, silent}));
  EXPECT_GT(losses[0].item<double>(), 5.0);
  EXPECT_LT(losses[1].item<double>(), 0.01);
}

TEST(Ctc, AllTextsOfTwoFrames_SumToOne) {
  torch::manual_seed(4);
  const torch::Tensor frames = torch::log_softmax(torch::randn({2, kClassCount}), 1).contiguous();
  const std::string alphabet = kAlphabet;
  double total = std::exp(log_probability(frames.data_ptr<float>(), 2, ""));
  for (const char a : alphabet) {
    total += std::exp(log_probability(frames.data_ptr<float>(), 2, {a}));
    for (const char b : alphabet) total += std::exp(log_probability(frames.data_ptr<float>(), 2, {a, b}));
  }
  EXPECT_NEAR(total, 1.0, 1e-5);
}

TEST(Ctc, ADoubledDigit_NeedsAFrameBetween) {
  const torch::Tensor frames = torch::log_softmax(torch::zeros({2, kClassCount}), 1).contiguous();
  EXPECT_EQ(std::exp(log_probability(frames.data_ptr<float>(), 2, "11")), 0.0);
  EXPECT_GT(std::exp(log_probability(frames.data_ptr<float>(), 2, "12")), 0.0);
}

TEST(Ctc, Greedy_DropsRepeatsAndBlanks) {
  const std::vector<int> path = {0, class_of('1'), class_of('1'), 0, class_of('1'), class_of('?'), 0};
  std::vector<float> frames(path.size() * kClassCount, -9.0F);
  for (std::size_t t = 0; t < path.size(); ++t)
    frames[t * kClassCount + static_cast<std::size_t>(path[t])] = 0.0F;
  EXPECT_EQ(greedy_text(frames.data(), static_cast<int>(path.size())), "11?");
}

TEST(Ctc, ASymbolAnswer_IsAProbability) {
  torch::manual_seed(5);
  const torch::Tensor frames = torch::log_softmax(torch::randn({8, kClassCount}), 1).contiguous();
  const SymbolAnswer answer = answer_symbol(frames.data_ptr<float>(), 8);
  EXPECT_GT(answer.probability, 0.0);
  EXPECT_LE(answer.probability, 1.0);
}

TEST(Classes, OfTheAlphabet_FollowTheModelContract) {
  EXPECT_EQ(std::string(kAlphabet).size() + 1, static_cast<std::size_t>(kClassCount));
  EXPECT_EQ(class_of('0'), 1);
  EXPECT_EQ(class_of('?'), 16);
  EXPECT_EQ(class_of('x'), 0);
  EXPECT_EQ(class_of(0), 0);
}

TEST(Network, Gradient_AgreesWithFiniteDifferences) {
  torch::manual_seed(6);
  CtcNetwork network(tiny_plan(), 0.0);
  network->to(torch::kDouble);
  network->eval();
  Batch batch = make_batch({paper_sample("3", 32), paper_sample("42", 32)});
  batch.ink = torch::rand(batch.ink.sizes(), torch::kDouble);
  const auto loss = [&] { return ctc_losses(network->forward(batch.ink), batch).sum(); };
  network->zero_grad();
  loss().backward();
  for (torch::Tensor& parameter : network->parameters()) {
    torch::NoGradGuard no_grad;
    torch::Tensor flat = parameter.view({-1});
    const std::int64_t at = flat.size(0) / 2;
    const double before = flat[at].item<double>();
    constexpr double kStep = 1e-5;
    flat[at] = before + kStep;
    const double up = loss().item<double>();
    flat[at] = before - kStep;
    const double down = loss().item<double>();
    flat[at] = before;
    const double gradient = parameter.grad().view({-1})[at].item<double>();
    EXPECT_NEAR(gradient, (up - down) / (2 * kStep), 1e-5 + 1e-3 * std::abs(gradient));
  }
}

TEST(Network, FramesOf_AreInReadingOrder) {
  const torch::Tensor scores = torch::arange(2 * kFramesPerColumn * kClassCount * 3).view({2, -1, 1, 3});
  const torch::Tensor frames = frames_of(scores);
  ASSERT_EQ(frames.sizes(), (std::vector<std::int64_t>{2, 3 * kFramesPerColumn, kClassCount}));
  for (int item = 0; item < 2; ++item) {
    for (int t = 0; t < 3 * kFramesPerColumn; ++t) {
      for (int symbol = 0; symbol < kClassCount; ++symbol) {
        const int channel = t % kFramesPerColumn * kClassCount + symbol;
        ASSERT_TRUE(frames[item][t][symbol].equal(scores[item][channel][0][t / kFramesPerColumn])) << t;
      }
    }
  }
}

// Gradients by name of a loss that weighs all scores at random, each time alike.
std::map<std::string, torch::Tensor> gradients(CtcNetwork& network, const torch::Tensor& ink) {
  torch::manual_seed(11);
  network->zero_grad();
  const torch::Tensor scores = network->forward(ink);
  (scores * torch::randn(scores.sizes())).sum().backward();
  std::map<std::string, torch::Tensor> all;
  for (const auto& parameter : network->named_parameters())
    all[parameter.key()] = parameter.value().grad().clone();
  return all;
}

double relative_distance(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

// A network whose statistics are not those it was born with.
CtcNetwork trained_a_little(const std::vector<LayerPlan>& plan) {
  torch::manual_seed(9);
  CtcNetwork network(plan, 0.0);
  network->train();
  torch::NoGradGuard no_grad;
  for (int i = 0; i < 40; ++i) network->forward(torch::rand({8, 1, recognizer::kInputHeightPx, 32}));
  for (auto& parameter : network->named_parameters()) {
    if (parameter.key().starts_with("norm"))
      parameter.value().add_(0.2 * torch::rand(parameter.value().sizes()));
  }
  return network;
}

TEST(Network, WithFrozenStatistics_LearnsAsItReads) {
  CtcNetwork network = trained_a_little(tiny_plan());
  const torch::Tensor ink = torch::rand({4, 1, recognizer::kInputHeightPx, 48});
  network->eval();
  const torch::Tensor read = network->forward(ink);
  const auto wanted = gradients(network, ink);
  network->train();
  network->freeze_statistics();
  EXPECT_LT(relative_distance(network->forward(ink), read), 1e-5);
  for (const auto& [name, gradient] : gradients(network, ink)) {
    EXPECT_LT(relative_distance(gradient, wanted.at(name)), 1e-4) << name;
  }
}

TEST(Network, InBfloat16_LearnsTheSameFromNarrowAndFromWideLines) {
  try {
    require_bfloat16(torch::kCPU);
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  // The first layers of the shipped network; in more of them rounding turns ReLUs of what has learnt little.
  const std::vector<LayerPlan> plan = {{16, 3, 3, 1, 1, 1, 1},
                                       {16, 3, 3, 1, 1, 2, 2},
                                       {32, 3, 3, 1, 1, 4, 2},
                                       {kFramesPerColumn * kClassCount, 4, 3, 0, 1, 1, 1}};
  for (const bool frozen : {true, false}) {
    CtcNetwork network = trained_a_little(plan);
    CtcNetwork coarse = trained_a_little(plan);
    coarse->train_in_bfloat16();
    for (CtcNetwork* each : {&network, &coarse}) {
      (*each)->train();
      if (frozen) (*each)->freeze_statistics();
    }
    for (const int width_px : {64, 440}) {
      const torch::Tensor ink = torch::rand({4, 1, recognizer::kInputHeightPx, width_px});
      const auto wanted = gradients(network, ink);
      double apart = 0;
      double whole = 0;
      for (const auto& [name, gradient] : gradients(coarse, ink)) {
        EXPECT_EQ(gradient.scalar_type(), torch::kFloat) << name;
        apart += (gradient - wanted.at(name)).square().sum().item<double>();
        whole += wanted.at(name).square().sum().item<double>();
      }
      EXPECT_LT(std::sqrt(apart / whole), 0.1) << width_px << (frozen ? " frozen" : "");
    }
    // Reading is not coarse.
    network->eval();
    coarse->eval();
    const torch::Tensor ink = torch::rand({4, 1, recognizer::kInputHeightPx, 64});
    EXPECT_LT(relative_distance(coarse->forward(ink), network->forward(ink)), frozen ? 1e-5 : 0.02);
  }
}

TEST(Network, Columns_AreAQuarterOfTheWidth) {
  CtcNetwork network(shipped_plan(), 0.1);
  network->eval();
  torch::NoGradGuard no_grad;
  for (const int width : {4, 32, 100, 412}) {
    const torch::Tensor scores = network->forward(torch::zeros({2, 1, 32, width}));
    EXPECT_EQ(scores.sizes(), (std::vector<std::int64_t>{2, kFramesPerColumn * kClassCount, 1, width / 4}));
  }
}

}  // namespace
}  // namespace inkfield::training
