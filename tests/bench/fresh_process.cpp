// This program starts itself again for each measurement.
#include "tests/bench/fresh_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "tests/bench/opened_peers.h"
#include "tests/bench/timing.h"

extern char** environ;

namespace inkfield::bench {
namespace {

using recognizer::Network;

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::optional<Json> in_fresh_process(const std::string& name, const NetworkFile& file) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::string> words = {self,
                                    kFirstDigitWord,
                                    name,
                                    name == "inkfield" ? file.path : file.peers_path,
                                    std::to_string(file.height),
                                    std::to_string(file.width)};
  std::vector<char*> arguments;
  for (auto& text : words) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, self.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  char piece[4096];
  ssize_t got = 0;
  while (failed == 0 && (got = read(ends[0], piece, sizeof piece)) > 0)
    text.append(piece, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 1;
  if (failed != 0 || waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return Json::parse(text, nullptr, false);
}

}  // namespace

int first_digit(const std::string& name, const NetworkFile& file) {
  const auto input = ink(1, file.height, file.width);
  std::vector<float> scores;
  Json said;
  const double at_start = resident_mib();
  auto start = Clock::now();
  if (name == "inkfield") {
    // As a host gets it that asks for no precision: in int8 where the file has ranges.
    const recognizer::NetworkOptions options{.precision = recognizer::Precision::fastest};
    const Network network = Network::from_file(file.path, options);
    said["load_ms"] = seconds_since(start) * 1e3;
    Network::Scratch scratch;
    network.run(input, 1, file.width, scratch, scores);
    said["first_digit_ms"] = seconds_since(start) * 1e3;
    said["growth_mib"] = resident_mib() - at_start;
  } else {
    const auto* library = open_peer(name);
    if (library == nullptr) return 1;
    said["library_ms"] = seconds_since(start) * 1e3;
    said["library_mib"] = resident_mib() - at_start;
    const double before = resident_mib();
    start = Clock::now();
    const std::unique_ptr<Peer> peer(
        library->make({.path = file.path, .height = file.height, .width = file.width}));
    said["load_ms"] = seconds_since(start) * 1e3;
    peer->run(input.data(), scores);
    said["first_digit_ms"] = seconds_since(start) * 1e3;
    said["growth_mib"] = resident_mib() - before;
  }
  std::cout << said.dump() << std::endl;
  // Some libraries' threads and globals do not like to be taken down at once.
  std::_Exit(scores.empty() ? 1 : 0);
}

void measure_fresh_processes(int rounds, const std::vector<const PeerLibrary*>& peers,
                             const std::vector<NetworkFile>& files, const std::set<std::string>& left_out,
                             Json& report) {
  const int times = std::max(3, rounds / 8);
  std::printf(
      "\nIn a fresh process, from the file to the first digit (medians of %d; a library's own load is "
      "apart)\n",
      times);
  std::printf("  %-10s %-10s %12s %12s %14s %14s\n", "library", "net", "digit ms", "memory MiB", "library ms",
              "library MiB");
  for (const auto& file : files) {
    std::vector<std::string> names = {"inkfield"};
    for (const auto* peer : peers) {
      if (!left_out.contains(peer->name + " " + file.name)) names.push_back(peer->name);
    }
    std::vector<std::vector<Json>> said(names.size());
    for (int round = 0; round < times; ++round) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (auto one = in_fresh_process(names[i], file); one && one->is_object()) said[i].push_back(*one);
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (said[i].empty()) continue;
      Json row = {{"name", names[i]}, {"net", file.name}};
      for (const char* key : {"load_ms", "first_digit_ms", "growth_mib", "library_ms", "library_mib"}) {
        std::vector<double> values;
        for (const auto& one : said[i]) values.push_back(one.value(key, 0.0));
        row[key] = median(values);
      }
      std::printf("  %-10s %-10s %12.2f %12.1f %14.1f %14.1f\n", names[i].c_str(), file.name.c_str(),
                  row["first_digit_ms"].get<double>(), row["growth_mib"].get<double>(),
                  row["library_ms"].get<double>(), row["library_mib"].get<double>());
      report["first_digit"].push_back(row);
    }
  }
}

}  // namespace inkfield::bench
