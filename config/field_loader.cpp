// The rules of a field. Whatever the JSON Schema says of one is checked here too, and what it cannot say:
// that zones lie on the page. What a layout and a format may say stands in files of their own.
#include "config/field_loader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "config/format_loader.h"
#include "config/kind_details.h"
#include "config/layout_loader.h"
#include "config/object_reader.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;

// Of every field; the kinds add their own.
constexpr std::array<Word, 8> kFieldKeys = {"id", "label", "kind", "zone", "layout", "format", "required", "allowed_wrong_rate"};
constexpr std::array<Word, 2> kLoneFieldKeys = {"$schema", "inkfield_field"};
constexpr std::array<Word, 4> kZoneKeys = {"x_mm", "y_mm", "width_mm", "height_mm"};

class FieldReader {
 public:
  FieldReader(const JsonNode& node, const std::string& pointer, const FieldSurroundings& surroundings,
              FaultList& faults)
      : in_(node, pointer, faults), around_(surroundings), faults_(faults) {}

  Field read() {
    in_.allow_keys(field_keys(), "a field", home_of_key);
    if (around_.alone) {
      in_.integer("inkfield_field", 1, 1);
      if (const JsonNode* schema = in_.find("$schema"); schema != nullptr && schema->type != JsonType::text) {
        in_.fault_at("$schema", "found " + describe(*schema) + ", expected a text in double quotes");
      }
    } else {
      in_.require("id", "what results call this field");
    }
    std::vector<Word> kinds;
    for (const KindRules& rules : *around_.kinds) kinds.push_back(rules.name);
    in_.require("kind", "which reader reads it: " + choice_text(kinds));

    field_.id = around_.alone ? "field" : "";
    if (auto id = in_.text("id", 0, 1'000'000)) {
      if (!is_id(*id)) in_.fault_at("id", "found " + in_quotes(*id) + ", " + std::string(kIdRule));
      field_.id = *id;
    }
    field_.label = in_.text("label", 0, 200).value_or(field_.id);
    if (const auto kind = in_.choice("kind", kinds)) {
      rules_ = &(*around_.kinds)[*kind];
      field_.kind = rules_->kind;
    }
    if (!around_.alone && (rules_ == nullptr || !rules_->zone_from_options)) {
      in_.require("zone", "where on the page the field is, in mm");
    }
    if (const JsonNode* zone = in_.object("zone")) {
      zone_ =
          read_zone(*zone, in_.pointer_to("zone"), around_.page_width_mm, around_.page_height_mm, faults_);
      if (zone_) field_.zone = *zone_;
    }
    field_.required = in_.boolean("required").value_or(around_.required);
    field_.allowed_wrong_rate = in_.number("allowed_wrong_rate", {0, kMaxAllowedWrongRate, true})
                                    .value_or(around_.allowed_wrong_rate);
    field_.checked_ink_share = in_.number("checked_ink_share", {0, 1, true}).value_or(0);

    // Without a kind, half of what follows would only be guessed.
    if (rules_ == nullptr) return field_;
    check_keys_of_kind();
    read_kind_details(in_, *rules_, around_, faults_, field_);
    if (rules_->layouts.empty() && in_.has("layout")) {
      in_.fault_at("layout", std::string(rules_->called) + " has no layout; delete it");
    }
    if (rules_->formats.empty()) {
      if (in_.has("format")) in_.fault_at("format", std::string(rules_->called) + " has no format; delete it");
      return field_;
    }
    if (rules_->layouts.empty()) {
      if (const JsonNode* format = in_.has("format") ? in_.object("format") : nullptr) {
        read_format(*format, in_.pointer_to("format"), *rules_, true, faults_, field_);
      } else {
        field_.format.type = rules_->formats.front();
        set_lengths(field_, std::nullopt, std::nullopt);
      }
      return field_;
    }
    bool layout_good = true;
    if (in_.has("layout")) {
      const JsonNode* layout = in_.object("layout");
      layout_good = layout != nullptr &&
                    read_layout(*layout, in_.pointer_to("layout"), *rules_, zone_, faults_, field_.layout);
    }
    if (in_.has("format")) {
      if (const JsonNode* format = in_.object("format")) {
        read_format(*format, in_.pointer_to("format"), *rules_, layout_good, faults_, field_);
      }
    } else {
      field_.format.type = rules_->formats.front();
      if (layout_good) set_lengths(field_, std::nullopt, std::nullopt);
    }
    return field_;
  }

