// Intake, filing and settings of the watch-folder service, on real files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/hosts/watch_folder/filing.h"
#include "adapters/hosts/watch_folder/intake.h"
#include "adapters/hosts/watch_folder/settings.h"
#include "tests/scratch_folder.h"

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
    fs::create_directories(root_ / "in" / ".inkfieldd");
    fs::create_directories(root_ / "out");
  }

  void write(const fs::path& path, const std::string& text) const { std::ofstream(root_ / path) << text; }
  std::string text_of(const fs::path& path) const {
    std::ostringstream text;
    text << std::ifstream(root_ / path).rdbuf();
    return text.str();
  }
  Intake intake(std::chrono::milliseconds settle, const std::string& marker = "", bool subfolders = false) const {
    return Intake(root_ / "in", {settle, marker, subfolders});
  }
  /// Looks to the folder's end and gives what is whole.
  static std::vector<std::string> whole(Intake& in, Clock::time_point now) {
    while (!in.look(now)) {
    }
    std::vector<std::string> names;
    while (std::optional<std::string> name = in.next_whole()) names.push_back(*name);
    return names;
  }

  tests::ScratchFolder scratch_;
  const fs::path& root_ = scratch_.path();
  Clock::time_point start_ = Clock::now();
};

using IntakeTest = Folders;
using FilingTest = Folders;
using SettingsTest = Folders;

TEST_F(IntakeTest, File_IsWholeOnlyAfterTheSettleTime) {
  write("in/a.png", "x");
  Intake in = intake(1000ms);
  EXPECT_THAT(whole(in, start_), IsEmpty());
  EXPECT_EQ(in.next_whole_at(), start_ + 1000ms);
  EXPECT_EQ(in.waiting(), 1u);
  EXPECT_THAT(whole(in, start_ + 999ms), IsEmpty());
  EXPECT_THAT(whole(in, start_ + 1000ms), ElementsAre("a.png"));
}

TEST_F(IntakeTest, GrowingFile_StartsItsTimeAnew) {
  write("in/a.png", "x");
  Intake in = intake(1000ms);
  whole(in, start_);
  write("in/a.png", "xy");
  EXPECT_THAT(whole(in, start_ + 1500ms), IsEmpty());
  EXPECT_THAT(whole(in, start_ + 2500ms), ElementsAre("a.png"));
}

TEST_F(IntakeTest, FileChangedAfterItWasFoundWhole_IsNotGivenOut) {
  write("in/a.png", "x");
  Intake in = intake(0ms);
  in.look(start_);
  ASSERT_TRUE(in.has_whole());
  write("in/a.png", "longer");
  EXPECT_EQ(in.next_whole(), std::nullopt);
  EXPECT_THAT(whole(in, start_), ElementsAre("a.png"));  // found again
}

TEST_F(IntakeTest, TimeOfChangeInTheFuture_DoesNotMatter) {
  write("in/a.png", "x");
  fs::last_write_time(root_ / "in/a.png", fs::file_time_type::clock::now() + 48h);  // the share's clock, or ours set back
  Intake in = intake(100ms);
  EXPECT_THAT(whole(in, start_), IsEmpty());
  EXPECT_THAT(whole(in, start_ + 100ms), ElementsAre("a.png"));
}

TEST_F(IntakeTest, LinksPipesFoldersAndTemporaryNames_AreLeftAlone) {
  write("secret", "x");
  fs::create_symlink(root_ / "secret", root_ / "in/link.png");
  ASSERT_EQ(::mkfifo((root_ / "in/pipe.png").c_str(), 0600), 0);
  fs::create_directory(root_ / "in/done");
  for (const char* name : {"in/.hidden.png", "in/a.png.part", "in/b.TMP", "in/c.png~", "in/d.crdownload", "in/~e.png"}) write(name, "x");
  Intake in = intake(0ms);
  EXPECT_THAT(whole(in, start_), IsEmpty());
  EXPECT_THAT(in.take_refused(), UnorderedElementsAre("link.png", "pipe.png"));
  whole(in, start_);
  EXPECT_THAT(in.take_refused(), IsEmpty());  // told once
}

TEST_F(IntakeTest, SeveralFiles_ComeOldestFirst) {
  write("in/b.png", "x");
  write("in/a.png", "x");
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(root_ / "in/b.png", now - 2h);
  fs::last_write_time(root_ / "in/a.png", now - 1h);
  Intake in = intake(0ms);
  EXPECT_THAT(whole(in, start_), ElementsAre("b.png", "a.png"));
}

