// Ratios are taken within a round, so that a slower clock or a busy neighbour hits all of them.
#include "tests/bench/speed_race.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "tests/bench/core_peak.h"
#include "tests/bench/opened_peers.h"
#include "tests/bench/timing.h"

namespace inkfield::bench {
namespace {

using recognizer::Network;

constexpr std::size_t kPeerRuns = 8;

const char* word(Precision precision) { return precision == Precision::float32 ? "f32" : "int8"; }

/// [batch][channels][columns] to [batch][columns][channels]; a column's channels are its frames side by side.
std::vector<float> columns_last(const std::vector<float>& scores, int batch, int column_count) {
  const auto columns = static_cast<std::size_t>(column_count);
  const std::size_t channels = scores.size() / (static_cast<std::size_t>(batch) * columns);
  std::vector<float> turned(scores.size());
  for (std::size_t i = 0; i < channels * columns * static_cast<std::size_t>(batch); ++i) {
    const std::size_t item = i / (channels * columns);
    turned[i] = scores[(item * channels + i % channels) * columns + i / channels % columns];
  }
  return turned;
}

}  // namespace

void SpeedRace::measure(const NetworkFile& file, int batch) {
  const Network network = Network::from_file(file.path, {.kernels = file.kernels});
  Network::Scratch scratch;
  std::vector<float> ours;
  const auto input = ink(batch, file.height, file.width);
  const auto sample = ink(16, file.height, file.width);
  std::vector<Contestant> contestants;
  const int columns =
      network.run(input, batch, file.width, scratch, ours) / network.facts().frames_per_column;
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
  for (const auto* library : peers_) {
    for (const auto precision : {Precision::float32, Precision::int8}) {
      if (precision == Precision::int8 && !library->has_int8) continue;
      try {
        running.push_back(fastest_in_pieces(*library,
                                            {.path = file.peers_path,
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
        if (precision == Precision::float32) left_out_.insert(library->name + " " + file.name);
        std::cout << "  " << library->name << ' ' << word(precision) << " left out: " << error.what() << '\n';
      }
    }
  }
  race(file, batch, contestants);
}

void SpeedRace::compare(const NetworkFile& file, int batch, const std::string& name, Precision precision,
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
  agrees_ = agrees_ && close;
  report_["agreement"].push_back({{"name", name},
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

void SpeedRace::race(const NetworkFile& file, int batch, std::vector<Contestant>& contestants) {
  const PeakLoop peak = float_peak(instructions_);
  const PeakLoop byte_peak = int8_peak(instructions_);
  constexpr std::int64_t kPeakRounds = 2000;
  volatile float sink = 0;
  const auto loop = [&](const PeakLoop& which) { return [&sink, which] { sink = which.run(kPeakRounds); }; };
  const Slot peak_slot(loop(peak), slot_seconds_ / 3);
  std::optional<Slot> byte_slot;
  if (byte_peak.run != nullptr) byte_slot.emplace(loop(byte_peak), slot_seconds_ / 3);
  std::vector<Slot> slots;
  for (const auto& contestant : contestants) slots.emplace_back(contestant.run, slot_seconds_);
  std::vector<double> rates;
  std::vector<double> byte_rates;
  for (int round = 0; round < rounds_; ++round) {
    rates.push_back(peak.multiply_adds_per_round * kPeakRounds / peak_slot.seconds_a_run());
    if (byte_slot)
      byte_rates.push_back(byte_peak.multiply_adds_per_round * kPeakRounds / byte_slot->seconds_a_run());
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      contestants[i].seconds.push_back(slots[i].seconds_a_run() / contestants[i].digits);
    }
  }
  std::printf(
      "\n%s, batch %d: %.2f M multiply-adds a digit; the core's peak %.1f G/s float%s\n", file.name.c_str(),
      batch, file.multiply_adds / 1e6, median(rates) / 1e9,
      byte_slot ? (", " + std::to_string(std::lround(median(byte_rates) / 1e9)) + " G/s int8").c_str() : "");
  std::printf("  %-10s %-5s %12s %10s %8s\n", "library", "", "us a digit", "G/s", "of peak");
  for (const auto& contestant : contestants) {
    const bool bytes = contestant.precision == Precision::int8;
    std::vector<double> fractions;
    for (std::size_t r = 0; r < rates.size(); ++r) {
      const double limit = bytes ? (byte_slot ? byte_rates[r] : 0.0) : rates[r];
      fractions.push_back(limit > 0 ? file.multiply_adds / contestant.seconds[r] / limit : 0.0);
    }
    const double seconds = median(contestant.seconds);
    std::printf("  %-10s %-5s %12.2f %10.1f", contestant.library.c_str(), word(contestant.precision),
                seconds * 1e6, file.multiply_adds / seconds / 1e9);
    if (!bytes || byte_slot) std::printf(" %7.1f%%", 100 * median(fractions));
    std::printf("\n");
    report_["rows"].push_back({{"name", contestant.library},
                               {"net", file.name},
                               {"precision", word(contestant.precision)},
                               {"batch", batch},
                               {"us_per_digit", seconds * 1e6},
                               {"multiply_adds_per_second", file.multiply_adds / seconds},
                               {"peak_fraction", median(fractions)}});
    if (contestant.library == "inkfield" && !bytes && batch == 1 && file.name == "reference") {
      report_["peak_fraction_f32"] = median(fractions);
    }
  }
  report_["peak"].push_back({{"net", file.name},
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
      report_["peers"].push_back({{"name", theirs.library},
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

}  // namespace inkfield::bench
