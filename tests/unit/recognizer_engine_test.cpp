// Every operator against the plainest loops one can write, bit for bit, and every processor's kernels against
// each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "recognizer/engine/elementary.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "recognizer/engine/winograd.h"
#include "recognizer/error.h"
#include "tests/unit/recognizer_naive_loops.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::naive_convolution;
using test::naive_pool;
using test::naive_winograd;
using test::OnnxBuilder;
using test::Planes;
using test::planes;
using test::seeded_values;
using test::Window;

Planes map(Planes in, const std::function<float(float)>& f) {
  for (auto& value : in.data) value = f(value);
  return in;
}

float rectified(float x) { return x > 0 ? x : 0.0F; }

/// A symbol network: its input has a fixed size, its classes are whatever the last node gives.
struct SymbolNetwork {
  OnnxBuilder onnx;
  Planes input;

  SymbolNetwork(int height, int width, std::uint32_t seed = 77) : input(planes(1, height, width)) {
    input.data = seeded_values(input.data.size(), seed);
    onnx.input("ink", {1, 1, height, width});
  }

  /// Brings planes of any size to one frame of classes by a fully connected layer with known weights.
  std::vector<float> scores_through(const std::string& from, const Planes& expected,
                                    std::vector<float>& wanted) {
    const int count = static_cast<int>(expected.data.size());
    const auto matrix = seeded_values(static_cast<std::size_t>(10 * count), 5);
    onnx.weights("fc_w", {10, count}, matrix)
        .node("Flatten", {from}, {"flat"})
        .node("Gemm", {"flat", "fc_w"}, {"scores"}, {{.name = "transB", .i = 1}})
        .output("scores", {1, 10});
    Planes flat{count, 1, 1, expected.data};
    wanted = naive_convolution(flat, matrix, std::vector<float>(10, 0.0F), 10, {}).data;
    return run();
  }

  std::vector<float> run() {
    const auto network = Network::from_onnx(onnx.bytes());
    Network::Scratch scratch;
    std::vector<float> scores;
    EXPECT_EQ(network.run(input.data, 1, input.width, scratch, scores), 1);
    return scores;
  }
};

TEST(Engine_Convolution, OddShapes_SameBitsAsNaiveLoops) {
  const Window windows[] = {{3, 3, 1, 1, 1, 1, 1, 1}, {3, 5, 2, 1, 0, 2, 1, 0}, {1, 1, 1, 1, 0, 0, 0, 0},
                            {5, 2, 1, 3, 4, 0, 0, 1}, {7, 7, 3, 2, 3, 3, 3, 3}, {2, 3, 1, 1, 1, 0, 0, 2}};
  std::uint32_t seed = 1;
  for (const auto& w : windows) {
    for (const int middle : {1, 3, 16, 19, 33}) {
      SCOPED_TRACE(testing::Message() << w.kernel_y << "x" << w.kernel_x << " " << middle);
      SymbolNetwork net(13, 17, ++seed);
      const auto w1 = seeded_values(static_cast<std::size_t>(middle * 9), ++seed);
      const auto b1 = seeded_values(static_cast<std::size_t>(middle), ++seed);
      const auto w2 = seeded_values(static_cast<std::size_t>(7 * middle * w.kernel_y * w.kernel_x), ++seed);
      const auto b2 = seeded_values(7, ++seed);
      const Window first{3, 3, 1, 1, 1, 1, 1, 1};
      net.onnx.weights("w1", {middle, 1, 3, 3}, w1)
          .weights("b1", {middle}, b1, false)
          .weights("w2", {7, middle, w.kernel_y, w.kernel_x}, w2, false)
          .weights("b2", {7}, b2)
          .node("Conv", {"ink", "w1", "b1"}, {"a"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}})
          .node("Conv", {"a", "w2", "b2"}, {"b"},
                {{.name = "kernel_shape", .ints = {{w.kernel_y, w.kernel_x}}},
                 {.name = "strides", .ints = {{w.stride_y, w.stride_x}}},
                 {.name = "pads", .ints = {{w.top, w.left, w.bottom, w.right}}}});
      const auto between = naive_convolution(net.input, w1, b1, middle, first);
      auto expected = naive_convolution(between, w2, b2, 7, w);
      const Step step{.kernel_height = w.kernel_y,
                      .kernel_width = w.kernel_x,
                      .stride_y = w.stride_y,
                      .stride_x = w.stride_x};
      const int side =
          cheapest_winograd_side(step, {.channels = middle}, 1, {expected.height, expected.width});
      if (side != 0) expected = naive_winograd(between, w2, b2, 7, w, side);
      std::vector<float> wanted;
      EXPECT_EQ(net.scores_through("b", expected, wanted), wanted);
    }
  }
}

