// The corpus: a change is a JSON patch (RFC 6902) to one template that has a field of every kind and format.
#include "tests/unit/config_corpus.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace inkfield::config_test {
namespace {

using Json = nlohmann::ordered_json;

// Fields 10 to 13: check-box group, barcode, signature, printed number.
// Fields: 0 date in boxes, 1 digits in a comb, 2 amount, 3 ZIP, 4 phone, 5 pattern, 6 printed text, 7 check
// box, 8 nothing but what must be, 9 date on a line.
constexpr const char* kBase = R"json({
  "$schema": "form-template.schema.json",
  "inkfield_template": 1,
  "id": "demo-cheque",
  "name": "Demo cheque (Zürich)",
  "page": {"width_mm": 203.2, "height_mm": 92},
  "find_by": {
    "corner_marks": [{"x_mm": 5, "y_mm": 5}, {"x_mm": 198, "y_mm": 5, "size_mm": 4}, {"x_mm": 5, "y_mm": 87}],
    "landmarks": [
      {"kind": "line", "zone": {"x_mm": 20, "y_mm": 40, "width_mm": 100, "height_mm": 0.3}},
      {"kind": "text", "zone": {"x_mm": 20, "y_mm": 5, "width_mm": 60, "height_mm": 8}, "text": "DEMO BANK"}
    ]
  },
  "defaults": {"allowed_wrong_rate": 0.02, "required": false}, "drop_out": "red",
  "fields": [
    {"id": "date", "label": "Date", "kind": "handwritten_number",
     "zone": {"x_mm": 140, "y_mm": 10, "width_mm": 43.6, "height_mm": 6},
     "layout": {"type": "boxes", "count": 8, "pitch_mm": 5.2,
                "gaps": [{"after": 4, "gap_mm": 1}, {"after": 2, "gap_mm": 1}], "printed_lines": false},
     "format": {"type": "date", "order": "DDMMYYYY", "earliest": "1950-01-01", "latest": "2049-12-31"},
     "required": true, "allowed_wrong_rate": 0.001},
    {"id": "account", "kind": "handwritten_number",
     "zone": {"x_mm": 20, "y_mm": 25, "width_mm": 50, "height_mm": 7},
     "layout": {"type": "comb", "count": 10},
     "format": {"type": "digits", "min_length": 8, "max_length": 10, "minimum": 0, "maximum": 9999999999,
                "check_digit": "luhn"}},
    {"id": "amount", "kind": "handwritten_number",
     "zone": {"x_mm": 140, "y_mm": 45, "width_mm": 50, "height_mm": 9},
     "format": {"type": "amount", "grouping": "indian", "decimal_mark": ".", "decimals": 2,
                "decimals_optional": true, "terminators": ["/-", "="], "currency": "INR", "minimum": 1,
                "maximum": 500000.5}},
    {"id": "zip", "kind": "handwritten_number",
     "zone": {"x_mm": 20, "y_mm": 60, "width_mm": 40, "height_mm": 5},
     "format": {"type": "zip"}},
    {"id": "phone", "kind": "handwritten_number",
     "zone": {"x_mm": 70, "y_mm": 60, "width_mm": 40, "height_mm": 5},
     "layout": {"type": "line", "printed_lines": true},
     "format": {"type": "phone", "min_length": 7, "max_length": 11}},
    {"id": "meter", "kind": "handwritten_number",
     "zone": {"x_mm": 20, "y_mm": 70, "width_mm": 40, "height_mm": 5},
     "format": {"type": "pattern", "pattern": "[1-3]9{2,4}-9?", "check_digit": "verhoeff"}},
    {"id": "branch", "kind": "printed_text",
     "zone": {"x_mm": 70, "y_mm": 70, "width_mm": 40, "height_mm": 5},
     "format": {"type": "text", "min_length": 2, "max_length": 30, "characters": "0123456789-",
                "pattern": "9{4}-9{4}"}},
    {"id": "cash", "kind": "checkbox",
     "zone": {"x_mm": 140, "y_mm": 60, "width_mm": 4, "height_mm": 4}, "checked_ink_share": 0.1},
    {"id": "plain", "kind": "handwritten_number",
     "zone": {"x_mm": 150, "y_mm": 60, "width_mm": 40, "height_mm": 6}},
    {"id": "on_line", "kind": "handwritten_number",
     "zone": {"x_mm": 150, "y_mm": 70, "width_mm": 40, "height_mm": 6},
     "format": {"type": "date", "order": "DDMMYY", "separators": "/-"}},
    {"id": "status", "kind": "checkbox_group", "choose": "one",
     "options": [{"value": "single", "zone": {"x_mm": 150, "y_mm": 80, "width_mm": 4, "height_mm": 4}},
                 {"value": "married", "zone": {"x_mm": 160, "y_mm": 80, "width_mm": 4, "height_mm": 4}}]},
    {"id": "code", "kind": "barcode", "symbologies": ["qr", "code_128"],
     "zone": {"x_mm": 20, "y_mm": 80, "width_mm": 30, "height_mm": 8},
     "format": {"type": "digits", "min_length": 4, "max_length": 12}},
    {"id": "signed", "kind": "signature", "zone": {"x_mm": 60, "y_mm": 80, "width_mm": 50, "height_mm": 10}},
    {"id": "serial", "kind": "printed_number", "zone": {"x_mm": 120, "y_mm": 80, "width_mm": 25, "height_mm": 5},
     "format": {"type": "digits", "check_digit": "mod11"}},
    {"id": "routing", "kind": "micr_line", "zone": {"x_mm": 150, "y_mm": 85, "width_mm": 40, "height_mm": 6},
     "format": {"type": "digits", "check_digit": "aba"}}
  ]
})json";

struct Change {
  const char* name;
  const char* patch;
  Verdict verdict;
  const char* pointer = "";
  const char* words = "";
};

