// Barcodes: what the module reads, what it must refuse, and that whatever a code holds stays data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ZXing/BitMatrix.h>
#include <ZXing/CharacterSet.h>
#include <ZXing/MultiFormatWriter.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "adapters/engines/zxing/barcodes.h"
#include "recognizer/error.h"

namespace {

using namespace inkfield;
using config::Symbology;
using ZXing::BarcodeFormat;

constexpr int kQuietPx = 30;

page::GrayImage drawn(BarcodeFormat format, const std::string& bytes, int width, int height) {
  ZXing::MultiFormatWriter writer(format);
  writer.setMargin(0);
  if (format == BarcodeFormat::QRCode || format == BarcodeFormat::Aztec || format == BarcodeFormat::PDF417) writer.setEncoding(ZXing::CharacterSet::ISO8859_1);
  // One wide character a byte, so that bytes of no encoding can be written too.
  const ZXing::BitMatrix bits = writer.encode(std::wstring(reinterpret_cast<const unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(bytes.data()) + bytes.size()), width, height);
  page::GrayImage gray(bits.width() + 2 * kQuietPx, bits.height() + 2 * kQuietPx, 240);
  for (int y = 0; y < bits.height(); ++y) {
    for (int x = 0; x < bits.width(); ++x) gray.row(y + kQuietPx)[x + kQuietPx] = bits.get(x, y) ? 25 : 240;
  }
  return gray;
}

class Barcodes : public testing::Test {
 protected:
  page::Reading read(page::GrayImage gray) {
    page::FieldCrop crop;
    crop.field = &field_;
    crop.zone = zone_.width() > 0 ? zone_ : page::RectPx{0, 0, static_cast<double>(gray.width_px), static_cast<double>(gray.height_px)};
    crop.gray = std::move(gray);
    return reader_->read(crop, {});
  }
  config::Field field_ = [] {
    config::Field field;
    field.kind = config::FieldKind::barcode;
    field.symbologies = ~0U;
    return field;
  }();
  page::RectPx zone_;
  const std::unique_ptr<page::FieldReader> reader_ = zxing::make_barcode_reader(INKFIELD_BARCODE_MODULE);
};

TEST_F(Barcodes, EachSymbology_IsRead) {
  struct Code {
    BarcodeFormat format;
    Symbology symbology;
    const char* text;
    int width, height;
  };
  for (const Code& code : {Code{BarcodeFormat::Code39, Symbology::code_39, "AB-1234", 400, 80}, Code{BarcodeFormat::Code93, Symbology::code_93, "AB1234", 400, 80},
                           Code{BarcodeFormat::Code128, Symbology::code_128, "Inv 2024/7", 400, 80}, Code{BarcodeFormat::ITF, Symbology::itf, "12345678", 400, 80},
                           Code{BarcodeFormat::EAN13, Symbology::ean_13, "4006381333931", 300, 80}, Code{BarcodeFormat::EAN8, Symbology::ean_8, "96385074", 300, 80},
                           Code{BarcodeFormat::QRCode, Symbology::qr, "form-7/2024", 200, 200}, Code{BarcodeFormat::DataMatrix, Symbology::data_matrix, "form-7/2024", 200, 200},
                           Code{BarcodeFormat::PDF417, Symbology::pdf_417, "form-7/2024", 400, 150}, Code{BarcodeFormat::Aztec, Symbology::aztec, "form-7/2024", 200, 200}}) {
    field_.symbologies = static_cast<std::uint32_t>(code.symbology);
    const page::Reading reading = read(drawn(code.format, code.text, code.width, code.height));
    ASSERT_FALSE(reading.candidates.empty()) << code.text << ' ' << reading.doubt << reading.failure;
    EXPECT_EQ(reading.candidates.front().text, code.text);
    EXPECT_GE(reading.confidence, reading.threshold) << code.text;
    // Another symbology is not what the field asked for.
    field_.symbologies = static_cast<std::uint32_t>(code.symbology == Symbology::qr ? Symbology::data_matrix : Symbology::qr);
    EXPECT_TRUE(read(drawn(code.format, code.text, code.width, code.height)).candidates.empty()) << code.text;
  }
}

TEST_F(Barcodes, BlankPaper_IsEmptyAndOtherPrintIsDoubted) {
  EXPECT_GT(read(page::GrayImage(200, 100, 235)).empty_probability, 0.95);
  page::GrayImage bars(200, 100, 235);
  for (int y = 20; y < 80; ++y) std::fill_n(bars.row(y) + 40, 90, std::uint8_t{30});
  const page::Reading reading = read(bars);
  EXPECT_TRUE(reading.candidates.empty());
  EXPECT_EQ(reading.empty_probability, 0);
  EXPECT_THAT(reading.doubt, testing::HasSubstr("no barcode"));
}

TEST_F(Barcodes, ScribbledOverInPencil_IsReadByItsPrint) {
  page::GrayImage gray = drawn(BarcodeFormat::QRCode, "page-103", 200, 200);
  for (int y = 0; y < gray.height_px; ++y) {
    for (int x = 0; x < gray.width_px; ++x) {
      if ((x + y) % 18 < 9) gray.row(y)[x] = std::min<std::uint8_t>(gray.at(x, y), 125);
    }
  }
  const page::Reading reading = read(gray);
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates.front().text, "page-103");
}

