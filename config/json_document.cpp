// The only place that sees the JSON library. Its event interface is used because its tree would keep the last
// of duplicate keys, follow any depth of nesting and forget where things stood.
#include "config/json_document.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

namespace inkfield::config {
namespace {

// Columns are counted in characters, as editors do.
std::string line_and_column(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// The library's words for what it met, without its prefix and without the bytes it quotes.
std::string library_reason(std::string_view what) {
  if (const auto at = what.find("syntax error"); at != std::string_view::npos) what.remove_prefix(at);
  if (const auto at = what.find("; last read"); at != std::string_view::npos) what = what.substr(0, at);
  std::string reason;
  for (const char c : what.substr(0, 200)) reason += c >= 0x20 && c < 0x7F ? c : '?';
  return reason;
}

std::string_view word_at(std::string_view text, std::size_t offset) {
  const auto is_letter = [&](std::size_t i) {
    return i < text.size() && ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z'));
  };
  std::size_t begin = std::min(offset, text.size());
  while (begin > 0 && is_letter(begin - 1)) --begin;
  std::size_t end = begin;
  while (is_letter(end)) ++end;
  return text.substr(begin, end - begin);
}

std::string advice(std::string_view text, std::size_t offset) {
  const char at = offset < text.size() ? text[offset] : '\0';
  std::size_t before = std::min(offset, text.size());
  while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t' || text[before - 1] == '\n' ||
                        text[before - 1] == '\r')) {
    --before;
  }
  const char previous = before > 0 ? text[before - 1] : '\0';
  if ((at == ']' || at == '}') && previous == ',') {
    return "; a comma stands before the closing bracket, delete it";
  }
  const std::string_view word = word_at(text, offset);
  if (word == "NaN" || word == "nan" || word == "Infinity" || word == "inf") {
    return "; JSON has no " + std::string(word) + ", leave the key out";
  }
  if (word == "True" || word == "False" || word == "None") return "; JSON writes true, false and null";
  if (at == '/' || at == '#') return "; JSON has no comments, delete it";
  if (at == '\'') return "; JSON writes texts in double quotes";
  if (offset >= text.size()) return "; the text ends too early, is the file whole?";
  return "";
}

class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits, JsonDocument& document)
      : text_(text), limits_(limits), document_(document) {}

  bool null() override { return add(JsonType::null) != nullptr; }
  bool boolean(bool value) override {
    JsonNode* const node = add(JsonType::boolean);
    if (node != nullptr) node->boolean = value;
    return node != nullptr;
  }
  bool number_integer(number_integer_t value) override { return add_integer(value, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    const auto clamped =
        value > static_cast<number_unsigned_t>(kMost) ? kMost : static_cast<std::int64_t>(value);
    return add_integer(clamped, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& written) override {
    JsonNode* const node = add(JsonType::real);
    if (node == nullptr) return false;
    // The library writes the locale's decimal point into the text; read it again without any locale.
    node->text = written;
    for (char& c : node->text) {
      const bool plain = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == 'e' || c == 'E';
      if (!plain) c = '.';
    }
    const char* const end = node->text.data() + node->text.size();
    // Too big a number never comes here, so out of range can only be too near to 0.
    if (std::from_chars(node->text.data(), end, node->number).ec != std::errc()) node->number = 0;
    return true;
  }
  bool string(string_t& value) override {
    JsonNode* const node = add(JsonType::text);
    if (node != nullptr) node->text = std::move(value);
    return node != nullptr;
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(JsonType::object); }
  bool start_array(std::size_t) override { return open(JsonType::list); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override {
    drop_second_keys(*open_.back());
    open_.pop_back();
    return true;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    const std::size_t offset = position > 0 ? position - 1 : 0;
    std::string message = "not JSON at " + line_and_column(text_, offset) + ": ";
    if (error.id == kNumberOverflow) {
      message += "a number too big to be held";
    } else {
      message += library_reason(error.what()) + advice(text_, offset);
    }
    fail("", message);
    return false;
  }

 private:
  // Null when the limits are reached; parsing ends there.
  JsonNode* add(JsonType type) {
    const int order = next_order_++;
    if (static_cast<std::size_t>(order) >= limits_.max_values) {
      fail("", "more than " + std::to_string(limits_.max_values) +
                   " values; no template needs that many, split it into several files");
      return nullptr;
    }
    JsonNode* node = &document_.root;
    if (!open_.empty()) {
      // A parent's list does not grow while one of its children is open, so pointers in open_ stay valid.
      node = &open_.back()->children.emplace_back();
      if (open_.back()->type == JsonType::object) node->key = std::move(key_);
    }
    node->type = type;
    node->order = order;
    return node;
  }

  bool add_integer(std::int64_t value, std::string written) {
    JsonNode* const node = add(JsonType::integer);
    if (node == nullptr) return false;
    node->integer = value;
    node->text = std::move(written);
    node->number = static_cast<double>(value);
    return true;
  }

  bool open(JsonType type) {
    if (open_.size() >= static_cast<std::size_t>(limits_.max_nesting)) {
      fail(here(), "nested deeper than " + std::to_string(limits_.max_nesting) +
                       " levels; a template needs fewer than ten");
      return false;
    }
    JsonNode* const node = add(type);
    if (node == nullptr) return false;
    open_.push_back(node);
    return true;
  }

  // Where the innermost open object or list stands.
  [[nodiscard]] std::string here() const {
    std::string pointer;
    for (std::size_t i = 1; i < open_.size(); ++i) {
      const JsonNode& parent = *open_[i - 1];
      pointer = parent.type == JsonType::object
                    ? json_pointer(pointer, open_[i]->key)
                    : json_pointer(pointer, std::to_string(parent.children.size() - 1));
    }
    return pointer;
  }

  // Keeps the first of every key and reports the others. Sorted, because an object may hold very many.
  void drop_second_keys(JsonNode& object) {
    std::vector<std::size_t> by_key(object.children.size());
    for (std::size_t i = 0; i < by_key.size(); ++i) by_key[i] = i;
    std::sort(by_key.begin(), by_key.end(), [&](std::size_t a, std::size_t b) {
      const int compared = object.children[a].key.compare(object.children[b].key);
      return compared != 0 ? compared < 0 : a < b;
    });
    std::vector<bool> second(by_key.size(), false);
    bool any = false;
    for (std::size_t i = 1; i < by_key.size(); ++i) {
      if (object.children[by_key[i]].key == object.children[by_key[i - 1]].key) {
        second[by_key[i]] = true;
        any = true;
      }
    }
    if (!any) return;
    const std::string pointer = here();
    std::vector<JsonNode> kept;
    for (std::size_t i = 0; i < object.children.size(); ++i) {
      JsonNode& child = object.children[i];
      if (!second[i]) {
        kept.push_back(std::move(child));
      } else if (document_.problems.size() < kMaxProblems) {
        document_.problems.push_back({child.order, json_pointer(pointer, child.key),
                                      "this key stands twice in the same object; delete one of the two"});
      }
    }
    object.children = std::move(kept);
  }

  void fail(std::string pointer, std::string message) {
    document_.problems.push_back({next_order_, std::move(pointer), std::move(message)});
  }

  static constexpr std::size_t kMaxProblems = 1000;  // far more than are ever shown

  std::string_view text_;
  const JsonLimits& limits_;
  JsonDocument& document_;
  std::vector<JsonNode*> open_;
  std::string key_;
  int next_order_ = 0;
};

}  // namespace

JsonDocument parse_json(std::string_view text, const JsonLimits& limits) {
  JsonDocument document;
  TreeBuilder builder(text, limits, document);
  document.complete = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return document;
}

std::string json_pointer(const std::string& pointer, std::string_view key) {
  std::string longer = pointer + '/';
  for (const char c : key) {
    if (c == '~') {
      longer += "~0";
    } else if (c == '/') {
      longer += "~1";
    } else {
      longer += c;
    }
  }
  return longer;
}

}  // namespace inkfield::config
