// Weights stored as signed bytes with scales: the network of the floats that they stand for, and in int8 the bytes themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "tests/scratch_folder.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::seeded_values;
using testing::HasSubstr;

constexpr int kSide = 16;

/// Bytes from -100 to 100 and their scales, by row.
struct Stored {
  std::vector<std::int64_t> dims;
  std::vector<std::int32_t> bytes;
  std::vector<float> scales;
  [[nodiscard]] std::vector<float> floats() const {
    std::vector<float> values;
    const std::size_t row = bytes.size() / scales.size();
    for (std::size_t i = 0; i < bytes.size(); ++i) values.push_back(static_cast<float>(bytes[i]) * scales[i / row]);
    return values;
  }
};

Stored stored(const std::vector<std::int64_t>& dims, std::uint32_t seed) {
  Stored made{.dims = dims, .bytes = {}, .scales = {}};
  std::size_t count = 1;
  for (const auto dim : dims) count *= static_cast<std::size_t>(dim);
  for (const float value : seeded_values(count, seed)) made.bytes.push_back(static_cast<std::int32_t>(value * 100.0F));
  for (const float value : seeded_values(static_cast<std::size_t>(dims[0]), seed + 1)) made.scales.push_back(0.01F + 0.005F * std::abs(value));
  return made;
}

enum class Form { floats, bytes };

void add(OnnxBuilder& onnx, const std::string& name, const Stored& weights, Form form, bool raw = true) {
  if (form == Form::floats) {
    onnx.weights(name, weights.dims, weights.floats());
    return;
  }
  onnx.byte_weights(name + "_bytes", weights.dims, weights.bytes, raw)
      .weights(name + "_scale", {weights.dims[0]}, weights.scales)
      .node("DequantizeLinear", {name + "_bytes", name + "_scale"}, {name}, {{.name = "axis", .i = 0}});
}

// The image's own convolution, one of many channels, one of more bytes than are copied when the file is read, and a dense layer.
OnnxBuilder network(Form form, bool raw = true) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, kSide, kSide});
  add(onnx, "w1", stored({21, 1, 3, 3}, 1), form, raw);
  add(onnx, "w2", stored({35, 21, 3, 3}, 3), form, raw);
  add(onnx, "w3", stored({10, 35}, 5), form, raw);
  onnx.weights("b1", {21}, seeded_values(21, 7))
      .weights("b2", {35}, seeded_values(35, 8))
      .node("Conv", {"ink", "w1", "b1"}, {"c1"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}})
      .node("Relu", {"c1"}, {"r1"})
      .node("Conv", {"r1", "w2", "b2"}, {"c2"})
      .node("Relu", {"c2"}, {"r2"})
      .node("GlobalAveragePool", {"r2"}, {"g"})
      .node("Flatten", {"g"}, {"f"})
      .node("Gemm", {"f", "w3"}, {"scores"}, {{.name = "transB", .i = 1}})
      .output("scores", {-1, 10});
  return onnx;
}

std::vector<float> ink() {
  auto pixels = seeded_values(std::size_t{kSide} * kSide, 9);
  for (float& pixel : pixels) pixel = std::max(pixel, 0.0F);
  return pixels;
}

std::vector<float> scores(const Network& network) {
  Network::Scratch scratch;
  std::vector<float> found;
  network.run(ink(), 1, kSide, scratch, found);
  return found;
}

std::vector<std::uint8_t> with_ranges(OnnxBuilder onnx) {
  const auto plain = Network::from_onnx(onnx.bytes());
  Int8Ranges ranges(plain);
  ranges.add(ink(), 1, kSide);
  return onnx.metadata("inkfield.int8", ranges.metadata()).bytes();
}

TEST(ByteWeights, InFloat32_TheNetworkOfTheirFloats) {
  const auto wanted = scores(Network::from_onnx(network(Form::floats).bytes()));
  for (const bool raw : {true, false}) {
    const auto found = Network::from_onnx(network(Form::bytes, raw).bytes());
    EXPECT_EQ(scores(found), wanted) << raw;
    EXPECT_EQ(found.facts().parameter_count, Network::from_onnx(network(Form::floats).bytes()).facts().parameter_count);
  }
}

