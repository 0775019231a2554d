// The long ones: what months in a post room are like, in minutes.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/service_killing.h"
#include "tests/faults/service_under_test.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;

TEST(ServiceKilledOften, TwoHundredTimesOverAThousandDocuments_EachComesOutOnce) { kill_often(1000, 200, 2); }

TEST(ServiceKilledOften, OneOfTwoHalfwayThroughAThousandDocuments_TheOtherFinishes) { kill_one_of_two(1000); }

struct Use {
  long memory_kb = 0;
  long files = 0;
};

Use use_of(pid_t process) {
  Use use;
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("RssAnon:")) use.memory_kb = std::stol(line.substr(8));
  }
  std::error_code error;
  for (fs::directory_iterator entry("/proc/" + std::to_string(process) + "/fd", error), end; !error && entry != end; entry.increment(error)) ++use.files;
  return use;
}

TEST(ServiceLong, FiveThousandPages_MemoryAndOpenFilesStayFlat) {
  constexpr int kRounds = 10;
  constexpr int kPerRound = 500;
  ServiceUnderTest service("worker_pages = 0\n");
  Background running(service.command(), service.environment, service.path() / "log");
  std::vector<Use> of_service, of_workers;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kPerRound; ++i) {
      const int number = round * kPerRound + i;
      service.drop("d" + std::to_string(number) + ".png", unique(number, "accepted\n"));
    }
    ASSERT_TRUE(service.wait_for_results(static_cast<std::size_t>((round + 1) * kPerRound), 120'000));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    of_service.push_back(use_of(running.id()));
    Use workers;
    for (const pid_t worker : children_of(running.id())) {
      const Use use = use_of(worker);
      workers.memory_kb += use.memory_kb;
      workers.files += use.files;
    }
    of_workers.push_back(workers);
    std::printf("after %d pages: service %ld KiB, %ld files; workers %ld KiB, %ld files\n", (round + 1) * kPerRound, of_service.back().memory_kb,
                of_service.back().files, workers.memory_kb, workers.files);
    std::fflush(stdout);
  }
  // The journal's cache fills first. A leak of 100 bytes a page would be 340 KiB between these two.
  EXPECT_LE(of_service.back().memory_kb, of_service[2].memory_kb + 340);
  EXPECT_LE(of_workers.back().memory_kb, of_workers[2].memory_kb + 340);
  EXPECT_LE(of_service.back().files, of_service[2].files + 1);
  EXPECT_EQ(of_workers.back().files, of_workers[2].files);
  running.send(SIGTERM);
  EXPECT_EQ(running.wait(10'000), 0);
}

}  // namespace
}  // namespace inkfield::tests
