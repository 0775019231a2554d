// The made-up sets, from data sets as small as can be: their shape, their truth, and that a seed is a seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/generator/boxed_items.h"
#include "tests/generator/item_sets.h"
#include "tests/generator/written_items.h"
#include "tests/scratch_folder.h"

namespace inkfield::generator {
namespace {

namespace fs = std::filesystem;

std::string word(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U), static_cast<char>(value)};
}

class ItemSets : public testing::Test {
 protected:
  ItemSets() {
    for (const char* name : {"mnist", "chars74k_strokes"}) fs::create_directories(folder_ / "data" / name);
    // Bars of a width that tells the digit, from writers who each wrote every digit twice. Writers 0 to 59: some are held out.
    for (const char* part : {"train", "t10k"}) {
      const std::uint32_t count = 60 * 20;
      std::string images = word(0x803) + word(count) + word(28) + word(28);
      std::string rows = word(0xC02) + word(count) + word(8);
      for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t digit = i % 10;
        for (int y = 0; y < 28; ++y) {
          for (std::uint32_t x = 0; x < 28; ++x) images += y >= 4 && y < 24 && x >= 8 && x < 10 + digit ? '\xFF' : '\0';
        }
        rows += word(digit) + word(0) + word(i / 20);
        for (int k = 0; k < 5; ++k) rows += word(0);
      }
      std::ofstream(folder_ / "data/mnist" / (std::string(part) + "-images-idx3-ubyte.gz"), std::ios::binary) << images;
      std::ofstream(folder_ / "data/mnist" / (std::string(part) == "train" ? "qmnist-train-labels-idx2-int.gz" : "qmnist-test-labels-idx2-int.gz"),
                    std::ios::binary)
          << rows;
    }
    std::ofstream(folder_ / "data/chars74k_strokes/char74k.json.gz")
        << R"({"k": [[[[0,0],[0,100]],[[50,0],[0,50],[50,100]]]], "O": [[[[0,0],[9,9]]]], "7": [[[[0,0],[9,9]]]], "M": [[[[0,100],[10,0],[20,90]]]]})";
  }

  [[nodiscard]] ItemSetOptions options(const char* out, int count) const { return {folder_ / "data", folder_ / out, count, 7}; }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::vector<std::vector<std::string>> table(const std::string& name) const {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(text(name));
    for (std::string line; std::getline(lines, line);) {
      rows.emplace_back();
      std::istringstream cells(line);
      for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
  }

  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

TEST_F(ItemSets, Strings_AreFiveDigitsOfAWriter) {
  make_strings(options("out", 40));
  const auto rows = table("out/truth.csv");
  ASSERT_EQ(rows.size(), 41u);
  EXPECT_THAT(rows[0], testing::ElementsAre("file", "digits", "writer"));
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_TRUE(fs::exists(folder_ / "out" / rows[i][0]));
    EXPECT_EQ(rows[i][1].size(), 5u);
    // Each writer has every digit twice, and no piece of paper is used twice in a string.
    std::map<char, int> times;
    for (const char digit : rows[i][1]) EXPECT_LE(++times[digit], 2) << rows[i][1];
  }
}

TEST_F(ItemSets, SameSeed_GivesTheSameFiles) {
  make_strings(options("a", 6));
  make_strings(options("b", 6));
  make_strings(options("c", 3));
  EXPECT_EQ(text("a/truth.csv"), text("b/truth.csv"));
  EXPECT_EQ(text("a/string_00006.png"), text("b/string_00006.png"));
  EXPECT_EQ(text("a/string_00003.png"), text("c/string_00003.png"));
  ItemSetOptions other = options("d", 6);
  other.seed = 8;
  make_strings(other);
  EXPECT_NE(text("a/truth.csv"), text("d/truth.csv"));
}

