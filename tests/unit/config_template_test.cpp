// The loader on whole templates: what good ones become, and that each bad one is refused for the right
// reason.
#include <gmock/gmock.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "config/sha256.h"
#include "config/template_loader.h"
#include "tests/scratch_folder.h"
#include "tests/unit/config_corpus.h"

namespace inkfield::config_test {
namespace {

using config::FormTemplate;
using config::Loaded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::ordered_json;

template <class T>
std::string faults_text(const Loaded<T>& loaded) {
  std::string text;
  for (const auto& fault : loaded.faults)
    text += fault.source + " " + fault.json_pointer + ": " + fault.message + "\n";
  return text;
}

Loaded<FormTemplate> load(const std::string& json) { return config::load_templates(json, "memory", ""); }

FormTemplate load_good(const std::string& json) {
  Loaded<FormTemplate> loaded = load(json);
  EXPECT_TRUE(loaded.ok()) << faults_text(loaded);
  return loaded.values.empty() ? FormTemplate{} : loaded.values.front();
}

template <class T>
void expect_verdict(const Loaded<T>& loaded, const Document& document) {
  if (document.verdict == Verdict::good) {
    EXPECT_THAT(loaded.values, SizeIs(1));
    EXPECT_THAT(loaded.faults, IsEmpty()) << faults_text(loaded);
    return;
  }
  EXPECT_THAT(loaded.values, IsEmpty());
  ASSERT_THAT(loaded.faults, SizeIs(1)) << faults_text(loaded) << document.json;
  EXPECT_EQ(loaded.faults[0].source, "memory");
  EXPECT_EQ(loaded.faults[0].json_pointer, document.pointer);
  EXPECT_THAT(loaded.faults[0].message, HasSubstr(document.words));
}

class Template : public ::testing::TestWithParam<Document> {};
TEST_P(Template, Loaded_JudgedAsExpected) { expect_verdict(load(GetParam().json), GetParam()); }
INSTANTIATE_TEST_SUITE_P(Corpus, Template, ::testing::ValuesIn(corpus()), name_of);

class LoneField : public ::testing::TestWithParam<Document> {};
TEST_P(LoneField, Loaded_JudgedAsExpected) {
  expect_verdict(config::load_field(GetParam().json, "memory"), GetParam());
}
INSTANTIATE_TEST_SUITE_P(Corpus, LoneField, ::testing::ValuesIn(field_corpus()), name_of);

// --- values ---

TEST(TemplateLoader_GoodTemplate, FormValues_AsWritten) {
  const FormTemplate form = load_good(base_template());
  EXPECT_EQ(form.id, "demo-cheque");
  EXPECT_EQ(form.name, "Demo cheque (Zürich)");
  EXPECT_EQ(form.source, "memory");
  EXPECT_EQ(form.width_mm, 203.2);
  EXPECT_EQ(form.height_mm, 92);
  ASSERT_THAT(form.find_by.corner_marks, SizeIs(3));
  EXPECT_EQ(form.find_by.corner_marks[0].size_mm, 5);
  EXPECT_EQ(form.find_by.corner_marks[1].size_mm, 4);
  EXPECT_EQ(form.find_by.corner_marks[2].center.y_mm, 87);
  ASSERT_THAT(form.find_by.landmarks, SizeIs(2));
  EXPECT_EQ(form.find_by.landmarks[0].kind, config::LandmarkKind::line);
  EXPECT_EQ(form.find_by.landmarks[1].text, "DEMO BANK");
  EXPECT_EQ(form.find_by.landmarks[1].zone.right_mm(), 80);
  EXPECT_EQ(form.find_by.blank_image, "");
  EXPECT_EQ(form.content_hash, config::sha256_hex(base_template()));
  EXPECT_THAT(form.fields, SizeIs(15));
}

TEST(TemplateLoader_GoodTemplate, BoxedDate_AsWritten) {
  const config::Field date = load_good(base_template()).fields.at(0);
  EXPECT_EQ(date.id, "date");
  EXPECT_EQ(date.label, "Date");
  EXPECT_EQ(date.kind, config::FieldKind::handwritten_number);
  EXPECT_EQ(date.zone.width_mm, 43.6);
  EXPECT_EQ(date.layout.type, config::LayoutType::boxes);
  EXPECT_EQ(date.layout.count, 8);
  EXPECT_EQ(date.layout.pitch_mm, 5.2);
  EXPECT_FALSE(date.layout.printed_lines);
  ASSERT_THAT(date.layout.gaps, SizeIs(2));
  EXPECT_EQ(date.layout.gaps[0].after, 2) << "sorted";
  EXPECT_EQ(date.layout.gaps[1].after, 4);
  EXPECT_EQ(date.format.type, config::FormatType::date);
  EXPECT_EQ(date.format.date_order, config::DateOrder::ddmmyyyy);
  EXPECT_EQ(date.format.date_separators, "");
  EXPECT_EQ(date.format.earliest, "1950-01-01");
  EXPECT_EQ(date.format.latest, "2049-12-31");
  EXPECT_TRUE(date.required);
  EXPECT_EQ(date.allowed_wrong_rate, 0.001);
}

TEST(TemplateLoader_GoodTemplate, OtherFields_AsWritten) {
  const FormTemplate form = load_good(base_template());
  const config::Field& account = form.fields.at(1);
  EXPECT_EQ(account.label, "account") << "a label left out is the id";
  EXPECT_EQ(account.layout.type, config::LayoutType::comb);
  EXPECT_EQ(account.layout.pitch_mm, 5) << "zone width by count";
  EXPECT_EQ(account.format.min_length, 8);
  EXPECT_EQ(account.format.maximum, 9999999999.0);
  EXPECT_EQ(account.format.check_digit, config::CheckDigit::luhn);
  EXPECT_FALSE(account.required) << "from the defaults";
  EXPECT_EQ(account.allowed_wrong_rate, 0.02) << "from the defaults";

  const config::FieldFormat& amount = form.fields.at(2).format;
  EXPECT_EQ(amount.type, config::FormatType::amount);
  EXPECT_EQ(amount.grouping, config::Grouping::indian);
  EXPECT_THAT(amount.terminators, ElementsAre("/-", "="));
  EXPECT_EQ(amount.currency, "INR");
  EXPECT_EQ(amount.maximum, 500000.5);

  EXPECT_EQ(form.fields.at(3).format.type, config::FormatType::zip);
  EXPECT_EQ(form.fields.at(4).format.max_length, 11);
  EXPECT_EQ(form.fields.at(5).format.pattern, "[1-3]9{2,4}-9?");
  EXPECT_EQ(form.fields.at(5).format.check_digit, config::CheckDigit::verhoeff);
  EXPECT_EQ(form.fields.at(6).kind, config::FieldKind::printed_text);
  EXPECT_EQ(form.fields.at(6).format.characters, "0123456789-");
  EXPECT_EQ(form.fields.at(7).kind, config::FieldKind::checkbox);
  EXPECT_EQ(form.fields.at(7).checked_ink_share, 0.1);
}

TEST(TemplateLoader_GoodTemplate, WhatIsLeftOut_HasItsDefault) {
  Json json = Json::parse(base_template());
  json.erase("defaults");
  const FormTemplate form = load_good(json.dump());
  const config::Field& plain = form.fields.at(8);
  EXPECT_EQ(plain.layout.type, config::LayoutType::line);
  EXPECT_TRUE(plain.layout.printed_lines);
  EXPECT_EQ(plain.format.type, config::FormatType::digits);
  EXPECT_EQ(plain.format.min_length, 1);
  EXPECT_EQ(plain.format.max_length, 40);
  EXPECT_TRUE(plain.required);
  EXPECT_EQ(plain.allowed_wrong_rate, 0.01);

  const config::FieldFormat& on_line = form.fields.at(9).format;
  EXPECT_EQ(on_line.date_order, config::DateOrder::ddmmyy);
  EXPECT_EQ(on_line.date_separators, "/-");
  EXPECT_EQ(on_line.earliest, "1950-01-01") << "two-digit years";
  EXPECT_EQ(on_line.latest, "2049-12-31");
}

config::FieldFormat format_of(const std::string& layout, const std::string& format) {
  const auto loaded = config::load_field(
      R"({"kind": "handwritten_number", "layout": )" + layout + R"(, "format": )" + format + "}", "memory");
  EXPECT_TRUE(loaded.ok()) << faults_text(loaded);
  return loaded.values.empty() ? config::FieldFormat{} : loaded.values[0].format;
}

TEST(FieldFormat, LengthsLeftOut_FollowTheLayout) {
  const std::string six_boxes = R"({"type": "boxes", "count": 6})";
  EXPECT_EQ(format_of(six_boxes, R"({"type": "digits"})").min_length, 1);
  EXPECT_EQ(format_of(six_boxes, R"({"type": "digits"})").max_length, 6);
  EXPECT_EQ(format_of(R"({"type": "line"})", R"({"type": "digits", "min_length": 50})").max_length, 50);
  EXPECT_EQ(format_of(R"({"type": "line"})", R"({"type": "phone"})").min_length, 5);
  EXPECT_EQ(format_of(R"({"type": "line"})", R"({"type": "phone"})").max_length, 15);
}

TEST(FieldFormat, DatesLeftOut_SpanTwoCenturiesOrOne) {
  const config::FieldFormat whole = format_of(R"({"type": "line"})", R"({"type": "date"})");
  EXPECT_EQ(whole.earliest, "1900-01-01");
  EXPECT_EQ(whole.latest, "2099-12-31");
  EXPECT_EQ(whole.date_separators, "/-.");
  const config::FieldFormat from =
      format_of(R"({"type": "line"})", R"({"type": "date", "order": "MMDDYY", "earliest": "1930-05-07"})");
  EXPECT_EQ(from.latest, "2029-12-31");
  const config::FieldFormat until =
      format_of(R"({"type": "line"})", R"({"type": "date", "order": "MMDDYY", "latest": "2026-05-07"})");
  EXPECT_EQ(until.earliest, "1927-01-01");
}

TEST(LoneField, WithoutZoneAndId_LoadsWithDefaults) {
  const auto loaded = config::load_field(R"({"kind": "printed_text"})", "memory");
  ASSERT_TRUE(loaded.ok()) << faults_text(loaded);
  EXPECT_EQ(loaded.values[0].id, "field");
  EXPECT_EQ(loaded.values[0].zone.width_mm, 0);
  EXPECT_EQ(loaded.values[0].format.type, config::FormatType::text);
  EXPECT_EQ(loaded.values[0].format.max_length, 1000);
  EXPECT_EQ(loaded.values[0].allowed_wrong_rate, 0.01);
}

// --- many faults ---

TEST(TemplateLoader_ManyFaults, AllListed_InDocumentOrder) {
  Json json = Json::parse(base_template());
  json["id"] = "no id";
  json["page"]["width_mm"] = "wide";
  json["find_by"]["corner_marks"][2]["size_mm"] = -3;
  json["fields"][0]["format"]["order"] = "DMY";
  json["fields"][0].erase("zone");
  json["fields"][4]["id"] = "date";
  json["fields"][8]["colour"] = "red";
  json["fields"][8]["required"] = 1;
  std::vector<std::string> pointers;
  for (const auto& fault : load(json.dump()).faults) pointers.push_back(fault.json_pointer);
  EXPECT_THAT(pointers, ElementsAre("/id", "/page/width_mm", "/find_by/corner_marks/2/size_mm", "/fields/0",
                                    "/fields/0/format/order", "/fields/4/id", "/fields/8/colour",
                                    "/fields/8/required"));
}

TEST(TemplateLoader_ManyFaults, MoreThanAHundred_SaysHowManyMore) {
  Json json = Json::parse(base_template());
  for (int i = 0; i < 5000; ++i) json["fields"][0]["zone"]["key" + std::to_string(i)] = i;
  const auto loaded = load(json.dump());
  ASSERT_THAT(loaded.faults, SizeIs(101));
  EXPECT_EQ(loaded.faults[0].json_pointer, "/fields/0/zone/key0");
  EXPECT_EQ(loaded.faults[99].json_pointer, "/fields/0/zone/key99");
  EXPECT_EQ(loaded.faults[100].message, "4900 more faults are not shown");
}

TEST(TemplateLoader_ManyFaults, TooManyFields_IsOneFault) {
  Json json = Json::parse(base_template());
  json["fields"] = Json::array();
  for (int i = 0; i <= config::kMaxFields; ++i) json["fields"].push_back(nullptr);
  const auto loaded = load(json.dump());
  ASSERT_THAT(loaded.faults, SizeIs(1));
  EXPECT_EQ(loaded.faults[0].json_pointer, "/fields");
}

TEST(TemplateLoader_ManyFaults, TwoThousandFields_Load) {
  Json json = Json::parse(base_template());
  for (int i = 0; i < 2000; ++i) {
    json["fields"].push_back(json["fields"][0]);
    json["fields"].back()["id"] = "f" + std::to_string(i);
  }
  EXPECT_THAT(load_good(json.dump()).fields, SizeIs(2015));
}

// --- lists of templates ---

std::string with_id(const std::string& id) {
  Json json = Json::parse(base_template());
  json["id"] = id;
  return json.dump();
}

TEST(TemplateList, GoodOnes_LoadInOrder) {
  const auto loaded = load("[" + with_id("a") + "," + with_id("b") + "]");
  ASSERT_THAT(loaded.values, SizeIs(2)) << faults_text(loaded);
  EXPECT_EQ(loaded.values[0].id, "a");
  EXPECT_EQ(loaded.values[1].id, "b");
}

TEST(TemplateList, SameIdTwice_IsRefused) {
  const auto loaded = load("[" + with_id("a") + "," + with_id("b") + "," + with_id("a") + "]");
  EXPECT_THAT(loaded.values, IsEmpty());
  ASSERT_THAT(loaded.faults, SizeIs(1));
  EXPECT_EQ(loaded.faults[0].json_pointer, "/2/id");
}

TEST(TemplateList, Empty_IsRefused) {
  EXPECT_THAT(faults_text(load("[]")), HasSubstr("at least one template"));
}

TEST(TemplateList, OneBadAmongGood_RefusedWholeUnlessGoodOnesAreWanted) {
  const std::string twice = R"({"inkfield_template": 1, "id": "c", )" + with_id("c").substr(1);
  const std::string list =
      "[" + with_id("a") + ", 7, " + with_id("no id") + "," + with_id("b") + "," + twice + "]";
  const auto strict = load(list);
  EXPECT_THAT(strict.values, IsEmpty());
  EXPECT_THAT(strict.faults, SizeIs(4)) << faults_text(strict);

  const auto lenient = config::load_good_templates(list, "memory", "");
  ASSERT_THAT(lenient.values, SizeIs(2)) << faults_text(lenient);
  EXPECT_EQ(lenient.values[0].id, "a");
  EXPECT_EQ(lenient.values[1].id, "b");
  std::vector<std::string> pointers;
  for (const auto& fault : lenient.faults) pointers.push_back(fault.json_pointer);
  EXPECT_THAT(pointers, ElementsAre("/1", "/2/id", "/4/inkfield_template", "/4/id"));
}

TEST(TemplateLoader, OfAnotherVersion_SaysOnlyThat) {
  const auto loaded = load(R"({"inkfield_template": 2, "everything": "else"})");
  ASSERT_THAT(loaded.faults, SizeIs(1));
  EXPECT_EQ(loaded.faults[0].json_pointer, "/inkfield_template");
}

TEST(TemplateLoader, GivenAFieldFile_SaysSo) {
  EXPECT_THAT(faults_text(load(field_corpus().front().json)), HasSubstr("definition of one field"));
}

// --- files ---

class TemplateFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }

  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

TEST_F(TemplateFile, BlankImageBesideIt_IsFoundAbsolutely) {
  Json json = Json::parse(base_template());
  json["find_by"]["blank_image"] = "./pictures/../blank.png";
  const std::string path = write("form.json", json.dump());
  EXPECT_THAT(faults_text(config::load_template_file(path)),
              HasSubstr("no file at " + (folder_ / "blank.png").string()));
  const std::string picture = write("blank.png", "a picture");
  const auto loaded = config::load_template_file(path);
  ASSERT_TRUE(loaded.ok()) << faults_text(loaded);
  EXPECT_EQ(loaded.values[0].find_by.blank_image, std::filesystem::weakly_canonical(picture).string());
  EXPECT_EQ(loaded.values[0].source, path);
}

TEST_F(TemplateFile, BlankImageIsAFolder_IsRefused) {
  Json json = Json::parse(base_template());
  json["find_by"]["blank_image"] = ".";
  EXPECT_THAT(faults_text(config::load_template_file(write("form.json", json.dump()))),
              HasSubstr("no file at"));
}

TEST_F(TemplateFile, NotThereOrAFolder_IsOneFaultOfTheWhole) {
  for (const std::string& path :
       {(folder_ / "none.json").string(), folder_.string(), std::string("/dev/null"), std::string()}) {
    const auto loaded = config::load_template_file(path);
    ASSERT_THAT(loaded.faults, SizeIs(1)) << path;
    EXPECT_EQ(loaded.faults[0].source, path);
    EXPECT_EQ(loaded.faults[0].json_pointer, "");
  }
}

TEST_F(TemplateFile, TooBig_IsRefused) {
  const std::string path = write("big.json", std::string(config::kMaxTemplateBytes + 1, ' '));
  EXPECT_THAT(faults_text(config::load_template_file(path)), HasSubstr("more than 8388608 bytes"));
}

TEST_F(TemplateFile, GoodOnesOfAList_LoadBesideTheFaults) {
  const std::string path = write("list.json", "[" + with_id("a") + ",{}]");
  EXPECT_THAT(config::load_template_file(path).values, IsEmpty());
  const auto loaded = config::load_good_template_file(path);
  EXPECT_THAT(loaded.values, SizeIs(1));
  EXPECT_FALSE(loaded.ok());
}

// --- what ships ---

std::string first_json_block(const std::string& markdown) {
  const std::size_t fence = markdown.find("```json\n");
  if (fence == std::string::npos) return "";
  const std::size_t begin = markdown.find('\n', fence) + 1;
  return markdown.substr(begin, markdown.find("```", begin) - begin);
}

TEST(ReadmeExample, Loaded_IsGood) {
  const FormTemplate form = load_good(first_json_block(read_text(INKFIELD_SOURCE_DIR "/config/README.md")));
  EXPECT_EQ(form.id, "deposit-slip");
  EXPECT_THAT(form.fields, SizeIs(5));
}

TEST(ExampleFields, Loaded_AreWhatTheirNamesSay) {
  const auto field = [](const std::string& name) {
    const auto loaded = config::load_field(read_text(INKFIELD_SOURCE_DIR "/examples/fields/" + name), name);
    EXPECT_TRUE(loaded.ok()) << faults_text(loaded);
    return loaded.values.empty() ? config::Field{} : loaded.values[0];
  };
  const config::Field digit = field("digit.json");
  EXPECT_EQ(digit.layout.count, 1);
  EXPECT_FALSE(digit.layout.printed_lines);
  EXPECT_EQ(digit.format.max_length, 1);
  const config::Field date = field("date_ddmmyyyy_boxes.json");
  EXPECT_EQ(date.layout.count, 8);
  EXPECT_TRUE(date.layout.printed_lines);
  EXPECT_EQ(date.format.type, config::FormatType::date);
  EXPECT_THAT(field("amount.json").format.terminators, ElementsAre("/-", "=", "-", "/="));
  EXPECT_EQ(field("number.json").format.max_length, 20);
  for (const char* name : {"digit.json", "date_ddmmyyyy_boxes.json", "amount.json", "number.json"}) {
    EXPECT_EQ(field(name).allowed_wrong_rate, 0.01) << name;
    EXPECT_TRUE(field(name).required) << name;
  }
}

TEST(TemplateLoader, UnderACommaLocale_ReadsNumbersAllTheSame) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  const char* found = nullptr;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "de_CH.UTF-8"}) {
    if (found == nullptr) found = std::setlocale(LC_NUMERIC, name);
  }
  if (found == nullptr) GTEST_SKIP() << "no locale with a decimal comma is installed";
  const auto loaded = load(base_template());
  std::setlocale(LC_NUMERIC, before.c_str());
  ASSERT_TRUE(loaded.ok()) << faults_text(loaded);
  EXPECT_EQ(loaded.values[0].width_mm, 203.2);
  EXPECT_EQ(loaded.values[0].fields[0].allowed_wrong_rate, 0.001);
}

}  // namespace
}  // namespace inkfield::config_test
