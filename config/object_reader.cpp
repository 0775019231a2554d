// Every message says what was found, what is expected and, where it is not plain, what to do.
#include "config/object_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace inkfield::config {
namespace {

constexpr std::size_t kMaxQuotedBytes = 48;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

std::string join(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += ", ";
    joined += word;
  }
  return joined;
}

}  // namespace

std::string number_text(double value) {
  std::array<char, 400> buffer{};  // the greatest double has 309 digits before the point
  const auto done =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 3);
  std::string text(buffer.data(), done.ptr);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string mm_text(double value) { return number_text(value) + " mm"; }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  std::size_t end = text.size();
  if (end > kMaxQuotedBytes) {
    end = kMaxQuotedBytes;
    // Not inside a character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  }
  for (const char c : text.substr(0, end)) out += is_control(c) ? '?' : c;
  return out + (end < text.size() ? "...\"" : "\"");
}

std::string choice_text(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += in_quotes(words[i]);
  }
  return text;
}

std::size_t character_count(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string describe(const JsonNode& node) {
  switch (node.type) {
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return node.boolean ? "true" : "false";
    case JsonType::integer:
    case JsonType::real:
      return node.text.size() <= kMaxQuotedBytes ? node.text : node.text.substr(0, kMaxQuotedBytes) + "...";
    case JsonType::text:
      return "the text " + in_quotes(node.text);
    case JsonType::list:
      return "a list";
    case JsonType::object:
      return "an object";
  }
  return "";
}

const JsonNode* ObjectReader::find(std::string_view key) const {
  for (const JsonNode& child : node_.children) {
    if (child.key == key) return &child;
  }
  return nullptr;
}

void ObjectReader::fault(std::string message) { faults_.add(node_.order, pointer_, std::move(message)); }

void ObjectReader::fault_at(std::string_view key, std::string message) {
  const JsonNode* const value = find(key);
  faults_.add(value != nullptr ? value->order : node_.order, pointer_to(key), std::move(message));
}

void ObjectReader::allow_keys(std::span<const std::string_view> known, std::string_view object_name,
                              std::string (*belongs)(std::string_view key)) {
  for (const JsonNode& child : node_.children) {
    if (std::find(known.begin(), known.end(), child.key) != known.end()) continue;
    if (faults_.is_full()) {
      faults_.add(child.order, "", "");
      continue;
    }
    std::string message = in_quotes(child.key) + " is no key of " + std::string(object_name);
    if (const std::string elsewhere = belongs(child.key); !elsewhere.empty()) {
      message += "; it belongs to " + elsewhere;
    } else if (const std::string_view near = nearest_word(child.key, known); !near.empty()) {
      message += "; did you mean " + in_quotes(near) + "?";
    } else {
      message += ", whose keys are " + join(known);
    }
    faults_.add(child.order, pointer_to(child.key), std::move(message));
  }
}

void ObjectReader::require(std::string_view key, std::string_view meaning) {
  if (!has(key)) fault(in_quotes(key) + " is missing; it says " + std::string(meaning));
}

std::optional<double> ObjectReader::number(std::string_view key, const NumberRange& range) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != JsonType::integer && value->type != JsonType::real) {
    fault_at(key, "found " + describe(*value) + ", expected a number");
    return std::nullopt;
  }
  const bool low = value->number < range.least || (range.above_least && value->number == range.least);
  if (low || value->number > range.most) {
    fault_at(key, "found " + describe(*value) + ", expected a number " +
                      (range.above_least ? "above " : "from ") + number_text(range.least) + " to " +
                      number_text(range.most));
    return std::nullopt;
  }
  return value->number;
}

std::optional<int> ObjectReader::integer(std::string_view key, int least, int most) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string expected =
      "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (value->type == JsonType::real) {
    fault_at(key, "found " + describe(*value) + ", " + expected + ", written without point or exponent");
    return std::nullopt;
  }
  if (value->type != JsonType::integer || value->integer < least || value->integer > most) {
    fault_at(key, "found " + describe(*value) + ", " + expected);
    return std::nullopt;
  }
  return static_cast<int>(value->integer);
}

std::optional<bool> ObjectReader::boolean(std::string_view key) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != JsonType::boolean) {
    fault_at(key, "found " + describe(*value) + ", expected true or false" +
                      (value->type == JsonType::text ? ", without quotes" : ""));
    return std::nullopt;
  }
  return value->boolean;
}

std::optional<std::string> ObjectReader::text(std::string_view key, std::size_t least_characters,
                                              std::size_t most_characters) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != JsonType::text) {
    fault_at(key, "found " + describe(*value) + ", expected a text in double quotes");
    return std::nullopt;
  }
  if (std::any_of(value->text.begin(), value->text.end(), is_control)) {
    fault_at(key,
             "found " + describe(*value) + " with a line break or control character in it; leave those out");
    return std::nullopt;
  }
  const std::size_t characters = character_count(value->text);
  if (characters < least_characters || characters > most_characters) {
    fault_at(key, "found a text of " + std::to_string(characters) + " characters, expected " +
                      std::to_string(least_characters) + " to " + std::to_string(most_characters));
    return std::nullopt;
  }
  return value->text;
}

std::optional<std::size_t> ObjectReader::choice(std::string_view key,
                                                std::span<const std::string_view> words) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type == JsonType::text) {
    const auto at = std::find(words.begin(), words.end(), value->text);
    if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  }
  std::string message = "found " + describe(*value) + ", expected " + choice_text(words);
  if (value->type == JsonType::text) {
    if (const std::string_view near = nearest_word(value->text, words); !near.empty()) {
      message += "; did you mean " + in_quotes(near) + "?";
    }
  }
  fault_at(key, std::move(message));
  return std::nullopt;
}

const JsonNode* ObjectReader::object(std::string_view key) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return nullptr;
  if (value->type != JsonType::object) {
    fault_at(key, "found " + describe(*value) + ", expected an object {...}");
    return nullptr;
  }
  return value;
}

const JsonNode* ObjectReader::list(std::string_view key, std::size_t least, std::size_t most) {
  const JsonNode* const value = find(key);
  if (value == nullptr) return nullptr;
  if (value->type != JsonType::list) {
    fault_at(key, "found " + describe(*value) + ", expected a list [...]");
    return nullptr;
  }
  if (value->children.size() < least || value->children.size() > most) {
    fault_at(key, "found a list of " + std::to_string(value->children.size()) + ", expected " +
                      std::to_string(least) + " to " + std::to_string(most));
    return nullptr;
  }
  return value;
}

}  // namespace inkfield::config
