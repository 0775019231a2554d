// Gray to ink, lines out, strokes kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "pipeline_drawn_crops.h"
#include "plugin/pipeline/faint_strokes.h"
#include "plugin/pipeline/ink_extraction.h"
#include "plugin/pipeline/printed_lines.h"
#include "plugin/pipeline/straight_lines.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

TEST(ExtractInk, ASmallCleanDigit_PassesAlmostUnchanged) {
  Drawing drawing(28, 28);
  for (const Polyline& stroke : digit_strokes('8', 8, 4, 20)) drawing.stroke(stroke, 2.5, 0);
  const InkMap ink = extract_ink(drawing.picture());
  int worst = 0;
  for (std::size_t i = 0; i < ink.pixels.size(); ++i) worst = std::max(worst, std::abs(255 - drawing.picture().pixels[i] - ink.pixels[i]));
  EXPECT_LE(worst, 12);
}

TEST(ExtractInk, ShadedPaper_IsLevelled) {
  Drawing drawing(300, 100);
  drawing.line(30, 50, 270, 55, 4, 40);
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 300; ++x) {
      std::uint8_t& pixel = drawing.picture().row(y)[x];
      pixel = static_cast<std::uint8_t>(pixel * (250 - x / 3) / 255);
    }
  }
  const InkMap ink = extract_ink(drawing.picture());
  EXPECT_LE(ink.at(10, 10), 10);
  EXPECT_LE(ink.at(290, 90), 10);
  EXPECT_GE(ink.at(150, 52), 220);
}

TEST(ExtractInk, SecurityPrint_IsPaper) {
  Drawing drawing(300, 100);
  for (int x = 0; x < 300; x += 6) drawing.line(x, 0, x + 40, 100, 2, 205);
  drawing.line(30, 50, 270, 55, 4, 40);
  const InkMap ink = extract_ink(drawing.picture());
  int print = 0;
  for (int x = 0; x < 300; ++x) print = std::max(print, static_cast<int>(ink.at(x, 15)));
  EXPECT_LE(print, 40);
  EXPECT_GE(ink.at(150, 52), 220);
}

// The lower part of a strip is printed on a dark ground, the upper part is plain paper.
TEST(ExtractInk, BandOfDarkerPaper_IsPaperIfStrokesAreNarrower) {
  Drawing drawing(300, 100);
  for (int y = 35; y < 100; ++y) {
    for (int x = 0; x < 300; ++x) drawing.picture().row(y)[x] = 170;
  }
  drawing.line(30, 20, 270, 75, 4, 60);
  const InkMap ink = extract_ink(drawing.picture(), 20);
  Drawing clean(300, 100);
  clean.line(30, 20, 270, 75, 4, 60);
  EXPECT_NEAR(dark_pixels(ink), dark_pixels(extract_ink(clean.picture(), 20)), 80);
  EXPECT_EQ(ink.at(20, 60), 0);
}

TEST(ExtractInk, BlotWiderThanAnyStroke_StaysInkIfItIsDark) {
  Drawing drawing(300, 100);
  for (double y = 30; y <= 70; y += 2) drawing.line(100, y, 160, y, 4, 20);
  EXPECT_GE(extract_ink(drawing.picture(), 20).at(130, 50), 128);
}

TEST(ExtractInk, FaintPencil_CountsAsInk) {
  Drawing drawing(300, 100);
  drawing.line(30, 50, 270, 55, 4, 190);
  EXPECT_GE(extract_ink(drawing.picture()).at(150, 52), 200);
}

TEST(ExtractInk, WhiteOrBlackPicture_IsAllPaperOrAllInk) {
  EXPECT_EQ(dark_pixels(extract_ink(GrayImage(50, 40, 255))), 0);
  EXPECT_EQ(dark_pixels(extract_ink(GrayImage(50, 40, 200))), 0);
  EXPECT_EQ(dark_pixels(extract_ink(GrayImage(50, 40, 0))), 2000);
}

TEST(ExtractInk, FaintNoiseOnBlankPaper_IsPaper) {
  GrayImage gray(120, 80, 240);
  unsigned state = 1;
  for (std::uint8_t& pixel : gray.pixels) {
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<std::uint8_t>(230 + (state >> 24U) % 20);
  }
  EXPECT_EQ(dark_pixels(extract_ink(gray)), 0);
}

struct LineCase {
  double thickness;
  double degrees;
  int gray;
};

class RemoveLines : public ::testing::TestWithParam<LineCase> {};

