// Plain classifiers: the originals' files are the networks that were trained, digits are framed as reading frames them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "recognizer/synthesis/handwriting.h"
#include "recognizer/training/classic_networks.h"
#include "recognizer/training/classifier_trainer.h"
#include "tests/scratch_folder.h"

namespace inkfield::training {
namespace {

using recognizer::ImageView;

// What our engine makes of a file, less what it makes of the first class: a softmax sees no more than that.
std::vector<float> engine_differences(const std::string& onnx, const torch::Tensor& ink) {
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()));
  recognizer::Network::Scratch scratch;
  std::vector<float> scores;
  engine.run(std::span(ink.data_ptr<float>(), static_cast<std::size_t>(ink.numel())), static_cast<int>(ink.size(0)),
             static_cast<int>(ink.size(3)), scratch, scores);
  for (std::size_t i = scores.size(); i-- > 0;) scores[i] -= scores[i / 10 * 10];
  return scores;
}

void expect_same_scores(ClassicNetworkImpl& network, int side, float sharpness) {
  torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : network.parameters()) parameter.add_(0.2 * torch::randn_like(parameter));
  const torch::Tensor ink = torch::rand({3, 1, side, side}) * 2 - 1;
  const torch::Tensor scores = network.scores(network.forward(ink)) * sharpness;
  const torch::Tensor wanted = (scores - scores.slice(1, 0, 1)).contiguous();
  const std::vector<float> found = engine_differences(network.onnx({}, sharpness), ink);
  ASSERT_EQ(found.size(), 30U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const float value = wanted.data_ptr<float>()[i];
    EXPECT_NEAR(found[i], value, 2e-3F * std::max(1.0F, std::abs(value))) << i;
  }
}

TEST(ClassicNetwork_Zip1989, Exported_GivesTheTrainersScores) {
  torch::manual_seed(5);
  Zip1989Impl network;
  expect_same_scores(network, 16, 2.5F);
}

TEST(ClassicNetwork_Zip1989, HasTheConnectionsOfThePaper) {
  Zip1989Impl network;
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network.parameters()) count += parameter.numel();
  // 9,760 weights and biases, and the four maps that each map of H2 does not see, which stay unused.
  EXPECT_EQ(count - 12 * 4 * 25, 9760);
}

TEST(ClassicNetwork_LeNet5, Exported_GivesTheTrainersScores) {
  torch::manual_seed(6);
  LeNet5Impl network;
  expect_same_scores(network, 32, 0.25F);
}

TEST(ClassicNetwork_LeNet5, OutputsAreDistancesToTenDifferentCodes) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(8);
  LeNet5Impl network;
  const torch::Tensor outputs = network.forward(torch::rand({1, 1, 32, 32}));
  EXPECT_GE(outputs.min().item<float>(), 0.0F);
  // Ten equal distances would be ten equal codes.
  const auto values = std::get<0>(outputs.flatten().sort());
  EXPECT_GT((values.slice(0, 1) - values.slice(0, 0, 9)).min().item<float>(), 1e-6F);
}

DigitSet drawn_digits(int count, std::uint64_t seed) {
  DigitSet set;
  synthesis::Random random(seed);
  for (int i = 0; i < count; ++i) {
    synthesis::InkCanvas canvas(28, 28);
    const auto style = synthesis::WriterStyle::careful(random);
    const auto path = synthesis::write_text(std::string(1, static_cast<char>('0' + i % 10)), style, random);
    synthesis::draw(path, {20, 6, 24}, canvas);
    const ImageView view = canvas.view();
    DigitImage digit{{}, 28, 28, i % 10, i};
    for (int y = 0; y < 28; ++y) digit.ink.insert(digit.ink.end(), view.row(y), view.row(y) + 28);
    set.digits.push_back(std::move(digit));
  }
  return set;
}

TEST(FramedDigits, Plain_AreWhatReadingSees) {
  const DigitSet set = drawn_digits(10, 3);
  const recognizer::SymbolFraming framing = {32, 20, true, -0.1F, 1.175F};
  const FramedDigits framed(set, framing, 28);
  ASSERT_EQ(framed.count(), 10);
  std::vector<float> out(32 * 32);
  for (int i = 0; i < 10; ++i) {
    framed.plain(i, out);
    const auto wanted = recognizer::normalize_symbol({set.digits[static_cast<std::size_t>(i)].ink.data(), 28, 28, 28}, 28, framing);
    EXPECT_EQ(framed.label(i), i);
    for (std::size_t p = 0; p < out.size(); ++p) ASSERT_NEAR(out[p], wanted.pixels[p], 1e-5F) << i;
  }
}

