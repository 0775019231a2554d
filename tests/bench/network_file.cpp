// Reads a file as far as a fair comparison needs it.
#include "tests/bench/network_file.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <protozero/pbf_writer.hpp>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/onnx_reader.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::bench {
namespace {

using recognizer::Network;

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

}  // namespace

void look_into(NetworkFile& file) {
  const Network network = Network::from_file(file.path);
  file.height = network.facts().input_height_px;
  file.width = network.facts().input_width_px != 0 ? network.facts().input_width_px : file.height;
  file.ending = ending_of(file.path);
  file.multiply_adds = static_cast<double>(network.multiply_adds(file.width));
}

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

std::vector<float> ink(int images, int height, int width) {
  auto pixels = recognizer::test::seeded_values(static_cast<std::size_t>(images * height * width), 7);
  for (auto& pixel : pixels) pixel = std::max(0.0F, pixel);
  return pixels;
}

std::optional<Network> in_bytes(const NetworkFile& file, const Network& network,
                                const std::vector<float>& sample) {
  recognizer::Int8Ranges ranges(network);
  const auto pixels = static_cast<std::size_t>(file.height * file.width);
  ranges.add(sample, static_cast<int>(sample.size() / pixels), file.width);
  const std::string value = ranges.metadata();
  if (value.empty()) return std::nullopt;
  auto content = recognizer::onnx::read_file(file.path);
  const recognizer::NetworkOptions options{.precision = recognizer::Precision::int8, .kernels = file.kernels};
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

}  // namespace inkfield::bench
