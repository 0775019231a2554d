// Network files that lie. Each must be refused with a message that names the culprit; none may crash, hang or
// take memory that the file did not pay for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <protozero/pbf_writer.hpp>

#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::seeded_values;
using testing::HasSubstr;

std::string refusal(const std::vector<std::uint8_t>& file) {
  try {
    (void)Network::from_onnx(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_model) << error.what();
    return error.what();
  }
  return "accepted";
}

std::string refusal(const OnnxBuilder& onnx) { return refusal(onnx.bytes()); }

/// A symbol network whose only node the test gives.
OnnxBuilder with_node(const std::string& op, const std::vector<std::string>& inputs,
                      const std::vector<test::OnnxAttribute>& attributes = {}) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w", {10, 1, 16, 16}, seeded_values(2560, 1))
      .node(op, inputs, {"scores"}, attributes, "culprit")
      .output("scores");
  return onnx;
}

TEST(HostileModel_Cut, AtEveryByte_RefusedOrStillWhole) {
  const auto file = test::small_line_network().bytes();
  EXPECT_EQ(refusal(file), "accepted");
  int accepted = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    if (refusal({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}) == "accepted") ++accepted;
  }
  // Cut exactly between two metadata entries at the end, a file is whole again.
  EXPECT_LE(accepted, 6);
}

TEST(HostileModel_Damaged, AnyByteTurned_NeverCrashes) {
  const auto file = test::small_line_network().bytes();
  Network::Scratch scratch;
  std::vector<float> scores;
  const std::vector<float> input(32 * 32, 0.5F);
  for (std::size_t at = 0; at < file.size(); ++at) {
    // The weights' own bytes say nothing about structure; a few of them are enough.
    if (at % 7 != 0 && file.size() - at > 700 && at > 700) continue;
    for (const unsigned turn : {0x01U, 0x08U, 0x80U, 0xFFU}) {
      auto damaged = file;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ turn);
      try {
        const auto network = Network::from_onnx(damaged);
        network.run(input, 1, 32, scratch, scores);
      } catch (const Error&) {
      }
    }
  }
}

TEST(HostileModel_NoModel, TextEmptyOrZeros_Refused) {
  EXPECT_THAT(refusal(std::vector<std::uint8_t>{}), HasSubstr("empty"));
  EXPECT_NE(refusal(std::vector<std::uint8_t>(1000, 0)), "accepted");
  const std::string text = "This is no network at all, only text.";
  EXPECT_NE(refusal({text.begin(), text.end()}), "accepted");
  EXPECT_THROW((void)Network::from_file("/nonexistent/network.onnx"), Error);
}

TEST(HostileModel_Weights, ShapeAndSizeDiffer_NamesTheTensor) {
  for (const bool raw : {true, false}) {
    OnnxBuilder onnx;
    onnx.input("ink", {1, 1, 16, 16})
        .weights("short one", {10, 1, 16, 16}, seeded_values(2559, 1), raw)
        .node("Conv", {"ink", "short one"}, {"scores"})
        .output("scores");
    EXPECT_THAT(refusal(onnx), HasSubstr("'short one'"));
  }
}

TEST(HostileModel_Weights, HugeNegativeAndOverflowingShapes_Refused) {
  const std::vector<std::vector<std::int64_t>> shapes = {
      {1LL << 40, 1, 1, 1},       {1LL << 32, 1LL << 32, 1, 1}, {-1, 1, 3, 3},
      {INT64_MIN, 1, 1, 1},       {INT64_MAX, INT64_MAX, 2, 2}, {0, 1, 3, 3},
      {1, 1, 1, 1, 1, 1, 1, 1, 1}};
  for (const auto& shape : shapes) {
    OnnxBuilder onnx;
    onnx.input("ink", {1, 1, 16, 16})
        .weights("w", shape, {})
        .node("Conv", {"ink", "w"}, {"scores"})
        .output("scores");
    EXPECT_NE(refusal(onnx), "accepted") << shape[0];
  }
}

TEST(HostileModel_Weights, NotFinite_Refused) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w", {10, 1, 1, 1}, std::vector<float>(10, std::numeric_limits<float>::infinity()))
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores");
  EXPECT_THAT(refusal(onnx), HasSubstr("not finite"));
}

