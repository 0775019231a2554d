// Weights are seeded; shapes are the smallest that still tell a transposed index from a straight one.
#include "tests/unit/recognizer_foreign_networks.h"

namespace inkfield::recognizer::test {
namespace {

using Ints = std::vector<std::int64_t>;

OnnxAttribute ints(const std::string& name, const Ints& values) { return {.name = name, .ints = {values}}; }
OnnxAttribute whole(const std::string& name, std::int64_t value) { return {.name = name, .i = value}; }

OnnxBuilder network(const Ints& input = {1, 1, 16, 16}, std::int64_t opset = 13) {
  OnnxBuilder onnx;
  onnx.opset = opset;
  onnx.input("ink", input);
  return onnx;
}

/// Convolution 3x3 of 5 channels from `from`, to [N, 5, 14, 14] or with `pads` wider.
void convolution(OnnxBuilder& onnx, const std::string& from, const std::string& to,
                 std::vector<OnnxAttribute> attributes = {}) {
  attributes.push_back(ints("kernel_shape", {3, 3}));
  onnx.weights(to + "_w", {5, 1, 3, 3}, seeded_values(45, 1))
      .weights(to + "_b", {5}, seeded_values(5, 2))
      .node("Conv", {from, to + "_w", to + "_b"}, {to}, attributes);
}

/// Ten scores from `from`, which holds `count` values an item, flattened by the caller.
void classes(OnnxBuilder& onnx, const std::string& from, int count, const std::string& to = "scores") {
  onnx.weights("fc_w", {10, count}, seeded_values(static_cast<std::size_t>(10 * count), 3))
      .weights("fc_b", {10}, seeded_values(10, 4))
      .node("Gemm", {from, "fc_w", "fc_b"}, {to}, {whole("transB", 1)});
}

void flat_classes(OnnxBuilder& onnx, const std::string& from, int count) {
  onnx.node("Flatten", {from}, {"flat"});
  classes(onnx, "flat", count);
  onnx.output("scores", {1, 10});
}

/// The same fully connected layer for values in the order row, column, channel, as [inputs, 10].
std::vector<float> channels_last_matrix(int channels, int pixels) {
  const auto matrix = seeded_values(static_cast<std::size_t>(10 * channels * pixels), 3);
  std::vector<float> turned(matrix.size());
  for (int o = 0; o < 10; ++o) {
    for (int c = 0; c < channels; ++c) {
      for (int p = 0; p < pixels; ++p) {
        turned[static_cast<std::size_t>((p * channels + c) * 10 + o)] =
            matrix[static_cast<std::size_t>((o * channels + c) * pixels + p)];
      }
    }
  }
  return turned;
}

ForeignNetwork keras(bool transpose_input) {
  ForeignNetwork net{.name = transpose_input ? "Keras, input transposed" : "Keras, input reshaped",
                     .as_exported = network({-1, 16, 16, 1}),
                     .plain = network(),
                     .input_shape = {1, 16, 16, 1},
                     .softmax_last = true,
                     .other_engine = transpose_input};
  auto& onnx = net.as_exported;
  onnx.weights("mean", {}, {0.25F}).weights("deviation", {1}, {0.5F});
  onnx.node("Sub", {"ink", "mean"}, {"s"}).node("Div", {"s", "deviation"}, {"d"});
  if (transpose_input) {
    onnx.node("Transpose", {"d"}, {"planes"}, {ints("perm", {0, 3, 1, 2})});
  } else {
    onnx.shape("planes_shape", {-1, 1, 16, 16}).node("Reshape", {"d", "planes_shape"}, {"planes"});
  }
  convolution(onnx, "planes", "c", {{.name = "auto_pad", .s = "SAME_UPPER"}});
  onnx.node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})})
      .node("Transpose", {"p"}, {"rows"}, {ints("perm", {0, 2, 3, 1})})
      .shape("flat_shape", {-1, 320})
      .node("Reshape", {"rows", "flat_shape"}, {"flat"})
      .weights("matrix", {320, 10}, channels_last_matrix(5, 64))
      .weights("fc_b", {10}, seeded_values(10, 4))
      .node("MatMul", {"flat", "matrix"}, {"m"})
      .node("Add", {"m", "fc_b"}, {"logits"})
      .node("Softmax", {"logits"}, {"scores"}, {whole("axis", -1)})
      .output("scores", {1, 10});
  auto& plain = net.plain;
  plain.weights("shift", {}, {-0.5F}).weights("scale", {}, {2.0F});
  plain.node("Mul", {"ink", "scale"}, {"s"}).node("Add", {"s", "shift"}, {"d"});
  convolution(plain, "d", "c", {ints("pads", {1, 1, 1, 1})});
  plain.node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
  flat_classes(plain, "p", 320);
  return net;
}

