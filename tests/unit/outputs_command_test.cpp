// Programs run for documents: what they are told, and what they cannot do. And an output's part of the configuration file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include "adapters/hosts/common/child_program.h"
#include "adapters/hosts/watch_folder/outputs/command_output.h"
#include "adapters/hosts/watch_folder/outputs/make_outputs.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class Programs : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }  // as the hosts do
  std::string program(const std::string& script) const {
    const auto path = scratch_.write("program", "#!/bin/sh\n" + script);
    ::chmod(path.c_str(), 0755);
    return path;
  }
  std::string failure(const CommandSettings& settings) const {
    try {
      CommandOutput(settings).deliver(sample_outcome("17"));
    } catch (const OutputUnavailable& error) {
      return std::string("unavailable: ") + error.what();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }
  ScratchFolder scratch_;
};

using CommandOutputTest = Programs;
using ChildProgram = Programs;

TEST_F(CommandOutputTest, Program_GetsArgumentsEnvironmentAndResult) {
  CommandSettings settings;
  settings.program = program("printf '%s\\n' \"$@\" > \"$OUT/arguments\"; env > \"$OUT/environment\"; cat > \"$OUT/input\"\n");
  settings.arguments = {"--id={document_id}", "$(touch x) `id`; {outcome}", ""};
  settings.environment = {"OUT=" + scratch_.path().string()};
  DocumentOutcome outcome = sample_outcome("17");
  outcome.name = "-rf $(id)\n'.png";
  CommandOutput(settings).deliver(outcome);
  EXPECT_EQ(scratch_.text("arguments"), "--id=17\n$(touch x) `id`; review\n\n");
  EXPECT_THAT(scratch_.text("environment"), HasSubstr("INKFIELD_DOCUMENT_ID=17\n"));
  EXPECT_THAT(scratch_.text("environment"), HasSubstr("INKFIELD_FILE=-rf $(id)\n'.png\n"));
  EXPECT_THAT(scratch_.text("environment"), HasSubstr("INKFIELD_OUTCOME=review\n"));
  EXPECT_THAT(scratch_.text("environment"), testing::Not(HasSubstr("INKFIELD_DATA")));
  const auto json = nlohmann::json::parse(scratch_.text("input"));
  EXPECT_EQ(json["document_id"], "17");
  EXPECT_EQ(json["pages"][0]["result"], nlohmann::json::parse("{\"fields\":[]}"));
}

TEST_F(CommandOutputTest, Failure_IsTheReason) {
  CommandSettings settings;
  settings.program = program("cat >/dev/null; echo first >&2; echo 'no such account' >&2; exit 3\n");
  EXPECT_EQ(failure(settings), settings.program + " ended with 3: no such account");
  settings.program = program("exit 75\n");
  EXPECT_EQ(failure(settings), "unavailable: " + settings.program + " ended with 75");
  settings.program = program("kill -SEGV $$\n");
  EXPECT_EQ(failure(settings), settings.program + " was ended by signal 11");
}

TEST_F(CommandOutputTest, ProgramThatIsNotThere_IsWaitedFor) {
  CommandSettings settings;
  settings.program = scratch_.path() / "nothing";
  EXPECT_THAT(failure(settings), HasSubstr("unavailable: "));
  settings.program = "inkfield-no-such-program";
  EXPECT_THAT(failure(settings), HasSubstr("unavailable: "));
  settings.program = scratch_.write("plain", "no program");
  EXPECT_THAT(failure(settings), HasSubstr("unavailable: "));
}

TEST_F(CommandOutputTest, TimeLimit_EndsTheProgramAndItsChildren) {
  CommandSettings settings;
  settings.program = program("sleep 60 & echo $! > \"$OUT/pid\"; sleep 60\n");
  settings.environment = {"OUT=" + scratch_.path().string()};
  settings.time_limit = 1s;
  EXPECT_EQ(failure(settings), settings.program + " took longer than 1 s");
  const pid_t left = std::stoi(scratch_.text("pid"));
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    // Nobody's child any more: it may stand as a zombie until init looks.
    std::ifstream stat("/proc/" + std::to_string(left) + "/stat");
    std::string text;
    gone = !std::getline(stat, text) || text.find(") Z ") != std::string::npos;
    if (!gone) ::usleep(10'000);
  }
  EXPECT_TRUE(gone);
}