TEST_F(Barcodes, WhateverACodeHolds_StaysData) {
  for (const std::string text : {"../../etc/passwd", "<script>alert(1)</script>", "$(rm -rf ~)", "'; DROP TABLE results; --", "%s%n%x", "=cmd|' /C calc'!A0"}) {
    const page::Reading reading = read(drawn(BarcodeFormat::QRCode, text, 250, 250));
    ASSERT_FALSE(reading.candidates.empty()) << text;
    EXPECT_EQ(reading.candidates.front().text, text);
  }
  const std::string much(2900, 'A');
  const page::Reading reading = read(drawn(BarcodeFormat::QRCode, much, 900, 900));
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates.front().text, much);
}

TEST_F(Barcodes, ControlCharacters_BecomePicturesOfThem) {
  const page::Reading reading = read(drawn(BarcodeFormat::QRCode, std::string("0104\x1D") + "21\n\x7F" + std::string(1, '\0') + "x", 250, 250));
  ASSERT_FALSE(reading.candidates.empty()) << reading.failure << reading.doubt;
  EXPECT_EQ(reading.candidates.front().text, "0104\u241D21\u240A\u2421\u2400x");
}

TEST(BarcodeText, BytesThatAreNoText_AreRefused) {
  std::string plain;
  EXPECT_TRUE(zxing::as_plain_text("Z\u00FCrich \u20AC \U0001F600", plain));
  EXPECT_EQ(plain, "Z\u00FCrich \u20AC \U0001F600");
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xC2\x85"}) EXPECT_FALSE(zxing::as_plain_text(bad, plain)) << bad;
}

TEST_F(Barcodes, SeveralInTheZone_AreDoubtedAndOthersNotSeen) {
  const page::GrayImage first = drawn(BarcodeFormat::QRCode, "one", 150, 150);
  const page::GrayImage second = drawn(BarcodeFormat::QRCode, "two", 150, 150);
  page::GrayImage both(first.width_px + second.width_px, first.height_px, 240);
  for (int y = 0; y < first.height_px; ++y) {
    std::copy_n(first.row(y), first.width_px, both.row(y));
    std::copy_n(second.row(y), second.width_px, both.row(y) + first.width_px);
  }
  EXPECT_THAT(read(both).doubt, testing::HasSubstr("several"));
  zone_ = {static_cast<double>(first.width_px), 0, static_cast<double>(both.width_px), static_cast<double>(both.height_px)};
  const page::Reading reading = read(both);
  EXPECT_EQ(reading.doubt, "");
  ASSERT_FALSE(reading.candidates.empty());
  EXPECT_EQ(reading.candidates.front().text, "two");
}

TEST(BarcodeModule, NotThereOrNoModule_IsUnavailableAndNamed) {
  for (const std::string& path : {std::string("/nowhere/libinkfield_barcode.so"), std::string(__FILE__)}) {
    try {
      zxing::check_module(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable);
      EXPECT_THAT(error.what(), testing::HasSubstr(path));
    }
  }
}

}  // namespace