ForeignNetwork pytorch_view() {
  ForeignNetwork net{.name = "PyTorch, x.view(x.size(0), -1)",
                     .as_exported = network({-1, 1, 16, 16}, 11),
                     .plain = network(),
                     .softmax_last = true,
                     .other_engine = false};
  auto& onnx = net.as_exported;
  convolution(onnx, "ink", "c");
  onnx.node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"},
            {ints("kernel_shape", {3, 3}), ints("strides", {2, 2}), whole("ceil_mode", 1)})
      .node("Shape", {"p"}, {"shape"})
      .node("Constant", {}, {"zero"}, {{.name = "value", .int_tensor = {{0}}}})
      .node("Gather", {"shape", "zero"}, {"n"}, {whole("axis", 0)})
      .node("Constant", {}, {"rest"}, {{.name = "value", .int_tensor = {{-1}}}})
      .node("Unsqueeze", {"n"}, {"n1"}, {ints("axes", {0})})
      .node("Unsqueeze", {"rest"}, {"rest1"}, {ints("axes", {0})})
      .node("Concat", {"n1", "rest1"}, {"to"}, {whole("axis", 0)})
      .node("Reshape", {"p", "to"}, {"flat"});
  classes(onnx, "flat", 245, "logits");
  onnx.node("LogSoftmax", {"logits"}, {"scores"}, {whole("axis", 1)}).output("scores", {1, 10});
  auto& plain = net.plain;
  convolution(plain, "ink", "c");
  plain.node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"},
            {ints("kernel_shape", {3, 3}), ints("strides", {2, 2}), ints("pads", {0, 0, 1, 1})});
  flat_classes(plain, "p", 245);
  return net;
}

ForeignNetwork depthwise_relu6(bool bounds_as_inputs) {
  ForeignNetwork net{.name = "groups, dilations and ReLU6",
                     .as_exported = network({1, 1, 16, 16}, bounds_as_inputs ? 13 : 10),
                     .plain = network(),
                     .other_engine = !bounds_as_inputs};
  const auto depthwise = seeded_values(10 * 9, 5);
  auto& onnx = net.as_exported;
  convolution(onnx, "ink", "c");
  if (bounds_as_inputs) {
    onnx.weights("low", {}, {0.0F}).weights("high", {}, {1.5F}).node("Clip", {"c", "low", "high"}, {"r"});
  } else {
    onnx.node("Clip", {"c"}, {"r"}, {{.name = "min", .f = 0.0F}, {.name = "max", .f = 1.5F}});
  }
  onnx.weights("dw", {10, 1, 3, 3}, depthwise)
      .node("Conv", {"r", "dw"}, {"d"},
            {whole("group", 5), ints("dilations", {2, 1}), ints("pads", {2, 1, 2, 1}),
             ints("kernel_shape", {3, 3})})
      .node("GlobalAveragePool", {"d"}, {"g"});
  flat_classes(onnx, "g", 10);
  auto& plain = net.plain;
  convolution(plain, "ink", "c");
  // min(x, h) = h - max(0, h - x)
  std::vector<float> dense(10 * 5 * 15, 0.0F);
  for (std::size_t o = 0; o < 10; ++o) {
    for (std::size_t t = 0; t < 9; ++t)
      dense[(o * 5 + o / 2) * 15 + t / 3 * 6 + t % 3] = depthwise[o * 9 + t];
  }
  plain.weights("high", {}, {1.5F})
      .node("Relu", {"c"}, {"r0"})
      .node("Sub", {"high", "r0"}, {"n"})
      .node("Relu", {"n"}, {"n0"})
      .node("Sub", {"high", "n0"}, {"r"})
      .weights("dw", {10, 5, 5, 3}, dense)
      .node("Conv", {"r", "dw"}, {"d"}, {ints("pads", {2, 1, 2, 1})})
      .node("GlobalAveragePool", {"d"}, {"g"});
  flat_classes(plain, "g", 10);
  return net;
}