// Where one input has few outputs its weights are read as bytes, and as floats where several inputs share
// them: the same bits.
OnnxBuilder few_outputs(Form form) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, kSide, kSide});
  add(onnx, "w1", stored({21, 1, 4, 4}, 11), form);
  add(onnx, "w2", stored({70, 21, 3, 3}, 13), form);
  add(onnx, "w3", stored({35, 70, 2, 1}, 15), form);
  add(onnx, "w4", stored({10, 35, 3, 4}, 17), form);
  onnx.weights("b2", {70}, seeded_values(70, 19))
      .node("Conv", {"ink", "w1"}, {"c1"}, {{.name = "strides", .ints = {{4, 4}}}})
      .node("Relu", {"c1"}, {"r1"})
      .node("Conv", {"r1", "w2", "b2"}, {"c2"}, {{.name = "pads", .ints = {{1, 1, 1, 1}}}})
      .node("Relu", {"c2"}, {"r2"})
      .node("Conv", {"r2", "w3"}, {"c3"})
      .node("Conv", {"c3", "w4"}, {"c4"})
      .node("Flatten", {"c4"}, {"scores"})
      .output("scores", {-1, 10});
  return onnx;
}

TEST(ByteWeights, OfFewOutputs_TheSameBits_OnEveryProcessorAndInEveryBatch) {
  const auto plain = Network::from_onnx(few_outputs(Form::floats).bytes());
  const auto file = few_outputs(Form::bytes).bytes();
  constexpr int kMostInputs = 5;
  const auto pixels = seeded_values(std::size_t{kSide} * kSide * kMostInputs, 21);
  for (int batch = 1; batch <= kMostInputs; ++batch) {
    Network::Scratch scratch;
    std::vector<float> wanted;
    plain.run(pixels, batch, kSide, scratch, wanted);
    for (const Kernels* kernels : available_kernels()) {
      const auto network = Network::from_onnx(file, {.kernels = kernels});
      Network::Scratch own;
      std::vector<float> found;
      network.run(pixels, batch, kSide, own, found);
      EXPECT_EQ(found, wanted) << kernels->name << ", " << batch << " inputs";
    }
  }
}

TEST(ByteWeights, InInt8_EachChannelByItsOwnScale) {
  const auto file = with_ranges(network(Form::bytes));
  const auto wanted = scores(Network::from_onnx(file));
  const auto found = scores(Network::from_onnx(file, {.precision = Precision::int8}));
  float largest = 0;
  for (const float score : wanted) largest = std::max(largest, std::abs(score));
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 0.02F * largest) << i;
}

TEST(ByteWeights, FromAFile_AsFromMemory) {
  const tests::ScratchFolder scratch;
  const std::string path = scratch.file("bytes.onnx");
  const auto bytes = with_ranges(network(Form::bytes));
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  for (const Precision precision : {Precision::float32, Precision::int8}) {
    EXPECT_EQ(scores(Network::from_file(path, {.precision = precision})), scores(Network::from_onnx(bytes, {.precision = precision})));
  }
}

// In int8 each output channel's bytes are multiplied as they are stored: a scale that is a power of two makes every step exact.
TEST(ByteWeights, InInt8_TheBytesThemselves) {
  const std::vector<std::int32_t> bytes = {3, -128, 127, 0, 5, 0, 0, 0, -1};
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 8, 8})
      .byte_weights("q", {1, 1, 3, 3}, bytes)
      .weights("s", {1}, {0.5F})
      .node("DequantizeLinear", {"q", "s"}, {"w"}, {{.name = "axis", .i = 0}})
      .node("Conv", {"ink", "w"}, {"c"})
      .weights("last", {10, 1, 6, 6}, [] {
        std::vector<float> first_place(360, 0.0F);
        for (std::size_t c = 0; c < 10; ++c) first_place[c * 36] = static_cast<float>(c);
        return first_place;
      }())
      .node("Conv", {"c", "last"}, {"d"})
      .node("Flatten", {"d"}, {"scores"})
      .output("scores", {-1, 10})
      .metadata("inkfield.int8", R"({"version":1,"ranges":{"ink":255}})");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<float> pixels(64, 0.0F);
    pixels[at / 3 * 8 + at % 3] = 40.0F;  // under one byte of the kernel at its first place
    for (const Precision precision : {Precision::float32, Precision::int8}) {
      const auto loaded = Network::from_onnx(onnx.bytes(), {.precision = precision});
      Network::Scratch scratch;
      std::vector<float> found;
      loaded.run(pixels, 1, 8, scratch, found);
      for (std::size_t c = 0; c < 10; ++c) EXPECT_EQ(found[c], static_cast<float>(c) * 40.0F * 0.5F * static_cast<float>(bytes[at])) << at;
    }
  }
}

