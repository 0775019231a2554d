// The service `inkfieldd` end to end, with the stand-in plugin.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/blackbox/program_run.h"

namespace inkfield::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class WatchFolder : public testing::Test {
 protected:
  WatchFolder() {
    scratch_.write("form_a.json", "{}");
    fs::create_directories(scratch_.path() / "in");
    configure("");
  }
  void configure(const std::string& more) const {
    scratch_.write("inkfieldd.properties",
                   "settle_ms = 100\npoll_ms = 100\nretry_ms = 100\nworkers = 1\nstate = state\nfolder.a.watch = in\nfolder.a.templates = form_a.json\n" + more);
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {INKFIELDD_PROGRAM, "--config=" + (scratch_.path() / "inkfieldd.properties").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished once() const { return run(command({"--once"}), environment_); }
  void drop(const std::string& name, const std::string& pages) const { scratch_.write("in/" + name, "stand-in\n" + pages); }

  Scratch scratch_;
  /// What is being worked on in the watched folder has been claimed by somebody.
  bool wait_for_claim(const std::string& name) const {
    for (int i = 0; i < 500; ++i) {
      std::error_code error;
      for (fs::recursive_directory_iterator entry(scratch_.path() / "in/.inkfieldd", error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename() == name) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  const Environment environment_ = {{"INKFIELD_LIBRARY", INKFIELD_STAND_IN}, {"XDG_STATE_HOME", scratch_.path() / "state_home"}};
};

TEST_F(WatchFolder, Once_FilesEveryDocumentWhereItBelongs) {
  drop("good.tif", "accepted\naccepted\n");
  drop("review.png", "accepted\nreview\n");
  drop("unknown.png", "unknown\n");
  drop("damaged.tif", "accepted\nbroken\naccepted\n");
  scratch_.write("in/nonsense.png", "no picture");
  scratch_.write("in/empty.png", "");
  const Finished result = once();
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_TRUE(scratch_.has("in.out/done/good.tif"));
  EXPECT_FALSE(scratch_.has("in.out/done/good.tif.reason.txt"));
  const json good = json::parse(scratch_.text("in.out/done/good.tif.json"));
  EXPECT_EQ(good["file"], "good.tif");
  EXPECT_EQ(good["outcome"], "done");
  ASSERT_EQ(good["pages"].size(), 2u);
  EXPECT_EQ(good["pages"][1]["page"], 2);
  EXPECT_EQ(good["pages"][1]["result"]["stand_in"], "accepted");
  EXPECT_EQ(scratch_.text("in.out/review/review.png.reason.txt"), "page 2: field number: not sure enough\n");
  EXPECT_EQ(json::parse(scratch_.text("in.out/review/review.png.json"))["outcome"], "review");
  EXPECT_EQ(scratch_.text("in.out/review/unknown.png.reason.txt"), "unknown_form: fits none\n");
  EXPECT_EQ(scratch_.text("in.out/failed/damaged.tif.reason.txt"), "page 2: is damaged\n");
  EXPECT_EQ(json::parse(scratch_.text("in.out/failed/damaged.tif.json"))["pages"].size(), 3u);
  EXPECT_EQ(scratch_.text("in.out/failed/nonsense.png.reason.txt"), "is no picture\n");
  EXPECT_EQ(scratch_.text("in.out/failed/nonsense.png"), "no picture");
  EXPECT_TRUE(scratch_.has("in.out/failed/empty.png.reason.txt"));
  EXPECT_THAT(result.err, HasSubstr("good.tif: 2 pages, filed as done/good.tif"));
}

TEST_F(WatchFolder, DocumentForReview_HasPicturesOfItsFieldsBesideIt) {
  drop("review.png", "accepted\nreview\nreview\n");
  drop("good.png", "accepted\n");
  drop("unknown.png", "unknown\n");
  drop("failed.png", "review\nbroken\n");
  const Finished result = once();
  const json fields = json::parse(scratch_.text("in.out/review/review.png.pictures/fields.json"));
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[1]["page"], 3);
  EXPECT_EQ(fields[1]["field"], "number");
  EXPECT_EQ(fields[1]["reason"], "not sure enough");
  EXPECT_EQ(fields[1]["picture"], "3-number.png");
  EXPECT_TRUE(scratch_.text("in.out/review/review.png.pictures/3-number.png").starts_with("\x89PNG"));
  EXPECT_TRUE(scratch_.has("in.out/review/review.png.pictures/2-number.png"));
  EXPECT_FALSE(scratch_.has("in.out/review/review.png.pictures/1-number.png"));
  // Nowhere else, and nothing of them is left behind.
  EXPECT_FALSE(scratch_.has("in.out/review/unknown.png.pictures"));
  EXPECT_FALSE(scratch_.has("in.out/failed/failed.png.pictures"));
  EXPECT_TRUE(scratch_.has("in.out/failed/failed.png"));
  for (const auto& entry : fs::recursive_directory_iterator(scratch_.path() / "in/.inkfieldd")) {
    EXPECT_EQ(entry.path().string().find("pictures"), std::string::npos) << entry.path();
  }
  // A second document of that name gets its own.
  drop("review.png", "review\n");
  once();
  EXPECT_EQ(json::parse(scratch_.text("in.out/review/review-2.png.pictures/fields.json")).size(), 1u) << result.err;
  EXPECT_EQ(json::parse(scratch_.text("in.out/review/review.png.pictures/fields.json")).size(), 2u);
}

TEST_F(WatchFolder, ReviewPicturesNotWanted_AreNotMade) {
  configure("folder.a.review_pictures = no\n");
  drop("review.png", "review\n");
  EXPECT_EQ(once().status, 3);
  EXPECT_TRUE(scratch_.has("in.out/review/review.png"));
  EXPECT_FALSE(scratch_.has("in.out/review/review.png.pictures"));
  EXPECT_THAT(run(command({"--check-config"}), environment_).out, HasSubstr("folder.a.review_pictures = no  (" + (scratch_.path() / "inkfieldd.properties").string() + ")"));
}

TEST_F(WatchFolder, PicturesThatCannotBeCut_DoNotHoldUpTheDocument) {
  drop("a.png", "fleeting\n");
  drop("b.png", "accepted\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_TRUE(scratch_.has("in.out/review/a.png"));
  EXPECT_FALSE(scratch_.has("in.out/review/a.png.pictures"));
  EXPECT_TRUE(scratch_.has("in.out/done/b.png"));
  EXPECT_THAT(result.err, HasSubstr("a.png: no pictures of its fields for review/: its worker was ended by"));
}

TEST_F(WatchFolder, Once_ExitStatusIsThatOfTheGravestDocument) {
  EXPECT_EQ(once().status, 0);
  drop("good.png", "accepted\n");
  EXPECT_EQ(once().status, 0);
  drop("review.png", "review\n");
  EXPECT_EQ(once().status, 3);
}

TEST_F(WatchFolder, Once_EndsWithCountsOfWhatItDid) {
  drop("good.png", "accepted\naccepted\n");
  drop("review.png", "review\n");
  drop("damaged.png", "accepted\nbroken\n");
  ASSERT_EQ(once().status, 1);
  drop("copy.png", "accepted\naccepted\n");
  drop("good.png", "accepted\n# another\n");
  drop("nonsense.png", "wrong\n");
  scratch_.write("in/nonsense.png", "no picture");
  const Finished result = once();
  EXPECT_THAT(result.out, testing::MatchesRegex("documents 3, pages 1, done 1, review 0, failed 1, duplicates 1, seconds [0-9]+\\.[0-9]\n")) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("to go")));  // no terminal
  EXPECT_THAT(once().out, testing::StartsWith("documents 0, pages 0, done 0,"));
}

TEST_F(WatchFolder, OnceOnATerminal_ShowsHowFarItIs) {
  const std::string script = "/usr/bin/script";  // gives a terminal to what it runs
  if (!fs::exists(script)) GTEST_SKIP() << "no program `script`";
  std::string line;
  for (const std::string& word : command({"--once"})) line += '\'' + word + "' ";
  drop("review.png", "review\n");
  const Finished shown = run({script, "-qefc", line, "/dev/null"}, environment_);
  EXPECT_EQ(shown.status, 3) << shown.out;
  EXPECT_THAT(shown.out, HasSubstr("\r0 documents, 0 pages read; 0 to go"));
  EXPECT_THAT(shown.out, HasSubstr("documents 1, pages 1, done 0, review 1,"));
  const Finished plain = run({script, "-qefc", line + "2>/dev/null", "/dev/null"}, environment_);
  EXPECT_THAT(plain.out, testing::StartsWith("documents 0,"));
}

TEST_F(WatchFolder, WrongUsage_Is2) {
  EXPECT_EQ(run({INKFIELDD_PROGRAM}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--frobnicate"}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--config=/nonexistent"}, environment_).status, 2);
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--once", "/nonexistent"}, environment_).status, 2);
  configure("folder.a.form = form_b\n");
  const Finished form = once();
  EXPECT_EQ(form.status, 2);
  EXPECT_THAT(form.err, HasSubstr("form_b"));
  configure("settle = 5\n");
  EXPECT_EQ(once().status, 2);
  configure("precision = int8\n");
  const Finished precision = once();
  EXPECT_EQ(precision.status, 2);
  EXPECT_THAT(precision.err, HasSubstr("the model has no ranges"));
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "--help"}, environment_).status, 0);
}