/// max(0, x) + slope * (x - max(0, x))
void leaky_twin(OnnxBuilder& plain, const Ints& dims, const std::vector<float>& slope) {
  convolution(plain, "ink", "c");
  plain.weights("slope", dims, slope)
      .weights("minus", {}, {-1.0F})
      .node("Relu", {"c"}, {"r"})
      .node("Mul", {"r", "minus"}, {"m"})
      .node("Add", {"c", "m"}, {"n"})
      .node("Mul", {"n", "slope"}, {"s"})
      .node("Add", {"r", "s"}, {"a"});
  flat_classes(plain, "a", 980);
}

ForeignNetwork leaky_relu() {
  ForeignNetwork net{.name = "LeakyRelu", .as_exported = network(), .plain = network()};
  convolution(net.as_exported, "ink", "c");
  net.as_exported.node("LeakyRelu", {"c"}, {"a"}, {{.name = "alpha", .f = 0.2F}});
  flat_classes(net.as_exported, "a", 980);
  leaky_twin(net.plain, {}, {0.2F});
  return net;
}

ForeignNetwork channel_slopes() {
  ForeignNetwork net{.name = "PRelu", .as_exported = network(), .plain = network()};
  const auto slopes = seeded_values(5, 6);
  convolution(net.as_exported, "ink", "c");
  net.as_exported.weights("slope", {5, 1, 1}, slopes).node("PRelu", {"c", "slope"}, {"a"});
  flat_classes(net.as_exported, "a", 980);
  leaky_twin(net.plain, {5, 1, 1}, slopes);
  return net;
}

/// Rows and columns, top 2 left 1 bottom 0 right 3, before a convolution and before a pool, filled with
/// `value`.
ForeignNetwork padded(float value, bool before_pool) {
  ForeignNetwork net{.name = "Pad with " + std::to_string(value) + (before_pool ? " before a pool" : ""),
                     .as_exported = network(),
                     .plain = network()};
  auto& onnx = net.as_exported;
  onnx.shape("pads", {0, 0, 2, 1, 0, 0, 0, 3}).weights("fill", {}, {value});
  std::string from = "ink";
  if (before_pool) {
    convolution(onnx, "ink", "c");
    from = "c";
  }
  onnx.node("Pad", {from, "pads", "fill"}, {"p"}, {{.name = "mode", .s = "constant"}});
  if (before_pool) {
    onnx.node("AveragePool", {"p"}, {"a"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
    flat_classes(onnx, "a", 360);
  } else {
    convolution(onnx, "p", "c");
    flat_classes(onnx, "c", 1440);
  }
  // Shifted by the value, zeros stand for it; the means and the sums of weights shift back.
  auto& plain = net.plain;
  plain.weights("value", {}, {value});
  if (before_pool) {
    convolution(plain, "ink", "c");
    plain.node("Sub", {"c", "value"}, {"s"});
    std::vector<float> one(25, 0.0F);
    for (std::size_t c = 0; c < 5; ++c) one[c * 6] = 1.0F;
    plain.weights("one", {5, 5, 1, 1}, one)
        .node("Conv", {"s", "one"}, {"wide"}, {ints("pads", {2, 1, 0, 3})})
        .node("AveragePool", {"wide"}, {"m"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})})
        .node("Add", {"m", "value"}, {"a"});
    flat_classes(plain, "a", 360);
  } else {
    const auto weights = seeded_values(45, 1);
    auto bias = seeded_values(5, 2);
    for (std::size_t i = 0; i < 45; ++i) bias[i / 9] += value * weights[i];
    plain.node("Sub", {"ink", "value"}, {"s"})
        .weights("w", {5, 1, 3, 3}, weights)
        .weights("b", {5}, bias)
        .node("Conv", {"s", "w", "b"}, {"c"}, {ints("pads", {2, 1, 0, 3})});
    flat_classes(plain, "c", 1440);
  }
  return net;
}

