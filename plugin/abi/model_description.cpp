// The extension "inkfield.model/1".
#include "plugin/abi/model_description.h"

#include <cstring>
#include <string>
#include <vector>

#include "plugin/abi/boundary.h"
#include "plugin/abi/json_writer.h"
#include "plugin/abi/model_location.h"
#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/network.h"
#include "recognizer/engine/network_inspection.h"

namespace inkfield::abi {
namespace {

void write_curve(JsonWriter& json, const char* name, const recognizer::CalibrationCurve& curve) {
  json.key(name).begin_object().member("a", curve.a).member("b", curve.b).member("spread", curve.spread);
  json.key("thresholds").begin_array();
  for (const auto& [rate, threshold] : curve.thresholds)
    json.begin_array().value(rate).value(threshold).end_array();
  json.end_array().end_object();
}

/// What the pipeline does with such a network, in a sentence.
std::string use_of(const recognizer::NetworkFacts& facts) {
  const std::string height = std::to_string(facts.input_height_px) + " px high";
  if (facts.input_width_px == 0) {
    const std::string frames =
        facts.frames_per_column == 1 ? "one frame" : std::to_string(facts.frames_per_column) + " frames";
    return "reads free lines of any width, " + height + ", " + frames + " for every " +
           std::to_string(facts.frame_stride_px) + " px; boxes are read as short lines";
  }
  return "reads lone symbols in boxes, " + std::to_string(facts.input_width_px) + " px wide and " + height +
         "; no free lines";
}

bool has_int8_layers(const recognizer::Network& network) {
  const int width = network.facts().input_width_px > 0 ? network.facts().input_width_px : 32;
  recognizer::Int8Ranges ranges(network);
  ranges.add(std::vector<float>(static_cast<std::size_t>(network.facts().input_height_px * width), 0.0F), 1, width);
  return !ranges.metadata().empty();
}

void write_facts(JsonWriter& json, const recognizer::Network& network) {
  const recognizer::NetworkFacts& facts = network.facts();
  json.member("name", facts.name)
      .member("version", facts.version)
      .member("licence", facts.licence)
      .member("data", facts.data);
  json.member("use", use_of(facts));
  json.member("alphabet", facts.alphabet)
      .member("has_blank", facts.has_blank)
      .member("class_count", facts.class_count);
  json.key("input").begin_object();
  json.member("height_px", facts.input_height_px).member("width_px", facts.input_width_px);
  json.member("frame_stride_px", facts.frame_stride_px);
  json.member("frames_per_column", facts.frames_per_column).end_object();
  json.member("parameter_count", facts.parameter_count);
  const int width = facts.input_width_px > 0 ? facts.input_width_px : 32;
  json.member("multiply_adds", network.multiply_adds(width)).member("multiply_adds_width_px", width);
  const bool ready = !facts.int8_ranges.empty();
  const bool possible = ready || has_int8_layers(network);
  json.key("int8").begin_object().member("possible", possible).member("ready", ready);
  if (!possible) {
    json.member("note", "none of its convolutions has an input that is never negative, as after a ReLU");
  } else if (!ready) {
    json.member("note", "its file has no ranges (metadata inkfield.int8): 'inkfield-train --ranges IN.onnx --out OUT.onnx "
                        "--recipe open' adds them");
  }
  json.end_object();
  json.member("calibrated", facts.calibrated);
  if (!facts.calibrated) {
    json.member("calibration_note",
                "no inkfield.calibration in its metadata: confidences are the network's own and a field's "
                "allowed rate of "
                "wrong answers is not held by any measurement; inkfield-train writes a calibration");
  }
  json.key("calibration").begin_object();
  write_curve(json, "symbol", facts.symbol_calibration);
  write_curve(json, "line", facts.line_calibration);
  write_curve(json, "digits", facts.digits_calibration);
  json.end_object();
  json.key("layers").begin_array();
  for (const std::string& layer : facts.layers) json.value(layer);
  json.end_array();
}

/// A file that cannot be run is described too, with all that stands in the way; only one that cannot be read
/// fails.
std::string describe_model(const std::string& path) {
  const auto found = recognizer::inspect_network(path);
  JsonWriter json;
  json.begin_object().member("path", path).member("runnable", found.network.has_value());
  json.member("why_not", found.first_fault);
  json.key("missing").begin_array();
  for (const auto& fault : found.faults) {
    json.begin_object()
        .member("where", fault.where)
        .member("what", fault.what)
        .member("advice", fault.advice);
    json.member("count", fault.count).end_object();
  }
  json.end_array();
  json.member("producer", found.producer).member("operator_set", found.opset);
  json.member("file_input", found.input).member("file_output", found.output);
  json.key("operators").begin_object();
  for (const auto& [name, count] : found.operators) json.member(name, count);
  json.end_object();
  if (found.network) write_facts(json, *found.network);
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
