// Small networks in the styles in which common tools export them, each beside a twin that says the same with
// plain operators. The tests compare the two, and the exported one with another engine where one is
// installed.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer::test {

/// Both take one 16 x 16 plane, in whatever order the file says, and give 10 scores.
struct ForeignNetwork {
  std::string name;
  OnnxBuilder as_exported;
  OnnxBuilder plain;
  std::vector<int> input_shape = {1, 1, 16, 16};  ///< as the exported file has it
  bool softmax_last = false;                      ///< another engine's scores have been through it
  bool other_engine = true;                       ///< OpenCV 4.6 can read it
};

std::vector<ForeignNetwork> foreign_networks();

}  // namespace inkfield::recognizer::test
