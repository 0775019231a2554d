// The JSON of a result under its published schema, checked by a validator that is not ours.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/abi/drawn_form.h"
#include "tests/published_schema.h"

namespace {

using namespace inkfield;
using nlohmann::json;

/// Why `document` does not fit the schema; "" if it does.
std::string misfit(const json& document) {
  static const schema_test::PublishedSchema schema("result.schema.json");
  return schema.misfit(document.dump());
}

class ResultJson : public ::testing::Test {
 protected:
  ResultJson() : engine_(Library::linked(), options()), session_(engine_), page_(drawing::drawn_page()) {}
  static EngineOptions options() {
    EngineOptions options;
    options.templates_json = drawing::drawn_template();
    return options;
  }
  Engine engine_;
  Session session_;
  drawing::DrawnPage page_;
};

TEST_F(ResultJson, PageThatWasRead_FitsTheSchemaAndTheTypedResult) {
  const Result result = session_.read_page(page_.image());
  const json document = json::parse(result.json());
  EXPECT_EQ(misfit(document), "");
  EXPECT_EQ(document["page"]["state"], "read");
  EXPECT_EQ(document["page"]["form_id"], result.page().form_id);
  ASSERT_EQ(document["fields"].size(), result.fields().size());
  for (std::size_t i = 0; i < document["fields"].size(); ++i) {
    const Field field = result.field(static_cast<std::uint32_t>(i));
    EXPECT_EQ(document["fields"][i]["id"], field.id);
    EXPECT_EQ(document["fields"][i]["text"], field.text);
    EXPECT_EQ(document["fields"][i]["normalized"], field.normalized);
    EXPECT_DOUBLE_EQ(document["fields"][i]["confidence"].get<double>(), field.confidence);
    EXPECT_EQ(document["fields"][i]["characters"].size(), field.characters.size());
    EXPECT_EQ(document["fields"][i]["candidates"].size(), field.candidates.size());
  }
}

TEST_F(ResultJson, WhitePage_FitsTheSchema) {
  std::fill(page_.gray.begin(), page_.gray.end(), std::uint8_t{255});
  const json document = json::parse(session_.read_page(page_.image()).json());
  EXPECT_EQ(misfit(document), "");
  EXPECT_EQ(document["page"]["state"], "blank");
  EXPECT_NE(document["page"]["reason"], "");
}

TEST_F(ResultJson, LoneField_FitsTheSchema) {
  const auto crop = make_image(INKFIELD_PIXELS_GRAY8, page_.gray.data() + 130 * page_.width_px + 140,
                               page_.gray.size() - static_cast<std::size_t>(130 * page_.width_px + 140), 300,
                               100, page_.width_px);
  const json document = json::parse(
      session_
          .read_field(
              crop,
              R"({"inkfield_field": 1, "kind": "handwritten_number", "layout": {"type": "boxes", "count": 4}})")
          .json());
  EXPECT_EQ(misfit(document), "");
  EXPECT_EQ(document["fields"].size(), 1U);
}

TEST_F(ResultJson, WildCorrelationId_IsStillJson) {
  ReadOptions options;
  options.correlation_id = "quote \" slash \\ bell \x07 tab \t broken \xFF\xC3 euro \xE2\x82\xAC";
  const std::string text = session_.read_page(page_.image(), options).json();
  const json document = json::parse(text);
  EXPECT_EQ(misfit(document), "");
  EXPECT_EQ(document["correlation_id"],
            "quote \" slash \\ bell \x07 tab \t broken \xEF\xBF\xBD\xEF\xBF\xBD euro \xE2\x82\xAC");
  EXPECT_EQ(text.find('\n'), std::string::npos) << "one line, so that it fits into JSON lines";
}

TEST_F(ResultJson, MissingKey_IsSeenByTheValidator) {
  json document = json::parse(session_.read_page(page_.image()).json());
  document["page"].erase("state");
  EXPECT_NE(misfit(document), "");
}

}  // namespace
