// Formats to automata, and texts to values.
#include "plugin/pipeline/field_format.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

#include "config/field_kinds.h"
#include "recognizer/error.h"

namespace inkfield::pipeline {
namespace {

using config::DateOrder;
using config::Field;
using config::FieldFormat;
using config::FormatType;
using config::LayoutType;
using recognizer::Automaton;

constexpr int kLongestLine = 40;
constexpr int kLongestPhone = 15;
constexpr int kShortestPhone = 5;
constexpr double kLargestValue = 1e15;

const char* order_letters(DateOrder order) {
  switch (order) {
    case DateOrder::ddmmyyyy: return "DDMMYYYY";
    case DateOrder::mmddyyyy: return "MMDDYYYY";
    case DateOrder::yyyymmdd: return "YYYYMMDD";
    case DateOrder::ddmmyy: return "DDMMYY";
    case DateOrder::mmddyy: return "MMDDYY";
    case DateOrder::yymmdd: return "YYMMDD";
  }
  return "DDMMYYYY";
}

bool two_digit_year(DateOrder order) {
  return order == DateOrder::ddmmyy || order == DateOrder::mmddyy || order == DateOrder::yymmdd;
}

int year_of(const std::string& iso) {
  int year = 0;
  std::from_chars(iso.data(), iso.data() + std::min<std::size_t>(4, iso.size()), year);
  return year;
}

std::string with_year(int year, const std::string& rest) {
  std::string text = std::to_string(year);
  return std::string(4 - std::min<std::size_t>(4, text.size()), '0') + text + rest;
}

// First and last valid day. Two-digit years need a range under a hundred years to mean one year each.
std::pair<std::string, std::string> date_range(const FieldFormat& format) {
  if (!two_digit_year(format.date_order)) return {format.earliest.value_or("1900-01-01"), format.latest.value_or("2099-12-31")};
  if (format.earliest && format.latest) return {*format.earliest, *format.latest};
  if (format.earliest) return {*format.earliest, with_year(year_of(*format.earliest) + 99, "-12-31")};
  if (format.latest) return {with_year(year_of(*format.latest) - 99, "-01-01"), *format.latest};
  return {"1950-01-01", "2049-12-31"};
}

int longest(const Field& field, int on_a_line) {
  if (field.format.max_length > 0) return field.format.max_length;
  return field.layout.count > 0 ? field.layout.count : on_a_line;
}

std::string repeated(const std::string& item, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += item;
  return all;
}

Automaton format_automaton(const Field& field) {
  const FieldFormat& format = field.format;
  const bool in_cells = field.layout.type != LayoutType::line;
  switch (format.type) {
    case FormatType::digits:
    case FormatType::text: {
      const int most = std::max(1, longest(field, kLongestLine));
      return Automaton::digits(std::clamp(format.min_length, 1, most), most);
    }
    case FormatType::date: {
      const auto [earliest, latest] = date_range(format);
      return Automaton::dates(order_letters(format.date_order), earliest, latest, format.date_separators);
    }
    case FormatType::amount: {
      Automaton::AmountRules rules;
      rules.group_thousands = format.grouping == config::Grouping::thousands || format.grouping == config::Grouping::any;
      rules.group_indian = format.grouping == config::Grouping::indian || format.grouping == config::Grouping::any;
      rules.ungrouped = format.grouping == config::Grouping::none || format.grouping == config::Grouping::any;
      rules.decimal_mark = format.decimal_mark;
      rules.decimals = format.decimals;
      rules.decimals_optional = format.decimals_optional;
      rules.terminators = format.terminators;
      if (format.max_length > 0) rules.max_digits = std::min(rules.max_digits, format.max_length);
      return Automaton::amounts(rules);
    }
    case FormatType::zip:
      if (field.layout.count == 5) return Automaton::digits(5, 5);
      if (field.layout.count == 9) return Automaton::digits(9, 9);
      // Five, or five and four with the dash or without; what lies between is refused by field_value.
      return Automaton::pattern("9{5}-?9{0,4}");
    case FormatType::phone: {
      const int most = std::max(1, longest(field, kLongestPhone));
      const int least = std::clamp(format.min_length > 0 ? format.min_length : kShortestPhone, 1, most);
      if (in_cells) return Automaton::digits(least, most);
      // One separator may stand before every digit but the first; those past the least are optional.
      std::string pattern = "9";
      pattern += repeated("-?.?/?9", least - 1);
      pattern += repeated("-?.?/?9?", most - least);
      return Automaton::pattern(pattern);
    }
    case FormatType::pattern: return Automaton::pattern(format.pattern);
  }
  return Automaton::digits(1, kLongestLine);
}

std::string only_digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

std::string iso_date(const FieldFormat& format, std::string_view text) {
  const std::string digits = only_digits(text);
  const std::string_view order = order_letters(format.date_order);
  if (digits.size() != order.size()) return "";
  std::string day;
  std::string month;
  std::string year;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (order[i] == 'D' ? day : order[i] == 'M' ? month : year) += digits[i];
  }
  if (year.size() == 2) {
    // The one year of the range that ends so.
    const auto [earliest, latest] = date_range(format);
    for (int century = year_of(earliest) / 100; century <= year_of(latest) / 100; ++century) {
      std::string iso = with_year(century * 100 + (year[0] - '0') * 10 + (year[1] - '0'), "-" + month + "-" + day);
      if (iso >= earliest && iso <= latest) return iso;
    }
    return "";
  }
  return year + "-" + month + "-" + day;
}

std::string decimal_amount(const FieldFormat& format, std::string text) {
  // The longest terminator first, so that "/-" is not taken for "-".
  std::vector<std::string> terminators = format.terminators;
  std::sort(terminators.begin(), terminators.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (const std::string& terminator : terminators) {
    if (!terminator.empty() && text.size() > terminator.size() && text.ends_with(terminator)) {
      text.resize(text.size() - terminator.size());
      break;
    }
  }
  const std::size_t mark = format.decimals > 0 ? text.rfind(format.decimal_mark) : std::string::npos;
  std::string whole = only_digits(std::string_view(text).substr(0, mark));
  std::string decimals = mark == std::string::npos ? "" : only_digits(std::string_view(text).substr(mark + 1));
  if (whole.empty() && decimals.empty()) return "";
  const std::size_t first = whole.find_first_not_of('0');
  whole = first == std::string::npos ? "0" : whole.substr(first);
  if (format.decimals == 0) return whole;
  decimals.resize(static_cast<std::size_t>(format.decimals), '0');
  return whole + "." + decimals;
}

bool one_line_number(const Field& field) {
  return field.kind == config::FieldKind::handwritten_number || field.format.type != FormatType::text;
}

// Number of UTF-8 characters.
int length_of(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Calls `visit` with each UTF-8 character of `text`.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    visit(text.substr(i, end - i));
    i = end;
  }
}

bool is_blank(std::string_view character) { return character == " " || character == "\t" || character == "\n" || character == "\r"; }

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.substr(0, 1))) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.substr(text.size() - 1))) text.remove_suffix(1);
  return std::string(text);
}

