// Samples are what the contract of the network says, whatever the nuisance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <set>
#include <string>

#include "recognizer/training/number_texts.h"
#include "recognizer/training/trainer.h"

namespace inkfield::training {
namespace {

void expect_valid(const Sample& sample) {
  ASSERT_GT(sample.input.width_px, 0);
  ASSERT_EQ(sample.input.width_px % recognizer::kFrameStridePx, 0);
  ASSERT_EQ(sample.input.pixels.size(),
            static_cast<std::size_t>(sample.input.width_px * recognizer::kInputHeightPx));
  for (const float value : sample.input.pixels) ASSERT_TRUE(value >= 0.0F && value <= 1.0F);
  for (const char symbol : sample.text) ASSERT_GT(class_of(symbol), 0) << symbol;
}

TEST(Samples, FromSynthesisAlone_AreValid) {
  const SampleSources sources;
  synthesis::Random random(1);
  std::set<std::string> symbols;
  for (int i = 0; i < 1500; ++i) {
    const Sample sample = make_symbol(sources, random);
    expect_valid(sample);
    ASSERT_EQ(sample.input.width_px, recognizer::kInputHeightPx);
    symbols.insert(sample.text);
  }
  for (const char symbol : std::string(kAlphabet))
    EXPECT_EQ(symbols.count(std::string(1, symbol)), 1U) << symbol;
  EXPECT_EQ(symbols.count(""), 1U) << "empty cells";
  for (int i = 0; i < 300; ++i) expect_valid(make_line(sources, 1 + i % 12, random));
}

TEST(Samples, FromTheSameSeed_AreTheSame) {
  const SampleSources sources;
  for (int i = 0; i < 2; ++i) {
    synthesis::Random first(9);
    synthesis::Random second(9);
    for (int k = 0; k < 20; ++k) {
      const Sample a = make_line(sources, 6, first);
      const Sample b = make_line(sources, 6, second);
      ASSERT_EQ(a.text, b.text);
      ASSERT_EQ(a.input.pixels, b.input.pixels);
    }
  }
}

TEST(Samples, OfDigitsAlone_HoldNothingElse) {
  SampleSources sources;
  sources.digits_alone = true;
  sources.index();
  synthesis::Random random(7);
  for (int i = 0; i < 200; ++i) {
    const Sample line = make_line(sources, 2 + i % 10, random);
    EXPECT_EQ(line.text.find_first_not_of("0123456789"), std::string::npos) << line.text;
  }
}

TEST(Samples, OfRoundSums_EndInZeros) {
  SampleSources sources;
  sources.digits_alone = true;
  sources.line_hands.round_sums = 1;
  sources.line_hands.linked_zeros = 1;
  sources.index();
  synthesis::Random random(7);
  for (int i = 0; i < 200; ++i) {
    const int length = 4 + i % 8;
    const Sample line = make_line(sources, length, random);
    expect_valid(line);
    if (line.text.empty()) continue;  // spoilt until nothing was left
    ASSERT_EQ(line.text.size(), static_cast<std::size_t>(length)) << line.text;
    EXPECT_EQ(line.text.substr(3), std::string(static_cast<std::size_t>(length) - 3, '0'));
  }
}

// Mean ink of lines whose real digits are solid blocks, which no pen writes.
double ink_of_blocks(float regional_hands) {
  DigitSet blocks;
  for (int label = 0; label <= 9; ++label) {
    blocks.digits.push_back({.ink = std::vector<std::uint8_t>(20 * 20, 255), .width_px = 20, .height_px = 20, .label = label});
  }
  SampleSources sources;
  sources.sets.push_back({blocks, 1, 1, {}});
  sources.synthetic_lines = 0;
  sources.digits_alone = true;
  sources.line_roughness = 0;
  sources.regional_hands = regional_hands;
  sources.index();
  synthesis::Random random(5);
  double ink = 0;
  double pixels = 0;
  for (int i = 0; i < 200; ++i) {
    const Sample line = make_line(sources, 8, random);
    expect_valid(line);
    ink += std::accumulate(line.input.pixels.begin(), line.input.pixels.end(), 0.0);
    pixels += static_cast<double>(line.input.pixels.size());
  }
  return ink / pixels;
}

TEST(Samples, OfHandsOfOtherCountries_HoldWrittenDigitsAmongRealOnes) {
  const double all_real = ink_of_blocks(0);
  const double some_written = ink_of_blocks(1);
  EXPECT_LT(some_written, 0.9 * all_real);
  EXPECT_GT(some_written, 0.5 * all_real);
}

// Symbols of which two digits share a cell, out of 6000; only rough ones do.
int crowded_cells(const Recipe& recipe) {
  TrainingOptions options;
  options.recipe = recipe;
  SampleSources sources;
  SampleSources held_out;
  load_sources(options, sources, held_out);
  synthesis::Random random(6);
  int crowded = 0;
  for (int i = 0; i < 6000; ++i) crowded += make_symbol(sources, random).text.size() == 2 ? 1 : 0;
  return crowded;
}

TEST(Samples, OfARecipe_AreAsRoughAsItSays) {
  Recipe recipe = recipe_by_name("clean");
  EXPECT_LT(recipe.symbol_roughness, 1.0F);
  const int some = crowded_cells(recipe);
  EXPECT_GT(some, 0);
  recipe.symbol_roughness = 0;
  EXPECT_EQ(crowded_cells(recipe), 0);
  recipe.symbol_roughness = 1;
  EXPECT_GT(crowded_cells(recipe), some);
}

TEST(NumberTexts, Rounded_KeepsMarksAndOneToThreeDigits) {
  synthesis::Random random(3);
  std::set<std::string> seen;
  for (int i = 0; i < 60; ++i) seen.insert(rounded("-12,34,*67.89/-", random));
  EXPECT_EQ(seen, (std::set<std::string>{"-10,00,*00.00/-", "-12,00,*00.00/-", "-12,30,*00.00/-"}));
}

TEST(Samples, WithALabel_HaveInk) {
  const SampleSources sources;
  synthesis::Random random(4);
  for (int i = 0; i < 500; ++i) {
    const Sample sample = make_line(sources, 5, random);
    if (sample.text.empty()) continue;
    EXPECT_GT(*std::max_element(sample.input.pixels.begin(), sample.input.pixels.end()), 0.3F) << sample.text;
  }
}

TEST(DigitSets, SplitByWriter_ShareNoWriter) {
  DigitSet all;
  for (int i = 0; i < 2000; ++i) {
    DigitImage digit;
    digit.writer = i / 10;
    all.digits.push_back(digit);
  }
  DigitSet kept;
  DigitSet held_out;
  split_by_writer(all, 8, kept, held_out);
  EXPECT_EQ(kept.digits.size() + held_out.digits.size(), all.digits.size());
  EXPECT_NEAR(static_cast<double>(held_out.digits.size()), 250, 120);
  std::set<int> writers;
  for (const DigitImage& digit : kept.digits) writers.insert(digit.writer);
  for (const DigitImage& digit : held_out.digits) ASSERT_EQ(writers.count(digit.writer), 0U);
}

TEST(DigitSets, FromTheDataFolder_HaveTheirKnownSizes) {
  const char* data = std::getenv("INKFIELD_DATA");
  if (data == nullptr) GTEST_SKIP() << "INKFIELD_DATA names no folder of data sets";
  EXPECT_EQ(load_digit_set(data, "mnist").digits.size(), 60000U);
  EXPECT_EQ(load_digit_set(data, "optdigits").digits.size(), 1934U + 946U);
  EXPECT_EQ(load_digit_set(data, "semeion").digits.size(), 1593U);
  EXPECT_ANY_THROW(load_digit_set(data, "t10k"));
}

TEST(Idx, ThatIsMissing_IsSaidByName) {
  try {
    read_idx("/nonexistent/images", "/nonexistent/labels");
    FAIL();
  } catch (const std::exception& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr("/nonexistent/images"));
  }
}

}  // namespace
}  // namespace inkfield::training
