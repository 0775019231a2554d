// What people are told about a network that they bring: all that stands in the way, each with its place and a
// cure, and nothing that only follows from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "recognizer/engine/network_inspection.h"
#include "recognizer/error.h"
#include "tests/scratch_folder.h"
#include "tests/unit/recognizer_foreign_networks.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

using test::OnnxBuilder;
using test::seeded_values;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

class Inspection : public testing::Test {
 protected:
  std::string write(const std::vector<std::uint8_t>& bytes, const std::string& name = "m.onnx") const {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }
  NetworkInspection inspect(const std::vector<std::uint8_t>& bytes) const {
    return inspect_network(write(bytes));
  }
  NetworkInspection inspect(const OnnxBuilder& onnx) const { return inspect(onnx.bytes()); }
  /// The only fault of a file, as "where: what; advice".
  std::string only_fault(const NetworkInspection& found) const {
    EXPECT_FALSE(found.network);
    EXPECT_THAT(found.first_fault, Not(IsEmpty()));
    if (found.faults.size() != 1) return std::to_string(found.faults.size()) + " faults";
    const auto& fault = found.faults[0];
    return fault.where + ": " + fault.what + "; " + fault.advice;
  }

  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

auto fault(const std::string& where, const std::string& what) {
  return AllOf(Field("where", &ModelFault::where, where), Field("what", &ModelFault::what, HasSubstr(what)),
               Field("advice", &ModelFault::advice, Not(IsEmpty())));
}

TEST_F(Inspection, OfANetworkThatRuns_TellsWhatTheFileSays) {
  const auto found = inspect(test::small_line_network());
  EXPECT_TRUE(found.network);
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_EQ(found.first_fault, "");
  EXPECT_EQ(found.opset, 13);
  EXPECT_EQ(found.input, "'ink' float32 [N, 1, 32, any]");
  EXPECT_EQ(found.output, "'scores' float32 [N, 17, 1, any]");
  EXPECT_THAT(found.operators, ElementsAre(Pair("Conv", 2), Pair("Relu", 1), Pair("MaxPool", 1)));
  for (const auto& net : test::foreign_networks())
    EXPECT_THAT(inspect(net.as_exported).faults, IsEmpty()) << net.name;
}

TEST_F(Inspection, OfSeveralUnsupportedParts_ListsEachOnceAndNothingThatFollows) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w", {4, 1, 3, 3}, seeded_values(36, 1))
      .weights("w2", {10, 4, 3, 3}, seeded_values(360, 1))
      .node("Conv", {"ink", "w"}, {"a"}, {}, "first")
      .node("Elu", {"a"}, {"b"}, {}, "elu1")
      .node("Conv", {"b", "w2"}, {"c"}, {{.name = "auto_pad", .s = "SOMEHOW"}}, "second")
      .node("Elu", {"c"}, {"d"}, {}, "elu2")
      .node("MaxPool", {"d"}, {"e"}, {{.name = "dilations", .ints = {{2, 2}}}}, "pool")
      .node("LRN", {"e"}, {"f"}, {}, "norm")
      .node("FusedConv", {"f"}, {"g"}, {}, "fused")
      .node("Conv", {"ink", "w2"}, {"h"}, {}, "other")
      .output("g");
  const auto found = inspect(onnx);
  EXPECT_FALSE(found.network);
  EXPECT_THAT(found.faults,
              ElementsAre(fault("node Elu 'elu1'", "'Elu' is not supported"),
                          fault("node Conv 'second'", "'SOMEHOW'"), fault("node MaxPool 'pool'", "dilations"),
                          fault("node MaxPool 'pool'", "kernel_shape"), fault("node LRN 'norm'", "'LRN'"),
                          fault("node FusedConv 'fused'", "'FusedConv'"),
                          AllOf(Field(&ModelFault::where, "node Conv 'other'"),
                                Field(&ModelFault::what, HasSubstr("for 4 input channels")))));
  EXPECT_EQ(found.faults[0].count, 2);
  EXPECT_THAT(found.faults[0].advice, HasSubstr("LeakyRelu"));
  EXPECT_THAT(found.first_fault, HasSubstr("elu1"));
}

TEST_F(Inspection, OfAQuantizedExport_SaysToExportFloats) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 28, 28})
      .node("QuantizeLinear", {"ink"}, {"q"})
      .node("QLinearConv", {"q"}, {"c"})
      .node("DequantizeLinear", {"c"}, {"out"})
      .output("out");
  const auto found = inspect(onnx);
  ASSERT_THAT(found.faults, SizeIs(2));  // the third is what becomes of the second; of weights it is none
  for (const auto& one : found.faults) EXPECT_THAT(one.advice, HasSubstr("float32"));
}