char other_case(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

std::string fitted(const Field& field, std::string_view text) {
  const bool blanks_belong = !one_line_number(field) && field.format.pattern.empty() &&
                             (field.format.characters.empty() || field.format.characters.find(' ') != std::string::npos);
  const std::string& allowed = field.format.characters;
  std::string out;
  for_each_character(trimmed(text), [&](std::string_view character) {
    if (is_blank(character) && !blanks_belong) return;
    if (character.size() == 1 && !allowed.empty() && allowed.find(character) == std::string::npos &&
        allowed.find(other_case(character[0])) != std::string::npos) {
      out += other_case(character[0]);
      return;
    }
    out += character;
  });
  return out;
}

// Text of digits alone, so many at most as a line holds.
bool known_digits(const FieldFormat& format) {
  const bool digits = !format.characters.empty() && only_digits(format.characters) == format.characters;
  return digits && format.max_length > 0 && format.max_length <= kLongestLine;
}

}  // namespace

bool has_automaton(const Field& field) {
  if (field.kind == config::FieldKind::handwritten_number) return true;
  const config::KindRules* const rules = config::rules_of(field.kind);
  if (rules == nullptr || rules->formats.empty()) return false;
  return field.format.type != FormatType::text || !field.format.pattern.empty() || known_digits(field.format);
}

