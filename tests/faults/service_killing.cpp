#include "tests/faults/service_killing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace inkfield::tests {

namespace fs = std::filesystem;
using testing::IsEmpty;

std::string unique(int i, const std::string& pages) { return pages + "# " + std::to_string(i) + '\n'; }

void expect_each_once(const ServiceUnderTest& service, int documents) {
  const std::map<std::string, int> results = service.results();
  EXPECT_EQ(results.size(), static_cast<std::size_t>(documents));
  for (const auto& [name, count] : results) EXPECT_EQ(count, 1) << name;
  EXPECT_THAT(service.claims(), IsEmpty());
  for (const char* folder : {"done", "failed"}) {
    // Every image has its result, and every result its image.
    EXPECT_EQ(service.filed(folder, ".png"), [&] {
      std::vector<std::string> names = service.filed(folder, ".png.json");
      return names;
    }());
  }
  std::error_code error;
  int left = 0;
  for (const auto& entry : fs::directory_iterator(service.path() / "in", error)) left += entry.path().filename().string().front() != '.' ? 1 : 0;
  EXPECT_EQ(left, 0) << "documents left in the watched folder";
}

void kill_often(int documents, int kills, unsigned seed) {
  ServiceUnderTest service;
  std::mt19937 random(seed);
  int dropped = 0;
  int killed = 0;
  int workers_killed = 0;
  while (killed < kills) {
    Background running(service.command(), service.environment, service.path() / "log");
    for (bool alive = true; alive && killed < kills;) {
      for (const int until = documents * (killed + 1) / kills; dropped < until; ++dropped) {
        service.drop("d" + std::to_string(dropped) + ".png", unique(dropped));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
      const std::vector<pid_t> workers = children_of(running.id());
      if (random() % 2 == 0 && !workers.empty()) {
        ::kill(workers[random() % workers.size()], SIGKILL);
        ++workers_killed;
      } else {
        running.send(SIGKILL);
        alive = false;
      }
      ++killed;
    }
  }
  const Finished finished = service.once();
  EXPECT_THAT(finished.status, testing::AnyOf(0, 1)) << finished.err;
  EXPECT_GT(workers_killed, 0);
  EXPECT_LT(workers_killed, kills);
  expect_each_once(service, documents);
  // Nothing is wrong with any of them.
  EXPECT_THAT(service.filed("failed"), IsEmpty());
}

}  // namespace inkfield::tests
