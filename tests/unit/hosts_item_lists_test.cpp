// Lists of names and mended labels that people write by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/hosts/command_line/item_lists.h"

namespace inkfield::command_line {
namespace {

TEST(BareName, FolderAndPictureEnding_AreLeftOut) {
  EXPECT_EQ(bare_name("train/a_7.jpg"), "a_7");
  EXPECT_EQ(bare_name("a_7.TIFF"), "a_7");
  EXPECT_EQ(bare_name("a.7"), "a.7");
  EXPECT_EQ(bare_name(".png"), ".png");
  EXPECT_EQ(bare_name("12"), "12");
}

TEST(NameList, Names_AreMetWhateverTheirEnding) {
  NameList list = NameList::parse("# fold 1\r\ntrain/a.jpg\r\n\n  b\nc.png", "fold.txt");
  EXPECT_TRUE(list.take("a.jpg"));
  EXPECT_TRUE(list.take("b"));
  EXPECT_FALSE(list.take("d"));
  EXPECT_THAT(list.never_met(), testing::ElementsAre("c"));
}

TEST(NameList, EmptyList_IsRefused) { EXPECT_THROW(NameList::parse("\n# nothing\n", "fold.txt"), DataError); }

TEST(Corrections, FirstAndLastColumn_AreNameAndTruth) {
  const Corrections corrections = Corrections::from(parse_csv("file,label,paper\ntrain/a.jpg,12,13\nb.png,1,?2\n", "c.csv"));
  std::vector<EvaluatedItem> items = {{"a", "12", "13", 1, true}, {"train/b.png", "1", "1", 1, true}, {"c", "3", "3", 1, true}};
  EXPECT_EQ(corrections.mend(items), 2u);
  EXPECT_EQ(items[0].truth, "13");
  EXPECT_EQ(items[1].truth, "?2");
  EXPECT_EQ(items[2].truth, "3");
}

TEST(Corrections, BadTables_AreRefused) {
  EXPECT_THROW(Corrections::from(parse_csv("file\na\n", "c.csv")), DataError);
  EXPECT_THROW(Corrections::from(parse_csv("file,text\na.png,1\na.jpg,2\n", "c.csv")), DataError);
}

}  // namespace
}  // namespace inkfield::command_line
