// Networks as other people's tools export them, and as the originals of the field were drawn, against loops
// in double that follow the definition of each operator. Sums and folded constants round differently there,
// hence a tolerance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "tests/unit/recognizer_foreign_networks.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::seeded_values;
using testing::HasSubstr;

using Values = std::vector<double>;

/// [channel][row][column], the layout of ONNX.
struct Tensor {
  int channels = 0, height = 0, width = 0;
  Values data = {};
  [[nodiscard]] double at(int c, int y, int x) const {
    return data[static_cast<std::size_t>((c * height + y) * width + x)];
  }
};

struct Window {
  int kernel = 1, stride = 1, before = 0, after = 0;  // pads before and after, both ways
};

Tensor convolution(const Tensor& in, const std::vector<float>& weights, int outputs, const Window& w) {
  const int height = (in.height + w.before + w.after - w.kernel) / w.stride + 1;
  const int width = (in.width + w.before + w.after - w.kernel) / w.stride + 1;
  Tensor out{outputs, height, width};
  for (int o = 0; o < outputs; ++o) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        double sum = 0;
        auto at = static_cast<std::size_t>(o * in.channels * w.kernel * w.kernel);
        for (int c = 0; c < in.channels; ++c) {
          for (int r = 0; r < w.kernel; ++r) {
            for (int s = 0; s < w.kernel; ++s, ++at) {
              const int iy = y * w.stride + r - w.before;
              const int ix = x * w.stride + s - w.before;
              if (iy >= 0 && iy < in.height && ix >= 0 && ix < in.width)
                sum += weights[at] * in.at(c, iy, ix);
            }
          }
        }
        out.data.push_back(sum);
      }
    }
  }
  return out;
}

Tensor mean_pool(const Tensor& in, int size) {
  Tensor out{in.channels, in.height / size, in.width / size};
  for (int c = 0; c < out.channels; ++c) {
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        double sum = 0;
        for (int i = 0; i < size * size; ++i) sum += in.at(c, y * size + i / size, x * size + i % size);
        out.data.push_back(sum / (size * size));
      }
    }
  }
  return out;
}

/// f(value, channel, index of the value in the whole tensor)
Tensor map(Tensor in, const std::function<double(double, std::size_t, std::size_t)>& f) {
  const auto pixels = static_cast<std::size_t>(in.height * in.width);
  for (std::size_t i = 0; i < in.data.size(); ++i) in.data[i] = f(in.data[i], i / pixels, i);
  return in;
}

/// rows [outputs][inputs]
Values product(const std::vector<float>& matrix, const Values& in, int outputs) {
  Values out(static_cast<std::size_t>(outputs), 0.0);
  for (std::size_t o = 0; o < out.size(); ++o) {
    for (std::size_t i = 0; i < in.size(); ++i) out[o] += matrix[o * in.size() + i] * in[i];
  }
  return out;
}

Tensor seeded_input(int height, int width) {
  const auto pixels = seeded_values(static_cast<std::size_t>(height * width), 77);
  return {1, height, width, Values(pixels.begin(), pixels.end())};
}

std::vector<float> scores_of(const OnnxBuilder& onnx, const Tensor& input) {
  const auto network = Network::from_onnx(onnx.bytes());
  Network::Scratch scratch;
  std::vector<float> scores;
  EXPECT_EQ(
      network.run(std::vector<float>(input.data.begin(), input.data.end()), 1, input.width, scratch, scores),
      1);
  return scores;
}

void expect_close(const std::vector<float>& found, const Values& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(found[i], wanted[i], 2e-5 * std::max(1.0, std::abs(wanted[i]))) << "class " << i;
  }
}

const test::OnnxAttribute kPool2{.name = "kernel_shape", .ints = {{2, 2}}};
const test::OnnxAttribute kStride2{.name = "strides", .ints = {{2, 2}}};

