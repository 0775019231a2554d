// inkfield-bench: how fast the engine is beside other inference libraries and beside what the core can do at
// all.
//
// Everything runs on one core and one thread, in turn: a round gives each contestant a slot of a few
// milliseconds, and ratios are taken within a round, so that a slower clock or a busy neighbour hits all of
// them. Reported are medians. Peers get the same file and the same input, and must give the same scores.
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <protozero/pbf_writer.hpp>
#include <set>
#include <thread>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"
#include "recognizer/engine/onnx_reader.h"
#include "tests/bench/core_peak.h"
#include "tests/bench/peer.h"
#include "tests/bench/reference_network.h"
#include "tests/unit/recognizer_onnx_builder.h"

extern char** environ;

namespace inkfield::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;
using recognizer::Network;
namespace fs = std::filesystem;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// --- peers
// --------------------------------------------------------------------------------------------------

/// A module beside this program; nothing if it was not built or its library is not installed.
const PeerLibrary* open_peer(const std::string& name) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  void* module = dlopen((folder / ("inkfield-bench-" + name + ".so")).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return nullptr;
  void* entry = dlsym(module, kPeerEntry);
  if (entry == nullptr) return nullptr;
  PeerEntry call = nullptr;
  std::memcpy(&call, &entry, sizeof call);
  return call();
}

constexpr const char* kPeers[] = {"opencv", "onednn", "torch"};

// --- what is measured
// ---------------------------------------------------------------------------------------

/// What a file does to its scores last; ours are always those before it.
enum class Ending { scores, softmax, log_softmax };

struct NetworkFile {
  std::string name;
  std::string path;
  int height = 0, width = 0;
  double multiply_adds = 0;
  Ending ending = Ending::scores;
};

Ending ending_of(const std::string& path) {
  const auto bytes = recognizer::onnx::read_file(path);
  const auto model = recognizer::onnx::read_model(bytes);
  for (const auto& node : model.nodes) {
    const bool last = !model.outputs.empty() && std::find(node.outputs.begin(), node.outputs.end(),
                                                          model.outputs[0].name) != node.outputs.end();
    if (last && node.op_type == "Softmax") return Ending::softmax;
    if (last && node.op_type == "LogSoftmax") return Ending::log_softmax;
  }
  return Ending::scores;
}

/// Rows of `classes` scores as the file would have ended them.
std::vector<float> ended(std::vector<float> scores, std::size_t classes, Ending ending) {
  for (std::size_t row = 0; ending != Ending::scores && row < scores.size(); row += classes) {
    const float largest = *std::max_element(scores.data() + row, scores.data() + row + classes);
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(scores[row + c] - largest));
    for (std::size_t c = 0; c < classes; ++c) {
      const double log_share = scores[row + c] - largest - std::log(sum);
      scores[row + c] = static_cast<float>(ending == Ending::softmax ? std::exp(log_share) : log_share);
    }
  }
  return scores;
}

struct Contestant {
  std::string library;
  Precision precision = Precision::float32;
  std::function<void()> run;
  int digits = 1;
  std::vector<double> seconds = {};  ///< for one digit, by round
};

const char* word(Precision precision) { return precision == Precision::float32 ? "f32" : "int8"; }

/// Runs often enough in a slot that the clock's steps do not matter.
class Slot {
 public:
  Slot(std::function<void()> run, double seconds) : run_(std::move(run)) {
    run_();
    double once = 1e9;
    for (int i = 0; i < 3; ++i) {
      const auto start = Clock::now();
      run_();
      once = std::min(once, seconds_since(start));
    }
    times_ = std::clamp(static_cast<int>(seconds / std::max(once, 1e-7)), 1, 1'000'000);
  }
  double seconds_a_run() const {
    const auto start = Clock::now();
    for (int i = 0; i < times_; ++i) run_();
    return seconds_since(start) / times_;
  }

 private:
  std::function<void()> run_;
  int times_ = 1;
};

/// Paper with strokes: half of the pixels zero, the rest between 0 and 1.
std::vector<float> ink(int images, int height, int width) {
  auto pixels = recognizer::test::seeded_values(static_cast<std::size_t>(images * height * width), 7);
  for (auto& pixel : pixels) pixel = std::max(0.0F, pixel);
  return pixels;
}

