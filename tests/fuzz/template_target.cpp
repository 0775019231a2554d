// Any bytes are a template, a list of templates or a field, or they have faults: never a crash, never both,
// and whatever is said of them can be shown to a person.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/template_loader.h"
#include "config/value_list.h"

namespace {

using inkfield::config::Fault;

void demand(bool condition) {
  if (!condition) std::abort();
}

// Whole UTF-8 sequences without control characters; overlong ones cannot come through the JSON parser.
bool is_printable(std::string_view text) {
  int pending = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (pending > 0) {
      if ((byte & 0xC0U) != 0x80U) return false;
      --pending;
    } else if (byte < 0x20 || byte == 0x7F) {
      return false;
    } else if (byte >= 0x80) {
      pending = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : -1;
      if (pending < 0) return false;
    }
  }
  return pending == 0;
}

void demand_presentable(const std::vector<Fault>& faults) {
  demand(faults.size() <= 101);
  for (const Fault& fault : faults) {
    demand(fault.source == "memory");
    demand(fault.json_pointer.empty() || fault.json_pointer.front() == '/');
    demand(!fault.message.empty() && is_printable(fault.message));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto forms = inkfield::config::load_templates(json, "memory", "");
  demand(forms.ok() != forms.values.empty());
  demand_presentable(forms.faults);
  for (const auto& form : forms.values) {
    demand(form.width_mm >= 10 && form.height_mm >= 10 && !form.fields.empty());
    for (const auto& field : form.fields) {
      demand(!field.id.empty() && field.zone.width_mm > 0 && field.zone.right_mm() <= form.width_mm + 0.02);
      demand(field.format.min_length <= field.format.max_length || field.format.max_length == 0);
      demand(field.layout.count == 0 || field.layout.pitch_mm >= 1);
      demand(field.format.minimum.value_or(0) <= field.format.maximum.value_or(1e15));
    }
  }
  for (const auto& form : forms.values) {
    for (const auto& rule : form.rules) {
      demand(!rule.name.empty() && !rule.fields.empty());
      for (const std::size_t field : rule.fields) demand(field < form.fields.size());
      // A list on this machine's disk may have been named, but none without its values.
      const auto* list = std::get_if<inkfield::config::ListRule>(&rule.detail);
      demand(list == nullptr || (list->values != nullptr && list->values->size() > 0));
    }
  }
  // The same bytes as a list of values: faults can be shown, or something is in it.
  inkfield::config::ValueList list;
  const std::string problem = inkfield::config::parse_value_list(json, "list", {"code", size % 2 == 0 ? "" : "key", ','}, list);
  demand(problem.empty() ? list.size() > 0 : is_printable(problem));

  const auto good_ones = inkfield::config::load_good_templates(json, "memory", "");
  demand(good_ones.values.size() >= forms.values.size() && good_ones.faults.size() == forms.faults.size());

  const auto field = inkfield::config::load_field(json, "memory");
  demand(field.ok() != field.values.empty());
  demand_presentable(field.faults);
  return 0;
}
