// Claims, journal, messages and the work queue of the watch-folder service.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "adapters/hosts/watch_folder/claims.h"
#include "adapters/hosts/watch_folder/content_hash.h"
#include "adapters/hosts/watch_folder/document_reading.h"
#include "adapters/hosts/watch_folder/journal.h"
#include "adapters/hosts/watch_folder/message.h"
#include "adapters/hosts/watch_folder/status_board.h"
#include "adapters/hosts/watch_folder/work_queue.h"
#include "tests/scratch_folder.h"

namespace inkfield::watch_folder {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Parts : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_ / "in" / ".inkfieldd"); }
  void write(const fs::path& path, const std::string& text) const { std::ofstream(root_ / path) << text; }
  Claims claims_of(const std::string& owner) const { return Claims(root_ / "in", owner, 10s); }

  tests::ScratchFolder scratch_;
  const fs::path& root_ = scratch_.path();
  Clock::time_point start_ = Clock::now();
};

using ClaimsTest = Parts;
using JournalTest = Parts;
using ReadingTest = Parts;

TEST_F(ClaimsTest, File_IsClaimedByOneOnly) {
  write("in/a.png", "x");
  Claims one = claims_of("one");
  Claims two = claims_of("two");
  const std::optional<Claim> claim = one.claim("a.png");
  ASSERT_TRUE(claim.has_value());
  EXPECT_TRUE(Claims::holds(*claim));
  EXPECT_EQ(two.claim("a.png"), std::nullopt);
  EXPECT_FALSE(fs::exists(root_ / "in/a.png"));
  ASSERT_THAT(one.own(), SizeIs(1));
  EXPECT_EQ(one.own()[0].id, claim->id);
  EXPECT_EQ(one.own()[0].name, "a.png");
  EXPECT_THAT(two.own(), IsEmpty());  // and the claim that came to nothing is gone
  fs::remove(claim->document());
  Claims::finish(*claim);
  EXPECT_THAT(one.own(), IsEmpty());
}

TEST_F(ClaimsTest, FileInASubfolder_KeepsItsSubfolder) {
  fs::create_directory(root_ / "in/monday");
  write("in/monday/a.png", "x");
  Claims one = claims_of("one");
  ASSERT_TRUE(one.claim("monday/a.png").has_value());
  ASSERT_THAT(one.own(), SizeIs(1));
  EXPECT_EQ(one.own()[0].subfolder(), "monday");
  EXPECT_EQ(one.own()[0].file_name(), "a.png");
}

TEST_F(ClaimsTest, SilentOwner_LosesItsClaimsAfterTheLeaseAndTheyKeepTheirIds) {
  write("in/a.png", "x");
  Claims dead = claims_of("dead");
  dead.beat();
  const std::optional<Claim> claim = dead.claim("a.png");
  Claims other = claims_of("other");
  other.beat();
  EXPECT_THAT(other.adopt(start_), IsEmpty());
  EXPECT_THAT(other.adopt(start_ + 9s), IsEmpty());
  const std::vector<Claim> adopted = other.adopt(start_ + 10s);
  ASSERT_THAT(adopted, SizeIs(1));
  EXPECT_EQ(adopted[0].id, claim->id);
  EXPECT_TRUE(Claims::holds(adopted[0]));
  EXPECT_FALSE(Claims::holds(*claim));  // who was only asleep sees that it is not his any more
  EXPECT_FALSE(fs::exists(root_ / "in/.inkfieldd/dead"));
  write("in/b.png", "x");
  EXPECT_TRUE(dead.claim("b.png").has_value());
}

TEST_F(ClaimsTest, BeatingOwner_KeepsItsClaimsEvenWhenItsClockGoesBack) {
  write("in/a.png", "x");
  Claims alive = claims_of("alive");
  alive.beat();
  ASSERT_TRUE(alive.claim("a.png").has_value());
  Claims other = claims_of("other");
  for (int i = 0; i < 5; ++i) {
    fs::last_write_time(root_ / "in/.inkfieldd/alive/heartbeat", fs::file_time_type::clock::now() - std::chrono::hours(i));
    EXPECT_THAT(other.adopt(start_ + i * 9s), IsEmpty());
  }
  EXPECT_THAT(alive.own(), SizeIs(1));
}

TEST_F(ClaimsTest, ClaimWithAReadingButNoDocument_IsKnownAsFiled) {
  fs::create_directories(root_ / "in/.inkfieldd/one/0123");
  write("in/.inkfieldd/one/0123/.outcome", "x");
  fs::create_directories(root_ / "in/.inkfieldd/one/4567");
  Claims one = claims_of("one");
  ASSERT_THAT(one.own(), SizeIs(1));
  EXPECT_EQ(one.own()[0].name, "");
  EXPECT_FALSE(fs::exists(root_ / "in/.inkfieldd/one/4567"));
}

