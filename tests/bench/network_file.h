// The networks that are measured, as files, and what goes into them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recognizer/engine/kernels.h"
#include "recognizer/engine/network.h"

namespace inkfield::bench {

/// What a file does to its scores last; ours are always those before it.
enum class Ending { scores, softmax, log_softmax };

struct NetworkFile {
  std::string name;
  std::string path;
  std::string peers_path = {};  ///< the same with its weights as floats, which is all that some peers read
  const recognizer::Kernels* kernels = nullptr;  ///< ours; null: the best that there are
  int height = 0, width = 0;
  double multiply_adds = 0;
  Ending ending = Ending::scores;
};

/// Fills in the rest of it.
void look_into(NetworkFile& file);

/// Rows of `classes` scores as the file would have ended them.
std::vector<float> ended(std::vector<float> scores, std::size_t classes, Ending ending);

/// Paper with strokes: half of the pixels zero, the rest between 0 and 1.
std::vector<float> ink(int images, int height, int width);

/// The same network in bytes, its ranges taken from the sample as those of the peers are; nothing if none of
/// its layers can.
std::optional<recognizer::Network> in_bytes(const NetworkFile& file, const recognizer::Network& network,
                                            const std::vector<float>& sample);

}  // namespace inkfield::bench
