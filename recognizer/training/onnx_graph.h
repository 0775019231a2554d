// An ONNX model built node by node, without libprotobuf.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace inkfield::training {

/// An attribute of a node; a lone number and a list of one are different things to ONNX.
struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, float, std::vector<std::int64_t>, std::string> value;
};

/// IR 8, opset 13. Nodes stand in the order in which they were added, which must be that of their work.
class OnnxGraph {
 public:
  OnnxGraph();
  /// A float constant; values in C order.
  OnnxGraph& weights(const std::string& name, const std::vector<std::int64_t>& dims, std::span<const float> values);
  /// A constant of signed bytes, likewise.
  OnnxGraph& bytes(const std::string& name, const std::vector<std::int64_t>& dims, std::span<const std::int8_t> values);
  /// A constant list of int64.
  OnnxGraph& integers(const std::string& name, const std::vector<std::int64_t>& values);
  OnnxGraph& node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                  const std::string& output, const std::vector<OnnxAttribute>& attributes = {});
  /// The whole file. A dimension that begins with no digit is an open one of that name; `metadata` becomes
  /// metadata_props.
  [[nodiscard]] std::string model(const std::pair<std::string, std::vector<std::string>>& input,
                                  const std::pair<std::string, std::vector<std::string>>& output,
                                  const std::map<std::string, std::string>& metadata) const;
  /// What was added so far, as the fields of a GraphProto.
  [[nodiscard]] const std::string& nodes() const { return nodes_; }
  [[nodiscard]] const std::string& constants() const { return constants_; }

 private:
  std::string nodes_;
  std::string constants_;
};

}  // namespace inkfield::training
