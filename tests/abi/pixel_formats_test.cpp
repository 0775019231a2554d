// The same page in all seven layouts reads the same.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;

class PixelFormats : public ::testing::Test {
 protected:
  PixelFormats() : engine_(Library::linked(), options()), session_(engine_), page_(drawing::drawn_page()) {
    // Two values only, so that bilevel carries all of it.
    for (std::uint8_t& value : page_.gray) value = value < 128 ? 0 : 255;
  }
  static EngineOptions options() {
    EngineOptions options;
    options.templates_json = drawing::drawn_template();
    return options;
  }
  std::string read(const inkfield_image& image) { return session_.read_page(image).json(); }

  /// The page with `pixel` bytes for each gray value, `padding` bytes after each row.
  template <class Pixel>
  std::string read_as(inkfield_pixel_format format, std::size_t channels, std::size_t padding, Pixel pixel) {
    std::vector<std::uint8_t> bytes;
    for (int y = 0; y < page_.height_px; ++y) {
      for (int x = 0; x < page_.width_px; ++x)
        pixel(bytes, page_.gray[static_cast<std::size_t>(y * page_.width_px + x)]);
      if (y + 1 < page_.height_px) bytes.insert(bytes.end(), padding, std::uint8_t{0x55});
    }
    const auto row = static_cast<std::size_t>(page_.width_px) * channels + padding;
    return read(make_image(format, bytes.data(), bytes.size(), page_.width_px, page_.height_px,
                           static_cast<std::int64_t>(row)));
  }

  Engine engine_;
  Session session_;
  drawing::DrawnPage page_;
};

TEST_F(PixelFormats, ColourAndAlpha_ReadAsGrayDoes) {
  const std::string gray = read(page_.image());
  ASSERT_NE(gray.find("\"state\":\"read\""), std::string::npos) << gray;
  const auto three = [](std::vector<std::uint8_t>& out, std::uint8_t v) { out.insert(out.end(), {v, v, v}); };
  EXPECT_EQ(read_as(INKFIELD_PIXELS_RGB24, 3, 5, three), gray);
  EXPECT_EQ(read_as(INKFIELD_PIXELS_BGR24, 3, 0, three), gray);
  const auto opaque = [](std::vector<std::uint8_t>& out, std::uint8_t v) {
    out.insert(out.end(), {v, v, v, 255});
  };
  EXPECT_EQ(read_as(INKFIELD_PIXELS_RGBA32, 4, 3, opaque), gray);
  EXPECT_EQ(read_as(INKFIELD_PIXELS_BGRA32, 4, 0, opaque), gray);
  // Black ink on transparent paper.
  const auto clear = [](std::vector<std::uint8_t>& out, std::uint8_t v) {
    out.insert(out.end(), {0, 0, 0, static_cast<std::uint8_t>(255 - v)});
  };
  EXPECT_EQ(read_as(INKFIELD_PIXELS_RGBA32, 4, 0, clear), gray);
}

TEST_F(PixelFormats, RedAndBlue_AreNotConfused) {
  // Light red paper marks would come out darker if red were taken for blue, whose weight is a third.
  const auto pixels = [&](std::uint8_t a, std::uint8_t b) {
    return [a, b](std::vector<std::uint8_t>& out, std::uint8_t v) {
      if (v == 255) {
        out.insert(out.end(), {255, 255, 255});
      } else {
        out.insert(out.end(), {a, 0, b});
      }
    };
  };
  EXPECT_EQ(read_as(INKFIELD_PIXELS_RGB24, 3, 0, pixels(90, 0)),
            read_as(INKFIELD_PIXELS_BGR24, 3, 0, pixels(0, 90)));
}

TEST_F(PixelFormats, BilevelBothWays_ReadsAsGrayDoes) {
  const std::string gray = read(page_.image());
  for (const bool black_is_one : {false, true}) {
    std::vector<std::uint8_t> bytes;
    for (int y = 0; y < page_.height_px; ++y) {
      unsigned byte = 0;
      for (int x = 0; x < (page_.width_px + 7) / 8 * 8; ++x) {
        const bool black =
            x < page_.width_px && page_.gray[static_cast<std::size_t>(y * page_.width_px + x)] == 0;
        byte = byte << 1U | (black == black_is_one ? 1U : 0U);
        if (x % 8 == 7) bytes.push_back(static_cast<std::uint8_t>(byte));
      }
    }
    const inkfield_pixel_format format =
        black_is_one ? INKFIELD_PIXELS_BILEVEL_BLACK_IS_1 : INKFIELD_PIXELS_BILEVEL_BLACK_IS_0;
    EXPECT_EQ(read(make_image(format, bytes.data(), bytes.size(), page_.width_px, page_.height_px)), gray)
        << black_is_one;
  }
}

TEST_F(PixelFormats, Quads_AreInTheHostsPixels) {
  const Result result = session_.read_page(page_.image());
  const Field number = result.field(0);
  ASSERT_EQ(number.id, "number");
  // The zone is 20 to 52 mm across and 18 to 27 mm down, at 8 pixels a millimetre.
  EXPECT_NEAR(number.quad.corner[0].x, 160, 4);
  EXPECT_NEAR(number.quad.corner[0].y, 144, 4);
  EXPECT_NEAR(number.quad.corner[2].x, 416, 4);
  EXPECT_NEAR(number.quad.corner[2].y, 216, 4);
  EXPECT_EQ(number.characters.size(), 4U);
}

}  // namespace