TEST_F(WatchFolder, PdfLimits_AreThoseOfTheFolder) {
  if (!fs::exists("/usr/bin/pdfinfo")) GTEST_SKIP() << "no poppler-utils";
  const auto pdf_of = [](const std::string& box, const std::string& catalog) {
    std::string pdf = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R" + catalog + ">>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>\nendobj\n";
    for (const char* number : {"3", "4"}) pdf += std::string(number) + " 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + box + "]>>\nendobj\n";
    return pdf + "trailer\n<</Root 1 0 R>>\n%%EOF\n";
  };
  const auto reason = [&](const std::string& settings, const std::string& pdf) {
    configure(settings);
    fs::remove_all(scratch_.path() / "in.out");
    scratch_.write("in/a.pdf", pdf);
    once();
    return scratch_.text("in.out/failed/a.pdf.reason.txt");
  };
  const std::string small = pdf_of("72 36", "");
  const std::string lively = pdf_of("72 36", "/OpenAction<</S/JavaScript/JS(app.alert)>>");
  // The stand-in knows no picture that is drawn; so it came that far.
  const std::string drawn = "is no picture";
  EXPECT_THAT(reason("", small), HasSubstr(drawn));
  EXPECT_THAT(reason("folder.a.pdf.pages = 1\n", small), HasSubstr("has 2 pages; at most 1 are read"));
  EXPECT_THAT(reason("", lively), HasSubstr("holds JavaScript"));
  EXPECT_THAT(reason("folder.a.pdf.active_content = ignore\n", lively), HasSubstr(drawn));
  EXPECT_THAT(reason("folder.a.pdf.dpi = 600\n", pdf_of("7200 7200", "")), HasSubstr("pixels at 600 dpi"));
  // A poppler that never ends.
  scratch_.write("bin/pdfinfo", "#!/bin/sh\nexec sleep 60\n");
  fs::permissions(scratch_.path() / "bin/pdfinfo", fs::perms::owner_all);
  configure("folder.a.pdf.seconds = 1\n");
  scratch_.write("in/slow.pdf", small + "%\n");
  Environment environment = environment_;
  environment["PATH"] = (scratch_.path() / "bin").string() + ":/usr/bin:/bin";
  run(command({"--once"}), environment);
  EXPECT_THAT(scratch_.text("in.out/failed/slow.pdf.reason.txt"), HasSubstr("takes longer than 1 s"));
}

