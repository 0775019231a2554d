// Rows of boxes: found, emptied of their lines, the ink shared out among the cells.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "pipeline_drawn_crops.h"
#include "plugin/pipeline/ink_extraction.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

// Dark pixels of each digit drawn by itself, without boxes.
int ink_of_digit(char digit, const BoxRow& row, double pen_px) {
  Drawing drawing(200, 200);
  BoxRow one = row;
  one.left = 60;
  one.top = 60;
  write_in_boxes(drawing, one, std::string(1, digit), pen_px);
  return dark_pixels(extract_ink(drawing.picture()));
}

void expect_digits(const CellRow& cells, const std::string& digits, const BoxRow& row, double pen_px, double tolerance) {
  ASSERT_TRUE(cells.found) << cells.problem;
  ASSERT_EQ(cells.cells.size(), static_cast<std::size_t>(row.count));
  for (std::size_t i = 0; i < cells.cells.size(); ++i) {
    const char digit = i < digits.size() ? digits[i] : ' ';
    const int dark = dark_pixels(cells.cells[i].ink);
    if (digit == ' ') {
      EXPECT_EQ(dark, 0) << "box " << i;
    } else {
      const int wanted = ink_of_digit(digit, row, pen_px);
      EXPECT_NEAR(dark, wanted, tolerance * wanted) << "box " << i << ", a " << digit;
    }
  }
}

struct RowCase {
  const char* name;
  double degrees;
  double line_px;
  int line_gray;
  bool bilevel;
  page::Point shift;
};

class ExtractCells : public ::testing::TestWithParam<RowCase> {};

TEST_P(ExtractCells, DrawnRow_GivesEveryBoxItsDigitAndEmptyOnesNothing) {
  const RowCase& p = GetParam();
  BoxRow row;
  row.line_px = p.line_px;
  row.line_gray = p.line_gray;
  Drawing drawing(560, 150);
  drawing.turn(p.degrees);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "2 0458 9", 4, 20, p.shift);
  if (p.bilevel) {
    for (std::uint8_t& pixel : drawing.picture().pixels) pixel = pixel < 140 ? 0 : 255;
  }
  expect_digits(extract_cells(uncalibrated(drawing.picture()), boxes_layout(8)), "2 0458 9", row, 4, 0.13);
}

INSTANTIATE_TEST_SUITE_P(Rows, ExtractCells,
                         ::testing::Values(RowCase{"plain", 0, 2.5, 20, false, {0, 0}}, RowCase{"turned", 1, 2.5, 20, false, {0, 0}},
                                           RowCase{"turned back", -1.5, 2.5, 20, false, {0, 0}}, RowCase{"gray lines", 0.5, 2, 170, false, {0, 0}},
                                           RowCase{"pale lines", 0, 2, 215, false, {0, 0}}, RowCase{"thick lines", 0.5, 6, 20, false, {0, 0}},
                                           RowCase{"hair lines", -0.5, 1.2, 20, false, {0, 0}}, RowCase{"bilevel", 0.7, 3, 20, true, {0, 0}},
                                           RowCase{"across the walls", 0.3, 2.5, 20, false, {-17, 0}}, RowCase{"across the bottom", 0.3, 2.5, 20, false, {0, 18}},
                                           RowCase{"across the top", 0, 3, 20, false, {5, -19}}),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

TEST(ExtractCellsRow, FaintPencilInDarkBoxes_IsKept) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "1 3 5 7", 4, 175);
  const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(8));
  ASSERT_TRUE(cells.found);
  for (const std::size_t i : {0U, 2U, 4U, 6U}) EXPECT_GT(dark_pixels(cells.cells[i].ink), 80) << i;
  for (const std::size_t i : {1U, 3U, 5U, 7U}) EXPECT_EQ(dark_pixels(cells.cells[i].ink), 0) << i;
}

