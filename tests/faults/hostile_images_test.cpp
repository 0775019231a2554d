// Image files of every kind, good, odd, damaged and hostile, made here at run time.

#include <gtest/gtest.h>
#include <leptonica/allheaders.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "inkfield/inkfield.hpp"
#include "tests/faults/cmyk_jpeg.h"
#include "tests/faults/tiff_directory.h"

namespace {

using namespace inkfield;
using inkfield::tests::kSmallTiff;
using inkfield::tests::put;
using inkfield::tests::tiff;
namespace fs = std::filesystem;

constexpr int kWidth = 60;
constexpr int kHeight = 40;

using PixPtr = std::unique_ptr<PIX, void (*)(PIX*)>;
PixPtr owned(PIX* pix) {
  return {pix, [](PIX* p) { pixDestroy(&p); }};
}

/// White with a black rectangle from (10, 10) to (30, 30), in any depth.
PixPtr drawn(int depth) {
  PixPtr gray = owned(pixCreate(kWidth, kHeight, 8));
  pixSetAll(gray.get());
  BOX* box = boxCreate(10, 10, 20, 20);
  pixClearInRect(gray.get(), box);
  boxDestroy(&box);
  if (depth == 1) return owned(pixThresholdToBinary(gray.get(), 128));
  if (depth == 16) return owned(pixConvert8To16(gray.get(), 8));
  if (depth == 32) return owned(pixConvertTo32(gray.get()));
  return gray;
}

std::string encoded(PIX* pix, int format) {
  l_uint8* data = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(pixWriteMem(&data, &size, pix, format), 0);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  std::free(data);
  return bytes;
}

class HostileImages : public ::testing::Test {
 protected:
  HostileImages()
      : folder_(fs::temp_directory_path() / ("inkfield-images-" + std::to_string(getpid()))),
        engine_(Library::linked()) {
    fs::create_directories(folder_);
  }
  ~HostileImages() override { fs::remove_all(folder_); }

  /// Opens the bytes and decodes every page; the status of the first failure.
  inkfield_status decode(const std::string& bytes, std::string* message = nullptr) {
    try {
      Document document = engine_.open_memory(bytes.data(), bytes.size());
      for (std::uint32_t page = 0; page < document.page_count(); ++page) document.page(page);
    } catch (const Error& e) {
      EXPECT_STRNE(e.what(), "");
      if (message != nullptr) *message = e.what();
      return e.status();
    }
    return INKFIELD_OK;
  }

  static int value_at(const inkfield_image& image, int x, int y) {
    const auto* pixels = static_cast<const std::uint8_t*>(image.pixels);
    const int channels = image.format == INKFIELD_PIXELS_RGB24 ? 3 : 1;
    return pixels[y * image.stride_bytes + x * channels];
  }

  void expect_drawing(const std::string& bytes, const std::string& what) {
    try {
      Document document = engine_.open_memory(bytes.data(), bytes.size());
      const inkfield_image image = document.page(0);
      EXPECT_EQ(image.width_px, kWidth) << what;
      EXPECT_EQ(image.height_px, kHeight) << what;
      EXPECT_LT(value_at(image, 20, 20), 30) << what;
      EXPECT_GT(value_at(image, 45, 20), 225) << what;
    } catch (const Error& e) {
      ADD_FAILURE() << what << ": " << e.what();
    }
  }

  fs::path folder_;
  Engine engine_;
};

TEST_F(HostileImages, EveryKind_IsSimplyRead) {
  for (const int depth : {1, 8, 16, 32}) {
    const PixPtr pix = drawn(depth);
    expect_drawing(encoded(pix.get(), IFF_PNG), "PNG " + std::to_string(depth));
    if (depth != 16) expect_drawing(encoded(pix.get(), IFF_PNM), "PNM " + std::to_string(depth));
    if (depth != 16) expect_drawing(encoded(pix.get(), IFF_BMP), "BMP " + std::to_string(depth));
    expect_drawing(encoded(pix.get(), IFF_TIFF), "TIFF " + std::to_string(depth));
    if (depth != 1) expect_drawing(encoded(pix.get(), IFF_TIFF_LZW), "TIFF LZW " + std::to_string(depth));
  }
  expect_drawing(encoded(drawn(1).get(), IFF_TIFF_G4), "TIFF G4");
  expect_drawing(encoded(drawn(8).get(), IFF_JFIF_JPEG), "JPEG gray");
  expect_drawing(encoded(drawn(32).get(), IFF_JFIF_JPEG), "JPEG colour");
  const PixPtr palette = owned(pixConvertTo8(drawn(8).get(), 1));
  expect_drawing(encoded(palette.get(), IFF_PNG), "PNG palette");
}

TEST_F(HostileImages, Alpha_IsBlendedOverWhite) {
  const PixPtr pix = owned(pixCreate(kWidth, kHeight, 32));
  pixSetSpp(pix.get(), 4);
  // Black everywhere, opaque only inside the rectangle.
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x)
      pixSetPixel(pix.get(), x, y, x >= 10 && x < 30 && y >= 10 && y < 30 ? 255U : 0U);
  }
  expect_drawing(encoded(pix.get(), IFF_PNG), "PNG alpha");
}