TEST(Engine_Pools, OddShapes_SameBitsAsNaiveLoops) {
  const Window windows[] = {{2, 2, 2, 2, 0, 0, 0, 0},
                            {3, 2, 1, 2, 1, 1, 1, 0},
                            {3, 3, 2, 2, 1, 1, 1, 1},
                            {13, 1, 1, 1, 0, 0, 0, 0}};
  for (const auto& w : windows) {
    for (const int kind : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << w.kernel_y << "x" << w.kernel_x << " kind " << kind);
      SymbolNetwork net(13, 11);
      const auto w1 = seeded_values(18 * 9, 3);
      const auto b1 = seeded_values(18, 4);
      net.onnx.weights("w1", {18, 1, 3, 3}, w1)
          .weights("b1", {18}, b1)
          .node("Conv", {"ink", "w1", "b1"}, {"a"}, {{.name = "auto_pad", .s = "SAME_UPPER"}})
          .node(kind == 0 ? "MaxPool" : "AveragePool", {"a"}, {"b"},
                {{.name = "kernel_shape", .ints = {{w.kernel_y, w.kernel_x}}},
                 {.name = "strides", .ints = {{w.stride_y, w.stride_x}}},
                 {.name = "pads", .ints = {{w.top, w.left, w.bottom, w.right}}},
                 {.name = "count_include_pad", .i = kind == 2 ? 1 : 0}});
      const auto expected = naive_pool(naive_convolution(net.input, w1, b1, 18, {3, 3, 1, 1, 1, 1, 1, 1}), w,
                                       kind == 0, kind == 2);
      std::vector<float> wanted;
      EXPECT_EQ(net.scores_through("b", expected, wanted), wanted);
    }
  }
}

TEST(Engine_Elementwise, ReluTanhSigmoid_AsDefined) {
  for (const std::string op : {"Relu", "Tanh", "Sigmoid"}) {
    SCOPED_TRACE(op);
    SymbolNetwork net(9, 10);
    net.onnx.node(op, {"ink"}, {"a"});
    const auto f = [&](float x) {
      const auto d = static_cast<double>(x);
      return op == "Relu" ? rectified(x)
                          : static_cast<float>(op == "Tanh" ? std::tanh(d) : 1 / (1 + std::exp(-d)));
    };
    std::vector<float> wanted;
    const auto found = net.scores_through("a", map(net.input, f), wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-5F);
  }
}

TEST(Engine_Add, TwoBranchesAndConstants_SameBitsAsNaiveLoops) {
  SymbolNetwork net(8, 9);
  const auto w1 = seeded_values(4 * 9, 3);
  const auto b1 = seeded_values(4, 4);
  const auto w2 = seeded_values(4, 5);
  const auto shift = seeded_values(4, 6);
  net.onnx.weights("w1", {4, 1, 3, 3}, w1)
      .weights("b1", {4}, b1)
      .weights("w2", {4, 1, 1, 1}, w2)
      .weights("shift", {1, 4, 1, 1}, shift)
      .node("Conv", {"ink", "w1", "b1"}, {"a"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}})
      .node("Conv", {"ink", "w2"}, {"b0"})
      .node("Add", {"shift", "b0"}, {"b"})
      .node("Add", {"a", "b"}, {"sum"})
      .node("Relu", {"sum"}, {"positive"})
      .node("Add", {"positive", "a"}, {"again"});
  const auto a = naive_convolution(net.input, w1, b1, 4, {3, 3, 1, 1, 1, 1, 1, 1});
  const auto b = naive_convolution(net.input, w2, shift, 4, {});
  auto expected = a;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    expected.data[i] = rectified(a.data[i] + b.data[i]) + a.data[i];
  std::vector<float> wanted;
  EXPECT_EQ(net.scores_through("again", expected, wanted), wanted);
}

