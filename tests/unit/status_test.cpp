// Status over HTTP, metrics, logs, audit, and word to systemd.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <thread>

#include "adapters/hosts/watch_folder/status/service_log.h"
#include "adapters/hosts/watch_folder/status/service_manager.h"
#include "adapters/hosts/watch_folder/status/status_server.h"
#include "adapters/hosts/watch_folder/status/status_text.h"
#include "tests/unit/outputs_sample.h"

namespace inkfield::watch_folder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ServiceStatus sample_status() {
  ServiceStatus status;
  status.version = "0.1.0";
  status.started_at = "2026-01-02T03:04:05Z";
  status.pages_per_minute = 12.25;
  FolderStatus post;
  post.name = "po\"st\\\n";
  post.waiting = 3;
  post.working = 2;
  post.done = 100;
  post.review = 7;
  post.failed = 1;
  post.duplicates = 4;
  post.oldest_waiting_s = 90.5;
  status.folders = {post};
  status.forms = {{"cheque", 120, 9, 0}, {"", 3, 3, 0}};
  status.last_errors = {"scan\x1b[31m.png: is no image"};
  return status;
}

struct Reply {
  int status = 0;
  std::string type, text;
};

Reply ask(std::uint16_t port, const std::string& path, const std::string& method = "GET") {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::istream& in = session.receiveResponse(response);
  std::ostringstream text;
  text << in.rdbuf();
  return {static_cast<int>(response.getStatus()), response.getContentType(), text.str()};
}

TEST(StatusServer, Paths_AnswerWhatTheyPromise) {
  ServiceStatus status = sample_status();
  const StatusServer server(0, [&] { return status; });
  EXPECT_EQ(ask(server.port(), "/health").status, 200);
  EXPECT_EQ(ask(server.port(), "/metrics").type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ask(server.port(), "/metrics").text, metrics_text(status));
  EXPECT_EQ(nlohmann::json::parse(ask(server.port(), "/status?x=1").text)["folders"][0]["done"], 100);
  EXPECT_EQ(ask(server.port(), "/../etc/passwd").status, 404);
  EXPECT_EQ(ask(server.port(), "/status", "POST").status, 405);
  EXPECT_EQ(ask(server.port(), "/status", "HEAD").text, "");
  status.troubles = {"/srv/post: is gone"};
  EXPECT_EQ(ask(server.port(), "/health").status, 503);
  EXPECT_EQ(ask(server.port(), "/health").text, "/srv/post: is gone\n");
}

TEST(StatusServer, PortTaken_IsToldWithItsNumber) {
  const StatusServer first(0, sample_status);
  try {
    const StatusServer second(first.port(), sample_status);
    FAIL() << "two servers at one port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(first.port())));
  }
}

TEST(StatusServer, SnapshotThatThrows_IsAnswered500) {
  const StatusServer server(0, []() -> ServiceStatus { throw std::runtime_error("secret"); });
  const Reply reply = ask(server.port(), "/status");
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(reply.text, Not(HasSubstr("secret")));
}

TEST(StatusServer, ClientsThatHangOrTalkNonsense_DoNotStopIt) {
  const StatusServer server(0, sample_status);
  std::vector<Poco::Net::StreamSocket> hanging;
  hanging.emplace_back(Poco::Net::SocketAddress("127.0.0.1", server.port()));
  for (const std::string& nonsense : {std::string("\x16\x03\x01\x02\x00\x01", 6), std::string(100'000, 'A'), std::string("GET /status\r\n\r\n")}) {
    try {
      Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server.port()));
      socket.sendBytes(nonsense.data(), static_cast<int>(nonsense.size()));
    } catch (const Poco::Exception&) {
      // Hung up on; quite right.
    }
  }
  EXPECT_EQ(fetch_status(server.port()).folders.at(0).done, 100u);
}

TEST(FetchStatus, WhatTheServerKnows_ComesBackWhole) {
  const StatusServer server(0, sample_status);
  const ServiceStatus status = fetch_status(server.port());
  EXPECT_EQ(status_json(status), status_json(sample_status()));
  EXPECT_EQ(status.forms.at(0).read, 120u);
  EXPECT_EQ(status.folders.at(0).oldest_waiting_s, 90.5);
}

