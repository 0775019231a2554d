// A JSON text as a tree of our own, so that no third-party type is seen outside json_document.cpp.
//
// It keeps what a library's tree throws away and a template's author needs: the order of the document,
// whether a number was written as an integer, and keys that were given twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inkfield::config {

enum class JsonType { null, boolean, integer, real, text, list, object };

struct JsonNode {
  JsonType type = JsonType::null;
  bool boolean = false;
  int order = 0;                   ///< counts up through the document
  std::int64_t integer = 0;        ///< at the end of its range if the text says more
  double number = 0;               ///< of integers too
  std::string key;                 ///< under which it stands in its object; "" in a list
  std::string text;                ///< of a text; of a number as it was written
  std::vector<JsonNode> children;  ///< of a list or object, in document order, second ones of a key left out
};

struct JsonProblem {
  int order = 0;
  std::string pointer;
  std::string message;
};

struct JsonDocument {
  bool complete =
      false;  ///< false: `problems` ends with why the text could not be parsed, and `root` is no use
  JsonNode root;
  std::vector<JsonProblem> problems;
};

struct JsonLimits {
  int max_nesting = 32;
  std::size_t max_values = 400'000;  ///< of objects, lists and everything in them
};

/// Parses strictly: UTF-8, no comments, no trailing commas, nothing after the end. Throws std::bad_alloc
/// only.
JsonDocument parse_json(std::string_view text, const JsonLimits& limits);

/// `pointer` with one more step, escaped as RFC 6901 says.
std::string json_pointer(const std::string& pointer, std::string_view key);

}  // namespace inkfield::config
