// What the network sees: right size, right place, at any resolution.
#include "recognizer/normalization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "recognizer/synthesis/handwriting.h"

namespace inkfield::recognizer {
namespace {

struct Box {
  int left = 1 << 20;
  int top = 1 << 20;
  int right = -1;
  int bottom = -1;
  [[nodiscard]] int width() const { return right - left; }
  [[nodiscard]] int height() const { return bottom - top; }
};

Box inked(const NetworkInput& input, float threshold = 0.5F) {
  Box box;
  for (int y = 0; y < kInputHeightPx; ++y) {
    for (int x = 0; x < input.width_px; ++x) {
      if (input.pixels[static_cast<std::size_t>(y * input.width_px + x)] < threshold) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x + 1);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y + 1);
    }
  }
  return box;
}

void fill(synthesis::InkCanvas& canvas, int left, int top, int right, int bottom, std::uint8_t ink = 255) {
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) canvas.ink(x, y, ink);
  }
}

TEST(NormalizeSymbol, OfATallBar_FillsTheSymbolBoxInTheMiddle) {
  for (const int size : {20, 46, 200}) {
    synthesis::InkCanvas canvas(3 * size, 2 * size);
    fill(canvas, size / 3, size / 4, size / 3 + size / 2, size / 4 + size);
    const NetworkInput input = normalize_symbol(canvas.view(), static_cast<float>(2 * size));
    ASSERT_EQ(input.width_px, kInputHeightPx);
    const Box box = inked(input);
    EXPECT_NEAR(box.height(), kSymbolBoxPx, 1.5) << size;
    EXPECT_NEAR(box.width(), kSymbolBoxPx / 2, 1.5) << size;
    EXPECT_NEAR(box.left + box.right, kInputHeightPx, 1.5) << size;
    EXPECT_NEAR(box.top + box.bottom, kInputHeightPx, 1.5) << size;
  }
}

TEST(NormalizeSymbol, OfASpeckInATallCell_StaysASpeck) {
  synthesis::InkCanvas canvas(60, 60);
  fill(canvas, 30, 30, 33, 33);
  const Box box = inked(normalize_symbol(canvas.view(), 60.0F), 0.3F);
  EXPECT_LE(box.height(), 6);
}

TEST(NormalizeSymbol, OfAFaintPen_IsLiftedToFullInk) {
  synthesis::InkCanvas canvas(40, 40);
  fill(canvas, 10, 5, 20, 35, 120);
  const NetworkInput input = normalize_symbol(canvas.view(), 40.0F);
  EXPECT_GT(*std::max_element(input.pixels.begin(), input.pixels.end()), 0.95F);
}

TEST(NormalizeSymbol, OfEmptyInk_IsEmpty) {
  const synthesis::InkCanvas canvas(30, 30);
  EXPECT_TRUE(normalize_symbol(canvas.view(), 30.0F).empty());
  EXPECT_TRUE(normalize_symbol({}, 30.0F).empty());
  synthesis::InkCanvas faint(30, 30);
  fill(faint, 5, 5, 20, 20, 40);
  EXPECT_TRUE(normalize_symbol(faint.view(), 30.0F).empty()) << "shadows are not ink";
}

TEST(NormalizeSymbol, AtTwoResolutions_SeesTheSame) {
  synthesis::Random random(11);
  const synthesis::WriterStyle style = synthesis::WriterStyle::careful(random);
  const synthesis::StrokePath path = synthesis::write_text("8", style, random);
  std::vector<NetworkInput> inputs;
  for (const float size : {35.0F, 70.0F}) {
    synthesis::InkCanvas canvas(static_cast<int>(1.4F * size), static_cast<int>(1.6F * size));
    synthesis::draw(path, {size, 0.3F * size, 1.3F * size}, canvas);
    inputs.push_back(normalize_symbol(canvas.view(), 1.6F * size));
  }
  double difference = 0;
  double ink = 0;
  for (std::size_t i = 0; i < inputs[0].pixels.size(); ++i) {
    difference += std::abs(inputs[0].pixels[i] - inputs[1].pixels[i]);
    ink += inputs[0].pixels[i];
  }
  // Boxes are whole pixels, so edges move by up to one; a scale 10 % off would differ by more than half.
  EXPECT_LT(difference, 0.3 * ink);
}

TEST(NormalizeSymbol, MapsBack_ToTheInkItCameFrom) {
  synthesis::InkCanvas canvas(90, 80);
  fill(canvas, 50, 20, 70, 60);
  const NetworkInput input = normalize_symbol(canvas.view(), 80.0F);
  const Box box = inked(input);
  EXPECT_NEAR((static_cast<float>(box.left) - input.offset_x_px) * input.to_source_scale, 50.0F, 2.0F);
  EXPECT_NEAR((static_cast<float>(box.right) - input.offset_x_px) * input.to_source_scale, 70.0F, 2.0F);
  EXPECT_NEAR((static_cast<float>(box.top) - input.offset_y_px) * input.to_source_scale, 20.0F, 2.0F);
  EXPECT_NEAR((static_cast<float>(box.bottom) - input.offset_y_px) * input.to_source_scale, 60.0F, 2.0F);
}