TEST(HostileModel_Weights, ManyBorrowersOfOneTensor_BoundedMemory) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 32, 32})
      .weights("first", {1024, 1, 1, 1}, seeded_values(1024, 1))
      .weights("w", {1024, 1024, 1, 1}, std::vector<float>(1 << 20, 0.0F));
  onnx.node("Conv", {"ink", "first"}, {"v0"});
  for (int i = 0; i < 400; ++i)
    onnx.node("Conv", {"v" + std::to_string(i), "w"}, {"v" + std::to_string(i + 1)});
  onnx.output("v400");
  EXPECT_THAT(refusal(onnx), HasSubstr("weights are larger"));
}

TEST(HostileModel_Cost, MemoryOrWorkBeyondTheLimits_Refused) {
  OnnxBuilder wide;
  wide.input("ink", {-1, 1, 128, -1})
      .weights("w", {4096, 1, 1, 1}, seeded_values(4096, 1))
      .node("Conv", {"ink", "w"}, {"a"})
      .weights("v", {10, 4096, 1, 1}, std::vector<float>(40960, 0.0F))
      .node("GlobalAveragePool", {"a"}, {"b"})
      .node("Conv", {"b", "v"}, {"scores"})
      .output("scores");
  EXPECT_THAT(refusal(wide), HasSubstr("working memory"));
  OnnxBuilder slow;
  slow.input("ink", {-1, 1, 128, -1})
      .weights("w", {96, 1, 1, 1}, seeded_values(96, 1))
      .weights("v", {96, 96, 9, 9}, std::vector<float>(96 * 96 * 81, 0.0F))
      .node("Conv", {"ink", "w"}, {"a"})
      .node("Conv", {"a", "v"}, {"b"}, {{.name = "pads", .ints = {{4, 4, 4, 4}}}})
      .node("MaxPool", {"b"}, {"scores"},
            {{.name = "kernel_shape", .ints = {{64, 1}}}, {.name = "strides", .ints = {{64, 1}}}})
      .node("MaxPool", {"scores"}, {"out"}, {{.name = "kernel_shape", .ints = {{2, 1}}}})
      .output("out");
  EXPECT_THAT(refusal(slow), HasSubstr("multiply-adds"));
}

TEST(HostileModel_Graph, CycleDanglingAndDuplicateNames_NamesTheNode) {
  OnnxBuilder cycle;
  cycle.input("ink", {1, 1, 16, 16})
      .node("Add", {"ink", "b"}, {"a"}, {}, "first")
      .node("Relu", {"a"}, {"b"})
      .output("b");
  EXPECT_THAT(refusal(cycle), testing::AllOf(HasSubstr("Add 'first'"), HasSubstr("cycle")));
  EXPECT_THAT(refusal(with_node("Relu", {"nowhere"})),
              testing::AllOf(HasSubstr("'culprit'"), HasSubstr("'nowhere'")));
  EXPECT_THAT(refusal(with_node("Relu", {"scores"})), HasSubstr("cycle"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}).weights("w", {1}, {1.0F})),
              HasSubstr("two things are called 'w'"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}).input("second", {1, 1, 16, 16})),
              HasSubstr("more than one input"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}).output("ink")), HasSubstr("2 outputs"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"})), "accepted");
}

TEST(HostileModel_Graph, TooManyNodes_Refused) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16});
  for (int i = 0; i <= kMaxModelNodes; ++i) onnx.node("Relu", {"ink"}, {"v" + std::to_string(i)});
  EXPECT_THAT(refusal(onnx), HasSubstr("nodes"));
}

TEST(HostileModel_Node, WhatIsNotSupported_SaysSoAndWhatIs) {
  EXPECT_THAT(refusal(with_node("LSTM", {"ink"})),
              testing::AllOf(HasSubstr("'LSTM'"), HasSubstr("GlobalAveragePool")));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "group", .i = 2}})), HasSubstr("groups"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "group", .i = 0}})), HasSubstr("groups"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "group", .i = INT64_MIN}})),
              HasSubstr("groups"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "dilations", .ints = {{0, 2}}}})),
              HasSubstr("dilations"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "dilations", .ints = {{1, 9}}}})),
              HasSubstr("reach over"));
  EXPECT_THAT(refusal(with_node(
                  "MaxPool", {"ink"},
                  {{.name = "kernel_shape", .ints = {{2, 2}}}, {.name = "dilations", .ints = {{2, 2}}}})),
              HasSubstr("dilations"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "strides", .ints = {{0, 1}}}})),
              HasSubstr("strides"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "strides", .ints = {{1}}}})),
              HasSubstr("strides"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "pads", .ints = {{-1, 0, 0, 0}}}})),
              HasSubstr("pads"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink", "w"}, {{.name = "pads", .ints = {{1LL << 40, 0, 0, 0}}}})),
              HasSubstr("pads"));
  EXPECT_THAT(refusal(with_node("Conv", {"w", "ink"})), HasSubstr("constant"));
  EXPECT_THAT(refusal(with_node("Conv", {"ink"})), HasSubstr("missing"));
  EXPECT_THAT(refusal(with_node("MaxPool", {"ink"})), HasSubstr("kernel_shape"));
  EXPECT_THAT(refusal(with_node("MaxPool", {"ink"}, {{.name = "kernel_shape", .ints = {{17, 1}}}})),
              HasSubstr("larger than its input"));
  EXPECT_THAT(refusal(with_node(
                  "MaxPool", {"ink"},
                  {{.name = "kernel_shape", .ints = {{2, 2}}}, {.name = "pads", .ints = {{2, 0, 0, 0}}}})),
              HasSubstr("pads"));
  EXPECT_THAT(refusal(with_node("Gemm", {"ink", "w"})), HasSubstr("flattened"));
  EXPECT_THAT(refusal(with_node("Relu", {"ink"})), HasSubstr("height"));
  EXPECT_THAT(refusal(with_node("Identity", {"ink"})), HasSubstr("output is its input"));
}