TEST_F(HostileImages, Cmyk_IsReadAsInkOnPaper) {
  Document document = engine_.open_memory(drawing::kCmykJpeg.data(), drawing::kCmykJpeg.size());
  const inkfield_image image = document.page(0);
  ASSERT_EQ(image.width_px, 16);
  EXPECT_LT(value_at(image, 8, 8), 80);
  EXPECT_GT(value_at(image, 1, 1), 200);
}

TEST_F(HostileImages, PngNamedJpg_IsToldByContent) {
  const fs::path path = folder_ / "scan.jpg";
  std::ofstream(path, std::ios::binary) << encoded(drawn(8).get(), IFF_PNG);
  EXPECT_EQ(engine_.open(path.string()).page(0).width_px, kWidth);
}

TEST_F(HostileImages, SeveralPages_ComeOneByOne) {
  const std::string path = (folder_ / "pages.tif").string();
  const PixPtr first = drawn(1);
  pixSetResolution(first.get(), 204, 204);
  ASSERT_EQ(pixWriteTiff(path.c_str(), first.get(), IFF_TIFF_G4, "w"), 0);
  const PixPtr second = owned(pixScale(drawn(8).get(), 2, 2));
  ASSERT_EQ(pixWriteTiff(path.c_str(), second.get(), IFF_TIFF_LZW, "a"), 0);
  Document document = engine_.open(path);
  ASSERT_EQ(document.page_count(), 2U);
  EXPECT_EQ(document.page(1).width_px, kWidth * 2);
  const inkfield_image page = document.page(0);
  EXPECT_EQ(page.width_px, kWidth);
  EXPECT_NEAR(page.dpi_x, 204, 0.5);
  try {
    document.page(2);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), INKFIELD_NOT_FOUND);
  }
}

TEST_F(HostileImages, CutShortAnywhere_IsRefused) {
  const struct {
    int format;
    int depth;
  } kinds[] = {{IFF_PNG, 8},     {IFF_JFIF_JPEG, 8}, {IFF_JFIF_JPEG, 32}, {IFF_PNM, 8}, {IFF_PNM, 1},
               {IFF_TIFF_G4, 1}, {IFF_TIFF_LZW, 8},  {IFF_TIFF, 32},      {IFF_BMP, 8}};
  for (const auto& kind : kinds) {
    const std::string whole = encoded(drawn(kind.depth).get(), kind.format);
    ASSERT_EQ(decode(whole), INKFIELD_OK) << kind.format;
    for (int percent : {0, 1, 5, 20, 50, 80, 95, 99}) {
      const std::size_t size = whole.size() * static_cast<std::size_t>(percent) / 100;
      EXPECT_EQ(decode(whole.substr(0, std::max<std::size_t>(size, 1))), INKFIELD_INVALID_IMAGE)
          << kind.format << " at " << percent << " %";
    }
    EXPECT_EQ(decode(whole.substr(0, whole.size() - 2)), INKFIELD_INVALID_IMAGE)
        << kind.format << " without its last two bytes";
  }
}

TEST_F(HostileImages, DamagedPictureData_IsRefusedOrReadButNeverFatal) {
  std::uint32_t state = 7;
  const auto random = [&] {
    state = state * 1664525U + 1013904223U;
    return state >> 8U;
  };
  for (const int format : {IFF_PNG, IFF_JFIF_JPEG, IFF_PNM, IFF_TIFF_LZW, IFF_TIFF_PACKBITS, IFF_BMP}) {
    const std::string whole = encoded(drawn(8).get(), format);
    for (int round = 0; round < 60; ++round) {
      std::string broken = whole;
      for (int i = 0; i <= round % 4; ++i) broken[random() % broken.size()] = static_cast<char>(random());
      decode(broken);
    }
  }
  const std::string g4 = encoded(drawn(1).get(), IFF_TIFF_G4);
  for (int round = 0; round < 100; ++round) {
    std::string broken = g4;
    broken[random() % broken.size()] = static_cast<char>(random());
    decode(broken);
  }
}

