// Contestants on the same network and input, in turn on one core: each against the core's peak and against
// the others.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/core_peak.h"
#include "tests/bench/network_file.h"
#include "tests/bench/peer.h"

namespace inkfield::bench {

using Json = nlohmann::ordered_json;

struct Contestant {
  std::string library;
  Precision precision = Precision::float32;
  std::function<void()> run;
  int digits = 1;
  std::vector<double> seconds = {};  ///< for one digit, by round
};

class SpeedRace {
 public:
  /// Slots of 1 ms lie well below a scheduler's time slice. `instructions`: those that count for the core's
  /// peak.
  SpeedRace(int rounds, double slot_seconds, Instructions instructions, std::vector<const PeerLibrary*> peers,
            Json& report)
      : rounds_(rounds),
        slot_seconds_(slot_seconds),
        instructions_(instructions),
        peers_(std::move(peers)),
        report_(report) {}

  void measure(const NetworkFile& file, int batch);

  /// Whether all that ran gave the same scores.
  [[nodiscard]] bool agrees() const { return agrees_; }
  /// "library network": no use to start a process for it
  [[nodiscard]] const std::set<std::string>& left_out() const { return left_out_; }

 private:
  void compare(const NetworkFile& file, int batch, const std::string& name, Precision precision,
               const std::vector<float>& ours, const std::vector<float>& theirs);
  void race(const NetworkFile& file, int batch, std::vector<Contestant>& contestants);

  int rounds_;
  double slot_seconds_;
  Instructions instructions_;
  std::vector<const PeerLibrary*> peers_;
  Json& report_;
  bool agrees_ = true;
  std::set<std::string> left_out_;
};

}  // namespace inkfield::bench