TEST(NormalizeSymbol, InAFraming_FillsItsBoxBetweenItsLevels) {
  synthesis::InkCanvas canvas(60, 80);
  fill(canvas, 5, 10, 15, 50);
  const NetworkInput input = normalize_symbol(canvas.view(), 80.0F, {16, 16, false, -1, 1});
  ASSERT_EQ(input.width_px, 16);
  ASSERT_EQ(input.height_px, 16);
  ASSERT_EQ(input.pixels.size(), 256U);
  EXPECT_FLOAT_EQ(input.pixels[0], -1.0F);
  EXPECT_GT(input.pixels[8], 0.5F) << "the bar reaches the upper edge, softened there";
  EXPECT_GT(input.pixels[15 * 16 + 8], 0.5F) << "and the lower one";
}

TEST(NormalizeSymbol, OfAPictureAlreadyInItsFraming_IsThatPicture) {
  std::vector<std::uint8_t> picture(16 * 16, 0);
  for (std::size_t i = 0; i < 16; ++i) picture[i * 16 + (i + 3) % 16] = static_cast<std::uint8_t>(100 + 10 * i);
  picture[3] = picture[12 * 16 + 15] = picture[13 * 16] = picture[15 * 16 + 2] = 255;
  const NetworkInput input = normalize_symbol({picture.data(), 16, 16, 16}, 16.0F, {16, 16, false, 0, 255});
  std::vector<float> wanted(picture.begin(), picture.end());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(input.pixels[i], wanted[i], 5.0F) << i;
}

TEST(NormalizeSymbol, CentredByMass_PutsTheHeavyEndInTheMiddle) {
  synthesis::InkCanvas canvas(60, 60);
  fill(canvas, 10, 10, 14, 50);   // a stem
  fill(canvas, 10, 40, 50, 50);   // and a heavy foot
  const NetworkInput input = normalize_symbol(canvas.view(), 60.0F, {32, 20, true, 0, 1});
  double mass = 0;
  double x = 0;
  double y = 0;
  for (int i = 0; i < 32 * 32; ++i) {
    const double ink = input.pixels[static_cast<std::size_t>(i)];
    mass += ink;
    x += ink * (i % 32 + 0.5);
    y += ink * (i / 32 + 0.5);
  }
  EXPECT_NEAR(x / mass, 16, 0.2);
  EXPECT_NEAR(y / mass, 16, 0.2);
}

TEST(NormalizeLine, OfDigitsWithAComma_ScalesTheDigits) {
  synthesis::InkCanvas canvas(400, 100);
  for (int i = 0; i < 6; ++i) fill(canvas, 20 + 50 * i, 20, 45 + 50 * i, 60);
  fill(canvas, 315, 52, 320, 68);  // a comma below the line
  fill(canvas, 325, 38, 395, 42);  // a closing stroke
  const NetworkInput input = normalize_line(canvas.view(), 100.0F);
  EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 0.5F);
  EXPECT_NEAR((40.0F / input.to_source_scale) + input.offset_y_px, kInputHeightPx / 2.0F, 0.6F)
      << "digits in the middle";
  const Box box = inked(input);
  EXPECT_NEAR(box.left, 8, 1);
  EXPECT_NEAR(input.width_px - box.right, 8, 4);
  EXPECT_EQ(input.width_px % kFrameStridePx, 0);
}

TEST(NormalizeLine, OfDigitsCutByARemovedRule_StillSeesWholeDigits) {
  synthesis::InkCanvas canvas(400, 100);
  for (int i = 0; i < 6; ++i) {
    fill(canvas, 20 + 50 * i, 20, 45 + 50 * i, 38);
    fill(canvas, 20 + 50 * i, 41, 45 + 50 * i, 60);
  }
  const NetworkInput input = normalize_line(canvas.view(), 100.0F);
  EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 0.5F);
}

TEST(NormalizeLine, OfDigitsWithAVeryLongComma_KeepsItWholeAndTheDigitsLarge) {
  synthesis::InkCanvas canvas(400, 100);
  for (int i = 0; i < 6; ++i) fill(canvas, 20 + 50 * i, 20, 45 + 50 * i, 60);
  fill(canvas, 315, 52, 320, 80);
  const NetworkInput input = normalize_line(canvas.view(), 100.0F);
  EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 1.1F);
  EXPECT_LE(80.0F / input.to_source_scale + input.offset_y_px, static_cast<float>(kInputHeightPx) - 0.5F);
}

/// Small digits, and one `tall_px` high before them that begins at `tall_top`.
synthesis::InkCanvas one_tall_before_small(int tall_top, int tall_px) {
  constexpr int kSmallPx = 40;
  synthesis::InkCanvas canvas(420, 260);
  fill(canvas, 20, tall_top, 42, tall_top + tall_px);
  for (int i = 1; i < 7; ++i) fill(canvas, 20 + 50 * i, 110, 50 + 50 * i, 110 + kSmallPx);
  return canvas;
}

