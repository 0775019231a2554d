// What the watch-folder service costs over the plugin, and how it scales. Every figure is a ratio of two things measured in turns in this run.
//
//   inkfield-service-bench workers [--pages N] [--cheque FILE]   two worker processes over one, pages that keep a processor busy
//   inkfield-service-bench latency [--rounds N] [--cheque FILE]  file whole to result visible, over the plugin's own time for that page
//   inkfield-service-bench backlog [--files N]                   time to the first result with N files waiting, over the same with 100; memory
//   inkfield-service-bench flat [--pages N] [--cheque FILE]      memory and open files of service and workers while pages go through
//
// Without --cheque, workers and flat use the stand-in plugin; latency needs a page image that the shipped templates fit.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <inkfield/inkfield.hpp>

#include "tests/blackbox/program_run.h"

namespace {

namespace fs = std::filesystem;
using inkfield::tests::Background;
using inkfield::tests::Environment;
using inkfield::tests::Scratch;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Options {
  std::map<std::string, std::string> named;
  [[nodiscard]] int number(const std::string& name, int otherwise) const {
    const auto found = named.find(name);
    return found == named.end() ? otherwise : std::stoi(found->second);
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = named.find(name);
    return found == named.end() ? "" : found->second;
  }
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A service in a folder of its own, with the stand-in plugin or, for a page image, with the real one.
class BenchedService {
 public:
  BenchedService(const std::string& cheque, const std::string& more) : page_(cheque.empty() ? "" : bytes_of(cheque)) {
    fs::create_directories(scratch_.path() / "in");
    fs::create_directories(scratch_.path() / "ready");
    scratch_.write("form_a.json", "{}");
    const std::string templates = page_.empty() ? "form_a.json" : INKFIELD_TEMPLATES;
    config_ = scratch_.write("c.properties", "settle_ms = 0\nstate = state\nworker_pages = 0\nfolder.a.watch = in\nfolder.a.duplicates = read\nfolder.a.templates = " + templates + '\n' + more);
    environment_ = {{"INKFIELD_LIBRARY", page_.empty() ? INKFIELD_STAND_IN : INKFIELD_PLUGIN}};
    ending_ = cheque.empty() ? ".png" : fs::path(cheque).extension().string();
  }
  /// A document that is not in the folder yet. Bytes after a picture's end are no part of it, but make it a document of its own.
  std::string make(const std::string& stand_in_pages) {
    const std::string name = "d" + std::to_string(made_++) + ending_;
    scratch_.write("ready/" + name, page_.empty() ? "stand-in\n" + stand_in_pages + "# " + name + '\n' : page_ + name);
    return name;
  }
  void drop(const std::string& name) const { fs::rename(scratch_.path() / "ready" / name, scratch_.path() / "in" / name); }
  [[nodiscard]] Background start() const { return Background({INKFIELDD_PROGRAM, "--config=" + config_}, environment_, scratch_.path() / "log"); }
  [[nodiscard]] bool has_result(const std::string& name) const {
    for (const char* folder : {"done", "review", "failed"}) {
      if (::access((scratch_.path() / "in.out" / folder / (name + ".json")).c_str(), F_OK) == 0) return true;
    }
    return false;
  }
  /// Milliseconds waited.
  double wait_for(const std::string& name) const {
    const Clock::time_point start = Clock::now();
    while (!has_result(name)) {
      if (ms_since(start) > 600'000) throw std::runtime_error("no result of " + name + "; the log says:\n" + scratch_.text("log"));
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    return ms_since(start);
  }
  [[nodiscard]] const Scratch& scratch() const { return scratch_; }

 private:
  Scratch scratch_;
  std::string page_, config_, ending_;
  Environment environment_;
  int made_ = 0;
};

void end(Background& running) {
  running.send(SIGTERM);
  running.wait(20'000);
}

int workers(const Options& options) {
  const int pages = options.number("pages", 60);
  std::vector<double> ratios;
  for (int round = 0; round < options.number("rounds", 3); ++round) {
    std::map<int, double> taken;
    for (const int count : {1, 2}) {
      BenchedService service(options.text("cheque"), "workers = " + std::to_string(count) + '\n');
      Background running = service.start();
      // Both workers have everything loaded before time is taken.
      for (int i = 0; i < 2 * count; ++i) {
        const std::string warm = service.make("busy\n");
        service.drop(warm);
        if (i + 1 == 2 * count) service.wait_for(warm);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      std::vector<std::string> names;
      for (int i = 0; i < pages; ++i) names.push_back(service.make("busy\n"));
      const Clock::time_point start = Clock::now();
      for (const std::string& name : names) service.drop(name);
      for (const std::string& name : names) service.wait_for(name);
      taken[count] = ms_since(start);
      end(running);
    }
    ratios.push_back(taken[1] / taken[2]);
    std::printf("round %d: one worker %.0f ms, two %.0f ms for %d pages: %.2f\n", round + 1, taken[1], taken[2], pages, ratios.back());
    std::fflush(stdout);
  }
  std::printf("two workers over one: %.2f (median of %zu)\n", median(ratios), ratios.size());
  return 0;
}

int latency(const Options& options) {
  const std::string cheque = options.text("cheque");
  if (cheque.empty()) throw std::runtime_error("latency needs --cheque FILE");
  inkfield::EngineOptions engine_options;
  engine_options.template_paths = {INKFIELD_TEMPLATES};
  const inkfield::Engine engine(inkfield::Library::load(INKFIELD_PLUGIN), engine_options);
  inkfield::Session session(engine);
  BenchedService service(cheque, "workers = 1\n");
  Background running = service.start();
  std::vector<double> alone, whole, ratios;
  const int rounds = options.number("rounds", 15);
  for (int round = -1; round < rounds; ++round) {  // the first of each loads what is loaded once
    Clock::time_point start = Clock::now();
    {
      inkfield::Document document = engine.open(cheque);
      const inkfield::Result result = session.read_page(document.page(0));
      if (result.json().empty()) return 1;
    }
    const double own = ms_since(start);
    const std::string name = service.make("");
    std::this_thread::sleep_for(std::chrono::milliseconds(round < 0 ? 3000 : 100));  // idle
    start = Clock::now();
    service.drop(name);
    service.wait_for(name);
    const double through = ms_since(start);
    if (round < 0) continue;
    alone.push_back(own);
    whole.push_back(through);
    ratios.push_back(through / own);
  }
  end(running);
  std::printf("plugin alone %.1f ms, file whole to result visible %.1f ms: %.2f (medians of %d rounds; of the ratios: %.2f)\n", median(alone), median(whole),
              median(whole) / median(alone), rounds, median(ratios));
  return 0;
}

/// A line of /proc/PID/status, in KiB.
long memory_kb(pid_t process, const std::string& what) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(what + ":")) return std::stol(line.substr(what.size() + 1));
  }
  return 0;
}

int backlog(const Options& options) {
  const int many = options.number("files", 100'000);
  const int rounds = options.number("rounds", 3);
  std::map<int, std::vector<double>> first;
  long most_kb = 0;
  for (const int files : {100, many}) {
    BenchedService service("", "workers = 1\n");
    for (int i = 0; i < files; ++i) {
      std::ofstream(service.scratch().path() / "in" / ("d" + std::to_string(i) + ".png")) << "stand-in\naccepted\n# " << i << '\n';
    }
    std::size_t seen = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto results = [&] {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(service.scratch().path() / "in.out/done"), fs::directory_iterator()));
      };
      const Clock::time_point start = Clock::now();
      Background running = service.start();
      for (;;) {
        std::error_code error;
        if (fs::exists(service.scratch().path() / "in.out/done", error) && results() > seen) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      first[files].push_back(ms_since(start));
      // Until it has looked through the whole folder, too.
      std::this_thread::sleep_for(std::chrono::seconds(files > 100 ? 4 : 0));
      most_kb = std::max(most_kb, memory_kb(running.id(), "VmHWM"));
      end(running);
      seen = results();
    }
  }
  std::printf("first result: %.0f ms with 100 files, %.0f ms with %d: %.2f (medians of %d starts); the service's memory at most %ld MiB\n", median(first[100]),
              median(first[many]), many, median(first[many]) / median(first[100]), rounds, most_kb / 1024);
  return 0;
}

int flat(const Options& options) {
  const int pages = options.number("pages", 5000);
  constexpr int kParts = 10;
  BenchedService service(options.text("cheque"), "workers = 1\n");
  Background running = service.start();
  for (int part = 0; part < kParts; ++part) {
    std::vector<std::string> names;
    for (int i = 0; i < pages / kParts; ++i) names.push_back(service.make("accepted\n"));
    for (const std::string& name : names) service.drop(name);
    for (const std::string& name : names) service.wait_for(name);
    long worker_kb = 0;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(running.id()) + "/task")) {
      std::ifstream in(entry.path() / "children");
      for (pid_t child = 0; in >> child;) worker_kb += memory_kb(child, "RssAnon");
    }
    const auto files = std::distance(fs::directory_iterator("/proc/" + std::to_string(running.id()) + "/fd"), fs::directory_iterator());
    std::printf("after %d pages: service %ld KiB and %ld open files, worker %ld KiB\n", (part + 1) * (pages / kParts), memory_kb(running.id(), "RssAnon"),
                static_cast<long>(files), worker_kb);
    std::fflush(stdout);
  }
  end(running);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<int(const Options&)>> kModes = {{"workers", workers}, {"latency", latency}, {"backlog", backlog}, {"flat", flat}};
  const auto mode = argc < 2 ? kModes.end() : kModes.find(argv[1]);
  if (mode == kModes.end() || argc % 2 != 0) {
    std::fprintf(stderr, "usage: inkfield-service-bench workers|latency|backlog|flat [--pages N] [--rounds N] [--files N] [--cheque FILE]\n");
    return 2;
  }
  try {
    Options options;
    for (int i = 2; i + 1 < argc; i += 2) options.named[std::string(argv[i]).substr(2)] = argv[i + 1];
    return mode->second(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-service-bench: %s\n", error.what());
    return 1;
  }
}
