// The program `inkfield` as a script sees it: exit statuses, formats, messages. The stand-in plugin answers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/blackbox/program_run.h"

namespace inkfield::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CommandLine : public testing::Test {
 protected:
  CommandLine() : form_(scratch_.write("form_a.json", "{}")) {}

  std::string image(const std::string& name, const std::string& pages) const {
    return scratch_.write(name, "stand-in\n" + pages);
  }
  static Finished inkfield(const std::vector<std::string>& arguments, const Redirect& redirect = {}) {
    std::vector<std::string> command = {INKFIELD_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command, {{"INKFIELD_LIBRARY", INKFIELD_STAND_IN}}, redirect);
  }
  Finished read(std::vector<std::string> arguments, const Redirect& redirect = {}) const {
    arguments.insert(arguments.begin(), {"read", "--templates", form_});
    return inkfield(arguments, redirect);
  }

  Scratch scratch_;
  std::string form_;
};

TEST_F(CommandLine, ExitStatus_IsTheGravestThingThatHappened) {
  const std::string good = image("good.png", "accepted\n");
  const std::string review = image("review.png", "accepted\nreview\n");
  const std::string unknown = image("unknown.png", "unknown\n");
  const std::string unreadable = image("unreadable.png", "unreadable\n");
  const std::string damaged = image("damaged.png", "accepted\nbroken\naccepted\n");
  const std::string no_field = image("no_field.png", "no_field\n");
  EXPECT_EQ(read({good}).status, 0);
  EXPECT_EQ(read({good, review}).status, 3);
  EXPECT_EQ(read({unknown}).status, 3);
  EXPECT_EQ(read({review, unreadable, good}).status, 1);
  EXPECT_EQ(read({damaged}).status, 1);
  EXPECT_EQ(read({(scratch_.path() / "none.png").string()}).status, 1);
  EXPECT_EQ(read({scratch_.write("text.png", "no picture")}).status, 1);
  EXPECT_EQ(read({scratch_.write("no_pages.png", "stand-in\n")}).status, 1);
  EXPECT_EQ(read({unreadable, no_field, review}).status, 2);
}

TEST_F(CommandLine, WrongUsage_Is2AndSaysWhy) {
  const std::string good = image("good.png", "accepted\n");
  EXPECT_EQ(inkfield({}).status, 2);
  EXPECT_EQ(inkfield({"reed"}).status, 2);
  EXPECT_EQ(inkfield({"read"}).status, 2);
  EXPECT_EQ(read({good, "--format", "xml"}).status, 2);
  EXPECT_EQ(read({good, "--frobnicate"}).status, 2);
  const Finished none = inkfield({"read", "--templates", "/nonexistent", good});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("/nonexistent"));
  const Finished form = read({"--form", "form_b", good});
  EXPECT_EQ(form.status, 2);
  EXPECT_THAT(form.err, HasSubstr("there are: form_a"));
  EXPECT_THAT(form.out, IsEmpty());
  EXPECT_EQ(read({"--model", "/nonexistent.onnx", good}).status, 2);
  const Finished precision = read({"--precision", "int16", good});
  EXPECT_EQ(precision.status, 2);
  EXPECT_THAT(precision.err, HasSubstr("int16: there are fastest, float32 and int8"));
  EXPECT_EQ(run({INKFIELD_PROGRAM, "read", good}, {{"INKFIELD_LIBRARY", "/nonexistent.so"}}).status, 2);
}

TEST_F(CommandLine, Precision_ReachesThePlugin) {
  const std::string good = image("good.png", "accepted\n");
  EXPECT_EQ(read({good, "--precision", "float32"}).status, 0);
  const Finished bytes = read({good, "--precision", "int8"});
  EXPECT_EQ(bytes.status, 2);
  EXPECT_THAT(bytes.err, HasSubstr("the model has no ranges"));
}

