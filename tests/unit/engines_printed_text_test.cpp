// Printed text: how a zone is prepared, and that real print is read.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "adapters/engines/leptonica/image_files.h"
#include "adapters/engines/tesseract/reading_curves.h"
#include "adapters/engines/tesseract/printed_text.h"
#include "adapters/engines/tesseract/zone_preparation.h"
#include "recognizer/error.h"

namespace {

using namespace inkfield;
using tesseract::prepare_zone;

page::FieldCrop crop_of(page::GrayImage gray, double px_per_mm = 0) {
  page::FieldCrop crop;
  crop.zone = {0, 0, static_cast<double>(gray.width_px), static_cast<double>(gray.height_px)};
  crop.gray = std::move(gray);
  crop.px_per_mm = px_per_mm;
  return crop;
}

void fill(page::GrayImage& gray, int x, int y, int width, int height, std::uint8_t value = 20) {
  for (int row = y; row < y + height; ++row) std::fill_n(gray.row(row) + x, width, value);
}

/// Five upright strokes 30 pixels high with bars, as print would be.
page::GrayImage strokes() {
  page::GrayImage gray(240, 80, 240);
  for (int i = 0; i < 5; ++i) {
    fill(gray, 40 + 30 * i, 25, 5, 30);
    fill(gray, 40 + 30 * i, 25, 14, 5);
  }
  return gray;
}

int dark_pixels(const page::GrayImage& gray) {
  return static_cast<int>(
      std::count_if(gray.pixels.begin(), gray.pixels.end(), [](std::uint8_t v) { return v < 100; }));
}

/// The first and the last dark place of the picture, in the crop.
struct DarkPlaces {
  page::Point first{1e9, 1e9};
  page::Point last{-1e9, -1e9};
};
DarkPlaces dark_places(const tesseract::PreparedZone& prepared) {
  DarkPlaces places;
  for (int y = 0; y < prepared.picture.height_px; ++y) {
    for (int x = 0; x < prepared.picture.width_px; ++x) {
      if (prepared.picture.row(y)[x] >= 100) continue;
      const page::Point at = prepared.in_crop(x, y);
      places.first = {std::min(places.first.x, at.x), std::min(places.first.y, at.y)};
      places.last = {std::max(places.last.x, at.x), std::max(places.last.y, at.y)};
    }
  }
  return places;
}

TEST(ZonePreparation, TightlyCutLine_IsAStripWithRoomAboveAndBelow) {
  page::GrayImage wide(600, 120, 240);
  for (int i = 0; i < 5; ++i) fill(wide, 340 + 30 * i, 65, 14, 30);
  fill(wide, 500, 75, 14, 10, 160);  // print that fades: lighter than the threshold
  const auto whole = prepare_zone(crop_of(wide), false, {60, 0.6, 4});
  const auto zone = prepare_zone(crop_of(wide), false, {60, 0.6, 4, true});
  ASSERT_FALSE(zone.blank);
  EXPECT_TRUE(zone.strip);
  EXPECT_FALSE(whole.strip);
  EXPECT_EQ(zone.picture.height_px, 36) << "what Tesseract would scale it to";
  EXPECT_NEAR(zone.scale, 30.0 / 45, 1e-9) << "30 rows of print, and 15 of paper about them";
  EXPECT_NEAR(zone.picture.width_px - 4, (514 - 340) * zone.scale, 1);
  EXPECT_NEAR(dark_places(zone).first.x, dark_places(whole).first.x, 1.5);
  EXPECT_NEAR(dark_places(zone).first.y, 65, 1.5);
  EXPECT_NEAR(dark_places(zone).last.x, dark_places(whole).last.x, 1.5);
  EXPECT_NEAR(dark_places(zone).last.y, 94.5, 1.5);
  // The fading piece is there, too.
  const double middle_px = 3 + (80 - 58) * zone.scale;
  EXPECT_LT(zone.picture.at(static_cast<int>(2 + (507 - 340) * zone.scale), static_cast<int>(middle_px)),
            200);
}

TEST(ZonePreparation, LineThatFillsItsZone_HasNoMoreRoomThanTheZone) {
  page::GrayImage low(240, 32, 240);
  for (int i = 0; i < 5; ++i) fill(low, 40 + 30 * i, 1, 14, 30);
  const auto zone = prepare_zone(crop_of(low), false, {60, 0.6, 4, true});
  ASSERT_TRUE(zone.strip);
  EXPECT_EQ(zone.picture.height_px, 36);
  EXPECT_NEAR(zone.scale, 30.0 / 32, 1e-9);
  page::GrayImage at_the_edge(240, 60, 240);
  for (int i = 0; i < 5; ++i) fill(at_the_edge, 40 + 30 * i, 1, 14, 30);
  const auto upper = prepare_zone(crop_of(at_the_edge), false, {60, 0.6, 4, true});
  ASSERT_TRUE(upper.strip);
  EXPECT_NEAR(upper.scale, 30.0 / 45, 1e-9) << "the room that is missing above is taken below";
  EXPECT_NEAR(dark_places(upper).first.y, 1, 1.5);
}

TEST(ZonePreparation, TightlyCutLines_AreShownAsABlock) {
  page::GrayImage gray(240, 120, 240);
  for (int line = 0; line < 2; ++line) {
    for (int i = 0; i < 5; ++i) fill(gray, 40 + 30 * i, 20 + 50 * line, 14, 30);
  }
  const auto zone = prepare_zone(crop_of(gray), false, {60, 0.6, 12, true});
  EXPECT_EQ(zone.text_lines, 2);
  EXPECT_FALSE(zone.strip);
  EXPECT_NEAR(zone.scale, 2, 1e-9);
  EXPECT_NEAR(zone.picture.width_px - 24, 134 * 2, 2);
  EXPECT_NEAR(zone.picture.height_px - 24, 80 * 2, 2);
}

TEST(ZonePreparation, Print_IsBroughtToTheWantedHeight) {
  const auto zone = prepare_zone(crop_of(strokes()), false, {60, 0.6});
  ASSERT_FALSE(zone.blank);
  EXPECT_EQ(zone.text_lines, 1);
  EXPECT_NEAR(zone.scale, 2, 0.01);
  const page::Point back = zone.in_crop((40 - zone.left_px) * zone.scale, (25 - zone.top_px) * zone.scale);
  EXPECT_NEAR(back.x, 40, 1e-9);
  EXPECT_NEAR(back.y, 25, 1e-9);
}

TEST(ZonePreparation, BoxAroundPrint_IsTakenOut) {
  const int plain = dark_pixels(prepare_zone(crop_of(strokes()), true, {30, 0.6}).picture);
  for (const std::uint8_t colour :
       {std::uint8_t{20}, std::uint8_t{150}}) {  // as black as the print, and fainter
    page::GrayImage boxed = strokes();
    fill(boxed, 10, 10, 220, 3, colour);
    fill(boxed, 10, 65, 220, 3, colour);
    fill(boxed, 10, 10, 3, 58, colour);
    fill(boxed, 227, 10, 3, 58, colour);
    const auto zone = prepare_zone(crop_of(std::move(boxed)), true, {30, 0.6});
    EXPECT_NEAR(dark_pixels(zone.picture), plain, plain * 0.05) << static_cast<int>(colour);
  }
}

TEST(ZonePreparation, TightlyCutOne_IsNotTakenForALine) {
  page::GrayImage one(40, 60, 240);
  fill(one, 18, 0, 5, 60);
  const auto zone = prepare_zone(crop_of(std::move(one)), true, {30, 0.6});
  ASSERT_FALSE(zone.blank);
  EXPECT_GT(dark_pixels(zone.picture), 50);
}

TEST(ZonePreparation, PaperTextureAlone_IsBlank) {
  page::GrayImage paper(200, 60, 230);
  std::uint32_t state = 1;
  for (std::uint8_t& value : paper.pixels) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(222 + (state >> 24U) % 16U);
  }
  EXPECT_TRUE(prepare_zone(crop_of(std::move(paper)), true, {30, 0.6}).blank);
  EXPECT_TRUE(prepare_zone(crop_of(page::GrayImage(2, 2, 0)), true, {30, 0.6}).blank);
}