TEST(FramedDigits, Varied_DifferWithTheirSeedAndKeepTheirLevels) {
  const FramedDigits framed(drawn_digits(3, 4), {28, 20, true, -1, 1}, 28);
  std::vector<float> plain(784);
  std::vector<float> first(784);
  std::vector<float> again(784);
  std::vector<float> other(784);
  framed.plain(0, plain);
  synthesis::Random one(7);
  synthesis::Random same(7);
  synthesis::Random two(8);
  framed.varied(0, {}, 1, one, first);
  framed.varied(0, {}, 1, same, again);
  framed.varied(0, {}, 1, two, other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  EXPECT_NE(first, plain);
  for (const float value : first) {
    EXPECT_GE(value, -1.0001F);
    EXPECT_LE(value, 1.0001F);
  }
  synthesis::Random still(9);
  framed.varied(0, {}, 0, still, other);
  for (std::size_t i = 0; i < other.size(); ++i) EXPECT_NEAR(other[i], plain[i], 1e-4F) << "nothing asked, nothing done";
}

// A data folder of drawn digits in the place of USPS.
class ClassifierRun : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "usps");
    const DigitSet set = drawn_digits(700, 5);
    std::string images("\0\0\x08\x03\0\0\x02\xBC\0\0\0\x1C\0\0\0\x1C", 16);
    std::string labels("\0\0\x08\x01\0\0\x02\xBC", 8);
    for (const DigitImage& digit : set.digits) {
      images.append(digit.ink.begin(), digit.ink.end());
      labels.push_back(static_cast<char>(digit.label));
    }
    for (const std::string part : {"train", "test"}) {
      std::ofstream(folder_ / ("usps/usps-" + part + "-images-idx3-ubyte.gz"), std::ios::binary) << images;
      std::ofstream(folder_ / ("usps/usps-" + part + "-labels-idx1-ubyte.gz"), std::ios::binary) << labels;
    }
  }

  ClassifierOptions options(const std::string& recipe, int passes) const {
    ClassifierOptions options;
    EXPECT_TRUE(find_classifier_recipe(recipe, options.recipe));
    options.data = folder_;
    options.passes = passes;
    options.checkpoint = folder_ / "run";
    return options;
  }
  static int wrong(const std::string& onnx, const DigitSet& set, const ClassifierRecipe& recipe) {
    const FramedDigits framed(set, recipe.framing, 28);
    const int side = framed.side_px();
    torch::Tensor ink = torch::empty({framed.count(), 1, side, side});
    const auto size = static_cast<std::size_t>(side * side);
    for (int i = 0; i < framed.count(); ++i)
      framed.plain(i, {ink.data_ptr<float>() + static_cast<std::size_t>(i) * size, size});
    const std::vector<float> scores = engine_differences(onnx, ink);
    int errors = 0;
    for (int i = 0; i < framed.count(); ++i) {
      const auto* begin = scores.data() + static_cast<std::ptrdiff_t>(i) * 10;
      errors += std::max_element(begin, begin + 10) - begin == framed.label(i) ? 0 : 1;
    }
    return errors;
  }
  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

TEST_F(ClassifierRun, OfTheZipNetwork_LearnsAndItsFileTellsItsFraming) {
  const ClassifierOptions run = options("zip1989", 23);
  const std::string onnx = train_classifier(run);
  EXPECT_LT(wrong(onnx, drawn_digits(100, 6), run.recipe), 25);
  const recognizer::Network engine = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()));
  EXPECT_FALSE(engine.facts().has_blank);
  EXPECT_TRUE(engine.facts().calibrated);
  ASSERT_TRUE(engine.facts().framing.has_value());
  EXPECT_EQ(engine.facts().framing->size_px, 16);
  EXPECT_FLOAT_EQ(engine.facts().framing->paper, -1);
}

TEST_F(ClassifierRun, OfTheSameSeed_IsTheSameAlsoWhenResumed) {
  ClassifierOptions run = options("usps", 2);
  const std::string whole = train_classifier(run);
  EXPECT_TRUE(whole == train_classifier(run));
  run.resume = true;
  EXPECT_TRUE(whole == train_classifier(run)) << "a finished run only exports again";
  run.resume = false;
  run.seed = 2;
  EXPECT_FALSE(whole == train_classifier(run));
}

TEST_F(ClassifierRun, OnADeviceThatIsNotThere_IsRefused) {
  ClassifierOptions run = options("usps", 1);
  run.device = "nonsense";
  EXPECT_THROW(train_classifier(run), Error);
}

}  // namespace
}  // namespace inkfield::training
