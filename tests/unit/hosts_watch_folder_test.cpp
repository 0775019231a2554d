// Intake, filing and settings of the watch-folder service, on real files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/hosts/watch_folder/filing.h"
#include "adapters/hosts/watch_folder/intake.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Folders : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("inkfield_watch_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "in" / ".inkfieldd");
    fs::create_directories(root_ / "out");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& path, const std::string& text) const { std::ofstream(root_ / path) << text; }
  std::string text_of(const fs::path& path) const {
    std::ostringstream text;
    text << std::ifstream(root_ / path).rdbuf();
    return text.str();
  }
  Intake intake(std::chrono::milliseconds settle) const { return {root_ / "in", root_ / "in" / ".inkfieldd", settle}; }

  fs::path root_;
  Clock::time_point start_ = Clock::now();
};

using IntakeTest = Folders;
using FilingTest = Folders;
using SettingsTest = Folders;

TEST_F(IntakeTest, File_IsTakenOnlyAfterTheSettleTime) {
  write("in/a.png", "x");
  Intake in = intake(1000ms);
  EXPECT_THAT(in.whole_files(start_), IsEmpty());
  EXPECT_EQ(in.next_whole_at(), start_ + 1000ms);
  EXPECT_THAT(in.whole_files(start_ + 999ms), IsEmpty());
  EXPECT_THAT(in.whole_files(start_ + 1000ms), ElementsAre("a.png"));
  EXPECT_TRUE(in.claim("a.png"));
  EXPECT_FALSE(fs::exists(root_ / "in/a.png"));
  EXPECT_THAT(in.leftovers(), ElementsAre("a.png"));
  EXPECT_EQ(in.next_whole_at(), std::nullopt);
}

TEST_F(IntakeTest, GrowingFile_StartsItsTimeAnew) {
  write("in/a.png", "x");
  Intake in = intake(1000ms);
  in.whole_files(start_);
  write("in/a.png", "xy");
  EXPECT_THAT(in.whole_files(start_ + 1500ms), IsEmpty());
  EXPECT_THAT(in.whole_files(start_ + 2500ms), ElementsAre("a.png"));
}

TEST_F(IntakeTest, FileChangedAfterItWasFoundWhole_IsNotClaimed) {
  write("in/a.png", "x");
  Intake in = intake(0ms);
  EXPECT_THAT(in.whole_files(start_), ElementsAre("a.png"));
  write("in/a.png", "longer");
  EXPECT_FALSE(in.claim("a.png"));
  EXPECT_TRUE(fs::exists(root_ / "in/a.png"));
}

TEST_F(IntakeTest, SameNameStillBeingWorkedOn_WaitsItsTurn) {
  write("in/.inkfieldd/a.png", "first");
  write("in/a.png", "second");
  Intake in = intake(0ms);
  EXPECT_THAT(in.whole_files(start_), ElementsAre("a.png"));
  EXPECT_FALSE(in.claim("a.png"));
  EXPECT_EQ(in.next_whole_at(), std::nullopt);  // no busy waiting for it
  EXPECT_EQ(text_of("in/a.png"), "second");
  EXPECT_EQ(text_of("in/.inkfieldd/a.png"), "first");
}

TEST_F(IntakeTest, LinksPipesFoldersAndTemporaryNames_AreLeftAlone) {
  write("secret", "x");
  fs::create_symlink(root_ / "secret", root_ / "in/link.png");
  ASSERT_EQ(::mkfifo((root_ / "in/pipe.png").c_str(), 0600), 0);
  fs::create_directory(root_ / "in/done");
  for (const char* name : {"in/.hidden.png", "in/a.png.part", "in/b.TMP", "in/c.png~", "in/d.crdownload", "in/~e.png"}) write(name, "x");
  Intake in = intake(0ms);
  EXPECT_THAT(in.whole_files(start_), IsEmpty());
  EXPECT_THAT(in.take_refused(), UnorderedElementsAre("link.png", "pipe.png"));
  in.whole_files(start_);
  EXPECT_THAT(in.take_refused(), IsEmpty());  // told once
}

TEST_F(IntakeTest, SeveralFiles_ComeOldestFirst) {
  write("in/b.png", "x");
  write("in/a.png", "x");
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(root_ / "in/b.png", now - 2h);
  fs::last_write_time(root_ / "in/a.png", now - 1h);
  EXPECT_THAT(intake(0ms).whole_files(start_), ElementsAre("b.png", "a.png"));
}

TEST(NumberedName, Number_GoesBeforeTheEnding) {
  EXPECT_EQ(numbered_name("scan.png", 1), "scan.png");
  EXPECT_EQ(numbered_name("scan.png", 2), "scan-2.png");
  EXPECT_EQ(numbered_name("scan", 3), "scan-3");
  EXPECT_EQ(numbered_name("a.b.tiff", 2), "a.b-2.tiff");
}

TEST(NumberedName, LongNames_LeaveRoomAndKeepCharactersWhole) {
  std::string name;
  while (name.size() < 250) name += "\xC3\xBC";
  name += ".png";
  const std::string shorter = numbered_name(name, 12345);
  EXPECT_LE(shorter.size() + std::string(".reason.txt").size(), 255u);
  EXPECT_TRUE(shorter.ends_with("\xC3\xBC-12345.png"));
}

