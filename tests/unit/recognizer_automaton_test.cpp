// Formats against brute force: every short string is put to the automaton and to a plain definition.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <set>

#include "recognizer/decoding/automaton.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

/// All strings over `symbols` with at most `max_length` of them.
void for_all(const std::string& symbols, std::size_t max_length,
             const std::function<void(const std::string&)>& use) {
  std::vector<std::string> level{""};
  for (std::size_t length = 0;; ++length) {
    for (const auto& text : level) use(text);
    if (length == max_length) return;
    std::vector<std::string> longer;
    for (const auto& text : level) {
      for (const char symbol : symbols) longer.push_back(text + symbol);
    }
    level = std::move(longer);
  }
}

std::string digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

TEST(Automaton_Digits, Lengths_OnlyThose) {
  const auto automaton = Automaton::digits(2, 4);
  EXPECT_EQ(automaton.state_count(), 5);
  EXPECT_FALSE(automaton.accepts("1"));
  EXPECT_TRUE(automaton.accepts("12"));
  EXPECT_TRUE(automaton.accepts("1234"));
  EXPECT_FALSE(automaton.accepts("12345"));
  EXPECT_FALSE(automaton.accepts("1.2"));
  EXPECT_EQ(automaton.symbols_to_accept(automaton.start()), 2);
  EXPECT_TRUE(Automaton::digits(0, 3).accepts(""));
}

TEST(Automaton_Anything, QuestionMarkIncluded_UpToItsLength) {
  const auto automaton = Automaton::anything(3);
  EXPECT_TRUE(automaton.accepts(""));
  EXPECT_TRUE(automaton.accepts("?-="));
  EXPECT_FALSE(automaton.accepts("1234"));
  EXPECT_FALSE(automaton.accepts("a"));
}

TEST(Automaton_Pattern, EveryElement_AsDescribed) {
  const auto zip = Automaton::pattern("9{5}-?9{0,4}");
  EXPECT_TRUE(zip.accepts("12345"));
  EXPECT_TRUE(zip.accepts("12345-6789"));
  EXPECT_TRUE(zip.accepts("123456789"));
  EXPECT_FALSE(zip.accepts("1234"));
  const auto some = Automaton::pattern("[1-35]9{1,2}/[0]?");
  EXPECT_TRUE(some.accepts("19/"));
  EXPECT_TRUE(some.accepts("599/0"));
  EXPECT_FALSE(some.accepts("499/0"));
  EXPECT_FALSE(some.accepts("5/0"));
}

TEST(Automaton_Pattern, Wrong_SaysWhere) {
  for (const char* wrong :
       {"9{", "9{5", "9{3,2}", "[", "[]", "[a]", "a", "{2}", "?", "[3-1]", "9{2}?", "9{9999}", "5"}) {
    try {
      (void)Automaton::pattern(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << wrong;
      EXPECT_NE(std::string(error.what()).find("character"), std::string::npos) << error.what();
    }
  }
}

TEST(Automaton_AnyOf, List_ExactlyIt) {
  const auto automaton = Automaton::any_of({"12", "123", "9-1"});
  for_all("1239-", 4, [&](const std::string& text) {
    EXPECT_EQ(automaton.accepts(text), text == "12" || text == "123" || text == "9-1") << text;
  });
  EXPECT_TRUE(Automaton::any_of({}).is_empty());
  EXPECT_THROW((void)Automaton::any_of({"1a"}), Error);
}

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

bool is_date(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1) return false;
  const int most = month == 2                                                ? (is_leap(year) ? 29 : 28)
                   : (month == 4 || month == 6 || month == 9 || month == 11) ? 30
                                                                             : 31;
  return day <= most;
}

TEST(Automaton_Dates, EightDigits_EveryDayOf150YearsAndNoOther) {
  const auto automaton = Automaton::dates("DDMMYYYY", "1900-03-15", "2049-11-20", "");
  EXPECT_LT(automaton.state_count(), 1000);
  int accepted = 0;
  char text[16];
  for (int year = 1898; year <= 2051; ++year) {
    for (int month = 0; month <= 13; ++month) {
      for (int day = 0; day <= 32; ++day) {
        std::snprintf(text, sizeof text, "%02d%02d%04d", day, month, year);
        const int iso = year * 10000 + month * 100 + day;
        const bool valid = is_date(year, month, day) && iso >= 19000315 && iso <= 20491120;
        ASSERT_EQ(automaton.accepts(text), valid) << text;
        accepted += valid ? 1 : 0;
      }
    }
  }
  EXPECT_GT(accepted, 54000);
  EXPECT_TRUE(automaton.accepts("29022000"));
  EXPECT_FALSE(automaton.accepts("29021900"));
  EXPECT_FALSE(automaton.accepts("29022001"));
}

