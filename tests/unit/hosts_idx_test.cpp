// idx files: good ones plain and compressed, and headers that lie.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "adapters/hosts/command_line/idx_file.h"
#include "tests/scratch_folder.h"

namespace inkfield::command_line {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class IdxFile : public testing::Test {
 protected:
  std::string file(const std::string& bytes) const {
    const fs::path path = folder_ / "data.idx";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string compressed(const std::string& bytes) const {
    const fs::path path = folder_ / "data.gz";
    gzFile out = gzopen(path.c_str(), "wb");
    gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(out);
    return path;
  }
  static std::string word(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  static std::string images(std::uint32_t count, std::uint32_t height, std::uint32_t width, const std::string& pixels) {
    return word(0x803) + word(count) + word(height) + word(width) + pixels;
  }
  static std::string complaint(const std::string& path) {
    try {
      read_idx_images(path);
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
      return error.what();
    }
    return "";
  }

  tests::ScratchFolder scratch_;
  const fs::path& folder_ = scratch_.path();
};

TEST_F(IdxFile, Images_AreReadPlainAndCompressed) {
  const std::string bytes = images(2, 2, 3, "abcdefghijkl");
  for (const std::string& path : {file(bytes), compressed(bytes)}) {
    const IdxImages read = read_idx_images(path);
    EXPECT_EQ(read.count, 2u);
    EXPECT_EQ(read.height_px, 2);
    EXPECT_EQ(read.width_px, 3);
    ASSERT_EQ(read.image(1).size(), 6u);
    EXPECT_EQ(read.image(1)[0], 'g');
  }
}

TEST_F(IdxFile, Labels_AreRead) {
  EXPECT_EQ(read_idx_labels(file(word(0x801) + word(3) + std::string("\x01\x02\x09", 3))),
            (std::vector<std::uint8_t>{1, 2, 9}));
}

TEST_F(IdxFile, LyingCounts_AreRefused) {
  EXPECT_THAT(complaint(file(images(3, 2, 3, "abcdefghijkl"))), HasSubstr("is cut short: it promises 3 pictures of 3 x 2 px (18 bytes) and ends after 12"));
  EXPECT_THAT(complaint(file(images(1, 2, 3, "abcdefghijkl"))), HasSubstr("goes on after"));
  EXPECT_THAT(complaint(file(images(0xFFFFFFFF, 4096, 4096, "x"))), HasSubstr("over 2 GiB"));
  EXPECT_THAT(complaint(file(images(0x7FFF, 256, 256, "x"))), HasSubstr("cut short"));
  EXPECT_THAT(complaint(file(images(1, 0, 3, ""))), HasSubstr("sides from 1 to 4096"));
  EXPECT_THAT(complaint(file(images(1, 5000, 3, ""))), HasSubstr("sides from 1 to 4096"));
}

TEST_F(IdxFile, OtherFiles_AreRefused) {
  EXPECT_THAT(complaint(file("\x89PNG\r\n")), HasSubstr("is no idx file"));
  EXPECT_THAT(complaint(file("ab")), HasSubstr("ends inside its header"));
  EXPECT_THAT(complaint(file(word(0x801) + word(1) + "x")), HasSubstr("1-dimensional"));
  EXPECT_THAT(complaint(file(word(0xC03) + word(1))), HasSubstr("other than bytes"));
  EXPECT_THAT(complaint(folder_ / "none"), HasSubstr("No such file"));
  EXPECT_THAT(complaint(folder_), HasSubstr("is a folder"));
}

TEST_F(IdxFile, DamagedGzip_IsRefused) {
  std::string pixels(20000, 'a');
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>((i * 7919) >> 3);
  const std::string path = compressed(images(20, 10, 100, pixels));
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_NE(complaint(path), "");
}

TEST(IdxLabel, Letters_AreNoDigits) {
  EXPECT_EQ(truth_of_label(7), "7");
  EXPECT_EQ(truth_of_label('3'), "3");
  EXPECT_EQ(truth_of_label('A'), "?");
  EXPECT_EQ(truth_of_label(10), "?");
}

}  // namespace
}  // namespace inkfield::command_line
