// Each type of rule is one function that reads it. What makes no sense is refused here: fields that do not exist or cannot
// be what the rule needs, sums that contain each other, lists that cannot be read.
#include "config/rule_loader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "config/field_loader.h"
#include "config/object_reader.h"
#include "config/template_loader.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;
using Index = std::size_t;

constexpr std::array<Word, 13> kMethods = {
    "luhn", "mod10_weight31", "mod11", "mod97", "verhoeff", "aba", "iso7064_mod11_2", "iso7064_mod37_2", "iso7064_mod97_10",
    "iso7064_mod11_10", "iso7064_mod37_36", "mod11_weights_2to7", "iban"};
constexpr std::array<Word, 4> kSeparators = {",", ";", "tab", "|"};
constexpr std::array<char, 4> kSeparatorCharacters = {',', ';', '\t', '|'};
constexpr std::array<Word, 4> kStates = {"filled", "blank", "checked", "unchecked"};
constexpr std::array<Word, 3> kWhenKeys = {"field", "is", "equals"};

constexpr int kMaxDays = 100'000;
constexpr int kMaxTolerance = 1'000'000;
constexpr double kMaxTaxPercent = 100;
constexpr double kThousandths = 1000;
// A suggestion is looked for among thousands of ids: not for every one of thousands of wrong words.
constexpr int kMostSuggestions = 20;

bool is_checkbox(const Field& field) { return field.kind == FieldKind::checkbox; }
bool is_date(const Field& field) { return !is_checkbox(field) && field.format.type == FormatType::date; }
bool is_amount(const Field& field) { return !is_checkbox(field) && field.format.type == FormatType::amount; }
bool is_number(const Field& field) { return is_amount(field) || (!is_checkbox(field) && field.format.type == FormatType::digits); }
// Codes, numbers that are not counted with, and printed words.
bool is_code(const Field& field) { return !is_checkbox(field) && !is_date(field) && !is_amount(field); }
bool is_written(const Field& field) { return !is_checkbox(field); }
bool is_any(const Field&) { return true; }

std::string what_it_is(const Field& field) {
  if (is_checkbox(field)) return "a checkbox";
  if (is_date(field)) return "a date";
  if (is_amount(field)) return "an amount";
  return field.format.type == FormatType::digits ? "a number" : "neither a date nor an amount";
}

/// What a rule asks of a field, and how messages say it.
struct Need {
  bool (*fits)(const Field&);
  Word words;
};
constexpr Need kDate{is_date, "a field with the format \"date\""};
constexpr Need kNumber{is_number, "a field with the format \"amount\" or \"digits\""};
constexpr Need kCode{is_code, "a field with digits or text, no date, amount or checkbox"};
constexpr Need kWritten{is_written, "a field that is written in, no checkbox"};
constexpr Need kAny{is_any, ""};

class RulesReader {
 public:
  RulesReader(std::string pointer, const std::string& base_folder, FieldsAre fields_are, FormTemplate& form, FaultList& faults)
      : pointer_(std::move(pointer)), base_folder_(base_folder), check_kinds_(fields_are == FieldsAre::good), form_(form), faults_(faults) {
    for (Index i = 0; i < form.fields.size(); ++i) index_of_.emplace(form.fields[i].id, i);
  }

  void read(const JsonNode& list) {
    for (Index i = 0; i < list.children.size(); ++i) read_rule(list.children[i], json_pointer(pointer_, std::to_string(i)));
    refuse_circles(list);
  }

 private:
  struct Type {
    Word name;
    std::span<const Word> keys;  // besides name and type
    void (RulesReader::*read)(ObjectReader&, FormRule&);
  };

  static constexpr std::array<Word, 2> kCheckDigitKeys = {"fields", "method"};
  static constexpr std::array<Word, 4> kDateOrderKeys = {"earlier", "later", "least_days", "most_days"};
  static constexpr std::array<Word, 4> kDateLimitKeys = {"field", "earliest", "latest", "most_days_old"};
  static constexpr std::array<Word, 5> kSumKeys = {"terms", "less", "total", "tax_percent", "tolerance_minor_units"};
  static constexpr std::array<Word, 1> kEqualKeys = {"fields"};
  static constexpr std::array<Word, 6> kListKeys = {"field", "file", "column", "key_field", "key_column", "separator"};
  static constexpr std::array<Word, 2> kRequiredIfKeys = {"field", "when"};