TEST_F(CommandLine, Help_Is0) {
  EXPECT_EQ(inkfield({"--help"}).status, 0);
  EXPECT_THAT(inkfield({"read", "--help"}).out, HasSubstr("Exit status"));
  EXPECT_EQ(inkfield({"--version"}).out, "inkfield 0.0.0-stand-in\n");
}

TEST_F(CommandLine, BadTemplateAmongMany_IsToldAndLeftOutUnlessStrict) {
  const std::string good = image("good.png", "accepted\n");
  const std::string bad = scratch_.write("broken.json", "bad");
  const Finished lenient = read({"--templates", bad, good});
  EXPECT_EQ(lenient.status, 0);
  EXPECT_THAT(lenient.err, HasSubstr("broken.json: /fields/0: is bad"));
  EXPECT_EQ(read({"--templates", bad, "--strict", good}).status, 2);
  EXPECT_EQ(inkfield({"read", "--templates", bad, good}).status, 2);  // none is left
}

TEST_F(CommandLine, Json_IsOneArrayWithARecordAPage) {
  const std::string file = image("two \"pages\".tif", "accepted\nbroken\n");
  const Finished result = read({"--format", "json", file});
  const json array = json::parse(result.out);
  ASSERT_EQ(array.size(), 2u);
  EXPECT_EQ(array[0]["file"], file);
  EXPECT_EQ(array[0]["page"], 1);
  EXPECT_EQ(array[0]["pages"], 2);
  EXPECT_TRUE(array[0]["error"].is_null());
  EXPECT_EQ(array[0]["result"]["stand_in"], "accepted");
  EXPECT_EQ(array[1]["page"], 2);
  EXPECT_EQ(array[1]["error"]["status"], "invalid_image");
  EXPECT_EQ(array[1]["error"]["message"], "is damaged");
  EXPECT_TRUE(array[1]["result"].is_null());
  EXPECT_THAT(result.err, HasSubstr("two \"pages\".tif (page 2): is damaged"));
}

TEST_F(CommandLine, Jsonl_IsALineAPage) {
  const Finished result = read({"--format", "jsonl", image("a.png", "accepted\nreview\n"), image("b.png", "unknown\n")});
  std::istringstream lines(result.out);
  std::vector<json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(json::parse(line));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_THAT(records[2]["file"].get<std::string>(), HasSubstr("b.png"));
}

TEST_F(CommandLine, Csv_HasAStableHeaderAndNoFormulas) {
  const Finished result = read({"--format", "csv", image("=evil.png", "formula\nunknown\n")});
  std::istringstream lines(result.out);
  std::string header, field, unknown;
  std::getline(lines, header);
  std::getline(lines, field);
  std::getline(lines, unknown);
  EXPECT_EQ(header,
            "file,page,page_state,page_reason,form_id,form_confidence,registration_residual_mm,rotation_degrees,field,kind,"
            "state,text,normalized,currency,confidence,threshold,reason,raw_text,changed_by_rule,model");
  EXPECT_THAT(field, HasSubstr(",1,read,,form_a,0.000000,0.1250,0.000,number,handwritten_number,accepted,'=1+1,'=1+1,,0.990000,0.900000,,raw,false,stand-in"));
  EXPECT_THAT(unknown, HasSubstr(",2,unknown_form,fits none,,"));
  EXPECT_EQ(std::count(unknown.begin(), unknown.end(), ','), std::count(header.begin(), header.end(), ','));
}

