// What reaches a terminal: safe text, aligned columns, exit statuses.

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "adapters/hosts/command_line/result_writers.h"
#include "adapters/hosts/command_line/terminal.h"
#include "adapters/hosts/common/exit_status.h"
#include "adapters/hosts/common/printable.h"

namespace inkfield {
namespace {

using hosts::ExitStatus;
using hosts::Outcome;
using hosts::PageRecord;

TEST(Printable, ControlCharacters_AreWrittenOut) {
  EXPECT_EQ(hosts::printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(hosts::printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(hosts::printable("\xC2\x9B" "31m"), "\\x9b31m");           // the one-character escape
  EXPECT_EQ(hosts::printable("\xE2\x80\xAE" "gpj.exe"), "\\u202egpj.exe");  // right-to-left override
}

TEST(Printable, BytesThatAreNotUtf8_AreWrittenOut) {
  EXPECT_EQ(hosts::printable("M\xFCller"), "M\\xfcller");
  EXPECT_EQ(hosts::printable("M\xC3\xBCller"), "M\xC3\xBCller");
  EXPECT_EQ(hosts::printable("\xC0\xAF"), "\\xc0\\xaf");      // overlong
  EXPECT_EQ(hosts::printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(hosts::printable("\xE2\x82"), "\\xe2\\x82");      // cut short
}

TEST(JsonString, AnyBytes_MakeValidJson) {
  EXPECT_EQ(hosts::json_string("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(hosts::json_string("\xFF"), "\"\xEF\xBF\xBD\"");
}

TEST(DisplayWidth, WideAndCombining_AreCountedAsShown) {
  EXPECT_EQ(hosts::display_width("abc"), 3u);
  EXPECT_EQ(hosts::display_width("\xC3\xBC"), 1u);
  EXPECT_EQ(hosts::display_width("\xE6\xBC\xA2"), 2u);
  EXPECT_EQ(hosts::display_width("u\xCC\x88"), 1u);
}

TEST(Table, Columns_AreAlignedWithoutTrailingBlanks) {
  std::ostringstream out;
  command_line::write_table(out, {{{"A"}, {"NUMBER"}, {"X"}}, {{"\xC3\xBC" "ber"}, {"1"}, {}}, {{"b"}, {"22"}, {"y"}}}, {1}, "> ", false);
  EXPECT_EQ(out.str(), "> A     NUMBER  X\n> \xC3\xBC" "ber       1\n> b         22  y\n");
}

TEST(Table, Colour_AppearsOnlyWhenEnabled) {
  EXPECT_EQ(command_line::coloured("x", command_line::Colour::red, false), "x");
  EXPECT_EQ(command_line::coloured("x", command_line::Colour::red, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(command_line::coloured("", command_line::Colour::red, true), "");
}

TEST(ExitStatusRule, GravestOutcome_Decides) {
  ExitStatus status;
  EXPECT_EQ(status.value(), 0);
  status.note(Outcome::accepted);
  EXPECT_EQ(status.value(), 0);
  status.note(Outcome::needs_person);
  EXPECT_EQ(status.value(), 3);
  status.note(Outcome::unreadable);
  EXPECT_EQ(status.value(), 1);
  status.note(Outcome::needs_person);
  EXPECT_EQ(status.value(), 1);
  status.note(Outcome::misconfigured);
  EXPECT_EQ(status.value(), 2);
}

PageRecord failed_page(inkfield_status status, bool while_reading) {
  PageRecord record;
  record.file = "=a,b.png";
  record.page = 2;
  record.pages = 3;
  record.status = status;
  record.error = "broken \"here\"";
  record.while_reading = while_reading;
  return record;
}

TEST(OutcomeOfPage, FailuresOfTheHost_AreToldFromFailuresOfThePage) {
  EXPECT_EQ(hosts::outcome_of(failed_page(INKFIELD_NOT_FOUND, false)), Outcome::unreadable);    // no such file
  EXPECT_EQ(hosts::outcome_of(failed_page(INKFIELD_NOT_FOUND, true)), Outcome::misconfigured);  // no such field
  EXPECT_EQ(hosts::outcome_of(failed_page(INKFIELD_UNAVAILABLE, true)), Outcome::misconfigured);
  EXPECT_EQ(hosts::outcome_of(failed_page(INKFIELD_DEADLINE_EXCEEDED, true)), Outcome::unreadable);
  EXPECT_EQ(hosts::outcome_of(failed_page(INKFIELD_INVALID_IMAGE, false)), Outcome::unreadable);
}

TEST(ResultWriter, UnreadablePage_IsARecordInEveryFormat) {
  const auto written = [](const char* format) {
    std::ostringstream out;
    const auto writer = command_line::make_writer(format, out, false);
    writer->begin();
    writer->write(failed_page(INKFIELD_INVALID_IMAGE, false));
    writer->end();
    return out.str();
  };
  const std::string record =
      R"({"file":"=a,b.png","page":2,"pages":3,"error":{"status":"invalid_image","message":"broken \"here\""},"result":null})";
  EXPECT_EQ(written("jsonl"), record + "\n");
  EXPECT_EQ(written("json"), "[\n" + record + "\n]\n");
  EXPECT_EQ(written("csv"), std::string(command_line::kCsvHeader) + "\n\"'=a,b.png\",2,error,\"broken \"\"here\"\"\"" +
                                std::string(16, ',') + "\n");
  EXPECT_EQ(written("table"), "=a,b.png, page 2 of 3: could not be read: broken \"here\"\n");
}

TEST(ResultWriter, CsvHeader_HasAsManyColumnsAsARow) {
  const std::string header = command_line::kCsvHeader;
  EXPECT_EQ(std::count(header.begin(), header.end(), ','), 19);
}

TEST(ResultWriter, NoPages_IsStillValidJson) {
  std::ostringstream out;
  const auto writer = command_line::make_writer("json", out, false);
  writer->begin();
  writer->end();
  EXPECT_EQ(out.str(), "[]\n");
}

}  // namespace
}  // namespace inkfield
