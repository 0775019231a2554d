// Pictures of the fields that a person must look at, read back with Leptonica.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/gray_png.h"
#include "adapters/hosts/watch_folder/outputs/review_crops.h"
#include "tests/unit/leptonica_picture.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

int gray_at(const Picture& picture, int x, int y) {
  l_uint32 value = 0;
  pixGetPixel(picture.get(), x, y, &value);
  return static_cast<int>(value);
}

/// White, 100 by 80, with a field of 20 by 10 at (30, 40): its left half 10, its right half 90.
struct Page {
  std::vector<std::uint8_t> pixels;
  inkfield_image image{};
  explicit Page(inkfield_pixel_format format) {
    const auto gray = [](int x, int y) { return y < 40 || y >= 50 || x < 30 || x >= 50 ? 255 : x < 40 ? 10 : 90; };
    image.struct_size = sizeof image;
    image.format = format;
    image.width_px = 100;
    image.height_px = 80;
    if (format >= INKFIELD_PIXELS_BILEVEL_BLACK_IS_0) {
      image.stride_bytes = 16;
      pixels.assign(16 * 80, 0);
      for (int y = 0; y < 80; ++y) {
        for (int x = 0; x < 100; ++x) {
          const bool black = gray(x, y) < 50;
          const bool set = black == (format == INKFIELD_PIXELS_BILEVEL_BLACK_IS_1);
          if (set) pixels[static_cast<std::size_t>(y * 16 + x / 8)] |= static_cast<std::uint8_t>(0x80 >> x % 8);
        }
      }
    } else {
      const int channels = format == INKFIELD_PIXELS_GRAY8 ? 1 : format <= INKFIELD_PIXELS_BGR24 ? 3 : 4;
      for (int y = 0; y < 80; ++y) {
        for (int x = 0; x < 100; ++x) pixels.insert(pixels.end(), static_cast<std::size_t>(channels), static_cast<std::uint8_t>(gray(x, y)));
      }
    }
    image.pixels = pixels.data();
    image.pixels_bytes = pixels.size();
  }
};

DocumentOutcome outcome_with(const std::string& quad) {
  DocumentOutcome outcome = sample_outcome("1");
  outcome.pages[0].json = R"({"fields":[{"id":"account"},{"id":"amount","quad":)" + quad + "}]}";
  return outcome;
}

class ReviewCrops : public testing::Test {
 protected:
  Picture crop(const DocumentOutcome& outcome, const Page& page) {
    fs::remove_all(scratch_.path() / "crops");
    EXPECT_TRUE(write_review_crops(outcome, [&](int) { return page.image; }, scratch_.path() / "crops"));
    return Picture(pixRead((scratch_.path() / "crops/1-amount.png").c_str()));
  }
  ScratchFolder scratch_;
};

TEST_F(ReviewCrops, EveryPixelFormat_GivesTheFieldWithItsSurroundings) {
  for (inkfield_pixel_format format = INKFIELD_PIXELS_GRAY8; format <= INKFIELD_PIXELS_BILEVEL_BLACK_IS_1; ++format) {
    const Picture picture = crop(outcome_with("[[30,40],[50,40],[50,50],[30,50]]"), Page(format));
    ASSERT_NE(picture, nullptr) << format;
    // A margin of 4 on every side.
    EXPECT_EQ(pixGetWidth(picture.get()), 28);
    EXPECT_EQ(pixGetHeight(picture.get()), 18);
    const bool bilevel = format >= INKFIELD_PIXELS_BILEVEL_BLACK_IS_0;
    EXPECT_EQ(gray_at(picture, 3, 9), 255) << format;
    EXPECT_EQ(gray_at(picture, 4, 4), bilevel ? 0 : 10) << format;
    EXPECT_EQ(gray_at(picture, 13, 13), bilevel ? 0 : 10) << format;
    EXPECT_EQ(gray_at(picture, 14, 13), bilevel ? 255 : 90) << format;
    EXPECT_EQ(gray_at(picture, 24, 9), 255) << format;
  }
}