TEST_F(CommandLine, Table_ShowsFieldsWithoutColourInAFile) {
  const Finished result = read({image("a.png", "review\n")});
  EXPECT_THAT(result.out, HasSubstr("form_a, residual 0.12 mm"));
  EXPECT_THAT(result.out, HasSubstr("number  12    12              0.5000  review    not sure enough"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(CommandLine, FileNameWithLineBreak_StaysOnOneLine) {
  const Finished result = read({scratch_.write("a\nb.png", "no picture")});
  EXPECT_THAT(result.err, HasSubstr("/a\\nb.png: is no picture\n"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
}

TEST_F(CommandLine, StandardInput_IsRead) {
  Redirect from;
  from.in = image("a.png", "accepted\n");
  const Finished result = read({"--format", "jsonl", "-"}, from);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(json::parse(result.out)["file"], "-");
}

TEST_F(CommandLine, OutputThatCannotBeWritten_Is1) {
  const std::string good = image("good.png", "accepted\n");
  Redirect full;
  full.out = "/dev/full";
  const Finished to_full_disk = read({"--format", "json", good}, full);
  EXPECT_EQ(to_full_disk.status, 1);
  EXPECT_THAT(to_full_disk.err, HasSubstr("cannot write to standard output: No space left"));
  Redirect closed;
  closed.out_closed = true;
  const Finished to_nowhere = read({good}, closed);
  EXPECT_EQ(to_nowhere.status, 1);
  EXPECT_THAT(to_nowhere.err, HasSubstr("standard output is closed"));
}

TEST_F(CommandLine, Explain_MakesAFolderForEachPage) {
  const std::string folder = scratch_.path() / "pictures" / "deep";
  scratch_.write("other/a.png", "stand-in\nreview\n");
  EXPECT_EQ(read({"--explain", folder, image("a.png", "accepted\nreview\n"), (scratch_.path() / "other/a.png").string()}).status, 3);
  EXPECT_EQ(scratch_.text("pictures/deep/a.png_page1/page.txt"), "accepted");
  EXPECT_EQ(scratch_.text("pictures/deep/a.png_page2/page.txt"), "review");
  EXPECT_EQ(scratch_.text("pictures/deep/a.png/page.txt"), "review");
}

TEST_F(CommandLine, Check_ListsFaultsWithPointer) {
  const std::string bad = scratch_.write("templates/bad.json", "{\"bad\": 1}");
  scratch_.write("templates/good.json", R"({"id": "tax", "fields": [{}, {}]})");
  const Finished all = inkfield({"check", (scratch_.path() / "templates").string()});
  EXPECT_EQ(all.status, 2);
  EXPECT_THAT(all.out, HasSubstr(bad + ": /fields/0/kind: is bad\n"));
  EXPECT_THAT(all.out, HasSubstr("good.json: ok (tax, 2 fields)\n"));
  const Finished good = inkfield({"check", (scratch_.path() / "templates/good.json").string()});
  EXPECT_EQ(good.status, 0);
  const Finished missing = inkfield({"check", "/nonexistent.json"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent.json"));
  EXPECT_EQ(inkfield({"check", scratch_.path().string() + "/empty"}).status, 2);
}

TEST_F(CommandLine, Model_PrintsFacts) {
  const std::string file = scratch_.write("m.onnx", "x");
  const Finished table = inkfield({"model", file});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("calibration symbol a  1\n"));
  EXPECT_THAT(table.out, HasSubstr("layers 2              op Relu\n"));
  EXPECT_EQ(json::parse(inkfield({"model", file, "--json"}).out)["parameters"], 7);
  EXPECT_EQ(inkfield({"model", "/nonexistent.onnx"}).status, 2);
}

TEST_F(CommandLine, ModelThatCannotRun_SaysWhatIsInTheWayAndIs2) {
  const std::string file = scratch_.write("m.onnx", "cannot\n");
  const Finished table = inkfield({"model", file});
  EXPECT_EQ(table.status, 2);
  EXPECT_THAT(table.out, HasSubstr("does not run"));
  EXPECT_THAT(table.out, HasSubstr("in the way    node Elu 'e' and 2 more: is not supported\n"));
  EXPECT_THAT(table.out, HasSubstr("what to do    train without it\n"));
  const Finished script = inkfield({"model", file, "--json"});
  EXPECT_EQ(script.status, 2);
  EXPECT_EQ(json::parse(script.out)["missing"][0]["count"], 3);
}

class Eval : public CommandLine {
 protected:
  struct Item {
    int reading, percent, state, label;
  };
  /// Pictures of 3 x 1 px whose pixels, inverted, are the answer.
  std::vector<std::string> idx(const std::vector<Item>& items) const {
    const auto word = [](std::size_t value) {
      return std::string{0, 0, static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    std::string images = std::string("\0\0\x08\x03", 4) + word(items.size()) + word(1) + word(3);
    std::string labels = std::string("\0\0\x08\x01", 4) + word(items.size());
    for (const Item& item : items) {
      images += {static_cast<char>(item.reading), static_cast<char>(item.percent), static_cast<char>(item.state)};
      labels += static_cast<char>(item.label);
    }
    return {scratch_.write("images.idx", images), scratch_.write("labels.idx", labels)};
  }
  std::string field_ = scratch_.write("field.json", "{}");
};

TEST_F(Eval, Json_HasEveryPromisedKey) {
  // State 1 is accepted, 2 review.
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}, {6, 60, 2, 6}, {7, 50, 2, 1}, {8, 40, 2, 'A'}, {8, 98, 1, 'B'}});
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
  const json sum = json::parse(result.out);
  EXPECT_EQ(sum["items"], 6);
  EXPECT_EQ(sum["rated_items"], 4);
  EXPECT_EQ(sum["unknowable_items"], 2);
  EXPECT_EQ(sum["unknowable_accepted"], 1);
  EXPECT_DOUBLE_EQ(sum["right_rate"], 0.5);
  EXPECT_DOUBLE_EQ(sum["error_rate"], 0.5);
  EXPECT_DOUBLE_EQ(sum["digit_right_rate"], 0.5);
  EXPECT_EQ(sum["accepted"], 3);
  EXPECT_EQ(sum["wrong_accepted"], 2);
  EXPECT_GE(sum["ms_per_item"], 0.0);
  ASSERT_EQ(sum["read_rate_at"].size(), 6u);
  EXPECT_DOUBLE_EQ(sum["read_rate_at"][0]["wrong_rate"], 0.001);
  EXPECT_DOUBLE_EQ(sum["read_rate_at"][0]["read_rate"], 0.25);
  ASSERT_EQ(sum["misread"].size(), 3u);
  EXPECT_EQ(sum["misread"][0]["item"], "1");
  EXPECT_EQ(sum["misread"][0]["truth"], "5");
  EXPECT_EQ(sum["misread"][0]["reading"], "4");
  EXPECT_DOUBLE_EQ(sum["misread"][0]["confidence"], 0.95);
}

TEST_F(Eval, Limit_TakesTheFirstItems) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}});
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--json", "--limit", "1"});
  EXPECT_EQ(json::parse(result.out)["items"], 1);
}

TEST_F(Eval, Json_HasIntervalsAndCalibration) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}, {6, 60, 2, 6}, {7, 50, 2, 1}});
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--json"});
  const json sum = json::parse(result.out);
  for (const char* key : {"right_rate_interval", "error_rate_interval", "accepted_rate_interval", "wrong_accepted_rate_interval"}) {
    ASSERT_EQ(sum[key].size(), 2u) << key;
    EXPECT_LT(sum[key][0], sum[key][1]) << key;
  }
  EXPECT_DOUBLE_EQ(sum["accepted_rate"], 0.5);
  EXPECT_DOUBLE_EQ(sum["wrong_accepted_rate"], 0.5);
  EXPECT_DOUBLE_EQ(sum["reject_rate_at_1_percent"], 0.75);
  EXPECT_EQ(sum["read_rate_at"][0]["accepted"], 1);
  for (const char* key : {"calibration", "uncalibrated"}) {
    EXPECT_NEAR(sum[key]["expected_error"].get<double>(), (0.01 + 0.95 + 0.4 + 0.5) / 4, 1e-9);
    EXPECT_GT(sum[key]["log_loss"], 0.0);
    EXPECT_EQ(sum[key]["bins"].size(), 4u);
  }
}

