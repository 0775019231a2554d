#include "tests/faults/service_killing.h"

#include <Poco/Data/SQLite/Connector.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/database_answer.h"
#include "tests/postgresql_server.h"

namespace inkfield::tests {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

std::string unique(int i, const std::string& pages) { return pages + "# " + std::to_string(i) + '\n'; }

namespace {

/// Every document has one row in the CSV file and one in the database: a page with one field.
void expect_each_once_in_outputs(const ServiceUnderTest& service, const PostgresqlServer* server, int documents) {
  std::map<std::string, int> rows;
  std::ifstream csv(service.path() / "rows.csv");
  std::string line;
  std::getline(csv, line);
  while (std::getline(csv, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; i < 3; ++i) std::getline(cells, cell, ',');
    ++rows[cell];
  }
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(documents));
  for (const auto& [name, count] : rows) EXPECT_EQ(count, 1) << name << " in the CSV file";
  const std::string count = std::to_string(documents);
  const std::string each_once = count + '|' + count + '\n';
  Poco::Data::SQLite::Connector::registerConnector();
  const std::string file = service.path() / "rows.sqlite";
  EXPECT_EQ(database_answer("SQLite", file, "SELECT COUNT(*), COUNT(DISTINCT file) FROM documents"), each_once);
  EXPECT_EQ(database_answer("SQLite", file, "SELECT COUNT(*), COUNT(DISTINCT document_id) FROM fields"), each_once);
  if (server == nullptr) return;
  EXPECT_EQ(server->answer("SELECT count(*), count(DISTINCT file) FROM documents"), each_once);
  EXPECT_EQ(server->answer("SELECT count(*), count(DISTINCT document_id) FROM fields"), each_once);
}

}  // namespace

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
  std::optional<PostgresqlServer> server;
  if (PostgresqlServer::missing().empty()) server.emplace();
  ServiceUnderTest service("folder.a.outputs = csv, sqlite" + std::string(server ? ", postgresql\nfolder.a.postgresql.connection = " + server->connection() : "") +
                           "\nfolder.a.csv.file = rows.csv\nfolder.a.sqlite.file = rows.sqlite\n");
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
      // While it works: a service that still starts, or has nothing to do, is easily killed.
      const std::size_t before = service.filed("done").size();
      if (before < static_cast<std::size_t>(dropped)) static_cast<void>(service.wait_for_results(before + 1, 3000));
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
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
  expect_each_once_in_outputs(service, server ? &*server : nullptr, documents);
  // Nothing is wrong with any of them.
  EXPECT_THAT(service.filed("failed"), IsEmpty());
}

void kill_one_of_two(int documents) {
  ServiceUnderTest service("lease_ms = 1000\n");
  for (int i = 0; i < documents; ++i) service.drop("d" + std::to_string(i) + ".png", unique(i));
  Background first(service.command("state_1"), service.environment, service.path() / "log_1");
  Background second(service.command("state_2"), service.environment, service.path() / "log_2");
  ASSERT_TRUE(service.wait_for_results(static_cast<std::size_t>(documents) / 2, 20000 + 100 * documents));
  // Stopped first, so that it is sure to hold claims when it dies.
  std::vector<std::string> claims;
  std::size_t held = 0;
  for (int i = 0; i < 100 && held == 0; ++i) {
    first.send(SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    claims = service.claims();
    for (const std::string& claim : claims) {
      // Its owner is not the other one, who goes on and finishes his within a moment.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      held += fs::exists(service.path() / "in/.inkfieldd" / claim) ? 1 : 0;
    }
    if (held == 0) first.send(SIGCONT);
  }
  ASSERT_GT(held, 0u);
  first.send(SIGKILL);
  ASSERT_TRUE(service.wait_for_results(static_cast<std::size_t>(documents), 30000 + 100 * documents));
  for (int i = 0; i < 200 && !service.claims().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  second.send(SIGTERM);
  EXPECT_EQ(second.wait(10000), 0);
  expect_each_once(service, documents);
  EXPECT_THAT(service.scratch().text("log_2"), HasSubstr("taken over from a service that has been silent"));
}

}  // namespace inkfield::tests
