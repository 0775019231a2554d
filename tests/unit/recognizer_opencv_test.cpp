// The shipped networks in another engine: OpenCV's DNN module must give the same scores as ours, up to the rounding of another
// order of sums. Its version 4.6 reads no weights in bytes with a scale for each channel; it gets them as floats.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <opencv2/dnn.hpp>

#include "recognizer/engine/model_bytes.h"
#include "recognizer/engine/network.h"
#include "tests/float_weights.h"
#include "tests/unit/recognizer_foreign_networks.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

const std::string kModels = INKFIELD_SOURCE_DIR "/config/models/";

void compare(const std::string& path) {
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path << " is not there; train it first (recognizer/training)";
  const auto network = Network::from_file(path);
  const std::string in_floats = inkfield::test::with_float_weights(onnx::read_file(path));
  const int height = network.facts().input_height_px;
  Network::Scratch scratch;
  for (const int width : {32, 64, 200}) {
    SCOPED_TRACE(width);
    auto pixels =
        test::seeded_values(static_cast<std::size_t>(height * width), static_cast<std::uint32_t>(width));
    // Ink lies between 0 and 1, mostly paper.
    for (auto& value : pixels) value = std::max(0.0F, value);
    std::vector<float> ours;
    // What lies side by side in a column's channels for others are frames for us, in the same order.
    const int frames_per_column = network.facts().frames_per_column;
    const int columns = network.run(pixels, 1, width, scratch, ours) / frames_per_column;
    const int channels = network.facts().class_count * frames_per_column;

    const int dims[] = {1, 1, height, width};
    const cv::Mat blob(4, dims, CV_32F, pixels.data());
    // Read anew for each width: the module of 4.6 keeps the shapes of its first run.
    auto peer = cv::dnn::readNetFromONNX(in_floats.data(), in_floats.size());
    peer.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    peer.setInput(blob);
    const cv::Mat theirs = peer.forward();
    ASSERT_EQ(theirs.dims, 4);
    ASSERT_EQ(theirs.size[1], channels);
    ASSERT_EQ(theirs.size[3], columns);
    float largest = 0;
    float difference = 0;
    for (int c = 0; c < channels; ++c) {
      for (int t = 0; t < columns; ++t) {
        const int at[] = {0, c, 0, t};
        const float wanted = theirs.at<float>(at);
        largest = std::max(largest, std::abs(wanted));
        difference = std::max(difference, std::abs(wanted - ours[static_cast<std::size_t>(t * channels + c)]));
      }
    }
    EXPECT_GT(largest, 0.1F);
    EXPECT_LT(difference, 1e-4F * std::max(1.0F, largest));
  }
}

TEST(OpenCv_OpenNetwork, SameWeights_SameScores) { compare(kModels + "inkfield-open.onnx"); }
TEST(OpenCv_ResearchNetwork, SameWeights_SameScores) { compare(kModels + "inkfield-research.onnx"); }

TEST(OpenCv_ForeignNetworks, SameFiles_SameScores) {
  auto pixels = test::seeded_values(256, 3);
  for (const auto& net : test::foreign_networks()) {
    if (!net.other_engine) continue;
    SCOPED_TRACE(net.name);
    const auto file = net.as_exported.bytes();
    const auto network = Network::from_onnx(file);
    Network::Scratch scratch;
    std::vector<float> ours;
    network.run(pixels, 1, 16, scratch, ours);
    if (net.softmax_last) {
      float sum = 0;
      for (auto& score : ours) sum += score = std::exp(score);
      for (auto& score : ours) score /= sum;
    }
    cv::Mat theirs;
    try {
      auto peer = cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(file.data()), file.size());
      peer.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
      peer.setInput(cv::Mat(net.input_shape, CV_32F, pixels.data()));
      theirs = peer.forward();
    } catch (const cv::Exception& error) {
      ADD_FAILURE() << error.what();
      continue;
    }
    ASSERT_EQ(theirs.total(), 10U);
    for (std::size_t i = 0; i < 10; ++i) {
      const float wanted = theirs.ptr<float>()[i];
      EXPECT_NEAR(ours[i], wanted, 1e-4F * std::max(1.0F, std::abs(wanted)));
    }
  }
}

}  // namespace
}  // namespace inkfield::recognizer