TEST(HostileModel_Input, OtherShapesAndTypes_SaysWhatIsExpected) {
  const auto with_input = [](const std::vector<std::int64_t>& dims, int type = 1) {
    OnnxBuilder onnx;
    onnx.input("ink", dims, type).node("Relu", {"ink"}, {"scores"}).output("scores");
    return refusal(onnx);
  };
  EXPECT_THAT(with_input({1, 3, 32, 32}), HasSubstr("[N, 1, height, width]"));
  EXPECT_THAT(with_input({32, 32}), HasSubstr("[N, 1, height, width]"));
  EXPECT_THAT(with_input({1, 1, 32, 32}, 10), HasSubstr("float32"));
  EXPECT_THAT(with_input({1, 1, 1 << 20, 32}), HasSubstr("height"));
  EXPECT_THAT(with_input({1, 1, 32, 1 << 20}), HasSubstr("width"));
  EXPECT_THAT(with_input({1, 1, -5, 32}), HasSubstr("negative"));
}

TEST(HostileModel_Metadata, LiesAboutItself_SaysWhichKey) {
  const auto with = [](const std::string& key, const std::string& value) {
    OnnxBuilder onnx;
    onnx.input("ink", {-1, 1, 32, -1})
        .weights("w", {4, 1, 32, 4}, seeded_values(512, 1))
        .node("Conv", {"ink", "w"}, {"scores"}, {{.name = "strides", .ints = {{1, 4}}}})
        .output("scores");
    if (key != "inkfield.alphabet") onnx.metadata("inkfield.alphabet", "012");
    onnx.metadata(key, value);
    return refusal(onnx);
  };
  EXPECT_EQ(with("inkfield.name", "mine"), "accepted");
  EXPECT_THAT(with("inkfield.alphabet", "0123"), HasSubstr("inkfield.alphabet"));
  EXPECT_THAT(with("inkfield.alphabet", "011"), HasSubstr("twice"));
  EXPECT_THAT(with("inkfield.alphabet", "0\n1"), HasSubstr("printable"));
  EXPECT_THAT(with("other.key", ""), "accepted");
  EXPECT_THAT(with("inkfield.blank", "3"), HasSubstr("inkfield.blank"));
  EXPECT_THAT(with("inkfield.input", R"({"height_px":64})"), HasSubstr("height_px"));
  EXPECT_THAT(with("inkfield.input", R"({"frame_stride_px":8})"), HasSubstr("frame_stride_px"));
  EXPECT_THAT(with("inkfield.input", "{"), HasSubstr("JSON"));
  EXPECT_THAT(with("inkfield.input", std::string(5000, '[')), HasSubstr("nested"));
  EXPECT_THAT(with("inkfield.calibration", "{}"), HasSubstr("symbol"));
  EXPECT_THAT(with("inkfield.calibration",
                   R"({"symbol":{"a":-1,"b":0,"thresholds":[]},"line":{"a":1,"b":0,"thresholds":[]}})"),
              HasSubstr("symbol.a"));
  EXPECT_THAT(with("inkfield.calibration",
                   R"({"symbol":{"a":1,"b":0,"thresholds":[[0.1]]},"line":{"a":1,"b":0,"thresholds":[]}})"),
              HasSubstr("pairs"));
  EXPECT_THAT(
      with("inkfield.calibration",
           R"({"symbol":{"a":1,"b":0,"thresholds":[[0.1,1e999]]},"line":{"a":1,"b":0,"thresholds":[]}})"),
      HasSubstr("number"));
  for (const char* spread : {"-0.1", "1.5", "\"much\""}) {
    EXPECT_THAT(with("inkfield.calibration", R"({"symbol":{"a":1,"b":0,"thresholds":[]},"line":{"a":1,"b":0,"spread":)" +
                                                 std::string(spread) + R"(,"thresholds":[]}})"),
                HasSubstr("line.spread"));
  }
  EXPECT_EQ(
      with(
          "inkfield.calibration",
          R"({"symbol":{"a":1.2,"b":-0.1,"thresholds":[[0.1,0.5],[0.01,0.9]]},"line":{"a":1,"b":0,"thresholds":[]}})"),
      "accepted");
}

