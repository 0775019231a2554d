// What `inkfield eval` counts, on items small enough to count by hand.

#include <gtest/gtest.h>

#include <string>
#include <filesystem>
#include <fstream>
#include <vector>

#include "adapters/hosts/command_line/evaluation.h"

#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/evaluation_report.h"
#include "tests/scratch_folder.h"

namespace inkfield::command_line {
namespace {

TEST(DigitsOf, Punctuation_DoesNotCount) {
  EXPECT_EQ(digits_of("Rs. 8,80,000/-", false), "880000");
  EXPECT_EQ(digits_of("15.03.2016", true), "15032016");
  EXPECT_EQ(digits_of("1?5", true), "1?5");
  EXPECT_EQ(digits_of("1?5", false), "15");
}

TEST(DigitsRight, SameLength_IsPositionByPosition) {
  EXPECT_EQ(digits_right("123", "123"), 3u);
  EXPECT_EQ(digits_right("123", "321"), 1u);
  EXPECT_EQ(digits_right("1234", "2341"), 0u);  // an alignment would find three
  EXPECT_EQ(digits_right("", ""), 0u);
}

TEST(DigitsRight, OtherLength_IsAligned) {
  EXPECT_EQ(digits_right("12345", "1245"), 4u);
  EXPECT_EQ(digits_right("12345", "912345"), 5u);
  EXPECT_EQ(digits_right("12345", ""), 0u);
  EXPECT_EQ(digits_right("", "12"), 0u);
  EXPECT_EQ(digits_right("88", "0880"), 2u);
  EXPECT_EQ(digits_right("12", "3"), 0u);
}

TEST(Evaluation, FirstReadings_AreCounted) {
  const Evaluation sum = evaluate({{"a", "12", "12", 0.9, true},
                                   {"b", "34", "3,4/-", 0.8, true},
                                   {"c", "56", "57", 0.7, true},
                                   {"d", "78", "", 0.1, false}});
  EXPECT_EQ(sum.items, 4u);
  EXPECT_EQ(sum.rated_items, 4u);
  EXPECT_EQ(sum.right, 2u);
  EXPECT_DOUBLE_EQ(sum.right_rate, 0.5);
  EXPECT_DOUBLE_EQ(sum.error_rate, 0.5);
  EXPECT_DOUBLE_EQ(sum.digit_right_rate, 5.0 / 8);
  EXPECT_EQ(sum.accepted, 3u);
  EXPECT_EQ(sum.wrong_accepted, 1u);
  ASSERT_EQ(sum.misread.size(), 2u);
  EXPECT_EQ(sum.misread[0].item, "c");
  EXPECT_TRUE(sum.misread[0].accepted);
}

TEST(Evaluation, UnknowableTruth_IsOutsideTheRatesAndWrongOnlyIfAccepted) {
  const Evaluation sum = evaluate({{"a", "12", "12", 0.9, true},
                                   {"b", "?2", "32", 0.8, false},
                                   {"c", "1?", "15", 0.99, true}});
  EXPECT_EQ(sum.items, 3u);
  EXPECT_EQ(sum.rated_items, 1u);
  EXPECT_EQ(sum.unknowable_items, 2u);
  EXPECT_EQ(sum.unknowable_accepted, 1u);
  EXPECT_DOUBLE_EQ(sum.right_rate, 1.0);
  EXPECT_DOUBLE_EQ(sum.error_rate, 0.0);
  EXPECT_DOUBLE_EQ(sum.digit_right_rate, 1.0);
  EXPECT_EQ(sum.accepted, 2u);
  EXPECT_EQ(sum.wrong_accepted, 1u);
  EXPECT_DOUBLE_EQ(sum.read_rate_at[0].read_rate, 1.0);
  ASSERT_EQ(sum.misread.size(), 1u);
  EXPECT_EQ(sum.misread[0].item, "c");
}

TEST(Evaluation, DoubtInAReading_IsNotAShorterNumber) {
  EXPECT_EQ(evaluate({{"a", "15", "1?5", 0.5, false}}).right, 0u);
}

TEST(Evaluation, EmptyTruth_WantsAnEmptyReading) {
  const Evaluation sum = evaluate({{"a", "", "", 1, true}, {"b", "", "1", 1, true}});
  EXPECT_EQ(sum.right, 1u);
  EXPECT_EQ(sum.wrong_accepted, 1u);
  EXPECT_DOUBLE_EQ(sum.digit_right_rate, 0.0);
}

TEST(ReadRate, Curve_TakesTheMostThatStaysWithinTheRate) {
  std::vector<EvaluatedItem> items;
  for (int i = 0; i < 100; ++i) {
    items.push_back({std::to_string(i), "1", i == 50 || i == 99 ? "2" : "1", 1.0 - i / 200.0, false});
  }
  const Evaluation sum = evaluate(items);
  ASSERT_EQ(sum.read_rate_at.size(), 6u);
  EXPECT_DOUBLE_EQ(sum.read_rate_at[0].wrong_rate, 0.001);
  EXPECT_DOUBLE_EQ(sum.read_rate_at[0].read_rate, 0.5);   // up to the first wrong one
  EXPECT_DOUBLE_EQ(sum.read_rate_at[3].wrong_rate, 0.01);
  EXPECT_DOUBLE_EQ(sum.read_rate_at[3].read_rate, 0.5);   // 1 of 99 is over 1 %
  EXPECT_DOUBLE_EQ(sum.read_rate_at[4].read_rate, 1.0);   // 2 of 100 is 2 %
}

TEST(ReadRate, EqualConfidences_AreTakenOrLeftTogether) {
  const Evaluation sum = evaluate({{"a", "1", "1", 0.9, false}, {"b", "1", "1", 0.5, false}, {"c", "1", "2", 0.5, false}});
  EXPECT_DOUBLE_EQ(sum.read_rate_at[0].read_rate, 1.0 / 3);
}

TEST(Evaluation, NothingAtAll_GivesZeros) {
  const Evaluation sum = evaluate({});
  EXPECT_EQ(sum.items, 0u);
  EXPECT_DOUBLE_EQ(sum.right_rate, 0);
  EXPECT_DOUBLE_EQ(sum.read_rate_at[5].read_rate, 0);
}

TEST(Answers, WrittenAndReadBack_CountTheSame) {
  const std::vector<EvaluatedItem> items = {{"a,1", "12", "1,2/-", 0.25, false, 0.125}, {"b", "7", "7", 1, true, 0.5}};
  const tests::ScratchFolder scratch;
  const std::string file = scratch.file("answers.csv");
  std::ofstream out(file);
  write_answers(items, out);
  out.close();
  const std::vector<EvaluatedItem> back = read_answers(file);
  ASSERT_EQ(back.size(), items.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].item, items[i].item);
    EXPECT_EQ(back[i].truth, items[i].truth);
    EXPECT_EQ(back[i].reading, items[i].reading);
    EXPECT_DOUBLE_EQ(back[i].confidence, items[i].confidence);
    EXPECT_EQ(back[i].accepted, items[i].accepted);
    EXPECT_DOUBLE_EQ(back[i].uncalibrated, items[i].uncalibrated);
  }
  std::ofstream(file) << "item,truth,answer,confidence,accepted,uncalibrated\na,1,1,nan,1,0.5\n";
  EXPECT_THROW(read_answers(file), DataError);
  std::ofstream(file) << "item,truth\na,1\n";
  EXPECT_THROW(read_answers(file), DataError);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace inkfield::command_line