TEST_F(JournalTest, Owner_StaysTheSame) {
  std::string owner;
  {
    const Journal journal(root_ / "state");
    owner = journal.owner();
    EXPECT_THAT(owner, testing::MatchesRegex("[A-Za-z0-9-]+"));
  }
  EXPECT_EQ(Journal(root_ / "state").owner(), owner);
}

TEST_F(JournalTest, StateInUse_IsRefused) {
  const Journal journal(root_ / "state");
  EXPECT_THROW(Journal(root_ / "state"), JournalError);
}

TEST_F(JournalTest, StateOfAServiceThatJustDied_IsWaitedFor) {
  auto before = std::make_unique<Journal>(root_ / "state");
  std::thread death([&] {
    std::this_thread::sleep_for(200ms);
    before.reset();
  });
  EXPECT_NO_THROW(Journal(root_ / "state"));
  death.join();
}

TEST_F(JournalTest, FileThatIsNoJournal_IsTold) {
  fs::create_directories(root_ / "state");
  write("state/journal.sqlite", std::string(4096, 'x'));
  try {
    const Journal journal(root_ / "state");
    FAIL();
  } catch (const JournalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("journal.sqlite"));
  }
}

TEST_F(JournalTest, Way_IsWrittenDownStepByStep) {
  Journal journal(root_ / "state");
  journal.note_claimed("id1", "post", "a\n.png");
  EXPECT_EQ(journal.entry("id1")->state, "claimed");
  EXPECT_EQ(journal.begin_reading("id1", "post", "hash", "templates", "model", true), std::nullopt);
  EXPECT_EQ(journal.begin_reading("id1", "post", "hash", "templates", "model", true), std::nullopt);  // after a crash
  journal.note_read("id1", "review", "not sure", 2);
  journal.note_filed("id1", "review", "a.png");
  const JournalEntry entry = journal.entry("id1").value();
  EXPECT_EQ(entry.state, "review");
  EXPECT_EQ(entry.attempts, 2);
  EXPECT_EQ(entry.name, "a\\n.png");
  EXPECT_EQ(entry.content_hash, "hash");
  EXPECT_EQ(entry.template_hash, "templates");
  EXPECT_EQ(entry.model_hash, "model");
  EXPECT_EQ(entry.reason, "not sure");
  EXPECT_EQ(entry.filed_as, "a.png");
  EXPECT_EQ(journal.entry("id2"), std::nullopt);
}

TEST_F(JournalTest, SecondOfTwoWithTheSameContent_IsTheCopyWhateverTheOrderOfRestarts) {
  Journal journal(root_ / "state");
  for (const char* id : {"first", "second", "elsewhere", "asked"}) journal.note_claimed(id, "post", "a.png");
  EXPECT_EQ(journal.begin_reading("first", "post", "h", "", "", true), std::nullopt);
  EXPECT_EQ(journal.begin_reading("second", "post", "h", "", "", true), "first");
  // Both were under way when the power went.
  EXPECT_EQ(journal.begin_reading("second", "post", "h", "", "", true), "first");
  EXPECT_EQ(journal.begin_reading("first", "post", "h", "", "", true), std::nullopt);
  EXPECT_EQ(journal.begin_reading("elsewhere", "another folder", "h", "", "", true), std::nullopt);
  EXPECT_EQ(journal.begin_reading("asked", "post", "h", "", "", false), std::nullopt);
}

TEST_F(JournalTest, FailedOrGivenUpDocument_HasNoCopies) {
  Journal journal(root_ / "state");
  for (const char* id : {"failed", "lost", "new"}) journal.note_claimed(id, "post", "a.png");
  journal.begin_reading("failed", "post", "h", "", "", true);
  journal.note_filed("failed", "failed", "a.png");
  journal.begin_reading("lost", "post", "h", "", "", true);
  journal.note_given_up("lost");
  EXPECT_EQ(journal.begin_reading("new", "post", "h", "", "", true), std::nullopt);
}