TEST_F(Eval, PictureAndErrors_AreWritten) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}, {7, 99, 2, 1}});
  const std::string picture = scratch_.path() / "look.svg";
  const std::string errors = scratch_.path() / "errors.csv";
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--picture", picture, "--errors", errors});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(scratch_.text("look.svg"), StartsWith("<?xml"));
  EXPECT_EQ(scratch_.text("errors.csv"), "item,truth,answer,confidence,accepted\n2,1,7,0.990000,0\n1,5,4,0.950000,1\n");
  EXPECT_EQ(inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--picture", "look.png"}).status, 2);
  EXPECT_EQ(inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--errors", "/nonexistent/e.csv"}).status, 1);
}

TEST_F(Eval, Only_RestrictsAndRefusesUnknownNames) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}, {7, 99, 2, 1}});
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--json", "--only", scratch_.write("l.txt", "0\n2\n")});
  EXPECT_EQ(json::parse(result.out)["items"], 2);
  const Finished unknown = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--only", scratch_.write("m.txt", "0\n9\n")});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("names 1 items that are not there, the first 9"));
}

TEST_F(Eval, Corrections_GiveBothFigures) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}});
  const Finished result = inkfield({"eval", "--field", field_, "--idx", files[0], files[1], "--json", "--corrections",
                                    scratch_.write("c.csv", "item,text\n1,4\n")});
  const json sum = json::parse(result.out);
  EXPECT_EQ(sum["mended_items"], 1);
  EXPECT_DOUBLE_EQ(sum["right_rate"], 1.0);
  EXPECT_DOUBLE_EQ(sum["as_labelled"]["right_rate"], 0.5);
  EXPECT_EQ(sum["as_labelled"]["wrong_accepted"], 1);
}