TEST(Engine_BatchNormalization, FoldedOrAlone_CloseToItsFormula) {
  for (const bool folded : {true, false}) {
    SymbolNetwork net(8, 9);
    const auto w1 = seeded_values(20 * 9, 3);
    const auto b1 = seeded_values(20, 4);
    const auto scale = seeded_values(20, 5);
    const auto shift = seeded_values(20, 6);
    const auto mean = seeded_values(20, 7);
    auto variance = seeded_values(20, 8);
    for (auto& v : variance) v = v * v + 0.1F;
    net.onnx.weights("w1", {20, 1, 3, 3}, w1)
        .weights("b1", {20}, b1)
        .weights("scale", {20}, scale)
        .weights("shift", {20}, shift)
        .weights("mean", {20}, mean)
        .weights("variance", {20}, variance)
        .node("Conv", {"ink", "w1", "b1"}, {"a"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}});
    if (!folded) net.onnx.node("Tanh", {"a"}, {"a2"});
    net.onnx.node("BatchNormalization", {folded ? "a" : "a2", "scale", "shift", "mean", "variance"}, {"n"},
                  {{.name = "epsilon", .f = 1e-3F}});
    auto expected = naive_convolution(net.input, w1, b1, 20, {3, 3, 1, 1, 1, 1, 1, 1});
    for (int c = 0; c < 20; ++c) {
      const auto i = static_cast<std::size_t>(c);
      for (int p = 0; p < 72; ++p) {
        float& value = expected.data[i * 72 + static_cast<std::size_t>(p)];
        if (!folded) value = std::tanh(value);
        value = (value - mean[i]) / std::sqrt(variance[i] + 1e-3F) * scale[i] + shift[i];
      }
    }
    std::vector<float> wanted;
    const auto found = net.scores_through("n", expected, wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 2e-3F) << folded;
  }
}

TEST(Engine_Classifier, LeNetWithReshapeAndSoftmax_GivesScoresBeforeSoftmax) {
  SymbolNetwork net(16, 16);
  const auto w1 = seeded_values(6 * 25, 3);
  const auto fc = seeded_values(6 * 36 * 10, 9);
  const auto fb = seeded_values(10, 10);
  net.onnx.weights("w1", {6, 1, 5, 5}, w1)
      .weights("fc", {6, 6, 6, 10}, fc)
      .weights("fb", {1, 10}, fb)
      .shape("to", {1, 216})
      .shape("matrix", {216, 10}, false)
      .node("Conv", {"ink", "w1"}, {"a"})
      .node("Relu", {"a"}, {"r"})
      .node("Dropout", {"r"}, {"d"})
      .node("AveragePool", {"d"}, {"p"},
            {{.name = "kernel_shape", .ints = {{2, 2}}}, {.name = "strides", .ints = {{2, 2}}}})
      .node("Reshape", {"p", "to"}, {"flat"})
      .node("Reshape", {"fc", "matrix"}, {"fc2"})
      .node("MatMul", {"flat", "fc2"}, {"m"})
      .node("Add", {"m", "fb"}, {"s"})
      .node("Softmax", {"s"}, {"probabilities"})
      .output("probabilities");
  const auto a = map(naive_convolution(net.input, w1, std::vector<float>(6, 0.0F), 6, {5, 5}), rectified);
  const auto p = naive_pool(a, {2, 2, 2, 2}, false, false);
  std::vector<float> transposed(fc.size());
  for (std::size_t k = 0; k < 216; ++k) {
    for (std::size_t o = 0; o < 10; ++o) transposed[o * 216 + k] = fc[k * 10 + o];
  }
  const auto wanted = naive_convolution({216, 1, 1, p.data}, transposed, fb, 10, {}).data;
  EXPECT_EQ(net.run(), wanted);
  const auto network = Network::from_onnx(net.onnx.bytes());
  EXPECT_FALSE(network.facts().has_blank);
  EXPECT_EQ(network.facts().alphabet, "0123456789");
  EXPECT_EQ(network.facts().input_width_px, 16);
}

TEST(Engine_GlobalAveragePool, OpenWidthThenGemm_IsRefusedForLackOfFrames) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 32, -1})
      .weights("w", {10, 1, 3, 3}, seeded_values(90, 1))
      .node("Conv", {"ink", "w"}, {"a"})
      .node("GlobalAveragePool", {"a"}, {"scores"})
      .output("scores")
      .metadata("inkfield.alphabet", "012345678")
      .metadata("inkfield.blank", "0");
  EXPECT_THROW(Network::from_onnx(onnx.bytes()), Error);
}