TEST_F(ItemSets, Rejects_AreOfEveryKindAndDigitsComeFromHeldOutWriters) {
  make_rejects(options("out", 5));
  const auto rows = table("out/truth.csv");
  ASSERT_EQ(rows.size(), 21u);
  std::map<std::string, int> kinds;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 3u);
    ++kinds[rows[i][2]];
    EXPECT_EQ(rows[i][1].size(), rows[i][2] == "digit" ? 1u : 0u);
    EXPECT_TRUE(fs::exists(folder_ / "out" / rows[i][0]));
  }
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"digit", 5}, {"empty", 5}, {"letter", 5}, {"scribble", 5}}));
  EXPECT_EQ(table("out/nothing.txt").size(), 15u);
  EXPECT_EQ(table("out/letter.txt").size(), 5u);
}

TEST(BoxedItems, WhatIsWritten_StandsInTheBox_AndNothingInAnEmptyOne) {
  WrittenDigit digit;
  for (int y = 4; y < 24; ++y) {
    for (int x = 8; x < 14; ++x) digit.ink[static_cast<std::size_t>(y * WrittenDigit::kSide + x)] = 255;
  }
  digit.left = 8, digit.top = 4, digit.right = 14, digit.bottom = 24;
  const WrittenLetter letter{.letter = 'k', .writer = 0, .strokes = {{{0, 0}, {0, 1}}, {{1, 0}, {0, 0.5}, {1, 1}}}};
  // Dark share of the middle, where no printed line runs, over many boxes.
  const auto darkness = [](const auto& box) {
    int dark = 0;
    int all = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      const Picture picture = box(random);
      for (int y = picture.height_px * 3 / 10; y < picture.height_px * 7 / 10; ++y) {
        for (int x = picture.width_px * 3 / 10; x < picture.width_px * 7 / 10; ++x, ++all) {
          dark += picture.row(y)[static_cast<std::ptrdiff_t>(x) * picture.channels] < 128 ? 1 : 0;
        }
      }
    }
    return static_cast<double>(dark) / all;
  };
  EXPECT_LT(darkness([](Random& random) { return empty_box(random); }), 0.01);
  EXPECT_GT(darkness([&](Random& random) { return letter_box(letter, random); }), 0.03);
  EXPECT_GT(darkness([&](Random& random) { return scribble_box(digit, random); }), 0.03);
  EXPECT_GT(darkness([&](Random& random) { return digit_box(digit, random); }), 0.03);
}

TEST_F(ItemSets, HeldOut_HoldsOutWriters) {
  make_held_out(options("out", 30));
  std::set<std::string> writers;
  for (const char* name : {"out/digits.csv", "out/strings.csv"}) {
    const auto rows = table(name);
    EXPECT_EQ(rows.size(), 31u) << name;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      EXPECT_TRUE(is_held_out(std::stoi(rows[i][2])));
      writers.insert(rows[i][2]);
    }
  }
  EXPECT_GT(writers.size(), 1u);
  EXPECT_LT(writers.size(), 15u);
}

TEST_F(ItemSets, Letters_AreThoseOfTheFileWithoutDigits) {
  const auto letters = read_letters(folder_ / "data");
  ASSERT_EQ(letters.size(), 3u);
  EXPECT_EQ(letters[0].letter, 'M');
  EXPECT_EQ(letters[2].letter, 'k');
  EXPECT_EQ(letters[2].strokes.size(), 2u);
  EXPECT_DOUBLE_EQ(letters[2].strokes[0][1].y_mm, 1.0);
  EXPECT_DOUBLE_EQ(letters[2].strokes[1][0].x_mm, 0.5);
}

TEST_F(ItemSets, MissingOrDamagedData_IsNamed) {
  ItemSetOptions nowhere = options("out", 1);
  nowhere.data = folder_ / "nowhere";
  EXPECT_THROW(make_strings(nowhere), std::runtime_error);
  fs::resize_file(folder_ / "data/mnist/t10k-images-idx3-ubyte.gz", 5000);
  EXPECT_THROW(make_strings(options("out", 1)), std::runtime_error);
  std::ofstream(folder_ / "data/chars74k_strokes/char74k.json.gz") << "{";
  EXPECT_THROW(make_rejects(options("out", 1)), std::runtime_error);
}

}  // namespace
}  // namespace inkfield::generator
