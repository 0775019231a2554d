// The layers of a plan become Conv, Add, Relu and MaxPool nodes.
#include "recognizer/training/onnx_writer.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

#include "recognizer/error.h"
#include "recognizer/training/ctc_network.h"
#include "recognizer/training/onnx_graph.h"

namespace inkfield::training {
namespace {

std::span<const float> values_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

std::string to_onnx(const CtcNetworkImpl& network, const std::map<std::string, std::string>& metadata,
                    int fixed_side_px) {
  const std::vector<LayerPlan>& plan = network.plan();
  using Ints = std::vector<std::int64_t>;
  OnnxGraph graph;
  std::string current = "ink";
  std::string before;  // what the layer before was given
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const LayerPlan& layer = plan[i];
    const bool last = i + 1 == plan.size();
    const std::string id = std::to_string(i + 1);
    const auto [weight, bias] = network.folded(i);
    graph.weights("weight" + id, weight.sizes().vec(), values_of(weight));
    graph.weights("bias" + id, bias.sizes().vec(), values_of(bias));
    const std::string given = current;
    std::string next = last ? "scores" : "conv" + id + "_out";
    graph.node("Conv", "conv" + id, {current, "weight" + id, "bias" + id}, next,
               {{"dilations", Ints{1, 1}},
                {"kernel_shape", Ints{layer.kernel_height, layer.kernel_width}},
                {"pads", Ints{layer.pad_height, layer.pad_width, layer.pad_height, layer.pad_width}},
                {"strides", Ints{1, 1}}});
    current = next;
    if (last) break;
    if (layer.closes_residual) {
      next = "sum" + id + "_out";
      graph.node("Add", "sum" + id, {current, before}, next);
      current = next;
    }
    before = given;
    next = "relu" + id + "_out";
    graph.node("Relu", "relu" + id, {current}, next);
    current = next;
    if (layer.pool_height * layer.pool_width > 1) {
      next = "pool" + id + "_out";
      const Ints pool = {layer.pool_height, layer.pool_width};
      graph.node("MaxPool", "pool" + id, {current}, next,
                 {{"kernel_shape", pool}, {"pads", Ints{0, 0, 0, 0}}, {"strides", pool}});
      current = next;
    }
  }
  const std::string side = std::to_string(fixed_side_px);
  const bool open = fixed_side_px == 0;
  return graph.model({"ink", {"N", "1", open ? std::to_string(recognizer::kInputHeightPx) : side, open ? "W" : side}},
                     {"scores", {"N", std::to_string(plan.back().channels), "1", open ? "F" : "1"}}, metadata);
}

void write_file(const std::string& path, const std::string& bytes) {
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) throw Error(ErrorKind::io_error, "cannot write " + part);
  }
  std::error_code failure;
  std::filesystem::rename(part, path, failure);
  if (failure) throw Error(ErrorKind::io_error, "cannot write " + path + ": " + failure.message());
}

}  // namespace inkfield::training