TEST_F(ReviewCrops, FieldOnAPageFedUpsideDown_IsUpright) {
  const Picture picture = crop(outcome_with("[[50,50],[30,50],[30,40],[50,40]]"), Page(INKFIELD_PIXELS_GRAY8));
  EXPECT_EQ(gray_at(picture, 5, 9), 90);
  EXPECT_EQ(gray_at(picture, 22, 9), 10);
}

TEST_F(ReviewCrops, FieldAtTheEdge_IsPaddedWithPaper) {
  const Picture picture = crop(outcome_with("[[-10,-5],[50,-5],[50,50],[-10,50]]"), Page(INKFIELD_PIXELS_GRAY8));
  EXPECT_EQ(gray_at(picture, 0, 0), 255);
}

TEST_F(ReviewCrops, List_NamesEveryFieldInQuestion) {
  DocumentOutcome outcome = outcome_with("[[30,40],[50,40],[50,50],[30,50]]");
  outcome.pages[0].fields.push_back({"../x", "checkbox", "failed", "", "", "off the page", 0});
  crop(outcome, Page(INKFIELD_PIXELS_GRAY8));
  const auto list = nlohmann::json::parse(scratch_.text("crops/fields.json"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0], (nlohmann::json{{"page", 1}, {"field", "amount"}, {"state", "review"}, {"text", "-12,50"}, {"confidence", 0.5},
                                     {"reason", "unsure"}, {"picture", "1-amount.png"}}));
  EXPECT_EQ(list[1]["field"], "../x");
  EXPECT_EQ(list[1]["picture"], "");
}

TEST_F(ReviewCrops, BadQuadsAndPages_AreListedWithoutPictures) {
  const Page page(INKFIELD_PIXELS_GRAY8);
  for (const char* quad : {"[]", "[[0,0],[1e300,0],[1,1],[0,1]]", "[[0,0],[9000,0],[9000,9],[0,9]]", "[[5,5],[5,5],[5,5],[5,5]]", "\"x\"",
                           "[[0,0],[1,0],[1,1],[null,1]]"}) {
    EXPECT_EQ(crop(outcome_with(quad), page), nullptr) << quad;
    EXPECT_EQ(nlohmann::json::parse(scratch_.text("crops/fields.json"))[0]["picture"], "") << quad;
  }
  fs::remove_all(scratch_.path() / "crops");
  EXPECT_TRUE(write_review_crops(outcome_with("[[30,40],[50,40],[50,50],[30,50]]"), [](int) -> inkfield_image { throw std::runtime_error("gone"); },
                                 scratch_.path() / "crops"));
  EXPECT_EQ(nlohmann::json::parse(scratch_.text("crops/fields.json"))[0]["picture"], "");
}

TEST_F(ReviewCrops, NothingInQuestion_MakesNoFolder) {
  DocumentOutcome outcome = sample_outcome("1");
  outcome.pages[0].fields.pop_back();
  EXPECT_FALSE(write_review_crops(outcome, [](int) { return inkfield_image{}; }, scratch_.path() / "crops"));
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_F(ReviewCrops, DiskFull_LeavesNothingBehind) {
  const Page page(INKFIELD_PIXELS_GRAY8);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{40, 40};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      write_review_crops(outcome_with("[[30,40],[50,40],[50,50],[30,50]]"), [&](int) { return page.image; }, scratch_.path() / "crops");
    } catch (const std::system_error&) {
      status = 0;
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST(GrayPng, WrongNumberOfPixels_IsRefused) {
  EXPECT_THROW(png_of({2, 2, {1, 2, 3}}), std::invalid_argument);
  EXPECT_THROW(png_of({0, 0, {}}), std::invalid_argument);
}

}  // namespace
}  // namespace inkfield::watch_folder