TEST(HostileModel_Metadata, FramesPerColumnThatCannotBe_SaysWhatIsWrong) {
  // Ten outputs, an alphabet of four symbols: with the blank two frames of five classes.
  const auto with = [](const std::string& frames, const std::string& alphabet = "0123", std::int64_t width = -1) {
    OnnxBuilder onnx;
    onnx.input("ink", {-1, 1, 32, width})
        .weights("w", {10, 1, 32, 4}, seeded_values(1280, 1))
        .node("Conv", {"ink", "w"}, {"scores"}, {{.name = "strides", .ints = {{1, 4}}}})
        .output("scores")
        .metadata("inkfield.input", R"({"frames_per_column":)" + frames + "}");
    if (!alphabet.empty()) onnx.metadata("inkfield.alphabet", alphabet);
    return refusal(onnx);
  };
  EXPECT_EQ(with("2"), "accepted");
  EXPECT_EQ(with("2.0"), "accepted");
  EXPECT_EQ(with("5", "0"), "accepted");
  EXPECT_EQ(with("1", "012345678"), "accepted");
  const std::string where = "inkfield.input.frames_per_column ";
  for (const auto* value : {"0", "-2", "9", "1e300", "-1e300", "2147483650"})
    EXPECT_THAT(with(value), HasSubstr(where + "is out of range")) << value;
  for (const auto* value : {R"("2")", "[2]", R"({"2":2})"})
    EXPECT_THAT(with(value), HasSubstr(where + "must be a number")) << value;
  EXPECT_THAT(with("2.5"), HasSubstr(where + "must be a whole number"));
  EXPECT_THAT(with("3"), HasSubstr(where + "is 3, which does not divide the network's 10 outputs"));
  EXPECT_THAT(with("8"), HasSubstr(where + "is 8, which does not divide the network's 10 outputs"));
  for (const auto* value : {"", "null", "true", "1e999", "2,"})
    EXPECT_THAT(with(value), HasSubstr("JSON")) << value;
  EXPECT_THAT(with(R"(2,"frames_per_column":2)"), HasSubstr("twice"));
  // The alphabet is that of one frame, and so are the ten classes that need none.
  EXPECT_THAT(with("2", "012345678"), HasSubstr("inkfield.alphabet"));
  EXPECT_THAT(with("2", ""), HasSubstr("5 classes"));
  EXPECT_EQ(with("2", "0123", 4), "accepted");
}

TEST(HostileModel_Metadata, FramesPerColumnOfAPlainClassifier_Refused) {
  OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 16, 16})
      .weights("w", {20, 1, 16, 16}, seeded_values(5120, 1))
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores")
      .metadata("inkfield.input", R"({"frames_per_column":2})");
  EXPECT_THAT(refusal(onnx), HasSubstr("no blank class but gives 2 frames"));
}

TEST(HostileModel_Metadata, FramingThatCannotBe_SaysWhichPart) {
  const auto with = [](const std::string& symbol, std::int64_t width = 16) {
    OnnxBuilder onnx;
    onnx.input("ink", {-1, 1, 16, width})
        .weights("w", {10, 1, 16, width}, seeded_values(static_cast<std::size_t>(160 * width), 1))
        .node("Conv", {"ink", "w"}, {"scores"})
        .output("scores")
        .metadata("inkfield.input", R"({"layout":"symbol","symbol":)" + symbol + "}");
    return refusal(onnx);
  };
  EXPECT_EQ(with(R"({"box_px":16,"centre":"mass","paper":-1,"ink":1})"), "accepted");
  EXPECT_EQ(with(R"({"box_px":12.5})"), "accepted");
  EXPECT_THAT(with("3"), HasSubstr("must be an object"));
  EXPECT_THAT(with("{}"), HasSubstr("box_px"));
  EXPECT_THAT(with(R"({"box_px":17})"), HasSubstr("box_px"));
  EXPECT_THAT(with(R"({"box_px":0})"), HasSubstr("box_px"));
  EXPECT_THAT(with(R"({"box_px":16,"centre":"top"})"), HasSubstr("centre"));
  EXPECT_THAT(with(R"({"box_px":16,"paper":1,"ink":-1})"), HasSubstr("ink must be above"));
  EXPECT_THAT(with(R"({"box_px":16,"paper":1})"), HasSubstr("ink"));
  EXPECT_THAT(with(R"({"box_px":8})", 24), HasSubstr("square"));
}