TEST(ForeignNetwork_ZipCode1989, UnitBiasesStridesAndScaledTanh_AsDefined) {
  const auto input = seeded_input(16, 16);
  const auto w1 = seeded_values(12 * 25, 1);
  const auto b1 = seeded_values(12 * 64, 2);
  const auto w2 = seeded_values(12 * 12 * 25, 3);
  const auto b2 = seeded_values(12 * 16, 4);
  const auto w3 = seeded_values(30 * 192, 5);
  const auto b3 = seeded_values(30, 6);
  const auto w4 = seeded_values(10 * 30, 7);
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w1", {12, 1, 5, 5}, w1)
      .weights("b1", {1, 12, 8, 8}, b1)
      .weights("w2", {12, 12, 5, 5}, w2)
      .weights("b2", {12, 4, 4}, b2)
      .weights("w3", {30, 192}, w3)
      .weights("b3", {30}, b3)
      .weights("w4", {10, 30}, w4)
      .weights("slope", {}, {2.0F / 3})
      .weights("height", {1}, {1.7159F});
  const auto squash = [&](const std::string& from, const std::string& to) {
    onnx.node("Mul", {from, "slope"}, {to + "_in"}).node("Tanh", {to + "_in"}, {to + "_t"});
    onnx.node("Mul", {"height", to + "_t"}, {to});
  };
  onnx.node("Conv", {"ink", "w1"}, {"c1"}, {kStride2, {.name = "pads", .ints = {{2, 2, 1, 1}}}})
      .node("Add", {"c1", "b1"}, {"a1"});
  squash("a1", "h1");
  onnx.node("Conv", {"h1", "w2"}, {"c2"}, {kStride2, {.name = "pads", .ints = {{2, 2, 1, 1}}}})
      .node("Add", {"b2", "c2"}, {"a2"});
  squash("a2", "h2");
  onnx.node("Flatten", {"h2"}, {"flat"})
      .node("Gemm", {"flat", "w3", "b3"}, {"a3"}, {{.name = "transB", .i = 1}});
  squash("a3", "h3");
  onnx.node("Gemm", {"h3", "w4"}, {"scores"}, {{.name = "transB", .i = 1}}).output("scores");

  const auto f = [](double x) { return 1.7159F * std::tanh(2.0F / 3 * x); };
  const auto h1 = map(convolution(input, w1, 12, {5, 2, 2, 1}),
                      [&](double x, std::size_t, std::size_t i) { return f(x + b1[i]); });
  const auto h2 = map(convolution(h1, w2, 12, {5, 2, 2, 1}),
                      [&](double x, std::size_t, std::size_t i) { return f(x + b2[i]); });
  auto h3 = product(w3, h2.data, 30);
  for (std::size_t i = 0; i < h3.size(); ++i) h3[i] = f(h3[i] + b3[i]);
  expect_close(scores_of(onnx, input), product(w4, h3, 10));
}

TEST(ForeignNetwork_LeNet5, TrainablePoolingAndSigmoid_AsDefined) {
  const auto input = seeded_input(16, 16);
  const auto w1 = seeded_values(6 * 25, 1);
  const auto scale = seeded_values(6, 2);
  const auto shift = seeded_values(6, 3);
  const auto w2 = seeded_values(10 * 6 * 36, 4);
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w1", {6, 1, 5, 5}, w1)
      .weights("scale", {1, 6, 1, 1}, scale)
      .weights("shift", {6, 1, 1}, shift)
      .weights("w2", {10, 6 * 36}, w2)
      .node("Conv", {"ink", "w1"}, {"c1"})
      .node("AveragePool", {"c1"}, {"p1"}, {kPool2, kStride2})
      .node("Mul", {"p1", "scale"}, {"m1"})
      .node("Add", {"m1", "shift"}, {"a1"})
      .node("Sigmoid", {"a1"}, {"h1"})
      .node("Flatten", {"h1"}, {"flat"})
      .node("Gemm", {"flat", "w2"}, {"scores"}, {{.name = "transB", .i = 1}})
      .output("scores");
  const auto h1 = map(
      mean_pool(convolution(input, w1, 6, {5}), 2),
      [&](double x, std::size_t c, std::size_t) { return 1 / (1 + std::exp(-(x * scale[c] + shift[c]))); });
  expect_close(scores_of(onnx, input), product(w2, h1.data, 10));
  // Scale and shift are one step, and nothing else is added.
  EXPECT_THAT(Network::from_onnx(onnx.bytes()).facts().layers,
              testing::ElementsAre("Conv 5x5 1->6 stride 1 pad 0", "AveragePool 2x2 stride 2 pad 0",
                                   "Scale and shift 6", "Sigmoid", "Conv 6x6 6->10 stride 1 pad 0"));
}

