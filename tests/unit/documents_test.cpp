// PDFs of every bad kind, batches with separator sheets, and what is deleted from done/ and when.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "adapters/hosts/watch_folder/documents/batch_splitting.h"
#include "adapters/hosts/watch_folder/documents/page_images.h"
#include "adapters/hosts/watch_folder/documents/retention.h"
#include "tests/pdf_files.h"
#include "tests/unit/leptonica_picture.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;
using tests::page_objects;
using tests::pdf_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Picture picture(const fs::path& path) { return Picture(pixRead(path.c_str())); }

class PdfPages : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    if (::access("/usr/bin/pdftocairo", X_OK) != 0) GTEST_SKIP() << "poppler-utils is not installed";
    fs::create_directory(scratch_.path() / "pages");
    limits_.dpi = 100;
  }
  std::vector<std::string> pages(const std::string& pdf) {
    std::vector<std::string> names;
    for (const fs::path& page : page_images_of(scratch_.write("document.png", pdf), scratch_.path() / "pages", limits_)) names.push_back(page.filename());
    return names;
  }
  std::string fault(const std::string& pdf) {
    try {
      pages(pdf);
    } catch (const DocumentError& error) {
      return error.what();
    }
    return "";
  }
  ScratchFolder scratch_;
  PageLimits limits_;
};

TEST_F(PdfPages, Pages_AreDrawnInOrderAtTheResolution) {
  EXPECT_THAT(pages(pdf_of(page_objects(11))), ElementsAre("page-01.tif", "page-02.tif", "page-03.tif", "page-04.tif", "page-05.tif", "page-06.tif",
                                                           "page-07.tif", "page-08.tif", "page-09.tif", "page-10.tif", "page-11.tif"));
  const Picture page = picture(scratch_.path() / "pages/page-01.tif");
  EXPECT_EQ(pixGetWidth(page.get()), 100);
  EXPECT_EQ(pixGetHeight(page.get()), 50);
  EXPECT_EQ(pixGetXRes(page.get()), 100);
}

TEST_F(PdfPages, ScanAtItsOwnResolution_ComesOutPixelForPixel) {
  std::string gray;
  for (int i = 0; i < 100 * 50; ++i) gray += static_cast<char>((i * 7919) % 251);
  std::vector<std::string> objects = page_objects(1, "", "/Resources << /XObject << /I 5 0 R >> >>");
  const std::string drawing = "q 72 0 0 36 0 0 cm /I Do Q";
  objects[2] = "<< /Length " + std::to_string(drawing.size()) + " >>\nstream\n" + drawing + "\nendstream";
  objects.push_back("<< /Type /XObject /Subtype /Image /Width 100 /Height 50 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 5000 >>\nstream\n" + gray +
                    "\nendstream");
  pages(pdf_of(objects));
  const Picture page = picture(scratch_.path() / "pages/page-1.tif");
  int different = 0;
  for (int i = 0; i < 100 * 50; ++i) {
    l_uint32 value = 0;
    pixGetPixel(page.get(), i % 100, i / 100, &value);
    different += value != static_cast<unsigned char>(gray[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(different, 0);
}

TEST_F(PdfPages, OtherFiles_AreHandedBackAsTheyAre) {
  const fs::path image = scratch_.write("scan.pdf", "\x89PNG and so on");
  EXPECT_THAT(page_images_of(image, scratch_.path() / "pages", limits_), ElementsAre(image));
  EXPECT_FALSE(is_pdf(scratch_.path() / "nothing"));
  EXPECT_TRUE(is_pdf(scratch_.write("mail", "junk before\r\n%PDF-1.4\n")));
}

TEST_F(PdfPages, DamagedOnes_GetAReason) {
  const std::string good = pdf_of(page_objects(2));
  EXPECT_THAT(fault(good.substr(0, good.size() / 2)), HasSubstr("damaged"));
  EXPECT_THAT(fault("%PDF-1.7\n"), HasSubstr("damaged"));
  EXPECT_THAT(fault("%PDF-1.7\n" + std::string(3000, '\x80')), HasSubstr("damaged"));
  EXPECT_THAT(fault(pdf_of(page_objects(0))), HasSubstr("no pages"));
  EXPECT_THAT(fault(pdf_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})), HasSubstr("no size"));
}

TEST_F(PdfPages, Locked_GetsAReason) {
  std::vector<std::string> objects = page_objects(1);
  const std::string key = "(12345678901234567890123456789012)";
  objects.push_back("<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O " + key + " /U " + key + " >>");
  EXPECT_EQ(fault(pdf_of(objects, "/Encrypt 5 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]")),
            "the PDF is locked by a password");
}

TEST_F(PdfPages, TooMuch_GetsAReasonBeforeAnythingIsDrawn) {
  EXPECT_EQ(fault(pdf_of(page_objects(5000))), "the PDF has 5000 pages; at most 500 are read");
  EXPECT_THAT(fault(pdf_of(page_objects(1, "", "", "0 0 14400 14400"))), HasSubstr("page 1 of the PDF is too large"));
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "pages"));
}