TEST(Automaton_Dates, Separators_BetweenPartsOnlyAndNeverTwice) {
  const auto automaton = Automaton::dates("YYMMDD", "1950-01-01", "2049-12-31", "-/");
  for (const char* valid : {"000229", "00-02-29", "00/0229", "0002/29", "99-12/31"})
    EXPECT_TRUE(automaton.accepts(valid)) << valid;
  for (const char* wrong : {"010229", "00--0229", "-000229", "000229-", "0-00229", "00.02.29"}) {
    EXPECT_FALSE(automaton.accepts(wrong)) << wrong;
  }
}

TEST(Automaton_Dates, NonsenseArguments_Refused) {
  EXPECT_THROW((void)Automaton::dates("DDMM", "1900-01-01", "2000-01-01", ""), Error);
  EXPECT_THROW((void)Automaton::dates("DDMMYYYYY", "1900-01-01", "2000-01-01", ""), Error);
  EXPECT_THROW((void)Automaton::dates("DDMMYYYY", "1900-02-29", "2000-01-01", ""), Error);
  EXPECT_THROW((void)Automaton::dates("DDMMYYYY", "2001-01-01", "2000-01-01", ""), Error);
  EXPECT_THROW((void)Automaton::dates("DDMMYYYY", "1900-01-01", "2000-01-01", "x"), Error);
}

TEST(Automaton_Amounts, GroupingsAndTerminators_AsOnCheques) {
  Automaton::AmountRules rules;
  rules.terminators = {"/-", "="};
  const auto automaton = Automaton::amounts(rules);
  for (const char* valid : {"1", "1234", "1,234", "12,345.00", "1,23,456", "123,456", "12,34,567/-",
                            "5.00=", "1234567.89/-", "1,234,567", "007"}) {
    EXPECT_TRUE(automaton.accepts(valid)) << valid;
  }
  for (const char* wrong : {"", ",123", "1,23", "12,34", "1,2345", "1.5", "1.234", "1,234,56", "1,23,4567",
                            "5/", "5-", "5/-=", ".50", "1,2,345", "12,345,67,890", "1?"}) {
    EXPECT_FALSE(automaton.accepts(wrong)) << wrong;
  }
}

TEST(Automaton_Amounts, HundredsOfLakhsOrCrores_MayStandTogether) {
  Automaton::AmountRules rules;
  rules.group_thousands = false;
  rules.ungrouped = false;
  const auto automaton = Automaton::amounts(rules);
  for (const char* valid : {"1,10,00,000", "110,00,000", "110,00,00,000.00", "99,99,999"}) {
    EXPECT_TRUE(automaton.accepts(valid)) << valid;
  }
  for (const char* wrong :
       {"110,000", "1100,00,000", "1,110,00,000", "110,0000", "110,000,000", "110,00000"}) {
    EXPECT_FALSE(automaton.accepts(wrong)) << wrong;
  }
}

TEST(Automaton_Amounts, CommaAsMark_PointGroups) {
  Automaton::AmountRules rules;
  rules.decimal_mark = ',';
  rules.group_indian = false;
  rules.ungrouped = false;
  rules.decimals_optional = false;
  const auto automaton = Automaton::amounts(rules);
  EXPECT_TRUE(automaton.accepts("1.234,50"));
  EXPECT_TRUE(automaton.accepts("12,50"));
  EXPECT_FALSE(automaton.accepts("1.234"));
  EXPECT_FALSE(automaton.accepts("1234,50"));
}

TEST(Automaton_Amounts, Grouped_AgainstDefinition) {
  Automaton::AmountRules rules;
  rules.ungrouped = false;
  rules.decimals = 0;
  rules.max_digits = 6;
  const auto automaton = Automaton::amounts(rules);
  std::set<std::string> valid;
  for (const std::string digits : {"1", "11", "111", "1111", "11111", "111111"}) {
    for (const std::size_t size : {std::size_t{3}, std::size_t{2}}) {
      std::string text;
      for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::size_t left = digits.size() - i;
        if (i > 0 && left >= 3 && (left - 3) % size == 0) text += ',';
        text += digits[i];
      }
      valid.insert(text);
    }
  }
  for_all("1,", 10,
          [&](const std::string& text) { EXPECT_EQ(automaton.accepts(text), valid.contains(text)) << text; });
}