 private:
  std::vector<Word> field_keys() const {
    std::vector<Word> keys;
    if (around_.alone) keys.assign(kLoneFieldKeys.begin(), kLoneFieldKeys.end());
    keys.insert(keys.end(), kFieldKeys.begin(), kFieldKeys.end());
    for (const KindRules& rules : *around_.kinds) {
      for (const Word key : rules.keys) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      }
    }
    return keys;
  }

  /// A key of some other kind.
  void check_keys_of_kind() {
    const std::vector<Word> keys = field_keys();
    for (const Word key : keys) {
      if (!in_.has(key)) continue;
      std::vector<Word> homes;
      std::string owners;
      for (const KindRules& rules : *around_.kinds) {
        if (std::find(rules.keys.begin(), rules.keys.end(), key) == rules.keys.end()) continue;
        homes.push_back(rules.name);
        owners += (owners.empty() ? "" : " or ") + std::string(rules.called);
      }
      if (homes.empty() || std::find(homes.begin(), homes.end(), rules_->name) != homes.end()) continue;
      in_.fault_at(key, "only " + owners + " has it; delete it, or make \"kind\" " + choice_text(homes));
    }
  }

  ObjectReader in_;
  const FieldSurroundings& around_;
  FaultList& faults_;
  const KindRules* rules_ = nullptr;  // null until the kind is known
  Field field_;
  std::optional<RectMm> zone_;
};

}  // namespace

Field read_field(const JsonNode& node, const std::string& pointer, const FieldSurroundings& surroundings,
                 FaultList& faults) {
  if (node.type != JsonType::object) {
    faults.add(node.order, pointer, "found " + describe(node) + ", expected a field, an object {...}");
    return {};
  }
  return FieldReader(node, pointer, surroundings, faults).read();
}

std::optional<RectMm> read_zone(const JsonNode& node, const std::string& pointer, double page_width_mm,
                                double page_height_mm, FaultList& faults) {
  ObjectReader in(node, pointer, faults);
  in.allow_keys(kZoneKeys, "a zone", home_of_key);
  in.require("x_mm", "how far the left edge is from the page's");
  in.require("y_mm", "how far the upper edge is from the page's");
  in.require("width_mm", "how wide it is");
  in.require("height_mm", "how high it is");
  const auto x = in.number("x_mm", {0, kMaxLengthMm});
  const auto y = in.number("y_mm", {0, kMaxLengthMm});
  const auto width = in.number("width_mm", {0, kMaxLengthMm, true});
  const auto height = in.number("height_mm", {0, kMaxLengthMm, true});
  if (!x || !y || !width || !height) return std::nullopt;
  const RectMm zone{*x, *y, *width, *height};
  bool on_page = true;
  if (page_width_mm > 0 && zone.right_mm() > page_width_mm + kRoundingMm) {
    in.fault("it ends " + mm_text(zone.right_mm()) + " from the left, but the page is only " +
             mm_text(page_width_mm) + " wide; move it or make it narrower");
    on_page = false;
  }
  if (page_height_mm > 0 && zone.bottom_mm() > page_height_mm + kRoundingMm) {
    in.fault("it ends " + mm_text(zone.bottom_mm()) + " from the top, but the page is only " +
             mm_text(page_height_mm) + " high; move it or make it lower");
    on_page = false;
  }
  if (!on_page) return std::nullopt;
  return zone;
}

std::string home_of_key(std::string_view key) {
  const auto in = [&](const auto& keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
  if (key == "type") return "a layout or a format";
  if (in(format_keys())) return "\"format\"";
  if (in(layout_keys())) return "\"layout\"";
  if (in(gap_keys())) return "a gap in \"gaps\"";
  if (key == "corner_marks" || key == "landmarks" || key == "blank_image" || key == "barcode") return "\"find_by\"";
  if (key == "x_mm" || key == "y_mm") return "\"zone\"";
  if (key == "width_mm" || key == "height_mm") return "\"page\" or \"zone\"";
  if (key == "value") return "an option in \"options\"";
  if (key == "layout" || key == "format") return "a field";
  for (const KindRules& rules : standard_kinds()) {
    if (in(rules.keys)) return "a field";
  }
  return "";
}

bool is_id(std::string_view text) {
  constexpr std::size_t kMaxIdBytes = 64;
  const auto letter_or_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || text.size() > kMaxIdBytes || !letter_or_digit(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace inkfield::config