TEST(FetchStatus, NobodyThere_IsToldSo) {
  std::uint16_t port = 0;
  { port = StatusServer(0, sample_status).port(); }
  try {
    fetch_status(port);
    FAIL() << "an answer from nobody";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no inkfieldd answers"));
  }
  EXPECT_THROW(status_from_json("<html>"), std::invalid_argument);
  EXPECT_THROW(status_from_json("[]"), std::invalid_argument);
  EXPECT_THROW(status_from_json("{\"folders\":[{\"done\":\"many\"}]}"), std::invalid_argument);
}

TEST(Metrics, EveryLine_FollowsTheFormat) {
  const std::string text = metrics_text(sample_status());
  const std::regex comment(R"(# (HELP|TYPE) inkfield_[a-z_]+ .+)");
  const std::regex sample(R"re(inkfield_[a-z_]+(\{[a-z]+="([^"\\\n]|\\\\|\\"|\\n)*"(,[a-z]+="([^"\\\n]|\\\\|\\"|\\n)*")*\})? [0-9.e+-]+)re");
  std::istringstream lines(text);
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
    EXPECT_TRUE(seen.insert(line).second) << "twice: " << line;
  }
  EXPECT_THAT(text, HasSubstr("inkfield_documents_total{folder=\"po\\\"st\\\\\\\\n\",outcome=\"review\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("inkfield_oldest_waiting_seconds{folder=\"po\\\"st\\\\\\\\n\"} 90.5\n"));
  EXPECT_THAT(text, HasSubstr("inkfield_pages_total{form=\"cheque\"} 120\n"));
  EXPECT_THAT(text, HasSubstr("inkfield_healthy 1\n"));
}

TEST(StatusTable, Columns_LineUpAndNothingHostileIsPrinted) {
  ServiceStatus status = sample_status();
  status.folders[0].name = "post";
  status.troubles = {"/srv/post: is gone"};
  EXPECT_EQ(render_status_text(status),
            "inkfieldd 0.1.0, running since 2026-01-02T03:04:05Z, 12.2 pages a minute\n"
            "\n"
            "folder  waiting  oldest  working  done  review  failed  duplicates\n"
            "post          3    90 s        2   100       7       1           4\n"
            "\n"
            "form             pages  review  failed\n"
            "cheque             120       9       0\n"
            "(no known form)      3       3       0\n"
            "\n"
            "in the way now:\n"
            "  /srv/post: is gone\n"
            "\n"
            "last errors:\n"
            "  scan\\x1b[31m.png: is no image\n");
}

TEST(ServiceLog, Lines_AreJsonWhateverAFileIsCalled) {
  const ScratchFolder scratch;
  ServiceLog log({scratch.path() / "log"});
  log.write(LogLevel::warning, "filed", {{"file", "a\n{\"level\":\"error\"}\x1b\xff.png"}, {"pages", "2"}});
  log.write(LogLevel::info, "ended");
  std::istringstream lines(scratch.text("log"));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["file"], "a\\n{\"level\":\"error\"}\\x1b\\xff.png");
  EXPECT_TRUE(std::regex_match(json["time"].get<std::string>(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_FALSE(std::getline(lines, line));
  EXPECT_EQ(log_line(LogLevel::info, "x", {}, 1'767'323'045'007), "{\"time\":\"2026-01-02T03:04:05.007Z\",\"level\":\"info\",\"event\":\"x\"}");
}

TEST(ServiceLog, LargeFile_IsPutAsideAndOldOnesGo) {
  const ScratchFolder scratch;
  ServiceLog log({scratch.path() / "log", 2000, 3});
  for (int i = 0; i < 400; ++i) log.write(LogLevel::info, "filed", {{"number", std::to_string(i)}});
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    ++files;
    EXPECT_LT(std::filesystem::file_size(entry.path()), 2200u);
  }
  EXPECT_EQ(files, 4u);
  EXPECT_THAT(scratch.text("log") + scratch.text("log.0"), HasSubstr("\"399\""));
}

TEST(ServiceLog, DiskFull_DropsLinesAndGoesOnLater) {
  const ScratchFolder scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    ServiceLog log({scratch.path() / "log"});
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit full{1000, limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    for (int i = 0; i < 100; ++i) log.write(LogLevel::info, "filed", {{"number", std::to_string(i)}});
    ::setrlimit(RLIMIT_FSIZE, &limit);
    log.write(LogLevel::info, "room again");
    log.write(LogLevel::info, "and again");
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(scratch.text("log"), HasSubstr("\"0\""));
  EXPECT_THAT(scratch.text("log"), HasSubstr("and again"));
}

TEST(ServiceLog, FolderThatIsNotThere_IsTold) {
  EXPECT_THROW(ServiceLog({"/nowhere/log"}), std::runtime_error);
}

TEST(AuditTrail, Decision_HasFactsAndNoValues) {
  const ScratchFolder scratch;
  {
    AuditTrail audit(scratch.path() / "audit");
    audit.decided(sample_outcome("17"), "review");
  }
  scratch.write("audit", "{\"torn", std::ios::app);
  AuditTrail(scratch.path() / "audit").noted("deleted", {{"file", "a.png"}});
  std::istringstream lines(scratch.text("audit"));
  std::string line;
  std::getline(lines, line);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["document_id"], "17");
  EXPECT_EQ(json["decision"], "review");
  EXPECT_EQ(json["accepted_fields"], 1);
  EXPECT_EQ(json["other_fields"], nlohmann::json::parse("[\"1/amount: review\"]"));
  EXPECT_THAT(line, Not(HasSubstr("4217")));
  EXPECT_THAT(line, Not(HasSubstr("12.50")));
  std::getline(lines, line);
  EXPECT_EQ(line, "{\"torn");
  std::getline(lines, line);
  EXPECT_EQ(nlohmann::json::parse(line)["decision"], "deleted");
}

TEST(AuditTrail, FileMovedAway_IsBegunAnew) {
  const ScratchFolder scratch;
  AuditTrail audit(scratch.path() / "audit");
  audit.noted("first", {});
  std::filesystem::rename(scratch.path() / "audit", scratch.path() / "audit.1");
  audit.noted("second", {});
  EXPECT_THAT(scratch.text("audit.1"), Not(HasSubstr("second")));
  EXPECT_THAT(scratch.text("audit"), HasSubstr("second"));
}

TEST(AuditTrail, DiskFull_IsThrown) {
  const ScratchFolder scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      AuditTrail(scratch.path() / "audit").decided(sample_outcome("17"), "done");
    } catch (const std::system_error&) {
      status = 0;
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

/// The socket that systemd would have made.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~NotifySocket() {
    ::close(fd_);
    ServiceManager::forget_environment();
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  std::string heard() const {
    std::array<char, 500> text{};
    const ssize_t n = ::recv(fd_, text.data(), text.size(), 0);
    return n <= 0 ? "" : std::string(text.data(), static_cast<std::size_t>(n));
  }

 private:
  int fd_;
};

TEST(ServiceManager, Words_ArriveAtPathsAndAbstractNames) {
  const ScratchFolder scratch;
  for (const std::string& name : {(scratch.path() / "notify").string(), "@inkfield-test-" + std::to_string(::getpid())}) {
    const NotifySocket socket(name);
    const ServiceManager manager;
    ServiceManager::forget_environment();
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    EXPECT_TRUE(manager.ready());
    EXPECT_EQ(socket.heard(), "READY=1");
    EXPECT_TRUE(manager.status("3 waiting\nREADY=0"));
    EXPECT_EQ(socket.heard(), "STATUS=3 waiting\\nREADY=0");
    EXPECT_TRUE(manager.reloading());
    EXPECT_THAT(socket.heard(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
    EXPECT_TRUE(manager.alive());
    EXPECT_EQ(socket.heard(), "WATCHDOG=1");
    EXPECT_TRUE(manager.stopping());
    EXPECT_EQ(socket.heard(), "STOPPING=1");
  }
}

TEST(ServiceManager, NobodyToTell_IsNoError) {
  ServiceManager::forget_environment();
  EXPECT_FALSE(ServiceManager().ready());
  for (const std::string& name : {std::string("relative"), std::string("/nowhere/notify"), "/" + std::string(300, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_FALSE(ServiceManager().ready()) << name;
  }
  ServiceManager::forget_environment();
}

TEST(ServiceManager, Watchdog_IsHalfOfWhatIsAllowedAndOnlyForUs) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::chrono::milliseconds(15000));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::chrono::milliseconds(15000));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::nullopt);
  ServiceManager::forget_environment();
  ::setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::nullopt);
  ServiceManager::forget_environment();
}

}  // namespace
}  // namespace inkfield::watch_folder
