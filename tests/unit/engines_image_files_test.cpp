// What image files say about themselves, and pictures out and in again.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/engines/leptonica/file_structure.h"
#include "adapters/engines/leptonica/image_files.h"
#include "recognizer/error.h"

namespace {

using namespace inkfield;
using leptonica::FileFormat;

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

ErrorKind refusal(const std::string& text) {
  try {
    leptonica::read_structure(bytes_of(text), "test");
  } catch (const Error& e) {
    return e.kind();
  }
  return ErrorKind::internal;
}

page::GrayImage ramp(int width, int height) {
  page::GrayImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) picture.row(y)[x] = static_cast<std::uint8_t>(x * 31 + y * 7);
  }
  return picture;
}

TEST(ImageFiles, PictureOutAndInAgain_IsTheSame) {
  // Widths that do and do not fill the decoder's 32-bit words.
  for (const int width : {1, 2, 3, 4, 5, 63, 64, 65}) {
    const page::GrayImage picture = ramp(width, 9);
    const page::DecodedImage back =
        leptonica::open_image_bytes(leptonica::encode_png(picture), "test")->decode(0, 10'000);
    EXPECT_EQ(back.width_px, width);
    EXPECT_EQ(back.channels, 1);
    EXPECT_EQ(back.pixels, picture.pixels) << width;
  }
}

TEST(ImageFiles, EmptyPicture_IsNotWritten) { EXPECT_THROW(leptonica::encode_png({}), Error); }

TEST(ImageFiles, PnmHeader_GivesSizeThroughComments) {
  const auto found =
      leptonica::read_structure(bytes_of("P5 # a comment 9 9\n# another\n 3\t2 255\nabcdef"), "test");
  EXPECT_EQ(found.format, FileFormat::pnm);
  ASSERT_EQ(found.pages.size(), 1U);
  EXPECT_EQ(found.pages[0].width_px, 3);
  EXPECT_EQ(found.pages[0].height_px, 2);
}

TEST(ImageFiles, PnmWithoutItsPixels_IsRefused) {
  EXPECT_EQ(refusal("P5 3 2 255\nabcde"), ErrorKind::invalid_image);
  EXPECT_EQ(refusal("P6 3 2 255\nabcdefghijklmnopq"), ErrorKind::invalid_image);
  EXPECT_EQ(refusal("P4 9 2\nabc"), ErrorKind::invalid_image);
  EXPECT_EQ(refusal("P5 3 2 0\nabcdef"), ErrorKind::invalid_image);
  EXPECT_EQ(refusal("P5 3"), ErrorKind::invalid_image);
  EXPECT_EQ(refusal("P5 99999999999 99999999999 255\n"), ErrorKind::invalid_image);
}

TEST(ImageFiles, ResolutionOfAPng_IsInDotsPerInch) {
  std::string png = "\x89PNG\r\n\x1a\n";
  const auto chunk = [&](const char* type, const std::string& body) {
    png += std::string{0, 0, 0, static_cast<char>(body.size())} + type + body + std::string(4, '\0');
  };
  chunk("IHDR", std::string("\0\0\0\x10\0\0\0\x08\x08\0\0\0\0", 13));
  chunk("pHYs", std::string("\0\0\x2E\x23\0\0\x17\x12\1", 9));  // 11811 and 5906 dots a metre
  chunk("IDAT", "x");
  chunk("IEND", "");
  const auto found = leptonica::read_structure(bytes_of(png), "test");
  EXPECT_EQ(found.pages.at(0).width_px, 16);
  EXPECT_EQ(found.pages.at(0).height_px, 8);
  EXPECT_NEAR(found.pages[0].dpi_x, 300, 0.1);
  EXPECT_NEAR(found.pages[0].dpi_y, 150, 0.1);
}

TEST(ImageFiles, PageOverTheBudget_IsRefusedWithItsSize) {
  const auto source = leptonica::open_image_bytes(leptonica::encode_png(ramp(20, 10)), "test");
  EXPECT_NO_THROW((void)source->decode(0, 200));
  try {
    (void)source->decode(0, 199);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::limit_exceeded);
    EXPECT_NE(std::string(e.what()).find("20 x 10"), std::string::npos) << e.what();
  }
}

TEST(ImageFiles, WhatIsNoImage_SaysWhatWouldBe) {
  for (const char* text : {"hello", "P9", "GIF89a", "\xFF\xD8", "II", "%PDF-1.7"})
    EXPECT_EQ(refusal(text), ErrorKind::invalid_image) << text;
}

}  // namespace
