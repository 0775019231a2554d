// Weights are uniform and scaled by their fan-in (He's rule), which keeps activations of the same size in
// every layer.
#include "tests/bench/reference_network.h"

#include <cmath>
#include <string>

#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::bench {
namespace {

using recognizer::test::OnnxBuilder;

std::vector<float> scaled(std::size_t count, std::uint32_t seed, float scale) {
  auto values = recognizer::test::seeded_values(count, seed);
  for (auto& value : values) value *= scale;
  return values;
}

}  // namespace

std::vector<std::uint8_t> reference_network() {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, kReferenceSidePx, kReferenceSidePx});
  std::string from = "ink";
  std::uint32_t seed = 1;
  int inputs = 1;
  const int layers[] = {16, 16, 0, 32, 32, 0, 64};  // 0: a pool
  int number = 0;
  for (const int outputs : layers) {
    const std::string to = "v" + std::to_string(++number);
    if (outputs == 0) {
      onnx.node("MaxPool", {from}, {to},
                {{.name = "kernel_shape", .ints = {{2, 2}}}, {.name = "strides", .ints = {{2, 2}}}},
                "pool" + to);
      from = to;
      continue;
    }
    const auto taps = static_cast<std::size_t>(inputs * 9);
    onnx.weights("w_" + to, {outputs, inputs, 3, 3},
                 scaled(static_cast<std::size_t>(outputs) * taps, ++seed,
                        std::sqrt(6.0F / static_cast<float>(taps))))
        .weights("b_" + to, {outputs}, scaled(static_cast<std::size_t>(outputs), ++seed, 0.1F))
        .node("Conv", {from, "w_" + to, "b_" + to}, {"c_" + to},
              {{.name = "kernel_shape", .ints = {{3, 3}}}, {.name = "pads", .ints = {{1, 1, 1, 1}}}},
              "conv_" + to)
        .node("Relu", {"c_" + to}, {to}, {}, "relu_" + to);
    from = to;
    inputs = outputs;
  }
  onnx.weights(
          "w_fc", {10, inputs},
          scaled(static_cast<std::size_t>(10 * inputs), ++seed, std::sqrt(3.0F / static_cast<float>(inputs))))
      .weights("b_fc", {10}, scaled(10, ++seed, 0.1F))
      .node("GlobalAveragePool", {from}, {"mean"}, {}, "mean")
      .node("Flatten", {"mean"}, {"flat"}, {{.name = "axis", .i = 1}}, "flat")
      .node("Gemm", {"flat", "w_fc", "b_fc"}, {"scores"}, {{.name = "transB", .i = 1}}, "fc")
      .output("scores", {1, 10})
      .metadata("inkfield.name", "reference");
  return onnx.bytes();
}

}  // namespace inkfield::bench