  /// One line a type.
  static std::span<const Type> types() {
    static constexpr std::array<Type, 7> kTypes = {{{"check_digit", kCheckDigitKeys, &RulesReader::read_check_digit},
                                                    {"date_order", kDateOrderKeys, &RulesReader::read_date_order},
                                                    {"date_limit", kDateLimitKeys, &RulesReader::read_date_limit},
                                                    {"sum", kSumKeys, &RulesReader::read_sum},
                                                    {"equal", kEqualKeys, &RulesReader::read_equal},
                                                    {"list", kListKeys, &RulesReader::read_list},
                                                    {"required_if", kRequiredIfKeys, &RulesReader::read_required_if}}};
    return kTypes;
  }

  void read_rule(const JsonNode& node, const std::string& pointer) {
    if (node.type != JsonType::object) {
      faults_.add(node.order, pointer, "found " + describe(node) + ", expected a rule, an object {\"name\": .., \"type\": ..}");
      return;
    }
    ObjectReader in(node, pointer, faults_);
    std::vector<Word> names;
    for (const Type& type : types()) names.push_back(type.name);
    in.require("name", "what results call this rule, such as \"lines make the total\"");
    in.require("type", "what is held against what: " + choice_text(names));
    FormRule rule;
    if (auto name = in.text("name", 1, 200)) {
      rule.name = *name;
      if (!names_.insert(rule.name).second) in.fault_at("name", in_quotes(rule.name) + " is the name of a rule above; give each rule one of its own");
    }
    const auto which = in.choice("type", names);
    if (!which) return;
    const Type& type = types()[*which];
    std::vector<Word> keys = {"name", "type"};
    keys.insert(keys.end(), type.keys.begin(), type.keys.end());
    in.allow_keys(keys, "a rule of the type " + in_quotes(type.name), [](Word) { return std::string(); });
    (this->*type.read)(in, rule);
    form_.rules.push_back(std::move(rule));
  }

  // --- fields ---

  std::optional<Index> field_named(const JsonNode& node, const std::string& pointer, const Need& need, FormRule& rule) {
    if (node.type != JsonType::text) {
      faults_.add(node.order, pointer, "found " + describe(node) + ", expected the id of a field in double quotes");
      return std::nullopt;
    }
    const auto found = index_of_.find(node.text);
    if (found == index_of_.end()) {
      std::string message = in_quotes(node.text) + " is no field of this form";
      if (suggestions_++ < kMostSuggestions) {
        std::vector<Word> ids;
        for (const Field& field : form_.fields) ids.push_back(field.id);
        if (const Word near = nearest_word(node.text, ids); !near.empty()) message += "; did you mean " + in_quotes(near) + "?";
      }
      faults_.add(node.order, pointer, std::move(message));
      return std::nullopt;
    }
    const Field& field = form_.fields[found->second];
    if (check_kinds_ && !need.fits(field)) {
      faults_.add(node.order, pointer, in_quotes(field.id) + " is " + what_it_is(field) + ", but this rule needs " + std::string(need.words) + " here");
      return std::nullopt;
    }
    const auto at = std::lower_bound(rule.fields.begin(), rule.fields.end(), found->second);
    if (at == rule.fields.end() || *at != found->second) rule.fields.insert(at, found->second);
    return found->second;
  }

  std::optional<Index> one_field(ObjectReader& in, Word key, Word meaning, const Need& need, FormRule& rule) {
    in.require(key, meaning);
    const JsonNode* const node = in.find(key);
    return node == nullptr ? std::nullopt : field_named(*node, in.pointer_to(key), need, rule);
  }

  std::vector<Index> several_fields(ObjectReader& in, Word key, std::size_t least, const Need& need, FormRule& rule) {
    std::vector<Index> fields;
    const JsonNode* const list = in.list(key, least, kMaxFields);
    if (list == nullptr) return fields;
    std::set<Index> seen;
    for (Index i = 0; i < list->children.size(); ++i) {
      const std::string here = json_pointer(in.pointer_to(key), std::to_string(i));
      const auto field = field_named(list->children[i], here, need, rule);
      if (!field) continue;
      if (!seen.insert(*field).second) faults_.add(list->children[i].order, here, in_quotes(list->children[i].text) + " stands in this list already; delete one of the two");
      fields.push_back(*field);
    }
    return fields;
  }