TEST(Automaton_Value, Range_AgainstBruteForce) {
  Automaton::AmountRules rules;
  rules.max_digits = 4;
  const auto base = Automaton::amounts(rules);
  const std::pair<double, double> ranges[] = {{0, 5},         {10, 110.5}, {0.01, 0.1}, {99.99, 1000},
                                              {1111.01, 1e9}, {5, 5},      {-3, 101}};
  for (const auto& range : ranges) {
    const double low = range.first;
    const double high = range.second;
    const auto automaton = base.with_value_between(low, high, '.');
    for_all("015.,", 7, [&](const std::string& text) {
      if (!base.accepts(text)) {
        ASSERT_FALSE(automaton.accepts(text)) << text;
        return;
      }
      std::string plain;
      for (const char c : text) {
        if (c != ',') plain += c;
      }
      const double value = std::stod(plain);
      ASSERT_EQ(automaton.accepts(text), value >= low - 1e-9 && value <= high + 1e-9)
          << text << " in " << low << " " << high;
    });
  }
  EXPECT_TRUE(base.with_value_between(3, 2, '.').is_empty());
  EXPECT_TRUE(base.with_value_between(1e6, 1e7, '.').is_empty());
  EXPECT_THROW((void)base.with_value_between(0, std::nan(""), '.'), Error);
}

TEST(Automaton_Value, LeadingZeros_CountForNothing) {
  const auto automaton = Automaton::digits(1, 6).with_value_between(7, 120, '.');
  EXPECT_TRUE(automaton.accepts("000119"));
  EXPECT_TRUE(automaton.accepts("7"));
  EXPECT_FALSE(automaton.accepts("000121"));
  EXPECT_FALSE(automaton.accepts("0006"));
}

// Check digits by their definitions, written apart from the automaton's way of computing them.
bool check(Automaton::CheckDigit kind, const std::string& digits) {
  const int n = static_cast<int>(digits.size());
  if (n < 2) return false;
  const auto from_right = [&](int i) { return digits[static_cast<std::size_t>(n - 1 - i)] - '0'; };
  int sum = 0;
  switch (kind) {
    case Automaton::CheckDigit::luhn:
      for (int i = 0; i < n; ++i) {
        int d = from_right(i) * (i % 2 == 1 ? 2 : 1);
        sum += d / 10 + d % 10;
      }
      return sum % 10 == 0;
    case Automaton::CheckDigit::mod10_weight31:
      for (int i = 0; i < n; ++i) sum += from_right(i) * (i % 2 == 1 ? 3 : 1);
      return sum % 10 == 0;
    case Automaton::CheckDigit::mod11: {
      // ISO 7064 MOD 11-2: the sum of digits times 2^place from the right is 1 modulo 11.
      int weight = 1;
      for (int i = 0; i < n; ++i, weight = weight * 2 % 11) sum += from_right(i) * weight;
      return sum % 11 == 1;
    }
    case Automaton::CheckDigit::mod97:
      return std::stoll(digits) % 97 == 1;
    case Automaton::CheckDigit::aba: {
      constexpr int kWeights[] = {3, 7, 1};
      for (int i = 0; i < n; ++i) sum += (digits[static_cast<std::size_t>(i)] - '0') * kWeights[i % 3];
      return n == 9 && sum % 10 == 0;
    }
    case Automaton::CheckDigit::verhoeff: {
      // The dihedral group of ten elements: rotations 0 to 4, reflections 5 to 9.
      const auto product = [](int a, int b) {
        const int turn = a < 5 ? (a + b % 5) % 5 : (a % 5 - b % 5 + 5) % 5;
        return (a < 5) == (b < 5) ? turn : turn + 5;
      };
      constexpr int kTurn[] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
      int c = 0;
      for (int i = 0; i < n; ++i) {
        int d = from_right(i);
        for (int k = 0; k < i % 8; ++k) d = kTurn[d];
        c = product(c, d);
      }
      return c == 0;
    }
  }
  return false;
}

using CheckDigit = Automaton::CheckDigit;

