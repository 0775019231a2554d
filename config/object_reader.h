// Takes typed values out of one JSON object and reports whatever is not as it should be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/fault_list.h"
#include "config/json_document.h"

namespace inkfield::config {

/// What was found, for a message: a short, printable quotation.
std::string describe(const JsonNode& node);
/// Without the locale, at most three decimals.
std::string number_text(double value);
/// The same with its unit: "7.5 mm".
std::string mm_text(double value);
/// The text in double quotes, cut if long, control characters replaced.
std::string in_quotes(std::string_view text);
/// `a, b or c`, each quoted.
std::string choice_text(std::span<const std::string_view> words);
/// Characters, not bytes, of UTF-8 text.
std::size_t character_count(std::string_view utf8);

struct NumberRange {
  double least = 0;
  double most = 0;
  bool above_least = false;  ///< the least value itself is not allowed
};

class ObjectReader {
 public:
  /// `node` must be an object and outlive this reader.
  ObjectReader(const JsonNode& node, std::string pointer, FaultList& faults)
      : node_(node), pointer_(std::move(pointer)), faults_(faults) {}

  [[nodiscard]] const JsonNode& node() const { return node_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] std::string pointer_to(std::string_view key) const { return json_pointer(pointer_, key); }
  [[nodiscard]] const JsonNode* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  /// A fault of the object itself, or of the value under a key that is there.
  void fault(std::string message);
  void fault_at(std::string_view key, std::string message);

  /// Reports keys that are not among `known`. `object_name` is what messages call this object: "a field".
  /// `belongs` says of a key where else it is at home, "" if nowhere.
  void allow_keys(std::span<const std::string_view> known, std::string_view object_name,
                  std::string (*belongs)(std::string_view key));
  /// Reports a key that is missing; `meaning` completes "it says ...".
  void require(std::string_view key, std::string_view meaning);

  // Each returns nothing if the key is missing (no fault) or its value is bad (a fault).
  std::optional<double> number(std::string_view key, const NumberRange& range);
  std::optional<int> integer(std::string_view key, int least, int most);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::string> text(std::string_view key, std::size_t least_characters,
                                  std::size_t most_characters);
  std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> words);
  const JsonNode* object(std::string_view key);
  const JsonNode* list(std::string_view key, std::size_t least, std::size_t most);

 private:
  const JsonNode& node_;
  std::string pointer_;
  FaultList& faults_;
};

}  // namespace inkfield::config
