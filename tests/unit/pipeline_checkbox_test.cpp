// How much of a check box is marked, and what is no mark.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "pipeline_drawn_crops.h"
#include "plugin/pipeline/checkbox_reader.h"
#include "plugin/pipeline/ink_extraction.h"

namespace inkfield::pipeline {
namespace {

config::Field checkbox_field(double side_mm) {
  config::Field field;
  field.kind = config::FieldKind::checkbox;
  field.zone = {0, 0, side_mm, side_mm};
  return field;
}

TEST(CheckboxInkShare, EmptyTickedCrossedFilled_RisesInThatOrder) {
  const config::Field field = checkbox_field(4);
  const auto share = [&](int marks, double degrees, double frame_px) {
    Drawing drawing(110, 110);
    drawing.turn(degrees);
    drawing.rectangle(32, 32, 79, 79, frame_px);
    if (marks == 1) drawing.stroke({{42, 55}, {50, 68}, {72, 38}}, 3.5);
    if (marks == 2) {
      drawing.line(38, 38, 73, 73, 3.5);
      drawing.line(73, 38, 38, 73, 3.5);
    }
    if (marks == 3) {
      for (int y = 34; y < 78; y += 3) drawing.line(34, y, 77, y, 4);
    }
    return extract_checkbox(calibrated(drawing.picture(), field, {32, 32, 79, 79}, 11.8)).share;
  };
  for (const double degrees : {0.0, 1.5, -1.5}) {
    for (const double frame : {1.5, 3.0, 5.0}) {
      EXPECT_LT(share(0, degrees, frame), 0.005) << degrees << " " << frame;
      EXPECT_GT(share(1, degrees, frame), 0.05) << degrees << " " << frame;
      EXPECT_GT(share(2, degrees, frame), share(1, degrees, frame));
      EXPECT_GT(share(3, degrees, frame), 0.75);
    }
  }
}

TEST(ExtractCheckbox, ThickFrameAsideAndSmallerThanItsZone_IsFoundAndNotCounted) {
  const config::Field field = checkbox_field(3.8);
  for (const double aside : {-4.0, 0.0, 4.0}) {
    Drawing drawing(110, 110);
    drawing.rectangle(34 + aside, 34 + aside, 73 + aside, 73 + aside, 3.5);
    const CheckboxInk ink = extract_checkbox(calibrated(drawing.picture(), field, {32, 32, 77, 77}, 11.8));
    EXPECT_TRUE(ink.framed) << aside;
    EXPECT_LT(ink.share, 0.005) << aside;
  }
}

TEST(ExtractCheckbox, Dust_IsNoInk) {
  const config::Field field = checkbox_field(4);
  Drawing drawing(110, 110);
  drawing.rectangle(32, 32, 79, 79, 3);
  for (int i = 0; i < 25; ++i)
    drawing.line(40 + 7 * (i % 5), 40 + 7 * (i / 5), 40.5 + 7 * (i % 5), 40 + 7 * (i / 5), 1.2);
  const CheckboxInk ink = extract_checkbox(calibrated(drawing.picture(), field, {32, 32, 79, 79}, 11.8));
  EXPECT_GT(dark_pixels(ink.inside), 20) << "there is some";
  EXPECT_EQ(ink.share, 0);
}

TEST(ExtractCheckbox, SpecksAlone_AreNoStroke) {
  const config::Field field = checkbox_field(4);
  const auto ink_of = [&](bool tick) {
    Drawing drawing(110, 110);
    drawing.rectangle(32, 32, 79, 79, 3);
    for (int i = 0; i < 12; ++i) drawing.rectangle(38 + 9 * (i % 4), 40 + 11 * (i / 4), 40 + 9 * (i % 4), 42 + 11 * (i / 4), 2.5);
    if (tick) drawing.stroke({{42, 55}, {50, 68}, {72, 38}}, 3.5);
    return extract_checkbox(calibrated(drawing.picture(), field, {32, 32, 79, 79}, 11.8));
  };
  EXPECT_GT(ink_of(false).share, 0.02) << "there is ink";
  EXPECT_LT(ink_of(false).longest_stroke, 0.4);
  EXPECT_GT(ink_of(true).longest_stroke, 0.5);
}

// A fold through a box is as dark and as long as a mark; a tick that overshoots its box on one side is none.
TEST(ExtractCheckbox, LineThroughTheBox_GoesToAPerson) {
  const config::Field field = checkbox_field(4);
  const auto reading_of = [&](auto&& mark, bool runs_through) {
    Drawing drawing(150, 150);
    mark(drawing);
    drawing.rectangle(52, 52, 99, 99, 3);
    const page::FieldCrop crop = calibrated(drawing.picture(), field, {52, 52, 99, 99}, 11.8);
    EXPECT_EQ(extract_checkbox(crop).runs_through, runs_through);
    return CheckboxReader().read(crop, {});
  };
  const page::Reading folded = reading_of([](Drawing& d) { d.line(0, 76, 149, 76, 4); }, true);
  EXPECT_EQ(folded.raw_text, "checked");
  EXPECT_NE(folded.doubt, "");
  // The rim of a stain, far fainter than the frame.
  const page::Reading stained = reading_of([](Drawing& d) { d.line(0, 40, 149, 105, 8, 215); }, true);
  EXPECT_EQ(stained.raw_text, "checked");
  EXPECT_NE(stained.doubt, "");
  const page::Reading ticked = reading_of([](Drawing& d) { d.stroke({{60, 74}, {70, 88}, {110, 30}}, 3.5); }, false);
  EXPECT_EQ(ticked.raw_text, "checked");
  EXPECT_EQ(ticked.doubt, "");
}

// Paper of coarse grain with a box so faint that the grain is as dark: nothing in it can be told for a mark.
TEST(ExtractCheckbox, GrainAsDarkAsTheFrame_LiesBesideTheBoxToo) {
  const config::Field field = checkbox_field(4);
  const auto reading_of = [&](bool grain, bool tick) {
    Drawing drawing(110, 110);
    drawing.rectangle(32, 32, 79, 79, 3, 150);
    if (tick) drawing.stroke({{42, 55}, {50, 68}, {72, 38}}, 3.5, 60);
    // A label on two sides, as forms have it.
    for (int i = 0; i < 4; ++i) drawing.line(94, 34 + 12 * i, 109, 34 + 12 * i, 5);
    for (int i = 0; i < 4; ++i) drawing.line(34 + 12 * i, 2, 34 + 12 * i, 16, 5);
    page::GrayImage picture = drawing.picture();
    std::uint32_t random = 11;
    for (int y = 0; grain && y < picture.height_px; y += 6) {
      for (int x = 0; x < picture.width_px; x += 6) {
        random = random * 1664525U + 1013904223U;
        const int darker = static_cast<int>(random >> 25U);  // 0 to 127
        for (int dy = 0; dy < 6 && y + dy < picture.height_px; ++dy) {
          for (int dx = 0; dx < 6 && x + dx < picture.width_px; ++dx) {
            std::uint8_t& pixel = picture.row(y + dy)[x + dx];
            pixel = static_cast<std::uint8_t>(std::max(0, pixel - darker));
          }
        }
      }
    }
    const page::FieldCrop crop = calibrated(picture, field, {32, 32, 79, 79}, 11.8);
    return std::pair{extract_checkbox(crop), CheckboxReader().read(crop, {})};
  };
  const auto [grainy, doubtful] = reading_of(true, false);
  EXPECT_GT(grainy.beside, kMostGrain * grainy.share);
  EXPECT_EQ(doubtful.raw_text, "checked");
  EXPECT_NE(doubtful.doubt, "");
  const auto [ticked, sure] = reading_of(false, true);
  EXPECT_LT(ticked.beside, 0.01) << "a label is no grain";
  EXPECT_EQ(sure.raw_text, "checked");
  EXPECT_EQ(sure.doubt, "");
}

TEST(ExtractCheckbox, FaintTickInADarkFrame_IsWeighedAgainstThePaper) {
  const config::Field field = checkbox_field(4);
  Drawing drawing(110, 110);
  drawing.rectangle(32, 32, 79, 79, 3);
  const page::GrayImage framed = drawing.picture();
  Drawing tick(110, 110);
  tick.stroke({{42, 55}, {50, 68}, {72, 38}}, 3.5);
  const page::GrayImage stroke = tick.picture();
  // Of full ink. A tenth is still a mark; a twentieth is what shines through from the back.
  for (const int percent : {15, 10, 5}) {
    page::GrayImage picture = framed;
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
      const int darker = (255 - stroke.pixels[i]) * percent / 100;
      picture.pixels[i] = static_cast<std::uint8_t>(std::max(0, picture.pixels[i] - darker));
    }
    const CheckboxInk ink = extract_checkbox(calibrated(picture, field, {32, 32, 79, 79}, 11.8));
    EXPECT_TRUE(ink.framed) << percent;
    EXPECT_EQ(ink.faint, percent >= 10) << percent;
    // Enough to be read as a mark; less only sends the box to a person.
    EXPECT_EQ(ink.share > 0.05, percent == 15) << percent;
  }
}

TEST(ExtractCheckbox, FrameOutOfFocus_IsNoMark) {
  const config::Field field = checkbox_field(4);
  Drawing drawing(110, 110);
  drawing.rectangle(32, 32, 79, 79, 3.5);
  page::GrayImage picture = drawing.picture();
  for (int pass = 0; pass < 10; ++pass) {  // 3 x 3 means: a deviation of 2.6 px
    const page::GrayImage sharp = picture;
    for (int y = 1; y < 109; ++y) {
      for (int x = 1; x < 109; ++x) {
        int sum = 0;
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) sum += sharp.at(x + dx, y + dy);
        }
        picture.row(y)[x] = static_cast<std::uint8_t>(sum / 9);
      }
    }
  }
  EXPECT_LT(extract_checkbox(calibrated(picture, field, {32, 32, 79, 79}, 11.8)).share, 0.012);
}

}  // namespace
}  // namespace inkfield::pipeline