TEST(Engine_LineNetwork, AnyWidth_SameBitsAsNaiveLoops) {
  const auto network = Network::from_onnx(test::small_line_network().bytes());
  EXPECT_EQ(network.facts().frame_stride_px, 4);
  EXPECT_EQ(network.facts().class_count, 17);
  EXPECT_EQ(network.facts().parameter_count, 45 + 5 + 680 + 17);
  EXPECT_THAT(network.facts().layers,
              testing::ElementsAre("Conv 3x3 1->5 stride 1 pad 1 + Relu", "MaxPool 4x4 stride 4 pad 0",
                                   "Conv 8x1 5->17 stride 1 pad 0"));
  EXPECT_EQ(network.multiply_adds(32), 32 * 32 * 45 + 8 * 680);
  Network::Scratch scratch;
  std::vector<float> scores;
  for (const int width : {64, 4, 36, 2048, 32, 52}) {
    Planes in{1, 32, width,
              seeded_values(static_cast<std::size_t>(32 * width), static_cast<std::uint32_t>(width))};
    ASSERT_EQ(network.run(in.data, 1, width, scratch, scores), width / 4);
    const auto a =
        map(naive_convolution(in, seeded_values(45, 1), seeded_values(5, 2), 5, {3, 3, 1, 1, 1, 1, 1, 1}),
            rectified);
    const auto s = naive_convolution(naive_pool(a, {4, 4, 4, 4}, true, false), seeded_values(680, 3),
                                     seeded_values(17, 4), 17, {8, 1});
    for (int t = 0; t < width / 4; ++t) {
      for (int c = 0; c < 17; ++c) {
        ASSERT_EQ(scores[static_cast<std::size_t>(t * 17 + c)], s.at(c, 0, t))
            << width << " " << t << " " << c;
      }
    }
  }
}

/// Twelve scores for every 4 px, which `input` may share out among several frames.
OnnxBuilder framed_network(const std::string& input, const std::string& alphabet) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 32, -1})
      .weights("w", {12, 1, 32, 4}, seeded_values(1536, 5))
      .node("Conv", {"ink", "w"}, {"scores"}, {{.name = "strides", .ints = {{1, 4}}}})
      .output("scores")
      .metadata("inkfield.alphabet", alphabet);
  if (!input.empty()) onnx.metadata("inkfield.input", input);
  return onnx;
}

TEST(Engine_FramesPerColumn, NotSaid_IsOne) {
  for (const std::string input : {"", "{}", R"({"height_px":32,"frame_stride_px":4,"layout":"line"})"}) {
    const auto network = Network::from_onnx(framed_network(input, "0123456789,").bytes());
    EXPECT_EQ(network.facts().frames_per_column, 1) << input;
    EXPECT_EQ(network.facts().class_count, 12);
    Network::Scratch scratch;
    std::vector<float> scores;
    EXPECT_EQ(network.run(seeded_values(std::size_t{32} * 40, 6), 1, 40, scratch, scores), 10);
  }
}

TEST(Engine_FramesPerColumn, Several_AreTheColumnsScoresInTheirOrder) {
  const auto whole = Network::from_onnx(framed_network("", "0123456789,").bytes());
  const auto input = seeded_values(std::size_t{3} * 32 * 40, 7);
  Network::Scratch scratch;
  std::vector<float> expected;
  ASSERT_EQ(whole.run(input, 3, 40, scratch, expected), 10);
  const std::pair<int, std::string> cases[] = {{2, "01234"}, {3, "012"}, {4, "01"}, {6, "0"}};
  for (const auto& [frames, alphabet] : cases) {
    const auto said = R"({"frame_stride_px":4,"frames_per_column":)" + std::to_string(frames) + "}";
    const auto network = Network::from_onnx(framed_network(said, alphabet).bytes());
    EXPECT_EQ(network.facts().frames_per_column, frames);
    EXPECT_EQ(network.facts().class_count, 12 / frames);
    EXPECT_EQ(network.facts().frame_stride_px, 4);
    Network::Scratch fresh;
    std::vector<float> scores;
    EXPECT_EQ(network.run(input, 3, 40, fresh, scores), 10 * frames);
    EXPECT_EQ(scores, expected) << frames;
  }
}

TEST(Engine_LineNetwork, AnyBatch_SameBits) {
  const auto network = Network::from_onnx(test::small_line_network().bytes());
  constexpr int kWidth = 40;
  const auto input = seeded_values(std::size_t{7} * 32 * kWidth, 9);
  Network::Scratch scratch;
  std::vector<float> together;
  const int frames = network.run(input, 7, kWidth, scratch, together);
  std::vector<float> one_by_one;
  for (int i = 0; i < 7; ++i) {
    Network::Scratch fresh;
    std::vector<float> scores;
    network.run(std::span(input).subspan(static_cast<std::size_t>(i) * 32 * kWidth), 1, kWidth, fresh,
                scores);
    one_by_one.insert(one_by_one.end(), scores.begin(), scores.end());
  }
  EXPECT_EQ(frames, 10);
  EXPECT_EQ(together, one_by_one);
}

