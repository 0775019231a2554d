// Pieces of ink: what touches is one, what does not is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "recognizer/eight_pixels.h"
#include "recognizer/ink_components.h"

namespace inkfield::recognizer {
namespace {

struct Picture {
  std::vector<std::uint8_t> pixels;
  int width = 0;
  int height = 0;
  [[nodiscard]] ImageView view() const { return {pixels.data(), width, height, width}; }
};

// '#' is full ink, '+' is just below the threshold.
Picture picture(const std::vector<std::string>& rows) {
  Picture result;
  result.width = static_cast<int>(rows.front().size());
  result.height = static_cast<int>(rows.size());
  for (const std::string& row : rows) {
    for (const char c : row) {
      result.pixels.push_back(c == '#' ? 255 : c == '+' ? kInkThreshold - 1 : 0);
    }
  }
  return result;
}

TEST(InkComponents, OfDiagonalNeighbours_AreOnePiece) {
  const Picture ink = picture({"#...", ".#..", "..#.", "...#"});
  const InkComponents found = find_ink_components(ink.view());
  ASSERT_EQ(found.pieces.size(), 1U);
  EXPECT_EQ(found.pieces[0].area_px, 4);
  EXPECT_EQ(found.pieces[0].width_px(), 4);
  EXPECT_EQ(found.pieces[0].height_px(), 4);
}

TEST(InkComponents, OfAnU_JoinAtTheBottom) {
  const Picture ink = picture({"#..#.#", "#..#.#", "####.#"});
  const InkComponents found = find_ink_components(ink.view(), kInkThreshold, true);
  ASSERT_EQ(found.pieces.size(), 2U);
  EXPECT_EQ(found.pieces[0].right_px, 4);
  EXPECT_EQ(found.pieces[1].left_px, 5);
  EXPECT_EQ(found.labels[0], 0);
  EXPECT_EQ(found.labels[3], 0);
  EXPECT_EQ(found.labels[5], 1);
  EXPECT_EQ(found.labels[4], -1);
}

TEST(InkComponents, JoinedFromTheRight_KeepReadingOrder) {
  // The first run meets the others only in the last row.
  const Picture ink = picture({"....#", "#.#.#", "#.#.#", "#####"});
  ASSERT_EQ(find_ink_components(ink.view()).pieces.size(), 1U);
}

TEST(InkComponents, BelowTheThreshold_ArePaper) {
  EXPECT_TRUE(find_ink_components(picture({"++", "++"}).view()).pieces.empty());
  EXPECT_EQ(find_ink_components(picture({"#+#"}).view()).pieces.size(), 2U);
}

TEST(InkComponents, OfAPaddedImage_HonourTheStride) {
  const std::vector<std::uint8_t> pixels = {255, 0, 99, 0, 255, 99};
  const ImageView view = {pixels.data(), 2, 2, 3};
  const InkComponents found = find_ink_components(view);
  ASSERT_EQ(found.pieces.size(), 1U);
  EXPECT_EQ(found.pieces[0].area_px, 2);
}

TEST(InkComponents, OfNothing_AreNone) { EXPECT_TRUE(find_ink_components({}).pieces.empty()); }

TEST(FindAtLeast, AtEveryThresholdAndLength_FindsWhatOneByOneFinds) {
  std::vector<std::uint8_t> row(23);
  for (int threshold = 0; threshold < 256; ++threshold) {
    const auto level = static_cast<std::size_t>(threshold);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::uint8_t>((level + 256 - (i * 37 + level) % 11) % 256);
    for (int begin = 0; begin <= 23; ++begin) {
      int expected = begin;
      while (expected < 23 && row[static_cast<std::size_t>(expected)] < threshold) ++expected;
      EXPECT_EQ(find_at_least(row.data(), begin, 23, static_cast<std::uint8_t>(threshold)), expected) << threshold << ' ' << begin;
    }
  }
}

}  // namespace
}  // namespace inkfield::recognizer