double ink_of(const NetworkInput& input, int from_px, int to_px) {
  double sum = 0;
  for (int y = 0; y < kInputHeightPx; ++y) {
    for (int x = from_px; x < to_px; ++x) sum += static_cast<double>(input.pixels[static_cast<std::size_t>(y * input.width_px + x)]);
  }
  return sum * static_cast<double>(input.to_source_scale) * static_cast<double>(input.to_source_scale);
}

TEST(NormalizeLine, OfATallDigitBeforeSmallZeros_CutsNothing) {
  for (const int tall_px : {50, 60, 70, 80}) {
    // It hangs, stands, or sticks out on both sides.
    for (const int top : {110, 150 - tall_px, 130 - tall_px / 2}) {
      const NetworkInput input = normalize_line(one_tall_before_small(top, tall_px).view(), 100.0F);
      const Box box = inked(input);
      const float scale = input.to_source_scale;
      const auto row_of = [&](int source_row) { return static_cast<float>(source_row) / scale + input.offset_y_px; };
      const int first = std::min(top, 110);
      const int last = std::max(top + tall_px, 150);
      EXPECT_NEAR(static_cast<float>(box.top), row_of(first), 1.0F) << tall_px << " at " << top;
      EXPECT_NEAR(static_cast<float>(box.bottom), row_of(last), 1.0F) << tall_px << " at " << top;
      EXPECT_GE(row_of(first), 0.5F) << "paper above, " << tall_px << " at " << top;
      EXPECT_LE(row_of(last), static_cast<float>(kInputHeightPx) - 0.5F) << "and below";
      const double all = 22.0 * tall_px + 6 * 30 * 40;
      EXPECT_NEAR(ink_of(input, 0, input.width_px), all, 0.01 * all) << tall_px << " at " << top;
    }
  }
}

TEST(NormalizeLine, OfDigitsOfOneHeight_StaysAsLargeAsEver) {
  const NetworkInput input = normalize_line(one_tall_before_small(110, 40).view(), 100.0F);
  EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 0.1F);
}

TEST(NormalizeLine, OfAFlourishThreeTimesAsTall_LeavesTheDigitsTheirSize) {
  for (const int top : {30, 70, 110}) {
    const NetworkInput input = normalize_line(one_tall_before_small(top, 120).view(), 100.0F);
    EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 0.5F) << top;
    const double digits = 6 * 30 * 40;
    const int first_digit = static_cast<int>(60.0F / input.to_source_scale + input.offset_x_px);
    EXPECT_NEAR(ink_of(input, first_digit, input.width_px), digits, 0.01 * digits) << "none of them cut, " << top;
  }
}

TEST(NormalizeLine, OfDirtAboveAndBelowTheLine_LeavesTheDigitsTheirSize) {
  synthesis::InkCanvas canvas = one_tall_before_small(110, 40);
  fill(canvas, 200, 75, 208, 87);
  fill(canvas, 300, 172, 308, 184);
  const NetworkInput input = normalize_line(canvas.view(), 100.0F);
  EXPECT_NEAR(40.0F / input.to_source_scale, kLineDigitHeightPx, 0.1F);
}

TEST(NormalizeLine, OfAVeryWideLine_IsScaledDownToTheLimit) {
  synthesis::InkCanvas canvas(9000, 60);
  for (int i = 0; i < 220; ++i) fill(canvas, 40 * i + 10, 15, 40 * i + 30, 45);
  const NetworkInput input = normalize_line(canvas.view(), 60.0F);
  EXPECT_LE(input.width_px, 2048);
  EXPECT_GE(input.width_px, 2000);
  EXPECT_NEAR(inked(input, 0.3F).right, 2040, 6);
}

TEST(NormalizeLine, OfEmptyInk_IsEmpty) {
  const synthesis::InkCanvas canvas(200, 40);
  EXPECT_TRUE(normalize_line(canvas.view(), 40.0F).empty());
}

TEST(NormalizeLine, OfOnePixel_DoesNotExplode) {
  synthesis::InkCanvas canvas(200, 40);
  canvas.ink(199, 39, 255);
  const NetworkInput input = normalize_line(canvas.view(), 40.0F);
  ASSERT_FALSE(input.empty());
  EXPECT_LE(input.width_px, 2048);
  for (const float value : input.pixels) ASSERT_TRUE(value >= 0.0F && value <= 1.0F);
}

TEST(NormalizeLine, OfAllInk_StaysInRange) {
  synthesis::InkCanvas canvas(333, 77);
  fill(canvas, 0, 0, 333, 77);
  for (const float reference : {0.0F, 1.0F, 77.0F, 1e9F}) {
    const NetworkInput input = normalize_line(canvas.view(), reference);
    ASSERT_EQ(input.pixels.size(), static_cast<std::size_t>(input.width_px * kInputHeightPx));
    for (const float value : input.pixels) ASSERT_TRUE(value >= 0.0F && value <= 1.0F) << reference;
  }
}

}  // namespace
}  // namespace inkfield::recognizer