/// A batch may be faster in pieces, whose activations stay in the cache: a peer is measured in the way that
/// suits it best.
class InPieces : public Peer {
 public:
  static std::unique_ptr<Peer> fastest(const PeerLibrary& library, PeerSetup setup, const float* input) {
    std::unique_ptr<Peer> best;
    double least = 1e9;
    const int whole = setup.batch;
    for (const int piece : {whole, 16, 4, 1}) {
      if (piece > whole || whole % piece != 0 || (piece == whole && best != nullptr)) continue;
      setup.batch = piece;
      std::unique_ptr<Peer> peer(library.make(setup));
      if (piece != whole) peer = std::make_unique<InPieces>(std::move(peer), setup, whole / piece);
      std::vector<float> scores;
      double seconds = 1e9;
      for (int i = 0; i < 4; ++i) {
        const auto start = Clock::now();
        peer->run(input, scores);
        seconds = std::min(seconds, seconds_since(start));
      }
      if (seconds < least) {
        least = seconds;
        best = std::move(peer);
      }
    }
    return best;
  }

  InPieces(std::unique_ptr<Peer> peer, const PeerSetup& setup, int pieces)
      : peer_(std::move(peer)), step_(setup.batch * setup.height * setup.width), pieces_(pieces) {}

  void run(const float* input, std::vector<float>& scores) override {
    scores.clear();
    for (int i = 0; i < pieces_; ++i) {
      peer_->run(input + static_cast<std::ptrdiff_t>(i) * step_, piece_);
      scores.insert(scores.end(), piece_.begin(), piece_.end());
    }
  }

 private:
  std::unique_ptr<Peer> peer_;
  std::ptrdiff_t step_;
  int pieces_;
  std::vector<float> piece_;
};

struct Options {
  int rounds = 101;
  double slot_seconds = 0.001;  ///< well below a scheduler's time slice
  std::string json;
  std::string shipped = INKFIELD_BENCH_MODEL;
  std::string reference_out;
  std::vector<int> batches = {1, 64};
  bool fresh_processes = true;
};

/// The same network in bytes, its ranges taken from the sample as those of the peers are; nothing if none of
/// its layers can.
std::optional<Network> in_bytes(const NetworkFile& file, const Network& network,
                                const std::vector<float>& sample) {
  recognizer::Int8Ranges ranges(network);
  const auto pixels = static_cast<std::size_t>(file.height * file.width);
  ranges.add(sample, static_cast<int>(sample.size() / pixels), file.width);
  const std::string value = ranges.metadata();
  if (value.empty()) return std::nullopt;
  auto content = recognizer::onnx::read_file(file.path);
  const recognizer::NetworkOptions options{.precision = recognizer::Precision::int8};
  if (network.facts().int8_ranges.empty()) {
    // More metadata of a protobuf message is what is appended to it.
    std::string more;
    protozero::pbf_writer entry(more);
    entry.add_string(1, "inkfield.int8");
    entry.add_string(2, value);
    std::string whole(content.begin(), content.end());
    protozero::pbf_writer(whole).add_message(14, more);
    content.assign(whole.begin(), whole.end());
  }
  return Network::from_onnx(content, options);
}

struct Bench {
  Options options;
  std::vector<const PeerLibrary*> peers = {};
  Json report = Json::object();
  bool agrees = true;
  std::set<std::string> left_out = {};  ///< "library network": no use to start a process for it

