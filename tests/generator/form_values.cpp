#include "tests/generator/form_values.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace inkfield::generator {
namespace {

std::string digits(int count, Random& random) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += static_cast<char>('0' + random.integer(i == 0 && count > 1 ? 1 : 0, 9));
  }
  return text;
}

std::string padded(int value, int width) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%0*d", width, value);
  return buffer.data();
}

struct Day {
  int year;
  int month;
  int day;
};

Day random_day(const config::FieldFormat& format, Random& random) {
  const int first = format.earliest ? std::stoi(format.earliest->substr(0, 4)) : 1950;
  const int last = format.latest ? std::stoi(format.latest->substr(0, 4)) : 2026;
  // People fill in forms about these years: dates of the future are allowed by the templates but rare.
  return {random.integer(std::max(first, last - 90), std::min(last, 2026)), random.integer(1, 12), random.integer(1, 28)};
}

FieldValue date_value(const config::Field& field, Random& random) {
  const Day day = random_day(field.format, random);
  std::string separator;
  if (field.layout.type == config::LayoutType::line && !field.format.date_separators.empty()) {
    separator = field.format.date_separators.substr(
        static_cast<std::size_t>(random.integer(0, static_cast<int>(field.format.date_separators.size()) - 1)), 1);
  }
  return {field.id, field.kind, padded(day.day, 2) + separator + padded(day.month, 2) + separator + padded(day.year, 4),
          padded(day.year, 4) + "-" + padded(day.month, 2) + "-" + padded(day.day, 2)};
}

/// 1,23,456 as Indian banks group, or 123,456.
std::string grouped(const std::string& whole, bool indian) {
  std::string text;
  const int length = static_cast<int>(whole.size());
  for (int i = 0; i < length; ++i) {
    const int left = length - i;
    if (i > 0 && (left == 3 || (left > 3 && (indian ? (left - 3) % 2 == 0 : left % 3 == 0)))) {
      text += ',';
    }
    text += whole[static_cast<std::size_t>(i)];
  }
  return text;
}

FieldValue amount_value(const config::Field& field, Random& random) {
  const config::FieldFormat& format = field.format;
  if (format.currency.empty()) {  // a measurement
    const double low = format.minimum.value_or(0);
    const double high = std::min(format.maximum.value_or(100), field.id.rfind("turbidity", 0) == 0 ? 40.0 : 1e9);
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", format.decimals, random.between(low, high));
    return {field.id, field.kind, buffer.data(), buffer.data()};
  }
  std::string whole = digits(random.integer(2, 7), random);
  if (random.chance(0.5) && whole.size() > 3) {  // round sums are common
    std::fill(whole.begin() + (random.chance(0.5) ? 2 : 3), whole.end(), '0');
  }
  std::string written = random.chance(0.75) ? grouped(whole, random.chance(0.7)) : whole;
  std::string normalized = whole + ".00";
  if (random.chance(0.25)) {
    const std::string cents = digits(1, random) + digits(1, random);
    written += "." + cents;
    normalized = whole + "." + cents;
  } else if (random.chance(0.6)) {
    written += "/-";
  }
  return {field.id, field.kind, written, normalized};
}

FieldValue digits_value(const config::Field& field, Random& random) {
  const config::FieldFormat& format = field.format;
  std::string text;
  if (format.minimum || format.maximum) {
    const int low = static_cast<int>(format.minimum.value_or(0));
    int high = static_cast<int>(format.maximum.value_or(9999));
    if (high - low > 200 && random.chance(0.5)) {
      high = low + (high - low) / 10;
    }
    text = std::to_string(random.integer(low, high));
  } else {
    const int cells = field.layout.count > 0 ? field.layout.count : 8;
    const int most = format.max_length > 0 ? std::min(format.max_length, cells) : cells;
    text = digits(random.integer(std::max(format.min_length, 1), most), random);
    if (format.check_digit == config::CheckDigit::luhn) {
      text.back() = luhn_digit(text.substr(0, text.size() - 1));
    }
  }
  return {field.id, field.kind, text, text};
}

