// The service `inkfieldd` end to end, with the stand-in plugin.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/blackbox/program_run.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class WatchFolder : public testing::Test {
 protected:
  WatchFolder() {
    scratch_.write("form_a.json", "{}");
    fs::create_directories(scratch_.path() / "in");
    configure("");
  }
  void configure(const std::string& more) const {
    scratch_.write("inkfieldd.properties",
                   "settle_ms = 100\npoll_ms = 100\nfolder.a.watch = in\nfolder.a.templates = form_a.json\n" + more);
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {INKFIELDD_PROGRAM, "--config=" + (scratch_.path() / "inkfieldd.properties").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished once() const { return run(command({"--once"}), environment_); }
  void drop(const std::string& name, const std::string& pages) const { scratch_.write("in/" + name, "stand-in\n" + pages); }

  Scratch scratch_;
  const Environment environment_ = {{"INKFIELD_LIBRARY", INKFIELD_STAND_IN}};
};

TEST_F(WatchFolder, Once_FilesEveryDocumentWhereItBelongs) {
  drop("good.tif", "accepted\naccepted\n");
  drop("review.png", "accepted\nreview\n");
  drop("unknown.png", "unknown\n");
  drop("damaged.tif", "accepted\nbroken\naccepted\n");
  scratch_.write("in/nonsense.png", "no picture");
  scratch_.write("in/empty.png", "");
  const Finished result = once();
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_TRUE(scratch_.has("in/done/good.tif"));
  EXPECT_FALSE(scratch_.has("in/done/good.tif.reason.txt"));
  const json good = json::parse(scratch_.text("in/done/good.tif.json"));
  EXPECT_EQ(good["file"], "good.tif");
  EXPECT_EQ(good["outcome"], "done");
  ASSERT_EQ(good["pages"].size(), 2u);
  EXPECT_EQ(good["pages"][1]["page"], 2);
  EXPECT_EQ(good["pages"][1]["result"]["stand_in"], "accepted");
  EXPECT_EQ(scratch_.text("in/review/review.png.reason.txt"), "page 2: field number: not sure enough\n");
  EXPECT_EQ(json::parse(scratch_.text("in/review/review.png.json"))["outcome"], "review");
  EXPECT_EQ(scratch_.text("in/review/unknown.png.reason.txt"), "unknown_form: fits none\n");
  EXPECT_EQ(scratch_.text("in/failed/damaged.tif.reason.txt"), "page 2: is damaged\n");
  EXPECT_EQ(json::parse(scratch_.text("in/failed/damaged.tif.json"))["pages"].size(), 3u);
  EXPECT_EQ(scratch_.text("in/failed/nonsense.png.reason.txt"), "is no picture\n");
  EXPECT_EQ(scratch_.text("in/failed/nonsense.png"), "no picture");
  EXPECT_TRUE(scratch_.has("in/failed/empty.png.reason.txt"));
  EXPECT_THAT(result.err, HasSubstr("good.tif: 2 pages, filed as done/good.tif"));
}

TEST_F(WatchFolder, Once_ExitStatusIsThatOfTheGravestDocument) {
  EXPECT_EQ(once().status, 0);
  drop("good.png", "accepted\n");
  EXPECT_EQ(once().status, 0);
  drop("review.png", "review\n");
  EXPECT_EQ(once().status, 3);
}

TEST_F(WatchFolder, WrongUsage_Is2) {
  EXPECT_EQ(run({INKFIELDD_PROGRAM}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--frobnicate"}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--config=/nonexistent"}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--once", "/nonexistent"}, environment_).status, 2);
  configure("folder.a.form = form_b\n");
  const Finished form = once();
  EXPECT_EQ(form.status, 2);
  EXPECT_THAT(form.err, HasSubstr("form_b"));
  configure("settle = 5\n");
  EXPECT_EQ(once().status, 2);
  configure("precision = int8\n");
  const Finished precision = once();
  EXPECT_EQ(precision.status, 2);
  EXPECT_THAT(precision.err, HasSubstr("the model has no ranges"));
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--help"}, environment_).status, 0);
}

TEST_F(WatchFolder, FoldersOnTheCommandLine_NeedNoConfiguration) {
  drop("good.png", "accepted\n");
  const Finished result = run({INKFIELDD_PROGRAM, "--once", "--templates", scratch_.path() / "form_a.json", "--output",
                          scratch_.path() / "out", scratch_.path() / "in"},
                         environment_);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(scratch_.has("out/done/good.png"));
}

TEST_F(WatchFolder, SecondFileOfTheSameName_ReplacesNothing) {
  drop("a.png", "accepted\n");
  once();
  drop("a.png", "accepted\naccepted\n");
  once();
  EXPECT_EQ(scratch_.text("in/done/a.png"), "stand-in\naccepted\n");
  EXPECT_EQ(scratch_.text("in/done/a-2.png"), "stand-in\naccepted\naccepted\n");
  EXPECT_EQ(json::parse(scratch_.text("in/done/a-2.png.json"))["pages"].size(), 2u);
}

TEST_F(WatchFolder, LinksPipesAndTemporaryNames_StayWhereTheyAre) {
  const std::string outside = scratch_.write("outside.png", "stand-in\naccepted\n");
  fs::create_symlink(outside, scratch_.path() / "in/link.png");
  ASSERT_EQ(::mkfifo((scratch_.path() / "in/pipe.png").c_str(), 0600), 0);
  drop(".hidden.png", "accepted\n");
  drop("half.png.part", "accepted\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char* name : {"in/link.png", "in/pipe.png", "in/.hidden.png", "in/half.png.part", "outside.png"}) {
    EXPECT_TRUE(scratch_.has(name)) << name;
  }
  EXPECT_THAT(result.err, HasSubstr("link.png: is no plain file"));
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "in/done"));
}

