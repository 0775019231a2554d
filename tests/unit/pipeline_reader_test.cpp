// Cropping, and crops through the whole reader: honest ones read, hostile ones never accepted.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "pipeline_drawn_crops.h"
#include "plugin/pipeline/field_cropping.h"
#include "plugin/pipeline/form_reader.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

using page::FieldState;
using page::GrayImage;

page::RegisteredForm registered_at(double px_per_mm, double degrees, double dx, double dy) {
  page::RegisteredForm registered;
  registered.source_px_from_mm = page::Transform::scale_shift(1, 1, dx, dy)
                                     .after(page::Transform::rotation(degrees * 3.14159265358979 / 180))
                                     .after(page::Transform::scale_shift(px_per_mm, px_per_mm, 0, 0));
  registered.scale_px_per_mm = px_per_mm;
  return registered;
}

TEST(CropField, TurnedPage_GivesAnUprightPatchWithItsQuadBack) {
  for (const double degrees : {0.0, 7.0, 180.0, -172.0}) {
    const page::RegisteredForm registered = registered_at(12, degrees, 700, 600);
    GrayImage page(1400, 1200);
    // A dark block at 20 to 24 mm across, 10 to 11 mm down.
    const page::Transform mm_from_px = registered.source_px_from_mm.inverse();
    for (int y = 0; y < page.height_px; ++y) {
      for (int x = 0; x < page.width_px; ++x) {
        const page::Point mm = mm_from_px(page::Point{x + 0.5, y + 0.5});
        if (mm.x >= 20 && mm.x < 24 && mm.y >= 10 && mm.y < 11) page.row(y)[x] = 0;
      }
    }
    config::Field field;
    field.zone = {18, 8, 10, 6};
    const page::FieldCrop crop = crop_field(page, registered, field);
    EXPECT_NEAR(crop.px_per_mm, 300 / 25.4, 0.01);
    const auto at = [&](double x_mm, double y_mm) {
      return crop.gray.at(static_cast<int>(crop.zone.left + (x_mm - 18) * crop.px_per_mm), static_cast<int>(crop.zone.top + (y_mm - 8) * crop.px_per_mm));
    };
    EXPECT_LT(at(22, 10.5), 20) << degrees;
    EXPECT_GT(at(22, 9.7), 235) << degrees;
    EXPECT_GT(at(24.3, 10.5), 235) << degrees;
    const page::Point corner = crop.source_from_crop(page::Point{crop.zone.left, crop.zone.top});
    const page::Point wanted = registered.source_px_from_mm(page::Point{18, 8});
    EXPECT_NEAR(corner.x, wanted.x, 1e-6);
    EXPECT_NEAR(corner.y, wanted.y, 1e-6);
  }
}

TEST(CropField, CoarsePageAndZoneAtTheEdge_AreNotBlownUpOrRead) {
  const GrayImage page(300, 200, 230);
  config::Field field;
  field.zone = {0, 0, 20, 6};
  const page::FieldCrop crop = crop_field(page, registered_at(5.9, 0, 0, 0), field);
  EXPECT_LE(crop.px_per_mm, 5.9 * 1.51);
  for (const std::uint8_t pixel : crop.gray.pixels) ASSERT_EQ(pixel, 230);
}

// Reads with the model that ships.
class ReadCrop : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string model = INKFIELD_MODEL;
    if (!std::filesystem::exists(model)) GTEST_SKIP() << "no model at " << model;
    auto network = std::make_shared<const recognizer::Network>(recognizer::Network::from_file(model));
    auto numbers = std::make_shared<const recognizer::NumberReader>(network);
    reader_ = std::make_unique<FormReader>(std::make_shared<const FormCatalogue>(numbers, nullptr), FieldEngines{});
    boxes_.id = "boxes";
    boxes_.layout = boxes_layout(8);
    boxes_.format.min_length = 1;
    boxes_.allowed_wrong_rate = 0.5;
    line_.id = "line";
    line_.allowed_wrong_rate = 0.5;
    digit_.id = "digit";
    digit_.layout = boxes_layout(1);
    digit_.layout.printed_lines = false;
    digit_.allowed_wrong_rate = 0.5;
    checkbox_.id = "check";
    checkbox_.kind = config::FieldKind::checkbox;
    printed_.id = "printed";
    printed_.kind = config::FieldKind::printed_text;
    printed_.format.type = config::FormatType::text;
  }

  page::FieldResult read(const GrayImage& gray, const config::Field& field) {
    page::Page page;
    page.gray = gray;
    return reader_->read_crop(page, field, {}).fields.at(0);
  }

  std::unique_ptr<FormReader> reader_;
  config::Field boxes_, line_, digit_, checkbox_, printed_;
};

TEST_F(ReadCrop, DrawnBoxes_AreReadWithAQuadForEach) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "2014753");
  const page::FieldResult result = read(drawing.picture(), boxes_);
  EXPECT_EQ(result.text, "2014753");
  ASSERT_EQ(result.characters.size(), 8U);
  EXPECT_EQ(result.characters[7].codepoint, 0U);
  EXPECT_NEAR(result.characters[1].source_quad[0].x, row.left + row.pitch + 1.25, 1.5);
}

