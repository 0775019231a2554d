// The extension "inkfield.model/1".
#include "plugin/abi/model_description.h"

#include <cstring>
#include <optional>
#include <string>

#include "plugin/abi/boundary.h"
#include "plugin/abi/json_writer.h"
#include "plugin/abi/model_location.h"
#include "recognizer/engine/network.h"

namespace inkfield::abi {
namespace {

void write_curve(JsonWriter& json, const char* name, const recognizer::CalibrationCurve& curve) {
  json.key(name).begin_object().member("a", curve.a).member("b", curve.b);
  json.key("thresholds").begin_array();
  for (const auto& [rate, threshold] : curve.thresholds)
    json.begin_array().value(rate).value(threshold).end_array();
  json.end_array().end_object();
}

/// A file that cannot be run is described too, with the reason; only one that cannot be read fails.
std::string describe_model(const std::string& path) {
  std::optional<recognizer::Network> network;
  std::string why_not;
  try {
    network.emplace(recognizer::Network::from_file(path));
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::invalid_model) throw;
    why_not = e.what();
  }
  JsonWriter json;
  json.begin_object().member("path", path).member("runnable", network.has_value()).member("why_not", why_not);
  if (network) {
    const recognizer::NetworkFacts& facts = network->facts();
    json.member("name", facts.name)
        .member("version", facts.version)
        .member("licence", facts.licence)
        .member("data", facts.data);
    json.member("alphabet", facts.alphabet)
        .member("has_blank", facts.has_blank)
        .member("class_count", facts.class_count);
    json.key("input").begin_object();
    json.member("height_px", facts.input_height_px).member("width_px", facts.input_width_px);
    json.member("frame_stride_px", facts.frame_stride_px).end_object();
    json.member("parameter_count", facts.parameter_count);
    const int width = facts.input_width_px > 0 ? facts.input_width_px : 32;
    json.member("multiply_adds", network->multiply_adds(width)).member("multiply_adds_width_px", width);
    json.member("calibrated", facts.calibrated);
    json.key("calibration").begin_object();
    write_curve(json, "symbol", facts.symbol_calibration);
    write_curve(json, "line", facts.line_calibration);
    json.end_object();
    json.key("layers").begin_array();
    for (const std::string& layer : facts.layers) json.value(layer);
    json.end_array();
  }
  json.end_object();
  return json.take();
}

inkfield_status describe(const char* path, char* buffer, std::uint64_t buffer_bytes,
                         std::uint64_t* required_bytes, inkfield_error* error) {
  return guarded(error, [&] {
    required(required_bytes, "required_bytes");
    const std::string text = describe_model(find_model(or_empty(path), ""));
    if (buffer != nullptr && buffer_bytes < text.size() + 1) {
      throw Error(ErrorKind::invalid_argument, "buffer_bytes is " + std::to_string(buffer_bytes) +
                                                   ", but the text needs " + std::to_string(text.size() + 1));
    }
    if (buffer != nullptr) std::memcpy(buffer, text.c_str(), text.size() + 1);
    *required_bytes = text.size() + 1;
  });
}

}  // namespace

const inkfield_model_api& model_api() {
  static constexpr inkfield_model_api kTable = {sizeof(inkfield_model_api), 0, describe};
  return kTable;
}

}  // namespace inkfield::abi
