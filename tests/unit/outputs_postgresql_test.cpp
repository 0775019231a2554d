// Results in PostgreSQL, in a server of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "adapters/hosts/watch_folder/outputs/database_output.h"
#include "tests/postgresql_server.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

class PostgresqlOutput : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    if (const std::string missing = tests::PostgresqlServer::missing(); !missing.empty()) GTEST_SKIP() << missing;
    server_.emplace();
    output_ = DatabaseOutput::postgresql(server_->connection());
  }
  [[nodiscard]] std::string answer(const std::string& question) const { return server_->answer(question); }

  std::optional<tests::PostgresqlServer> server_;
  std::unique_ptr<DatabaseOutput> output_;
};

TEST_F(PostgresqlOutput, Document_IsThereWholeAndOnce) {
  output_->deliver(sample_outcome("1"));
  DocumentOutcome changed = sample_outcome("1");
  changed.destination = Destination::done;
  output_->deliver(changed);
  DocumentOutcome hostile = sample_outcome("'); DROP TABLE documents; --");
  hostile.name = "a\xff\n'b";
  hostile.pages[0].fields[0].text = std::string("x\0\xfey", 4);
  output_->deliver(hostile);
  EXPECT_EQ(answer("SELECT file, outcome, pages FROM documents ORDER BY file"), "a\\xff\\n'b|review|1\nscan 1.png|review|1\n");
  EXPECT_EQ(answer("SELECT position, field, state, text, value, confidence > 0.98 FROM fields WHERE document_id = '1' ORDER BY position"),
            "1|account|accepted|004217|004217|true\n2|amount|review|-12,50|-12.50|false\n");
  EXPECT_EQ(answer("SELECT text FROM fields WHERE document_id <> '1' AND position = 1"), "x\xEF\xBF\xBD\xEF\xBF\xBDy\n");
}

TEST_F(PostgresqlOutput, ServerGone_IsUnavailableAndThenCarriesOn) {
  output_->deliver(sample_outcome("1"));
  server_->stop();
  EXPECT_THROW(output_->deliver(sample_outcome("2")), OutputUnavailable);
  EXPECT_THROW(output_->deliver(sample_outcome("2")), OutputUnavailable);
  server_->start();
  output_->deliver(sample_outcome("2"));
  // Restarted between two documents: the kept connection is dead, and nobody needs to know.
  server_->stop();
  server_->start();
  output_->deliver(sample_outcome("2"));
  output_->deliver(sample_outcome("3"));
  EXPECT_EQ(answer("SELECT document_id FROM documents ORDER BY document_id"), "1\n2\n3\n");
  EXPECT_EQ(answer("SELECT count(*) FROM fields"), "6\n");
}

TEST_F(PostgresqlOutput, KilledAtRandomMoments_HoldsEveryDocumentOnceAndWhole) {
  constexpr int kDocuments = 100;
  const auto deliver_all = [&] {
    const auto output = DatabaseOutput::postgresql(server_->connection());
    for (int i = 0; i < kDocuments; ++i) output->deliver(sample_outcome(std::to_string(i)));
  };
  std::mt19937 random(20260103);
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      deliver_all();
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(5000, 80000)(random)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  deliver_all();
  EXPECT_EQ(answer("SELECT count(*), count(DISTINCT document_id) FROM documents"), "100|100\n");
  EXPECT_EQ(answer("SELECT count(*) FROM fields"), "200\n");
  EXPECT_EQ(answer("SELECT count(*) FROM (SELECT document_id FROM fields GROUP BY document_id HAVING count(*) <> 2) AS halves"), "0\n");
}

TEST_F(PostgresqlOutput, WrongUserOrDatabase_IsUnavailableWithoutThePassword) {
  const auto wrong = DatabaseOutput::postgresql(server_->connection("nowhere") + " password=hunter2");
  try {
    wrong->deliver(sample_outcome("1"));
    FAIL() << "delivered to a database that is not there";
  } catch (const OutputUnavailable& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("nowhere"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace inkfield::watch_folder
