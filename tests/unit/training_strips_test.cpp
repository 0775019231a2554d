// Labelled strips: tables and pictures from outside are refused with their place, writers are never divided.
#include "recognizer/training/strips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <fstream>
#include <set>

#include "recognizer/error.h"
#include "recognizer/training/samples.h"
#include "tests/scratch_folder.h"

namespace inkfield::training {
namespace {

using ::testing::HasSubstr;

class Strips : public ::testing::Test {
 protected:
  // Three upright strokes on white.
  void picture(const std::string& name, int width = 120, int height = 40) const {
    std::vector<std::uint8_t> gray(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 255);
    for (int y = 8; y < height - 8; ++y) {
      for (int x = 0; x < width; ++x) {
        if (x % 30 > 12 && x % 30 < 17) gray[static_cast<std::size_t>(y * width + x)] = 0;
      }
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = PNG_FORMAT_GRAY;
    ASSERT_NE(png_image_write_to_file(&image, (folder_ / (name + ".png")).c_str(), 0, gray.data(), 0, nullptr), 0);
  }
  std::filesystem::path table(const std::string& text) const {
    std::ofstream(folder_ / "truth.csv") << text;
    return folder_ / "truth.csv";
  }
  std::string refusal(const std::string& text) const {
    try {
      load_strips(folder_, table(text), 2);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

TEST_F(Strips, GoodTable_LoadedWithInkAndText) {
  picture("a");
  picture("b");
  const StripSet set = load_strips(folder_, table("file,text\nx/a.jpg,111\n\"b\",1?1\n"), 2);
  ASSERT_EQ(set.strips.size(), 1U);  // nobody knows what b says
  EXPECT_EQ(set.strips[0].name, "a");
  EXPECT_EQ(set.strips[0].text, "111");
  EXPECT_EQ(set.strips[0].ink[0], 0);
  EXPECT_EQ(set.strips[0].ink[20 * 120 + 14], 255);
  EXPECT_FALSE(set.marks_labelled);
  EXPECT_FALSE(strip_input(set.strips[0]).empty());
}

TEST_F(Strips, TextsWithMarks_AreLabelled) {
  picture("a");
  EXPECT_TRUE(load_strips(folder_, table("file,text\na,\"1,11\"\n"), 2).marks_labelled);
}

TEST_F(Strips, BadTables_RefusedWithTheirPlace) {
  picture("a");
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal("name,text\na,1\n"), HasSubstr("column `file`"));
  EXPECT_THAT(refusal("file,text\na,1\na,2\n"), HasSubstr("line 3"));
  EXPECT_THAT(refusal("file;text\na;1\n"), HasSubstr("parted by commas"));
  EXPECT_THAT(refusal("file,text\n,1\n"), HasSubstr("line 2: names no file"));
  EXPECT_THAT(refusal("file,text\na,12x\n"), HasSubstr("line 2: the text 12x"));
  EXPECT_THAT(refusal("file,text\nmissing,12\n"), HasSubstr("missing.png"));
  EXPECT_THAT(refusal("file,text\na\n"), HasSubstr("line 2: has too few cells"));
  EXPECT_THAT(refusal("file,text,writer\na,1\n"), HasSubstr("line 2: has too few cells"));
  EXPECT_THAT(refusal("file,text,writer\na,1,11,anna\n"), HasSubstr("line 2: has too many cells"));
  EXPECT_THAT(refusal("file,text\na,??\n"), HasSubstr("no row with a known text"));
}

TEST_F(Strips, DamagedOrHugePictures_Refused) {
  std::ofstream(folder_ / "a.png") << "no picture at all";
  EXPECT_THAT(refusal("file,text\na,1\n"), HasSubstr("cannot be read as PNG"));
  picture("a", 9000, 20);
  EXPECT_THAT(refusal("file,text\na,1\n"), HasSubstr("larger than a field"));
}

TEST_F(Strips, Folds_NeverDivideAWriter) {
  std::string rows = "file,text,writer\n";
  for (int i = 0; i < 20; ++i) {
    picture("s" + std::to_string(i));
    rows += "s" + std::to_string(i) + ",111,w" + std::to_string(i % 6) + "\n";
  }
  const StripSet all = load_strips(folder_, table(rows), 2);
  std::size_t held_out_in_all = 0;
  for (int fold = 0; fold < 3; ++fold) {
    StripSet kept;
    StripSet held_out;
    split_strips(all, fold, 3, kept, held_out);
    std::set<int> writers;
    for (const Strip& strip : held_out.strips) writers.insert(strip.writer);
    for (const Strip& strip : kept.strips) EXPECT_FALSE(writers.contains(strip.writer));
    held_out_in_all += held_out.strips.size();
  }
  EXPECT_EQ(held_out_in_all, all.strips.size());
}

TEST_F(Strips, InLines_AppearVariedAndLabelled) {
  picture("a");
  SampleSources sources;
  sources.strips = load_strips(folder_, table("file,text\na,1111\n"), 2);
  sources.strip_share = 1;
  sources.index();
  synthesis::Random random(5);
  const Sample first = make_line(sources, 9, random);
  const Sample second = make_line(sources, 2, random);
  EXPECT_EQ(first.text, "1111");
  EXPECT_FALSE(first.marks_labelled);
  EXPECT_NE(first.input.pixels, second.input.pixels);
}

}  // namespace
}  // namespace inkfield::training
