// Borders between the symbols of a line: in the gaps, wherever about its symbols a network shows them.
#include "recognizer/decoding/line_borders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace inkfield::recognizer {
namespace {

constexpr int kWidth = 160;
constexpr int kHeight = 30;

struct Block {
  int left, right;
};

class Drawn {
 public:
  explicit Drawn(const std::vector<Block>& blocks) {
    for (const Block& block : blocks) ink(block.left, block.right, 5, 25);
  }
  void ink(int left, int right, int top, int bottom) {
    for (int y = top; y < bottom; ++y)
      std::fill(&pixels_[at(left, y)], &pixels_[at(right, y)], std::uint8_t{255});
  }
  [[nodiscard]] ImageView view() const { return {pixels_.data(), kWidth, kHeight, kWidth}; }

 private:
  static std::size_t at(int x, int y) { return static_cast<std::size_t>(y * kWidth + x); }
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(kWidth * kHeight, 0);
};

// Digits 20 high: a wide one, a narrow one, a wide one, one further off.
const std::vector<Block> kBlocks = {{10, 26}, {32, 36}, {42, 58}, {70, 84}};

void expect_gaps(const std::vector<int>& borders) {
  ASSERT_EQ(borders.size(), kBlocks.size() - 1);
  for (std::size_t i = 0; i < borders.size(); ++i) {
    EXPECT_GE(borders[i], kBlocks[i].right) << i;
    EXPECT_LE(borders[i], kBlocks[i + 1].left) << i;
  }
}

TEST(LineBorders, PeaksAtLeftEdges_BordersStandInTheGaps) {
  std::vector<double> peaks;
  for (const Block& block : kBlocks) peaks.push_back(block.left);
  expect_gaps(symbol_borders(Drawn(kBlocks).view(), peaks, 20));
}

TEST(LineBorders, PeaksInTheMiddle_BordersStandInTheGaps) {
  std::vector<double> peaks;
  for (const Block& block : kBlocks) peaks.push_back(0.5 * (block.left + block.right));
  expect_gaps(symbol_borders(Drawn(kBlocks).view(), peaks, 20));
}

TEST(LineBorders, TouchingDigits_ArePartedWhereTheLeastInkIs) {
  Drawn line({{10, 26}, {29, 45}});
  line.ink(26, 29, 14, 16);
  const std::vector<double> peaks = {10, 29};
  const std::vector<int> borders = symbol_borders(line.view(), peaks, 20);
  ASSERT_EQ(borders.size(), 1U);
  EXPECT_GE(borders[0], 26);
  EXPECT_LT(borders[0], 29);
}

TEST(LineBorders, OneSymbolOrNoInk_HasNone) {
  const Drawn line(kBlocks);
  EXPECT_TRUE(symbol_borders(line.view(), std::vector<double>{}, 20).empty());
  EXPECT_TRUE(symbol_borders(line.view(), std::vector<double>{12}, 20).empty());
  EXPECT_TRUE(symbol_borders(ImageView{}, std::vector<double>{12, 30}, 20).empty());
}

TEST(LineBorders, PeaksBeyondTheInk_StayInsideAndInOrder) {
  const std::vector<double> peaks = {-50, -40, 80, 81, 82, 300, 400};
  const std::vector<int> borders = symbol_borders(Drawn(kBlocks).view(), peaks, 20);
  ASSERT_EQ(borders.size(), 6U);
  EXPECT_TRUE(std::is_sorted(borders.begin(), borders.end()));
  EXPECT_GE(borders.front(), 0);
  EXPECT_LE(borders.back(), kWidth);
}

}  // namespace
}  // namespace inkfield::recognizer
