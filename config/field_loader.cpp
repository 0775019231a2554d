// The rules of a field. Whatever the JSON Schema says of one is checked here too, and what it cannot say:
// that zones lie on the page, that boxes fit their zone, that some text fits the format at all.
#include "config/field_loader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>

#include "config/calendar.h"
#include "config/field_pattern.h"
#include "config/kind_details.h"
#include "config/object_reader.h"
#include "config/template_loader.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 3> kLayouts = {"line", "boxes", "comb"};
constexpr std::array<Word, 7> kFormats = {"digits", "date", "amount", "zip", "phone", "pattern", "text"};
constexpr std::array<Word, 6> kDateOrders = {"DDMMYYYY", "MMDDYYYY", "YYYYMMDD",
                                             "DDMMYY",   "MMDDYY",   "YYMMDD"};
constexpr std::array<Word, 4> kGroupings = {"none", "thousands", "indian", "any"};
constexpr std::array<Word, 2> kDecimalMarks = {".", ","};
constexpr std::array<Word, 6> kCheckDigits = {"luhn", "mod10_weight31", "mod11", "mod97", "verhoeff", "aba"};

// Of every field; the kinds add their own.
constexpr std::array<Word, 8> kFieldKeys = {"id", "label", "kind", "zone", "layout", "format", "required", "allowed_wrong_rate"};
constexpr std::array<Word, 2> kLoneFieldKeys = {"$schema", "inkfield_field"};
constexpr std::array<Word, 4> kZoneKeys = {"x_mm", "y_mm", "width_mm", "height_mm"};
constexpr std::array<Word, 5> kLayoutKeys = {"type", "count", "pitch_mm", "gaps", "printed_lines"};
constexpr std::array<Word, 2> kGapKeys = {"after", "gap_mm"};
constexpr std::array<Word, 18> kFormatKeys = {
    "type",     "min_length", "max_length",   "order",       "separators",        "earliest",
    "latest",   "grouping",   "decimal_mark", "decimals",    "decimals_optional", "terminators",
    "currency", "minimum",    "maximum",      "check_digit", "pattern",           "characters"};