TEST(ByteWeights, OfAChannelWhoseBiasIsFarLarger_AreMadeAnew) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, kSide, kSide});
  onnx.weights("w0", {4, 1, 1, 1}, {1, 2, 3, 4});
  add(onnx, "w1", {.dims = {5, 4, 3, 3}, .bytes = std::vector<std::int32_t>(180, 50), .scales = std::vector<float>(5, 1e-12F)}, Form::bytes);
  onnx.weights("b1", {5}, {4000, 3000, 2000, 1000, 500})
      .node("Conv", {"ink", "w0"}, {"c0"})
      .node("Relu", {"c0"}, {"r0"})
      .node("Conv", {"r0", "w1", "b1"}, {"c1"})
      .node("Relu", {"c1"}, {"r1"})
      .weights("last", {10, 5}, seeded_values(50, 3))
      .node("GlobalAveragePool", {"r1"}, {"g"})
      .node("Flatten", {"g"}, {"f"})
      .node("Gemm", {"f", "last"}, {"scores"}, {{.name = "transB", .i = 1}})
      .output("scores", {-1, 10});
  const auto file = with_ranges(onnx);
  const auto in_floats = scores(Network::from_onnx(file, {.precision = Precision::float32}));
  const auto in_bytes = scores(Network::from_onnx(file, {.precision = Precision::int8}));
  for (std::size_t i = 0; i < in_floats.size(); ++i) EXPECT_NEAR(in_bytes[i], in_floats[i], 0.01F) << i;
}

TEST(ByteWeights, OneScaleOrAnyAxis_AsOnnxHasThem) {
  const auto weights = stored({10, 64}, 5);
  std::vector<float> by_column;
  std::vector<float> by_one;
  for (std::size_t i = 0; i < weights.bytes.size(); ++i) {
    by_column.push_back(static_cast<float>(weights.bytes[i]) * weights.scales[i % 10]);
    by_one.push_back(static_cast<float>(weights.bytes[i]) * 0.25F);
  }
  const auto dense = [](const auto& define) {
    OnnxBuilder onnx;
    onnx.input("ink", {-1, 1, 8, 8});
    define(onnx);
    onnx.node("Flatten", {"ink"}, {"f"}).node("MatMul", {"f", "w"}, {"scores"}).output("scores", {-1, 10});
    const auto loaded = Network::from_onnx(onnx.bytes());
    Network::Scratch scratch;
    std::vector<float> found;
    loaded.run(seeded_values(64, 2), 1, 8, scratch, found);
    return found;
  };
  const auto from_floats = [&](const std::vector<float>& matrix) {
    return dense([&](OnnxBuilder& onnx) { onnx.weights("w", {64, 10}, matrix); });
  };
  for (const std::int64_t axis : {1, -1}) {
    const auto found = dense([&](OnnxBuilder& onnx) {
      onnx.byte_weights("q", {64, 10}, weights.bytes)
          .weights("s", {10}, weights.scales)
          .byte_weights("zero", {10}, std::vector<std::int32_t>(10, 0))
          .node("DequantizeLinear", {"q", "s", "zero"}, {"w"}, {{.name = "axis", .i = axis}});
    });
    EXPECT_EQ(found, from_floats(by_column)) << axis;
  }
  const auto found = dense([&](OnnxBuilder& onnx) {
    onnx.byte_weights("q", {64, 10}, weights.bytes).weights("s", {}, {0.25F}).node("DequantizeLinear", {"q", "s"}, {"w"});
  });
  EXPECT_EQ(found, from_floats(by_one));
}

std::string refusal(const OnnxBuilder& onnx) {
  try {
    (void)Network::from_onnx(onnx.bytes());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_model) << error.what();
    return error.what();
  }
  return "accepted";
}

/// A network whose only weights are these bytes.
OnnxBuilder with_scales(const std::vector<std::int64_t>& dims, const std::vector<float>& scales, const std::vector<std::string>& more = {},
                        std::int64_t axis = 0) {
  OnnxBuilder onnx;
  std::vector<std::string> inputs = {"q", "s"};
  inputs.insert(inputs.end(), more.begin(), more.end());
  return onnx.input("ink", {1, 1, kSide, kSide})
      .byte_weights("q", {10, 1, kSide, kSide}, std::vector<std::int32_t>(2560, 7))
      .byte_weights("shifted", {10}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 3})
      .weights("s", dims, scales)
      .node("DequantizeLinear", inputs, {"w"}, {{.name = "axis", .i = axis}}, "culprit")
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores");
}