TEST_F(PdfPages, ActiveContent_IsRefusedUnlessAllowed) {
  const std::string script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
  std::vector<std::string> embedded = page_objects(1, "/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >>");
  embedded.push_back("<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>");
  embedded.push_back("<< /Length 2 >>\nstream\nMZ\nendstream");
  const std::vector<std::string> active = {pdf_of(page_objects(1, "/OpenAction " + script)), pdf_of(page_objects(1, "", "/AA << /O " + script + " >>")),
                                           pdf_of(page_objects(1, "/OpenAction << /S /Launch /F (/bin/sh) >>")), pdf_of(embedded)};
  for (const std::string& pdf : active) EXPECT_THAT(fault(pdf), HasSubstr("JavaScript"));
  limits_.active_content = true;
  for (const std::string& pdf : active) EXPECT_EQ(fault(pdf), "");
}

TEST_F(PdfPages, TimeAndMemory_AreLimited) {
  limits_.time_limit = std::chrono::seconds(0);
  EXPECT_THAT(fault(pdf_of(page_objects(1))), HasSubstr("longer than 0 s"));
  limits_.time_limit = std::chrono::seconds(60);
  limits_.memory_limit_bytes = 90'000'000;  // the page takes 100 MB
  EXPECT_THAT(fault(pdf_of(page_objects(1, "", "", "0 0 7200 7200"))), HasSubstr("cannot be drawn"));
  limits_.memory_limit_bytes = 1 << 30;
  limits_.stopping = [] { return true; };
  EXPECT_EQ(fault(pdf_of(page_objects(1))), "stopped");
}

PageOutcome page_of(int number, const std::string& state, const std::string& form = "") {
  PageOutcome page;
  page.page = number;
  page.state = state;
  page.form_id = form;
  return page;
}

std::string shape(const std::vector<BatchPart>& parts) {
  std::string text;
  for (const BatchPart& part : parts) {
    text += part.label + '[';
    for (const PageOutcome& page : part.pages) text += std::to_string(page.page);
    text += ']';
  }
  return text;
}

TEST(BatchSplitting, Sheets_BeginDocuments) {
  PageOutcome sheet = page_of(3, "read", "separator");
  sheet.fields.push_back({"code", "barcode", "accepted", "B-17", "", "", 1});
  const std::vector<PageOutcome> pages = {page_of(1, "read", "cheque"), page_of(2, "unknown_form"), sheet, page_of(4, "blank"), page_of(5, "read", "cheque"),
                                          page_of(6, "blank")};
  EXPECT_EQ(shape(split_batch(pages, {"separator", "code", false, true})), "[12]B-17[56]");
  EXPECT_EQ(shape(split_batch(pages, {"separator", "", false, false})), "[12][456]");
  EXPECT_EQ(shape(split_batch(pages, {"separator", "code", true, true})), "[12]B-17[3456]");
  EXPECT_EQ(shape(split_batch(pages, {})), "[123456]");
}

TEST(BatchSplitting, SheetsAtEndsAndInARow_MakeNoEmptyDocument) {
  const PageOutcome sheet = page_of(0, "read", "separator");
  const std::vector<PageOutcome> pages = {sheet, sheet, page_of(1, "read", "cheque"), sheet, page_of(9, "blank"), sheet};
  EXPECT_EQ(shape(split_batch(pages, {"separator", "", false, true})), "[1]");
  EXPECT_EQ(shape(split_batch({}, {"separator", "", false, true})), "");
  // A field that a person must look at names nothing.
  PageOutcome unsure = sheet;
  unsure.fields.push_back({"code", "barcode", "review", "B-1?", "", "", 0.2});
  EXPECT_EQ(shape(split_batch({unsure, page_of(1, "read", "cheque")}, {"separator", "code", false, true})), "[1]");
}