// Strokes are drawn once with lines across them and once without; what is left must be nearly the same.
TEST_P(RemoveLines, AcrossStrokes_KeepsTheStrokes) {
  const LineCase& p = GetParam();
  Drawing with(420, 140);
  Drawing without(420, 140);
  for (Drawing* drawing : {&with, &without}) {
    drawing->turn(p.degrees);
    for (int i = 0; i < 8; ++i) {
      for (const Polyline& stroke : digit_strokes("14736920"[i], 35 + 45.0 * i, 35, 60)) drawing->stroke(stroke, 5, 30);
    }
  }
  with.line(10, 60, 410, 60, p.thickness, p.gray);
  GrayImage ink = extract_ink(with.picture());
  const GrayImage wanted = extract_ink(without.picture());
  std::vector<PrintedLine> lines;
  for (const ExpectedLine& expected : find_straight_lines(ink, false, 300)) lines.push_back(trace_line(ink, expected, 3, 9));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NEAR(lines[0].thickness, p.thickness, 1.3);
  remove_lines(ink, lines);
  int lost = 0;
  int added = 0;
  for (std::size_t i = 0; i < ink.pixels.size(); ++i) {
    if (wanted.pixels[i] >= 128 && ink.pixels[i] < 90) ++lost;
    if (wanted.pixels[i] < 90 && ink.pixels[i] >= 128) ++added;
  }
  const int total = dark_pixels(wanted);
  EXPECT_LE(lost, total / 40) << "of " << total;
  // Of a thick line more is left between the edges of slanting strokes.
  EXPECT_LE(added, (p.thickness > 3.5 ? total / 14 : total / 25)) << "of " << total;
}

INSTANTIATE_TEST_SUITE_P(Lines, RemoveLines,
                         ::testing::Values(LineCase{1.2, 0, 20}, LineCase{2, 0.5, 20}, LineCase{3, -1, 20}, LineCase{4, 1.5, 20}, LineCase{6, -0.7, 20},
                                           LineCase{2.5, 1, 110}));

TEST(ExtractLine, BaseLineAndFrame_AreTakenOut) {
  for (const double frame_top : {8.0, -20.0}) {
    Drawing with(400, 110);
    Drawing without(400, 110);
    for (Drawing* drawing : {&with, &without}) {
      for (int i = 0; i < 5; ++i) {
        for (const Polyline& stroke : digit_strokes("52713"[i], 60 + 50.0 * i, 28, 55)) drawing->stroke(stroke, 4);
      }
    }
    with.rectangle(8, frame_top, 392, 96, 2.5);
    config::Layout layout;
    const LineInk line = extract_line(uncalibrated(with.picture()), layout);
    const int wanted = dark_pixels(extract_ink(without.picture()));
    EXPECT_NEAR(dark_pixels(line.ink), wanted, wanted / 25.0);
  }
}

// The lower strokes of these digits lie on one level. They are no base line; the line drawn under the same digits is.
TEST(ExtractLine, RowOfDigitBottoms_IsNoBaseLine) {
  for (const char* digits : {"2200", "2202", "0000", "5205"}) {
    Drawing without(250, 90);
    Drawing with(250, 90);
    for (Drawing* drawing : {&without, &with}) {
      for (int i = 0; i < 4; ++i) {
        for (const Polyline& stroke : digit_strokes(digits[i], 12 + 58.0 * i, 18, 52)) drawing->stroke(stroke, 5);
      }
    }
    with.line(0, 79, 250, 79, 2, 90);
    config::Layout layout;
    const int wanted = dark_pixels(extract_ink(without.picture()));
    EXPECT_NEAR(dark_pixels(extract_line(uncalibrated(without.picture()), layout).ink), wanted, wanted / 50.0) << digits;
    EXPECT_NEAR(dark_pixels(extract_line(uncalibrated(with.picture()), layout).ink), wanted, wanted / 25.0) << digits;
  }
}

// The bars lie on one level, and the parts of them that stand out to the left look like a line where nothing is written.
TEST(ExtractLine, BarsOfSevens_AreNoPrintedLine) {
  for (const double scale : {1.0, 2.5}) {
    for (const double second : {26.0, 30.0}) {
      Drawing drawing(static_cast<int>(55 * scale), static_cast<int>(40 * scale));
      for (const double left : {7.0, second}) {
        drawing.stroke({{left * scale, 12 * scale}, {(left + 15) * scale, 11 * scale}, {(left + 8) * scale, 31 * scale}}, 2.2 * scale);
      }
      config::Layout layout;
      const int wanted = dark_pixels(extract_ink(drawing.picture()));
      EXPECT_GE(dark_pixels(extract_line(uncalibrated(drawing.picture()), layout).ink), 0.96 * wanted) << scale << ' ' << second;
    }
  }
}