constexpr auto good = Verdict::good;
constexpr auto bad = Verdict::bad;
constexpr auto bad_to_loader = Verdict::bad_to_loader;

#define SET(pointer, value) R"([{"op": "add", "path": ")" pointer R"(", "value": )" value "}]"
#define PUT(pointer, value) R"([{"op": "replace", "path": ")" pointer R"(", "value": )" value "}]"
#define CUT(pointer) R"([{"op": "remove", "path": ")" pointer R"("}])"

// clang-format off
constexpr Change kChanges[] = {
  // --- the template itself
  {"base", "[]", good},
  {"no_name", CUT("/name"), good},
  {"no_schema_key", CUT("/$schema"), good},
  {"no_defaults", CUT("/defaults"), good},
  {"empty_defaults", SET("/defaults", "{}"), good},
  {"version_missing", CUT("/inkfield_template"), bad, "", "\"inkfield_template\" is missing"},
  {"version_two", SET("/inkfield_template", "2"), bad, "/inkfield_template", "reads version 1"},
  {"version_text", SET("/inkfield_template", R"("1")"), bad, "/inkfield_template", "whole number"},
  {"id_missing", CUT("/id"), bad, "", "\"id\" is missing"},
  {"id_with_space", SET("/id", R"("demo cheque")"), bad, "/id", "demo cheque"},
  {"id_of_65", SET("/id", R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg")"), bad, "/id", "1 to 64"},
  {"id_of_64", SET("/id", R"("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg")"), good},
  {"id_begins_with_dash", SET("/id", R"("-a")"), bad, "/id", "beginning with"},
  {"id_empty", SET("/id", R"("")"), bad, "/id", "1 to 64"},
  {"name_empty", SET("/name", R"("")"), bad, "/name", "0 characters"},
  {"name_with_line_break", SET("/name", R"("a\nb")"), bad, "/name", "line break"},
  {"name_with_zero", SET("/name", R"("a\u0000b")"), bad, "/name", "control character"},
  {"name_number", SET("/name", "7"), bad, "/name", "found 7"},
  {"unknown_key", SET("/nmae", R"("x")"), bad, "/nmae", "did you mean \"name\"?"},
  {"unknown_key_far_from_all", SET("/zzz", "1"), bad, "/zzz", "whose keys are"},
  {"key_of_a_field", SET("/format", "{}"), bad, "/format", "belongs to a field"},
  {"page_missing", CUT("/page"), bad, "", "\"page\" is missing"},
  {"page_a_list", SET("/page", "[1, 2]"), bad, "/page", "found a list"},
  {"page_too_small", SET("/page", R"({"width_mm": 203.2, "height_mm": 9.9})"), bad, "/page/height_mm", "9.9"},
  {"page_too_big", SET("/page/width_mm", "2000.1"), bad, "/page/width_mm", "2000"},
  {"page_without_height", CUT("/page/height_mm"), bad, "/page", "\"height_mm\" is missing"},
  {"drop_out_pink", SET("/drop_out", R"("pink")"), bad, "/drop_out", "red"},
  {"drop_out_number", SET("/drop_out", "1"), bad, "/drop_out", "found 1"},
  {"drop_out_blue", SET("/drop_out", R"("blue")"), good},
  {"default_rate_zero", SET("/defaults/allowed_wrong_rate", "0"), bad, "/defaults/allowed_wrong_rate", "above 0"},
  {"default_unknown", SET("/defaults/reqired", "true"), bad, "/defaults/reqired", "\"required\"?"},
  {"fields_missing", CUT("/fields"), bad, "", "\"fields\" is missing"},
  {"fields_empty", SET("/fields", "[]"), bad, "/fields", "list of 0"},
  {"fields_an_object", SET("/fields", "{}"), bad, "/fields", "found an object"},
  {"field_a_text", PUT("/fields/0", R"("date")"), bad, "/fields/0", "the text \"date\""},

  // --- rules across fields
  {"rules_none", SET("/rules", R"([])"), good},
  {"rule_check_digit", SET("/rules", R"([{"name": "r", "type": "check_digit", "fields": ["account", "plain"], "method": "iso7064_mod11_2"}])"), good},
  {"rule_date_order", SET("/rules", R"([{"name": "r", "type": "date_order", "earlier": "date", "later": "on_line", "least_days": 0, "most_days": 30}])"), good},
  {"rule_date_limit", SET("/rules", R"([{"name": "r", "type": "date_limit", "field": "date", "earliest": "2020-01-01", "latest": "today", "most_days_old": 90}])"), good},
  {"rule_date_limit_fixed", SET("/rules", R"([{"name": "r", "type": "date_limit", "field": "date", "latest": "2030-12-31"}])"), good},
  {"rule_sum", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["account"], "less": ["plain"], "total": "amount", "tax_percent": 7.5, "tolerance_minor_units": 1}])"), good},
  {"rule_equal", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["account", "branch", "plain"]}])"), good},
  {"rule_required_if_checked", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "amount", "when": {"field": "cash", "is": "checked"}}])"), good},
  {"rule_required_if_equals", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "amount", "when": {"field": "plain", "equals": "7"}}])"), good},
  {"rules_required_in_a_circle", SET("/rules", R"([{"name": "a", "type": "required_if", "field": "plain", "when": {"field": "zip", "is": "filled"}}, {"name": "b", "type": "required_if", "field": "zip", "when": {"field": "plain", "is": "filled"}}])"), good},
  {"rules_an_object", SET("/rules", "{}"), bad, "/rules", "found an object"},
  {"rule_a_text", SET("/rules", R"(["sum"])"), bad, "/rules/0", "expected a rule"},
  {"rule_without_name", SET("/rules", R"([{"type": "equal", "fields": ["account", "plain"]}])"), bad, "/rules/0", "\"name\" is missing"},
  {"rule_without_type", SET("/rules", R"([{"name": "r"}])"), bad, "/rules/0", "\"type\" is missing"},
  {"rule_type_unknown", SET("/rules", R"([{"name": "r", "type": "summ", "terms": ["plain"], "total": "amount"}])"), bad, "/rules/0/type", "did you mean \"sum\"?"},
  {"rule_key_unknown", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["plain"], "totl": 1, "total": "amount"}])"), bad, "/rules/0/totl", "did you mean \"total\"?"},
  {"rule_key_of_other_type", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["account", "plain"], "total": "amount"}])"), bad, "/rules/0/total", "no key of a rule of the type \"equal\""},
  {"rule_names_twice", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["account", "plain"]}, {"name": "r", "type": "equal", "fields": ["account", "zip"]}])"), bad_to_loader, "/rules/1/name", "name of a rule above"},
  {"rule_field_unknown", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["acount", "plain"]}])"), bad_to_loader, "/rules/0/fields/0", "did you mean \"account\"?"},
  {"rule_field_a_number", SET("/rules", R"([{"name": "r", "type": "equal", "fields": [1, "plain"]}])"), bad, "/rules/0/fields/0", "expected the id of a field"},
  {"rule_field_twice", SET("/rules", R"([{"name": "r", "type": "check_digit", "fields": ["plain", "plain"], "method": "luhn"}])"), bad, "/rules/0/fields/1", "stands in this list already"},
  {"rule_equal_of_one", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["plain"]}])"), bad, "/rules/0/fields", "list of 1"},
  {"rule_equal_date_and_number", SET("/rules", R"([{"name": "r", "type": "equal", "fields": ["date", "plain"]}])"), bad_to_loader, "/rules/0/fields", "can never be the same"},
  {"rule_sum_of_checkbox", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["cash"], "total": "amount"}])"), bad_to_loader, "/rules/0/terms/0", "is a checkbox"},
  {"rule_sum_of_itself", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["amount", "plain"], "total": "amount"}])"), bad_to_loader, "/rules/0/total", "a term of its own sum"},
  {"rule_sum_tax_too_fine", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["plain"], "total": "amount", "tax_percent": 7.77777}])"), bad_to_loader, "/rules/0/tax_percent", "three decimals"},
  {"rule_sum_tax_too_high", SET("/rules", R"([{"name": "r", "type": "sum", "terms": ["plain"], "total": "amount", "tax_percent": 101}])"), bad, "/rules/0/tax_percent", "found 101"},
  {"rule_sums_in_a_circle", SET("/rules", R"([{"name": "a", "type": "sum", "terms": ["plain"], "total": "amount"}, {"name": "b", "type": "sum", "terms": ["amount", "account"], "total": "plain"}])"), bad_to_loader, "/rules/1", "in a circle"},
  {"rule_date_order_of_number", SET("/rules", R"([{"name": "r", "type": "date_order", "earlier": "plain", "later": "date"}])"), bad_to_loader, "/rules/0/earlier", "needs a field with the format \"date\""},
  {"rule_date_order_of_one", SET("/rules", R"([{"name": "r", "type": "date_order", "earlier": "date", "later": "date"}])"), bad_to_loader, "/rules/0/later", "two different ones"},
  {"rule_date_order_days_turned", SET("/rules", R"([{"name": "r", "type": "date_order", "earlier": "date", "later": "on_line", "least_days": 5, "most_days": 4}])"), bad_to_loader, "/rules/0/most_days", "less than least_days"},
  {"rule_date_limit_of_nothing", SET("/rules", R"([{"name": "r", "type": "date_limit", "field": "date"}])"), bad, "/rules/0", "limits nothing"},
  {"rule_date_limit_no_day", SET("/rules", R"([{"name": "r", "type": "date_limit", "field": "date", "latest": "2023-02-29"}])"), bad_to_loader, "/rules/0/latest", "a day that exists"},
  {"rule_date_limit_no_date", SET("/rules", R"([{"name": "r", "type": "date_limit", "field": "date", "latest": "tomorrow"}])"), bad, "/rules/0/latest", "or \"today\""},
  {"rule_check_digit_unknown", SET("/rules", R"([{"name": "r", "type": "check_digit", "fields": ["plain"], "method": "luhnn"}])"), bad, "/rules/0/method", "did you mean \"luhn\"?"},
  {"rule_check_digit_of_date", SET("/rules", R"([{"name": "r", "type": "check_digit", "fields": ["date"], "method": "luhn"}])"), bad_to_loader, "/rules/0/fields/0", "no date, amount or checkbox"},
  {"rule_list_file_without_folder", SET("/rules", R"([{"name": "r", "type": "list", "field": "plain", "file": "list.csv", "column": "code", "key_field": "zip", "key_column": "zip", "separator": ";"}])"), bad_to_loader, "/rules/0/file", "lies in no folder"},
  {"rule_list_file_missing", SET("/rules", R"([{"name": "r", "type": "list", "field": "plain", "file": "/nowhere/list.csv", "column": "code"}])"), bad_to_loader, "/rules/0/file", "no file at /nowhere/list.csv"},
  {"rule_list_without_column", SET("/rules", R"([{"name": "r", "type": "list", "field": "plain", "file": "/nowhere/list.csv"}])"), bad, "/rules/0", "\"column\" is missing"},
  {"rule_required_always", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "date", "when": {"field": "cash", "is": "checked"}}])"), bad_to_loader, "/rules/0/field", "required always"},
  {"rule_required_by_itself", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "plain", "when": {"field": "plain", "is": "filled"}}])"), bad_to_loader, "/rules/0/when/field", "cannot decide"},
  {"rule_required_if_box_filled", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "plain", "when": {"field": "cash", "is": "filled"}}])"), bad_to_loader, "/rules/0/when/is", "neither filled nor blank"},
  {"rule_required_if_number_checked", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "plain", "when": {"field": "zip", "is": "checked"}}])"), bad_to_loader, "/rules/0/when/is", "only a checkbox"},
  {"rule_required_if_without_state", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "plain", "when": {"field": "zip"}}])"), bad, "/rules/0/when", "either"},
  {"rule_required_if_both", SET("/rules", R"([{"name": "r", "type": "required_if", "field": "plain", "when": {"field": "zip", "is": "filled", "equals": "1"}}])"), bad, "/rules/0/when", "either"},

  // --- finding the page
  {"find_by_missing", CUT("/find_by"), bad, "", "\"find_by\" is missing"},
  {"find_by_empty", SET("/find_by", "{}"), bad, "/find_by", "it is empty"},
  {"marks_alone", CUT("/find_by/landmarks"), good},
  {"landmarks_alone", CUT("/find_by/corner_marks"), good},
  {"two_marks", CUT("/find_by/corner_marks/2"), bad, "/find_by/corner_marks", "list of 2"},
  {"four_marks", SET("/find_by/corner_marks/-", R"({"x_mm": 198, "y_mm": 87})"), good},
  {"mark_without_y", CUT("/find_by/corner_marks/0/y_mm"), bad, "/find_by/corner_marks/0", "\"y_mm\" is missing"},
  {"mark_zero_size", SET("/find_by/corner_marks/1/size_mm", "0"), bad, "/find_by/corner_marks/1/size_mm", "found 0"},
  {"mark_over_the_edge", SET("/find_by/corner_marks/1/x_mm", "202"), bad_to_loader, "/find_by/corner_marks/1", "over the page's edge"},
  {"mark_over_the_upper_edge", SET("/find_by/corner_marks/0/y_mm", "2"), bad_to_loader, "/find_by/corner_marks/0", "over the page's edge"},
  {"marks_on_one_line", PUT("/find_by/corner_marks/2", R"({"x_mm": 90, "y_mm": 9})"), bad_to_loader, "/find_by/corner_marks", "on one line"},
  {"marks_just_off_one_line", PUT("/find_by/corner_marks/2", R"({"x_mm": 90, "y_mm": 11})"), good},
  {"marks_in_one_place", SET("/find_by/corner_marks", R"([{"x_mm": 9, "y_mm": 9}, {"x_mm": 9, "y_mm": 9}, {"x_mm": 9, "y_mm": 9}])"), bad_to_loader, "/find_by/corner_marks", "on one line"},
  {"landmark_unknown_kind", SET("/find_by/landmarks/1/kind", R"("txt")"), bad, "/find_by/landmarks/1/kind", "did you mean \"text\"?"},
  {"landmark_without_zone", CUT("/find_by/landmarks/1/zone"), bad, "/find_by/landmarks/1", "\"zone\" is missing"},
  {"landmarks_empty", SET("/find_by/landmarks", "[]"), bad, "/find_by/landmarks", "list of 0"},
  {"landmark_off_page", SET("/find_by/landmarks/1/zone/x_mm", "180"), bad_to_loader, "/find_by/landmarks/1/zone", "240 mm from the left"},
  {"thick_line", SET("/find_by/landmarks/0/zone/height_mm", "1"), bad, "/find_by/landmarks/0/zone", "thinner than 1 mm"},
  {"upright_line", SET("/find_by/landmarks/0/zone", R"({"x_mm": 20, "y_mm": 40, "width_mm": 0.5, "height_mm": 30})"), good},
  {"blank_image_not_there", SET("/find_by/blank_image", R"("/nowhere/blank.png")"), bad_to_loader, "/find_by/blank_image", "no file at /nowhere/blank.png"},
  {"blank_image_in_no_folder", SET("/find_by/blank_image", R"("blank.png")"), bad_to_loader, "/find_by/blank_image", "absolute path"},
  {"blank_image_empty", SET("/find_by/blank_image", R"("")"), bad, "/find_by/blank_image", "0 characters"},
  {"blank_image_a_number", SET("/find_by/blank_image", "1"), bad, "/find_by/blank_image", "expected a text"},

  {"form_barcode_by_text", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "symbologies": ["qr"], "text": "FORM-7"})"), good},
  {"form_barcode_by_beginning", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "begins_with": "FORM-"})"), good},
  {"form_barcode_by_pattern", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "pattern": "9{4}-9"})"), good},
  {"form_barcode_alone", PUT("/find_by", R"({"barcode": {"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "text": "A"}})"), bad, "/find_by", "not where its fields lie"},
  {"form_barcode_of_any_text", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}})"), bad, "/find_by/barcode", "by one of"},
  {"form_barcode_of_two_texts", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "text": "A", "pattern": "9"})"), bad, "/find_by/barcode", "by one of"},
  {"form_barcode_bad_pattern", SET("/find_by/barcode", R"({"zone": {"x_mm": 1, "y_mm": 1, "width_mm": 20, "height_mm": 5}, "pattern": "A"})"), bad_to_loader, "/find_by/barcode/pattern", "at its character 1"},
  {"form_barcode_without_zone", SET("/find_by/barcode", R"({"text": "A"})"), bad, "/find_by/barcode", "\"zone\" is missing"},

  // --- kinds with keys of their own
  {"group_any", SET("/fields/10/choose", R"("any")"), good},
  {"group_some", SET("/fields/10/choose", R"("some")"), bad, "/fields/10/choose", "\"one\" or \"any\""},
  {"group_with_zone", SET("/fields/10/zone", R"({"x_mm": 149, "y_mm": 79, "width_mm": 20, "height_mm": 8})"), good},
  {"group_with_zone_too_small", SET("/fields/10/zone", R"({"x_mm": 149, "y_mm": 79, "width_mm": 9, "height_mm": 8})"), bad_to_loader, "/fields/10/zone", "an option lies outside"},
  {"group_without_options", CUT("/fields/10/options"), bad, "/fields/10", "\"options\" is missing"},
  {"group_of_one", CUT("/fields/10/options/1"), bad, "/fields/10/options", "list of 1"},
  {"group_option_without_value", CUT("/fields/10/options/1/value"), bad, "/fields/10/options/1", "\"value\" is missing"},
  {"group_option_a_text", PUT("/fields/10/options/1", R"("x")"), bad, "/fields/10/options/1", "expected an object"},
  {"group_option_with_comma", PUT("/fields/10/options/1/value", R"("a,b")"), bad, "/fields/10/options/1/value", "commas"},
  {"group_option_twice", PUT("/fields/10/options/1/value", R"("single")"), bad_to_loader, "/fields/10/options/1/value", "option above"},
  {"group_option_off_page", PUT("/fields/10/options/1/zone/x_mm", "203"), bad_to_loader, "/fields/10/options/1/zone", "from the left"},
  {"group_with_format", SET("/fields/10/format", R"({"type": "digits"})"), bad, "/fields/10/format", "no format"},
  {"options_of_no_group", SET("/fields/8/options", "[]"), bad, "/fields/8/options", "only a checkbox_group"},
  {"choose_of_no_group", SET("/fields/7/choose", R"("one")"), bad, "/fields/7/choose", "only a checkbox_group"},
  {"barcode_of_any_kind", CUT("/fields/11/symbologies"), good},
  {"barcode_of_no_kind", SET("/fields/11/symbologies", "[]"), bad, "/fields/11/symbologies", "list of 0"},
  {"barcode_misspelt", SET("/fields/11/symbologies/0", R"("code128")"), bad, "/fields/11/symbologies/0", "did you mean \"code_128\"?"},
  {"barcode_a_number", SET("/fields/11/symbologies/0", "3"), bad, "/fields/11/symbologies/0", "found 3"},
  {"barcode_date", SET("/fields/11/format", R"({"type": "date"})"), bad, "/fields/11/format/type", "a barcode has a format of"},
  {"barcode_text", SET("/fields/11/format", R"({"type": "text", "characters": "ABC"})"), good},
  {"barcode_without_zone", CUT("/fields/11/zone"), bad, "/fields/11", "\"zone\" is missing"},
  {"barcode_with_layout", SET("/fields/11/layout", R"({"type": "line"})"), bad, "/fields/11/layout", "no layout"},
  {"symbologies_of_no_barcode", SET("/fields/8/symbologies", R"(["qr"])"), bad, "/fields/8/symbologies", "only a barcode"},
  {"signature_with_format", SET("/fields/12/format", R"({"type": "text"})"), bad, "/fields/12/format", "no format"},
  {"printed_number_in_boxes", SET("/fields/13/layout", R"({"type": "boxes", "count": 5})"), bad, "/fields/13/layout/type", "read as lines only"},
  {"micr_line_text", SET("/fields/14/format", R"({"type": "text"})"), good},
  {"micr_line_pattern", SET("/fields/14/format", R"({"type": "pattern", "pattern": "9{4}-9{5}"})"), good},
  {"micr_line_without_format", CUT("/fields/14/format"), good},
  {"micr_line_date", SET("/fields/14/format", R"({"type": "date"})"), bad, "/fields/14/format/type", "a MICR line has a format of"},
  {"micr_line_in_boxes", SET("/fields/14/layout", R"({"type": "boxes", "count": 5})"), bad, "/fields/14/layout", "no layout"},
  {"printed_number_text", SET("/fields/13/format", R"({"type": "text"})"), bad, "/fields/13/format/type", "a printed number has a format of"},

  // --- fields
  {"field_id_missing", CUT("/fields/8/id"), bad, "/fields/8", "\"id\" is missing"},
  {"field_id_twice", SET("/fields/8/id", R"("date")"), bad_to_loader, "/fields/8/id", "id of a field above"},
  {"field_kind_missing", CUT("/fields/8/kind"), bad, "/fields/8", "\"kind\" is missing"},
  {"field_kind_misspelt", SET("/fields/8/kind", R"("handwriten_number")"), bad, "/fields/8/kind", "did you mean \"handwritten_number\"?"},
  {"field_kind_null", SET("/fields/8/kind", "null"), bad, "/fields/8/kind", "found null"},
  {"field_zone_missing", CUT("/fields/8/zone"), bad, "/fields/8", "\"zone\" is missing"},
  {"field_label_empty", SET("/fields/8/label", R"("")"), good},
  {"field_misplaced_count", SET("/fields/8/count", "3"), bad, "/fields/8/count", "belongs to \"layout\""},
  {"field_version", SET("/fields/8/inkfield_field", "1"), bad, "/fields/8/inkfield_field", "no key of a field"},
  {"zone_off_right", SET("/fields/8/zone/width_mm", "60"), bad_to_loader, "/fields/8/zone", "210 mm from the left"},
  {"zone_off_bottom", SET("/fields/8/zone/y_mm", "87"), bad_to_loader, "/fields/8/zone", "93 mm from the top"},
  {"zone_to_the_edge", SET("/fields/8/zone/width_mm", "53.2"), good},
  {"zone_negative", SET("/fields/8/zone/x_mm", "-0.1"), bad, "/fields/8/zone/x_mm", "-0.1"},
  {"zone_of_no_width", SET("/fields/8/zone/width_mm", "0"), bad, "/fields/8/zone/width_mm", "above 0"},
  {"zone_text", SET("/fields/8/zone/width_mm", R"("40mm")"), bad, "/fields/8/zone/width_mm", "expected a number"},
  {"zone_pixels", SET("/fields/8/zone/width_px", "40"), bad, "/fields/8/zone/width_px", "did you mean \"width_mm\"?"},
  {"required_text", SET("/fields/8/required", R"("yes")"), bad, "/fields/8/required", "without quotes"},
  {"rate_above_half", SET("/fields/8/allowed_wrong_rate", "0.51"), bad, "/fields/8/allowed_wrong_rate", "0.5"},
  {"rate_half", SET("/fields/8/allowed_wrong_rate", "0.5"), good},
  {"ink_share_of_no_checkbox", SET("/fields/8/checked_ink_share", "0.2"), bad, "/fields/8/checked_ink_share", "only a checkbox"},
  {"ink_share_zero", SET("/fields/7/checked_ink_share", "0"), bad, "/fields/7/checked_ink_share", "above 0"},
  {"checkbox_with_format", SET("/fields/7/format", R"({"type": "digits"})"), bad, "/fields/7/format", "no format"},
  {"checkbox_with_layout", SET("/fields/7/layout", R"({"type": "line"})"), bad, "/fields/7/layout", "no layout"},

  // --- layouts
  {"layout_without_type", SET("/fields/8/layout", "{}"), bad, "/fields/8/layout", "\"type\" is missing"},
  {"layout_text", SET("/fields/8/layout", R"("boxes")"), bad, "/fields/8/layout", "the text \"boxes\""},
  {"layout_box", SET("/fields/8/layout", R"({"type": "box", "count": 3})"), bad, "/fields/8/layout/type", "did you mean \"boxes\"?"},
  {"line_with_count", SET("/fields/8/layout", R"({"type": "line", "count": 3})"), bad, "/fields/8/layout/count", "a line has no"},
  {"boxes_without_count", SET("/fields/8/layout", R"({"type": "boxes"})"), bad, "/fields/8/layout", "\"count\" is missing"},
  {"boxes_none", SET("/fields/8/layout", R"({"type": "boxes", "count": 0})"), bad, "/fields/8/layout/count", "found 0"},
  {"boxes_101", SET("/fields/8/layout", R"({"type": "boxes", "count": 101})"), bad, "/fields/8/layout/count", "1 to 100"},
  {"boxes_two_and_a_half", SET("/fields/8/layout", R"({"type": "boxes", "count": 2.5})"), bad, "/fields/8/layout/count", "written without point"},
  {"boxes_huge", SET("/fields/8/layout", R"({"type": "boxes", "count": 18446744073709551615})"), bad, "/fields/8/layout/count", "18446744073709551615"},
  {"boxes_too_many_for_the_zone", SET("/fields/8/layout", R"({"type": "boxes", "count": 41})"), bad_to_loader, "/fields/8/layout", "do not fit"},
  {"boxes_beyond_the_zone", SET("/fields/8/layout", R"({"type": "boxes", "count": 10, "pitch_mm": 4.5})"), bad_to_loader, "/fields/8/layout/pitch_mm", "make a pitch of 4 mm"},
  {"boxes_short_of_the_zone", SET("/fields/8/layout", R"({"type": "boxes", "count": 10, "pitch_mm": 3.5})"), bad_to_loader, "/fields/8/layout/pitch_mm", "make a pitch of 4 mm"},
  {"boxes_that_stand_apart", SET("/fields/8/layout", R"({"type": "boxes", "count": 10, "pitch_mm": 4.2})"), good},
  {"pitch_too_small", SET("/fields/0/layout/pitch_mm", "0.5"), bad, "/fields/0/layout/pitch_mm", "from 1 to 100"},
  {"gap_at_the_end", SET("/fields/0/layout/gaps/0/after", "8"), bad_to_loader, "/fields/0/layout/gaps/0/after", "1 to 7"},
  {"gap_twice", SET("/fields/0/layout/gaps/0/after", "2"), bad_to_loader, "/fields/0/layout/gaps/1/after", "already"},
  {"gap_without_width", CUT("/fields/0/layout/gaps/0/gap_mm"), bad, "/fields/0/layout/gaps/0", "\"gap_mm\" is missing"},
  {"gap_negative", SET("/fields/0/layout/gaps/0/gap_mm", "-1"), bad, "/fields/0/layout/gaps/0/gap_mm", "-1"},
  {"gaps_none", R"([{"op": "add", "path": "/fields/0/layout/gaps", "value": []}, {"op": "remove", "path": "/fields/0/layout/pitch_mm"}])", good},
  {"gaps_fill_the_zone", R"([{"op": "remove", "path": "/fields/0/layout/pitch_mm"}, {"op": "add", "path": "/fields/0/layout/gaps/0/gap_mm", "value": 43}])", bad_to_loader, "/fields/0/layout", "leave 0 mm"},
  {"printed_lines_number", SET("/fields/0/layout/printed_lines", "0"), bad, "/fields/0/layout/printed_lines", "true or false"},
  {"printed_text_in_boxes", SET("/fields/6/layout", R"({"type": "boxes", "count": 9})"), bad, "/fields/6/layout/type", "printed text is read as lines only"},
  {"printed_text_on_a_line", SET("/fields/6/layout", R"({"type": "line"})"), good},

  // --- formats
  {"format_without_type", CUT("/fields/3/format/type"), bad, "/fields/3/format", "\"type\" is missing"},
  {"format_misspelt", SET("/fields/3/format/type", R"("digit")"), bad, "/fields/3/format/type", "did you mean \"digits\"?"},
  {"format_of_another_type", SET("/fields/0/format/decimals", "2"), bad, "/fields/0/format/decimals", "only for \"amount\""},
  {"format_unknown_key", SET("/fields/0/format/ordre", R"("DDMMYY")"), bad, "/fields/0/format/ordre", "did you mean \"order\"?"},
  {"handwritten_text", SET("/fields/8/format", R"({"type": "text"})"), bad, "/fields/8/format/type", "a handwritten number has a format of"},
  {"printed_date", SET("/fields/6/format", R"({"type": "date"})"), good},
  {"printed_digits", SET("/fields/6/format", R"({"type": "digits", "check_digit": "mod97"})"), good},
  {"min_length_zero", SET("/fields/1/format/min_length", "0"), bad, "/fields/1/format/min_length", "found 0"},
  {"min_length_real", SET("/fields/1/format/min_length", "1.5"), bad, "/fields/1/format/min_length", "whole number"},
  {"min_above_max_length", SET("/fields/4/format/min_length", "12"), bad_to_loader, "/fields/4/format/min_length", "more than max_length"},
  {"max_length_above_boxes", SET("/fields/1/format/max_length", "11"), bad_to_loader, "/fields/1/format/max_length", "has 10 places"},
  {"digits_101", SET("/fields/8/format", R"({"type": "digits", "max_length": 101})"), bad, "/fields/8/format/max_length", "1 to 100"},
  {"text_1000", SET("/fields/6/format", R"({"type": "text", "max_length": 1000})"), good},
  {"text_1001", SET("/fields/6/format", R"({"type": "text", "max_length": 1001})"), bad, "/fields/6/format/max_length", "1 to 1000"},
  {"order_lower_case", SET("/fields/0/format/order", R"("ddmmyyyy")"), bad, "/fields/0/format/order", "did you mean \"DDMMYYYY\"?"},
  {"order_too_short_for_the_boxes", SET("/fields/0/format/order", R"("DDMMYY")"), bad_to_loader, "/fields/0/format/order", "needs 6 boxes"},
  {"order_left_out_for_other_boxes", SET("/fields/1/format", R"({"type": "date"})"), bad_to_loader, "/fields/1/format", "needs 8 boxes"},
  {"separators_in_boxes", SET("/fields/0/format/separators", R"("/")"), bad_to_loader, "/fields/0/format/separators", "nothing but digits"},
  {"separators_none_in_boxes", SET("/fields/0/format/separators", R"("")"), good},
  {"separators_letter", SET("/fields/9/format/separators", R"("/x")"), bad, "/fields/9/format/separators", "/ - . and comma"},
  {"earliest_no_date", SET("/fields/0/format/earliest", R"("01.01.1950")"), bad, "/fields/0/format/earliest", "YYYY-MM-DD"},
  {"earliest_no_such_month", SET("/fields/0/format/earliest", R"("1950-13-01")"), bad, "/fields/0/format/earliest", "a day that exists"},
  {"earliest_no_such_day", SET("/fields/0/format/earliest", R"("1951-02-29")"), bad_to_loader, "/fields/0/format/earliest", "a day that exists"},
  {"earliest_leap_day", SET("/fields/0/format/earliest", R"("1952-02-29")"), good},
  {"earliest_year_zero", SET("/fields/0/format/earliest", R"("0000-01-01")"), bad, "/fields/0/format/earliest", "1000 to 2999"},
  {"earliest_after_latest", SET("/fields/0/format/earliest", R"("2050-01-01")"), bad_to_loader, "/fields/0/format/earliest", "no day would be valid"},
  {"earliest_after_usual_latest", SET("/fields/6/format", R"({"type": "date", "earliest": "2100-01-01"})"), bad_to_loader, "/fields/6/format/earliest", "2099-12-31 if left out"},
  {"six_hundred_years", SET("/fields/0/format/earliest", R"("1449-01-01")"), bad_to_loader, "/fields/0/format/latest", "500 years"},
  {"two_digit_years_of_one_century", SET("/fields/9/format", R"({"type": "date", "order": "YYMMDD", "earliest": "1930-06-01", "latest": "2029-12-31"})"), good},
  {"two_digit_years_of_two_centuries", SET("/fields/9/format", R"({"type": "date", "order": "YYMMDD", "earliest": "1930-06-01", "latest": "2030-01-01"})"), bad_to_loader, "/fields/9/format/latest", "99 years"},
  {"grouping_unknown", SET("/fields/2/format/grouping", R"("lakh")"), bad, "/fields/2/format/grouping", "\"indian\""},
  {"decimal_mark_other", SET("/fields/2/format/decimal_mark", R"(";")"), bad, "/fields/2/format/decimal_mark", "\".\" or \",\""},
  {"decimals_five", SET("/fields/2/format/decimals", "5"), bad, "/fields/2/format/decimals", "0 to 4"},
  {"terminators_text", SET("/fields/2/format/terminators", R"("/-")"), bad, "/fields/2/format/terminators", "expected a list"},
  {"terminator_letter", PUT("/fields/2/format/terminators/1", R"("only")"), bad, "/fields/2/format/terminators/1", "only"},
  {"terminator_empty", PUT("/fields/2/format/terminators/1", R"("")"), bad, "/fields/2/format/terminators/1", "one to four"},
  {"terminator_twice", PUT("/fields/2/format/terminators/1", R"("/-")"), bad, "/fields/2/format/terminators/1", "already"},
  {"currency_lower_case", SET("/fields/2/format/currency", R"("inr")"), bad, "/fields/2/format/currency", "ISO 4217"},
  {"minimum_negative", SET("/fields/2/format/minimum", "-1"), bad, "/fields/2/format/minimum", "-1"},
  {"minimum_above_maximum", SET("/fields/2/format/minimum", "500001"), bad_to_loader, "/fields/2/format/minimum", "more than maximum"},
  {"minimum_too_great_for_the_digits", SET("/fields/8/format", R"({"type": "digits", "max_length": 3, "minimum": 1000})"), bad_to_loader, "/fields/8/format/minimum", "3 digits cannot write"},
  {"minimum_just_fits_the_digits", SET("/fields/8/format", R"({"type": "digits", "max_length": 3, "minimum": 999})"), good},
  {"zip_in_five_boxes", SET("/fields/3/layout", R"({"type": "boxes", "count": 5})"), good},
  {"zip_in_nine_boxes", SET("/fields/3/layout", R"({"type": "boxes", "count": 9})"), bad_to_loader, "/fields/3/format/type", "5 boxes, or 10"},
  {"check_digit_on_a_date", SET("/fields/0/format/check_digit", R"("luhn")"), bad, "/fields/0/format/check_digit", "only for \"digits\", \"pattern\""},
  {"check_digit_unknown", SET("/fields/1/format/check_digit", R"("lunh")"), bad, "/fields/1/format/check_digit", "did you mean \"luhn\"?"},
  {"check_digit_aba_of_ten", SET("/fields/8/format", R"({"type": "digits", "min_length": 10, "check_digit": "aba"})"), bad_to_loader, "/fields/8/format/check_digit", "has 9 digits"},
  {"check_digit_aba_of_nine", SET("/fields/8/format", R"({"type": "digits", "min_length": 9, "max_length": 9, "check_digit": "aba"})"), good},
  {"check_digit_alone", SET("/fields/8/format", R"({"type": "digits", "max_length": 1, "check_digit": "mod11"})"), bad_to_loader, "/fields/8/format/check_digit", "at least 2 digits"},
  {"pattern_missing", CUT("/fields/5/format/pattern"), bad, "/fields/5/format", "\"pattern\" is missing"},
  {"pattern_empty", SET("/fields/5/format/pattern", R"("")"), bad, "/fields/5/format/pattern", "0 characters"},
  {"pattern_letter", SET("/fields/5/format/pattern", R"("9A9")"), bad, "/fields/5/format/pattern", "character 2"},
  {"pattern_never_closed", SET("/fields/5/format/pattern", R"("99[12")"), bad, "/fields/5/format/pattern", "character 6"},
  {"pattern_begins_with_repeat", SET("/fields/5/format/pattern", R"("{3}9")"), bad, "/fields/5/format/pattern", "nothing stands before"},
  {"pattern_optional_repeat", SET("/fields/5/format/pattern", R"("99{3}?")"), bad, "/fields/5/format/pattern", "{0,n}"},
  {"pattern_backwards", SET("/fields/5/format/pattern", R"("99{4,2}")"), bad_to_loader, "/fields/5/format/pattern", "turn the two around"},
  {"pattern_of_nothing", SET("/fields/5/format/pattern", R"("9{0}")"), bad_to_loader, "/fields/5/format/pattern", "nothing but the empty text"},
  {"pattern_that_empty_fits", SET("/fields/5/format/pattern", R"("9?9{0,3}")"), bad_to_loader, "/fields/5/format/pattern", "an empty field would fit"},
  {"pattern_of_999", SET("/fields/5/format/pattern", R"("9{999}9{999}9{999}")"), bad_to_loader, "/fields/5/format/pattern", "more than 100"},
  {"pattern_without_digits_for_a_check_digit", SET("/fields/5/format/pattern", R"("9-")"), bad_to_loader, "/fields/5/format/check_digit", "at least 2"},
  {"pattern_longer_than_the_boxes", SET("/fields/5/layout", R"({"type": "boxes", "count": 3})"), bad_to_loader, "/fields/5/format/pattern", "3 boxes"},
  {"pattern_shorter_than_the_boxes", SET("/fields/5/layout", R"({"type": "boxes", "count": 9})"), bad_to_loader, "/fields/5/format/pattern", "9 boxes"},
  {"pattern_that_fills_the_boxes", SET("/fields/5/layout", R"({"type": "boxes", "count": 7})"), good},
  {"text_pattern_against_its_lengths", SET("/fields/6/format/max_length", "8"), bad_to_loader, "/fields/6/format/pattern", "nothing would be valid"},
  {"characters_empty", SET("/fields/6/format/characters", R"("")"), bad, "/fields/6/format/characters", "0 characters"},
};

