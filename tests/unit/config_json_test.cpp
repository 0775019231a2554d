// Texts that are not JSON, or more of it than any template: one fault that says where, and never a crash.
#include <gmock/gmock.h>

#include <random>

#include "config/calendar.h"
#include "config/field_kinds.h"
#include "config/sha256.h"
#include "config/template_loader.h"
#include "tests/unit/config_corpus.h"

namespace inkfield::config_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<config::Fault> faults_of(std::string_view json) {
  return config::load_templates(json, "memory", "").faults;
}

std::string only_fault(std::string_view json) {
  const auto faults = faults_of(json);
  EXPECT_THAT(faults, SizeIs(1)) << json.substr(0, 100);
  if (faults.empty()) return "";
  return faults[0].json_pointer + ": " + faults[0].message;
}

TEST(JsonSyntax_Bad, Told_WithLineAndColumn) {
  EXPECT_THAT(only_fault("{\n  \"ä\": [1, 2,]\n}"), HasSubstr("line 2, column 14"));
  EXPECT_THAT(only_fault("{\n  \"ä\": [1, 2,]\n}"), HasSubstr("comma stands before the closing bracket"));
  EXPECT_THAT(only_fault(R"({"a": 1,})"), HasSubstr("comma stands before the closing bracket"));
  EXPECT_THAT(only_fault(R"({"a": NaN})"), HasSubstr("JSON has no NaN"));
  EXPECT_THAT(only_fault(R"({"a": True})"), HasSubstr("JSON writes true"));
  EXPECT_THAT(only_fault(R"({"a": -Infinity})"), HasSubstr("not JSON at line 1, column 8"));
  EXPECT_THAT(only_fault(R"({"a": 1e999})"), HasSubstr("a number too big"));
  EXPECT_THAT(only_fault(R"({"a": 1 // one)"), HasSubstr("no comments"));
  EXPECT_THAT(only_fault(R"({'a': 1})"), HasSubstr("double quotes"));
  EXPECT_THAT(only_fault(R"({"a": [)"), HasSubstr("ends too early"));
  EXPECT_THAT(only_fault("{} {}"), HasSubstr("line 1, column 4"));
  EXPECT_THAT(only_fault("{\"a\": \"\xC3\x28\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(only_fault("{\"a\": \"\xED\xA0\x80\"}"), HasSubstr("UTF-8")) << "half a surrogate pair";
  EXPECT_THAT(only_fault(R"({"a": "\ud800"})"), HasSubstr("surrogate"));
}

TEST(JsonSyntax_Empty, Told) {
  EXPECT_THAT(only_fault(""), HasSubstr("the text is empty"));
  EXPECT_THAT(only_fault(" \n\t"), HasSubstr("the text is empty"));
  EXPECT_THAT(only_fault(std::string("\xFF\xFE{\0}\0", 6)), HasSubstr("UTF-16"));
  EXPECT_THAT(only_fault("null"), HasSubstr("found null"));
  EXPECT_THAT(only_fault("7"), HasSubstr("found 7"));
}

TEST(JsonSyntax_ByteOrderMark, IsLeftAside) {
  EXPECT_THAT(faults_of("\xEF\xBB\xBF" + base_template()), IsEmpty());
}

TEST(JsonNesting, AsDeepAsAllowedOrDeeper_OneFaultEach) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(only_fault(nested(config::kMaxNesting)), HasSubstr("/0: found a list"));
  EXPECT_THAT(only_fault(nested(config::kMaxNesting + 1)), HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(only_fault(std::string(4'000'000, '[')), HasSubstr("nested deeper than 32 levels"));
  std::string objects;
  for (int i = 0; i < 40; ++i) objects += R"({"a~/b":)";
  EXPECT_THAT(only_fault(objects), HasSubstr("/a~0~1b/a~0~1b"));
}

TEST(JsonSize, TooManyBytesOrValues_OneFault) {
  EXPECT_THAT(only_fault(std::string(config::kMaxTemplateBytes + 1, ' ')), HasSubstr("8388609 bytes"));
  std::string many = "[0";
  for (int i = 0; i < 500'000; ++i) many += ",0";
  EXPECT_THAT(only_fault(many + "]"), HasSubstr("more than 400000 values"));
}

TEST(JsonKeys, GivenTwice_AreFaults) {
  std::string json = base_template();
  const std::string once = R"("printed_lines":false)";
  const auto at = json.find(once);
  ASSERT_NE(at, std::string::npos);
  json.insert(at, R"("printed_lines":true,"type":"comb",)");
  const auto faults = faults_of(json);
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_EQ(faults[0].json_pointer, "/fields/0/layout/type");
  EXPECT_EQ(faults[1].json_pointer, "/fields/0/layout/printed_lines");
  EXPECT_THAT(faults[1].message, HasSubstr("twice"));
}

TEST(JsonNumbers, IntegersWrittenAsFloats_AreFaults) {
  for (const char* count : {"8.0", "8e0", "0.8e1"}) {
    const auto faults =
        config::load_field(R"({"kind": "handwritten_number", "layout": {"type": "boxes", "count": )" +
                               std::string(count) + "}}",
                           "memory")
            .faults;
    ASSERT_THAT(faults, SizeIs(1)) << count;
    EXPECT_EQ(faults[0].json_pointer, "/layout/count");
    EXPECT_THAT(faults[0].message, HasSubstr(count));
  }
}

TEST(FaultMessages, QuoteLongAndStrangeTexts_ShortAndPrintable) {
  std::string id = "a\\u0007";
  for (int i = 0; i < 1000; ++i) id += "é";
  const auto faults = config::load_field(R"({"kind": ")" + id + R"("})", "memory").faults;
  ASSERT_THAT(faults, SizeIs(1));
  std::size_t kinds = 0;  // which the message lists, in quotes with commas
  for (const config::KindRules& rules : config::standard_kinds()) kinds += rules.name.size() + 4;
  EXPECT_LT(faults[0].message.size(), kinds + 90);
  EXPECT_THAT(faults[0].message, HasSubstr("a?é"));
  EXPECT_THAT(faults[0].message, HasSubstr("é...\""));
}

TEST(FaultPointers, StrangeKeys_AreEscaped) {
  EXPECT_EQ(config::load_field(R"({"kind": "checkbox", "a/b~c": 1})", "memory").faults.at(0).json_pointer,
            "/a~1b~0c");
}

// Cut anywhere, or with any byte changed, a template is good or has faults; it never throws or crashes.
TEST(DamagedTemplate, EveryPrefix_IsRefused) {
  const std::string& json = base_template();
  for (std::size_t size = 0; size < json.size(); ++size) {
    ASSERT_FALSE(faults_of(std::string_view(json).substr(0, size)).empty()) << size;
  }
}

TEST(DamagedTemplate, RandomBytes_GoodOrFaultsNeverBoth) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string json = base_template();
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = random() % json.size();
      switch (random() % 3) {
        case 0:
          json[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          json.erase(at, random() % 20);
          break;
        default:
          json.insert(at, json.substr(random() % json.size(), random() % 40));
          break;
      }
    }
    const auto loaded = config::load_templates(json, "memory", "");
    ASSERT_EQ(loaded.ok(), loaded.values.size() == 1) << json;
  }
}

TEST(Sha256, KnownTexts_GiveThePublishedDigests) {  // FIPS 180-4 examples
  EXPECT_EQ(config::sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(config::sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(config::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(config::sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(IsoDay, ThatDoesNotExist_IsNothing) {
  EXPECT_TRUE(config::parse_iso_day("2000-02-29"));
  for (const char* text : {"1900-02-29", "2001-02-29", "2001-04-31", "2001-00-01", "2001-01-00", "2001-1-1",
                           "2001/01/01", "20010101", "", "2001-01-0x", "2001-01-011"}) {
    EXPECT_FALSE(config::parse_iso_day(text)) << text;
  }
  EXPECT_EQ(config::iso_text({987, 6, 5}), "0987-06-05");
}

}  // namespace
}  // namespace inkfield::config_test
