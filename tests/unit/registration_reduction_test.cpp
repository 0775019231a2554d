// The picture that print is looked for in: blocks of the page, averaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "plugin/page/raster.h"
#include "plugin/pipeline/page_evidence.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

GrayImage noise(int width, int height) {
  GrayImage image(width, height);
  std::minstd_rand random(7);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random() % 256);
  return image;
}

/// Means to the nearest; blocks that are not whole are left out.
GrayImage means(const GrayImage& image, int step_x, int step_y) {
  GrayImage result(image.width_px / step_x, image.height_px / step_y);
  for (int y = 0; y < result.height_px; ++y) {
    for (int x = 0; x < result.width_px; ++x) {
      int sum = 0;
      for (int i = 0; i < step_y; ++i) {
        for (int k = 0; k < step_x; ++k) sum += image.at(x * step_x + k, y * step_y + i);
      }
      const int count = step_x * step_y;
      result.row(y)[x] = static_cast<std::uint8_t>((sum + count / 2) / count);
    }
  }
  return result;
}

TEST(PageReduction, IsTheMeanOfEachBlock_WhateverTheResolution) {
  struct Case {
    int width, height, step;
  };
  for (const Case& size : {Case{1600, 90, 1}, Case{2301, 97, 2}, Case{91, 2399, 2}, Case{3451, 100, 3}, Case{101, 3460, 3},
                           Case{4603, 70, 4}, Case{35, 4700, 4}, Case{5757, 64, 5}, Case{40, 8100, 7}}) {
    const GrayImage page = noise(size.width, size.height);
    const PrintEvidence print = find_print(page, false);
    const GrayImage wanted = means(page, size.step, size.step);
    EXPECT_EQ(print.width, wanted.width_px) << size.width << " x " << size.height;
    EXPECT_EQ(print.height, wanted.height_px) << size.width << " x " << size.height;
    EXPECT_TRUE(print.gray.pixels == wanted.pixels) << size.width << " x " << size.height;
  }
}

TEST(PageReduction, OfASideShorterThanABlock_TakesAllOfIt) {
  const GrayImage page = noise(2, 4000);
  EXPECT_TRUE(find_print(page, false).gray.pixels == means(page, 2, 3).pixels);
}

// Rows of a host's picture may lie further apart than they are long.
TEST(PageReduction, FollowsTheStrideOfAPicture) {
  const GrayImage whole = noise(3600, 60);
  const recognizer::ImageView part{whole.row(2) + 5, 3500, 50, 3600};
  EXPECT_TRUE(find_print(part, false).gray.pixels == means(GrayImage(part), 3, 3).pixels);
}

}  // namespace
}  // namespace inkfield::pipeline