// The crop cuts close: the stems run from its upper edge to the base line, as the sides of a frame would.
TEST(ExtractLine, UprightStemsOnABaseLine_AreNoFrame) {
  Drawing without(260, 80);
  Drawing with(260, 80);
  for (Drawing* drawing : {&without, &with}) {
    drawing->line(40, 1, 38, 66, 5);
    drawing->stroke({{80, 6}, {112, 6}, {108, 67}}, 5);
    for (const Polyline& stroke : digit_strokes('3', 150, 12, 50)) drawing->stroke(stroke, 5);
    for (const Polyline& stroke : digit_strokes('5', 200, 12, 50)) drawing->stroke(stroke, 5);
  }
  with.line(0, 72, 260, 72, 2, 90);
  config::Layout layout;
  const int wanted = dark_pixels(extract_ink(without.picture()));
  EXPECT_NEAR(dark_pixels(extract_line(uncalibrated(with.picture()), layout).ink), wanted, wanted / 20.0);
}

// Fainter than ink and on a ruled ground: the line shows only along its whole length.
TEST(ExtractLine, FaintBaseLineOnSecurityPaper_IsTakenOut) {
  Drawing without(260, 80);
  Drawing with(260, 80);
  for (Drawing* drawing : {&without, &with}) {
    for (double x = -60; x < 260; x += 9) drawing->line(x, 0, x + 50, 80, 1, 225);
  }
  with.line(0, 70, 260, 70.5, 2, 170);
  for (Drawing* drawing : {&without, &with}) {
    for (int i = 0; i < 4; ++i) {
      for (const Polyline& stroke : digit_strokes("7402"[i], 12 + 58.0 * i, 12, 52)) drawing->stroke(stroke, 4, 60);
    }
  }
  config::Layout layout;
  const int wanted = dark_pixels(extract_line(uncalibrated(without.picture()), layout).ink);
  EXPECT_NEAR(dark_pixels(extract_line(uncalibrated(with.picture()), layout).ink), wanted, wanted / 20.0);
}

// As a customer cuts it: a frame with print around it, perhaps a small cell for the sign of the currency, perhaps cut through.
struct FramedCrop {
  double top;
  double bottom;
  double right;
  bool sign_cell;
};

class ExtractFramedLine : public ::testing::TestWithParam<FramedCrop> {};

TEST_P(ExtractFramedLine, PrintAroundTheFrame_IsLeftOut) {
  const FramedCrop& p = GetParam();
  Drawing with(640, 180);
  Drawing without(640, 180);
  for (Drawing* drawing : {&with, &without}) {
    for (int i = 0; i < 6; ++i) {
      for (const Polyline& stroke : digit_strokes("250713"[i], 190 + 60.0 * i, 60, 50)) drawing->stroke(stroke, 5);
    }
  }
  with.rectangle(50, p.top, p.right, p.bottom, 2);
  if (p.sign_cell) {
    with.line(150, p.top, 150, p.bottom, 2);
    for (const Polyline& stroke : digit_strokes('7', 85, 60, 45)) with.stroke(stroke, 7);
  }
  for (const Polyline& stroke : digit_strokes('4', 8, 70, 40)) with.stroke(stroke, 4);
  if (p.top > 20) {
    for (const Polyline& stroke : digit_strokes('8', 300, -30, 46)) with.stroke(stroke, 4);
  }
  config::Layout layout;
  const LineInk line = extract_line(uncalibrated(with.picture()), layout);
  const int wanted = dark_pixels(extract_ink(without.picture()));
  EXPECT_NEAR(dark_pixels(line.ink), wanted, wanted / 25.0);
  EXPECT_NEAR(line.zone.bottom, p.bottom, 6);
  EXPECT_NEAR(line.zone.left, p.sign_cell ? 150 : 50, 6);
}

INSTANTIATE_TEST_SUITE_P(Frames, ExtractFramedLine,
                         ::testing::Values(FramedCrop{30, 140, 600, false}, FramedCrop{30, 140, 600, true}, FramedCrop{30, 140, 700, false},
                                           FramedCrop{-20, 140, 700, false}));