  void measure(const NetworkFile& file, int batch) {
    const Network network = Network::from_file(file.path);
    Network::Scratch scratch;
    std::vector<float> ours;
    const auto input = ink(batch, file.height, file.width);
    const auto sample = ink(16, file.height, file.width);
    std::vector<Contestant> contestants;
    const int columns = network.run(input, batch, file.width, scratch, ours) / network.facts().frames_per_column;
    contestants.push_back({.library = "inkfield",
                           .run = [&] { network.run(input, batch, file.width, scratch, ours); },
                           .digits = batch});
    std::optional<Network> bytes = in_bytes(file, network, sample);
    Network::Scratch byte_scratch;
    std::vector<float> byte_scores;
    if (bytes) {
      bytes->run(input, batch, file.width, byte_scratch, byte_scores);
      compare(file, batch, "inkfield", Precision::int8, ours, byte_scores);
      contestants.push_back({.library = "inkfield",
                             .precision = Precision::int8,
                             .run = [&] { bytes->run(input, batch, file.width, byte_scratch, byte_scores); },
                             .digits = batch});
    }
    std::vector<std::unique_ptr<Peer>> running;
    std::vector<std::vector<float>> scores(kPeerRuns);
    for (const auto* library : peers) {
      for (const auto precision : {Precision::float32, Precision::int8}) {
        if (precision == Precision::int8 && !library->has_int8) continue;
        try {
          running.push_back(InPieces::fastest(*library,
                                              {.path = file.path,
                                               .height = file.height,
                                               .width = file.width,
                                               .batch = batch,
                                               .precision = precision,
                                               .sample = sample},
                                              input.data()));
          auto* peer = running.back().get();
          auto& theirs = scores.at(running.size() - 1);
          peer->run(input.data(), theirs);
          compare(file, batch, library->name, precision,
                  ended(ours, static_cast<std::size_t>(network.facts().class_count), file.ending),
                  columns_last(theirs, batch, columns));
          contestants.push_back({.library = library->name,
                                 .precision = precision,
                                 .run = [peer, &theirs, &input] { peer->run(input.data(), theirs); },
                                 .digits = batch});
        } catch (const std::exception& error) {
          if (precision == Precision::float32) left_out.insert(library->name + " " + file.name);
          std::cout << "  " << library->name << ' ' << word(precision) << " left out: " << error.what()
                    << '\n';
        }
      }
    }
    race(file, batch, contestants);
  }

  static constexpr std::size_t kPeerRuns = 8;

  /// [batch][channels][columns] to [batch][columns][channels]; a column's channels are its frames side by side.
  static std::vector<float> columns_last(const std::vector<float>& scores, int batch, int column_count) {
    const auto columns = static_cast<std::size_t>(column_count);
    const std::size_t channels = scores.size() / (static_cast<std::size_t>(batch) * columns);
    std::vector<float> turned(scores.size());
    for (std::size_t i = 0; i < channels * columns * static_cast<std::size_t>(batch); ++i) {
      const std::size_t item = i / (channels * columns);
      turned[i] = scores[(item * channels + i % channels) * columns + i / channels % columns];
    }
    return turned;
  }

