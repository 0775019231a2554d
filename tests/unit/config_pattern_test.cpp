// The pattern language, and the words that faults suggest.
#include <gmock/gmock.h>

#include <array>

#include "config/fault_list.h"
#include "config/field_pattern.h"

namespace inkfield::config_test {
namespace {

using config::measure_pattern;
using config::nearest_word;
using ::testing::HasSubstr;

TEST(FieldPattern, Good_IsMeasured) {
  const auto expect = [](const char* pattern, int shortest, int longest, int fewest_digits, int most_digits) {
    const config::PatternShape shape = measure_pattern(pattern);
    EXPECT_EQ(shape.fault, "") << pattern;
    EXPECT_EQ(shape.shortest, shortest) << pattern;
    EXPECT_EQ(shape.longest, longest) << pattern;
    EXPECT_EQ(shape.fewest_digits, fewest_digits) << pattern;
    EXPECT_EQ(shape.most_digits, most_digits) << pattern;
  };
  expect("9", 1, 1, 1, 1);
  expect("9{4}-9{4}", 9, 9, 8, 8);
  expect("[137]9{2,4}/?9", 4, 7, 4, 6);
  expect("[0-25][1-9],.=-/", 7, 7, 2, 2);
  expect("9{0,3}-", 1, 4, 0, 3);
  expect("9{100}", 100, 100, 100, 100);
}

TEST(FieldPattern, Bad_SaysWhere) {
  const auto expect = [](const char* pattern, std::size_t at, const char* words) {
    const config::PatternShape shape = measure_pattern(pattern);
    EXPECT_THAT(shape.fault, HasSubstr(words)) << pattern;
    EXPECT_NE(shape.fault, "") << pattern;
    EXPECT_EQ(shape.fault_at, at) << pattern;
  };
  expect("", 0, "empty");
  expect("99A", 2, "only 9");
  expect("97", 1, "[7]");
  expect("?", 0, "nothing stands before");
  expect("9??", 2, "nothing stands before");
  expect("9{2}{2}", 4, "nothing stands before");
  expect("9{2}?", 4, "{0,n}");
  expect("9{}", 2, "numbers up to 999");
  expect("9{1000}", 5, "numbers up to 999");
  expect("9{2", 3, "{n} or {n,m}");
  expect("9{2,", 4, "numbers up to 999");
  expect("9{3,2}", 1, "turn the two around");
  expect("[]", 1, "no digit");
  expect("[1", 2, "only digits");
  expect("[5-1]", 3, "upwards");
  expect("[1-]", 3, "upwards");
  expect("[.]", 1, "only digits");
  expect("9{101}", 6, "more than 100");
  expect("9{0}", 4, "empty text");
  expect("9?", 2, "empty field");
  expect("\xC3\xA9", 0, "only 9");
}

TEST(NearestWord, NearOrFar_SuggestsOrNot) {
  constexpr std::array<std::string_view, 5> kWords = {"width_mm", "height_mm", "pitch_mm", "type", "id"};
  EXPECT_EQ(nearest_word("widht_mm", kWords), "width_mm");
  EXPECT_EQ(nearest_word("Width-MM", kWords), "width_mm");
  EXPECT_EQ(nearest_word("heigth_mm", kWords), "height_mm");
  EXPECT_EQ(nearest_word("typ", kWords), "type");
  EXPECT_EQ(nearest_word("ID", kWords), "id");
  EXPECT_EQ(nearest_word("pit", kWords), "pitch_mm");
  EXPECT_EQ(nearest_word("colour", kWords), "");
  EXPECT_EQ(nearest_word("", kWords), "");
  EXPECT_EQ(nearest_word(std::string(10'000, 'w'), kWords), "");
}

}  // namespace
}  // namespace inkfield::config_test