TEST_F(WatchFolder, FoldersOnTheCommandLine_NeedNoConfiguration) {
  drop("good.png", "accepted\n");
  const Finished result = run({INKFIELDD_PROGRAM, "--once", "--templates", scratch_.path() / "form_a.json", "--output",
                          scratch_.path() / "out", scratch_.path() / "in"},
                         environment_);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(scratch_.has("out/done/good.png"));
}

TEST_F(WatchFolder, SecondFileOfTheSameName_ReplacesNothing) {
  drop("a.png", "accepted\n");
  once();
  drop("a.png", "accepted\naccepted\n");
  once();
  EXPECT_EQ(scratch_.text("in.out/done/a.png"), "stand-in\naccepted\n");
  EXPECT_EQ(scratch_.text("in.out/done/a-2.png"), "stand-in\naccepted\naccepted\n");
  EXPECT_EQ(json::parse(scratch_.text("in.out/done/a-2.png.json"))["pages"].size(), 2u);
}

TEST_F(WatchFolder, LinksPipesAndTemporaryNames_StayWhereTheyAre) {
  const std::string outside = scratch_.write("outside.png", "stand-in\naccepted\n");
  fs::create_symlink(outside, scratch_.path() / "in/link.png");
  ASSERT_EQ(::mkfifo((scratch_.path() / "in/pipe.png").c_str(), 0600), 0);
  drop(".hidden.png", "accepted\n");
  drop("half.png.part", "accepted\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char* name : {"in/link.png", "in/pipe.png", "in/.hidden.png", "in/half.png.part", "outside.png"}) {
    EXPECT_TRUE(scratch_.has(name)) << name;
  }
  EXPECT_THAT(result.err, HasSubstr("link.png: is no plain file"));
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "in.out/done"));
}