class Retention : public testing::Test {
 protected:
  using Seconds = std::chrono::seconds;
  static constexpr Seconds kHour{3600};
  void SetUp() override {
    fs::create_directory(scratch_.path() / "done");
    now_ = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  }
  RetentionReport run() { return delete_old_documents(scratch_.path() / "done", 30, now_); }
  /// The clock runs on and the function is called every twelve hours.
  RetentionReport run_for_days(int days) {
    RetentionReport last;
    for (int i = 0; i < days * 2; ++i) {
      now_ += 12 * kHour;
      last = run();
      deleted_.insert(deleted_.end(), last.deleted.begin(), last.deleted.end());
    }
    return last;
  }
  ScratchFolder scratch_;
  std::chrono::sys_seconds now_;
  std::vector<std::string> deleted_;
};

TEST_F(Retention, OldDocuments_GoWithTheirResults) {
  scratch_.write("done/a.png", "a");
  scratch_.write("done/a.png.json", "{}");
  run();
  run_for_days(29);
  EXPECT_THAT(deleted_, IsEmpty());
  run_for_days(2);
  EXPECT_THAT(deleted_, ElementsAre("a.png", "a.png.json"));
}

TEST_F(Retention, OldDateOfAFile_DoesNotMakeItOld) {
  scratch_.write("done/a.png", "scanned long ago, filed now");
  const std::array<timespec, 2> long_ago = {timespec{1'000'000'000, 0}, timespec{1'000'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (scratch_.path() / "done/a.png").c_str(), long_ago.data(), 0), 0);
  run();
  run_for_days(29);
  EXPECT_THAT(deleted_, IsEmpty());
}

TEST_F(Retention, LinksFoldersAndHiddenFiles_Stay) {
  scratch_.write("outside/precious.png", "p");
  fs::create_symlink(scratch_.path() / "outside/precious.png", scratch_.path() / "done/link.png");
  fs::create_directory_symlink(scratch_.path() / "outside", scratch_.path() / "done/folder");
  scratch_.write("done/sub/b.png", "b");
  scratch_.write("done/.hidden", "h");
  ASSERT_EQ(::mkfifo((scratch_.path() / "done/pipe").c_str(), 0600), 0);
  run();
  run_for_days(60);
  EXPECT_THAT(deleted_, IsEmpty());
  EXPECT_EQ(scratch_.text("outside/precious.png"), "p");
  fs::create_directory_symlink(scratch_.path() / "outside", scratch_.path() / "linked");
  EXPECT_THAT(delete_old_documents(scratch_.path() / "linked", 1, now_).problems, testing::SizeIs(1));
  EXPECT_EQ(scratch_.text("outside/precious.png"), "p");
}

TEST_F(Retention, ClockThatJumps_DeletesNothing) {
  scratch_.write("done/a.png", "a");
  run();
  run_for_days(5);
  now_ += 24 * kHour * 3650;  // ten years ahead, as a dead battery does it
  EXPECT_TRUE(run().held_back);
  now_ += kHour;
  EXPECT_TRUE(run().held_back);
  now_ -= 24 * kHour * 3650;  // and set right again
  EXPECT_TRUE(run().held_back);
  now_ -= 24 * kHour * 20000;  // before everything
  EXPECT_TRUE(run().held_back);
  run_for_days(3);
  EXPECT_THAT(deleted_, IsEmpty());
  EXPECT_EQ(scratch_.text("done/a.png"), "a");
}

TEST_F(Retention, ServiceThatWasOff_WaitsADayAndGoesOn) {
  scratch_.write("done/a.png", "a");
  run();
  now_ += 24 * kHour * 100;
  EXPECT_TRUE(run().held_back);
  run_for_days(1);
  EXPECT_THAT(deleted_, ElementsAre("a.png"));
}

TEST_F(Retention, DamagedMemory_CountsAsNone) {
  scratch_.write("done/a.png", "a");
  run();
  run_for_days(40 - 9);
  scratch_.write("done/b.png", "b");
  for (const char* text : {"", "x", "12", "99999999999999999999999 1\n", "1 2"}) {
    scratch_.write("done/.retention", text);
    EXPECT_TRUE(run().held_back) << text;
  }
}

}  // namespace
}  // namespace inkfield::watch_folder