ForeignNetwork global_mean(int way) {
  const char* names[] = {"ReduceMean", "GlobalAveragePool and Squeeze",
                         "ReduceMean of rows, columns, channels"};
  ForeignNetwork net{.name = names[way],
                     .as_exported = network({1, 1, 16, 16}, way == 1 ? 13 : 11),
                     .plain = network(),
                     .other_engine = way == 0};
  auto& onnx = net.as_exported;
  convolution(onnx, "ink", "c");
  if (way == 0) {
    onnx.node("ReduceMean", {"c"}, {"flat"}, {ints("axes", {2, 3}), whole("keepdims", 0)});
  } else if (way == 1) {
    onnx.shape("axes", {-2, -1})
        .node("GlobalAveragePool", {"c"}, {"g"})
        .node("Squeeze", {"g", "axes"}, {"flat"});
  } else {
    onnx.node("Transpose", {"c"}, {"t"}, {ints("perm", {0, 2, 3, 1})})
        .node("ReduceMean", {"t"}, {"flat"}, {ints("axes", {1, 2}), whole("keepdims", 0)});
  }
  classes(onnx, "flat", 5);
  onnx.output("scores", {1, 10});
  convolution(net.plain, "ink", "c");
  net.plain.node("GlobalAveragePool", {"c"}, {"g"});
  flat_classes(net.plain, "g", 5);
  return net;
}

/// Inputs without a dimension of channels.
ForeignNetwork flat_input(int way) {
  const char* names[] = {"input [N, 256] reshaped", "input [N, 16, 16] unsqueezed",
                         "input [N, 16, 16] flattened", "input [N, 256]"};
  ForeignNetwork net{.name = names[way],
                     .as_exported = network(way == 0 || way == 3 ? Ints{-1, 256} : Ints{-1, 16, 16}),
                     .plain = network(),
                     .input_shape = way == 0 || way == 3 ? std::vector{1, 256} : std::vector{1, 16, 16},
                     .other_engine = false};
  auto& onnx = net.as_exported;
  const bool planes = way < 2;
  if (way == 0) onnx.shape("to", {-1, 1, 16, 16}).node("Reshape", {"ink", "to"}, {"in"});
  if (way == 1) onnx.shape("axes", {1}).node("Unsqueeze", {"ink", "axes"}, {"in"});
  if (way == 2) onnx.node("Flatten", {"ink"}, {"in"});
  if (planes) {
    convolution(onnx, "in", "c");
    flat_classes(onnx, "c", 980);
    convolution(net.plain, "ink", "c");
    flat_classes(net.plain, "c", 980);
  } else {
    classes(onnx, way == 2 ? "in" : "ink", 256);
    onnx.output("scores", {1, 10});
    flat_classes(net.plain, "ink", 256);
  }
  return net;
}

ForeignNetwork flat_normalization() {
  ForeignNetwork net{.name = "BatchNormalization of a channels-last flatten",
                     .as_exported = network(),
                     .plain = network(),
                     .other_engine = false};
  const auto scale = seeded_values(980, 7);
  const auto shift = seeded_values(980, 8);
  auto& onnx = net.as_exported;
  convolution(onnx, "ink", "c");
  onnx.node("Transpose", {"c"}, {"t"}, {ints("perm", {0, 2, 3, 1})})
      .node("Flatten", {"t"}, {"flat"})
      .weights("scale", {980}, scale)
      .weights("shift", {980}, shift)
      .weights("mean", {980}, std::vector<float>(980, 0.0F))
      .weights("variance", {980}, std::vector<float>(980, 0.75F))
      .node("BatchNormalization", {"flat", "scale", "shift", "mean", "variance"}, {"n"},
            {{.name = "epsilon", .f = 0.25F}})
      .weights("matrix", {980, 10}, channels_last_matrix(5, 196))
      .node("MatMul", {"n", "matrix"}, {"scores"})
      .output("scores", {1, 10});
  std::vector<float> scale_planes(980);
  std::vector<float> shift_planes(980);
  for (std::size_t c = 0; c < 5; ++c) {
    for (std::size_t p = 0; p < 196; ++p) {
      scale_planes[c * 196 + p] = scale[p * 5 + c];
      shift_planes[c * 196 + p] = shift[p * 5 + c];
    }
  }
  auto& plain = net.plain;
  convolution(plain, "ink", "c");
  plain.weights("scale", {1, 5, 14, 14}, scale_planes)
      .weights("shift", {1, 5, 14, 14}, shift_planes)
      .node("Mul", {"c", "scale"}, {"s"})
      .node("Add", {"s", "shift"}, {"n"})
      .node("Flatten", {"n"}, {"flat"})
      .weights("fc_w", {10, 980}, seeded_values(9800, 3))
      .node("Gemm", {"flat", "fc_w"}, {"scores"}, {whole("transB", 1)})
      .output("scores", {1, 10});
  return net;
}