TEST_F(ChildProgram, ManyBytesBothWays_DoNotBlock) {
  hosts::ProgramCall call;
  call.command = {program("cat; cat >/dev/null; dd if=/dev/zero bs=1000 count=3000 >&2 2>/dev/null\n")};
  call.environment = hosts::modest_environment();
  call.input = std::string(3'000'000, 'i');
  call.kept_bytes = 100'000;
  const hosts::ProgramEnd end = hosts::run_program(call);
  EXPECT_EQ(end.status, 0);
  EXPECT_EQ(end.out, std::string(100'000, 'i'));
  EXPECT_EQ(end.err.size(), 100'000u);
}

TEST_F(ChildProgram, InputNotWanted_IsNoFailure) {
  hosts::ProgramCall call;
  call.command = {program("exit 0\n")};
  call.input = std::string(3'000'000, 'i');
  EXPECT_EQ(hosts::run_program(call).status, 0);
}

TEST_F(ChildProgram, OutputsClosedEarly_IsWaitedForAllTheSame) {
  hosts::ProgramCall call;
  call.command = {program("exec >&- 2>&-; sleep 0.1; exit 5\n")};
  call.environment = hosts::modest_environment();
  EXPECT_EQ(hosts::run_program(call).status, 5);
}

TEST_F(ChildProgram, OpenFilesOfTheHost_AreNotHandedOn) {
  const int open = ::dup(STDERR_FILENO);  // without close-on-exec, as some libraries do it
  hosts::ProgramCall call;
  call.command = {program("ls /proc/self/fd | wc -l\n")};
  call.environment = hosts::modest_environment();
  const hosts::ProgramEnd end = hosts::run_program(call);
  ::close(open);
  EXPECT_EQ(std::stoi(end.out), 4) << "0, 1, 2 and the listing's own";
}

TEST_F(ChildProgram, StandardStreamsClosed_AreNotMixedUp) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {0, 1, 2}) ::close(fd);
    hosts::ProgramCall call;
    call.command = {program("cat; echo err >&2\n")};
    call.environment = hosts::modest_environment();
    call.input = "in";
    const hosts::ProgramEnd end = hosts::run_program(call);
    ::_exit(end.status == 0 && end.out == "in" && end.err == "err\n" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(ChildProgram, FileLimit_HoldsTheProgram) {
  hosts::ProgramCall call;
  call.command = {program("dd if=/dev/zero of=" + (scratch_.path() / "big").string() + " bs=1000 count=100\n")};
  call.environment = hosts::modest_environment();
  call.file_limit_bytes = 5000;
  EXPECT_NE(hosts::run_program(call).status, 0);
  EXPECT_EQ(std::filesystem::file_size(scratch_.path() / "big"), 5000u);
}

TEST_F(ChildProgram, Stopping_EndsIt) {
  hosts::ProgramCall call;
  call.command = {program("sleep 60\n")};
  call.environment = hosts::modest_environment();
  call.stopping = [] { return true; };
  EXPECT_TRUE(hosts::run_program(call).stopped);
}

TEST(SplitArguments, QuotesAndBackslashes_HoldTogether) {
  EXPECT_THAT(split_arguments("  a \"b c\"d \\\"e \"\" f\\ g "), ElementsAre("a", "b cd", "\"e", "", "f g"));
  EXPECT_THAT(split_arguments(""), ElementsAre());
  EXPECT_THROW(split_arguments("a \"b"), std::invalid_argument);
}

class OutputSettings : public testing::Test {
 protected:
  std::string fault(const std::string& text) const {
    std::istringstream stream(text);
    const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(new Poco::Util::PropertyFileConfiguration(stream));
    try {
      made_ = make_outputs(*file, scratch_.path()).size();
      files_ = output_files(*file, scratch_.path());
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  }
  ScratchFolder scratch_;
  mutable std::size_t made_ = 0;
  mutable std::vector<std::filesystem::path> files_;
};

TEST_F(OutputSettings, Good_GiveTheirOutputs) {
  EXPECT_EQ(fault("watch = in\n"), "");
  EXPECT_EQ(made_, 0u);
  EXPECT_EQ(fault("outputs = csv, sqlite, postgresql, command\ncsv.file = out/a.csv\nsqlite.file = /srv/b.sqlite\n"
                  "postgresql.connection = host=/nowhere user=inkfield\ncommand.program = /bin/true\ncommand.arguments = a \"b c\"\n"), "");
  EXPECT_EQ(made_, 4u);
  EXPECT_THAT(files_, ElementsAre(scratch_.path() / "out/a.csv", "/srv/b.sqlite"));
}

TEST_F(OutputSettings, ShippedExample_IsUnderstoodWithEveryKeySet) {
  std::ifstream example(std::string(INKFIELD_SOURCE_DIR) + "/config/packaging/inkfieldd.properties");
  std::string set;
  for (std::string line; std::getline(example, line);) {
    if (line.starts_with("#folder.post.")) set += line.substr(13) + '\n';
  }
  EXPECT_THAT(set, HasSubstr("outputs = csv, sqlite, postgresql, command"));
  EXPECT_EQ(fault(set), "");
  EXPECT_EQ(made_, 4u);
}

TEST_F(OutputSettings, Bad_NameTheKey) {
  EXPECT_THAT(fault("outputs = csw\n"), HasSubstr("no output \"csw\""));
  EXPECT_THAT(fault("outputs = csv\n"), HasSubstr("csv.file is missing"));
  EXPECT_THAT(fault("outputs = csv, csv\ncsv.file = a\n"), HasSubstr("named twice"));
  EXPECT_THAT(fault("csv.file = a.csv\n"), HasSubstr("outputs does not name csv"));
  EXPECT_THAT(fault("csv = a.csv\n"), HasSubstr("unknown key csv"));
  EXPECT_THAT(fault("outputs = csv\ncsv.file = a\ncsv.colums = b\n"), HasSubstr("unknown key csv.colums"));
  EXPECT_THAT(fault("outputs = csv\ncsv.file = a\ncsv.rows = lines\n"), HasSubstr("csv.rows = lines"));
  EXPECT_THAT(fault("outputs = csv\ncsv.file = a\ncsv.rows = pages\n"), HasSubstr("csv.columns is missing"));
  EXPECT_THAT(fault("outputs = csv\ncsv.file = a\ncsv.columns = b\n"), HasSubstr("csv.rows = pages"));
  EXPECT_THAT(fault("outputs = csv\ncsv.file = a\ncsv.separator = |\n"), HasSubstr("csv.separator = |"));
  const std::string postgresql = "outputs = postgresql\npostgresql.connection = ";
  EXPECT_THAT(fault(postgresql + "host=/x\n"), HasSubstr("user=NAME is missing"));
  EXPECT_THAT(fault(postgresql + "user=a sslmode=require\n"), HasSubstr("PGSSLMODE"));
  EXPECT_THAT(fault(postgresql + "user=a password='b c'\n"), HasSubstr("no blanks or quotes"));
  EXPECT_THAT(fault("outputs = command\ncommand.program = bin/x\n"), HasSubstr("write the whole path"));
  EXPECT_THAT(fault("outputs = command\ncommand.program = x\ncommand.time_limit_s = 0\n"), HasSubstr("command.time_limit_s = 0"));
  EXPECT_THAT(fault("outputs = command\ncommand.program = x\ncommand.environment = A\n"), HasSubstr("A is no NAME=value"));
  EXPECT_THAT(fault("outputs = command\ncommand.program = x\ncommand.arguments = \"A\n"), HasSubstr("command.arguments"));
}

TEST_F(OutputSettings, Password_IsNotShown) {
  EXPECT_EQ(shown_value("folder.post.postgresql.connection", "user=a password=hunter2 dbname=b"), "user=a password=... dbname=b");
  EXPECT_EQ(shown_value("csv.file", "password=x"), "password=x");
}

}  // namespace
}  // namespace inkfield::watch_folder