TEST(ExtractLine, DarkStrokesThatAreLost_AreTold) {
  config::Field field;
  field.zone = {0, 0, 30, 6};
  config::Layout layout;
  // A blot as wide as no stroke, on a page's crop, is taken for darker paper.
  Drawing blot(400, 130);
  for (double y = 40; y <= 90; y += 2) blot.line(100, y, 300, y, 4, 145);
  Drawing empty(400, 130);
  for (Drawing* drawing : {&blot, &empty}) drawing->rectangle(20, 28, 380, 102, 2.5);
  const page::RectPx zone = {20, 28, 380, 102};
  EXPECT_TRUE(extract_line(calibrated(blot.picture(), field, zone, 12), layout).strokes_lost);
  EXPECT_FALSE(extract_line(calibrated(empty.picture(), field, zone, 12), layout).strokes_lost);
  EXPECT_FALSE(extract_line(uncalibrated(empty.picture()), layout).strokes_lost);
}

TEST(ExtractLine, PencilBetweenDarkLines_IsKept) {
  Drawing drawing(480, 130);
  for (int i = 0; i < 7; ++i) {
    for (const Polyline& stroke : digit_strokes("6100092"[i], 40 + 55.0 * i, 35, 60)) drawing.stroke(stroke, 5, 160);
  }
  drawing.line(0, 12, 480, 12, 4, 10);
  drawing.line(0, 115, 480, 115, 4, 10);
  config::Field field;
  field.zone = {0, 0, 40, 8};
  config::Layout layout;
  const LineInk line = extract_line(calibrated(drawing.picture(), field, {8, 18, 472, 110}, 11.8), layout);
  const recognizer::InkComponents pieces = recognizer::find_ink_components(line.ink.view());
  int digits = 0;
  for (const recognizer::InkComponent& piece : pieces.pieces) digits += piece.height_px() > 50 ? 1 : 0;
  EXPECT_EQ(digits, 7);
}

TEST(ExtractLine, PrintOutsideTheZone_IsLeftOut) {
  Drawing drawing(400, 160);
  drawing.line(30, 12, 300, 12, 8);             // other print above
  drawing.line(100, 60, 97, 116, 4);            // a stroke hanging out below
  config::Field field;
  field.zone = {0, 0, 30, 5};
  const page::FieldCrop crop = calibrated(drawing.picture(), field, {20, 50, 380, 110}, 12);
  config::Layout layout;
  const LineInk line = extract_line(crop, layout);
  EXPECT_NEAR(dark_pixels(line.ink), 56 * 4, 40);
  EXPECT_GT(line.origin_y_px + line.ink.height_px, 116);
}

TEST(ExtractCells, ShadowOverTheLowerHalf_IsADoubt) {
  config::Field field;
  config::Layout layout;
  layout.type = config::LayoutType::boxes;
  layout.count = 3;
  layout.pitch_mm = 5;
  field.layout = layout;
  field.zone = {0, 0, 15, 6};
  const auto row_of = [&](bool shadow) {
    Drawing drawing(260, 170);
    drawing.rectangle(40, 40, 217, 111, 3);
    drawing.line(99, 40, 99, 111, 3);
    drawing.line(158, 40, 158, 111, 3);
    if (shadow) {
      for (int y = 80; y < 170; y += 2) drawing.line(0, y, 259, y, 3);
    }
    return extract_cells(calibrated(drawing.picture(), field, {40, 40, 217, 111}, 11.8), layout);
  };
  EXPECT_EQ(row_of(false).doubt, "");
  EXPECT_NE(row_of(true).doubt, "");
}

TEST(HasFaintStroke, StrokeUnderNoise_IsSeenAndNoiseAloneIsNot) {
  const page::RectPx area{10, 10, 70, 90};
  std::uint32_t random = 7;
  for (const bool stroke : {false, true}) {
    page::GrayImage darkness(80, 100, 0);
    for (int y = 0; y < 100; ++y) {
      for (int x = 0; x < 80; ++x) {
        random = random * 1664525U + 1013904223U;
        const int noise = static_cast<int>(random >> 24U) / 6;  // 0 to 42
        darkness.row(y)[x] = static_cast<std::uint8_t>(noise + (stroke && x >= 36 && x < 42 && y >= 25 && y < 75 ? 36 : 0));
      }
    }
    EXPECT_EQ(has_faint_stroke(darkness, area, 0.4, kFaintStroke, false), stroke);
  }
}

}  // namespace
}  // namespace inkfield::pipeline