TEST(ExtractCellsRow, StrokeReachingIntoTheNeighbour_StaysWithItsDigit) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "2");
  const double tail_y = row.top + 0.8 * row.height;
  drawing.line(row.left + 40, tail_y, row.left + row.pitch + 22, tail_y - 6, 4);
  const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(8));
  ASSERT_TRUE(cells.found);
  EXPECT_EQ(dark_pixels(cells.cells[1].ink), 0);
  EXPECT_GT(cells.cells[0].ink.width_px, row.pitch + 15);
}

TEST(ExtractCellsRow, TailJoinedToTheNextDigit_IsCutBeforeIt) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "20");
  const double y = row.top + 0.8 * row.height;
  drawing.line(row.left + 38, y, row.left + row.pitch + 26, y - 9, 4);
  const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(8));
  ASSERT_TRUE(cells.found);
  const int zero = ink_of_digit('0', row, 4);
  EXPECT_NEAR(dark_pixels(cells.cells[1].ink), zero, 0.2 * zero);
}

TEST(ExtractCellsRow, LabelAndGuidesAround_AreLeftOut) {
  BoxRow row;
  Drawing drawing(560, 190);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "31122024");
  for (int i = 0; i < 8; ++i) {
    const double x = row.left + (i + 0.5) * row.pitch;
    drawing.rectangle(x - 8, row.bottom() + 6, x + 8, row.bottom() + 26, 4);
  }
  drawing.rectangle(6, 50, 34, 90, 4);
  expect_digits(extract_cells(uncalibrated(drawing.picture()), boxes_layout(8)), "31122024", row, 4, 0.13);
}

TEST(ExtractCellsRow, OtherCountThanAsked_IsNotFound) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  for (const int count : {3, 4, 7, 9, 16}) {
    const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(count));
    EXPECT_FALSE(cells.found) << count;
    EXPECT_EQ(cells.problem, "no row of " + std::to_string(count) + " boxes found in the crop");
  }
}

TEST(ExtractCellsRow, TwoSuchRows_AreNoAnswer) {
  Drawing drawing(560, 260);
  BoxRow row;
  draw_boxes(drawing, row);
  row.top = 150;
  draw_boxes(drawing, row);
  const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(8));
  EXPECT_FALSE(cells.found);
  EXPECT_EQ(cells.problem, "more than one row of 8 boxes found in the crop");
}

TEST(ExtractCellsRow, GapsBetweenGroups_AreFollowed) {
  Drawing drawing(640, 150);
  config::Layout layout = boxes_layout(8);
  layout.pitch_mm = 5;
  layout.gaps = {{2, 2}, {4, 2}};
  double left = 40;
  for (const int count : {2, 2, 4}) {
    BoxRow group;
    group.count = count;
    group.left = left;
    draw_boxes(drawing, group);
    write_in_boxes(drawing, group, count == 4 ? "2016" : "05");
    left = group.right() + 24;
  }
  const CellRow cells = extract_cells(uncalibrated(drawing.picture()), layout);
  ASSERT_TRUE(cells.found) << cells.problem;
  for (const Cell& cell : cells.cells) EXPECT_GT(dark_pixels(cell.ink), 80);
  EXPECT_NEAR(cells.cells[2].box.left, 40 + 144 + 1.3, 2);
}

config::Field field_of(const BoxRow& row, double px_per_mm) {
  config::Field field;
  field.layout = boxes_layout(row.count);
  field.zone = {10, 10, row.count * row.pitch / px_per_mm, row.height / px_per_mm};
  return field;
}

TEST(ExtractCellsRow, ZoneAMillimetreOff_FindsTheTrueLines) {
  BoxRow row;
  row.left = 50;
  const config::Field field = field_of(row, 11.8);
  Drawing drawing(590, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "13 ");
  const page::FieldCrop crop = calibrated(drawing.picture(), field, {row.left + 11, row.top - 9, row.right() + 11, row.bottom() - 9}, 11.8);
  const CellRow cells = extract_cells(crop, field.layout);
  ASSERT_TRUE(cells.found);
  EXPECT_EQ(cells.doubt, "");
  EXPECT_NEAR(cells.cells[0].box.left, row.left + 1.25, 1.5);
  EXPECT_NEAR(cells.cells[7].box.bottom, row.bottom() - 1.25, 1.5);
  EXPECT_GT(dark_pixels(cells.cells[1].ink), 80);
  EXPECT_EQ(dark_pixels(cells.cells[2].ink), 0);
}

