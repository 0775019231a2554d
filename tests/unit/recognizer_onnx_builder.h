// Writes small ONNX files for tests, honest ones and others.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace inkfield::recognizer::test {

struct OnnxAttribute {
  std::string name;
  std::optional<std::int64_t> i = {};
  std::optional<float> f = {};
  std::optional<std::string> s = {};
  std::optional<std::vector<std::int64_t>> ints = {};
  std::optional<std::vector<std::int64_t>> int_tensor = {};  ///< one dimension; none if there is one number
};

/// Every call appends; nothing is checked, so that a test can write what it likes.
class OnnxBuilder {
 public:
  std::int64_t opset = 13;

  /// -1 leaves a dimension open.
  OnnxBuilder& input(const std::string& name, const std::vector<std::int64_t>& dims, int element_type = 1);
  OnnxBuilder& output(const std::string& name, const std::vector<std::int64_t>& dims = {});
  OnnxBuilder& weights(const std::string& name, const std::vector<std::int64_t>& dims,
                       const std::vector<float>& values, bool raw = true);
  /// Signed bytes, in raw_data or in int32_data.
  OnnxBuilder& byte_weights(const std::string& name, const std::vector<std::int64_t>& dims, const std::vector<std::int32_t>& values,
                            bool raw = true);
  /// Weights that the file says lie in another one.
  OnnxBuilder& external_weights(const std::string& name, const std::vector<std::int64_t>& dims,
                                const std::string& location);
  OnnxBuilder& shape(const std::string& name, const std::vector<std::int64_t>& values, bool raw = true);
  OnnxBuilder& node(const std::string& op, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs,
                    const std::vector<OnnxAttribute>& attributes = {}, const std::string& name = {});
  OnnxBuilder& metadata(const std::string& key, const std::string& value);

  [[nodiscard]] std::vector<std::uint8_t> bytes() const;

 private:
  std::string graph_;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

/// A network in the contract's form: [N,1,32,W] to [N,17,1,W/4], two convolutions, pools and seeded weights.
OnnxBuilder small_line_network();

/// Seeded numbers from -1 to 1, the same on every machine.
std::vector<float> seeded_values(std::size_t count, std::uint32_t seed);

}  // namespace inkfield::recognizer::test