Automaton compile_format(const Field& field) {
  const auto refuse = [&field](const std::string& why) {
    throw Error(ErrorKind::invalid_template, "field \"" + field.id + "\": " + why);
  };
  try {
    const bool text_pattern = field.format.type == FormatType::text && !field.format.pattern.empty();
    Automaton automaton = text_pattern ? Automaton::pattern(field.format.pattern) : format_automaton(field);
    const FieldFormat& format = field.format;
    if (format.minimum || format.maximum) {
      const char mark = format.type == FormatType::amount ? format.decimal_mark : '.';
      automaton = automaton.with_value_between(format.minimum.value_or(0), format.maximum.value_or(kLargestValue), mark);
    }
    switch (format.check_digit) {
      case config::CheckDigit::none: break;
      case config::CheckDigit::luhn: automaton = automaton.with_check_digit(Automaton::CheckDigit::luhn); break;
      case config::CheckDigit::mod10_weight31: automaton = automaton.with_check_digit(Automaton::CheckDigit::mod10_weight31); break;
      case config::CheckDigit::mod11: automaton = automaton.with_check_digit(Automaton::CheckDigit::mod11); break;
      case config::CheckDigit::mod97: automaton = automaton.with_check_digit(Automaton::CheckDigit::mod97); break;
      case config::CheckDigit::verhoeff: automaton = automaton.with_check_digit(Automaton::CheckDigit::verhoeff); break;
      case config::CheckDigit::aba: automaton = automaton.with_check_digit(Automaton::CheckDigit::aba); break;
    }
    if (automaton.is_empty()) refuse("its format allows no reading at all; widen its length, range or dates");
    return automaton;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_template) refuse(error.what());
    throw;
  }
}

FieldValue field_value(const Field& field, std::string_view text, const Automaton* format) {
  FieldValue value;
  value.text = std::string(text);
  if (text.empty() || (format != nullptr && !format->accepts(text))) return value;
  switch (field.format.type) {
    case FormatType::date: value.normalized = iso_date(field.format, text); break;
    case FormatType::amount: value.normalized = decimal_amount(field.format, value.text); break;
    case FormatType::digits:
    case FormatType::phone: value.normalized = only_digits(text); break;
    case FormatType::zip: {
      const std::string digits = only_digits(text);
      if (digits.size() == 5 && text.size() == 5) value.normalized = digits;
      if (digits.size() == 9) value.normalized = digits.substr(0, 5) + "-" + digits.substr(5);
      break;
    }
    case FormatType::pattern: value.normalized = value.text; break;
    case FormatType::text: {
      value.normalized = value.text;
      const int length = length_of(text);
      if (length < field.format.min_length || (field.format.max_length > 0 && length > field.format.max_length)) value.normalized.clear();
      if (!field.format.characters.empty()) {
        for_each_character(text, [&](std::string_view character) {
          if (!is_blank(character) && field.format.characters.find(character) == std::string::npos) value.normalized.clear();
        });
      }
      break;
    }
  }
  value.valid = !value.normalized.empty();
  if (!value.valid) value.normalized.clear();
  return value;
}

void fit_printed_text(const Field& field, const Automaton* format, page::Reading& reading) {
  std::vector<page::ReadingCandidate> valid;
  bool first = true;
  for (const page::ReadingCandidate& candidate : reading.candidates) {
    page::ReadingCandidate fitting{fitted(field, candidate.text), candidate.probability};
    if (field_value(field, fitting.text, format).valid) {
      if (valid.empty() && (!first || fitting.text != trimmed(reading.raw_text))) {
        // Only dropped blanks and another case are left of the same reading; its confidence still stands.
        std::string without_blanks;
        for_each_character(reading.raw_text, [&](std::string_view c) {
          if (!is_blank(c)) without_blanks += c;
        });
        std::string fitting_without;
        for_each_character(fitting.text, [&](std::string_view c) {
          if (!is_blank(c)) fitting_without += c;
        });
        reading.changed_by_format = reading.changed_by_format || without_blanks != fitting_without;
        // The confidence belongs to the engine's first candidate and to no other.
        if (!first) reading.confidence = std::min(reading.confidence, candidate.probability);
      }
      valid.push_back(std::move(fitting));
    }
    first = false;
  }
  if (valid.empty()) reading.confidence = 0;
  // Characters were cut for the engine's text; where blanks were dropped they still match one to one without blanks.
  std::vector<page::ReadingCharacter> characters;
  const bool drop_blanks = !valid.empty() && valid.front().text.find(' ') == std::string::npos;
  for (const page::ReadingCharacter& character : reading.characters) {
    if (drop_blanks && (character.codepoint == ' ' || character.codepoint == '\n')) continue;
    characters.push_back(character);
  }
  reading.characters = std::move(characters);
  reading.candidates = std::move(valid);
}

}  // namespace inkfield::pipeline
