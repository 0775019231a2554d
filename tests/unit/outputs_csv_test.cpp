// The CSV output: what stands in its cells, and that neither a kill nor a full disk leaves a torn row or a row twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <latch>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include "adapters/hosts/watch_folder/outputs/csv_output.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::string kHeader = "document_id,folder,file,outcome,read_at,page,form,page_state,field,kind,state,text,value,confidence,reason\r\n";

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

TEST(CsvCell, Formula_GetsAnApostrophe) {
  for (const char* evil : {"=1+1", "+49 1", "-2+3", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "|calc", "%0A", "\xEF\xBC\x9D" "1"}) {
    const std::string cell = csv_cell(evil, ',');
    EXPECT_TRUE(cell.starts_with("'") || cell.starts_with("\"'")) << cell;
  }
}

TEST(CsvCell, PlainNumber_StaysANumber) {
  for (const char* number : {"-12.50", "+3", "004217", "-,5"}) EXPECT_THAT(csv_cell(number, '\t'), Not(HasSubstr("'"))) << number;
  EXPECT_EQ(csv_cell("-1.2.3", ','), "'-1.2.3");
  EXPECT_EQ(csv_cell("-", ','), "'-");
}

TEST(CsvCell, QuotesBreaksAndBadBytes_AreQuotedOrReplaced) {
  EXPECT_EQ(csv_cell("a\"b", ','), "\"a\"\"b\"");
  EXPECT_EQ(csv_cell("a\r\nb", ','), "\"a\r\nb\"");
  EXPECT_EQ(csv_cell("a;b", ','), "\"a;b\"");
  EXPECT_EQ(csv_cell(" a", ','), "\" a\"");
  EXPECT_EQ(csv_cell(std::string_view("a\0\xff", 3), ','), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(csv_cell("", ','), "");
}

TEST(CsvRows, DocumentWithoutPages_StillHasARow) {
  DocumentOutcome outcome = sample_outcome("7");
  outcome.pages.clear();
  outcome.reasons = {"is no image", "too big"};
  EXPECT_EQ(csv_rows({}, outcome), "7,post,scan 7.png,review,2026-01-02T03:04:05Z,,,,,,,,,,\"is no image; too big\"\r\n");
}

TEST(CsvRows, Pages_HaveOneRowEachWithTheColumnsAskedFor) {
  CsvLayout layout{CsvLayout::Rows::pages, {"amount", "missing"}, ';'};
  EXPECT_EQ(csv_header(layout), "document_id;folder;file;outcome;read_at;page;form;page_state;reason;amount;amount_state;missing;missing_state\r\n");
  EXPECT_EQ(csv_rows(layout, sample_outcome("7")), "7;post;scan 7.png;review;2026-01-02T03:04:05Z;1;cheque;read;;-12.50;review;;\r\n");
}

TEST(CsvOutput, Document_ArrivesOnce) {
  const ScratchFolder scratch;
  CsvOutput output(scratch.path() / "out.csv", {});
  output.deliver(sample_outcome("1"));
  output.deliver(sample_outcome("1"));
  CsvOutput(scratch.path() / "out.csv", {}).deliver(sample_outcome("1"));
  EXPECT_EQ(scratch.text("out.csv"), kHeader +
                                         "1,post,scan 1.png,review,2026-01-02T03:04:05Z,1,cheque,read,account,handwritten_number,accepted,004217,004217,0.9877,\r\n"
                                         "1,post,scan 1.png,review,2026-01-02T03:04:05Z,1,cheque,read,amount,handwritten_number,review,\"-12,50\",-12.50,0.5000,unsure\r\n");
}

TEST(CsvOutput, TornRow_IsCutOffAtTheNextStart) {
  const ScratchFolder scratch;
  CsvOutput(scratch.path() / "out.csv", {}).deliver(sample_outcome("1"));
  const std::string whole = scratch.text("out.csv");
  scratch.write("out.csv", "2,post,half a ro", std::ios::app);
  const CsvOutput again(scratch.path() / "out.csv", {});
  EXPECT_EQ(scratch.text("out.csv"), whole);
}

TEST(CsvOutput, TornJournalLine_TakesItsRowsWithIt) {
  const ScratchFolder scratch;
  CsvOutput(scratch.path() / "out.csv", {}).deliver(sample_outcome("1"));
  const std::string journal = scratch.text("out.csv.journal");
  const std::string one = scratch.text("out.csv");
  CsvOutput(scratch.path() / "out.csv", {}).deliver(sample_outcome("2"));
  const std::string two = scratch.text("out.csv");
  scratch.write("out.csv.journal", scratch.text("out.csv.journal").substr(0, journal.size() + 30));
  CsvOutput output(scratch.path() / "out.csv", {});
  EXPECT_EQ(scratch.text("out.csv"), one);
  output.deliver(sample_outcome("2"));
  EXPECT_EQ(scratch.text("out.csv"), two);
}

TEST(CsvOutput, EveryCutOfBothFiles_IsMendedOrToldOf) {
  const ScratchFolder scratch;
  CsvOutput(scratch.path() / "out.csv", {}).deliver(sample_outcome("1"));
  const std::string csv = scratch.text("out.csv");
  const std::string journal = scratch.text("out.csv.journal");
  // As a crash can leave them: the journal is never ahead of the file.
  for (std::size_t cut = 0; cut <= journal.size(); ++cut) {
    scratch.write("out.csv", csv.substr(0, cut < 83 ? std::min(cut * 2, kHeader.size()) : cut < 166 ? kHeader.size() + cut : csv.size()));
    scratch.write("out.csv.journal", journal.substr(0, cut));
    CsvOutput output(scratch.path() / "out.csv", {});
    output.deliver(sample_outcome("1"));
    ASSERT_EQ(scratch.text("out.csv"), csv) << cut;
  }
}

TEST(CsvOutput, FileMovedAway_BeginsAnewWithoutOldDocuments) {
  const ScratchFolder scratch;
  CsvOutput output(scratch.path() / "out.csv", {});
  output.deliver(sample_outcome("1"));
  fs::rename(scratch.path() / "out.csv", scratch.path() / "import.csv");
  output.deliver(sample_outcome("1"));
  output.deliver(sample_outcome("2"));
  EXPECT_THAT(scratch.text("out.csv"), testing::StartsWith(kHeader + "2,post"));
  EXPECT_EQ(lines_of(scratch.text("out.csv")), 3u);
  EXPECT_EQ(lines_of(scratch.text("import.csv")), 3u);
}

TEST(CsvOutput, FileChangedBySomebody_IsLeftAloneUntilMovedAway) {
  const ScratchFolder scratch;
  CsvOutput output(scratch.path() / "out.csv", {});
  output.deliver(sample_outcome("1"));
  std::string changed = scratch.text("out.csv");
  changed[changed.size() - 5] = '#';
  scratch.write("out.csv", changed);
  EXPECT_THROW(output.deliver(sample_outcome("2")), OutputUnavailable);
  scratch.write("out.csv", changed.substr(0, changed.size() - 40));
  EXPECT_THROW(output.deliver(sample_outcome("2")), OutputUnavailable);
  EXPECT_EQ(scratch.text("out.csv"), changed.substr(0, changed.size() - 40));
  fs::remove(scratch.path() / "out.csv");
  output.deliver(sample_outcome("2"));
  EXPECT_EQ(lines_of(scratch.text("out.csv")), 3u);
}

TEST(CsvOutput, SomebodyElsesFile_IsRefused) {
  const ScratchFolder scratch;
  scratch.write("out.csv", "name,age\r\nAda,36\r\n");
  EXPECT_THROW(CsvOutput(scratch.path() / "out.csv", {}), std::invalid_argument);
  EXPECT_EQ(scratch.text("out.csv"), "name,age\r\nAda,36\r\n");
  EXPECT_FALSE(fs::exists(scratch.path() / "out.csv.journal"));
  CsvOutput(scratch.path() / "b.csv", {}).deliver(sample_outcome("1"));
  EXPECT_THROW(CsvOutput(scratch.path() / "b.csv", {CsvLayout::Rows::pages, {"amount"}, ','}), std::invalid_argument);
  fs::create_symlink(scratch.path() / "b.csv", scratch.path() / "link.csv");
  CsvOutput link(scratch.path() / "link.csv", {});
  EXPECT_THROW(link.deliver(sample_outcome("2")), OutputUnavailable);
}

TEST(CsvOutput, FolderGone_IsWaitedFor) {
  const ScratchFolder scratch;
  CsvOutput output(scratch.path() / "away" / "out.csv", {});
  EXPECT_THROW(output.deliver(sample_outcome("1")), OutputUnavailable);
  fs::create_directory(scratch.path() / "away");
  output.deliver(sample_outcome("1"));
  EXPECT_EQ(lines_of(scratch.text("away/out.csv")), 3u);
}

TEST(CsvOutput, DiskFull_LeavesNoHalfRowAndCarriesOn) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "out.csv";
  CsvOutput(path, {}).deliver(sample_outcome("1"));
  const std::string whole = scratch.text("out.csv");
  // A limit on the size of files stands for the full disk: writes end half-way and then fail.
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{whole.size() + 20, whole.size() + 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      CsvOutput(path, {}).deliver(sample_outcome("2"));
    } catch (const OutputUnavailable&) {
      status = 0;
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(scratch.text("out.csv"), whole);
  CsvOutput(path, {}).deliver(sample_outcome("2"));
  EXPECT_EQ(lines_of(scratch.text("out.csv")), 5u);
}

TEST(CsvOutput, TwoWritersOfOneFile_TakeTurns) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "out.csv";
  constexpr int kDocuments = 300;
  std::latch both(2);
  // Each brings the documents in the other's way at the same time, as two processes do that took over from each other.
  const auto write = [&](bool backwards) {
    CsvOutput output(path, {});
    both.arrive_and_wait();
    for (int i = 0; i < kDocuments; ++i) EXPECT_NO_THROW(output.deliver(sample_outcome(std::to_string(backwards ? kDocuments - 1 - i : i))));
  };
  std::jthread first(write, false);
  std::jthread second(write, true);
  first.join();
  second.join();
  const std::string text = scratch.text("out.csv");
  EXPECT_EQ(lines_of(text), 1u + 2 * kDocuments);
  for (int i = 0; i < kDocuments; ++i) EXPECT_THAT(text, HasSubstr("\n" + std::to_string(i) + ",post,"));
}

TEST(CsvOutput, KilledAtRandomMoments_HoldsEveryDocumentOnce) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "out.csv";
  constexpr int kDocuments = 150;
  const auto deliver_all = [&] {
    CsvOutput output(path, {});
    for (int i = 0; i < kDocuments; ++i) output.deliver(sample_outcome(std::to_string(i)));
  };
  std::mt19937 random(20260101);
  for (int round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      deliver_all();
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(200, 30000)(random)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  deliver_all();
  std::istringstream text(scratch.text("out.csv"));
  std::map<std::string, int> rows;
  for (std::string line; std::getline(text, line);) ++rows[line.substr(0, line.find(','))];
  EXPECT_EQ(rows.size(), kDocuments + 1u);
  EXPECT_EQ(rows["document_id"], 1);
  for (int i = 0; i < kDocuments; ++i) EXPECT_EQ(rows[std::to_string(i)], 2) << i;
}

}  // namespace
}  // namespace inkfield::watch_folder
