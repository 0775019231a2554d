// A page scanned without its edge: a field that is not all seen is neither empty nor read.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/abi/drawn_form.h"

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

}  // namespace