ForeignNetwork turned_matrix() {
  ForeignNetwork net{.name = "Transpose of weights, Gemm with factors",
                     .as_exported = network(),
                     .plain = network(),
                     .other_engine = false};
  auto& onnx = net.as_exported;
  convolution(onnx, "ink", "c");
  onnx.node("Flatten", {"c"}, {"flat"}, {whole("axis", -3)})
      .weights("fc_w", {10, 980}, seeded_values(9800, 3))
      .weights("fc_b", {1, 10}, seeded_values(10, 4))
      .node("Transpose", {"fc_w"}, {"turned"}, {ints("perm", {1, 0})})
      .node("Gemm", {"flat", "turned", "fc_b"}, {"scores"},
            {{.name = "alpha", .f = 1.0F}, {.name = "beta", .f = 1.0F}})
      .output("scores", {1, 10});
  convolution(net.plain, "ink", "c");
  flat_classes(net.plain, "c", 980);
  return net;
}

/// PyTorch 1.3 gives the values of a fully connected layer a third dimension for their normalisation.
ForeignNetwork unsqueezed_normalization(bool flattened_again) {
  ForeignNetwork net{.name = flattened_again ? "BatchNorm1d between Unsqueeze and Flatten" : "BatchNorm1d between Unsqueeze and Squeeze",
                     .as_exported = network({1, 1, 16, 16}, 9),
                     .plain = network()};
  for (auto* onnx : {&net.as_exported, &net.plain}) {
    const bool exported = onnx == &net.as_exported;
    onnx->node("Flatten", {"ink"}, {"flat"});
    classes(*onnx, "flat", 256, "fc");
    onnx->node("Relu", {"fc"}, {"r"});
    if (exported) onnx->node("Unsqueeze", {"r"}, {"u"}, {ints("axes", {2})});
    onnx->weights("scale", {10}, seeded_values(10, 7))
        .weights("shift", {10}, seeded_values(10, 8))
        .weights("mean", {10}, seeded_values(10, 9))
        .weights("variance", {10}, std::vector<float>(10, 0.75F))
        .node("BatchNormalization", {exported ? "u" : "r", "scale", "shift", "mean", "variance"},
              {"n"}, {{.name = "epsilon", .f = 0.25F}});
    if (exported && flattened_again) onnx->node("Flatten", {"n"}, {"values"});
    if (exported && !flattened_again) onnx->node("Squeeze", {"n"}, {"values"}, {ints("axes", {2})});
    // One number for each value: of [N, values, 1] it would be refused.
    onnx->weights("last", {10}, seeded_values(10, 11)).node("Add", {exported ? "values" : "n", "last"}, {"scores"});
    onnx->output("scores", {1, 10});
  }
  net.other_engine = false;
  return net;
}

/// keras2onnx writes the last node first.
ForeignNetwork backwards() {
  ForeignNetwork net{.name = "nodes in the wrong order", .as_exported = network(), .plain = network()};
  auto& onnx = net.as_exported;
  flat_classes(onnx, "p", 245);
  onnx.node("MaxPool", {"r"}, {"p"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})})
      .node("Relu", {"c"}, {"r"});
  convolution(onnx, "ink", "c");
  auto& plain = net.plain;
  convolution(plain, "ink", "c");
  plain.node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
  flat_classes(plain, "p", 245);
  net.other_engine = false;
  return net;
}

}  // namespace

std::vector<ForeignNetwork> foreign_networks() {
  return {keras(true),
          keras(false),
          pytorch_view(),
          depthwise_relu6(true),
          depthwise_relu6(false),
          leaky_relu(),
          channel_slopes(),
          padded(0.0F, false),
          padded(-1.0F, false),
          padded(0.5F, true),
          global_mean(0),
          global_mean(1),
          global_mean(2),
          flat_input(0),
          flat_input(1),
          flat_input(2),
          flat_input(3),
          flat_normalization(),
          turned_matrix(),
          unsqueezed_normalization(false),
          unsqueezed_normalization(true),
          backwards()};
}

}  // namespace inkfield::recognizer::test