TEST(Engine_Run, WrongInput_InvalidArgument) {
  const auto network = Network::from_onnx(test::small_line_network().bytes());
  Network::Scratch scratch;
  std::vector<float> scores;
  const std::vector<float> input(std::size_t{32} * 4096);
  for (const int width : {0, -4, 30, 2052}) {
    EXPECT_THROW(network.run(input, 1, width, scratch, scores), Error) << width;
  }
  EXPECT_THROW(network.run(std::span(input).first(32 * 32 - 1), 1, 32, scratch, scores), Error);
  EXPECT_THROW(network.run(input, -1, 32, scratch, scores), Error);
  EXPECT_EQ(network.run(input, 0, 32, scratch, scores), 8);
  EXPECT_TRUE(scores.empty());
}

// --- kernels
// ----------------------------------------------------------------------------------------------------

TEST(Kernels_Convolve, EveryProcessorPath_SameBitsOnOddShapes) {
  const auto tables = available_kernels();
  RecordProperty("paths", static_cast<int>(tables.size()));
  struct Shape {
    int taps, kernel_width, step, pool_height, pool_width;
  };
  const Shape shapes[] = {{1, 1, 16, 1, 1},  {9, 3, 1, 1, 1},   {10, 5, 1, 1, 1},
                          {9, 3, 16, 1, 1},  {37, 1, 32, 1, 1}, {9, 3, 48, 1, 1},
                          {27, 3, 16, 2, 2}, {12, 3, 16, 2, 1}, {7, 1, 16, 2, 2}};
  constexpr int kRow = 4000;
  constexpr int kBlocks = 7;
  const auto input = seeded_values(std::size_t{10} * kRow, 1);
  const auto weights = seeded_values(std::size_t{kBlocks} * 37 * kLanes, 2);
  const auto bias = seeded_values(kBlocks * kLanes, 3);
  for (const auto& shape : shapes) {
    std::vector<std::int32_t> offsets;
    for (int t = 0; t < shape.taps; ++t) {
      const int along = t % shape.kernel_width;
      offsets.push_back((t - along) * 7 % 61 + along * std::min(shape.step, kLanes));
    }
    for (int width = 1; width <= 67; width += width < 20 ? 1 : 11) {
      for (const int blocks : {1, 2, 3, kBlocks}) {
        for (const int height : {1, 2, 3}) {
          std::vector<float> first;
          for (const auto* table : tables) {
            const int row = width * kLanes + 5;
            std::vector<float> output(static_cast<std::size_t>(2 * blocks * height * row), -7.0F);
            ConvolutionTask task;
            task.input = {input.data(), 3 * kRow + 16, 0, kRow / 2};
            task.column_step = shape.step;
            task.weights = weights.data();
            task.bias = bias.data();
            task.taps = offsets.data();
            task.tap_count = offsets.size();
            task.kernel_width = shape.kernel_width;
            task.output = {output.data(), blocks * height * row, height * row, row};
            task.images = 2;
            task.output_blocks = blocks;
            task.output_height = height;
            task.output_width = width;
            task.pool_height = shape.pool_height;
            task.pool_width = shape.pool_width;
            task.relu = width % 2 == 0;
            table->convolve(task);
            if (first.empty()) first = output;
            ASSERT_EQ(output, first) << table->name << " width " << width << " taps " << shape.taps
                                     << " step " << shape.step << " blocks " << blocks << " height "
                                     << height;
          }
        }
      }
    }
  }
}

