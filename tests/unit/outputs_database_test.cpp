// Results in SQLite: whole documents, once, whatever happens to the file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>

#include <csignal>
#include <random>
#include <thread>

#include "adapters/hosts/watch_folder/outputs/database_output.h"
#include "tests/database_answer.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

using namespace Poco::Data::Keywords;

std::string answer(const std::filesystem::path& file, const std::string& question) {
  Poco::Data::SQLite::Connector::registerConnector();
  return tests::database_answer("SQLite", file.string(), question);
}

TEST(SqliteOutput, Document_IsThereWholeAndOnce) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "results.sqlite";
  const auto output = DatabaseOutput::sqlite(file);
  output->deliver(sample_outcome("1"));
  DocumentOutcome changed = sample_outcome("1");
  changed.destination = Destination::done;
  changed.pages[0].fields[0].text = "999";
  output->deliver(changed);
  EXPECT_EQ(answer(file, "SELECT document_id, folder, file, outcome, reasons, pages FROM documents"), "1|post|scan 1.png|review|field amount: unsure|1\n");
  EXPECT_EQ(answer(file, "SELECT page, state, form_id, result FROM pages"), "1|read|cheque|{\"fields\":[]}\n");
  EXPECT_EQ(answer(file, "SELECT position, field, state, text, value, confidence > 0.98 FROM fields ORDER BY position"),
            "1|account|accepted|004217|004217|1\n2|amount|review|-12,50|-12.50|0\n");
}

TEST(SqliteOutput, HostileNamesAndTexts_AreStored) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "results.sqlite";
  DocumentOutcome outcome = sample_outcome("'); DROP TABLE documents; --");
  outcome.name = "a\xff\n'b";
  outcome.pages[0].fields[0].text = std::string("x\0y", 3);
  DatabaseOutput::sqlite(file)->deliver(outcome);
  EXPECT_EQ(answer(file, "SELECT document_id, file FROM documents"), "'); DROP TABLE documents; --|a\\xff\\n'b\n");
  EXPECT_EQ(answer(file, "SELECT text FROM fields WHERE position = 1"), "x\xEF\xBF\xBDy\n");
}

TEST(SqliteOutput, FileGoneOrFolderGone_IsWaitedForOrBegunAnew) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "db" / "results.sqlite";
  const auto output = DatabaseOutput::sqlite(file);
  EXPECT_THROW(output->deliver(sample_outcome("1")), OutputUnavailable);
  std::filesystem::create_directory(scratch.path() / "db");
  output->deliver(sample_outcome("1"));
  std::filesystem::remove(file);
  output->deliver(sample_outcome("2"));
  EXPECT_EQ(answer(file, "SELECT document_id FROM documents"), "2\n");
}

TEST(SqliteOutput, NoDatabaseAtItsPlace_IsUnavailable) {
  const ScratchFolder scratch;
  const auto file = scratch.write("results.sqlite", std::string(5000, 'x'));
  EXPECT_THROW(DatabaseOutput::sqlite(file)->deliver(sample_outcome("1")), OutputUnavailable);
  EXPECT_EQ(scratch.text("results.sqlite"), std::string(5000, 'x'));
}

TEST(SqliteOutput, DiskFull_IsUnavailableAndNothingHalfStays) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "results.sqlite";
  DatabaseOutput::sqlite(file)->deliver(sample_outcome("1"));
  DocumentOutcome large = sample_outcome("2");
  large.pages[0].json = '"' + std::string(200'000, 'a') + '"';
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      DatabaseOutput::sqlite(file)->deliver(large);
    } catch (const OutputUnavailable&) {
      status = 0;
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(answer(file, "SELECT document_id FROM documents"), "1\n");
  DatabaseOutput::sqlite(file)->deliver(large);
  EXPECT_EQ(answer(file, "SELECT count(*) FROM documents d JOIN fields f USING (document_id)"), "4\n");
}

TEST(SqliteOutput, KilledAtRandomMoments_HoldsEveryDocumentOnceAndWhole) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "results.sqlite";
  constexpr int kDocuments = 60;
  const auto deliver_all = [&] {
    const auto output = DatabaseOutput::sqlite(file);
    for (int i = 0; i < kDocuments; ++i) output->deliver(sample_outcome(std::to_string(i)));
  };
  std::mt19937 random(20260102);
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      deliver_all();
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(1000, 60000)(random)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  deliver_all();
  EXPECT_EQ(answer(file, "SELECT count(*), count(DISTINCT document_id) FROM documents"), "60|60\n");
  EXPECT_EQ(answer(file, "SELECT count(*) FROM fields"), "120\n");
  EXPECT_EQ(answer(file, "SELECT count(*) FROM (SELECT document_id FROM fields GROUP BY document_id HAVING count(*) <> 2)"), "0\n");
}

}  // namespace
}  // namespace inkfield::watch_folder
