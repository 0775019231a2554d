// Results in PostgreSQL, in a server of the test's own: made in a temporary folder, reached through a socket there, ended with it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "adapters/hosts/common/child_program.h"
#include "adapters/hosts/watch_folder/outputs/database_output.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;

/// Where Debian keeps initdb and pg_ctl; "" if PostgreSQL is not installed.
std::string server_programs() {
  std::vector<fs::path> versions;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(entry.path() / "bin" / "initdb")) versions.push_back(entry.path() / "bin");
  }
  return versions.empty() ? "" : std::max_element(versions.begin(), versions.end())->string();
}

class PostgresqlOutput : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    programs_ = server_programs();
    if (programs_.empty()) GTEST_SKIP() << "PostgreSQL is not installed";
    if (::getuid() == 0) {
      // The server refuses to run as root.
      const passwd* user = ::getpwnam("postgres");
      if (user == nullptr) GTEST_SKIP() << "there is no user postgres to run the server as";
      ASSERT_EQ(::chown(scratch_.path().c_str(), user->pw_uid, user->pw_gid), 0);
      as_user_ = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"};
    }
    ASSERT_EQ(server({programs_ + "/initdb", "--no-sync", "-D", data(), "-U", "inkfield", "-A", "trust", "--locale=C", "-E", "UTF8"}), "");
    start();
    output_ = DatabaseOutput::postgresql(connection());
  }
  void TearDown() override {
    if (!programs_.empty()) stop();
  }

  /// Runs one of the server's programs; "" or what went wrong.
  std::string server(std::vector<std::string> command) const {
    hosts::ProgramCall call;
    call.command = as_user_;
    call.command.insert(call.command.end(), command.begin(), command.end());
    call.environment = hosts::modest_environment();
    const hosts::ProgramEnd end = hosts::run_program(call);
    return end.status == 0 ? "" : end.told() + end.out;
  }
  void start() const {
    // A process group of its own for the server: our programs' groups end with them.
    ASSERT_EQ(server({"setsid", "--wait", programs_ + "/pg_ctl", "-D", data(), "-w", "-l", data() + "/log", "-o",
                      "-F -c listen_addresses='' -k " + scratch_.path().string(), "start"}), "");
  }
  void stop() const { EXPECT_EQ(server({programs_ + "/pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"}), ""); }

  [[nodiscard]] std::string data() const { return scratch_.path() / "data"; }
  [[nodiscard]] std::string connection() const { return "host=" + scratch_.path().string() + " user=inkfield dbname=postgres"; }
  [[nodiscard]] std::string answer(const std::string& question) const {
    Poco::Data::Session session("PostgreSQL", connection());
    const Poco::Data::RecordSet rows(session, question);
    std::string text;
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      for (std::size_t column = 0; column < rows.columnCount(); ++column) text += (column == 0 ? "" : "|") + rows.value(column, row).toString();
      text += '\n';
    }
    return text;
  }

  ScratchFolder scratch_{false};  // a cluster may be too large for a container's /dev/shm
  std::string programs_;
  std::vector<std::string> as_user_;
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
  stop();
  EXPECT_THROW(output_->deliver(sample_outcome("2")), OutputUnavailable);
  EXPECT_THROW(output_->deliver(sample_outcome("2")), OutputUnavailable);
  start();
  output_->deliver(sample_outcome("2"));
  // Restarted between two documents: the kept connection is dead, and nobody needs to know.
  stop();
  start();
  output_->deliver(sample_outcome("2"));
  output_->deliver(sample_outcome("3"));
  EXPECT_EQ(answer("SELECT document_id FROM documents ORDER BY document_id"), "1\n2\n3\n");
  EXPECT_EQ(answer("SELECT count(*) FROM fields"), "6\n");
}

TEST_F(PostgresqlOutput, KilledAtRandomMoments_HoldsEveryDocumentOnceAndWhole) {
  constexpr int kDocuments = 100;
  const auto deliver_all = [&] {
    const auto output = DatabaseOutput::postgresql(connection());
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
  const auto wrong = DatabaseOutput::postgresql("host=" + scratch_.path().string() + " user=inkfield dbname=nowhere password=hunter2");
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
