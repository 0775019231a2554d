// kill -9 at any moment: every document comes out exactly once all the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/service_killing.h"
#include "tests/faults/service_under_test.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ServiceKilled, AtRandomMoments_EachDocumentComesOutOnce) { kill_often(60, 12, 1); }

TEST(ServiceKilled, WhileItFilesForReview_EachDocumentHasItsPicturesWholeAndOnce) {
  constexpr int kDocuments = 120;
  constexpr int kKills = 8;
  ServiceUnderTest service;
  std::mt19937 random(2);
  for (int i = 0; i < kDocuments; ++i) service.drop("d" + std::to_string(i) + ".png", unique(i, "review\nreview\n"));
  for (int i = 0; i < kKills; ++i) {
    Background running(service.command(), service.environment, service.path() / "log");
    static_cast<void>(service.wait_for_results(service.filed("review").size() + 1, 5000));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
    running.send(SIGKILL);
    static_cast<void>(running.wait(5000));
  }
  EXPECT_LT(service.filed("review", ".png").size(), static_cast<std::size_t>(kDocuments)) << "the kills came too late to matter";
  const Finished finished = service.once();
  EXPECT_EQ(finished.status, 3) << finished.err;
  expect_each_once(service, kDocuments);
  const std::vector<std::string> filed = service.filed("review", ".png");
  EXPECT_EQ(filed.size(), static_cast<std::size_t>(kDocuments));
  EXPECT_EQ(service.filed("review", ".png.pictures"), filed);
  for (const std::string& name : filed) {
    const fs::path pictures = service.path() / "in.out/review" / (name + ".png.pictures");
    EXPECT_EQ(std::distance(fs::directory_iterator(pictures), {}), 3) << name;  // two fields and their list
    EXPECT_FALSE(nlohmann::json::parse(service.scratch().text("in.out/review/" + name + ".png.pictures/fields.json"), nullptr, false).is_discarded()) << name;
  }
}

TEST(ServiceKilled, OneOfTwoOnAFolder_TheOtherAdoptsItsClaims) { kill_one_of_two(120); }

TEST(ServiceKilled, TwoServicesOnAFolder_EachDocumentIsReadByOne) {
  constexpr int kDocuments = 200;
  ServiceUnderTest service;
  for (int i = 0; i < kDocuments; ++i) service.drop("d" + std::to_string(i) + ".png", unique(i, "accepted\n"));
  Background first(service.command("state_1"), service.environment, service.path() / "log_1");
  Background second(service.command("state_2"), service.environment, service.path() / "log_2");
  ASSERT_TRUE(service.wait_for_results(kDocuments, 30000));
  for (Background* running : {&first, &second}) {
    running->send(SIGTERM);
    EXPECT_EQ(running->wait(10000), 0);
  }
  expect_each_once(service, kDocuments);
  for (const char* log : {"log_1", "log_2"}) EXPECT_THAT(service.scratch().text(log), HasSubstr("filed as done/")) << log;
}

TEST(WorkerKilled, PageThatEndsItsWorkerTwice_FailsWithItsLastWords) {
  ServiceUnderTest service("page_seconds = 1\nworker_memory_mb = 1024\n");
  service.drop("crash.png", "accepted\ncrash\naccepted\n");
  service.drop("leave.png", "leave\n");
  service.drop("hang.png", "hang\n");
  service.drop("hog.png", "hog\n");
  service.drop("good.png", "accepted\n");
  const Finished finished = service.once();
  EXPECT_EQ(finished.status, 1) << finished.err;
  EXPECT_THAT(service.filed("done"), testing::ElementsAre("good.png"));
  const auto reason = [&](const std::string& name) { return service.scratch().text("in.out/failed/" + name + ".reason.txt"); };
  EXPECT_THAT(reason("crash.png"), HasSubstr("page 2 ended its worker 2 times: its worker was ended by SIGSEGV; its last words: stand-in: about to crash"));
  EXPECT_THAT(reason("leave.png"), HasSubstr("ended with status 7"));
  EXPECT_THAT(reason("hang.png"), HasSubstr("took longer than 1 s"));
  EXPECT_THAT(reason("hog.png"), HasSubstr("no memory"));  // the limit is the worker's, and the plugin tells of it
  // The page before the crash is not lost.
  const auto json = nlohmann::json::parse(service.scratch().text("in.out/failed/crash.png.json"));
  ASSERT_EQ(json["pages"].size(), 1u);
  EXPECT_EQ(json["pages"][0]["result"]["stand_in"], "accepted");
}

TEST(WorkerKilled, FromOutsideWhileItReads_PageIsReadAgain) {
  ServiceUnderTest service;
  Background running(service.command(), service.environment, service.path() / "log");
  std::string pages;
  for (int i = 0; i < 25; ++i) pages += "brief\n";
  service.drop("slow.png", pages);
  for (int i = 0; i < 500 && service.claims().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (const pid_t worker : children_of(running.id())) ::kill(worker, SIGKILL);
  ASSERT_TRUE(service.scratch().wait_for("in.out/done/slow.png", 20000)) << service.scratch().text("log");
  EXPECT_EQ(nlohmann::json::parse(service.scratch().text("in.out/done/slow.png.json"))["pages"].size(), 25u);
  EXPECT_THAT(service.scratch().text("log"), HasSubstr("its worker was ended by SIGKILL"));
}

}  // namespace
}  // namespace inkfield::tests
