// Runs the same reader and planner as loading does, the planner in its way that goes on after a fault.
#include "recognizer/engine/network_inspection.h"

#include <algorithm>

#include "recognizer/engine/network_metadata.h"
#include "recognizer/engine/network_plan.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

const char* type_name(std::int32_t type) {
  switch (type) {
    case 1:
      return "float32";
    case 2:
      return "uint8";
    case 3:
      return "int8";
    case 6:
      return "int32";
    case 7:
      return "int64";
    case 10:
      return "float16";
    case 11:
      return "float64";
    case 16:
      return "bfloat16";
    default:
      return "of another type";
  }
}

std::string shown(const onnx::ValueInfo& info) {
  std::string text = onnx::quoted(info.name) + " " + type_name(info.element_type);
  if (!info.has_shape) return text;
  text += " [";
  for (std::size_t i = 0; i < info.dims.size(); ++i) {
    text += (i > 0 ? ", " : "") +
            (info.dims[i] == -1 ? std::string(i == 0 ? "N" : "any") : std::to_string(info.dims[i]));
  }
  return text + "]";
}

void describe_file(const onnx::Model& model, NetworkInspection& found) {
  found.producer = model.producer;
  found.opset = model.opset;
  for (const auto& input : model.inputs) {
    const bool weights = std::any_of(model.initializers.begin(), model.initializers.end(),
                                     [&](const onnx::Tensor& tensor) { return tensor.name == input.name; });
    if (!weights) found.input += (found.input.empty() ? "" : "; ") + shown(input);
  }
  for (const auto& output : model.outputs) found.output += (found.output.empty() ? "" : "; ") + shown(output);
  for (const auto& node : model.nodes) {
    const std::string name = onnx::quoted(node.op_type);
    const std::string plain = name.substr(1, name.size() - 2);
    const auto known = std::find_if(found.operators.begin(), found.operators.end(),
                                    [&](const auto& entry) { return entry.first == plain; });
    if (known == found.operators.end()) {
      if (found.operators.size() < 200) found.operators.emplace_back(plain, 1);
    } else {
      ++known->second;
    }
  }
}

}  // namespace

NetworkInspection inspect_network(const std::string& path) {
  auto bytes = onnx::ModelBytes::of_file(path);
  NetworkInspection found;
  try {
    const auto model = onnx::read_model(bytes);
    describe_file(model, found);
    found.faults = find_faults(model);
    if (found.faults.empty()) {
      found.network.emplace(Network::from_model(model));
    } else {
      const auto& first = found.faults.front();
      found.first_fault = first.where + ": " + first.what + (first.advice.empty() ? "" : "; " + first.advice);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_model) throw;
    found.faults = {fault_of(error, "file")};
    found.first_fault = error.what();
  }
  return found;
}

}  // namespace inkfield::recognizer
