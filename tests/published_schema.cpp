#include "tests/published_schema.h"

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace inkfield::schema_test {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

Json read_schema(const std::string& name) {
  std::ifstream file(INKFIELD_SOURCE_DIR "/config/schema/" + name);
  if (!file) throw std::runtime_error("no schema " + name);
  return Json::parse(file);
}

}  // namespace

struct PublishedSchema::Impl {
  valijson::Schema schema;
};

PublishedSchema::PublishedSchema(const std::string& name) : impl_(std::make_unique<Impl>()) {
  const Json json = read_schema(name);
  const auto fetch = [](const std::string& uri) { return std::make_unique<Json>(read_schema(uri)).release(); };
  const auto release = [](const Json* fetched) { delete fetched; };
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(json), impl_->schema, fetch, release);
}

PublishedSchema::~PublishedSchema() = default;

std::string PublishedSchema::misfit(const std::string& document) const {
  const Json json = Json::parse(document);
  valijson::ValidationResults results;
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  if (validator.validate(impl_->schema, Adapter(json), &results)) return "";
  std::string why;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context) why += step;
    why += ": " + error.description + "\n";
  }
  return why.empty() ? "invalid" : why;
}

}  // namespace inkfield::schema_test
