// What is cut out of a page: a field that is not all seen is neither empty nor read, and each kind is cut as
// fine as it needs.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/abi/drawn_form.h"
#include "tests/scratch_folder.h"

namespace {

using namespace inkfield;
using drawing::field_of;
using nlohmann::json;

constexpr double kScale_px_per_mm = 8;

/// The drawn page as its scanner saw it: `width_mm` of it. Two fields lie at its right edge, with nothing in them.
Result read_first(double width_mm) {
  json form = json::parse(drawing::drawn_template());
  const json edge = {{"x_mm", 80}, {"y_mm", 20}, {"width_mm", 19.9}, {"height_mm", 6}};
  form["fields"].push_back({{"id", "edge_number"}, {"kind", "handwritten_number"}, {"zone", edge}, {"layout", {{"type", "line"}}},
                            {"format", {{"type", "digits"}, {"min_length", 1}, {"max_length", 6}}}, {"required", false}});
  form["fields"].push_back({{"id", "edge_code"}, {"kind", "barcode"}, {"zone", edge}, {"symbologies", {"qr"}}, {"required", false}});
  EngineOptions options;
  options.templates_json = form.dump();
  options.strict = true;
  const Engine engine(Library::linked(), options);
  Session session(engine);
  const drawing::DrawnPage page = drawing::drawn_page(kScale_px_per_mm);
  inkfield_image image = page.image();
  image.stride_bytes = image.width_px;
  image.width_px = static_cast<std::int32_t>(width_mm * kScale_px_per_mm);
  return session.read_page(image);
}

TEST(CutPage, WholePage_FieldsAtTheEdgeAreEmpty) {
  const Result result = read_first(100);
  EXPECT_EQ(field_of(result, "edge_number").state, INKFIELD_FIELD_EMPTY);
  EXPECT_EQ(field_of(result, "edge_code").state, INKFIELD_FIELD_EMPTY);
}

TEST(CutPage, FieldPartlyOutside_FailsWithAReason) {
  const Result result = read_first(98.5);
  EXPECT_EQ(field_of(result, "number").text, "1717");
  for (const char* id : {"edge_number", "edge_code"}) {
    EXPECT_EQ(field_of(result, id).state, INKFIELD_FIELD_FAILED) << id;
    EXPECT_EQ(field_of(result, id).reason, "part of the field lies outside the picture") << id;
  }
}

/// Pixels a millimetre of the crops that a page of 15 was cut into, by field.
std::map<std::string, double> crop_scales(const std::string& drop_out) {
  json form = json::parse(drawing::drawn_template());
  if (!drop_out.empty()) form["drop_out"] = drop_out;
  EngineOptions options;
  options.templates_json = form.dump();
  options.strict = true;
  const Engine engine(Library::linked(), options);
  const drawing::DrawnPage page = drawing::drawn_page(15);
  const tests::ScratchFolder scratch;
  ReadOptions read;
  read.explain_folder = scratch.path().string();
  Session(engine).read_page(page.image(), read);
  std::map<std::string, double> scales;
  for (const auto& field : form["fields"]) {
    const std::string id = field["id"];
    // The zone and half its height around it, within 2.5 and 5 mm.
    const double height_mm = field["zone"]["height_mm"];
    const double width_mm = field["zone"]["width_mm"].get<double>() + 2 * std::clamp(height_mm / 2, 2.5, 5.0);
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
      const std::string name = entry.path().filename().string();
      if (name.find(id) == std::string::npos || name.find("crop") == std::string::npos) continue;
      Document picture = engine.open(entry.path().string());
      scales[id] = picture.page(0).width_px / width_mm;
    }
  }
  return scales;
}

TEST(CropScale, HandwrittenNumbers_Are225DpiAndTicksAndPrint300) {
  const std::map<std::string, double> scales = crop_scales("");
  ASSERT_EQ(scales.size(), 3U);
  EXPECT_NEAR(scales.at("number"), 225 / 25.4, 0.05);
  EXPECT_NEAR(scales.at("box"), 300 / 25.4, 0.15);
  EXPECT_NEAR(scales.at("code"), 300 / 25.4, 0.05);
}

TEST(CropScale, NumbersOnAColourThatIsDroppedOut_Are300Dpi) {
  const std::map<std::string, double> scales = crop_scales("red");
  ASSERT_EQ(scales.size(), 3U);
  EXPECT_NEAR(scales.at("number"), 300 / 25.4, 0.05);
  EXPECT_NEAR(scales.at("code"), 300 / 25.4, 0.05);
}

}  // namespace