  void refuse_same(ObjectReader& in, Word key, std::optional<Index> a, std::optional<Index> b, Word other) {
    if (a && b && *a == *b) in.fault_at(key, "this is the field of " + in_quotes(other) + ", too; a rule needs two different ones");
  }

  // --- one function a type ---

  void read_check_digit(ObjectReader& in, FormRule& rule) {
    in.require("fields", "which fields, joined in this order, end in a check digit");
    in.require("method", "how it is computed: " + choice_text(kMethods));
    CheckDigitRule check;
    check.fields = several_fields(in, "fields", 1, kCode, rule);
    if (const auto method = in.choice("method", kMethods)) check.method = static_cast<CheckMethod>(*method);
    rule.detail = std::move(check);
  }

  void read_date_order(ObjectReader& in, FormRule& rule) {
    DateOrderRule order;
    const auto earlier = one_field(in, "earlier", "which day does not come after the other", kDate, rule);
    const auto later = one_field(in, "later", "which day does not come before the other", kDate, rule);
    refuse_same(in, "later", earlier, later, "earlier");
    order.earlier = earlier.value_or(0);
    order.later = later.value_or(0);
    order.least_days = in.integer("least_days", 0, kMaxDays).value_or(0);
    order.most_days = in.integer("most_days", 0, kMaxDays);
    if (order.most_days && *order.most_days < order.least_days) {
      in.fault_at("most_days", "found " + std::to_string(*order.most_days) + ", which is less than least_days, " + std::to_string(order.least_days) + "; turn the two around");
    }
    rule.detail = order;
  }

  std::optional<Day> day(ObjectReader& in, Word key, bool or_today, bool* today) {
    const auto text = in.text(key, 0, 1'000'000);
    if (!text) return std::nullopt;
    if (or_today && *text == "today") {
      *today = true;
      return std::nullopt;
    }
    const auto found = parse_iso_day(*text);
    if (!found) in.fault_at(key, "found " + in_quotes(*text) + ", expected a day that exists, as YYYY-MM-DD" + (or_today ? ", or \"today\"" : ""));
    return found;
  }

  void read_date_limit(ObjectReader& in, FormRule& rule) {
    DateLimitRule limit;
    limit.field = one_field(in, "field", "which day is limited", kDate, rule).value_or(0);
    limit.earliest = day(in, "earliest", false, nullptr);
    limit.latest = day(in, "latest", true, &limit.not_after_today);
    limit.most_days_old = in.integer("most_days_old", 0, kMaxDays);
    if (!in.has("earliest") && !in.has("latest") && !in.has("most_days_old")) in.fault("it limits nothing; add \"earliest\", \"latest\" or \"most_days_old\"");
    if (limit.earliest && limit.latest && *limit.earliest > *limit.latest) in.fault_at("earliest", "it comes after latest; no day would be valid");
    rule.detail = limit;
  }

  void read_sum(ObjectReader& in, FormRule& rule) {
    SumRule sum;
    in.require("terms", "which fields are added up");
    sum.terms = several_fields(in, "terms", 1, kNumber, rule);
    sum.less = several_fields(in, "less", 1, kNumber, rule);
    for (const Index field : sum.less) {
      if (std::find(sum.terms.begin(), sum.terms.end(), field) != sum.terms.end()) in.fault_at("less", in_quotes(form_.fields[field].id) + " is among the terms, too; it would count for nothing");
    }
    const auto total = one_field(in, "total", "which field holds the sum", kNumber, rule);
    sum.total = total.value_or(0);
    for (const auto* list : {&sum.terms, &sum.less}) {
      if (total && std::find(list->begin(), list->end(), *total) != list->end()) in.fault_at("total", in_quotes(form_.fields[*total].id) + " is a term of its own sum; name another field as total");
    }
    const double tax = in.number("tax_percent", {0, kMaxTaxPercent}).value_or(0);
    sum.tax_thousandths = static_cast<std::int64_t>(tax * kThousandths + 0.5);
    if (std::fabs(tax * kThousandths - static_cast<double>(sum.tax_thousandths)) > 1e-6) in.fault_at("tax_percent", "expected at most three decimals");
    sum.tolerance_minor_units = in.integer("tolerance_minor_units", 0, kMaxTolerance).value_or(0);
    std::string currency;
    for (const Index field : rule.fields) {
      const FieldFormat& format = form_.fields[field].format;
      if (format.type != FormatType::amount) continue;
      sum.decimals = std::max(sum.decimals, format.decimals);
      if (check_kinds_ && !currency.empty() && !format.currency.empty() && format.currency != currency) {
        in.fault("it adds up " + currency + " and " + format.currency + "; a sum needs one currency");
        break;
      }
      if (currency.empty()) currency = format.currency;
    }
    rule.detail = std::move(sum);
  }