TEST_F(WatchFolder, LeftoversOfAnEarlierRun_AreTakenUpAgain) {
  scratch_.write("in/.inkfieldd/left.png", "stand-in\naccepted\n");
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in.out/done/left.png"));
  EXPECT_FALSE(scratch_.has("in/left.png"));
  EXPECT_FALSE(scratch_.has("in/.inkfieldd/left.png"));
}

TEST_F(WatchFolder, StrangeNames_AreFiledAndLogOneLine) {
  const std::string name = "a\nb\"c\xFF" "d.png";
  drop(name, "accepted\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(scratch_.has("in.out/done/" + name));
  EXPECT_TRUE(json::accept(scratch_.text("in.out/done/" + name + ".json")));
  EXPECT_THAT(result.err, HasSubstr("a\\nb\"c\\xffd.png: 1 page, filed"));
}

TEST_F(WatchFolder, Service_TakesFilesOnceTheyAreWholeAndStopsCleanly) {
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  EXPECT_TRUE(scratch_.wait_for("in.out/done/a.png"));
  EXPECT_TRUE(scratch_.has("in.out/done/a.png.json"));
  // Grows for longer than the settle time, never resting that long.
  std::ofstream growing(scratch_.path() / "in/growing.png");
  growing << "stand-in\n" << std::flush;
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    growing << "accepted\n" << std::flush;
  }
  growing.close();
  EXPECT_TRUE(scratch_.wait_for("in.out/done/growing.png"));
  EXPECT_EQ(json::parse(scratch_.text("in.out/done/growing.png.json"))["pages"].size(), 20u);
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(2000), 0);
  EXPECT_THAT(scratch_.text("log"), HasSubstr("ended"));
}

TEST_F(WatchFolder, StopWhileReading_LeavesTheDocumentForTheNextStart) {
  drop("slow.png", "slow\n");
  {
    Background service(command(), environment_, scratch_.path() / "log");
    ASSERT_TRUE(wait_for_claim("slow.png"));
    service.send(SIGTERM);
    EXPECT_EQ(service.wait(2000), 0);
  }
  EXPECT_TRUE(wait_for_claim("slow.png"));
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "in.out/failed"));
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in.out/done/slow.png"));
}

TEST_F(WatchFolder, SecondServiceWithTheSameState_IsRefused) {
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  ASSERT_TRUE(scratch_.wait_for("in.out/done/a.png"));
  const Finished second = once();
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("another service"));
}

TEST_F(WatchFolder, SameContentTwice_IsReadOnceAndMarked) {
  drop("a.png", "accepted\n");
  ASSERT_EQ(once().status, 0);
  drop("b.png", "accepted\n");
  ASSERT_EQ(once().status, 0);
  EXPECT_FALSE(scratch_.has("in.out/done/b.png"));
  ASSERT_TRUE(scratch_.has("in.out/duplicates/b.png"));
  const json copy = json::parse(scratch_.text("in.out/duplicates/b.png.json"));
  EXPECT_EQ(copy["outcome"], "duplicate");
  EXPECT_EQ(copy["duplicate_of"], json::parse(scratch_.text("in.out/done/a.png.json"))["document_id"]);
  configure("folder.a.duplicates = read\n");
  drop("c.png", "accepted\n");
  ASSERT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in.out/done/c.png"));
}

TEST_F(WatchFolder, FailedDocumentDroppedAgain_IsReadAgain) {
  drop("a.png", "broken\n");
  EXPECT_EQ(once().status, 1);
  drop("a.png", "broken\n");
  EXPECT_EQ(once().status, 1);
  EXPECT_TRUE(scratch_.has("in.out/failed/a-2.png"));
}