bool format_has_key(FormatType type, Word key) {
  const auto is_one_of = [&](std::initializer_list<Word> keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (key == "type") return true;
  switch (type) {
    case FormatType::digits:
      return is_one_of({"min_length", "max_length", "minimum", "maximum", "check_digit"});
    case FormatType::date:
      return is_one_of({"order", "separators", "earliest", "latest"});
    case FormatType::amount:
      return is_one_of({"grouping", "decimal_mark", "decimals", "decimals_optional", "terminators",
                        "currency", "minimum", "maximum"});
    case FormatType::zip:
      return false;
    case FormatType::phone:
      return is_one_of({"min_length", "max_length"});
    case FormatType::pattern:
      return is_one_of({"pattern", "check_digit"});
    case FormatType::text:
      return is_one_of({"min_length", "max_length", "pattern", "characters"});
  }
  return false;
}

constexpr int kMaxBoxes = 100;
constexpr double kMinPitchMm = 1;
constexpr double kMaxPitchMm = 100;
constexpr double kMaxGapMm = 500;
// Zones are measured on paper: a hundredth of a millimetre over the edge is rounding.
constexpr double kRoundingMm = 0.01;
// The last box may be narrower than the pitch (boxes that stand apart) or a little wider (thick lines).
// Beyond that zone, count and pitch do not speak of the same boxes, and the characters would be cut at the
// wrong places.
constexpr double kNarrowestLastBox = 0.3;
constexpr double kWidestLastBox = 1.25;
constexpr int kMaxDigits = 100;
constexpr int kMaxText = 1000;
constexpr int kMaxDigitsOnLine = 40;
constexpr int kMinPhoneDigits = 5;
constexpr int kMaxPhoneDigits = 15;  // ITU-T E.164
constexpr int kMaxDateYears = 500;   // every day of the range is held in memory while a field is made ready
constexpr int kDigitsOfExactValue = 15;
constexpr double kMaxValue = 1e15;

std::string mm(double value) { return number_text(value) + " mm"; }

std::string boxes_text(LayoutType type, int count) {
  return std::to_string(count) + (type == LayoutType::comb ? " places" : count == 1 ? " box" : " boxes");
}

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
        read_format(*format);
      } else {
        field_.format.type = rules_->formats.front();
        set_lengths(std::nullopt, std::nullopt);
      }
      return field_;
    }
    if (in_.has("layout")) {
      layout_good_ = false;
      if (const JsonNode* layout = in_.object("layout")) read_layout(*layout);
    }
    if (in_.has("format")) {
      if (const JsonNode* format = in_.object("format")) read_format(*format);
    } else {
      field_.format.type = rules_->formats.front();
      if (layout_good_) set_lengths(std::nullopt, std::nullopt);
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

  // --- layout ---

  void read_layout(const JsonNode& node) {
    ObjectReader in(node, in_.pointer_to("layout"), faults_);
    in.require("type", choice_text(kLayouts));
    const std::size_t faults_before = faults_.size();
    in.allow_keys(kLayoutKeys, "a layout", home_of_key);
    const auto type = in.choice("type", kLayouts);
    if (!type) return;
    Layout& layout = field_.layout;
    layout.type = static_cast<LayoutType>(*type);
    layout.printed_lines = in.boolean("printed_lines").value_or(true);
    if (layout.type == LayoutType::line) {
      for (const Word key : {"count", "pitch_mm", "gaps"}) {
        if (in.has(key)) {
          in.fault_at(key, "a line has no " + in_quotes(key) +
                               "; delete it, or make the layout's \"type\" \"boxes\" or \"comb\"");
        }
      }
      layout_good_ = faults_.size() == faults_before;
      return;
    }
    if (std::find(rules_->layouts.begin(), rules_->layouts.end(), layout.type) == rules_->layouts.end()) {
      in.fault_at("type", "found " + in_quotes(kLayouts[*type]) + ", but " + std::string(rules_->called) +
                              " is read as lines only; use \"line\", or \"handwritten_number\" as the field's kind if "
                              "people fill it in");
      return;
    }
    in.require("count", "how many boxes there are");
    layout.count = in.integer("count", 1, kMaxBoxes).value_or(0);
    layout.pitch_mm = in.number("pitch_mm", {kMinPitchMm, kMaxPitchMm}).value_or(0);
    if (const JsonNode* gaps = in.list("gaps", 0, kMaxBoxes - 1)) read_gaps(*gaps, in.pointer_to("gaps"));
    layout_good_ = faults_.size() == faults_before && layout.count > 0;
    if (layout_good_ && zone_) fit_boxes(in);
  }

  void read_gaps(const JsonNode& list, const std::string& pointer) {
    Layout& layout = field_.layout;
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      const JsonNode& node = list.children[i];
      const std::string here = json_pointer(pointer, std::to_string(i));
      if (node.type != JsonType::object) {
        faults_.add(node.order, here,
                    "found " + describe(node) + ", expected an object {\"after\": .., \"gap_mm\": ..}");
        continue;
      }
      ObjectReader in(node, here, faults_);
      in.allow_keys(kGapKeys, "a gap", home_of_key);
      in.require("after", "which box the gap follows, counted from 1");
      in.require("gap_mm", "how wide the gap is");
      const auto after = in.integer("after", 1, kMaxBoxes - 1);
      const auto gap = in.number("gap_mm", {0, kMaxGapMm, true});
      if (!after) continue;
      if (layout.count > 0 && *after >= layout.count) {
        in.fault_at("after", "found " + std::to_string(*after) + ", but a gap lies between two of the " +
                                 boxes_text(layout.type, layout.count) + "; expected 1 to " +
                                 std::to_string(std::max(1, layout.count - 1)));
      }
      const auto same = [&](const LayoutGap& other) { return other.after == *after; };
      if (std::any_of(layout.gaps.begin(), layout.gaps.end(), same)) {
        in.fault_at("after", "a gap after box " + std::to_string(*after) +
                                 " stands in this list already; add the two up");
      }
      layout.gaps.push_back({*after, gap.value_or(0)});
    }
    std::sort(layout.gaps.begin(), layout.gaps.end(),
              [](const LayoutGap& a, const LayoutGap& b) { return a.after < b.after; });
  }

  void fit_boxes(ObjectReader& in) {
    Layout& layout = field_.layout;
    double gaps = 0;
    for (const LayoutGap& gap : layout.gaps) gaps += gap.gap_mm;
    const double for_boxes = zone_->width_mm - gaps;
    const std::string zone_text = "the zone's " + mm(zone_->width_mm);
    const std::string less_gaps = gaps > 0 ? ", less " + mm(gaps) + " of gaps," : "";
    if (layout.pitch_mm <= 0) {
      layout.pitch_mm = for_boxes / layout.count;
      if (layout.pitch_mm < kMinPitchMm) {
        in.fault(boxes_text(layout.type, layout.count) + " do not fit: " + zone_text + less_gaps + " leave " +
                 mm(std::max(0.0, layout.pitch_mm)) +
                 " for each; make the zone wider or the count or gaps smaller");
        layout_good_ = false;
      }
      return;
    }
    const double last_box = for_boxes - (layout.count - 1) * layout.pitch_mm;
    if (last_box >= kNarrowestLastBox * layout.pitch_mm && last_box <= kWidestLastBox * layout.pitch_mm)
      return;
    in.fault_at("pitch_mm",
                "found " + mm(layout.pitch_mm) + ", but " + zone_text + less_gaps + " and " +
                    boxes_text(layout.type, layout.count) + " make a pitch of " +
                    mm(for_boxes / layout.count) +
                    "; the zone is the outer edge of the boxes, correct what was measured wrong or leave "
                    "pitch_mm out");
    layout_good_ = false;
  }

  // --- format ---

  void read_format(const JsonNode& node) {
    ObjectReader in(node, in_.pointer_to("format"), faults_);
    in.require("type", choice_text(kFormats));
    const std::size_t faults_before = faults_.size();
    in.allow_keys(kFormatKeys, "a format", home_of_key);
    const auto type = in.choice("type", kFormats);
    FieldFormat& format = field_.format;
    if (type) {
      format.type = static_cast<FormatType>(*type);
      check_keys_of_type(in);
      if (format.type == FormatType::pattern)
        in.require("pattern", "what the field looks like, such as 9{4}-9{4}");
      const auto& formats = rules_->formats;
      if (std::find(formats.begin(), formats.end(), format.type) == formats.end()) {
        std::vector<Word> names;
        for (const FormatType one : formats) names.push_back(kFormats[static_cast<std::size_t>(one)]);
        in.fault_at("type", "found " + in_quotes(kFormats[*type]) + ", but " + std::string(rules_->called) + " has a format of " +
                                choice_text(names) + (format.type == FormatType::text ? "; free text is read by \"printed_text\"" : ""));
      }
    }
    const bool counts_digits =
        type && (format.type == FormatType::digits || format.type == FormatType::phone);
    const int most_length = counts_digits ? kMaxDigits : kMaxText;
    const auto min_length = in.integer("min_length", 1, most_length);
    const auto max_length = in.integer("max_length", 1, most_length);
    const auto order = in.choice("order", kDateOrders);
    if (order) format.date_order = static_cast<DateOrder>(*order);
    read_separators(in);
    const auto earliest = read_day(in, "earliest");
    const auto latest = read_day(in, "latest");
    if (const auto grouping = in.choice("grouping", kGroupings))
      format.grouping = static_cast<Grouping>(*grouping);
    if (const auto mark = in.choice("decimal_mark", kDecimalMarks))
      format.decimal_mark = kDecimalMarks[*mark].front();
    format.decimals = in.integer("decimals", 0, 4).value_or(2);
    format.decimals_optional = in.boolean("decimals_optional").value_or(true);
    read_terminators(in);
    read_currency(in);
    format.minimum = in.number("minimum", {0, kMaxValue});
    format.maximum = in.number("maximum", {0, kMaxValue});
    if (const auto check = in.choice("check_digit", kCheckDigits)) {
      format.check_digit = static_cast<CheckDigit>(*check + 1);  // after CheckDigit::none
    }
    format.pattern = in.text("pattern", 1, 200).value_or("");
    format.characters = in.text("characters", 1, 500).value_or("");
    PatternShape shape;
    if (!format.pattern.empty()) {
      shape = measure_pattern(format.pattern);
      if (!shape.fault.empty()) {
        in.fault_at("pattern", "found " + in_quotes(format.pattern) + "; at its character " +
                                   std::to_string(shape.fault_at + 1) + ": " + shape.fault);
      }
    }

    // What follows holds good values against each other.
    if (!type || faults_.size() != faults_before || !layout_good_) return;
    switch (format.type) {
      case FormatType::digits:
      case FormatType::phone:
        check_lengths(in, min_length, max_length);
        break;
      case FormatType::text:
        check_lengths(in, min_length, max_length);
        check_text_pattern(in, shape);
        break;
      case FormatType::date:
        check_date(in, earliest, latest);
        break;
      case FormatType::amount:
        format.max_length = field_.layout.count;
        break;
      case FormatType::zip:
        check_zip(in);
        break;
      case FormatType::pattern:
        check_pattern_length(in, shape);
        break;
    }
    if (faults_.size() != faults_before) return;
    check_values(in);
    check_check_digit(in, shape);
  }

  void check_keys_of_type(ObjectReader& in) {
    for (const Word key : kFormatKeys) {
      if (!in.has(key) || format_has_key(field_.format.type, key)) continue;
      std::string homes;
      for (std::size_t i = 0; i < kFormats.size(); ++i) {
        if (!format_has_key(static_cast<FormatType>(i), key)) continue;
        homes += (homes.empty() ? "" : ", ") + in_quotes(kFormats[i]);
      }
      in.fault_at(key, in_quotes(key) + " has no meaning for the format " +
                           in_quotes(kFormats[static_cast<std::size_t>(field_.format.type)]) + ", only for " +
                           homes + "; delete it or change the type");
    }
  }

  void read_separators(ObjectReader& in) {
    FieldFormat& format = field_.format;
    if (format.type == FormatType::date && field_.layout.type == LayoutType::line)
      format.date_separators = "/-.";
    const auto found = in.text("separators", 0, 4);
    if (!found) return;
    format.date_separators.clear();
    for (const char c : *found) {
      if (Word("/-.,").find(c) == Word::npos) {
        in.fault_at("separators",
                    "found " + in_quotes(*found) + ", expected a text of none to four of / - . and comma");
        return;
      }
      if (format.date_separators.find(c) == std::string::npos) format.date_separators += c;
    }
    if (field_.layout.type != LayoutType::line && !found->empty()) {
      in.fault_at("separators",
                  "found " + in_quotes(*found) +
                      ", but boxes hold nothing but digits of the date; delete it (paper between the "
                      "parts is a gap of the layout)");
    }
  }

  std::optional<Day> read_day(ObjectReader& in, Word key) {
    const auto text = in.text(key, 0, 1'000'000);
    if (!text) return std::nullopt;
    const auto day = parse_iso_day(*text);
    if (!day || day->year < 1000 || day->year > 2999) {
      in.fault_at(key, "found " + in_quotes(*text) +
                           ", expected a day that exists, as YYYY-MM-DD, in the years 1000 to 2999");
      return std::nullopt;
    }
    return day;
  }

  void read_terminators(ObjectReader& in) {
    const JsonNode* const list = in.list("terminators", 0, 16);
    if (list == nullptr) return;
    std::vector<std::string>& terminators = field_.format.terminators;
    for (std::size_t i = 0; i < list->children.size(); ++i) {
      const JsonNode& node = list->children[i];
      const std::string here = json_pointer(in.pointer_to("terminators"), std::to_string(i));
      const bool good = node.type == JsonType::text && !node.text.empty() && node.text.size() <= 4 &&
                        node.text.find_first_not_of(",.-/=") == std::string::npos;
      if (!good) {
        faults_.add(node.order, here,
                    "found " + describe(node) + ", expected a text of one to four of , . - / =");
      } else if (std::find(terminators.begin(), terminators.end(), node.text) != terminators.end()) {
        faults_.add(node.order, here,
                    in_quotes(node.text) + " stands in this list already; delete one of the two");
      } else {
        terminators.push_back(node.text);
      }
    }
  }

  void read_currency(ObjectReader& in) {
    const auto currency = in.text("currency", 0, 1'000'000);
    if (!currency) return;
    const bool good = currency->size() == 3 && std::all_of(currency->begin(), currency->end(),
                                                           [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!good) {
      in.fault_at("currency", "found " + in_quotes(*currency) +
                                  ", expected a code of ISO 4217 such as \"INR\" or \"EUR\"");
    }
    field_.format.currency = *currency;
  }

  // --- values against each other ---

  /// Fills in the lengths that were left out.
  void set_lengths(std::optional<int> min_length, std::optional<int> max_length) {
    FieldFormat& format = field_.format;
    const bool phone = format.type == FormatType::phone;
    const int boxes = field_.layout.count;
    int most = boxes;
    if (boxes == 0) {
      most = format.type == FormatType::text ? kMaxText : phone ? kMaxPhoneDigits : kMaxDigitsOnLine;
    }
    if (boxes == 0 && min_length) most = std::max(most, *min_length);
    format.max_length = max_length.value_or(most);
    format.min_length = min_length.value_or(phone ? std::min(kMinPhoneDigits, format.max_length) : 1);
  }

  void check_lengths(ObjectReader& in, std::optional<int> min_length, std::optional<int> max_length) {
    const int boxes = field_.layout.count;
    if (min_length && max_length && *min_length > *max_length) {
      in.fault_at("min_length", "found " + std::to_string(*min_length) + ", which is more than max_length, " +
                                    std::to_string(*max_length) + "; turn the two around");
      return;
    }
    if (boxes > 0) {
      for (const auto& [key, length] :
           {std::pair{Word("min_length"), min_length}, {Word("max_length"), max_length}}) {
        if (length && *length > boxes) {
          in.fault_at(key, "found " + std::to_string(*length) + ", but the layout has " +
                               boxes_text(field_.layout.type, boxes) + "; expected at most that many");
        }
      }
    }
    set_lengths(min_length, max_length);
  }

  void check_date(ObjectReader& in, std::optional<Day> earliest, std::optional<Day> latest) {
    FieldFormat& format = field_.format;
    const Word order = kDateOrders[static_cast<std::size_t>(format.date_order)];
    const bool two_digit_years = order.size() == 6;
    if (field_.layout.count > 0 && static_cast<std::size_t>(field_.layout.count) != order.size()) {
      const std::string message = "the order " + in_quotes(order) + " needs " + std::to_string(order.size()) +
                                  " boxes, but the layout has " + std::to_string(field_.layout.count) +
                                  "; correct the order or the count";
      if (in.has("order")) {
        in.fault_at("order", message);
      } else {
        in.fault(message + " (left out, the order is DDMMYYYY)");
      }
    }
    const bool both_given = earliest && latest;
    if (!earliest) {
      earliest = two_digit_years ? Day{latest ? latest->year - 99 : 1950, 1, 1} : Day{1900, 1, 1};
    }
    if (!latest) {
      latest = two_digit_years ? Day{earliest->year + 99, 12, 31} : Day{2099, 12, 31};
    }
    if (*earliest > *latest) {
      const Word key = in.has("earliest") ? "earliest" : "latest";
      in.fault_at(key, "earliest, " + iso_text(*earliest) + (in.has("earliest") ? "" : " if left out") +
                           ", comes after latest, " + iso_text(*latest) +
                           (in.has("latest") ? "" : " if left out") + "; no day would be valid");
    } else if (two_digit_years && both_given && latest->year - earliest->year > 99) {
      in.fault_at(
          "latest",
          "with two-digit years, earliest and latest may be at most 99 years apart, so that each pair of "
          "digits stands for one year; bring them nearer, or use an order with YYYY");
    }
    if (latest->year - earliest->year > kMaxDateYears) {
      in.fault_at(in.has("latest") ? "latest" : "earliest",
                  "earliest and latest are more than " + std::to_string(kMaxDateYears) +
                      " years apart; bring them nearer, a narrow range makes the reading surer");
    }
    format.earliest = iso_text(*earliest);
    format.latest = iso_text(*latest);
    if (field_.layout.count > 0) format.min_length = format.max_length = field_.layout.count;
  }

  void check_zip(ObjectReader& in) {
    const int boxes = field_.layout.count;
    if (boxes != 0 && boxes != 5 && boxes != 10) {
      in.fault_at(
          "type",
          "a ZIP fills 5 boxes, or 10 with its dash, but the layout has " + std::to_string(boxes) +
              "; where the dash is printed, use \"digits\" with min_length 9 and a gap in the layout");
    }
    field_.format.min_length = 5;
    field_.format.max_length = boxes == 5 ? 5 : 10;
  }

  void check_pattern_length(ObjectReader& in, const PatternShape& shape) {
    const int boxes = field_.layout.count;
    if (boxes > 0 && (shape.shortest > boxes || shape.longest < boxes)) {
      in.fault_at("pattern", "it describes texts of " + lengths_text(shape) +
                                 " characters, but the layout has " + boxes_text(field_.layout.type, boxes) +
                                 "; each character needs one box");
    }
    field_.format.min_length = shape.shortest;
    field_.format.max_length = boxes > 0 ? boxes : shape.longest;
  }

  void check_text_pattern(ObjectReader& in, const PatternShape& shape) {
    const FieldFormat& format = field_.format;
    if (format.pattern.empty()) return;
    if (shape.longest < format.min_length || shape.shortest > format.max_length) {
      in.fault_at("pattern",
                  "it describes texts of " + lengths_text(shape) +
                      " characters, which min_length and max_length do not allow; nothing would be valid");
    }
  }

  static std::string lengths_text(const PatternShape& shape) {
    const std::string shortest = std::to_string(shape.shortest);
    return shape.shortest == shape.longest ? shortest : shortest + " to " + std::to_string(shape.longest);
  }

  void check_values(ObjectReader& in) {
    const FieldFormat& format = field_.format;
    if (format.minimum && format.maximum && *format.minimum > *format.maximum) {
      in.fault_at("minimum", "found " + number_text(*format.minimum) + ", which is more than maximum, " +
                                 number_text(*format.maximum) + "; turn the two around");
    }
    if (!format.minimum || format.max_length == 0 || format.max_length > kDigitsOfExactValue) return;
    const double beyond = std::pow(10.0, format.max_length);
    if (*format.minimum > beyond - 1) {
      in.fault_at("minimum", "found " + number_text(*format.minimum) + ", but " +
                                 std::to_string(format.max_length) +
                                 " digits cannot write a number that great; nothing would be valid");
    }
  }

  void check_check_digit(ObjectReader& in, const PatternShape& shape) {
    const FieldFormat& format = field_.format;
    if (format.check_digit == CheckDigit::none) return;
    const bool pattern = format.type == FormatType::pattern;
    const int fewest = pattern ? shape.fewest_digits : format.min_length;
    const int most = pattern ? shape.most_digits : format.max_length;
    const auto lengths = [&] {
      return fewest == most ? std::to_string(most) : std::to_string(fewest) + " to " + std::to_string(most);
    };
    if (format.check_digit == CheckDigit::aba) {
      if (fewest > 9 || most < 9) {
        in.fault_at("check_digit", "an ABA routing number has 9 digits, but this format has " + lengths() +
                                       "; nothing would be valid");
      }
      return;
    }
    const int needed = format.check_digit == CheckDigit::mod97 ? 3 : 2;
    if (most < needed) {
      in.fault_at("check_digit",
                  "needs at least " + std::to_string(needed) + " digits, but this format has " + lengths());
    }
  }

  ObjectReader in_;
  const FieldSurroundings& around_;
  FaultList& faults_;
  const KindRules* rules_ = nullptr;  // null until the kind is known
  Field field_;
  std::optional<RectMm> zone_;
  bool layout_good_ = true;
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
    in.fault("it ends " + mm(zone.right_mm()) + " from the left, but the page is only " + mm(page_width_mm) +
             " wide; move it or make it narrower");
    on_page = false;
  }
  if (page_height_mm > 0 && zone.bottom_mm() > page_height_mm + kRoundingMm) {
    in.fault("it ends " + mm(zone.bottom_mm()) + " from the top, but the page is only " + mm(page_height_mm) +
             " high; move it or make it lower");
    on_page = false;
  }
  if (!on_page) return std::nullopt;
  return zone;
}

std::string home_of_key(std::string_view key) {
  const auto in = [&](auto& keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
  if (key == "type") return "a layout or a format";
  if (in(kFormatKeys)) return "\"format\"";
  if (in(kLayoutKeys)) return "\"layout\"";
  if (in(kGapKeys)) return "a gap in \"gaps\"";
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