TEST_F(FilingTest, Document_GetsResultAndReasonsBesideIt) {
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_EQ(file_document(root_ / "in/.inkfieldd/a.png", root_ / "out", "a.png", "{}", "why\n"), "a.png");
  EXPECT_EQ(text_of("out/a.png"), "picture");
  EXPECT_EQ(text_of("out/a.png.json"), "{}");
  EXPECT_EQ(text_of("out/a.png.reason.txt"), "why\n");
  EXPECT_FALSE(fs::exists(root_ / "in/.inkfieldd/a.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 3);  // nothing temporary left
}

TEST_F(FilingTest, ExistingFiles_AreNeverReplaced) {
  write("out/a.png", "old picture");
  write("out/a-2.png.json", "old result");
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_EQ(file_document(root_ / "in/.inkfieldd/a.png", root_ / "out", "a.png", "{}", ""), "a-3.png");
  EXPECT_EQ(text_of("out/a.png"), "old picture");
  EXPECT_EQ(text_of("out/a-2.png.json"), "old result");
  EXPECT_EQ(text_of("out/a-3.png"), "picture");
  EXPECT_FALSE(fs::exists(root_ / "out/a-3.png.reason.txt"));
}

TEST_F(FilingTest, MissingFolder_LeavesTheDocument) {
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_THROW(file_document(root_ / "in/.inkfieldd/a.png", root_ / "none", "a.png", "{}", ""), std::system_error);
  EXPECT_EQ(text_of("in/.inkfieldd/a.png"), "picture");
}

TEST_F(FilingTest, OtherFileSystem_IsCopiedAndThenRemoved) {
  const fs::path other = "/dev/shm";
  struct stat here {}, there {};
  if (::stat(other.c_str(), &there) != 0 || ::stat(root_.c_str(), &here) != 0 || here.st_dev == there.st_dev ||
      ::access(other.c_str(), W_OK) != 0) {
    GTEST_SKIP() << "no second file system to move to";
  }
  const fs::path target = other / ("inkfield_filing_" + std::to_string(::getpid()));
  write("in/a.png", "picture");
  EXPECT_TRUE(move_without_replacing(root_ / "in/a.png", target));
  write("in/a.png", "another");
  EXPECT_FALSE(move_without_replacing(root_ / "in/a.png", target));
  std::string text;
  std::getline(std::ifstream(target), text);
  fs::remove(target);
  EXPECT_EQ(text, "picture");
  EXPECT_EQ(text_of("in/a.png"), "another");
}

TEST_F(SettingsTest, File_IsReadWithPathsRelativeToIt) {
  write("inkfieldd.properties",
        "# remark\nsettle_ms = 250\nmodel = research\nprecision = int8\nfolder.post.watch = in\nfolder.post.templates = forms; /abs/b.json\n"
        "folder.post.output = out\n");
  const Settings settings = load_settings(root_ / "inkfieldd.properties");
  EXPECT_EQ(settings.settle, 250ms);
  EXPECT_EQ(settings.poll, 2000ms);
  EXPECT_EQ(settings.model, "research");
  EXPECT_EQ(settings.precision, "int8");
  ASSERT_EQ(settings.folders.size(), 1u);
  EXPECT_EQ(settings.folders[0].name, "post");
  EXPECT_EQ(settings.folders[0].watch, root_ / "in");
  EXPECT_THAT(settings.folders[0].templates, ElementsAre((root_ / "forms").string(), "/abs/b.json"));
  EXPECT_EQ(settings.folders[0].done(), root_ / "out" / "done");
}

TEST_F(SettingsTest, Faults_AreToldWithTheirKey) {
  const auto complaint = [&](const std::string& text) -> std::string {
    write("c.properties", text);
    try {
      load_settings(root_ / "c.properties");
    } catch (const SettingsError& error) {
      return error.what();
    }
    return "";
  };
  const std::string folder = "folder.a.watch = in\n";
  EXPECT_THAT(complaint(folder + "setle_ms = 5\n"), HasSubstr("unknown key setle_ms"));
  EXPECT_THAT(complaint(folder + "folder.a.outptu = x\n"), HasSubstr("unknown key folder.a.outptu"));
  EXPECT_THAT(complaint(folder + "settle_ms = soon\n"), HasSubstr("settle_ms = soon"));
  EXPECT_THAT(complaint(folder + "poll_ms = 0\n"), HasSubstr("poll_ms = 0"));
  EXPECT_THAT(complaint(folder + "precision = int16\n"), HasSubstr("precision = int16: there are float32 and int8"));
  EXPECT_THAT(complaint("settle_ms = 5\n"), HasSubstr("no folder to watch"));
  EXPECT_THAT(complaint("folder.a.output = x\n"), HasSubstr("folder.a.watch is missing"));
  EXPECT_EQ(complaint(folder), "");
}

TEST_F(SettingsTest, Circles_AreRefused) {
  const auto folder = [&](const char* watch, const char* output) {
    return FolderSettings{"f", root_ / watch, root_ / output, {"t"}, ""};
  };
  fs::create_directories(root_ / "out" / "done");
  const auto watching = [](std::vector<FolderSettings> folders) {
    Settings settings;
    settings.folders = std::move(folders);
    return settings;
  };
  Settings circle = watching({folder("in", "out"), folder("out/done", "in")});
  EXPECT_THROW(complete(circle), SettingsError);
  Settings twice = watching({folder("in", "out"), folder("out/../in", "out")});
  EXPECT_THROW(complete(twice), SettingsError);
  Settings missing = watching({folder("nowhere", "out")});
  EXPECT_THROW(complete(missing), SettingsError);
  Settings good = watching({folder("in", "out")});
  EXPECT_NO_THROW(complete(good));
  EXPECT_TRUE(fs::is_directory(root_ / "out" / "review"));
}

}  // namespace
}  // namespace inkfield::watch_folder
