// The published schemas against the loader: whatever the schema can say, both must say alike.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "config/template_loader.h"
#include "tests/published_schema.h"
#include "tests/unit/config_corpus.h"

namespace inkfield::config_test {
namespace {

using PlainJson = nlohmann::json;
using schema_test::PublishedSchema;

const PublishedSchema& template_schema() {
  static const PublishedSchema schema("form-template.schema.json");
  return schema;
}
const PublishedSchema& field_schema() {
  static const PublishedSchema schema("field.schema.json");
  return schema;
}
const PublishedSchema& result_schema() {
  static const PublishedSchema schema("result.schema.json");
  return schema;
}

class TemplateSchema : public ::testing::TestWithParam<Document> {};
TEST_P(TemplateSchema, Document_JudgedAsTheLoaderDoes) {
  EXPECT_EQ(template_schema().misfit(GetParam().json).empty(), GetParam().verdict != Verdict::bad)
      << GetParam().json;
}
INSTANTIATE_TEST_SUITE_P(Corpus, TemplateSchema, ::testing::ValuesIn(corpus()), name_of);

class FieldSchema : public ::testing::TestWithParam<Document> {};
TEST_P(FieldSchema, Document_JudgedAsTheLoaderDoes) {
  EXPECT_EQ(field_schema().misfit(GetParam().json).empty(), GetParam().verdict != Verdict::bad) << GetParam().json;
}
INSTANTIATE_TEST_SUITE_P(Corpus, FieldSchema, ::testing::ValuesIn(field_corpus()), name_of);

TEST(TemplateSchema, List_JudgedAsTheLoaderDoes) {
  EXPECT_EQ(template_schema().misfit("[" + base_template() + "]"), "");
  EXPECT_NE(template_schema().misfit("[]"), "");
  EXPECT_NE(template_schema().misfit("[" + base_template() + ", {}]"), "");
  EXPECT_NE(template_schema().misfit("7"), "");
}

// Every key and every word of the schema is known to the loader: a template that a person writes by the
// editor's suggestions must not fail for a word. The corpus' base has every key but blank_image.
TEST(TemplateSchema, EveryKey_OccursInTheCorpus) {
  const PlainJson schema =
      PlainJson::parse(read_text(INKFIELD_SOURCE_DIR "/config/schema/form-template.schema.json"));
  std::string all;
  for (const Document& document : corpus()) {
    if (document.verdict == Verdict::good || document.name.find("blank_image") != std::string::npos ||
        document.name.find("list_file") != std::string::npos)
      all += document.json;
  }
  for (const auto& [name, definition] : schema["definitions"].items()) {
    if (name == "field_file" || !definition.contains("properties")) continue;
    for (const auto& [key, value] : definition["properties"].items()) {
      EXPECT_NE(all.find('"' + key + '"'), std::string::npos) << name << "/" << key;
    }
  }
}

TEST(ShippedFields, HeldAgainstTheSchema_AreGood) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INKFIELD_SOURCE_DIR "/examples/fields")) {
    if (entry.path().extension() != ".json") continue;
    ++count;
    EXPECT_EQ(field_schema().misfit(read_text(entry.path().string())), "") << entry.path();
  }
  EXPECT_GE(count, 4);
}

TEST(ShippedTemplates, HeldAgainstSchemaAndLoader_AreGood) {
  for (const char* folder : {"/config/templates", "/examples/forms", "/examples/rules"}) {
    const std::filesystem::path path = std::string(INKFIELD_SOURCE_DIR) + folder;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.path().extension() != ".json") continue;
      const std::string text = read_text(entry.path().string());
      if (text.find("\"inkfield_template\"") == std::string::npos) continue;
      EXPECT_EQ(template_schema().misfit(text), "") << entry.path();
      for (const auto& fault : config::load_template_file(entry.path().string()).faults) {
        // Pictures of empty forms are drawn when the samples are, and may not lie there yet.
        if (fault.json_pointer == "/find_by/blank_image") continue;
        ADD_FAILURE() << fault.source << " " << fault.json_pointer << ": " << fault.message;
      }
    }
  }
}

// --- results ---

constexpr const char* kResult = R"({
  "schema_version": 1, "correlation_id": "", "model": "open", "needs_review": true,
  "page": {"state": "read", "reason": "", "form_id": "demo", "form_confidence": 0.99, "registration_residual_mm": 0.08,
           "rotation_degrees": -179.5, "scale_px_per_mm": 11.8, "form_quad": [[0, 0], [100, 0.5], [100, 50], [-1.5, 50]]},
  "fields": [{
    "id": "date", "kind": "handwritten_number", "state": "review", "text": "01", "normalized": "", "currency": "",
    "raw_text": "0?", "reason": "not sure", "confidence": 0.4, "threshold": 0.9, "changed_by_rule": true, "rule": "sum",
    "quad": [[0, 0], [1, 0], [1, 1], [0, 1]], "candidates": [{"text": "01", "probability": 0.4}],
    "characters": [{"character": "0", "confidence": 1, "quad": [[0, 0], [1, 0], [1, 1], [0, 1]]},
                   {"character": "", "confidence": 0, "quad": [[0, 0], [1, 0], [1, 1], [0, 1]]},
                   {"character": "é", "confidence": 0.5, "quad": [[0, 0], [1, 0], [1, 1], [0, 1]]}]
  }],
  "rules": [{"name": "sum", "state": "mended", "reason": "another reading", "fields": ["a", "b"], "changed_fields": ["b"]}]
})";

TEST(ResultSchema, GoodResult_Accepted) { EXPECT_EQ(result_schema().misfit(kResult), ""); }

TEST(ResultSchema, AnyKeyMissingOrAdded_Refused) {
  const PlainJson result = PlainJson::parse(kResult);
  const std::vector<PlainJson::json_pointer> objects = {PlainJson::json_pointer(""),
                                                        PlainJson::json_pointer("/page"),
                                                        PlainJson::json_pointer("/fields/0"),
                                                        PlainJson::json_pointer("/rules/0"),
                                                        PlainJson::json_pointer("/fields/0/candidates/0"),
                                                        PlainJson::json_pointer("/fields/0/characters/0")};
  for (const auto& object : objects) {
    PlainJson more = result;
    more[object]["extra"] = 1;
    EXPECT_NE(result_schema().misfit(more.dump()), "") << object;
    for (const auto& [key, value] : result[object].items()) {
      PlainJson less = result;
      less[object].erase(key);
      EXPECT_NE(result_schema().misfit(less.dump()), "") << object << " without " << key;
    }
  }
}

TEST(ResultSchema, BadValues_Refused) {
  const auto refused = [](const char* pointer, const PlainJson& value) {
    PlainJson result = PlainJson::parse(kResult);
    result[PlainJson::json_pointer(pointer)] = value;
    EXPECT_NE(result_schema().misfit(result.dump()), "") << pointer << " " << value;
  };
  refused("/schema_version", 2);
  refused("/page/state", "torn");
  refused("/page/form_quad", PlainJson::array({PlainJson::array({0, 0})}));
  refused("/page/form_confidence", 1.5);
  refused("/fields/0/state", "");
  refused("/fields/0/kind", "bar_code");
  refused("/fields/0/confidence", nullptr);
  refused("/fields/0/changed_by_rule", 1);
  refused("/rules/0/state", "ok");
  refused("/fields/0/characters/0/character", "12");
  refused("/fields/0/quad/0", PlainJson::array({1, 2, 3}));
}

}  // namespace
}  // namespace inkfield::config_test
