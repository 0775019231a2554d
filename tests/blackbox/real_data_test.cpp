// Real documents through the real program and plugin. Each test states the least that must be right and the most that may be
// accepted wrong. The data is found through INKFIELD_DATA; without it the tests skip.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <inkfield/inkfield.hpp>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"
#include "tests/blackbox/program_run.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class RealData : public testing::Test {
 protected:
  void SetUp() override {
    if (data_folder().empty()) GTEST_SKIP() << "INKFIELD_DATA is not set: no real data to read";
  }
  static Finished inkfield(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), INKFIELD_PROGRAM);
    return run(arguments, {{"INKFIELD_LIBRARY", ""}});
  }
  static json eval(const std::string& field, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"eval", "--json", "--field", std::string(INKFIELD_SOURCE_DIR "/examples/fields/") + field};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = inkfield(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return json::parse(finished.out);
  }
  static std::string digits_of(const std::string& text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    return digits;
  }
  const std::string data_ = data_folder();
};

TEST_F(RealData, MnistTest_IsReadWithFewErrors) {
  const std::string folder = data_ + "/mnist/";
  const json sum = eval("digit.json", {"--idx", folder + "t10k-images-idx3-ubyte.gz", folder + "t10k-labels-idx1-ubyte.gz"});
  EXPECT_EQ(sum["items"], 10000);
  EXPECT_LE(sum["error_rate"], 0.006);
  EXPECT_LE(sum["wrong_accepted"], 20);
}

TEST_F(RealData, BoxedDates_AreReadAndOverwrittenOnesRejected) {
  const std::string folder = data_ + "/idrbt_cheques/";
  const json sum = eval("date_ddmmyyyy_boxes.json", {"--crops", folder + "date", "--truth", folder + "gt.csv", "--key", "cheque", "--column", "date_ddmmyyyy"});
  EXPECT_EQ(sum["items"], 54);
  EXPECT_EQ(sum["rated_items"], 52);
  EXPECT_EQ(sum["unknowable_accepted"], 0);
  EXPECT_GE(sum["digit_right_rate"], 0.99) << "a 6 and a 5 have strokes far out of their boxes";
  EXPECT_LE(sum["wrong_accepted"], 1);
}

TEST_F(RealData, Cheques_AreKnownByTheirBankAndRead) {
  std::map<std::string, std::map<std::string, std::string>> truth;
  const auto table = command_line::read_csv(data_ + "/idrbt_cheques/gt.csv");
  for (const auto& row : table.rows) {
    truth[row.cells[table.column("cheque")]] = {{"date", row.cells[table.column("date_ddmmyyyy")]},
                                                {"account", row.cells[table.column("account_printed")]},
                                                {"amount", row.cells[table.column("amount_digits")]}};
  }
  std::vector<std::string> arguments = {"read", "--format", "json", "--templates", INKFIELD_SOURCE_DIR "/config/templates"};
  for (const auto& [cheque, fields] : truth) arguments.push_back(data_ + "/idrbt_cheques/page200/" + cheque + ".jpg");
  const Finished finished = inkfield(arguments);
  EXPECT_TRUE(finished.status == 0 || finished.status == 3) << finished.status << ' ' << finished.err;
  int banks = 0;
  std::map<std::string, int> right;
  std::map<std::string, int> accepted;
  std::map<std::string, int> wrong_accepted;
  const json pages = json::parse(finished.out);
  ASSERT_EQ(pages.size(), 54u);
  for (const json& page : pages) {
    const std::string cheque = fs::path(page["file"].get<std::string>()).stem();
    const json& result = page["result"];
    const std::string bank = cheque.starts_with("083") ? "syndicate_bank_cheque" : "axis_bank_cheque";
    banks += result["page"]["form_id"] == bank ? 1 : 0;
    // The files are named after the cheques' numbers; the rest of the MICR line is the same on all cheques of a book.
    const bool syndicate = bank == "syndicate_bank_cheque";
    truth[cheque]["micr_cheque_number"] = cheque;
    truth[cheque]["micr_code"] = syndicate ? "500025033" : "500211012";
    truth[cheque]["micr_account"] = syndicate ? "290062" : "426160";
    truth[cheque]["micr_transaction_code"] = "31";
    for (const json& field : result["fields"]) {
      const std::string id = field["id"];
      accepted[id] += field["state"] == "accepted" ? 1 : 0;
      const bool is_right = digits_of(field["text"]) == truth[cheque][id];
      right[id] += is_right ? 1 : 0;
      wrong_accepted[id] += !is_right && field["state"] == "accepted" ? 1 : 0;
    }
  }
  EXPECT_EQ(banks, 54);
  EXPECT_GE(right["date"], 47);     // 52 can be known
  EXPECT_GE(right["account"], 45);
  EXPECT_LE(wrong_accepted["date"], 1);
  EXPECT_LE(wrong_accepted["account"], 0);
  EXPECT_LE(wrong_accepted["amount"], 1);
  for (const char* part : {"micr_cheque_number", "micr_code", "micr_account", "micr_transaction_code"}) {
    EXPECT_EQ(right[part], 54) << part;
    EXPECT_GE(accepted[part], 53) << part;
  }
}