  void compare(const NetworkFile& file, int batch, const std::string& name, Precision precision,
               const std::vector<float>& ours, const std::vector<float>& theirs) {
    if (theirs.size() != ours.size()) throw std::runtime_error("its output has another size than ours");
    double difference = 0;
    double largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const double wanted = ours[i];
      largest = std::max(largest, std::abs(wanted));
      difference = std::max(difference, std::abs(wanted - static_cast<double>(theirs[i])));
    }
    // Float engines differ by the order of their sums; of bytes one can ask only that they are the same
    // network.
    const double allowed = (precision == Precision::float32 ? 1e-4 : 0.15) * std::max(1.0, largest);
    const bool close = difference <= allowed;
    agrees = agrees && close;
    report["agreement"].push_back({{"name", name},
                                   {"net", file.name},
                                   {"precision", word(precision)},
                                   {"batch", batch},
                                   {"largest_score", largest},
                                   {"largest_difference", difference},
                                   {"agrees", close}});
    if (!close) {
      std::cout << "  " << name << ' ' << word(precision) << " DISAGREES: scores up to " << largest
                << " differ by up to " << difference << '\n';
    }
  }

  void race(const NetworkFile& file, int batch, std::vector<Contestant>& contestants) {
    const PeakLoop peak = float_peak();
    const PeakLoop byte_peak = int8_peak();
    constexpr std::int64_t kPeakRounds = 2000;
    volatile float sink = 0;
    const auto loop = [&](const PeakLoop& which) {
      return [&sink, which] { sink = which.run(kPeakRounds); };
    };
    const Slot peak_slot(loop(peak), options.slot_seconds / 3);
    std::optional<Slot> byte_slot;
    if (byte_peak.run != nullptr) byte_slot.emplace(loop(byte_peak), options.slot_seconds / 3);
    std::vector<Slot> slots;
    for (const auto& contestant : contestants) slots.emplace_back(contestant.run, options.slot_seconds);
    std::vector<double> rates;
    std::vector<double> byte_rates;
    for (int round = 0; round < options.rounds; ++round) {
      rates.push_back(peak.multiply_adds_per_round * kPeakRounds / peak_slot.seconds_a_run());
      if (byte_slot)
        byte_rates.push_back(byte_peak.multiply_adds_per_round * kPeakRounds / byte_slot->seconds_a_run());
      for (std::size_t i = 0; i < contestants.size(); ++i) {
        contestants[i].seconds.push_back(slots[i].seconds_a_run() / contestants[i].digits);
      }
    }
    std::printf("\n%s, batch %d: %.2f M multiply-adds a digit; the core's peak %.1f G/s float%s\n",
                file.name.c_str(), batch, file.multiply_adds / 1e6, median(rates) / 1e9,
                byte_slot
                    ? (", " + std::to_string(std::lround(median(byte_rates) / 1e9)) + " G/s int8").c_str()
                    : "");
    std::printf("  %-10s %-5s %12s %10s %8s\n", "library", "", "us a digit", "G/s", "of peak");
    for (const auto& contestant : contestants) {
      const bool bytes = contestant.precision == Precision::int8;
      std::vector<double> fractions;
      for (std::size_t r = 0; r < rates.size(); ++r) {
        const double limit = bytes ? (byte_slot ? byte_rates[r] : 0.0) : rates[r];
        fractions.push_back(limit > 0 ? file.multiply_adds / contestant.seconds[r] / limit : 0.0);
      }
      const double seconds = median(contestant.seconds);
      std::printf("  %-10s %-5s %12.2f %10.1f %7.1f%%\n", contestant.library.c_str(),
                  word(contestant.precision), seconds * 1e6, file.multiply_adds / seconds / 1e9,
                  100 * median(fractions));
      report["rows"].push_back({{"name", contestant.library},
                                {"net", file.name},
                                {"precision", word(contestant.precision)},
                                {"batch", batch},
                                {"us_per_digit", seconds * 1e6},
                                {"multiply_adds_per_second", file.multiply_adds / seconds},
                                {"peak_fraction", median(fractions)}});
      if (contestant.library == "inkfield" && !bytes && batch == 1 && file.name == "reference") {
        report["peak_fraction_f32"] = median(fractions);
      }
    }
    report["peak"].push_back({{"net", file.name},
                              {"batch", batch},
                              {"vectors", peak.vectors},
                              {"f32_multiply_adds_per_second", median(rates)},
                              {"int8_multiply_adds_per_second", byte_slot ? median(byte_rates) : 0.0}});
    // Ours in float against their float, ours in bytes against their bytes and their float.
    for (const auto& mine : contestants) {
      if (mine.library != "inkfield") continue;
      for (const auto& theirs : contestants) {
        if (theirs.library == "inkfield") continue;
        if (mine.precision == Precision::float32 && theirs.precision == Precision::int8) continue;
        std::vector<double> ratios;
        for (std::size_t r = 0; r < mine.seconds.size(); ++r)
          ratios.push_back(theirs.seconds[r] / mine.seconds[r]);
        std::printf("  ours %-4s is %5.2f times as fast as %s %s\n", word(mine.precision), median(ratios),
                    theirs.library.c_str(), word(theirs.precision));
        report["peers"].push_back({{"name", theirs.library},
                                   {"net", file.name},
                                   {"precision", word(mine.precision)},
                                   {"batch", batch},
                                   {"ratio", median(ratios)},
                                   {"peer_precision", word(theirs.precision)},
                                   {"us_per_digit", median(mine.seconds) * 1e6},
                                   {"peer_us_per_digit", median(theirs.seconds) * 1e6}});
      }
    }
    std::fflush(stdout);
  }
};