TEST(Message, AnyBytes_ComeBackAsTheyWere) {
  const Message message = {"", std::string("\0\xFF\n", 3), std::string(70'000, 'x'), "end"};
  const std::string bytes = packed(message);
  EXPECT_EQ(unpacked(bytes), message);
  MessageReader reader;
  std::vector<Message> got;
  for (const char byte : bytes + packed({"next"})) {
    reader.take(std::string_view(&byte, 1));
    while (std::optional<Message> whole = reader.next()) got.push_back(*whole);
  }
  EXPECT_EQ(got, (std::vector<Message>{message, {"next"}}));
}

TEST(Message, DamagedBytes_AreNoMessage) {
  const std::string bytes = packed({"one", "two"});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_EQ(unpacked(bytes.substr(0, cut)), std::nullopt) << cut;
  EXPECT_EQ(unpacked(bytes + 'x'), std::nullopt);
  EXPECT_EQ(unpacked("\xFF\xFF\xFF\xFF"), std::nullopt);
  EXPECT_EQ(unpacked(std::string("\x05\0\0\0\x09\0\0\0x", 9)), std::nullopt);
}

TEST_F(ReadingTest, SavedReading_ComesBackWhole) {
  DocumentReading reading;
  reading.outcome.document_id = "id";
  reading.outcome.folder = "post";
  reading.outcome.name = "a\xFF.png";
  PageReading page;
  page.outcome = {1, "read", "cheque", "why", {{"amount", "handwritten_number", "review", "12", "12.00", "faint", 0.1}}, "{}"};
  page.weight = PageWeight::needs_person;
  page.record = "{\"page\":1}";
  Message sent = message_of(page);
  MessageWalk walk(sent, 1);
  conclude(reading, {page_reading_of(walk)}, "");
  save(reading, root_ / "outcome");
  const DocumentReading back = saved_reading(root_ / "outcome").value();
  EXPECT_EQ(back.outcome.name, reading.outcome.name);
  EXPECT_EQ(back.outcome.destination, Destination::review);
  EXPECT_THAT(back.outcome.reasons, testing::ElementsAre("why", "field amount: faint"));
  ASSERT_THAT(back.outcome.pages, SizeIs(1));
  EXPECT_EQ(back.outcome.pages[0].fields[0].confidence, 0.1);
  EXPECT_EQ(result_json_of(back), result_json_of(reading));
  EXPECT_TRUE(result_json_of(back).starts_with(beginning_of_result("id")));
  fs::resize_file(root_ / "outcome", fs::file_size(root_ / "outcome") - 1);
  EXPECT_FALSE(saved_reading(root_ / "outcome").has_value());
}

TEST_F(ReadingTest, ContentHash_IsSha256OfTheBytes) {
  write("a", "abc");
  EXPECT_EQ(content_hash(root_ / "a"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  fs::create_symlink(root_ / "a", root_ / "link");
  EXPECT_THROW(content_hash(root_ / "link"), std::system_error);
  EXPECT_THROW(content_hash(root_ / "none"), std::system_error);
}

TEST(WorkQueue, WorkPutBack_ComesAgainAfterItsRest) {
  WorkQueue queue([] {});
  queue.add({{"1", "", "a.png"}, 0, 0, 0});
  queue.add({{"2", "", "b.png"}, 1, 0, 0});
  const std::stop_source stop;
  Work work = queue.take(stop.get_token()).value();
  EXPECT_EQ(work.claim.id, "1");
  queue.put_back(work, 1h);
  EXPECT_EQ(queue.counts(0).resting, 1u);
  EXPECT_EQ(queue.counts(1).waiting, 1u);
  EXPECT_TRUE(queue.wake_rested(Clock::now()).has_value());
  EXPECT_EQ(queue.counts(0).waiting, 0u);
  EXPECT_EQ(queue.wake_rested(Clock::now() + 2h), std::nullopt);
  queue.finish(queue.take(stop.get_token()).value());
  EXPECT_EQ(queue.take(stop.get_token())->claim.id, "1");
  EXPECT_EQ(queue.counts().all(), 1u);
}

TEST(WorkQueue, StopRequested_GivesNothing) {
  WorkQueue queue([] {});
  queue.add({{"1", "", "a.png"}, 0, 0, 0});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(queue.take(stop.get_token()).has_value());
  EXPECT_EQ(queue.counts().waiting, 1u);
}

TEST(StatusBoard, Snapshot_CountsDocumentsAndForms) {
  StatusBoard board;
  DocumentReading reading;
  reading.outcome.destination = Destination::review;
  reading.outcome.pages = {{1, "read", "cheque", "", {{"amount", "", "accepted", "1", "1", "", 1}}, ""}, {2, "read", "cheque", "", {{"amount", "", "review", "1", "1", "", 1}}, ""}};
  board.note_filed("post", reading);
  DocumentReading copy;
  copy.duplicate_of = "x";
  board.note_filed("post", copy);
  board.note_pages(2);
  board.note_error("disk\nfull");
  const ServiceStatus status = board.snapshot();
  ASSERT_THAT(status.folders, SizeIs(1));
  EXPECT_EQ(status.folders[0].review, 1u);
  EXPECT_EQ(status.folders[0].duplicates, 1u);
  ASSERT_THAT(status.forms, SizeIs(1));
  EXPECT_EQ(status.forms[0].read, 2u);
  EXPECT_EQ(status.forms[0].review, 1u);
  ASSERT_THAT(status.last_errors, SizeIs(1));
  EXPECT_THAT(status.last_errors[0], HasSubstr("disk\\nfull"));
  EXPECT_GT(status.pages_per_minute, 0);
  board.note_trouble("post", "the folder is gone");
  EXPECT_THAT(board.snapshot().troubles, testing::ElementsAre("the folder is gone"));
  board.note_trouble("post", "");
  EXPECT_THAT(board.snapshot().troubles, IsEmpty());
}

}  // namespace
}  // namespace inkfield::watch_folder