TEST(ForeignNetwork_Constants, EveryOperationAndShape_AsDefined) {
  const auto input = seeded_input(9, 8);
  constexpr std::size_t kChannels = 19;  // more than a block
  constexpr std::size_t kValues = kChannels * 7 * 6;
  const auto w1 = seeded_values(kChannels * 9, 1);
  const auto w2 = seeded_values(10 * kValues, 2);
  auto constant = seeded_values(kValues, 3);
  for (auto& value : constant) value += value > 0 ? 0.5F : -0.5F;  // no quotient explodes
  struct Shape {
    std::vector<std::int64_t> dims;
    std::size_t by_channel, by_row, by_column;  // where a value finds its constant
  };
  const Shape shapes[] = {{{}, 0, 0, 0},         {{1, 1, 1, 1}, 0, 0, 0},   {{1, 19, 1, 1}, 1, 0, 0},
                          {{19, 1, 1}, 1, 0, 0}, {{1, 19, 7, 6}, 42, 6, 1}, {{7, 1}, 0, 1, 0},
                          {{6}, 0, 0, 1},        {{19, 1, 6}, 6, 0, 1}};
  for (const std::string op : {"Add", "Sub", "Mul", "Div", "c-x"}) {
    for (const auto& shape : shapes) {
      for (const bool folded : {true, false}) {
        SCOPED_TRACE(op + " rank " + std::to_string(shape.dims.size()) + (folded ? " folded" : ""));
        std::size_t count = 1;
        for (const auto dim : shape.dims) count *= static_cast<std::size_t>(dim);
        OnnxBuilder onnx;
        onnx.input("ink", {1, 1, 9, 8})
            .weights("w1", {19, 1, 3, 3}, w1)
            .weights("w2", {10, static_cast<std::int64_t>(kValues)}, w2)
            .weights("k", shape.dims,
                     {constant.begin(), constant.begin() + static_cast<std::ptrdiff_t>(count)})
            .node("Conv", {"ink", "w1"}, {"c"});
        if (!folded) onnx.node("Relu", {"c"}, {"r"});
        const std::string from = folded ? "c" : "r";
        if (op == "c-x") {
          onnx.node("Sub", {"k", from}, {"a"});
        } else {
          onnx.node(op, {from, "k"}, {"a"});
        }
        onnx.node("Relu", {"a"}, {"b"})
            .node("Flatten", {"b"}, {"flat"})
            .node("Gemm", {"flat", "w2"}, {"scores"}, {{.name = "transB", .i = 1}})
            .output("scores");
        const auto wanted =
            map(convolution(input, w1, static_cast<int>(kChannels), {3}),
                [&](double x, std::size_t c, std::size_t i) {
                  const double k =
                      constant[c * shape.by_channel + i / 6 % 7 * shape.by_row + i % 6 * shape.by_column];
                  if (!folded) x = std::max(0.0, x);
                  const double y = op == "Add"   ? x + k
                                   : op == "Sub" ? x - k
                                   : op == "Mul" ? x * k
                                   : op == "Div" ? x / k
                                                 : k - x;
                  return std::max(0.0, y);
                });
        expect_close(scores_of(onnx, input), product(w2, wanted.data, 10));
      }
    }
  }
}

TEST(ForeignNetwork_Constants, AfterAFlatten_OneForEachValue) {
  const auto input = seeded_input(8, 8);
  const auto w1 = seeded_values(3 * 9, 1);
  const auto scale = seeded_values(3 * 36, 2);
  const auto w2 = seeded_values(10 * 3 * 36, 3);
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 8, 8})
      .weights("w1", {3, 1, 3, 3}, w1)
      .weights("scale", {3 * 36}, scale)
      .weights("w2", {10, 3 * 36}, w2)
      .node("Conv", {"ink", "w1"}, {"c"})
      .node("Flatten", {"c"}, {"flat"})
      .node("Mul", {"scale", "flat"}, {"m"})
      .node("Gemm", {"m", "w2"}, {"scores"}, {{.name = "transB", .i = 1}})
      .output("scores");
  const auto wanted =
      map(convolution(input, w1, 3, {3}), [&](double x, std::size_t, std::size_t i) { return x * scale[i]; });
  expect_close(scores_of(onnx, input), product(w2, wanted.data, 10));
}

TEST(ForeignNetwork_Constants, ThatFitNothing_NameTheNode) {
  const auto refusal = [](const std::string& op, const std::vector<std::int64_t>& dims,
                          std::vector<float> values, bool first = false) -> std::string {
    OnnxBuilder onnx;
    onnx.input("ink", {1, 1, 8, 8})
        .weights("w", {10, 1, 8, 8}, seeded_values(640, 1))
        .weights("k", dims, values)
        .node(op, first ? std::vector<std::string>{"k", "ink"} : std::vector<std::string>{"ink", "k"}, {"a"},
              {}, "culprit")
        .node("Conv", {"a", "w"}, {"scores"})
        .output("scores");
    try {
      (void)Network::from_onnx(onnx.bytes());
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("Mul", {}, {2.0F}), "accepted");
  EXPECT_THAT(refusal("Mul", {3}, seeded_values(3, 1)),
              testing::AllOf(HasSubstr("'culprit'"), HasSubstr("does not fit")));
  EXPECT_THAT(refusal("Add", {2, 1, 8, 8}, seeded_values(128, 1)), HasSubstr("does not fit"));
  EXPECT_THAT(refusal("Add", {1, 1, 1, 8, 8}, seeded_values(64, 1)), HasSubstr("does not fit"));
  EXPECT_THAT(refusal("Div", {}, {0.0F}), HasSubstr("zero"));
  EXPECT_THAT(refusal("Div", {}, {1.0F}, true), HasSubstr("divided by the input"));
}

TEST(ForeignNetwork_Exports, OfEveryStyle_ScoreAsTheirPlainTwins) {
  const auto input = seeded_input(16, 16);
  for (const auto& net : test::foreign_networks()) {
    SCOPED_TRACE(net.name);
    try {
      const auto found = scores_of(net.as_exported, input);
      const auto wanted = scores_of(net.plain, input);
      EXPECT_GT(*std::max_element(wanted.begin(), wanted.end()), 0.01F);
      expect_close(found, Values(wanted.begin(), wanted.end()));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace
}  // namespace inkfield::recognizer