TEST_F(IntakeTest, ManyFiles_TheFirstAreKnownBeforeTheLastIsSeen) {
  for (int i = 0; i < 1500; ++i) write("in/" + std::to_string(i) + ".png", "");
  Intake in = intake(0ms);
  EXPECT_FALSE(in.look(start_));
  EXPECT_TRUE(in.next_whole().has_value());
  EXPECT_EQ(whole(in, start_).size(), 1499u);
}

TEST_F(IntakeTest, FileWithoutItsMarker_Waits) {
  write("in/a.png", "x");
  write("in/b.png", "x");
  write("in/b.png.done", "");
  Intake in = intake(0ms, ".done");
  EXPECT_THAT(whole(in, start_), ElementsAre("b.png"));
}

TEST_F(IntakeTest, Subfolders_AreLookedIntoIfAsked) {
  fs::create_directories(root_ / "in/monday/deeper");
  fs::create_directory_symlink(root_ / "out", root_ / "in/link");
  write("in/monday/a.png", "x");
  write("in/monday/deeper/b.png", "x");
  write("out/c.png", "x");
  Intake flat = intake(0ms);
  EXPECT_THAT(whole(flat, start_), IsEmpty());
  Intake deep = intake(0ms, "", true);
  EXPECT_THAT(whole(deep, start_), ElementsAre("monday/a.png"));
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

Filing filing(const fs::path& root, const std::string& reasons, const std::string& result = "{\"document_id\":\"1\",}") {
  return {root / "in/.inkfieldd/a.png", root / "out", "a.png", result, "{\"document_id\":\"1\",", reasons};
}

TEST_F(FilingTest, Document_GetsResultAndReasonsBesideIt) {
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_EQ(file_document(filing(root_, "why\n")), "a.png");
  EXPECT_EQ(text_of("out/a.png"), "picture");
  EXPECT_EQ(text_of("out/a.png.json"), "{\"document_id\":\"1\",}");
  EXPECT_EQ(text_of("out/a.png.reason.txt"), "why\n");
  EXPECT_FALSE(fs::exists(root_ / "in/.inkfieldd/a.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 3);  // nothing temporary left
  EXPECT_EQ(filed_name(filing(root_, "why\n")), "a.png");
}

TEST_F(FilingTest, ExistingFiles_AreNeverReplaced) {
  write("out/a.png", "old picture");
  write("out/a-2.png.json", "old result");
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_EQ(file_document(filing(root_, "")), "a-3.png");
  EXPECT_EQ(text_of("out/a.png"), "old picture");
  EXPECT_EQ(text_of("out/a-2.png.json"), "old result");
  EXPECT_EQ(text_of("out/a-3.png"), "picture");
  EXPECT_FALSE(fs::exists(root_ / "out/a-3.png.reason.txt"));
}

TEST_F(FilingTest, CutShortAfterAnyStep_IsCompletedUnderTheSameName) {
  write("out/a.png", "old picture");
  write("out/a-2.png.json", "{\"document_id\":\"1\",}");  // the result, and then the power went
  write("in/.inkfieldd/a.png", "picture");
  EXPECT_EQ(file_document(filing(root_, "why\n")), "a-2.png");
  EXPECT_EQ(text_of("out/a-2.png"), "picture");
  EXPECT_EQ(text_of("out/a-2.png.reason.txt"), "why\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 4);
  write("in/.inkfieldd/a.png", "picture");  // copied to another disk, and not removed yet
  EXPECT_EQ(file_document(filing(root_, "why\n")), "a-2.png");
  EXPECT_FALSE(fs::exists(root_ / "in/.inkfieldd/a.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 4);
}

TEST_F(FilingTest, Pictures_LieBesideTheDocumentWholeAndOnce) {
  fs::create_directories(root_ / "in/.inkfieldd/.pictures");
  write("in/.inkfieldd/.pictures/fields.json", "[]");
  write("in/.inkfieldd/a.png", "picture");
  Filing one = filing(root_, "why\n");
  one.pictures = root_ / "in/.inkfieldd/.pictures";
  write("out/a.png.pictures", "another's");
  EXPECT_EQ(file_document(one), "a-2.png");
  EXPECT_EQ(text_of("out/a-2.png.pictures/fields.json"), "[]");
  EXPECT_EQ(text_of("out/a.png.pictures"), "another's");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 5);
  // Cut short before the document was moved.
  write("in/.inkfieldd/a.png", "picture");
  fs::remove(root_ / "out/a-2.png");
  EXPECT_EQ(file_document(one), "a-2.png");
  EXPECT_EQ(text_of("out/a-2.png.pictures/fields.json"), "[]");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "out"), {}), 5);
  // The document cannot be moved: nothing of it stays, and the pictures are there for the next try. A folder goes into no folder below itself.
  fs::remove_all(root_ / "out");
  fs::create_directories(root_ / "in/.inkfieldd/a.png");
  one.folder = root_ / "in/.inkfieldd/a.png/below";
  EXPECT_THROW(file_document(one), std::system_error);
  EXPECT_TRUE(fs::is_empty(one.folder));
  EXPECT_TRUE(fs::exists(root_ / "in/.inkfieldd/.pictures/fields.json"));
}

TEST_F(FilingTest, PicturesThatCannotBePlaced_AreToldAndTheDocumentGoesOn) {
  fs::create_directories(root_ / "in/.inkfieldd/.pictures");
  write("in/.inkfieldd/.pictures/" + std::string(250, 'p'), "2");
  write("in/.inkfieldd/a.png", "picture");
  Filing one = filing(root_, "");
  one.pictures = root_ / "in/.inkfieldd/.pictures";
  // So deep that the document's name still fits into a path and the picture's does not: holds for root, too.
  constexpr std::size_t kDepth = 3900;
  while (one.folder.native().size() + 1 < kDepth) one.folder /= std::string(std::min<std::size_t>(200, kDepth - one.folder.native().size() - 1), 'd');
  fs::create_directories(one.folder);
  std::string told;
  one.pictures_lost = [&](const std::string& why) { told = why; };
  EXPECT_EQ(file_document(one), "a.png");
  EXPECT_NE(told, "");
  EXPECT_TRUE(fs::exists(one.folder / "a.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(one.folder), {}), 2);  // the result and nothing half made
}

TEST_F(FilingTest, FolderThatIsNone_LeavesTheDocumentAndNoResult) {
  write("in/.inkfieldd/a.png", "picture");
  fs::remove(root_ / "out");
  write("out", "no folder");
  EXPECT_THROW(file_document(filing(root_, "")), std::system_error);
  EXPECT_EQ(text_of("in/.inkfieldd/a.png"), "picture");
}

TEST_F(FilingTest, ClaimTakenOverMeanwhile_LeavesTheResultToWhoHasIt) {
  EXPECT_THROW(file_document(filing(root_, "")), std::system_error);
  EXPECT_TRUE(fs::exists(root_ / "out/a.png.json"));
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
  EXPECT_EQ(settings.folders[0].folder_for("done"), root_ / "out" / "done");
  EXPECT_EQ(settings.folders[0].folder_for("duplicate"), root_ / "out" / "duplicates");
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
  EXPECT_THAT(complaint(folder + "setle_ms = 5\n"), HasSubstr("unknown key setle_ms; did you mean settle_ms?"));
  EXPECT_THAT(complaint(folder + "folder.a.outptu = x\n"), HasSubstr("unknown key folder.a.outptu"));
  EXPECT_THAT(complaint(folder + "folder.a.duplicates = maybe\n"), HasSubstr("there are mark and read"));
  EXPECT_THAT(complaint(folder + "folder.a.marker = done\n"), HasSubstr("such as .done"));
  EXPECT_THAT(complaint(folder + "folder.a.subfolders = yes\n"), HasSubstr("ignore, batch and form"));
  EXPECT_THAT(complaint(folder + "folder.a.review_pictures = maybe\n"), HasSubstr("there are yes and no"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf.pages = 0\n"), HasSubstr("folder.a.pdf.pages = 0 is no whole number of pages from 1 to 100000"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf.dpi = 5000\n"), HasSubstr("folder.a.pdf.dpi = 5000"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf.seconds = soon\n"), HasSubstr("folder.a.pdf.seconds = soon"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf.active_content = allow\n"), HasSubstr("there are refuse and ignore"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf.page = 3\n"), HasSubstr("unknown key folder.a.pdf.page; did you mean pages?"));
  EXPECT_THAT(complaint(folder + "folder.a.pdf = 3\n"), HasSubstr("unknown key folder.a.pdf; write folder.a.pdf.pages"));
  EXPECT_THAT(complaint(folder + "workers = 1000\n"), HasSubstr("workers = 1000"));
  EXPECT_THAT(complaint(folder + "settle_ms = soon\n"), HasSubstr("settle_ms = soon"));
  EXPECT_THAT(complaint(folder + "poll_ms = 0\n"), HasSubstr("poll_ms = 0"));
  EXPECT_THAT(complaint(folder + "precision = int16\n"), HasSubstr("precision = int16: there are fastest, float32 and int8"));
  EXPECT_THAT(complaint("settle_ms = 5\n"), HasSubstr("no folder to watch"));
  EXPECT_THAT(complaint("folder.a.output = x\n"), HasSubstr("folder.a.watch is missing"));
  EXPECT_EQ(complaint(folder), "");
}

TEST_F(SettingsTest, Circles_AreRefused) {
  const auto complaint = [&](const std::vector<std::pair<const char*, const char*>>& folders, const char* state = "state") -> std::string {
    Settings settings;
    settings.state = root_ / state;
    for (const auto& [watch, output] : folders) {
      FolderSettings folder;
      folder.watch = root_ / watch;
      if (*output != '\0') folder.output = root_ / output;
      folder.templates = {"t"};
      settings.folders.push_back(std::move(folder));
    }
    try {
      complete(settings);
      return "";
    } catch (const SettingsError& error) {
      return error.what();
    }
  };
  fs::create_directories(root_ / "out" / "done");
  fs::create_directories(root_ / "in" / "deeper");
  fs::create_directory_symlink(root_ / "in", root_ / "by_another_name");
  EXPECT_EQ(complaint({{"in", ""}}), "");
  EXPECT_EQ(complaint({{"in", "out"}}), "");
  EXPECT_THAT(complaint({{"in", "in"}}), HasSubstr("lies in the watched folder"));
  EXPECT_THAT(complaint({{"in", "in/results"}}), HasSubstr("lies in the watched folder"));
  EXPECT_THAT(complaint({{"in", "by_another_name/results"}}), HasSubstr("lies in the watched folder"));
  EXPECT_THAT(complaint({{"in", "out"}, {"out/done", "elsewhere"}}), HasSubstr("circles"));
  EXPECT_THAT(complaint({{"in", "out"}, {"out/../in", "out"}}), HasSubstr("watched twice"));
  EXPECT_THAT(complaint({{"in", "out"}, {"in/deeper", "out"}}), HasSubstr("which is watched, too"));
  EXPECT_THAT(complaint({{"nowhere", "out"}}), HasSubstr("is no folder"));
  EXPECT_THAT(complaint({{"in", "out"}}, "in/state"), HasSubstr("state folder lies in"));
}

TEST_F(SettingsTest, Defaults_AreExplainedAsSuch) {
  write("c.properties", "poll_ms = 500\nfolder.a.watch = in\nfolder.a.templates = t\nfolder.a.csv.file = rows.csv\n");
  Settings settings = load_settings(root_ / "c.properties");
  settings.state = root_ / "state";
  complete(settings);
  std::map<std::string, std::pair<std::string, std::string>> found;
  for (const ExplainedSetting& setting : explained(settings)) found[setting.key] = {setting.value, setting.origin};
  EXPECT_EQ(found["poll_ms"], std::pair(std::string("500"), (root_ / "c.properties").string()));
  EXPECT_EQ(found["settle_ms"], std::pair(std::string("1000"), std::string("default")));
  EXPECT_EQ(found["folder.a.output"].first, (root_ / "in.out").string());
  for (const auto& [key, value] : {std::pair{"pages", "500"}, {"dpi", "300"}, {"seconds", "300"}, {"active_content", "refuse"}}) {
    EXPECT_EQ(found[std::string("folder.a.pdf.") + key], std::pair(std::string(value), std::string("default"))) << key;
  }
  EXPECT_EQ(found["folder.a.review_pictures"], std::pair(std::string("yes"), std::string("default")));
  EXPECT_EQ(found["folder.a.csv.file"].first, "rows.csv");
}

}  // namespace
}  // namespace inkfield::watch_folder