TEST_F(RealData, ExamCovers_EmptyBoxesAreEmptyAndFilledOnesRead) {
  const std::string folder = data_ + "/markus_boxes/";
  const Finished finished = inkfield({"read", "--format", "json", "--templates", INKFIELD_SOURCE_DIR "/tests/blackbox/markus",
                                      folder + "midterm_scan_100.png", folder + "midterm_scan_103.png",
                                      folder + "test-auto-parse-scan-blank.png", folder + "test-auto-parse-scan-success.png",
                                      folder + "midterm_scan_101.png"});
  EXPECT_TRUE(finished.status == 0 || finished.status == 3) << finished.status << ' ' << finished.err;
  const json pages = json::parse(finished.out);
  ASSERT_EQ(pages.size(), 5u);
  for (std::size_t page = 0; page < 4; ++page) {
    EXPECT_EQ(pages[page]["result"]["page"]["form_id"], "exam_cover") << pages[page]["file"];
    for (const json& field : pages[page]["result"]["fields"]) {
      if (field["id"] == "page_code") {  // the second one is scribbled over in pencil
        static const char* const kCodes[] = {"midterm1-v2-test-100-1", "midterm1-v2-test-103-1", "test-auto-parse-3-1", "test-auto-parse-1-1"};
        EXPECT_EQ(field["text"], kCodes[page]) << pages[page]["file"];
        EXPECT_EQ(field["state"], "accepted") << pages[page]["file"];
        continue;
      }
      const bool filled = page == 3 && field["id"] == "student_number";
      std::string read;
      for (const json& character : field["characters"]) read += character["character"].get<std::string>();
      EXPECT_EQ(read, filled ? "0123456789" : "") << pages[page]["file"] << ' ' << field["id"];
      EXPECT_EQ(field["text"], filled ? "0123456789" : "") << pages[page]["file"] << ' ' << field["id"];
      if (filled) {
        // Whether the reading is sure enough to be accepted is the network's calibration, held elsewhere.
        EXPECT_THAT(field["state"].get<std::string>(), testing::AnyOf("accepted", "review"));
      } else {
        EXPECT_EQ(field["state"], "empty") << pages[page]["file"] << ' ' << field["id"];
      }
    }
  }
  // A page of the same examination that has no boxes at all.
  EXPECT_EQ(pages[4]["result"]["page"]["state"], "unknown_form");
}

TEST_F(RealData, ExamCovers_OfTwoRevisions_AreToldApartByTheirCode) {
  // Two templates of one print: nothing but the code tells them apart.
  const Scratch scratch;
  const fs::path& templates = scratch.path();
  std::ifstream file(INKFIELD_SOURCE_DIR "/tests/blackbox/markus/exam-cover.json");
  json form = json::parse(file);
  for (const auto& [id, begins_with] : std::map<std::string, std::string>{{"midterm", "midterm1-"}, {"parse", "test-auto-"}}) {
    form["id"] = id;
    form["find_by"]["barcode"] = {{"zone", form["fields"][2]["zone"]}, {"symbologies", {"qr"}}, {"begins_with", begins_with}};
    std::ofstream(templates / (id + ".json")) << form;
  }
  const std::string folder = data_ + "/markus_boxes/";
  const std::vector<std::string> arguments = {"read", "--format", "json", "--templates", templates.string()};
  std::vector<std::string> both = arguments;
  both.insert(both.end(), {folder + "midterm_scan_100.png", folder + "test-auto-parse-scan-success.png"});
  const json pages = json::parse(inkfield(both).out);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0]["result"]["page"]["form_id"], "midterm");
  EXPECT_EQ(pages[1]["result"]["page"]["form_id"], "parse");
  // With the other's template alone the page is no known form.
  fs::remove(templates / "midterm.json");
  std::vector<std::string> other = arguments;
  other.push_back(folder + "midterm_scan_100.png");
  const json page = json::parse(inkfield(other).out).at(0)["result"]["page"];
  EXPECT_EQ(page["state"], "unknown_form");
  EXPECT_NE(page["reason"].get<std::string>().find("\"parse\""), std::string::npos);
}