TEST_F(ReadCrop, EmptyBoxes_AreEmptyOrMissed) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  EXPECT_EQ(read(drawing.picture(), boxes_).state, FieldState::review);
  boxes_.required = false;
  EXPECT_EQ(read(drawing.picture(), boxes_).state, FieldState::empty);
}

TEST_F(ReadCrop, EmptyBoxBetweenDigits_IsReviewed) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  write_in_boxes(drawing, row, "20 4");
  const page::FieldResult result = read(drawing.picture(), boxes_);
  EXPECT_EQ(result.state, FieldState::review);
  EXPECT_EQ(result.reason, "an empty box stands between two that are not");
}

TEST_F(ReadCrop, EndOfAStrokeFromAbove_IsNoDigit) {
  BoxRow row;
  config::Field box = digit_;
  box.layout.printed_lines = true;
  box.required = false;
  row.count = 1;
  row.left = 14;
  row.top = 14;
  for (int x = 24; x < 70; x += 3) {
    Drawing drawing(88, 92);
    draw_boxes(drawing, row);
    drawing.line(x, 0, x + 2, row.top + 9, 4);
    const page::FieldResult result = read(drawing.picture(), box);
    EXPECT_NE(result.state, FieldState::accepted) << x << " as " << result.text;
  }
}

TEST_F(ReadCrop, PrintedFieldWithoutAReader_Fails) {
  EXPECT_EQ(read(GrayImage(100, 50), printed_).state, FieldState::failed);
}

TEST_F(ReadCrop, HostileCrops_AreNeverAccepted) {
  std::vector<std::pair<std::string, GrayImage>> crops;
  crops.emplace_back("one pixel", GrayImage(1, 1, 0));
  crops.emplace_back("one row", GrayImage(500, 1, 0));
  crops.emplace_back("one column", GrayImage(1, 500, 0));
  crops.emplace_back("black", GrayImage(400, 90, 0));
  crops.emplace_back("white", GrayImage(400, 90, 255));
  crops.emplace_back("gray", GrayImage(400, 90, 128));
  crops.emplace_back("wide and white", GrayImage(10'000, 40, 255));
  crops.emplace_back("wide and black", GrayImage(10'000, 40, 0));
  GrayImage noise(400, 90);
  GrayImage wide_noise(10'000, 60);
  unsigned state = 7;
  for (GrayImage* picture : {&noise, &wide_noise}) {
    for (std::uint8_t& pixel : picture->pixels) {
      state = state * 1664525U + 1013904223U;
      pixel = static_cast<std::uint8_t>(state >> 24U);
    }
  }
  crops.emplace_back("noise", noise);
  crops.emplace_back("wide noise", wide_noise);
  Drawing grid(600, 200);
  for (int i = 0; i < 600; i += 10) grid.line(i, 0, i, 200, 2);
  for (int i = 0; i < 200; i += 10) grid.line(0, i, 600, i, 2);
  crops.emplace_back("grid", grid.picture());
  Drawing edges(300, 100);
  edges.line(-10, -10, 310, 110, 12);
  edges.line(310, -10, -10, 110, 12);
  edges.rectangle(0, 0, 300, 100, 8);
  crops.emplace_back("ink at all four sides", edges.picture());
  Drawing checkers(256, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 256; ++x) checkers.picture().row(y)[x] = (x + y) % 2 == 0 ? 0 : 255;
  }
  crops.emplace_back("checkers", checkers.picture());
  config::Field comb = boxes_;
  comb.layout.type = config::LayoutType::comb;
  config::Field many = boxes_;
  many.layout.count = 100;
  for (const auto& [name, gray] : crops) {
    for (const config::Field& field : {boxes_, line_, digit_, comb, many}) {
      const page::FieldResult result = read(gray, field);
      EXPECT_NE(result.state, FieldState::accepted) << name << ", field " << field.id << ": " << result.text;
    }
    read(gray, checkbox_);
  }
}

TEST_F(ReadCrop, NoPixels_IsAnError) {
  EXPECT_THROW(read(GrayImage(), line_), Error);
}

TEST_F(ReadCrop, CheckpointThatThrows_StopsTheCall) {
  page::Page page;
  page.gray = GrayImage(400, 90);
  ReadRequest request;
  request.checkpoint = [] { throw Error(ErrorKind::cancelled, "stop"); };
  EXPECT_THROW(reader_->read_crop(page, boxes_, request), Error);
}

TEST_F(ReadCrop, Explain_GetsCropInkAndCells) {
  BoxRow row;
  Drawing drawing(560, 150);
  draw_boxes(drawing, row);
  page::Page page;
  page.gray = drawing.picture();
  ReadRequest request;
  std::vector<std::string> names;
  request.explain = [&](const std::string& name, const GrayImage& picture) {
    EXPECT_FALSE(picture.empty());
    names.push_back(name);
  };
  reader_->read_crop(page, boxes_, request);
  EXPECT_EQ(names, (std::vector<std::string>{"boxes/crop", "boxes/ink", "boxes/cells"}));
}

}  // namespace
}  // namespace inkfield::pipeline
