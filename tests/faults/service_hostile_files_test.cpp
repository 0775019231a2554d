// Every bad kind of document among good ones, one to one, with the plugin itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/abi/drawn_form.h"
#include "tests/faults/service_under_test.h"
#include "tests/faults/tiff_directory.h"
#include "tests/pdf_files.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;

struct BadFile {
  std::string name, bytes, reason;  ///< the reason has this in it
};

std::vector<BadFile> bad_files(const std::string& good) {
  const std::string script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
  std::vector<std::string> embedded = page_objects(1, "/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >>");
  embedded.push_back("<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>");
  embedded.push_back("<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream");
  std::vector<std::string> locked = page_objects(1);
  locked.push_back("<< /Filter /Standard /V 1 /R 2 /O <" + std::string(64, '1') + "> /U <" + std::string(64, '2') + "> /P -4 >>");
  std::string bomb = "\x89PNG\r\n\x1a\n";
  put(bomb, 13, 4, true);
  bomb += "IHDR";
  put(bomb, 100'000, 4, true);
  put(bomb, 100'000, 4, true);
  bomb += std::string("\x08\0\0\0\0\0\0\0\0", 9);
  put(bomb, 2, 4, true);
  bomb += std::string("IDAT\x78\x9C\0\0\0\0", 10);
  put(bomb, 0, 4, true);
  bomb += "IEND\xAE\x42\x60\x82";
  return {
      {"half-written.pgm", good.substr(0, good.size() / 2), ""},
      {"zero-bytes.png", "", "empty"},
      {"a letter.tif", "Dear Sir or Madam", "no image"},
      {"no-pages.pdf", pdf_of(page_objects(0)), "no pages"},
      {"5000-pages.pdf", pdf_of(page_objects(5000)), "5000 pages"},
      {"script.pdf", pdf_of(page_objects(1, "/OpenAction " + script)), "JavaScript"},
      {"embedded.pdf", pdf_of(embedded), "JavaScript"},
      {"locked.pdf", pdf_of(locked, "/Encrypt 5 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"), ""},
      {"cut.pdf", pdf_of(page_objects(2)).substr(0, 200), ""},
      {"loop.tif", tiff(kSmallTiff, 8) + std::string(64, '\0'), "circle"},
      {"bomb.png", bomb, "100000 x 100000"},
      {"line\nbreak.png", "x1", ""},
      {"quote\"'`$(true);.png", "x2", ""},
      {"a\\..\\..\\up.png", "x3", ""},
      {std::string(251, 'n') + ".png", "x4", ""},
      {"no\xFF\xC3utf8.png", "x5", ""},
      {"-rf.png", "x6", ""},
  };
}

TEST(ServiceHostileFiles, EveryBadKindAmongAsManyGoodOnes_GoodAreReadAndBadGetAReason) {
  if (::access("/usr/bin/pdftocairo", X_OK) != 0) GTEST_SKIP() << "poppler-utils is not installed";
  const drawing::DrawnPage page = drawing::drawn_page();
  const std::string pixels(page.gray.begin(), page.gray.end());
  // A remark makes each a document of its own.
  const auto good_file = [&](std::size_t number) {
    return "P5\n# " + std::to_string(number) + "\n" + std::to_string(page.width_px) + " " + std::to_string(page.height_px) + "\n255\n" + pixels;
  };
  ServiceUnderTest service("settle_ms = 300\n");
  service.environment["INKFIELD_LIBRARY"] = INKFIELD_PLUGIN;
  const Scratch& scratch = service.scratch();
  scratch.write("form_a.json", drawing::drawn_template());
  Background running(service.command(), service.environment, service.path() / "log");

  const std::vector<BadFile> bad = bad_files(good_file(0));
  std::vector<std::string> good;
  // One good one grows slowly, with rests shorter than the settle time, and some have another kind's ending or a strange time.
  std::thread slow([&] {
    const std::string bytes = good_file(bad.size());
    std::ofstream out(scratch.path() / "in/slow.pgm", std::ios::binary);
    for (std::size_t i = 0; i < 10; ++i) {
      const std::size_t begin = bytes.size() * i / 10;
      out << bytes.substr(begin, bytes.size() * (i + 1) / 10 - begin) << std::flush;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  for (std::size_t i = 0; i < bad.size(); ++i) {
    scratch.write("in/" + bad[i].name, bad[i].bytes);
    good.push_back("good" + std::to_string(i) + (i % 4 == 0 ? ".png" : i % 4 == 1 ? ".pdf" : ".pgm"));
    const std::string path = scratch.write("in/" + good.back(), good_file(i));
    if (i % 5 == 0) fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::hours(i % 2 == 0 ? 24 : -24 * 365 * 30));
  }
  slow.join();
  good.emplace_back("slow.pgm");
  std::sort(good.begin(), good.end());
  EXPECT_TRUE(service.wait_for_results(good.size() + bad.size(), 120'000));
  running.send(SIGTERM);
  EXPECT_EQ(running.wait(10'000), 0) << scratch.text("log");

  std::vector<std::string> read = service.filed("done");
  for (const std::string& name : service.filed("review")) read.push_back(name);
  std::sort(read.begin(), read.end());
  EXPECT_EQ(read, good);
  for (const std::string& name : read) {
    const std::string folder = scratch.has("in.out/done/" + name + ".json") ? "done/" : "review/";
    const auto json = nlohmann::json::parse(scratch.text("in.out/" + folder + name + ".json"));
    ASSERT_EQ(json["pages"].size(), 1u) << name;
    EXPECT_THAT(json["pages"][0].dump(), testing::HasSubstr("\"1717\"")) << name;
  }
  const std::vector<std::string> failed = service.filed("failed");
  EXPECT_EQ(failed.size(), bad.size());
  for (const BadFile& file : bad) {
    // A name too long for a result beside it is shortened.
    const auto filed = std::find_if(failed.begin(), failed.end(), [&](const std::string& name) { return name.substr(0, 100) == file.name.substr(0, 100); });
    ASSERT_NE(filed, failed.end()) << file.name;
    const std::string reason = scratch.text("in.out/failed/" + *filed + ".reason.txt");
    EXPECT_GT(reason.size(), 5u) << file.name;
    EXPECT_THAT(reason, testing::HasSubstr(file.reason)) << file.name;
  }
}

}  // namespace
}  // namespace inkfield::tests
