// What a network file is and everything that stands in the way of running it, for people who bring their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/engine/network.h"

namespace inkfield::recognizer {

/// One thing that stands in the way.
struct ModelFault {
  std::string where;   ///< "node Conv 'conv1'", "input 'ink'", "metadata" or "file"
  std::string what;    ///< what was found and, where it helps, what was expected
  std::string advice;  ///< what to do; may be empty
  int count = 1;       ///< nodes with this fault; `where` names the first
};

struct NetworkInspection {
  std::optional<Network> network;  ///< if nothing stands in the way
  std::string first_fault;         ///< as Network::from_file would have said it; empty if it runs
  std::vector<ModelFault> faults;  ///< empty if it runs
  // As far as the file could be read:
  std::string producer;    ///< "pytorch 2.1.0"
  std::int64_t opset = 0;  ///< 0: not read
  std::string input;       ///< "'ink' float32 [N, 1, 28, 28]"
  std::string output;
  std::vector<std::pair<std::string, int>> operators;  ///< name and number, in the order of the graph
};

/// Throws Error(not_found or io_error) only where the file cannot be read at all.
NetworkInspection inspect_network(const std::string& path);

}  // namespace inkfield::recognizer