TEST(ExtractCellsRow, RegisteredBoxesThatDoNotShow_RaiseADoubt) {
  BoxRow row;
  const config::Field field = field_of(row, 11.8);
  Drawing drawing(560, 150);
  write_in_boxes(drawing, row, "12345678");
  const CellRow cells = extract_cells(calibrated(drawing.picture(), field, {row.left, row.top, row.right(), row.bottom()}, 11.8), field.layout);
  ASSERT_TRUE(cells.found);
  EXPECT_NE(cells.doubt, "");
}

TEST(ExtractCellsRow, LoopOfADigitInALoneBox_IsNotTakenForTheBox) {
  BoxRow row;
  row.count = 1;
  row.left = 14;
  row.top = 14;
  for (const char digit : {'0', '6', '8', '9'}) {
    // Pens and box lines of many weights, until the loop's upper and lower bend are straight enough for rails.
    for (const double pen : {3.0, 5.0, 7.0}) {
      Drawing drawing(88, 92);
      draw_boxes(drawing, row);
      const double x = row.left + 15;
      const double y = row.top + 12;
      if (digit == '0') {
        drawing.rectangle(x, y, x + 30, y + 40, pen);
      } else {
        drawing.rectangle(x, y + (digit == '6' ? 18 : 0), x + 30, y + (digit == '9' ? 22 : 40), pen);
        if (digit == '8') drawing.line(x, y + 20, x + 30, y + 20, pen);
        if (digit == '6') drawing.line(x, y, x, y + 40, pen);
        if (digit == '9') drawing.line(x + 30, y, x + 30, y + 40, pen);
      }
      const CellRow cells = extract_cells(uncalibrated(drawing.picture()), boxes_layout(1));
      ASSERT_TRUE(cells.found) << digit << ' ' << pen;
      EXPECT_NEAR(cells.cells[0].box.width(), row.pitch, 6) << digit << ' ' << pen;
      EXPECT_NEAR(cells.cells[0].box.height(), row.height, 6) << digit << ' ' << pen;
      EXPECT_GT(dark_pixels(cells.cells[0].ink), 100) << digit << ' ' << pen;
    }
  }
}

TEST(ExtractCellsRow, DropOutBoxes_DivideTheZone) {
  BoxRow row;
  config::Field field = field_of(row, 11.8);
  field.layout.printed_lines = false;
  Drawing drawing(560, 150);
  write_in_boxes(drawing, row, "12 45678");
  const CellRow cells = extract_cells(calibrated(drawing.picture(), field, {row.left, row.top, row.right(), row.bottom()}, 11.8), field.layout);
  expect_digits(cells, "12 45678", row, 4, 0.05);
  EXPECT_EQ(cells.doubt, "");
}

TEST(ExtractCellsRow, Comb_KeepsTheDigitsAboveItsTeeth) {
  BoxRow row;
  config::Field field = field_of(row, 11.8);
  field.layout.type = config::LayoutType::comb;
  Drawing drawing(560, 150);
  drawing.line(row.left, row.bottom(), row.right(), row.bottom(), 2.5);
  for (int i = 0; i <= row.count; ++i) {
    const double x = row.left + i * row.pitch;
    drawing.line(x, row.bottom() - 0.35 * row.height, x, row.bottom(), 2.5);
  }
  write_in_boxes(drawing, row, "70 31942");
  const CellRow cells = extract_cells(calibrated(drawing.picture(), field, {row.left + 5, row.top - 5, row.right() + 5, row.bottom() - 5}, 11.8), field.layout);
  expect_digits(cells, "70 31942", row, 4, 0.13);
  EXPECT_EQ(cells.doubt, "");
}

}  // namespace
}  // namespace inkfield::pipeline