TEST(ZonePreparation, TwoRows_AreTwoLines) {
  page::GrayImage gray(240, 120, 240);
  for (int line = 0; line < 2; ++line) {
    for (int i = 0; i < 5; ++i) {
      fill(gray, 40 + 30 * i, 20 + 50 * line, 5, 30);
      fill(gray, 40 + 30 * i, 20 + 50 * line, 14, 5);
    }
  }
  EXPECT_EQ(prepare_zone(crop_of(std::move(gray)), true, {30, 0.6}).text_lines, 2);
}

TEST(ZonePreparation, WideGaps_AreNarrowedAndMappedBack) {
  page::GrayImage gray(400, 80, 240);
  for (const int x : {40, 180, 330}) {
    fill(gray, x, 25, 5, 30);
    fill(gray, x, 25, 14, 5);
  }
  const auto zone = prepare_zone(crop_of(std::move(gray)), true, {30, 0.6});
  ASSERT_FALSE(zone.blank);
  EXPECT_LT(zone.picture.width_px, 150);
  // The first dark column of each piece lies where the piece was.
  std::vector<double> starts;
  for (int x = 1; x < zone.picture.width_px; ++x) {
    const int y = zone.picture.height_px / 2;
    if (zone.picture.at(x, y) < 128 && zone.picture.at(x - 1, y) >= 128)
      starts.push_back(zone.in_crop(x, y).x);
  }
  ASSERT_EQ(starts.size(), 3U);
  EXPECT_NEAR(starts[0], 40, 1);
  EXPECT_NEAR(starts[1], 180, 1);
  EXPECT_NEAR(starts[2], 330, 1);
}

