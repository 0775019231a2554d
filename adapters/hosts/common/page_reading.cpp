// One loop over a file's pages; every failed call becomes a record.
#include "adapters/hosts/common/page_reading.h"

#include <utility>

#include "adapters/hosts/common/printable.h"

namespace inkfield::hosts {

std::string without_path(const std::string& message, const std::string& path) {
  return message.starts_with(path + ": ") ? message.substr(path.size() + 2) : message;
}

Outcome outcome_of(const PageRecord& record) {
  if (!record.result) {
    if (!record.while_reading) return Outcome::unreadable;
    switch (record.status) {
      case INKFIELD_INVALID_ARGUMENT:
      case INKFIELD_INVALID_TEMPLATE:
      case INKFIELD_INVALID_MODEL:
      case INKFIELD_NOT_FOUND:
      case INKFIELD_UNAVAILABLE:
        return Outcome::misconfigured;
      default:
        return Outcome::unreadable;
    }
  }
  const PageInfo page = record.result->page();
  if (page.needs_review || page.state == INKFIELD_PAGE_UNKNOWN_FORM || page.state == INKFIELD_PAGE_AMBIGUOUS_FORM) {
    return Outcome::needs_person;
  }
  for (const Field& field : record.result->fields()) {
    if (field.state == INKFIELD_FIELD_REVIEW || field.state == INKFIELD_FIELD_FAILED) return Outcome::needs_person;
  }
  return Outcome::accepted;
}

std::string json_of(const PageRecord& record) {
  std::string json = "{\"file\":" + json_string(record.file) + ",\"page\":" + std::to_string(record.page) +
                     ",\"pages\":" + std::to_string(record.pages) + ",\"error\":";
  if (record.result) {
    json += "null,\"result\":" + record.result->json();
  } else {
    json += "{\"status\":" + json_string(status_name(record.status)) + ",\"message\":" + json_string(record.error) +
            "},\"result\":null";
  }
  return json + '}';
}

const char* name_of_page_state(inkfield_page_state state) {
  switch (state) {
    case INKFIELD_PAGE_READ:
      return "read";
    case INKFIELD_PAGE_UNKNOWN_FORM:
      return "unknown_form";
    case INKFIELD_PAGE_AMBIGUOUS_FORM:
      return "ambiguous_form";
    case INKFIELD_PAGE_BLANK:
      return "blank";
    default:
      return "unknown";
  }
}

const char* name_of_field_state(inkfield_field_state state) {
  switch (state) {
    case INKFIELD_FIELD_ACCEPTED:
      return "accepted";
    case INKFIELD_FIELD_REVIEW:
      return "review";
    case INKFIELD_FIELD_EMPTY:
      return "empty";
    case INKFIELD_FIELD_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

const char* name_of_field_kind(inkfield_field_kind kind) {
  switch (kind) {
    case INKFIELD_KIND_HANDWRITTEN_NUMBER:
      return "handwritten_number";
    case INKFIELD_KIND_PRINTED_TEXT:
      return "printed_text";
    case INKFIELD_KIND_CHECKBOX:
      return "checkbox";
    case INKFIELD_KIND_PRINTED_NUMBER:
      return "printed_number";
    case INKFIELD_KIND_CHECKBOX_GROUP:
      return "checkbox_group";
    case INKFIELD_KIND_BARCODE:
      return "barcode";
    case INKFIELD_KIND_SIGNATURE:
      return "signature";
    case INKFIELD_KIND_MICR_LINE:
      return "micr_line";
    default:
      return "unknown";
  }
}

void read_pages(Session& session, const std::string& file, const std::string& path, const OpenDocument& open,
                const OptionsForPage& options, const TakeRecord& take) {
  PageRecord failed;
  failed.file = file;
  std::optional<Document> document;
  std::uint32_t pages = 0;
  try {
    document.emplace(open());
    pages = document->page_count();
  } catch (const Error& error) {
    failed.status = error.status();
    failed.error = without_path(error.what(), path);
    take(std::move(failed));
    return;
  }
  if (pages == 0) {
    failed.status = INKFIELD_INVALID_IMAGE;
    failed.error = "the file has no pages";
    take(std::move(failed));
    return;
  }
  for (std::uint32_t i = 0; i < pages; ++i) {
    PageRecord record;
    record.file = file;
    record.page = i + 1;
    record.pages = pages;
    const ReadOptions page_options = options(i + 1, pages);
    try {
      const inkfield_image image = document->page(i);
      record.while_reading = true;
      record.result.emplace(session.read_page(image, page_options));
    } catch (const Error& error) {
      record.status = error.status();
      record.error = without_path(error.what(), path);
    }
    if (!take(std::move(record))) return;
  }
}

}  // namespace inkfield::hosts
