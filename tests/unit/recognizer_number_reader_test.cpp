// From ink to readings, with a network simple enough to be understood: it reads upright strokes as 1 and
// nothing else, by weighing the ink of every four columns.
#include "recognizer/decoding/number_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include "recognizer/error.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

/// An ink map that owns its pixels.
struct Ink {
  int width, height;
  std::vector<std::uint8_t> pixels;
  Ink(int width_px, int height_px)
      : width(width_px), height(height_px), pixels(static_cast<std::size_t>(width_px * height_px), 0) {}
  Ink& stroke(int x, int thickness = 4, int margin = 6) {
    for (int y = margin; y < height - margin; ++y) {
      for (int i = 0; i < thickness; ++i) pixels[static_cast<std::size_t>(y * width + x + i)] = 255;
    }
    return *this;
  }
  // Crosses the middle of the line at `middle` and leans by `slant` columns for each row up.
  Ink& leaning_stroke(int middle, double slant) {
    for (int y = 6; y < height - 6; ++y) {
      const int x = middle - 2 + static_cast<int>(std::lround(slant * (0.5 * (height - 1) - y)));
      for (int i = 0; i < 4; ++i) pixels[static_cast<std::size_t>(y * width + x + i)] = 255;
    }
    return *this;
  }
  [[nodiscard]] ImageView view() const { return {pixels.data(), width, height, width}; }
};

// The same with two frames for every four columns, each of which weighs its own two.
test::OnnxBuilder two_frames_network() {
  std::vector<float> weights(2 * 17 * 32 * 4, 0.0F);
  std::vector<float> bias(2 * 17, -12.0F);
  for (std::size_t frame = 0; frame < 2; ++frame) {
    bias[frame * 17] = 0.0F;
    bias[frame * 17 + 2] = -8.0F;
    for (std::size_t row = 0; row < 32; ++row)
      std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(((frame * 17 + 2) * 32 + row) * 4 + 2 * frame), 2, 1.0F);
  }
  test::OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 32, -1})
      .weights("w", {34, 1, 32, 4}, weights)
      .weights("b", {34}, bias)
      .node("Conv", {"ink", "w", "b"}, {"scores"}, {{.name = "strides", .ints = {{1, 4}}}})
      .output("scores")
      .metadata("inkfield.alphabet", "0123456789,.-/=?")
      .metadata("inkfield.input", R"({"frames_per_column":2})");
  return onnx;
}

// `comma_score` is that of a comma anywhere on the paper, where the blank has 0.
test::OnnxBuilder stroke_network(const std::string& calibration = {}, float comma_score = -12.0F) {
  std::vector<float> weights(17 * 32 * 4, 0.0F);
  std::fill_n(weights.begin() + 2 * 128, 128, 0.5F);  // class 2 is the symbol 1
  std::vector<float> bias(17, -12.0F);
  bias[0] = 0.0F;
  bias[2] = -8.0F;
  bias[11] = comma_score;
  test::OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 32, -1})
      .weights("w", {17, 1, 32, 4}, weights)
      .weights("b", {17}, bias)
      .node("Conv", {"ink", "w", "b"}, {"scores"}, {{.name = "strides", .ints = {{1, 4}}}})
      .output("scores")
      .metadata("inkfield.alphabet", "0123456789,.-/=?")
      .metadata("inkfield.blank", "0");
  if (!calibration.empty()) onnx.metadata("inkfield.calibration", calibration);
  return onnx;
}

NumberReader reader_of(const test::OnnxBuilder& onnx) {
  return NumberReader(std::make_shared<const Network>(Network::from_onnx(onnx.bytes())));
}

TEST(NumberReader_Cells, StrokesAndOneEmptyCell_ReadWithItsGap) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink one = Ink(40, 40).stroke(18);
  const Ink none(40, 40);
  const ImageView cells[] = {one.view(), none.view(), one.view()};
  const auto reading = reader.read_cells(cells, 40, Automaton::digits(1, 3), scratch);
  EXPECT_EQ(reading.raw_text, "11");
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates[0].text, "11");
  EXPECT_TRUE(reading.gap_between_digits);
  EXPECT_FALSE(reading.changed_by_format);
  EXPECT_GT(reading.confidence, 0.9);
  EXPECT_LT(reading.empty_probability, 0.01);
  ASSERT_EQ(reading.characters.size(), 3U);
  EXPECT_EQ(reading.characters[0].symbol, '1');
  EXPECT_EQ(reading.characters[1].symbol, 0);
  EXPECT_EQ(reading.characters[2].cell, 2);
  EXPECT_DOUBLE_EQ(reading.characters[0].begin_px, 18);
  EXPECT_DOUBLE_EQ(reading.characters[0].end_px, 22);
}

