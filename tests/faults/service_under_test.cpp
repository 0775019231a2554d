#include "tests/faults/service_under_test.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace inkfield::tests {

namespace fs = std::filesystem;

ServiceUnderTest::ServiceUnderTest(const std::string& more) : environment({{"INKFIELD_LIBRARY", INKFIELD_STAND_IN}}), more_(more) {
  scratch_.write("form_a.json", "{}");
  fs::create_directories(path() / "in");
}

std::vector<std::string> ServiceUnderTest::command(const std::string& state, const std::vector<std::string>& more) const {
  const std::string file = scratch_.write(state + ".properties", "settle_ms = 0\npoll_ms = 100\nworkers = 2\nretry_ms = 100\nstate = " + state +
                                                                      "\nfolder.a.watch = in\nfolder.a.templates = form_a.json\n" + more_);
  std::vector<std::string> all = {INKFIELDD_PROGRAM, "--config=" + file};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void ServiceUnderTest::drop(const std::string& name, const std::string& pages) const {
  const std::string hidden = scratch_.write("in/.dropping", "stand-in\n" + pages);
  fs::rename(hidden, path() / "in" / name);
}

std::vector<std::string> ServiceUnderTest::filed(const std::string& folder, const std::string& ending) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path() / "in.out" / folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.front() != '.' && name.ends_with(ending)) names.push_back(name.substr(0, name.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, int> ServiceUnderTest::results() const {
  std::map<std::string, int> results;
  for (const char* folder : {"done", "review", "failed"}) {
    for (const std::string& name : filed(folder)) {
      std::ifstream in(path() / "in.out" / folder / (name + ".json"));
      const auto json = nlohmann::json::parse(in, nullptr, false);
      if (!json.is_discarded()) ++results[json["file"].get<std::string>()];
    }
  }
  return results;
}

std::vector<std::string> ServiceUnderTest::claims() const {
  std::vector<std::string> claims;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(path() / "in" / ".inkfieldd", error), end; !error && entry != end; entry.increment(error)) {
    if (entry.depth() == 2 && entry->path().filename().string().front() != '.') claims.push_back(entry->path().lexically_relative(path() / "in" / ".inkfieldd"));
  }
  return claims;
}

bool ServiceUnderTest::wait_for_results(std::size_t count, int milliseconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    std::size_t found = 0;
    for (const char* folder : {"done", "review", "failed"}) found += filed(folder).size();
    if (found >= count) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry->path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(in), {}};
    const std::size_t after = stat.rfind(')');
    if (after == std::string::npos) continue;
    std::istringstream rest(stat.substr(after + 1));
    std::string state;
    pid_t ppid = 0;
    rest >> state >> ppid;
    if (ppid == parent && state != "Z") children.push_back(std::stoi(name));
  }
  return children;
}

}  // namespace inkfield::tests
