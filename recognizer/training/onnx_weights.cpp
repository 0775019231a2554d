// The engine's own reader takes the file apart, so that a damaged one is refused as the plugin refuses it.
#include "recognizer/training/onnx_weights.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"
#include "recognizer/training/ctc_network.h"

namespace inkfield::training {
namespace {

namespace onnx = recognizer::onnx;

std::string shape_text(const std::vector<std::int64_t>& dims) {
  std::string text;
  for (const std::int64_t dim : dims) text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::invalid_model,
              file.string() + ": " + what +
                  "; training can only go on from a file that the same recipe's network was written to");
}

const onnx::Tensor* find_initializer(const onnx::Model& model, const std::string& name) {
  const auto found = std::find_if(model.initializers.begin(), model.initializers.end(),
                                  [&](const onnx::Tensor& tensor) { return tensor.name == name; });
  return found == model.initializers.end() ? nullptr : &*found;
}

// Floats, as they are stored or from bytes.
onnx::Tensor constant(const onnx::Model& model, const std::string& name, const std::filesystem::path& file) {
  const std::string who = "its weights " + onnx::quoted(name);
  for (const onnx::Node& node : model.nodes) {
    if (node.op_type != "DequantizeLinear" || node.inputs.size() < 2 || node.outputs != std::vector{name}) continue;
    const onnx::Tensor* bytes = find_initializer(model, node.inputs[0]);
    const onnx::Tensor* scale = find_initializer(model, node.inputs[1]);
    if (bytes == nullptr || scale == nullptr) fail(file, who + " are no constants");
    return onnx::dequantised(*bytes, *scale, node.int_attribute("axis", 1), who);
  }
  const onnx::Tensor* found = find_initializer(model, name);
  if (found == nullptr) fail(file, "it has no weights called " + onnx::quoted(name));
  if (found->floats.empty()) fail(file, who + " are not float32");
  return *found;
}

void copy_to(const torch::Tensor& target, const onnx::Tensor& from, std::size_t layer, const std::filesystem::path& file) {
  if (from.dims != target.sizes().vec()) {
    fail(file, "layer " + std::to_string(layer + 1) + " has weights of " + shape_text(from.dims) + ", expected " +
                   shape_text(target.sizes().vec()));
  }
  const auto values = from.floats.values();
  std::copy(values.begin(), values.end(), target.data_ptr<float>());
}

}  // namespace

void read_weights(const std::filesystem::path& onnx_file, CtcNetworkImpl& network) {
  std::ifstream in(onnx_file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in || bytes.empty()) throw Error(ErrorKind::io_error, "cannot read " + onnx_file.string());
  const onnx::Model model = [&] {
    try {
      return onnx::read_model({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    } catch (const Error& error) {
      throw Error(error.kind(), onnx_file.string() + ": " + error.what());
    }
  }();
  std::vector<const onnx::Node*> convolutions;
  for (const onnx::Node& node : model.nodes) {
    if (node.op_type == "Conv") convolutions.push_back(&node);
  }
  const std::size_t layers = network.plan().size();
  if (convolutions.size() != layers) {
    fail(onnx_file, "it has " + std::to_string(convolutions.size()) + " convolutions, expected " +
                        std::to_string(layers));
  }
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    if (convolutions[i]->inputs.size() != 3) fail(onnx_file, "layer " + std::to_string(i + 1) + " has no bias");
    const CtcNetworkImpl::FoldedLayer layer = network.folded_layer(i);
    copy_to(layer.weight, constant(model, convolutions[i]->inputs[1], onnx_file), i, onnx_file);
    copy_to(layer.bias, constant(model, convolutions[i]->inputs[2], onnx_file), i, onnx_file);
  }
}

}  // namespace inkfield::training