TEST(NumberReader_Cells, NetworkWithAFramingOfItsOwn_GetsIt) {
  // Says 3 if its first pixel lies below -0.5 and 7 otherwise: only that framing knows negative paper.
  std::vector<float> weights(10 * 256, 0.0F);
  weights[3 * 256] = -20.0F;
  std::vector<float> bias(10, -30.0F);
  bias[3] = -10.0F;
  bias[7] = 0.0F;
  test::OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 16, 16})
      .weights("w", {10, 1, 16, 16}, weights)
      .weights("b", {10}, bias)
      .node("Conv", {"ink", "w", "b"}, {"scores"})
      .output("scores");
  const Ink one = Ink(40, 40).stroke(18);
  const ImageView cells[] = {one.view()};
  NumberReader::Scratch scratch;
  EXPECT_EQ(reader_of(onnx).read_cells(cells, 40, Automaton::digits(1, 1), scratch).raw_text, "7");
  onnx.metadata("inkfield.input", R"({"layout":"symbol","symbol":{"box_px":16,"paper":-1,"ink":1}})");
  EXPECT_EQ(reader_of(onnx).read_cells(cells, 40, Automaton::digits(1, 1), scratch).raw_text, "3");
}

TEST(NumberReader_Cells, AllEmpty_NoInventedDigits) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink none(40, 40);
  const std::vector<ImageView> cells(8, none.view());
  const auto date = Automaton::dates("DDMMYYYY", "1950-01-01", "2049-12-31", "");
  const auto reading = reader.read_cells(cells, 40, date, scratch);
  EXPECT_TRUE(reading.candidates.empty());
  EXPECT_EQ(reading.empty_probability, 1.0);
  EXPECT_EQ(reading.confidence, 0.0);
  EXPECT_EQ(reading.raw_text, "");
  const auto optional = reader.read_cells(cells, 40, Automaton::digits(0, 8), scratch);
  ASSERT_FALSE(optional.candidates.empty());
  EXPECT_EQ(optional.candidates[0].text, "");
  EXPECT_GT(optional.confidence, 0.99);
}

TEST(NumberReader_Cells, TwoStrokesInOneCell_NoDigitIsTrusted) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink two = Ink(60, 40).stroke(14).stroke(42);
  const ImageView cells[] = {two.view()};
  const auto reading = reader.read_cells(cells, 40, Automaton::digits(1, 1), scratch);
  EXPECT_EQ(reading.raw_text, "?");
  EXPECT_LT(reading.confidence, 0.1);
  EXPECT_LT(reading.confidence, reader.row_threshold(0.5, 1));
}

TEST(NumberReader_Cells, FormatForbidsTheInk_WeakCandidateThatIsNotTrusted) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink one = Ink(40, 40).stroke(18);
  const ImageView cells[] = {one.view(), one.view()};
  const auto reading = reader.read_cells(cells, 40, Automaton::any_of({"17", "71"}), scratch);
  ASSERT_EQ(reading.candidates.size(), 2U);
  EXPECT_EQ(reading.raw_text, "11");
  EXPECT_TRUE(reading.changed_by_format);
  EXPECT_LT(reading.confidence, 0.01);
}

TEST(NumberReader_Cells, AnyCompany_SameBits) {
  const auto reader = reader_of(stroke_network());
  const Ink one = Ink(40, 40).stroke(18);
  const Ink other = Ink(40, 40).stroke(13, 7);
  NumberReader::Scratch scratch;
  const ImageView alone[] = {other.view()};
  const ImageView together[] = {one.view(), other.view(), one.view()};
  const auto first = reader.read_cells(together, 40, Automaton::digits(0, 3), scratch);
  const auto second = reader.read_cells(alone, 40, Automaton::digits(0, 3), scratch);
  EXPECT_EQ(first.characters[1].confidence, second.characters[0].confidence);
}

