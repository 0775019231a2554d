// inkfield-bench: how fast the engine is beside other inference libraries and beside what the core can do at
// all.
//
// Everything runs on one core and one thread, in turn: a round gives each contestant a slot of a few
// milliseconds, and ratios are taken within a round, so that a slower clock or a busy neighbour hits all of
// them. Reported are medians. Peers get the same network and the same input, and must give the same scores.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/hosts/common/tile_registers.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/model_bytes.h"
#include "tests/bench/core_peak.h"
#include "tests/bench/fresh_process.h"
#include "tests/bench/network_file.h"
#include "tests/bench/opened_peers.h"
#include "tests/bench/reference_network.h"
#include "tests/bench/speed_race.h"
#include "tests/bench/timing.h"
#include "tests/float_weights.h"

namespace inkfield::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  int rounds = 101;
  double slot_seconds = 0.001;  ///< well below a scheduler's time slice
  std::string json;
  std::string shipped = INKFIELD_BENCH_MODEL;
  std::string reference_out;
  std::vector<int> batches = {1, 64};
  Instructions instructions = Instructions::all;
};

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  }
  return "unknown";
}

/// Peers, not yet loaded, look at these variables when they choose their instructions.
void hold_peers_to(const char* most) {
  setenv("DNNL_MAX_CPU_ISA", most, 1);
  setenv("ONEDNN_MAX_CPU_ISA", most, 1);
}

/// Ours without AVX-512, and no more for peers.
const recognizer::Kernels* without_avx512(Instructions instructions) {
  const bool vnni = instructions == Instructions::avx_vnni;
  hold_peers_to(vnni ? "AVX2_VNNI" : "AVX2");
  setenv("OPENCV_CPU_DISABLE", "AVX512-SKX,AVX512-CNL,AVX512-CLX,AVX512-ICL,AVX512F", 1);
  for (const auto* kernels : recognizer::available_kernels()) {
    if (std::string_view(kernels->name) == (vnni ? "avx_vnni" : "avx2")) return kernels;
  }
  throw std::runtime_error(std::string("this processor has no ") + (vnni ? "AVX-VNNI" : "AVX2") +
                           ", or this build no kernels for it");
}

/// Ours, within what everybody may use.
const recognizer::Kernels* kernels_within(Instructions instructions) {
  switch (instructions) {
    case Instructions::all:
      hosts::ask_for_tile_registers();
      return &recognizer::best_kernels();
    case Instructions::avx512:  // not asked for, tiles are not there
      hold_peers_to("AVX512_CORE_VNNI");
      return &recognizer::best_kernels();
    default:
      return without_avx512(instructions);
  }
}

/// One core for all: peers that start more threads than asked would only slow themselves down.
void stay_on_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  const int here = sched_getcpu();
  CPU_SET(here < 0 ? 0 : here, &one);
  sched_setaffinity(0, sizeof one, &one);
}

/// A file of its own that goes away with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    std::string pattern = (fs::temp_directory_path() / "inkfield-bench-XXXXXX").string();
    const int handle = mkstemp(pattern.data());
    if (handle < 0)
      throw std::runtime_error("no temporary file can be made in " + fs::temp_directory_path().string());
    close(handle);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr const char* kUsage =
    "usage: inkfield-bench [--json FILE|-] [--rounds N] [--batch N] [--model FILE.onnx] [--no-amx | --no-avx512 | "
    "--avx-vnni] "
    "[--write-reference FILE.onnx]\n"
    "Measures this engine beside OpenCV's DNN module and oneDNN, where they are installed, on one core and "
    "one thread:\n"
    "the shipped network (--model for another) and a fixed reference network, batch 1 and 64 (--batch for "
    "one of them). --no-amx: everybody as on a processor without AMX; --no-avx512: "
    "as on one that ends at AVX2; --avx-vnni: that has AVX-VNNI, too.\n"
    "Exit status: 0 measured; 1 a peer gives other scores than ours; 2 wrong usage.\n";