TEST(HostileModel_Metadata, DigitsCurveThatCannotBe_SaysWhichPart) {
  const auto with = [](const std::string& digits) {
    auto onnx = test::small_line_network();
    onnx.metadata("inkfield.calibration",
                  R"({"symbol":{"a":1,"b":0,"thresholds":[]},"line":{"a":1,"b":0,"thresholds":[]},"digits":)" + digits + "}");
    return refusal(onnx);
  };
  EXPECT_EQ(with(R"({"a":1,"b":0,"thresholds":[[0.01,0.9]]})"), "accepted");
  EXPECT_THAT(with("8"), HasSubstr("digits must be an object"));
  EXPECT_THAT(with(R"({"a":0,"b":0,"thresholds":[]})"), HasSubstr("digits.a"));
}

TEST(HostileModel_Metadata, RowThresholdsThatCannotBe_SayWhichPart) {
  const auto with = [](const std::string& row) {
    auto onnx = test::small_line_network();
    onnx.metadata("inkfield.calibration", R"({"symbol":{"a":1,"b":0,"thresholds":[],"rows":)" + row +
                                              R"(},"line":{"a":1,"b":0,"thresholds":[]}})");
    return refusal(onnx);
  };
  EXPECT_EQ(with(R"([{"cells":8,"thresholds":[[0.01,0.9]]}])"), "accepted");
  EXPECT_THAT(with("8"), HasSubstr("rows must be a list"));
  EXPECT_THAT(with("[8]"), HasSubstr("rows must hold objects"));
  EXPECT_THAT(with(R"([{"thresholds":[]}])"), HasSubstr("rows.cells"));
  EXPECT_THAT(with(R"([{"cells":1,"thresholds":[]}])"), HasSubstr("rows.cells"));
  EXPECT_THAT(with(R"([{"cells":2.5,"thresholds":[]}])"), HasSubstr("whole number"));
  EXPECT_THAT(with(R"([{"cells":8}])"), HasSubstr("rows.thresholds"));
  EXPECT_THAT(with(R"([{"cells":8,"thresholds":[[0.01,"x"]]}])"), HasSubstr("rows.thresholds"));
}

TEST(HostileModel_Metadata, CalibrationOutOfOrder_SortedAndMadeCautious) {
  auto onnx = test::small_line_network();
  onnx.metadata(
      "inkfield.calibration",
      R"({"symbol":{"a":1.5,"b":-0.25,"thresholds":[[0.1,0.6],[0.001,0.5],[0.01,0.9]]},"line":{"a":1,"b":0,"thresholds":[]}})");
  const auto network = Network::from_onnx(onnx.bytes());
  const auto& curve = network.facts().symbol_calibration;
  EXPECT_TRUE(network.facts().calibrated);
  EXPECT_DOUBLE_EQ(curve.a, 1.5);
  EXPECT_THAT(curve.thresholds, testing::ElementsAre(testing::Pair(0.001, 0.9), testing::Pair(0.01, 0.9),
                                                     testing::Pair(0.1, 0.6)));
}

TEST(HostileModel_Protobuf, KnownFieldsWithOtherWireTypes_SkippedNotAsserted) {
  std::string file;
  protozero::pbf_writer model(file);
  model.add_fixed32(7, 5);
  model.add_int64(14, 3);
  model.add_string(8, "\x08\xFF");
  EXPECT_NE(refusal({file.begin(), file.end()}), "accepted");
  std::string graph;
  protozero::pbf_writer writer(graph);
  for (std::uint32_t tag = 1; tag < 20; ++tag) {
    writer.add_int64(tag, -1);
    writer.add_fixed64(tag, 1);
    writer.add_double(tag, 1);
  }
  std::string second;
  protozero::pbf_writer(second).add_message(7, graph);
  EXPECT_NE(refusal({second.begin(), second.end()}), "accepted");
}

}  // namespace
}  // namespace inkfield::recognizer