TEST(NumberReader_Line, ThreeStrokes_ReadInPlace) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink line = Ink(200, 40).stroke(20).stroke(90).stroke(160);
  const auto reading = reader.read_line(line.view(), 40, Automaton::digits(1, 10), scratch);
  EXPECT_EQ(reading.raw_text, "111");
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates[0].text, "111");
  ASSERT_EQ(reading.characters.size(), 3U);
  EXPECT_DOUBLE_EQ(reading.characters[0].begin_px, 20);
  EXPECT_DOUBLE_EQ(reading.characters[1].begin_px, 90);
  EXPECT_DOUBLE_EQ(reading.characters[1].end_px, 94);
  EXPECT_DOUBLE_EQ(reading.characters[2].end_px, 164);
  EXPECT_EQ(reading.characters[2].cell, -1);
  EXPECT_GT(reading.confidence, 0.9);
}

TEST(NumberReader_Line, StrokesThatLeanFar_ReadInPlace) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  for (const double slant : {-0.9, 0.9}) {
    const Ink line =
        Ink(240, 40).leaning_stroke(40, slant).leaning_stroke(120, slant).leaning_stroke(200, slant);
    const auto reading = reader.read_line(line.view(), 40, Automaton::digits(1, 10), scratch);
    EXPECT_EQ(reading.raw_text, "111") << slant;
    EXPECT_GT(reading.confidence, 0.9) << "as they lean, the network hardly sees them";
    ASSERT_EQ(reading.characters.size(), 3U);
    for (int i = 0; i < 3; ++i) {
      const auto& character = reading.characters[static_cast<std::size_t>(i)];
      EXPECT_NEAR(0.5 * (character.begin_px + character.end_px), 40 + 80 * i, 1.5) << slant;
      EXPECT_NEAR(character.end_px - character.begin_px, 4 + 27 * std::abs(slant), 2) << slant;
    }
  }
}

TEST(NumberReader_Line, TwoFramesAColumn_ReadInPlaceAndNarrowDigitsApart) {
  const auto one = reader_of(stroke_network());
  const auto two = reader_of(two_frames_network());
  NumberReader::Scratch scratch;
  // The gaps of the pair are less than a column.
  const Ink line = Ink(200, 40).stroke(20).stroke(90, 3).stroke(97, 3).stroke(160);
  const auto format = Automaton::digits(1, 10);
  EXPECT_EQ(one.read_line(line.view(), 40, format, scratch).raw_text, "111");
  const auto reading = two.read_line(line.view(), 40, format, scratch);
  EXPECT_EQ(reading.raw_text, "1111");
  ASSERT_EQ(reading.characters.size(), 4U);
  EXPECT_DOUBLE_EQ(reading.characters[0].begin_px, 20);
  EXPECT_DOUBLE_EQ(reading.characters[0].end_px, 24);
  EXPECT_DOUBLE_EQ(reading.characters[1].begin_px, 90);
  EXPECT_DOUBLE_EQ(reading.characters[2].end_px, 100);
  EXPECT_DOUBLE_EQ(reading.characters[3].begin_px, 160);
  EXPECT_DOUBLE_EQ(reading.characters[3].end_px, 164);
}

TEST(NumberReader_Line, DoubtfulComma_LeavesTheAmountSure) {
  const auto reader = reader_of(stroke_network({}, -3.0F));
  NumberReader::Scratch scratch;
  const Ink line = Ink(260, 40).stroke(20).stroke(80).stroke(140).stroke(200);
  const auto plain = reader.read_line(line.view(), 40, Automaton::digits(1, 10), scratch);
  const auto amount = reader.read_line(line.view(), 40, Automaton::amounts({.decimals = 0, .terminators = {}}), scratch);
  ASSERT_FALSE(amount.candidates.empty());
  std::string digits = amount.candidates[0].text;
  std::erase(digits, ',');
  EXPECT_EQ(digits, "1111");
  // 1111 with and without its comma are one candidate, and likelier than 1111 alone.
  EXPECT_GT(amount.candidates[0].probability, 1.2 * plain.candidates[0].probability);
  for (std::size_t i = 1; i < amount.candidates.size(); ++i) {
    std::string other = amount.candidates[i].text;
    std::erase(other, ',');
    EXPECT_NE(other, digits);
  }
}

