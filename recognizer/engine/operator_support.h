// What of a node cannot be run whatever comes into it, and what to do about it. Apart from the planner, so
// that every such node of a file can be named and not only the first.
#pragma once

#include <string>
#include <vector>

#include "recognizer/engine/onnx_reader.h"

namespace inkfield::recognizer {

struct NodeFault {
  std::string what;    ///< "operator 'LSTM' is not supported"
  std::string advice;  ///< what to do about it
};

/// Empty if nothing of the node itself stands against it; its inputs may still.
std::vector<NodeFault> unsupported_parts(const onnx::Node& node);

}  // namespace inkfield::recognizer