TEST(FreeTextCurve, RisingFigure_NeverLowersIt) {
  for (const char* word : {"Company", "12", "No.", "Größe"}) {
    double before = 0;
    for (double figure = -5; figure <= 105; figure += 0.25) {
      const double now = tesseract::word_probability(word, figure);
      EXPECT_GE(now, before) << word << " at " << figure;
      EXPECT_LT(now, 1) << word << " at " << figure;
      before = now;
    }
    EXPECT_GT(before, 0.9) << word;
    EXPECT_LT(tesseract::word_probability(word, 0), 0.4) << word;
  }
}

TEST(FreeTextCurve, PlainWords_AreSurerThanOthers) {
  EXPECT_TRUE(tesseract::is_plain_word("Company"));
  for (const char* word : {"", "No", "No.", "A12", "sys tem"}) EXPECT_FALSE(tesseract::is_plain_word(word)) << word;
  EXPECT_GT(tesseract::word_probability("Company", 96), tesseract::word_probability("Company.", 96));
}

TEST(FreeTextCurve, NoNumber_IsNotSure) {
  EXPECT_LT(tesseract::word_probability("Company", std::nan("")), 0.5);
  EXPECT_LT(tesseract::shaped_probability(std::nan(""), false), 0.5);
}

TEST(ShapedCurve, RisingFigure_NeverLowersItAndCodesAreLessSure) {
  double number_before = 0;
  double code_before = 0;
  for (double figure = -5; figure <= 105; figure += 0.25) {
    const double number = tesseract::shaped_probability(figure, false);
    const double code = tesseract::shaped_probability(figure, true);
    EXPECT_GE(number, number_before) << figure;
    EXPECT_GE(code, code_before) << figure;
    if (figure >= 50) {
      EXPECT_LT(code, number) << figure;
    }
    number_before = number;
    code_before = code;
  }
  EXPECT_GT(number_before, 0.998);
  EXPECT_LT(number_before, 1);
}

TEST(ShapedCurve, LessIsAllowed_MoreIsAsked) {
  double before = 0;
  for (const double rate : {1.0, 0.05, 0.01, 0.005, 0.002, 0.001, 0.0001}) {
    const double threshold = tesseract::shaped_threshold(rate, false);
    EXPECT_GE(threshold, before) << rate;
    before = threshold;
  }
  EXPECT_GT(tesseract::shaped_threshold(0.05, false), tesseract::shaped_probability(79, false)) << "nothing passes below the lowest limit";
  EXPECT_LE(tesseract::shaped_threshold(0.01, false), tesseract::shaped_probability(81, false));
  EXPECT_GT(tesseract::shaped_threshold(0.001, false), tesseract::shaped_threshold(0.002, false) - 0.001);
  // Codes pass at no rate that a bank would allow.
  EXPECT_GT(tesseract::shaped_threshold(0.05, true), tesseract::shaped_probability(100, true));
}

TEST(PrintedText, MissingLanguage_NamesFileAndRemedy) {
  try {
    tesseract::find_tessdata("/no/such/folder", "eng");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(e.what()).find("/no/such/folder/eng.traineddata"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("tesseract-ocr-"), std::string::npos) << e.what();
  }
}

TEST(PrintedText, HostStops_ExceptionComesOut) {
  const auto reader =
      tesseract::make_printed_text_reader({tesseract::find_tessdata("", "eng"), "eng", false});
  page::ReadContext context;
  int calls = 0;
  context.checkpoint = [&] {
    if (++calls > 1) throw Error(ErrorKind::cancelled, "stop");
  };
  EXPECT_THROW(reader->read(crop_of(strokes()), context), Error);
  EXPECT_NO_THROW(reader->read(crop_of(strokes()), {}));
}

TEST(PrintedText, AccountNumbersOfRealCheques_AreRead) {
  const char* data = std::getenv("INKFIELD_DATA");
  if (data == nullptr) GTEST_SKIP() << "INKFIELD_DATA is not set: real cheques are not read";
  const auto folder = std::filesystem::path(data) / "idrbt_cheques" / "account";
  const auto reader =
      tesseract::make_printed_text_reader({tesseract::find_tessdata("", "eng"), "eng", false});
  config::Field field;
  field.kind = config::FieldKind::printed_text;
  field.format.type = config::FormatType::text;
  // The crops hold the label "A/C NO." and its box too, whole or cut: all characters, and the number among
  // them.
  int found = 0;
  int cheques = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto decoded = leptonica::open_image_file(entry.path().string())->decode(0, 100'000'000);
    ASSERT_EQ(decoded.channels, 1);
    page::GrayImage gray(decoded.width_px, decoded.height_px);
    gray.pixels = decoded.pixels;
    page::FieldCrop crop = crop_of(std::move(gray));
    crop.field = &field;
    std::string text = reader->read(crop, {}).raw_text;
    std::erase(text, ' ');
    ++cheques;
    found +=
        text.find("911010049001545") != std::string::npos || text.find("30002010108841") != std::string::npos
            ? 1
            : 0;
  }
  EXPECT_EQ(cheques, 54);
  EXPECT_GE(found, 46) << "of 54";
}

}  // namespace