TEST_F(WatchFolder, Markers_AreWaitedForAndRemoved) {
  configure("folder.a.marker = .done\n");
  drop("a.png", "accepted\n");
  drop("b.png", "accepted\n# b\n");
  scratch_.write("in/b.png.done", "");
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in/a.png"));
  EXPECT_TRUE(scratch_.has("in.out/done/b.png"));
  EXPECT_FALSE(scratch_.has("in/b.png.done"));
}

TEST_F(WatchFolder, Subfolders_NameBatchesOrForms) {
  configure("folder.a.subfolders = batch\n");
  scratch_.write("in/monday/a.png", "stand-in\naccepted\n");
  scratch_.write("in/.hidden/b.png", "stand-in\naccepted\n# b\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 0) << result.err;
  ASSERT_TRUE(scratch_.has("in.out/done/monday/a.png"));
  EXPECT_EQ(json::parse(scratch_.text("in.out/done/monday/a.png.json"))["batch"], "monday");
  EXPECT_TRUE(scratch_.has("in/.hidden/b.png"));
  configure("");
  scratch_.write("in/tuesday/c.png", "stand-in\naccepted\n# c\n");
  EXPECT_EQ(once().status, 0);
  EXPECT_TRUE(scratch_.has("in/tuesday/c.png"));
}

TEST_F(WatchFolder, CheckConfig_ExplainsEveryKeyAndChangesNothing) {
  const Finished result = run(command({"--check-config"}), environment_);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("settle_ms = 100  (" + (scratch_.path() / "inkfieldd.properties").string() + ")"));
  EXPECT_THAT(result.out, HasSubstr("lease_ms = 60000  (default)"));
  EXPECT_THAT(result.out, HasSubstr("folder.a.output = " + (scratch_.path() / "in.out").string() + "  (default)"));
  EXPECT_THAT(result.out, HasSubstr("# folder a reads form_a"));
  EXPECT_FALSE(scratch_.has("in.out"));
  EXPECT_FALSE(scratch_.has("state"));
  scratch_.write("form_a.json", "bad");
  const Finished bad = run(command({"--check-config"}), environment_);
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr((scratch_.path() / "form_a.json").string() + ": /fields/0: is bad"));
}

TEST_F(WatchFolder, Outputs_GetEachDocumentAndTheAuditTrailEachDecision) {
  configure("audit = audit.log\nlog = service.log\nfolder.a.outputs = csv, sqlite, command\nfolder.a.csv.file = rows.csv\nfolder.a.sqlite.file = rows.sqlite\n"
            "folder.a.command.program = /bin/true\n");
  drop("good.png", "accepted\n");
  drop("review.png", "review\n");
  scratch_.write("in/locked.pdf", "%PDF-1.4 nonsense");
  const Finished result = once();
  EXPECT_EQ(result.status, 1) << result.err;
  const std::string rows = scratch_.text("rows.csv");
  for (const char* name : {"good.png", "review.png", "locked.pdf"}) EXPECT_THAT(rows, HasSubstr(name));
  EXPECT_TRUE(scratch_.has("rows.sqlite"));
  EXPECT_THAT(scratch_.text("in.out/failed/locked.pdf.reason.txt"), HasSubstr("PDF"));
  const std::string audit = scratch_.text("audit.log");
  EXPECT_THAT(audit, HasSubstr("\"decision\":\"done\""));
  EXPECT_THAT(audit, HasSubstr("\"decision\":\"review\""));
  EXPECT_THAT(audit, HasSubstr("\"decision\":\"failed\""));
  EXPECT_THAT(scratch_.text("service.log"), HasSubstr("good.png: 1 page, filed as done/good.png"));
}

TEST_F(WatchFolder, OutputThatRefusesADocument_FailsItWithTheReason) {
  configure("folder.a.outputs = command\nfolder.a.command.program = /bin/false\n");
  drop("good.png", "accepted\n");
  EXPECT_EQ(once().status, 1);
  EXPECT_THAT(scratch_.text("in.out/failed/good.png.reason.txt"), HasSubstr("an output refused it"));
  EXPECT_EQ(json::parse(scratch_.text("in.out/failed/good.png.json"))["outcome"], "failed");
}

