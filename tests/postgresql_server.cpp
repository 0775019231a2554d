#include "tests/postgresql_server.h"

#include <pwd.h>
#include <unistd.h>

#include <Poco/Data/PostgreSQL/Connector.h>

#include <algorithm>
#include <stdexcept>

#include "adapters/hosts/common/child_program.h"
#include "tests/database_answer.h"

namespace inkfield::tests {

namespace fs = std::filesystem;

namespace {

/// Where Debian keeps initdb and pg_ctl; "" if PostgreSQL is not installed.
std::string server_programs() {
  std::vector<fs::path> versions;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(entry.path() / "bin" / "initdb")) versions.push_back(entry.path() / "bin");
  }
  return versions.empty() ? "" : std::max_element(versions.begin(), versions.end())->string();
}

}  // namespace

std::string PostgresqlServer::missing() {
  if (server_programs().empty()) return "PostgreSQL is not installed";
  if (::getuid() == 0 && ::getpwnam("postgres") == nullptr) return "there is no user postgres to run the server as";
  return "";
}

PostgresqlServer::PostgresqlServer() : programs_(server_programs()) {
  Poco::Data::PostgreSQL::Connector::registerConnector();
  if (::getuid() == 0) {
    // The server refuses to run as root.
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error(missing());
    as_user_ = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"};
  }
  run({programs_ + "/initdb", "--no-sync", "-D", data(), "-U", "inkfield", "-A", "trust", "--locale=C", "-E", "UTF8"});
  start();
}

PostgresqlServer::~PostgresqlServer() {
  try {
    stop();
  } catch (const std::runtime_error&) {  // stopped already
  }
}

void PostgresqlServer::run(const std::vector<std::string>& command) const {
  hosts::ProgramCall call;
  call.command = as_user_;
  call.command.insert(call.command.end(), command.begin(), command.end());
  call.environment = hosts::modest_environment();
  const hosts::ProgramEnd end = hosts::run_program(call);
  if (end.status != 0) throw std::runtime_error(end.told() + end.out);
}

void PostgresqlServer::start() const {
  // A process group of its own for the server: our programs' groups end with them.
  run({"setsid", "--wait", programs_ + "/pg_ctl", "-D", data(), "-w", "-l", data() + "/log", "-o",
       "-F -c listen_addresses='' -k " + folder_.string(), "start"});
}

void PostgresqlServer::stop() const { run({programs_ + "/pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"}); }

std::string PostgresqlServer::connection(const std::string& database) const {
  return "host=" + folder_.string() + " user=inkfield dbname=" + database;
}

std::string PostgresqlServer::answer(const std::string& question) const {
  return database_answer("PostgreSQL", connection(), question);
}

}  // namespace inkfield::tests