TEST_F(HostileImages, NothingToRead_SaysWhatIsWrong) {
  const auto open = [&](const fs::path& path) {
    try {
      engine_.open(path.string());
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(path.string()), std::string::npos) << e.what();
      return e.status();
    }
    return INKFIELD_OK;
  };
  std::ofstream(folder_ / "zero.png");
  EXPECT_EQ(open(folder_ / "zero.png"), INKFIELD_INVALID_IMAGE);
  std::ofstream(folder_ / "text.png") << "not an image";
  EXPECT_EQ(open(folder_ / "text.png"), INKFIELD_INVALID_IMAGE);
  std::ofstream(folder_ / "paper.pdf") << "%PDF-1.4";
  EXPECT_EQ(open(folder_ / "paper.pdf"), INKFIELD_INVALID_IMAGE);
  EXPECT_EQ(open(folder_ / "missing.png"), INKFIELD_NOT_FOUND);
  EXPECT_EQ(open(folder_), INKFIELD_IO_ERROR);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(open(folder_ / "pipe"), INKFIELD_IO_ERROR);
}

TEST_F(HostileImages, BombInAPng_IsRefusedBeforeItIsDecoded) {
  std::string bomb = encoded(drawn(8).get(), IFF_PNG);
  // Width and height follow the signature, the length and the name of the first chunk.
  std::string size;
  put(size, 100'000, 4, true);
  put(size, 100'000, 4, true);
  bomb.replace(16, 8, size);
  const auto begin = std::chrono::steady_clock::now();
  std::string message;
  EXPECT_EQ(decode(bomb, &message), INKFIELD_LIMIT_EXCEEDED);
  EXPECT_NE(message.find("100000 x 100000"), std::string::npos) << message;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(HostileImages, DirectoriesThatLoop_EndInAnError) {
  ASSERT_EQ(decode(tiff(kSmallTiff, 0) + std::string(64, '\0')), INKFIELD_OK);
  std::string message;
  EXPECT_EQ(decode(tiff(kSmallTiff, 8) + std::string(64, '\0'), &message), INKFIELD_INVALID_IMAGE);
  EXPECT_NE(message.find("circle"), std::string::npos) << message;
}

TEST_F(HostileImages, WildTiffs_AreRefused) {
  auto tiled = kSmallTiff;
  tiled.push_back({322, 3, 1, 16});
  std::string message;
  EXPECT_EQ(decode(tiff(tiled, 0) + std::string(64, '\0'), &message), INKFIELD_INVALID_IMAGE);
  EXPECT_NE(message.find("tiled"), std::string::npos) << message;
  EXPECT_EQ(decode(tiff(kSmallTiff, 0x7FFFFFF0) + std::string(64, '\0')), INKFIELD_INVALID_IMAGE);
  auto strips = kSmallTiff;
  strips[5] = {273, 4, 0x7FFFFFFF, 110};
  EXPECT_EQ(decode(tiff(strips, 0)), INKFIELD_INVALID_IMAGE);
  auto empty = kSmallTiff;
  empty[0][3] = 0;
  EXPECT_EQ(decode(tiff(empty, 0) + std::string(64, '\0')), INKFIELD_INVALID_IMAGE);
  EXPECT_EQ(decode(tiff({}, 0)), INKFIELD_INVALID_IMAGE);
  EXPECT_EQ(decode(std::string("II+\0\x08\0\0\0", 8) + std::string(64, '\0')), INKFIELD_INVALID_IMAGE);
  auto bomb = kSmallTiff;
  bomb[0] = {256, 4, 1, 500'000};
  bomb[1] = {257, 4, 1, 500'000};
  EXPECT_EQ(decode(tiff(bomb, 0) + std::string(64, '\0')), INKFIELD_LIMIT_EXCEEDED);
}

TEST_F(HostileImages, OddSizes_AreRead) {
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{40'000, 20}, std::pair{3, 20'000}}) {
    const PixPtr pix = owned(pixCreate(width, height, 8));
    const std::string bytes = encoded(pix.get(), IFF_PNG);
    Document document = engine_.open_memory(bytes.data(), bytes.size());
    const inkfield_image image = document.page(0);
    EXPECT_EQ(image.width_px, width);
    Session session(engine_);
    EXPECT_NE(session.read_page(image).page().state, INKFIELD_PAGE_READ);
  }
}

}  // namespace
