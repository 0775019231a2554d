// One pass over the pages.
#include "adapters/hosts/watch_folder/documents/batch_splitting.h"

namespace inkfield::watch_folder {

namespace {

std::string label_of(const PageOutcome& page, const std::string& field_id) {
  for (const FieldOutcome& field : page.fields) {
    if (!field_id.empty() && field.id == field_id && field.state == "accepted") return field.normalized.empty() ? field.text : field.normalized;
  }
  return "";
}

}  // namespace

std::vector<BatchPart> split_batch(const std::vector<PageOutcome>& pages, const SeparatorSheet& sheet) {
  std::vector<BatchPart> parts;
  BatchPart part;
  bool after_sheet = false;
  for (const PageOutcome& page : pages) {
    if (!sheet.form_id.empty() && page.state == "read" && page.form_id == sheet.form_id) {
      if (!part.pages.empty()) parts.push_back(part);
      part = {label_of(page, sheet.label_field), {}};
      if (sheet.keep) part.pages.push_back(page);
      after_sheet = true;
      continue;
    }
    const bool back = after_sheet && sheet.drop_blank_back && page.state == "blank";
    if (!back || sheet.keep) part.pages.push_back(page);
    after_sheet = false;
  }
  if (!part.pages.empty()) parts.push_back(part);
  return parts;
}

}  // namespace inkfield::watch_folder