// Lines of digits alone as sure as their probability says, and as how far they stand above their rivals.
std::string curves(const std::string& spread) {
  return R"({"symbol":{"a":1,"b":0,"thresholds":[]},"line":{"a":1,"b":0,"thresholds":[]},"digits":{"a":1,"b":0)" +
         spread + R"(,"thresholds":[]}})";
}

TEST(NumberReader_Line, ModelWithASpread_CountsRivalsOfDigitsAlone) {
  NumberReader::Scratch scratch;
  // Each stroke may be a comma, too: the more strokes, the more spellings beside the digits.
  const Ink line = Ink(260, 40).stroke(20).stroke(80).stroke(140).stroke(200);
  const auto format = Automaton::digits(1, 10);
  const auto plain = reader_of(stroke_network(curves(""), -3.0F)).read_line(line.view(), 40, format, scratch);
  const auto spread = reader_of(stroke_network(curves(R"(,"spread":0.03)"), -3.0F))
                          .read_line(line.view(), 40, format, scratch);
  ASSERT_FALSE(plain.candidates.empty());
  EXPECT_NEAR(plain.confidence, plain.candidates[0].probability, 1e-9);
  EXPECT_EQ(spread.candidates[0].text, plain.candidates[0].text);
  EXPECT_EQ(spread.candidates[0].probability, plain.candidates[0].probability);
  EXPECT_GT(spread.confidence, plain.confidence);
  EXPECT_LT(spread.confidence, 1.0);
}

TEST(NumberReader_Line, AFormatThatTheInkContradicts_IsNoSurerByASpread) {
  NumberReader::Scratch scratch;
  const Ink line = Ink(200, 40).stroke(20).stroke(90).stroke(160);
  // 111 is written; of what the format allows nothing else comes near 7.
  const auto format = Automaton::any_of({"7"});
  const auto reading =
      reader_of(stroke_network(curves(R"(,"spread":0.03)"))).read_line(line.view(), 40, format, scratch);
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.raw_text, "111");
  EXPECT_TRUE(reading.changed_by_format);
  EXPECT_LT(reading.confidence, 0.01);
}

TEST(NumberReader_Line, Hairline_IsNoOne) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const auto format = Automaton::digits(1, 10);
  EXPECT_EQ(reader.read_line(Ink(40, 100).stroke(18, 1).view(), 100, format, scratch).raw_text, "?");
  EXPECT_EQ(reader.read_line(Ink(1, 100).stroke(0, 1).view(), 100, format, scratch).raw_text, "?");
  EXPECT_EQ(reader.read_line(Ink(40, 100).stroke(18, 4).view(), 100, format, scratch).raw_text, "1");
  const Ink beside = Ink(60, 100).stroke(18, 1).stroke(40, 4);
  EXPECT_NE(reader.read_line(beside.view(), 100, format, scratch).raw_text, "?") << "something else is written";
}

TEST(NumberReader_Line, NoInk_EmptyForSure) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink none(200, 40);
  for (const ImageView view : {none.view(), ImageView{}}) {
    const auto reading = reader.read_line(view, 40, Automaton::digits(1, 10), scratch);
    EXPECT_EQ(reading.empty_probability, 1.0);
    EXPECT_TRUE(reading.candidates.empty());
    EXPECT_EQ(reading.confidence, 0.0);
    EXPECT_EQ(reader.read_line(view, 40, Automaton::digits(0, 10), scratch).confidence, 1.0);
  }
}

TEST(NumberReader_Line, ImpossibleFormat_NoCandidates) {
  const auto reader = reader_of(stroke_network());
  NumberReader::Scratch scratch;
  const Ink line = Ink(200, 40).stroke(20);
  const auto reading = reader.read_line(line.view(), 40, Automaton::any_of({}), scratch);
  EXPECT_TRUE(reading.candidates.empty());
  EXPECT_EQ(reading.raw_text, "1");
}

TEST(NumberReader_Threshold, Cells_EachMayErrAnEqualShare) {
  const auto reader = reader_of(stroke_network(
      R"({"symbol":{"a":1,"b":0,"thresholds":[[0.001,0.99],[0.01,0.9]]},"line":{"a":1,"b":0,"thresholds":[[0.01,0.8]]}})"));
  EXPECT_DOUBLE_EQ(reader.line_threshold(0.01, Automaton::anything(8)), 0.92);  // not the measured 0.8: no doubtful answer rides along
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 1), 0.92);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 2), 0.99);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 100), 0.99);  // the confidence at its word is enough
  EXPECT_DOUBLE_EQ(reader_of(stroke_network()).row_threshold(0.01, 8), 0.99);
}