TEST(Kernels_ScaleShift, EveryProcessorPath_RoundsOnceAsStdFma) {
  // One rounding of an exact value, also near the ends of the range and halfway between two floats.
  std::vector<float> special = {0.0F,
                                -0.0F,
                                1.0F,
                                -1.0F,
                                1.0F + 0x1p-23F,
                                1.0F - 0x1p-24F,
                                0x1p-126F,
                                0x1p-149F,
                                -0x1p-149F,
                                0x1.fffffep127F,
                                -0x1.fffffep127F,
                                0x1p-75F,
                                0x1p100F,
                                3.0F * 0x1p-140F,
                                std::numeric_limits<float>::infinity(),
                                0x1.000002p0F};
  const auto random = seeded_values(2000, 4);
  for (std::size_t i = 0; i < random.size(); ++i) {
    special.push_back(std::ldexp(random[i], static_cast<int>(i * 7 % 60) - 30));
  }
  for (const auto* table : available_kernels()) {
    std::vector<float> a(kLanes), b(kLanes), c(kLanes), found(kLanes);
    std::uint32_t seed = 9;
    for (int round = 0; round < 20000; ++round) {
      for (std::size_t i = 0; i < kLanes; ++i) {
        const auto pick = [&] {
          seed = seed * 1664525U + 1013904223U;
          return special[(seed >> 8U) % (round % 2 == 0 ? 16 : special.size())];
        };
        a[i] = pick();
        b[i] = pick();
        c[i] = pick();
        if (round % 3 == 0) c[i] = -a[i] * b[i];  // all but the last bits cancel
      }
      table->scale_shift(a.data(), b.data(), c.data(), found.data(), kLanes, false);
      for (std::size_t i = 0; i < kLanes; ++i) {
        const float wanted = std::fma(a[i], b[i], c[i]);
        if (std::isnan(wanted)) {
          ASSERT_TRUE(std::isnan(found[i])) << table->name;
        } else {
          ASSERT_EQ(std::bit_cast<std::uint32_t>(found[i]), std::bit_cast<std::uint32_t>(wanted))
              << table->name << " " << a[i] << " * " << b[i] << " + " << c[i];
        }
      }
    }
  }
}

TEST(Kernels_Rest, EveryProcessorPath_SameBits) {
  constexpr std::size_t kCount = std::size_t{2} * 7 * 5 * kLanes;
  const auto a = seeded_values(kCount, 1);
  const auto b = seeded_values(kCount, 2);
  std::vector<std::vector<float>> first;
  for (const auto* table : available_kernels()) {
    std::vector<std::vector<float>> outputs;
    for (const bool relu : {false, true}) {
      outputs.emplace_back(kCount);
      table->add(a.data(), b.data(), outputs.back().data(), kCount, relu);
      outputs.emplace_back(kCount);
      table->scale_shift(a.data(), b.data(), b.data() + 64, outputs.back().data(), kCount, relu);
    }
    outputs.emplace_back(kCount);
    table->relu(a.data(), outputs.back().data(), kCount);
    PoolTask task;
    task.input = {a.data(), std::ptrdiff_t{7} * 5 * kLanes, std::ptrdiff_t{7} * 5 * kLanes, 5 * kLanes};
    task.blocks = 2;
    task.input_height = 7;
    task.input_width = 5;
    task.kernel_height = 3;
    task.kernel_width = 2;
    task.stride_y = 2;
    task.pad_top = 1;
    task.pad_left = 1;
    task.output_height = 4;
    task.output_width = 6;
    for (const auto pool : {table->pool_largest, table->pool_mean}) {
      outputs.emplace_back(std::size_t{2} * 4 * 6 * kLanes);
      task.output = {outputs.back().data(), 0, std::ptrdiff_t{4} * 6 * kLanes, 6 * kLanes};
      pool(task);
    }
    if (first.empty()) first = outputs;
    EXPECT_EQ(outputs, first) << table->name;
  }
}

// --- exp and log
// ------------------------------------------------------------------------------------------------

TEST(Elementary_Exp, WholeRange_CloseToTheLibrary) {
  for (double x = -700; x < 700; x += 0.37) {
    const double wanted = std::exp(x);
    EXPECT_NEAR(exp_exact(x) / wanted, 1.0, 1e-15) << x;
  }
  EXPECT_EQ(exp_exact(0), 1.0);
  EXPECT_EQ(exp_exact(-1000), 0.0);
  EXPECT_EQ(exp_exact(-std::numeric_limits<double>::infinity()), 0.0);
  EXPECT_EQ(exp_exact(1000), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(exp_exact(std::numeric_limits<double>::quiet_NaN())));
}

TEST(Elementary_Log, WholeRange_CloseToTheLibrary) {
  for (double x = 1e-320; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(log_exact(x), std::log(x), 4e-16 * std::max(1.0, std::abs(std::log(x)))) << x;
  }
  for (double x = 0.5; x < 2; x += 0.001) EXPECT_NEAR(log_exact(x), std::log(x), 2e-16) << x;
  EXPECT_EQ(log_exact(1), 0.0);
  EXPECT_EQ(log_exact(0), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(log_exact(-1)));
}

}  // namespace
}  // namespace inkfield::recognizer
