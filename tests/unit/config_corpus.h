// Good and bad templates, each a small change of a good one, for the loader and for the published schema
// alike.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace inkfield::config_test {

enum class Verdict {
  good,
  bad,            ///< loader and schema both refuse it
  bad_to_loader,  ///< the schema cannot say it
};

struct Document {
  std::string name;
  std::string json;
  Verdict verdict = Verdict::good;
  std::string pointer;  ///< where the loader finds the one fault
  std::string words;    ///< part of what it says there
};

inline void PrintTo(const Document& document, std::ostream* out) { *out << document.name; }

/// Templates; `base` is the unchanged one.
const std::vector<Document>& corpus();
const std::string& base_template();
/// Fields by themselves.
const std::vector<Document>& field_corpus();

/// Names the cases of a test that has a parameter with a name.
inline constexpr auto name_of = [](const auto& info) { return info.param.name; };

std::string read_text(const std::string& path);

}  // namespace inkfield::config_test