/// Only what the sample forms' patterns use: 9, [..], {n}, and marks.
FieldValue pattern_value(const config::Field& field, Random& random) {
  const std::string& pattern = field.format.pattern;
  std::string text;
  for (std::size_t i = 0; i < pattern.size();) {
    std::string choices;
    if (pattern[i] == '[') {
      const std::size_t end = pattern.find(']', i);
      choices = pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else {
      choices = pattern[i] == '9' ? "0123456789" : std::string(1, pattern[i]);
      ++i;
    }
    int times = 1;
    if (i < pattern.size() && pattern[i] == '{') {
      times = std::stoi(pattern.substr(i + 1));
      i = pattern.find('}', i) + 1;
    }
    for (int k = 0; k < times; ++k) {
      text += choices[static_cast<std::size_t>(random.integer(0, static_cast<int>(choices.size()) - 1))];
    }
  }
  return {field.id, field.kind, text, text};
}

FieldValue printed_value(const config::Field& field, Random& random) {
  std::string text = field.id == "branch_code" ? "56" + digits(7, random) : digits(field.format.max_length, random);
  return {field.id, field.kind, text, text};
}

/// The E-13B line says again what is printed elsewhere: micr_X what X says.
FieldValue micr_value(const config::Field& field, const std::vector<FieldValue>& values) {
  const std::string other = field.id.substr(field.id.find('_') + 1);
  const auto found = std::find_if(values.begin(), values.end(), [&](const FieldValue& value) { return value.field_id == other; });
  const std::string text = found == values.end() ? "" : found->written;
  return {field.id, field.kind, text, text};
}

FieldValue written_value(const config::Field& field, Random& random) {
  switch (field.format.type) {
    case config::FormatType::date:
      return date_value(field, random);
    case config::FormatType::amount:
      return amount_value(field, random);
    case config::FormatType::zip: {
      const std::string text = digits(5, random);
      return {field.id, field.kind, text, text};
    }
    case config::FormatType::phone: {
      const std::string text = digits(10, random);
      return {field.id, field.kind, text, text};
    }
    case config::FormatType::pattern:
      return pattern_value(field, random);
    default:
      return digits_value(field, random);
  }
}

/// First part of the id up to its last underscore: the rows of "mark one of these".
std::string group_of(const std::string& id) { return id.substr(0, id.find('_')); }

}  // namespace

char luhn_digit(const std::string& text) {
  int sum = 0;
  bool twice = true;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    int value = *digit - '0';
    if (twice) {
      value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    }
    sum += value;
    twice = !twice;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::vector<FieldValue> random_values(SampleForm form, const config::FormTemplate& form_template, Random& random) {
  std::vector<FieldValue> values;
  const int members = random.integer(1, 5);  // rows of the census' table that are filled in
  std::string group;
  int chosen = -1;
  int in_group = 0;
  for (const config::Field& field : form_template.fields) {
    if (field.kind == config::FieldKind::printed_text) {
      values.push_back(printed_value(field, random));
      continue;
    }
    if (field.kind == config::FieldKind::micr_line) {
      values.push_back(micr_value(field, values));
      continue;
    }
    const bool member = form == SampleForm::census && field.id.rfind("member", 0) == 0;
    const bool row_used = !member || field.id[6] - '0' <= members;
    if (field.kind == config::FieldKind::checkbox) {
      bool checked = random.chance(0.4) && row_used;
      if (form == SampleForm::census && !member && field.id != "declared") {
        if (group_of(field.id) != group) {
          group = group_of(field.id);
          chosen = random.integer(0, 3);
          in_group = 0;
        }
        checked = in_group++ == chosen;
      }
      if (field.id == "declared") {
        checked = random.chance(0.9);
      }
      values.push_back({field.id, field.kind, checked ? "checked" : "unchecked", checked ? "true" : "false"});
      continue;
    }
    if (!row_used || (!field.required && !member && random.chance(0.4)) || (member && random.chance(0.05))) {
      values.push_back({field.id, field.kind, "", ""});
      continue;
    }
    values.push_back(written_value(field, random));
  }
  return values;
}

}  // namespace inkfield::generator
