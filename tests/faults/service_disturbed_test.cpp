// Full and read-only disks, hostile and half-written files, files changed while they are read: good documents are read, the others get a reason,
// and nothing is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/faults/service_under_test.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A service whose disk, below one of its folders, can be switched.
class DiskTrouble : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  DiskTrouble() {
    service_.environment["LD_PRELOAD"] = INKFIELD_FULL_DISK;
    service_.environment["INKFIELD_FULL_DISK_FOLDER"] = service_.path() / GetParam().first;
    service_.environment["INKFIELD_FULL_DISK_SWITCH"] = service_.path() / "switch";
  }
  bool logged(const std::string& text) const {
    for (int i = 0; i < 500 && service_.scratch().text("log").find(text) == std::string::npos; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return service_.scratch().text("log").find(text) != std::string::npos;
  }
  ServiceUnderTest service_;
};

TEST_P(DiskTrouble, DuringARun_DocumentsWaitAndComeOutOnceMended) {
  if (std::string(INKFIELD_FULL_DISK).empty()) GTEST_SKIP() << "no library to load before the C library";
  Background running(service_.command(), service_.environment, service_.path() / "log");
  service_.drop("before.png", "accepted\n");
  ASSERT_TRUE(service_.scratch().wait_for("in.out/done/before.png")) << service_.scratch().text("log");
  service_.scratch().write("switch", GetParam().second);
  for (int i = 0; i < 10; ++i) service_.drop("d" + std::to_string(i) + ".png", (i % 2 == 0 ? "accepted\n# " : "review\n# ") + std::to_string(i) + "\n");
  ASSERT_TRUE(logged("tried again later")) << service_.scratch().text("log");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_THAT(service_.filed("done"), testing::ElementsAre("before.png"));
  EXPECT_THAT(service_.filed("failed"), IsEmpty());
  fs::remove(service_.path() / "switch");
  ASSERT_TRUE(service_.wait_for_results(11, 20000)) << service_.scratch().text("log");
  running.send(SIGTERM);
  EXPECT_EQ(running.wait(5000), 0);
  for (const auto& [name, count] : service_.results()) EXPECT_EQ(count, 1) << name;
  EXPECT_EQ(service_.filed("done", ".png").size(), 6u);
  // Pictures wait with their document for a disk that is full; they are never lost to it.
  const std::vector<std::string> review = service_.filed("review", ".png");
  EXPECT_EQ(review.size(), 5u);
  for (const std::string& name : review) EXPECT_TRUE(fs::exists(service_.path() / "in.out/review" / (name + ".png.pictures/1-number.png"))) << name;
  EXPECT_THAT(service_.claims(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(ServiceDisturbed, DiskTrouble,
                         testing::Values(std::pair{"in.out", "full"}, std::pair{"in.out", "readonly"}, std::pair{"in/.inkfieldd", "full"}, std::pair{"state", "full"}),
                         [](const auto& test) {
                           std::string name = std::string(test.param.first) + '_' + test.param.second;
                           std::erase_if(name, [](char c) { return c == '.' || c == '/'; });
                           return name;
                         });

TEST(ServiceDisturbed, HostileFilesAmongGoodOnes_GoodAreReadAndBadGetAReason) {
  ServiceUnderTest service("page_seconds = 1\nworker_memory_mb = 1024\n");
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"empty.png", ""},
      {"text.png", "no picture at all"},
      {"half.tif", "stand-in\naccepted\nbroken\n"},
      {"line\nbreak.png", "x1"},
      {"quote\"'`$(true);.png", "x2"},
      {"a\\..\\..\\up.png", "x3"},
      {"percent%2e%2e%2fup.png", "x4"},
      {std::string(251, 'n') + ".png", "x5"},
      {"no\xFF\xC3utf8.png", "x6"},
      {"-rf.png", "x7"},
      {"crash.png", "stand-in\ncrash\n"},
      {"leave.png", "stand-in\nleave\n"},
      {"hang.png", "stand-in\nhang\n"},
      {"hog.png", "stand-in\nhog\n"},
      {"binary.png", std::string("\0\xFF\x89PNG\0", 7)},
  };
  Background running(service.command(), service.environment, service.path() / "log");
  int good = 0;
  for (const auto& [name, bytes] : bad) {
    service.scratch().write("in/.hostile", bytes);
    fs::rename(service.path() / "in/.hostile", service.path() / "in" / name);
    service.drop("good" + std::to_string(good) + ".png", "accepted\n# " + std::to_string(good) + "\n");
    ++good;
  }
  // What is no plain file is never touched.
  service.scratch().write("outside.png", "stand-in\naccepted\n");
  fs::create_symlink(service.path() / "outside.png", service.path() / "in/link.png");
  ASSERT_EQ(::mkfifo((service.path() / "in/pipe.png").c_str(), 0600), 0);
  fs::create_directory(service.path() / "in/folder.png");
  ASSERT_TRUE(service.wait_for_results(2 * bad.size(), 30000)) << service.scratch().text("log");
  service.drop("after.png", "accepted\n# after\n");
  EXPECT_TRUE(service.scratch().wait_for("in.out/done/after.png"));
  running.send(SIGTERM);
  EXPECT_EQ(running.wait(5000), 0);
  EXPECT_EQ(service.filed("done", ".png").size(), static_cast<std::size_t>(good) + 1);
  EXPECT_EQ(service.filed("failed", ".reason.txt").size(), bad.size());
  EXPECT_EQ(service.filed("failed", ".json").size(), bad.size());
  for (const std::string& name : service.filed("failed", ".reason.txt")) {
    EXPECT_GT(fs::file_size(service.path() / "in.out/failed" / (name + ".reason.txt")), 5u) << name;
    EXPECT_TRUE(nlohmann::json::accept(service.scratch().text("in.out/failed/" + name + ".json"))) << name;
  }
  for (const char* name : {"in/link.png", "in/pipe.png", "in/folder.png", "outside.png"}) EXPECT_TRUE(service.scratch().has(name)) << name;
  // One line each in the log, whatever a name holds.
  EXPECT_THAT(service.scratch().text("log"), HasSubstr("line\\nbreak.png"));
}

TEST(ServiceDisturbed, FileWrittenToAfterItWasTaken_IsReadAsItIsInTheEnd) {
  ServiceUnderTest service;
  Background running(service.command(), service.environment, service.path() / "log");
  service.scratch().write("in/.writing", "");
  std::ofstream out(service.path() / "in/.writing");
  out << "stand-in\nbrief\nbrief\nbrief\nbrief\nbrief\nbrief\nbrief\nbrief\nbrief\nbrief\n" << std::flush;
  fs::rename(service.path() / "in/.writing", service.path() / "in/a.png");
  for (int i = 0; i < 1000 && fs::exists(service.path() / "in/a.png"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  out << "accepted\n" << std::flush;
  out.close();
  ASSERT_TRUE(service.scratch().wait_for("in.out/done/a.png")) << service.scratch().text("log");
  EXPECT_EQ(nlohmann::json::parse(service.scratch().text("in.out/done/a.png.json"))["pages"].size(), 11u);
}

TEST(ServiceDisturbed, UnreadableFile_FailsWithAReason) {
  if (::geteuid() == 0) GTEST_SKIP() << "no permission holds root back";
  ServiceUnderTest service;
  service.drop("a.png", "accepted\n");
  fs::permissions(service.path() / "in/a.png", fs::perms::none);
  EXPECT_EQ(service.once().status, 1);
  EXPECT_THAT(service.scratch().text("in.out/failed/a.png.reason.txt"), HasSubstr("cannot be opened"));
}

TEST(ServiceDisturbed, WatchedFolderGoneForAWhile_IsTakenUpAgain) {
  ServiceUnderTest service;
  Background running(service.command(), service.environment, service.path() / "log");
  service.drop("a.png", "accepted\n");
  ASSERT_TRUE(service.scratch().wait_for("in.out/done/a.png"));
  fs::rename(service.path() / "in", service.path() / "elsewhere");
  for (int i = 0; i < 300 && service.scratch().text("log").find("No such file") == std::string::npos; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(service.scratch().text("log"), HasSubstr("/in: No such file"));
  fs::rename(service.path() / "elsewhere", service.path() / "in");
  service.drop("b.png", "accepted\n# b\n");
  EXPECT_TRUE(service.scratch().wait_for("in.out/done/b.png"));
}

TEST(ServiceDisturbed, TemplatesThatVanish_DoNotStopAWorkerStartedLater) {
  ServiceUnderTest service("worker_pages = 1\n");
  Background running(service.command(), service.environment, service.path() / "log");
  service.drop("a.png", "accepted\n");
  ASSERT_TRUE(service.scratch().wait_for("in.out/done/a.png"));
  fs::remove(service.path() / "form_a.json");
  for (int i = 0; i < 4; ++i) service.drop("b" + std::to_string(i) + ".png", "accepted\n# " + std::to_string(i) + "\n");
  EXPECT_TRUE(service.wait_for_results(5, 10000)) << service.scratch().text("log");
  EXPECT_THAT(service.filed("failed"), IsEmpty());
  EXPECT_THAT(service.scratch().text("log"), Not(HasSubstr("tried again later")));
}

}  // namespace
}  // namespace inkfield::tests