TEST_F(RealData, AmountStrips_HaveTheirDigitsWherePeopleMarkedThem) {
  struct Marked {
    double left, right;
    std::string digit;
  };
  std::map<std::string, std::vector<Marked>> marked;  // by file, from left to right
  const auto table = command_line::read_csv(data_ + "/orand_car_a/boxes.csv");
  for (const auto& row : table.rows) {
    const double left = std::stod(row.cells[table.column("x")]);
    marked[row.cells[table.column("file")]].push_back({left, left + std::stod(row.cells[table.column("w")]), row.cells[table.column("digit")]});
  }
  std::ifstream file(INKFIELD_SOURCE_DIR "/examples/fields/amount_without_cents.json");
  const std::string field_json(std::istreambuf_iterator<char>(file), {});
  const Library library = Library::load(INKFIELD_PLUGIN);
  const Engine engine(library);
  Session session(engine);
  int digits = 0;
  int in_place = 0;
  for (auto& [name, boxes] : marked) {
    std::sort(boxes.begin(), boxes.end(), [](const Marked& a, const Marked& b) { return a.left < b.left; });
    Document document = engine.open(data_ + "/orand_car_a/" + name);
    const Field field = session.read_field(document.page(0), field_json).field(0);
    std::vector<Character> read;
    std::copy_if(field.characters.begin(), field.characters.end(), std::back_inserter(read),
                 [](const Character& character) { return character.codepoint >= '0' && character.codepoint <= '9'; });
    const bool same = std::equal(read.begin(), read.end(), boxes.begin(), boxes.end(), [](const Character& character, const Marked& box) {
      return box.digit == std::string(1, static_cast<char>(character.codepoint));
    });
    if (!same) continue;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const double left = read[i].quad.corner[0].x;
      const double right = read[i].quad.corner[1].x;
      const double common = std::min(right, boxes[i].right) - std::max(left, boxes[i].left);
      const double either = std::max(right, boxes[i].right) - std::min(left, boxes[i].left);
      ++digits;
      in_place += common > 0.5 * either ? 1 : 0;
    }
  }
  std::printf("%d of %d digits of strips read right cover most of where they were marked\n", in_place, digits);
  EXPECT_GT(digits, 3500);
  EXPECT_GT(in_place, 0.85 * digits);
}

/// Reads rows of boxes that this host cuts out of a picture by itself.
class BoxRows : public RealData {
 protected:
  struct Cut {
    int x, y, width, height;
  };
  static std::vector<std::string> read_row(const std::string& file, const Cut& cut) {
    const Library library = Library::load(INKFIELD_PLUGIN);
    const Engine engine(library);
    Session session(engine);
    Document document = engine.open(file);
    const inkfield_image whole = document.page(0);
    const int bytes = whole.format == INKFIELD_PIXELS_GRAY8                                              ? 1
                      : whole.format == INKFIELD_PIXELS_RGB24 || whole.format == INKFIELD_PIXELS_BGR24 ? 3
                                                                                                         : 4;
    const std::int64_t stride = whole.stride_bytes == 0 ? std::int64_t{whole.width_px} * bytes : whole.stride_bytes;
    const std::int64_t offset = cut.y * stride + std::int64_t{cut.x} * bytes;
    const inkfield_image crop =
        make_image(whole.format, static_cast<const char*>(whole.pixels) + offset,
                   whole.pixels_bytes - static_cast<std::uint64_t>(offset), cut.width, cut.height, stride, whole.dpi_x);
    const Field field = session.read_field(crop, R"({"inkfield_field": 1, "id": "row", "kind": "handwritten_number",
        "layout": {"type": "boxes", "count": 16}, "format": {"type": "digits", "min_length": 1, "max_length": 16}})").field(0);
    std::vector<std::string> boxes;
    for (const Character& character : field.characters) {
      boxes.push_back(character.codepoint == 0 ? "" : std::string(1, static_cast<char>(character.codepoint)));
    }
    EXPECT_EQ(boxes.size(), 16u);
    boxes.resize(16, "missing");
    return boxes;
  }
  static std::string joined(const std::vector<std::string>& boxes, std::size_t first, std::size_t count) {
    std::string text;
    for (std::size_t i = first; i < first + count; ++i) text += boxes[i].empty() ? "_" : boxes[i];
    return text;
  }
};

TEST_F(BoxRows, StudentNumbers_AreReadAndTrailingBoxesAreEmpty) {
  const std::string folder = data_ + "/markus_boxes/";
  EXPECT_EQ(joined(read_row(folder + "student_info_num.jpg", {20, 20, 1646, 146}), 0, 16), "0001250981______");
  EXPECT_EQ(joined(read_row(folder + "student_info.jpg", {932, 284, 1216, 94}), 0, 16), "0001250981______");
}

TEST_F(BoxRows, BoxesAfterLetters_AreEmpty) {
  const std::string file = data_ + "/markus_boxes/student_info.jpg";
  EXPECT_EQ(joined(read_row(file, {932, 54, 1216, 94}), 6, 10), "__________");
  EXPECT_EQ(joined(read_row(file, {932, 168, 1216, 94}), 6, 10), "__________");
}

}  // namespace
}  // namespace inkfield::tests
