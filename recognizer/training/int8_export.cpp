// The engine itself measures, so that the ranges are those of its own steps.
#include "recognizer/training/int8_export.h"

#include <cstdint>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <span>
#include <string_view>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/network.h"
#include "recognizer/error.h"
#include "recognizer/training/protobuf_fields.h"

namespace inkfield::training {
namespace {

constexpr char kKey[] = "inkfield.int8";
constexpr int kMetadataField = 14;  // of onnx.proto's ModelProto
// The largest of more samples hardly grows, and far rarer values than these may well be cut.
constexpr int kCells = 600;
constexpr int kLines = 300;
constexpr std::uint64_t kSeed = 20240611;

std::string measured(const recognizer::Network& network, const SampleSources& samples) {
  const auto& facts = network.facts();
  const bool any_width = facts.input_width_px == 0;
  if (facts.input_height_px != recognizer::kInputHeightPx ||
      (!any_width && facts.input_width_px != recognizer::kInputHeightPx)) {
    throw Error(ErrorKind::invalid_model, "ranges are measured on inputs 32 px high, but this network takes " +
                                              std::to_string(facts.input_height_px) + " x " +
                                              std::to_string(facts.input_width_px) + " px");
  }
  recognizer::Int8Ranges ranges(network);
  synthesis::Random random(kSeed);
  const auto add = [&](const Sample& sample) {
    if (!sample.input.empty()) ranges.add(sample.input.pixels, 1, sample.input.width_px);
  };
  for (int i = 0; i < kCells; ++i) add(make_symbol(samples, random));
  for (int i = 0; any_width && i < kLines; ++i) add(make_line(samples, 2 + i * 11 / kLines, random));
  return ranges.metadata();
}

bool has_key(std::string_view entry, const std::string& key) {
  protozero::pbf_reader pair(protozero::data_view(entry.data(), entry.size()));
  return pair.next(1) && pair.get_string() == key;
}

std::string without(const std::string& key, const std::string& onnx) {
  return with_fields(onnx, kMetadataField, [&](std::string_view entry) {
    return has_key(entry, key) ? std::nullopt : std::optional(std::string(entry));
  });
}

// The file with this entry in place of any of its key.
std::string with(std::string_view entry, const std::string& onnx) {
  std::string whole = without(kKey, onnx);
  protozero::pbf_writer(whole).add_bytes(kMetadataField, protozero::data_view(entry.data(), entry.size()));
  return whole;
}

}  // namespace

std::string with_int8_ranges(const std::string& onnx, const SampleSources& samples) {
  // A network that was hardly trained can have a calibration that no reader takes; its ranges do not depend on it.
  const std::string bare = without("inkfield.calibration", onnx);
  const auto network = recognizer::Network::from_onnx(
      std::span(reinterpret_cast<const std::uint8_t*>(bare.data()), bare.size()));
  const std::string ranges = measured(network, samples);
  if (ranges.empty()) return onnx;
  std::string entry;
  protozero::pbf_writer pair(entry);
  pair.add_string(1, kKey);
  pair.add_string(2, ranges);
  return with(entry, onnx);
}

std::string with_int8_ranges_of(const std::string& source, const std::string& onnx) {
  for (protozero::pbf_reader fields(source); fields.next();) {
    if (fields.tag() != kMetadataField) {
      fields.skip();
      continue;
    }
    const auto entry = fields.get_view();
    if (has_key({entry.data(), entry.size()}, kKey)) return with({entry.data(), entry.size()}, onnx);
  }
  return onnx;
}

}  // namespace inkfield::training