TEST(ByteWeights, WhatDoesNotFit_IsRefusedByName) {
  const std::vector<float> ten(10, 0.01F);
  EXPECT_EQ(refusal(with_scales({10}, ten)), "accepted");
  EXPECT_THAT(refusal(with_scales({9}, std::vector<float>(9, 0.01F))), testing::AllOf(HasSubstr("culprit"), HasSubstr("9 scales do not fit axis 0")));
  EXPECT_THAT(refusal(with_scales({10}, ten, {}, 1)), HasSubstr("10 scales do not fit axis 1"));
  EXPECT_THAT(refusal(with_scales({10}, ten, {}, 4)), HasSubstr("axis 4"));
  EXPECT_THAT(refusal(with_scales({10}, ten, {}, -5)), HasSubstr("axis -5"));
  EXPECT_THAT(refusal(with_scales({2, 5}, ten)), HasSubstr("do not fit"));
  EXPECT_THAT(refusal(with_scales({10}, ten, {"shifted"})), HasSubstr("zero point is not 0"));
  EXPECT_THAT(refusal(with_scales({10}, ten, {"s"})), HasSubstr("zero point is not 0"));
  EXPECT_THAT(refusal(with_scales({10}, ten, {"ink"})), HasSubstr("zero point is not 0"));
  EXPECT_THAT(refusal(with_scales({0}, {})), HasSubstr("are empty"));
  auto odd = ten;
  odd[4] = -0.01F;
  EXPECT_THAT(refusal(with_scales({10}, odd)), HasSubstr("finite and not negative"));
  odd[4] = std::numeric_limits<float>::max();  // a byte times this is none
  EXPECT_THAT(refusal(with_scales({10}, odd)), HasSubstr("finite and not negative"));
  odd[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal(with_scales({10}, odd)), HasSubstr("not finite"));

  OnnxBuilder activations;
  activations.input("ink", {1, 1, kSide, kSide}).weights("s", {1}, {1}).node("DequantizeLinear", {"ink", "s"}, {"scores"}).output("scores");
  EXPECT_THAT(refusal(activations), HasSubstr("only weights may be stored as bytes"));
  OnnxBuilder floats;
  floats.input("ink", {1, 1, kSide, kSide})
      .weights("q", {10, 1, kSide, kSide}, seeded_values(2560, 1))
      .weights("s", {10}, ten)
      .node("DequantizeLinear", {"q", "s"}, {"w"})
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores");
  EXPECT_THAT(refusal(floats), HasSubstr("only signed bytes can be turned into floats"));
  OnnxBuilder undone;  // bytes are no weights by themselves
  undone.input("ink", {1, 1, kSide, kSide})
      .byte_weights("q", {10, 1, kSide, kSide}, std::vector<std::int32_t>(2560, 7))
      .node("Conv", {"ink", "q"}, {"scores"})
      .output("scores");
  EXPECT_THAT(refusal(undone), HasSubstr("'q' are not float32"));
}

TEST(ByteWeights, BytesThatAreNone_AreRefused) {
  const auto lying = [](const std::vector<std::int64_t>& dims, const std::vector<std::int32_t>& values, bool raw) {
    OnnxBuilder onnx;
    return refusal(onnx.input("ink", {1, 1, kSide, kSide}).byte_weights("q", dims, values, raw).node("Flatten", {"ink"}, {"scores"}).output("scores"));
  };
  EXPECT_THAT(lying({3}, {1, 2}, true), HasSubstr("its shape needs 3 bytes of raw_data, the file holds 2"));
  EXPECT_THAT(lying({3}, {1, 2}, false), HasSubstr("its shape says 3 values, the file holds 2"));
  EXPECT_THAT(lying({2}, {1, 128}, false), HasSubstr("holds 128, which is no signed byte"));
  EXPECT_THAT(lying({-2}, {1, 2}, true), HasSubstr("negative dimension"));
  EXPECT_THAT(lying({5000}, std::vector<std::int32_t>(4999, 1), true), HasSubstr("its shape needs 5000 bytes"));
}

}  // namespace
}  // namespace inkfield::recognizer