TEST(Automaton_CheckDigit, KnownNumbers_Accepted) {
  EXPECT_TRUE(Automaton::digits(11, 11).with_check_digit(CheckDigit::luhn).accepts("79927398713"));
  EXPECT_TRUE(
      Automaton::digits(13, 13).with_check_digit(CheckDigit::mod10_weight31).accepts("4006381333931"));
  EXPECT_TRUE(Automaton::digits(4, 4).with_check_digit(CheckDigit::verhoeff).accepts("2363"));
  EXPECT_TRUE(Automaton::digits(9, 9).with_check_digit(CheckDigit::aba).accepts("111000025"));
  EXPECT_TRUE(Automaton::digits(5, 5).with_check_digit(CheckDigit::mod11).accepts("07940"));
  EXPECT_TRUE(Automaton::digits(5, 5).with_check_digit(CheckDigit::mod97).accepts("79444"));
}

TEST(Automaton_CheckDigit, AllNumbersToFiveDigits_AgainstDefinitions) {
  for (const auto kind : {CheckDigit::luhn, CheckDigit::mod10_weight31, CheckDigit::mod11, CheckDigit::mod97,
                          CheckDigit::verhoeff}) {
    const auto automaton = Automaton::digits(0, 5).with_check_digit(kind);
    for_all("0123456789", 5, [&](const std::string& text) {
      ASSERT_EQ(automaton.accepts(text), check(kind, text)) << static_cast<int>(kind) << " " << text;
    });
  }
}

TEST(Automaton_CheckDigit, LongNumbers_AgainstDefinitions) {
  std::uint32_t seed = 1;
  for (const auto kind : {CheckDigit::luhn, CheckDigit::mod11, CheckDigit::verhoeff, CheckDigit::aba,
                          CheckDigit::mod10_weight31}) {
    const auto automaton = Automaton::digits(9, 12).with_check_digit(kind);
    EXPECT_LT(automaton.state_count(), 60000);
    int accepted = 0;
    for (int i = 0; i < 4000; ++i) {
      std::string text;
      const int length = 9 + i % 4;
      for (int d = 0; d < length; ++d) {
        seed = seed * 1664525U + 1013904223U;
        text += static_cast<char>('0' + (seed >> 16U) % 10);
      }
      ASSERT_EQ(automaton.accepts(text), check(kind, text)) << static_cast<int>(kind) << " " << text;
      accepted += automaton.accepts(text) ? 1 : 0;
    }
    EXPECT_GT(accepted, 50);
  }
}

TEST(Automaton_CheckDigit, Punctuation_CountsForNothing) {
  const auto automaton = Automaton::pattern("9{4}-9{4}-9{4}-9{4}").with_check_digit(CheckDigit::luhn);
  EXPECT_TRUE(automaton.accepts("4111-1111-1111-1111"));
  EXPECT_FALSE(automaton.accepts("4111-1111-1111-1112"));
}

TEST(Automaton_CheckDigit, OfDatesAndRanges_Intersection) {
  const auto base = Automaton::digits(3, 5);
  const auto automaton = base.with_value_between(100, 2000, '.').with_check_digit(CheckDigit::luhn);
  for_all("0123456789", 5, [&](const std::string& text) {
    const bool valid = text.size() >= 3 && std::stoi(text) >= 100 && std::stoi(text) <= 2000 &&
                       check(CheckDigit::luhn, text);
    ASSERT_EQ(automaton.accepts(text), valid) << text;
    ASSERT_EQ(digits_of(text), text);
  });
}

TEST(Automaton_Size, TooManyStates_RefusedNotBuilt) {
  EXPECT_THROW((void)Automaton::digits(0, 1000), Error);
  EXPECT_THROW((void)Automaton::digits(3, 2), Error);
  std::vector<std::string> values;
  for (int i = 0; i < 50000; ++i) {
    std::string value;
    std::uint32_t seed = static_cast<std::uint32_t>(i);
    for (int d = 0; d < 24; ++d) {
      seed = seed * 1664525U + 1013904223U;
      value += static_cast<char>('0' + (seed >> 16U) % 10);
    }
    values.push_back(value);
  }
  EXPECT_THROW((void)Automaton::any_of(values), Error);
}

TEST(Automaton_Empty, NoString_Nothing) {
  const Automaton nothing = Automaton::any_of({});
  EXPECT_EQ(nothing.start(), -1);
  EXPECT_EQ(nothing.step(nothing.start(), '1'), -1);
  EXPECT_FALSE(nothing.accepts(""));
  EXPECT_TRUE(nothing.with_check_digit(CheckDigit::luhn).is_empty());
  EXPECT_TRUE(nothing.with_value_between(0, 1, '.').is_empty());
}

}  // namespace
}  // namespace inkfield::recognizer