constexpr const char* kBaseField = R"({
  "$schema": "field.schema.json", "inkfield_field": 1, "id": "date", "kind": "handwritten_number",
  "layout": {"type": "boxes", "count": 8}, "format": {"type": "date"}
})";

constexpr Change kFieldChanges[] = {
  {"field", "[]", good},
  {"no_version", CUT("/inkfield_field"), good},
  {"no_id", CUT("/id"), good},
  {"with_zone", SET("/zone", R"({"x_mm": 1, "y_mm": 1, "width_mm": 40, "height_mm": 6})"), good},
  {"no_kind", CUT("/kind"), bad, "", "\"kind\" is missing"},
  {"version_two", SET("/inkfield_field", "2"), bad, "/inkfield_field", "found 2"},
  {"template_key", SET("/inkfield_template", "1"), bad, "/inkfield_template", "no key of a field"},
  {"schema_number", SET("/$schema", "1"), bad, "/$schema", "expected a text"},
  {"wrong_box_count", SET("/layout/count", "6"), bad_to_loader, "/format", "needs 8 boxes"},
  {"zone_too_small", SET("/zone", R"({"x_mm": 1, "y_mm": 1, "width_mm": 7, "height_mm": 6})"), bad_to_loader, "/layout", "do not fit"},
};
// clang-format on

template <std::size_t n>
std::vector<Document> changed(const char* base, const Change (&changes)[n]) {
  const Json good_one = Json::parse(base);
  std::vector<Document> documents;
  for (const Change& change : changes) {
    documents.push_back({change.name, good_one.patch(Json::parse(change.patch)).dump(), change.verdict,
                         change.pointer, change.words});
  }
  return documents;
}

}  // namespace

const std::vector<Document>& corpus() {
  static const std::vector<Document> documents = changed(kBase, kChanges);
  return documents;
}

const std::string& base_template() { return corpus().front().json; }

const std::vector<Document>& field_corpus() {
  static const std::vector<Document> documents = changed(kBaseField, kFieldChanges);
  return documents;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace inkfield::config_test