TEST_F(WatchFolder, DatabaseThatIsGone_MakesDocumentsWaitUntilItIsBack) {
  configure("folder.a.outputs = sqlite\nfolder.a.sqlite.file = base/rows.sqlite\n");
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  for (int i = 0; i < 500 && scratch_.text("log").find("tried again later") == std::string::npos; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(scratch_.text("log"), HasSubstr("a.png: cannot be filed, tried again later"));
  EXPECT_FALSE(scratch_.has("in.out/done/a.png"));
  fs::create_directories(scratch_.path() / "base");
  EXPECT_TRUE(scratch_.wait_for("in.out/done/a.png")) << scratch_.text("log");
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(5000), 0);
}

TEST_F(WatchFolder, OutputFileInsideAWatchedFolder_IsRefused) {
  configure("folder.a.outputs = csv\nfolder.a.csv.file = in/rows.csv\n");
  const Finished result = once();
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("lies in the watched folder"));
  configure("folder.a.output = in/out\n");
  EXPECT_EQ(once().status, 2);
}

TEST_F(WatchFolder, Status_IsToldAtItsPort) {
  configure("status_port = 19471\n");
  Background service(command(), environment_, scratch_.path() / "log");
  drop("a.png", "accepted\n");
  ASSERT_TRUE(scratch_.wait_for("in.out/done/a.png")) << scratch_.text("log");
  const Finished status = run({INKFIELDD_PROGRAM, "status", "19471"}, environment_);
  EXPECT_EQ(status.status, 0) << status.err;
  EXPECT_THAT(status.out, HasSubstr("form_a"));
  EXPECT_EQ(run({INKFIELDD_PROGRAM, "status", "nowhere"}, environment_).status, 2);
}

TEST_F(WatchFolder, Hangup_TakesNewSettingsAndKeepsTheOldIfTheyAreBad) {
  Background service(command(), environment_, scratch_.path() / "log");
  const auto logged = [&](const std::string& text) {
    for (int i = 0; i < 500 && scratch_.text("log").find(text) == std::string::npos; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return scratch_.text("log").find(text) != std::string::npos;
  };
  ASSERT_TRUE(logged("watched; results go to"));
  // Bad templates: the copies of the old ones stay in use, also in a worker that starts later.
  scratch_.write("form_a.json", "ill");
  service.send(SIGHUP);
  ASSERT_TRUE(logged("the old configuration and templates stay in use"));
  drop("a.png", "crash\n");
  EXPECT_TRUE(scratch_.wait_for("in.out/failed/a.png"));
  drop("b.png", "accepted\n# b\n");
  EXPECT_TRUE(scratch_.wait_for("in.out/done/b.png")) << scratch_.text("log");
  scratch_.write("form_a.json", "{}");
  fs::create_directories(scratch_.path() / "more");
  configure("folder.b.watch = more\nfolder.b.templates = form_a.json\n");
  service.send(SIGHUP);
  ASSERT_TRUE(logged("the new configuration and templates are in use"));
  scratch_.write("more/c.png", "stand-in\naccepted\n# c\n");
  EXPECT_TRUE(scratch_.wait_for("more.out/done/c.png"));
  drop("d.png", "accepted\n# d\n");
  EXPECT_TRUE(scratch_.wait_for("in.out/done/d.png"));
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(5000), 0);
}

TEST_F(WatchFolder, OutputThatCannotBeWritten_KeepsTheDocument) {
  drop("first.png", "accepted\n");
  ASSERT_EQ(once().status, 0);
  // A file where the folder should be: fails for root, too.
  fs::remove_all(scratch_.path() / "in.out/done");
  drop("a.png", "accepted\n# a\n");
  Background service(command(), environment_, scratch_.path() / "log");
  ASSERT_TRUE(scratch_.wait_for("in.out/done/a.png"));
  fs::remove_all(scratch_.path() / "in.out/done");
  scratch_.write("in.out/done", "not a folder");
  drop("b.png", "accepted\n# b\n");
  for (int i = 0; i < 200 && scratch_.text("log").find("cannot be filed") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(scratch_.text("log"), HasSubstr("b.png: cannot be filed"));
  EXPECT_TRUE(wait_for_claim("b.png"));
  fs::remove(scratch_.path() / "in.out/done");
  EXPECT_TRUE(scratch_.wait_for("in.out/done/b.png"));  // mended, and it goes on
  service.send(SIGTERM);
  EXPECT_EQ(service.wait(2000), 0);
}

TEST_F(WatchFolder, Log_HoldsNoFieldValues) {
  drop("formula.png", "formula\n");
  EXPECT_THAT(once().err, Not(HasSubstr("=1+1")));
}

}  // namespace
}  // namespace inkfield::tests
