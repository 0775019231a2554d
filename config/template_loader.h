// Reads form templates and field definitions from JSON, and says everything that is wrong with one at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/field_kinds.h"
#include "config/form_template.h"

namespace inkfield::config {

/// One thing that is wrong with a template.
struct Fault {
  std::string source;        ///< file, or "memory"
  std::string json_pointer;  ///< RFC 6901; "" is the whole document
  std::string message;       ///< found, expected, what to do, the nearest known key
};

/// Either what was asked for, or every fault found (never both, never neither).
template <class T>
struct Loaded {
  std::vector<T> values;
  std::vector<Fault> faults;
  [[nodiscard]] bool ok() const { return faults.empty(); }
};

/// Limits on what is parsed at all; past them a template is one fault, not work.
inline constexpr std::size_t kMaxTemplateBytes = 8U << 20U;
inline constexpr int kMaxNesting = 32;
inline constexpr int kMaxFields = 4000;
inline constexpr int kMaxRules = 1000;

/// Parses one template (an object) or several (an array of objects). `base_folder` resolves a relative
/// `blank_image`; `source` goes into faults; `kinds` are the kinds of field it knows. Throws nothing but std::bad_alloc.
Loaded<FormTemplate> load_templates(std::string_view json, const std::string& source, const std::string& base_folder,
                                    const KindTable& kinds = standard_kinds());

/// The same, but one bad template of an array does not take the others with it: `values` are the good ones,
/// `faults` are of those left out. The one case in which both may be filled.
Loaded<FormTemplate> load_good_templates(std::string_view json, const std::string& source,
                                         const std::string& base_folder);

/// Reads a template file. A file that cannot be read is a fault with an empty pointer.
Loaded<FormTemplate> load_template_file(const std::string& path);

/// As load_good_templates is to load_templates.
Loaded<FormTemplate> load_good_template_file(const std::string& path);

/// Parses one field object; `zone` may be left out, and `id` then defaults to "field".
Loaded<Field> load_field(std::string_view json, const std::string& source, const KindTable& kinds = standard_kinds());

}  // namespace inkfield::config