TEST_F(Eval, BadArguments_Are2) {
  const auto files = idx({{3, 99, 1, 3}, {4, 95, 1, 5}});
  const auto status = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "eval");
    const Finished result = inkfield(arguments);
    EXPECT_THAT(result.err, Not(IsEmpty()));
    EXPECT_THAT(result.out, IsEmpty());
    return result.status;
  };
  const std::string truth = scratch_.write("truth.csv", "key,value\na,1\n");
  const std::string crops = scratch_.path();
  EXPECT_EQ(status({"--idx", files[0], files[1]}), 2);
  EXPECT_EQ(status({"--field", field_}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[0], files[1], "--precision", "int4"}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[0], files[1], "--precision", "int8"}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[0]}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[1], files[0]}), 2);
  EXPECT_EQ(status({"--field", "/nonexistent.json", "--idx", files[0], files[1]}), 2);
  EXPECT_EQ(status({"--field", scratch_.write("f.json", "bad"), "--idx", files[0], files[1]}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[0], files[1], "--crops", crops}), 2);
  EXPECT_EQ(status({"--field", field_, "--crops", crops, "--truth", truth, "--key", "key"}), 2);
  EXPECT_EQ(status({"--field", field_, "--crops", crops, "--truth", truth, "--key", "key", "--column", "none"}), 2);
  EXPECT_EQ(status({"--field", field_, "--crops", "/nonexistent", "--truth", truth, "--key", "key", "--column", "value"}), 2);
  EXPECT_EQ(status({"--field", field_, "--idx", files[0], files[1], "--limit", "-1"}), 2);
}

TEST_F(Eval, PictureThatIsMissing_CountsAsWrongAndIs1) {
  const std::string truth = scratch_.write("truth.csv", "key,value\na,1\nb,2\n");
  // A "picture" of the stand-in: its page's bytes are the pixels; 255 - 0xFE = 1, 255 - 0xAA = 85 %, 255 - 0xFE = accepted.
  scratch_.write("crops/a.png", "stand-in\n\xFE\xAA\xFE\n");
  const Finished result = inkfield({"eval", "--field", field_, "--crops", scratch_.path() / "crops", "--truth", truth, "--key", "key",
                               "--column", "value", "--json"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("b: no picture of that name"));
  const json sum = json::parse(result.out);
  EXPECT_EQ(sum["items"], 2);
  EXPECT_EQ(sum["unreadable_items"], 1);
  EXPECT_DOUBLE_EQ(sum["right_rate"], 0.5);
}

}  // namespace
}  // namespace inkfield::tests