int run(const Options& options) {
  Json report = Json::object();
  const recognizer::Kernels* const kernels = kernels_within(options.instructions);
  std::vector<const PeerLibrary*> peers;
  std::cout << "inkfield-bench on " << processor_name() << ", kernels " << kernels->name << '\n';
  report["processor"] = processor_name();
  report["kernels"] = kernels->name;
  report["peak_fraction_f32"] = nullptr;
  report["peers"] = Json::array();
  for (const char* name : kPeers) {
    const auto* library = open_peer(name);
    if (library == nullptr) {
      std::cout << name << ": not installed or not built, left out\n";
      continue;
    }
    std::cout << name << ' ' << library->version << '\n';
    report["libraries"].push_back({{"name", library->name}, {"version", library->version}});
    peers.push_back(library);
  }
  const auto reference_bytes = reference_network();
  const TemporaryFile reference({reinterpret_cast<const char*>(reference_bytes.data()), reference_bytes.size()});
  const TemporaryFile shipped_floats(test::with_float_weights(recognizer::onnx::read_file(options.shipped)));
  std::vector<NetworkFile> files = {{.name = "reference", .path = reference.path(), .peers_path = reference.path()},
                                    {.name = "shipped", .path = options.shipped, .peers_path = shipped_floats.path()}};
  for (auto& file : files) {
    file.kernels = kernels;
    look_into(file);
  }
  stay_on_one_core();
  SpeedRace race(options.rounds, options.slot_seconds, options.instructions, peers, report);
  for (const auto& file : files) {
    for (const int batch : options.batches) race.measure(file, batch);
  }
  for (const auto* library : peers) {
    if (library->matrix_product_rate == nullptr) continue;
    // In turn, the best of each: both want a core for themselves.
    const PeakLoop peak = float_peak(options.instructions);
    constexpr std::int64_t kRounds = 200'000;
    double rate = 0;
    double limit = 0;
    for (int i = 0; i < 5; ++i) {
      rate = std::max(rate, library->matrix_product_rate());
      const auto start = Clock::now();
      volatile float sink = peak.run(kRounds);
      static_cast<void>(sink);
      limit = std::max(limit, peak.multiply_adds_per_round * kRounds / seconds_since(start));
    }
    std::printf("\nThe peak (%s) held against a matrix product of %s: %.1f G/s, %.1f%% of %.1f G/s\n",
                peak.vectors, library->name.c_str(), rate / 1e9, 100 * rate / limit, limit / 1e9);
    report["matrix_product"] = {
        {"name", library->name}, {"multiply_adds_per_second", rate}, {"peak_fraction", rate / limit}};
  }
  // Of a process on this processor as it is.
  if (options.instructions == Instructions::all)
    measure_fresh_processes(options.rounds, peers, files, race.left_out(), report);
  report["agrees"] = race.agrees();
  if (!options.json.empty()) {
    const std::string text = report.dump(2) + "\n";
    if (options.json == "-") {
      std::cout << text;
    } else {
      std::ofstream file(options.json);
      file << text;
      if (!file.flush()) {
        std::cerr << "inkfield-bench: " << options.json << " cannot be written\n";
        return 2;
      }
    }
  }
  std::cout << (race.agrees() ? "\nWhatever ran gives the same scores.\n"
                             : "\nA peer gives OTHER scores than ours.\n");
  return race.agrees() ? 0 : 1;
}

int main_of(const std::vector<std::string>& words) {
  if (words.size() == 5 && words[0] == kFirstDigitWord) {
    hosts::ask_for_tile_registers();
    return first_digit(
        words[1],
        {.name = "", .path = words[2], .height = std::stoi(words[3]), .width = std::stoi(words[4])});
  }
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool more = i + 1 < words.size();
    if (words[i] == "--help" || words[i] == "-h") {
      std::cout << kUsage;
      return 0;
    }
    if (words[i] == "--smoke") {  // for the test: everything once, nothing long
      options.rounds = 1;
      options.slot_seconds = 1e-4;
      options.batches = {1, 2};
      continue;
    }
    if (words[i] == "--no-amx") {
      options.instructions = Instructions::avx512;
      continue;
    }
    if (words[i] == "--no-avx512") {
      options.instructions = Instructions::avx2;
      continue;
    }
    if (words[i] == "--avx-vnni") {
      options.instructions = Instructions::avx_vnni;
      continue;
    }
    if (!more) {
      std::cerr << kUsage;
      return 2;
    }
    const std::string& value = words[i + 1];
    if (words[i] == "--json") {
      options.json = value;
    } else if (words[i] == "--rounds") {
      options.rounds = std::atoi(value.c_str());
    } else if (words[i] == "--batch") {
      options.batches = {std::atoi(value.c_str())};
    } else if (words[i] == "--model") {
      options.shipped = value;
    } else if (words[i] == "--write-reference") {
      options.reference_out = value;
    } else {
      std::cerr << kUsage;
      return 2;
    }
    ++i;
  }
  if (options.rounds < 1 || options.rounds > 100'000 || options.batches[0] < 1 || options.batches[0] > 4096) {
    std::cerr << kUsage;
    return 2;
  }
  if (!options.reference_out.empty()) {
    const auto bytes = reference_network();
    std::ofstream file(options.reference_out, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return file.flush() ? 0 : 2;
  }
  return run(options);
}

}  // namespace
}  // namespace inkfield::bench

int main(int argc, char** argv) {
  try {
    return inkfield::bench::main_of({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "inkfield-bench: " << error.what() << '\n';
    return 2;
  }
}