TEST_F(Inspection, OfAnotherInput_StillLooksAtEveryNode) {
  OnnxBuilder onnx;
  onnx.input("picture", {1, 3, 224, 224})
      .node("Conv", {"picture", "w"}, {"a"})
      .node("Gelu", {"a"}, {"b"})
      .output("b");
  const auto found = inspect(onnx);
  ASSERT_THAT(found.faults, SizeIs(2));
  EXPECT_THAT(found.faults[0].what,
              AllOf(HasSubstr("'picture'"), HasSubstr("one channel"), HasSubstr("found 3")));
  EXPECT_THAT(found.faults[1].what, HasSubstr("'Gelu'"));
}

TEST_F(Inspection, OfWrongOperatorSets_NamesThem) {
  auto onnx = test::small_line_network();
  onnx.opset = 6;
  EXPECT_THAT(only_fault(inspect(onnx)),
              AllOf(HasSubstr("set 6 is older"), HasSubstr("export with operator set 13")));
  onnx.opset = 4000;
  EXPECT_THAT(only_fault(inspect(onnx)), HasSubstr("set 4000 is newer"));
  onnx.opset = -1;
  EXPECT_THAT(only_fault(inspect(onnx)), HasSubstr("set -1 is older"));
}

TEST_F(Inspection, OfMetadataThatLies_NamesTheKey) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .weights("w", {10, 1, 16, 16}, seeded_values(2560, 1))
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores")
      .metadata("inkfield.input", R"({"height_px":32})");
  EXPECT_THAT(only_fault(inspect(onnx)),
              AllOf(HasSubstr("metadata: "), HasSubstr("height_px"), HasSubstr("16")));
}

TEST_F(Inspection, OfFilesThatAreNoModel_SaysSo) {
  EXPECT_THAT(only_fault(inspect(std::vector<std::uint8_t>{})), HasSubstr("empty"));
  const std::string text = "<html>404</html>";
  EXPECT_THAT(only_fault(inspect(std::vector<std::uint8_t>(text.begin(), text.end()))), HasSubstr("file: "));
  auto cut = test::small_line_network().bytes();
  cut.resize(cut.size() / 2);
  EXPECT_THAT(only_fault(inspect(cut)), HasSubstr("cut short"));
  EXPECT_THAT(only_fault(inspect(std::vector<std::uint8_t>(5000, 0))), HasSubstr("file: "));
}

TEST_F(Inspection, OfHugeDimensions_Refused) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, INT64_MAX, INT64_MAX})
      .weights("w", {INT64_MAX, 2, 3, 3}, {})
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores");
  EXPECT_THAT(only_fault(inspect(onnx)), HasSubstr("asks for more than"));
  OnnxBuilder wide;
  wide.input("ink", {1, 1, INT64_MAX, INT64_MAX}).node("Relu", {"ink"}, {"scores"}).output("scores");
  EXPECT_THAT(only_fault(inspect(wide)), HasSubstr("height"));
}

TEST_F(Inspection, OfWeightsInAnotherFile_SaysToSaveOne) {
  OnnxBuilder onnx;
  onnx.input("ink", {1, 1, 16, 16})
      .external_weights("w", {10, 1, 16, 16}, "../../../../etc/passwd")
      .node("Conv", {"ink", "w"}, {"scores"})
      .output("scores");
  EXPECT_THAT(only_fault(inspect(onnx)), AllOf(HasSubstr("another file"), HasSubstr("one file")));
}

TEST_F(Inspection, OfNamesWithControlCharacters_NeverRepeatsThem) {
  OnnxBuilder onnx;
  const std::string nasty = "a\x1b[31m\n\r\x07\xff";
  onnx.input(nasty, {1, 1, 16, 16})
      .node(nasty, {nasty}, {"b"}, {}, nasty)
      .node("Relu", {nasty}, {nasty + "2"}, {{.name = nasty}}, nasty)
      .output(nasty);
  const auto found = inspect(onnx);
  EXPECT_FALSE(found.network);
  std::string all = found.input + found.output + found.first_fault;
  for (const auto& one : found.faults) all += one.where + one.what + one.advice;
  for (const auto& [name, count] : found.operators) all += name;
  for (const char c : all) EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
}

TEST_F(Inspection, OfWhatIsNoFile_ThrowsWithItsName) {
  const auto message = [](const std::string& path) -> std::string {
    try {
      (void)inspect_network(path);
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::invalid_model);
      return error.what();
    }
    return "read";
  };
  EXPECT_THAT(message(folder_), AllOf(HasSubstr("folder"), HasSubstr(folder_.string())));
  EXPECT_THAT(message(folder_ / "nothing.onnx"), HasSubstr("nothing.onnx"));
}

TEST_F(Inspection, OfAPipe_ReadsIt) {
  const auto bytes = test::small_line_network().bytes();
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string file = write(bytes);
  ASSERT_EQ(std::system(("cat '" + file + "' > '" + pipe + "' &").c_str()), 0);
  EXPECT_TRUE(inspect_network(pipe).network);
}

}  // namespace
}  // namespace inkfield::recognizer