  void read_equal(ObjectReader& in, FormRule& rule) {
    in.require("fields", "which fields hold the same value");
    EqualRule equal;
    equal.fields = several_fields(in, "fields", 2, kWritten, rule);
    if (check_kinds_) {
      for (const Index field : equal.fields) {
        const Field& first = form_.fields[equal.fields.front()];
        const Field& other = form_.fields[field];
        if (is_date(first) == is_date(other) && is_amount(first) == is_amount(other)) continue;
        in.fault_at("fields", in_quotes(first.id) + " is " + what_it_is(first) + ", but " + in_quotes(other.id) + " is " + what_it_is(other) + "; they can never be the same");
        break;
      }
    }
    rule.detail = std::move(equal);
  }

  void read_list(ObjectReader& in, FormRule& rule) {
    ListRule list;
    const auto field = one_field(in, "field", "which field's value must stand in the list", kWritten, rule);
    in.require("file", "where the list lies: a CSV file, its path relative to the template");
    in.require("column", "which column holds the values, by its name in the first line");
    const auto file = in.text("file", 1, 4096);
    ValueListColumns columns;
    const auto column = in.text("column", 1, 200);
    columns.value = column.value_or("");
    columns.key = in.text("key_column", 1, 200).value_or("");
    if (const auto separator = in.choice("separator", kSeparators)) columns.separator = kSeparatorCharacters[*separator];
    if (in.has("key_field")) {
      list.key_field = one_field(in, "key_field", "", kWritten, rule);
      refuse_same(in, "key_field", field, list.key_field, "field");
      in.require("key_column", "which column holds the values of key_field");
    } else if (in.has("key_column")) {
      in.fault_at("key_column", "it needs \"key_field\", the field whose value stands in this column; add it or delete this");
    }
    list.field = field.value_or(0);
    if (file && column) list.values = values_of(in, *file, columns);
    rule.detail = std::move(list);
  }

  /// Rules that look into the same columns share one list.
  std::shared_ptr<const ValueList> values_of(ObjectReader& in, const std::string& name, const ValueListColumns& columns) {
    std::filesystem::path path(name);
    if (path.is_relative()) {
      if (base_folder_.empty()) {
        in.fault_at("file", "found " + in_quotes(name) + ", but this template lies in no folder that it could be relative to; give an absolute path, or load the template from a file");
        return nullptr;
      }
      path = std::filesystem::path(base_folder_) / path;
    }
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    if (!error) path = absolute.lexically_normal();
    auto& known = lists_[{path.string(), columns.value, columns.key, columns.separator}];
    if (known == nullptr) {
      auto list = std::make_shared<ValueList>();
      if (const std::string problem = read_value_list(path.string(), columns, *list); !problem.empty()) {
        in.fault_at("file", problem);
        return nullptr;
      }
      known = std::move(list);
    }
    return known;
  }

  void read_required_if(ObjectReader& in, FormRule& rule) {
    RequiredIfRule required;
    const auto field = one_field(in, "field", "which field must then be filled in", kWritten, rule);
    required.field = field.value_or(0);
    if (check_kinds_ && field && form_.fields[*field].required) {
      in.fault_at("field", in_quotes(form_.fields[*field].id) + " is required always; write \"required\": false in the field, or delete this rule");
    }
    in.require("when", "when it must be filled in: {\"field\": .., \"is\": ..} or {\"field\": .., \"equals\": ..}");
    if (const JsonNode* when = in.object("when")) read_when(*when, in, field, required, rule);
    rule.detail = std::move(required);
  }

