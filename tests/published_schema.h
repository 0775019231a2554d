// The published JSON schemas, asked by a validator that is not ours. One file for all tests: its headers take long to compile.
#pragma once

#include <memory>
#include <string>

namespace inkfield::schema_test {

class PublishedSchema {
 public:
  /// A file of config/schema, such as "result.schema.json". Throws std::runtime_error if it is missing or no schema.
  explicit PublishedSchema(const std::string& name);
  ~PublishedSchema();

  /// Why the document, JSON text, does not fit: a line each; "" if it does. Throws what the JSON library throws if it is no JSON.
  [[nodiscard]] std::string misfit(const std::string& document) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkfield::schema_test