TEST_F(WatchFolder, LeftoversOfAnEarlierRun_AreTakenUpAgain) {
  scratch_.write("in/.inkfieldd/left.png", "stand-in\naccepted\n");
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in/done/left.png"));
  EXPECT_FALSE(scratch_.has("in/.inkfieldd/left.png"));
}

TEST_F(WatchFolder, StrangeNames_AreFiledAndLogOneLine) {
  const std::string name = "a\nb\"c\xFF" "d.png";
  drop(name, "accepted\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(scratch_.has("in/done/" + name));
  EXPECT_TRUE(json::accept(scratch_.text("in/done/" + name + ".json")));
  EXPECT_THAT(result.err, HasSubstr("a\\nb\"c\\xffd.png: 1 page, filed"));
}

TEST_F(WatchFolder, Service_TakesFilesOnceTheyAreWholeAndStopsCleanly) {
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  EXPECT_TRUE(scratch_.wait_for("in/done/a.png"));
  EXPECT_TRUE(scratch_.has("in/done/a.png.json"));
  // Grows for longer than the settle time, never resting that long.
  std::ofstream growing(scratch_.path() / "in/growing.png");
  growing << "stand-in\n" << std::flush;
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    growing << "accepted\n" << std::flush;
  }
  growing.close();
  EXPECT_TRUE(scratch_.wait_for("in/done/growing.png"));
  EXPECT_EQ(json::parse(scratch_.text("in/done/growing.png.json"))["pages"].size(), 20u);
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(2000), 0);
  EXPECT_THAT(scratch_.text("log"), HasSubstr("ended"));
}

TEST_F(WatchFolder, StopWhileReading_LeavesTheDocumentForTheNextStart) {
  drop("slow.png", "slow\n");
  {
    Background service(command(), environment_, scratch_.path() / "log");
    ASSERT_TRUE(scratch_.wait_for("in/.inkfieldd/slow.png"));
    service.send(SIGTERM);
    EXPECT_EQ(service.wait(2000), 0);
  }
  EXPECT_TRUE(scratch_.has("in/.inkfieldd/slow.png"));
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "in/failed"));
  scratch_.write("in/.inkfieldd/slow.png", "stand-in\naccepted\n");
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in/done/slow.png"));
}

TEST_F(WatchFolder, SecondService_IsRefused) {
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  ASSERT_TRUE(scratch_.wait_for("in/done/a.png"));
  const Finished second = once();
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("another service"));
}

TEST_F(WatchFolder, OutputThatCannotBeWritten_KeepsTheDocument) {
  drop("first.png", "accepted\n");
  ASSERT_EQ(once().status, 0);
  // A file where the folder should be: fails for root, too.
  fs::remove_all(scratch_.path() / "in/done");
  drop("a.png", "accepted\n");
  Background service(command(), environment_, scratch_.path() / "log");
  ASSERT_TRUE(scratch_.wait_for("in/done/a.png"));
  fs::remove_all(scratch_.path() / "in/done");
  scratch_.write("in/done", "not a folder");
  drop("b.png", "accepted\n");
  ASSERT_TRUE(scratch_.wait_for("in/.inkfieldd/b.png"));
  for (int i = 0; i < 200 && scratch_.text("log").find("cannot be filed") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(scratch_.text("log"), HasSubstr("b.png: cannot be filed"));
  EXPECT_TRUE(scratch_.has("in/.inkfieldd/b.png"));
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(2000), 0);
}

TEST_F(WatchFolder, Log_HoldsNoFieldValues) {
  drop("formula.png", "formula\n");
  EXPECT_THAT(once().err, Not(HasSubstr("=1+1")));
}

}  // namespace
}  // namespace inkfield::tests
