// Layers written out with plain operations: each is used once, and the papers' units have parts that no ready layer has.
#include "recognizer/training/classic_networks.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recognizer/training/onnx_graph.h"

namespace inkfield::training {
namespace {

namespace functional = torch::nn::functional;

constexpr float kHeight = 1.7159F;
constexpr float kSlope = 2.0F / 3.0F;

torch::Tensor squash(const torch::Tensor& x) { return kHeight * torch::tanh(kSlope * x); }

// Both papers: uniform, inversely to the unit's number of inputs.
torch::Tensor initial(at::IntArrayRef shape, int inputs) {
  const double bound = 2.4 / inputs;
  return (torch::rand(shape) * 2 - 1) * bound;
}

std::span<const float> values_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

void add_weights(OnnxGraph& graph, const std::string& name, const torch::Tensor& values) {
  const torch::Tensor plain = values.detach().to(torch::kFloat).contiguous();
  graph.weights(name, plain.sizes().vec(), values_of(plain));
}

void add_squash(OnnxGraph& graph, const std::string& from, const std::string& to) {
  graph.node("Mul", to + "_slope", {from, "slope"}, to + "_sloped");
  graph.node("Tanh", to + "_tanh", {to + "_sloped"}, to + "_flat");
  graph.node("Mul", to + "_height", {to + "_flat", "height"}, to);
}

void add_constants(OnnxGraph& graph) {
  graph.weights("slope", {}, std::span(&kSlope, 1));
  graph.weights("height", {}, std::span(&kHeight, 1));
}

using Ints = std::vector<std::int64_t>;

// Ink on paper, 7 x 12, row by row.
constexpr std::array<const char*, 10> kCodes = {
    "..###.."
    ".#...#."
    "#.....#"
    "#.....#"
    "#.....#"
    "#.....#"
    "#.....#"
    "#.....#"
    "#.....#"
    ".#...#."
    "..###.."
    ".......",
    "...##.."
    "..###.."
    ".####.."
    "...##.."
    "...##.."
    "...##.."
    "...##.."
    "...##.."
    "...##.."
    "...##.."
    ".######"
    ".......",
    ".#####."
    "##...##"
    ".....##"
    ".....##"
    "....##."
    "...##.."
    "..##..."
    ".##...."
    "##....."
    "##....."
    "#######"
    ".......",
    "#######"
    ".....##"
    "....##."
    "...##.."
    "..####."
    ".....##"
    "......#"
    "......#"
    "......#"
    "##...##"
    ".#####."
    ".......",
    "....##."
    "...###."
    "..#.##."
    ".#..##."
    "#...##."
    "#...##."
    "#######"
    "....##."
    "....##."
    "....##."
    "....##."
    ".......",
    "#######"
    "#......"
    "#......"
    "#......"
    "######."
    ".....##"
    "......#"
    "......#"
    "......#"
    "##...##"
    ".#####."
    ".......",
    "..####."
    ".##...."
    "##....."
    "##....."
    "##.###."
    "###..##"
    "##...##"
    "##...##"
    "##...##"
    ".##.##."
    "..###.."
    ".......",
    "#######"
    "#.....#"
    "......#"
    ".....#."
    ".....#."
    "....#.."
    "....#.."
    "...#..."
    "...#..."
    "..#...."
    "..#...."
    ".......",
    ".#####."
    "##...##"
    "##...##"
    "##...##"
    ".#####."
    "##...##"
    "##...##"
    "##...##"
    "##...##"
    "##...##"
    ".#####."
    ".......",
    "..###.."
    ".##.##."
    "##...##"
    "##...##"
    "##...##"
    "##..###"
    ".###.##"
    ".....##"
    ".....##"
    "....##."
    ".####.."
    ".......",
};

// Which maps of S2 each map of C3 sees (table I of 1998).
const std::array<std::vector<int>, 16> kSeen = {{{0, 1, 2},
                                                 {1, 2, 3},
                                                 {2, 3, 4},
                                                 {3, 4, 5},
                                                 {0, 4, 5},
                                                 {0, 1, 5},
                                                 {0, 1, 2, 3},
                                                 {1, 2, 3, 4},
                                                 {2, 3, 4, 5},
                                                 {0, 3, 4, 5},
                                                 {0, 1, 4, 5},
                                                 {0, 1, 2, 5},
                                                 {0, 1, 3, 4},
                                                 {1, 2, 4, 5},
                                                 {0, 2, 3, 5},
                                                 {0, 1, 2, 3, 4, 5}}};

}  // namespace

Zip1989Impl::Zip1989Impl() {
  weight1_ = register_parameter("weight1", initial({12, 1, 5, 5}, 25));
  bias1_ = register_parameter("bias1", torch::zeros({12, 8, 8}));
  weight2_ = register_parameter("weight2", initial({12, 12, 5, 5}, 200));
  bias2_ = register_parameter("bias2", torch::zeros({12, 4, 4}));
  weight3_ = register_parameter("weight3", initial({30, 192}, 192));
  bias3_ = register_parameter("bias3", torch::zeros({30}));
  weight4_ = register_parameter("weight4", initial({10, 30}, 30));
  bias4_ = register_parameter("bias4", torch::zeros({10}));
  links_ = torch::zeros({12, 12, 1, 1});
  for (int map = 0; map < 12; ++map) {
    for (int i = 0; i < 8; ++i) links_[map][(map / 4 * 4 + i) % 12] = 1;
  }
}

torch::Tensor Zip1989Impl::forward(torch::Tensor ink) {
  // 16 to 8 and 8 to 4 in steps of 2 with 5 x 5 weights take two columns of paper before and one after.
  const auto paper = functional::PadFuncOptions({2, 1, 2, 1}).value(-1);
  torch::Tensor x = squash(torch::conv2d(functional::pad(ink, paper), weight1_, {}, 2) + bias1_);
  x = squash(torch::conv2d(functional::pad(x, paper), weight2_ * links_, {}, 2) + bias2_);
  x = squash(torch::linear(x.flatten(1), weight3_, bias3_));
  return squash(torch::linear(x, weight4_, bias4_));
}

torch::Tensor Zip1989Impl::loss(const torch::Tensor& outputs, const torch::Tensor& labels) const {
  const torch::Tensor targets = torch::one_hot(labels, 10).to(torch::kFloat) * 2 - 1;
  return (outputs - targets).square().mean();
}

std::string Zip1989Impl::onnx(const std::map<std::string, std::string>& metadata, float sharpness) const {
  OnnxGraph graph;
  add_constants(graph);
  const float paper = -1;
  graph.weights("paper", {}, std::span(&paper, 1)).integers("border", {0, 0, 2, 2, 0, 0, 1, 1});
  add_weights(graph, "weight1", weight1_);
  add_weights(graph, "bias1", bias1_.unsqueeze(0));
  add_weights(graph, "weight2", weight2_ * links_);
  add_weights(graph, "bias2", bias2_.unsqueeze(0));
  add_weights(graph, "weight3", weight3_);
  add_weights(graph, "bias3", bias3_);
  add_weights(graph, "weight4", weight4_);
  add_weights(graph, "bias4", bias4_);
  graph.weights("sharpness", {}, std::span(&sharpness, 1));
  std::string from = "ink";
  for (const std::string id : {"1", "2"}) {
    const std::string map = "h" + id;
    graph.node("Pad", map + "_border", {from, "border", "paper"}, map + "_framed", {{"mode", std::string("constant")}});
    graph.node("Conv", map + "_conv", {map + "_framed", "weight" + id}, map + "_sum",
               {{"kernel_shape", Ints{5, 5}}, {"strides", Ints{2, 2}}});
    graph.node("Add", map + "_bias", {map + "_sum", "bias" + id}, map + "_in");
    add_squash(graph, map + "_in", map);
    from = map;
  }
  graph.node("Flatten", "flatten", {"h2"}, "h2_values");
  graph.node("Gemm", "h3_sum", {"h2_values", "weight3", "bias3"}, "h3_in", {{"transB", std::int64_t{1}}});
  add_squash(graph, "h3_in", "h3");
  graph.node("Gemm", "out_sum", {"h3", "weight4", "bias4"}, "out_in", {{"transB", std::int64_t{1}}});
  add_squash(graph, "out_in", "out");
  graph.node("Mul", "sharpen", {"out", "sharpness"}, "scores");
  return graph.model({"ink", {"N", "1", "16", "16"}}, {"scores", {"N", "10"}}, metadata);
}

LeNet5Impl::LeNet5Impl() {
  weight1_ = register_parameter("weight1", initial({6, 1, 5, 5}, 25));
  bias1_ = register_parameter("bias1", torch::zeros({6}));
  // The four inputs of a halving unit are added in the paper; here they are averaged, so its coefficient is 4 times as large.
  scale2_ = register_parameter("scale2", torch::ones({6, 1, 1}));
  bias2_ = register_parameter("bias2", torch::zeros({6, 1, 1}));
  weight3_ = register_parameter("weight3", initial({16, 6, 5, 5}, 100));
  bias3_ = register_parameter("bias3", torch::zeros({16}));
  scale4_ = register_parameter("scale4", torch::ones({16, 1, 1}));
  bias4_ = register_parameter("bias4", torch::zeros({16, 1, 1}));
  weight5_ = register_parameter("weight5", initial({120, 16, 5, 5}, 400));
  bias5_ = register_parameter("bias5", torch::zeros({120}));
  weight6_ = register_parameter("weight6", initial({84, 120}, 120));
  bias6_ = register_parameter("bias6", torch::zeros({84}));
  links_ = torch::zeros({16, 6, 1, 1});
  for (std::size_t map = 0; map < kSeen.size(); ++map) {
    for (const int seen : kSeen[map]) links_[static_cast<std::int64_t>(map)][seen] = 1;
  }
  codes_ = torch::empty({10, 84});
  for (std::size_t digit = 0; digit < kCodes.size(); ++digit) {
    for (int i = 0; i < 84; ++i) codes_[static_cast<std::int64_t>(digit)][i] = kCodes[digit][i] == '#' ? 1.0F : -1.0F;
  }
}

torch::Tensor LeNet5Impl::forward(torch::Tensor ink) {
  torch::Tensor x = squash(torch::conv2d(ink, weight1_, bias1_));
  x = squash(torch::avg_pool2d(x, {2, 2}) * scale2_ + bias2_);
  x = squash(torch::conv2d(x, weight3_ * links_, bias3_));
  x = squash(torch::avg_pool2d(x, {2, 2}) * scale4_ + bias4_);
  x = squash(torch::conv2d(x, weight5_, bias5_)).flatten(1);
  x = squash(torch::linear(x, weight6_, bias6_));
  return (x.unsqueeze(1) - codes_).square().sum(2);
}

torch::Tensor LeNet5Impl::loss(const torch::Tensor& outputs, const torch::Tensor& labels) const {
  constexpr float kRubbish = 0.1F;  // penalty of "none of them"
  const torch::Tensor right = outputs.gather(1, labels.unsqueeze(1)).squeeze(1);
  const torch::Tensor all = torch::cat({-outputs, torch::full({outputs.size(0), 1}, -kRubbish)}, 1);
  return (right + torch::logsumexp(all, 1)).mean();
}

std::string LeNet5Impl::onnx(const std::map<std::string, std::string>& metadata, float sharpness) const {
  OnnxGraph graph;
  add_constants(graph);
  add_weights(graph, "weight1", weight1_);
  add_weights(graph, "bias1", bias1_);
  add_weights(graph, "scale2", scale2_.unsqueeze(0));
  add_weights(graph, "bias2", bias2_.unsqueeze(0));
  add_weights(graph, "weight3", weight3_ * links_);
  add_weights(graph, "bias3", bias3_);
  add_weights(graph, "scale4", scale4_.unsqueeze(0));
  add_weights(graph, "bias4", bias4_.unsqueeze(0));
  add_weights(graph, "weight5", weight5_);
  add_weights(graph, "bias5", bias5_);
  add_weights(graph, "weight6", weight6_);
  add_weights(graph, "bias6", bias6_);
  add_weights(graph, "codes", 2 * sharpness * codes_);
  const auto convolve = [&](const std::string& id, const std::string& from) {
    graph.node("Conv", "c" + id + "_conv", {from, "weight" + id, "bias" + id}, "c" + id + "_in",
               {{"kernel_shape", Ints{5, 5}}});
    add_squash(graph, "c" + id + "_in", "c" + id);
  };
  const auto halve = [&](const std::string& id, const std::string& from) {
    graph.node("AveragePool", "s" + id + "_mean", {from}, "s" + id + "_means",
               {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    graph.node("Mul", "s" + id + "_scale", {"s" + id + "_means", "scale" + id}, "s" + id + "_scaled");
    graph.node("Add", "s" + id + "_bias", {"s" + id + "_scaled", "bias" + id}, "s" + id + "_in");
    add_squash(graph, "s" + id + "_in", "s" + id);
  };
  convolve("1", "ink");
  halve("2", "c1");
  convolve("3", "s2");
  halve("4", "c3");
  convolve("5", "s4");
  graph.node("Flatten", "flatten", {"c5"}, "c5_values");
  graph.node("Gemm", "f6_sum", {"c5_values", "weight6", "bias6"}, "f6_in", {{"transB", std::int64_t{1}}});
  add_squash(graph, "f6_in", "f6");
  graph.node("Gemm", "nearness", {"f6", "codes"}, "scores", {{"transB", std::int64_t{1}}});
  return graph.model({"ink", {"N", "1", "32", "32"}}, {"scores", {"N", "10"}}, metadata);
}

}  // namespace inkfield::training