// --- a fresh process
// ----------------------------------------------------------------------------------------

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// In the child: loads the library, loads the network, reads one digit, says what each took.
int first_digit(const std::string& name, const NetworkFile& file) {
  const auto input = ink(1, file.height, file.width);
  std::vector<float> scores;
  Json said;
  const double at_start = resident_mib();
  auto start = Clock::now();
  if (name == "inkfield") {
    const Network network = Network::from_file(file.path);
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

std::optional<Json> in_fresh_process(const std::string& name, const NetworkFile& file) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const std::string self = fs::read_symlink("/proc/self/exe");
  std::vector<std::string> words = {
      self, "--first-digit", name, file.path, std::to_string(file.height), std::to_string(file.width)};
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

void measure_fresh_processes(const Options& options, const std::vector<const PeerLibrary*>& peers,
                             const std::vector<NetworkFile>& files, const std::set<std::string>& left_out,
                             Json& report) {
  const int times = std::max(3, options.rounds / 8);
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

// --- the program
// --------------------------------------------------------------------------------------------

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  }
  return "unknown";
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
  explicit TemporaryFile(const std::vector<std::uint8_t>& content) {
    std::string pattern = (fs::temp_directory_path() / "inkfield-bench-XXXXXX").string();
    const int handle = mkstemp(pattern.data());
    if (handle < 0)
      throw std::runtime_error("no temporary file can be made in " + fs::temp_directory_path().string());
    close(handle);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
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
    "usage: inkfield-bench [--json FILE|-] [--rounds N] [--batch N] [--model FILE.onnx] [--write-reference "
    "FILE.onnx]\n"
    "Measures this engine beside OpenCV's DNN module and oneDNN, where they are installed, on one core and "
    "one thread:\n"
    "the shipped network (--model for another) and a fixed reference network, batch 1 and 64 (--batch for "
    "one of them).\n"
    "Exit status: 0 measured; 1 a peer gives other scores than ours; 2 wrong usage.\n";

int run(const Options& options) {
  Bench bench{.options = options};
  std::cout << "inkfield-bench on " << processor_name() << ", kernels " << recognizer::best_kernels().name
            << '\n';
  bench.report["processor"] = processor_name();
  bench.report["kernels"] = recognizer::best_kernels().name;
  bench.report["peak_fraction_f32"] = nullptr;
  bench.report["peers"] = Json::array();
  for (const char* name : kPeers) {
    const auto* library = open_peer(name);
    if (library == nullptr) {
      std::cout << name << ": not installed or not built, left out\n";
      continue;
    }
    std::cout << name << ' ' << library->version << '\n';
    bench.report["libraries"].push_back({{"name", library->name}, {"version", library->version}});
    bench.peers.push_back(library);
  }
  const TemporaryFile reference(reference_network());
  std::vector<NetworkFile> files = {{.name = "reference", .path = reference.path()},
                                    {.name = "shipped", .path = options.shipped}};
  for (auto& file : files) {
    const Network network = Network::from_file(file.path);
    file.height = network.facts().input_height_px;
    file.width = network.facts().input_width_px != 0 ? network.facts().input_width_px : file.height;
    file.ending = ending_of(file.path);
    file.multiply_adds = static_cast<double>(network.multiply_adds(file.width));
  }
  stay_on_one_core();
  for (const auto& file : files) {
    for (const int batch : options.batches) bench.measure(file, batch);
  }
  for (const auto* library : bench.peers) {
    if (library->matrix_product_rate == nullptr) continue;
    // In turn, the best of each: both want a core for themselves.
    const PeakLoop peak = float_peak();
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
    bench.report["matrix_product"] = {
        {"name", library->name}, {"multiply_adds_per_second", rate}, {"peak_fraction", rate / limit}};
  }
  if (options.fresh_processes)
    measure_fresh_processes(options, bench.peers, files, bench.left_out, bench.report);
  bench.report["agrees"] = bench.agrees;
  if (!options.json.empty()) {
    const std::string text = bench.report.dump(2) + "\n";
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
  std::cout << (bench.agrees ? "\nWhatever ran gives the same scores.\n"
                             : "\nA peer gives OTHER scores than ours.\n");
  return bench.agrees ? 0 : 1;
}

int main_of(const std::vector<std::string>& words) {
  if (words.size() == 5 && words[0] == "--first-digit") {
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
