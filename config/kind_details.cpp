// The keys that belong to one kind of field.
#include "config/kind_details.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 2> kChoices = {"one", "any"};
constexpr std::array<Word, 2> kOptionKeys = {"value", "zone"};
// In the order of Symbology's bits.
constexpr std::array<Word, 14> kSymbologies = {"code_39", "code_93", "code_128", "codabar", "itf",         "ean_8",   "ean_13",
                                               "upc_a",   "upc_e",   "databar",  "qr",      "data_matrix", "pdf_417", "aztec"};
constexpr std::size_t kMostOptions = 100;

void read_option(const JsonNode& node, const std::string& pointer, const FieldSurroundings& around, FaultList& faults,
                 Field& field) {
  if (node.type != JsonType::object) {
    faults.add(node.order, pointer, "found " + describe(node) + ", expected an object {\"value\": .., \"zone\": ..}");
    return;
  }
  ObjectReader in(node, pointer, faults);
  in.allow_keys(kOptionKeys, "an option", home_of_key);
  in.require("value", "what the result says when this box is chosen");
  in.require("zone", "where the box is, in mm");
  FieldOption option;
  const auto value = in.text("value", 1, 200);
  if (value) {
    option.value = *value;
    if (value->find(',') != std::string::npos) {
      in.fault_at("value", "found " + in_quotes(*value) + ", but commas stand between the chosen values of a result; leave them out");
    }
    const auto same = [&](const FieldOption& other) { return other.value == *value; };
    if (std::any_of(field.options.begin(), field.options.end(), same)) {
      in.fault_at("value", in_quotes(*value) + " is the value of an option above; give each option one of its own");
    }
  }
  const JsonNode* const zone_node = in.object("zone");
  if (zone_node == nullptr) return;
  const auto zone = read_zone(*zone_node, in.pointer_to("zone"), around.page_width_mm, around.page_height_mm, faults);
  if (!zone) return;
  option.zone = *zone;
  field.options.push_back(std::move(option));
}

void read_options(ObjectReader& in, const FieldSurroundings& around, FaultList& faults, Field& field) {
  const std::size_t faults_before = faults.size();
  in.require("options", "which boxes there are: a list of {\"value\": .., \"zone\": ..}");
  const JsonNode* const list = in.list("options", 2, kMostOptions);
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    read_option(list->children[i], json_pointer(in.pointer_to("options"), std::to_string(i)), around, faults, field);
  }
  if (faults.size() != faults_before || field.options.empty()) return;
  RectMm round = field.options.front().zone;
  for (const FieldOption& option : field.options) {
    const double right = std::max(round.right_mm(), option.zone.right_mm());
    const double bottom = std::max(round.bottom_mm(), option.zone.bottom_mm());
    round.x_mm = std::min(round.x_mm, option.zone.x_mm);
    round.y_mm = std::min(round.y_mm, option.zone.y_mm);
    round.width_mm = right - round.x_mm;
    round.height_mm = bottom - round.y_mm;
  }
  if (!in.has("zone")) {
    field.zone = round;
    return;
  }
  const bool inside = field.zone.x_mm <= round.x_mm + kRoundingMm && field.zone.y_mm <= round.y_mm + kRoundingMm &&
                      field.zone.right_mm() >= round.right_mm() - kRoundingMm && field.zone.bottom_mm() >= round.bottom_mm() - kRoundingMm;
  if (!inside && field.zone.width_mm > 0) {
    in.fault_at("zone", "an option lies outside of it; make it hold all options, or delete it (left out, it is the rectangle round them)");
  }
}

}  // namespace

std::uint32_t read_symbologies(ObjectReader& in, FaultList& faults) {
  constexpr std::uint32_t kAll = (1U << kSymbologies.size()) - 1U;
  const JsonNode* const list = in.list("symbologies", 1, kSymbologies.size());
  if (list == nullptr) return kAll;
  std::uint32_t symbologies = 0;
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const JsonNode& node = list->children[i];
    const auto word = std::find(kSymbologies.begin(), kSymbologies.end(), node.type == JsonType::text ? Word(node.text) : Word());
    if (word == kSymbologies.end()) {
      std::string message = "found " + describe(node) + ", expected " + choice_text(kSymbologies);
      const Word near = node.type == JsonType::text ? nearest_word(node.text, kSymbologies) : Word();
      if (!near.empty()) message += "; did you mean " + in_quotes(near) + "?";
      faults.add(node.order, json_pointer(in.pointer_to("symbologies"), std::to_string(i)), std::move(message));
      continue;
    }
    symbologies |= 1U << static_cast<std::uint32_t>(word - kSymbologies.begin());
  }
  return symbologies;
}

void read_kind_details(ObjectReader& in, const KindRules& rules, const FieldSurroundings& surroundings, FaultList& faults,
                       Field& field) {
  const auto has = [&](Word key) { return std::find(rules.keys.begin(), rules.keys.end(), key) != rules.keys.end(); };
  if (has("choose")) {
    if (const auto choice = in.choice("choose", kChoices)) field.choose = static_cast<Choose>(*choice);
  }
  if (has("options")) read_options(in, surroundings, faults, field);
  if (has("symbologies")) field.symbologies = read_symbologies(in, faults);
}

}  // namespace inkfield::config
