// What a field's text may be. Whatever the JSON Schema says of a format is checked here too, and what it
// cannot say: that some text fits the format and its boxes at all.
#include "config/format_loader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "config/calendar.h"
#include "config/field_loader.h"
#include "config/field_pattern.h"
#include "config/layout_loader.h"
#include "config/object_reader.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 7> kFormats = {"digits", "date", "amount", "zip", "phone", "pattern", "text"};
constexpr std::array<Word, 6> kDateOrders = {"DDMMYYYY", "MMDDYYYY", "YYYYMMDD",
                                             "DDMMYY",   "MMDDYY",   "YYMMDD"};
constexpr std::array<Word, 4> kGroupings = {"none", "thousands", "indian", "any"};
constexpr std::array<Word, 2> kDecimalMarks = {".", ","};
constexpr std::array<Word, 6> kCheckDigits = {"luhn", "mod10_weight31", "mod11", "mod97", "verhoeff", "aba"};

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

constexpr int kMaxDigits = 100;
constexpr int kMaxText = 1000;
constexpr int kMaxDigitsOnLine = 40;
constexpr int kMinPhoneDigits = 5;
constexpr int kMaxPhoneDigits = 15;  // ITU-T E.164
constexpr int kMaxDateYears = 500;   // every day of the range is held in memory while a field is made ready
constexpr int kDigitsOfExactValue = 15;
constexpr double kMaxValue = 1e15;

class FormatReader {
 public:
  FormatReader(const KindRules& rules, bool layout_good, FaultList& faults, Field& field)
      : rules_(rules), layout_good_(layout_good), faults_(faults), field_(field) {}

  void read(const JsonNode& node, const std::string& pointer) {
    ObjectReader in(node, pointer, faults_);
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
      const auto& formats = rules_.formats;
      if (std::find(formats.begin(), formats.end(), format.type) == formats.end()) {
        std::vector<Word> names;
        for (const FormatType one : formats) names.push_back(kFormats[static_cast<std::size_t>(one)]);
        in.fault_at("type", "found " + in_quotes(kFormats[*type]) + ", but " + std::string(rules_.called) + " has a format of " +
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

 private:
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
    set_lengths(field_, min_length, max_length);
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

  const KindRules& rules_;
  bool layout_good_;
  FaultList& faults_;
  Field& field_;
};

}  // namespace

std::span<const std::string_view> format_keys() { return kFormatKeys; }

void set_lengths(Field& field, std::optional<int> min_length, std::optional<int> max_length) {
  FieldFormat& format = field.format;
  const bool phone = format.type == FormatType::phone;
  const int boxes = field.layout.count;
  int most = boxes;
  if (boxes == 0) {
    most = format.type == FormatType::text ? kMaxText : phone ? kMaxPhoneDigits : kMaxDigitsOnLine;
  }
  if (boxes == 0 && min_length) most = std::max(most, *min_length);
  format.max_length = max_length.value_or(most);
  format.min_length = min_length.value_or(phone ? std::min(kMinPhoneDigits, format.max_length) : 1);
}

void read_format(const JsonNode& node, const std::string& pointer, const KindRules& rules, bool layout_good,
                 FaultList& faults, Field& field) {
  FormatReader(rules, layout_good, faults, field).read(node, pointer);
}

}  // namespace inkfield::config
