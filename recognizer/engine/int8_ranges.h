// Measures what a network needs to run in int8: how large the inputs of its convolutions become.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "recognizer/engine/network.h"

namespace inkfield::recognizer {

/// Made for a float32 network, which must outlive it. Fed with inputs as they will be read, never with test
/// parts.
class Int8Ranges {
 public:
  explicit Int8Ranges(const Network& network) : network_(network) {}

  /// Inputs as for Network::run.
  void add(std::span<const float> input, int batch, int width_px);
  /// The value of the metadata key `inkfield.int8`; empty if no layer of the network can run in int8.
  [[nodiscard]] std::string metadata() const;

 private:
  const Network& network_;
  Network::Scratch scratch_;
  std::map<std::string, float> largest_;
};

}  // namespace inkfield::recognizer
