// Tables of truths as spreadsheets write them, and cells that a spreadsheet may open.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "adapters/hosts/command_line/csv_file.h"

namespace inkfield::command_line {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint_about(const std::string& text) {
  try {
    parse_csv(text, "t.csv");
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST(CsvFile, PlainTable_GivesRows) {
  const CsvTable table = parse_csv("key,date\na,01022003\nb,?1\n", "t.csv");
  EXPECT_THAT(table.header, ElementsAre("key", "date"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[1].cells, ElementsAre("b", "?1"));
  EXPECT_EQ(table.rows[1].line, 3u);
  EXPECT_EQ(table.column("date"), 1u);
}

TEST(CsvFile, ByteOrderMarkCrlfAndNoLastLineEnd_AreTaken) {
  const CsvTable table = parse_csv("\xEF\xBB\xBFkey,x\r\na,1\r\n\r\nb,2", "t.csv");
  EXPECT_THAT(table.header, ElementsAre("key", "x"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[1].cells, ElementsAre("b", "2"));
}

TEST(CsvFile, QuotedCells_HoldSeparatorsQuotesAndLineBreaks) {
  const CsvTable table = parse_csv("a,b\n\"1,2\",\"he said \"\"no\"\"\nthen\"\nx,y\n", "t.csv");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("1,2", "he said \"no\"\nthen"));
  EXPECT_EQ(table.rows[1].line, 4u);
}

TEST(CsvFile, EmptyCells_StayCells) {
  const CsvTable table = parse_csv("a,b,c\n,,\n1,,\"\"\n", "t.csv");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("", "", ""));
  EXPECT_THAT(table.rows[1].cells, ElementsAre("1", "", ""));
}

TEST(CsvFile, Semicolons_AreSeparatorsIfTheHeaderHasNoComma) {
  EXPECT_THAT(parse_csv("a;b\n1;2,5\n", "t.csv").rows[0].cells, ElementsAre("1", "2,5"));
}

TEST(CsvFile, FaultyTables_AreRefusedWithLine) {
  EXPECT_THAT(complaint_about(""), HasSubstr("is empty"));
  EXPECT_THAT(complaint_about("a,b\n1,2\n1\n"), HasSubstr("t.csv: line 3: has 1 cells, the header 2"));
  EXPECT_THAT(complaint_about("a,b\n\"1,2\n"), HasSubstr("line 2: a quoted cell is never closed"));
  EXPECT_THAT(complaint_about("a,b\n\"1\"x,2\n"), HasSubstr("after a closing quote"));
  EXPECT_THAT(complaint_about("a,a\n1,2\n"), HasSubstr("is there twice"));
  EXPECT_THAT(complaint_about(std::string("a,b\n1,\0\n", 8)), HasSubstr("zero byte"));
}

TEST(CsvFile, UnknownColumn_ListsTheColumns) {
  const CsvTable table = parse_csv("key,date\n", "t.csv");
  try {
    FAIL() << table.column("dat");
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("its columns are: key, date"));
  }
}

TEST(CsvText, Formulas_GetAnApostrophe) {
  EXPECT_EQ(csv_text("=1+1"), "'=1+1");
  EXPECT_EQ(csv_text("-5"), "'-5");
  EXPECT_EQ(csv_text("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_text("\tx"), "\"'\tx\"");
  EXPECT_EQ(csv_text("  =1"), "'  =1");
  EXPECT_EQ(csv_text("\xEF\xBC\x9D" "1"), "'\xEF\xBC\x9D" "1");
}

TEST(CsvText, Text_IsQuotedWhereNeeded) {
  EXPECT_EQ(csv_text("plain 12/03"), "plain 12/03");
  EXPECT_EQ(csv_text("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_text("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(csv_text("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_text(""), "");
}

}  // namespace
}  // namespace inkfield::command_line