  void read_when(const JsonNode& node, ObjectReader& in_rule, std::optional<Index> field, RequiredIfRule& required, FormRule& rule) {
    ObjectReader in(node, in_rule.pointer_to("when"), faults_);
    in.allow_keys(kWhenKeys, "\"when\"", [](Word) { return std::string(); });
    const auto other = one_field(in, "field", "which field decides", kAny, rule);
    required.when_field = other.value_or(0);
    if (field && other && *field == *other) in.fault_at("field", "a field cannot decide whether it itself is required; name another one");
    if (in.has("is") == in.has("equals")) {
      in.fault("expected either \"is\", one of " + choice_text(kStates) + ", or \"equals\", a value");
      return;
    }
    if (auto value = in.text("equals", 1, 200)) {
      required.condition = FieldCondition::equals;
      required.equals = std::move(*value);
      if (check_kinds_ && other && is_checkbox(form_.fields[*other])) in.fault_at("equals", "a checkbox holds no value; write \"is\": \"checked\" or \"is\": \"unchecked\"");
    }
    if (const auto state = in.choice("is", kStates)) {
      required.condition = static_cast<FieldCondition>(*state);
      const bool of_checkbox = required.condition == FieldCondition::checked || required.condition == FieldCondition::unchecked;
      if (check_kinds_ && other && of_checkbox != is_checkbox(form_.fields[*other])) {
        in.fault_at("is", of_checkbox ? "only a checkbox is checked or unchecked; write \"filled\" or \"blank\"" : "a checkbox is neither filled nor blank; write \"checked\" or \"unchecked\"");
      }
    }
  }

  // --- circles ---

  // A total that is, by way of other sums, a term of itself asks for lines that add up to nothing: a slip of the author.
  void refuse_circles(const JsonNode& list) {
    if (form_.rules.size() != list.children.size()) return;
    std::unordered_map<Index, std::vector<Index>> sums_of_total;  // field -> rules whose total it is
    for (Index r = 0; r < form_.rules.size(); ++r) {
      if (const auto* sum = std::get_if<SumRule>(&form_.rules[r].detail)) sums_of_total[sum->total].push_back(r);
    }
    enum class Mark { fresh, open, done };
    std::vector<Mark> marks(form_.rules.size(), Mark::fresh);
    for (Index first = 0; first < form_.rules.size(); ++first) {
      if (!std::holds_alternative<SumRule>(form_.rules[first].detail) || marks[first] != Mark::fresh) continue;
      std::vector<std::pair<Index, std::size_t>> path{{first, 0}};  // rule, and which of its fields comes next
      marks[first] = Mark::open;
      while (!path.empty()) {
        const Index rule = path.back().first;
        const auto& sum = std::get<SumRule>(form_.rules[rule].detail);
        const std::size_t term = path.back().second++;
        if (term >= sum.terms.size() + sum.less.size()) {
          marks[rule] = Mark::done;
          path.pop_back();
          continue;
        }
        const Index field = term < sum.terms.size() ? sum.terms[term] : sum.less[term - sum.terms.size()];
        const auto next_sums = sums_of_total.find(field);
        if (field == sum.total || next_sums == sums_of_total.end()) continue;
        bool descended = false;
        for (const Index next : next_sums->second) {
          if (marks[next] == Mark::open) {
            faults_.add(list.children[rule].order, json_pointer(pointer_, std::to_string(rule)),
                        "the sums go in a circle: by way of " + in_quotes(form_.fields[field].id) + " the total of " + in_quotes(form_.rules[next].name) + " is a term of itself");
            return;
          } else if (marks[next] == Mark::fresh && !descended) {
            marks[next] = Mark::open;
            path.emplace_back(next, 0);
            descended = true;
          }
        }
        // Another sum of the same total is looked into when this one is done.
        if (descended && next_sums->second.size() > 1) --path[path.size() - 2].second;
      }
    }
  }

  std::string pointer_;
  const std::string& base_folder_;
  bool check_kinds_;
  FormTemplate& form_;
  FaultList& faults_;
  std::unordered_map<std::string, Index> index_of_;
  std::set<std::string> names_;
  std::map<std::tuple<std::string, std::string, std::string, char>, std::shared_ptr<const ValueList>> lists_;
  int suggestions_ = 0;
};

}  // namespace

void read_rules(const JsonNode& list, const std::string& pointer, const std::string& base_folder, FieldsAre fields_are,
                FormTemplate& form, FaultList& faults) {
  RulesReader(pointer, base_folder, fields_are, form, faults).read(list);
}

}  // namespace inkfield::config