TEST(NumberReader_Threshold, RowsThatWereCounted_SayIt) {
  const auto reader = reader_of(stroke_network(
      R"({"symbol":{"a":1,"b":0,"thresholds":[[0.001,0.995],[0.01,0.92]],"rows":[{"cells":8,"thresholds":[[0.005,0.98],[0.01,0.95]]},{"cells":4,"thresholds":[[0.01,0.93]]}]},)"
      R"("line":{"a":1,"b":0,"thresholds":[[0.01,0.8]]}})"));
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 1), 0.92);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 8), 0.95);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 5), 0.95);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 4), 0.93);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 2), 0.93);
  EXPECT_DOUBLE_EQ(reader.row_threshold(0.01, 16), 0.98);  // each half of a longer row may take half of the rate
  EXPECT_DOUBLE_EQ(reader.line_threshold(0.01, Automaton::anything(8)), 0.92);
}

TEST(NumberReader_Line, OfDigitsAlone_HasACurveOfItsOwn) {
  const auto reader = reader_of(stroke_network(
      R"({"symbol":{"a":1,"b":0,"thresholds":[]},"line":{"a":1,"b":-2,"thresholds":[[0.01,0.97]]},"digits":{"a":1,"b":0,"thresholds":[[0.01,0.93]]}})"));
  const Automaton digits = Automaton::digits(1, 8);
  const Automaton with_marks = Automaton::pattern("9{1,8},?");
  EXPECT_TRUE(digits.digits_only());
  EXPECT_FALSE(with_marks.digits_only());
  EXPECT_FALSE(Automaton::anything(3).digits_only());
  EXPECT_DOUBLE_EQ(reader.line_threshold(0.01, digits), 0.93);
  EXPECT_DOUBLE_EQ(reader.line_threshold(0.01, with_marks), 0.97);
  NumberReader::Scratch scratch;
  const Ink line = Ink(200, 40).stroke(20);
  const auto alone = reader.read_line(line.view(), 40, digits, scratch);
  const auto marked = reader.read_line(line.view(), 40, with_marks, scratch);
  ASSERT_FALSE(alone.candidates.empty());
  EXPECT_DOUBLE_EQ(alone.candidates[0].probability, marked.candidates[0].probability);
  EXPECT_GT(alone.confidence, marked.confidence);
  // A file without that curve has the one of all lines.
  const auto older = reader_of(stroke_network(R"({"symbol":{"a":1,"b":0,"thresholds":[]},"line":{"a":1,"b":-2,"thresholds":[[0.01,0.97]]}})"));
  EXPECT_DOUBLE_EQ(older.line_threshold(0.01, digits), 0.97);
}

TEST(NumberReader_Classifier, TenClassesWithoutMetadata_ReadsCellsAndRefusesLines) {
  // Ink in the left half speaks for 0, in the right half for 1.
  std::vector<float> weights(10 * 28 * 28, 0.0F);
  for (std::size_t y = 0; y < 28; ++y) {
    for (std::size_t x = 0; x < 28; ++x) weights[(x < 14 ? 0 : 784) + y * 28 + x] = 0.2F;
  }
  test::OnnxBuilder onnx;
  onnx.input("image", {1, 1, 28, 28})
      .weights("w", {10, 784}, weights)
      .node("Flatten", {"image"}, {"flat"})
      .node("Gemm", {"flat", "w"}, {"scores"}, {{.name = "transB", .i = 1}})
      .output("scores", {1, 10});
  const auto reader = reader_of(onnx);
  NumberReader::Scratch scratch;
  Ink right = Ink(40, 40).stroke(30, 8).stroke(10, 2);
  const Ink none(40, 40);
  const ImageView cells[] = {right.view(), none.view()};
  const auto reading = reader.read_cells(cells, 40, Automaton::digits(0, 2), scratch);
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates[0].text, "1");
  EXPECT_EQ(reading.characters[1].symbol, 0);
  EXPECT_THROW(reader.read_line(right.view(), 40, Automaton::digits(0, 2), scratch), Error);
}

TEST(NumberReader_Network, None_Refused) { EXPECT_THROW(NumberReader(nullptr), Error); }

}  // namespace
}  // namespace inkfield::recognizer
