// RFC 4180 lines from an outcome.
#include "adapters/hosts/watch_folder/outputs/csv_rows.h"

#include <algorithm>

#include "adapters/hosts/watch_folder/outputs/outcome_text.h"

namespace inkfield::watch_folder {

namespace {

/// Digits with at most one point or comma, after at most one sign.
bool is_plain_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  bool digit = false;
  bool mark = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if ((c == '.' || c == ',') && !mark) {
      mark = true;
    } else {
      return false;
    }
  }
  return digit;
}

bool looks_like_formula(std::string_view text) {
  if (is_plain_number(text)) return false;
  // Spreadsheets skip white space and control characters before they look, so this does too.
  const auto start = std::find_if(text.begin(), text.end(), [](char c) { return c < 0 || c > ' '; });
  const bool led_by_control = start != text.begin() && std::any_of(text.begin(), start, [](char c) { return c != ' '; });
  const std::string_view rest = text.substr(static_cast<std::size_t>(start - text.begin()));
  if (led_by_control) return true;
  if (rest.empty()) return false;
  if (std::string_view("=+-@|%").find(rest.front()) != std::string_view::npos) return true;
  // The same signs in full width, which some spreadsheets fold.
  for (const std::string_view wide : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (rest.starts_with(wide)) return true;
  }
  return false;
}

std::string line_of(const std::vector<std::string>& cells, char separator) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += separator;
    line += csv_cell(cells[i], separator);
  }
  return line + "\r\n";
}

std::vector<std::string> document_cells(const DocumentOutcome& outcome) {
  return {outcome.document_id, outcome.folder, outcome.name, word_for(outcome.destination), outcome.read_at};
}

std::string field_rows(const CsvLayout& layout, const DocumentOutcome& outcome) {
  std::string rows;
  const auto add = [&](const PageOutcome* page, const FieldOutcome* field) {
    std::vector<std::string> cells = document_cells(outcome);
    const std::string number = page == nullptr ? "" : std::to_string(page->page);
    cells.insert(cells.end(), {number, page == nullptr ? "" : page->form_id, page == nullptr ? "" : page->state});
    if (field != nullptr) {
      cells.insert(cells.end(), {field->id, field->kind, field->state, field->text, field->normalized, confidence_text(field->confidence), field->reason});
    } else {
      cells.insert(cells.end(), {"", "", "", "", "", "", page == nullptr ? joined_reasons(outcome) : page->reason});
    }
    rows += line_of(cells, layout.separator);
  };
  for (const PageOutcome& page : outcome.pages) {
    for (const FieldOutcome& field : page.fields) add(&page, &field);
    if (page.fields.empty()) add(&page, nullptr);
  }
  if (outcome.pages.empty()) add(nullptr, nullptr);
  return rows;
}

std::string page_rows(const CsvLayout& layout, const DocumentOutcome& outcome) {
  std::string rows;
  const auto add = [&](const PageOutcome* page) {
    std::vector<std::string> cells = document_cells(outcome);
    const std::string number = page == nullptr ? "" : std::to_string(page->page);
    cells.insert(cells.end(), {number, page == nullptr ? "" : page->form_id, page == nullptr ? "" : page->state,
                               page == nullptr ? joined_reasons(outcome) : page->reason});
    for (const std::string& id : layout.columns) {
      const FieldOutcome* found = nullptr;
      if (page != nullptr) {
        const auto field = std::find_if(page->fields.begin(), page->fields.end(), [&](const FieldOutcome& f) { return f.id == id; });
        if (field != page->fields.end()) found = &*field;
      }
      cells.push_back(found == nullptr ? "" : found->normalized.empty() ? found->text : found->normalized);
      cells.push_back(found == nullptr ? "" : found->state);
    }
    rows += line_of(cells, layout.separator);
  };
  for (const PageOutcome& page : outcome.pages) add(&page);
  if (outcome.pages.empty()) add(nullptr);
  return rows;
}

}  // namespace

std::string csv_cell(std::string_view text, char separator) {
  std::string cell;
  if (looks_like_formula(text)) cell += '\'';
  for (const char c : storable(text)) cell += c;
  const bool quote = cell.find(separator) != std::string::npos || cell.find_first_of(",;\t\"\r\n") != std::string::npos ||
                     (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
  if (!quote) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_header(const CsvLayout& layout) {
  std::vector<std::string> cells = {"document_id", "folder", "file", "outcome", "read_at", "page", "form", "page_state"};
  if (layout.rows == CsvLayout::Rows::fields) {
    cells.insert(cells.end(), {"field", "kind", "state", "text", "value", "confidence", "reason"});
  } else {
    cells.emplace_back("reason");
    for (const std::string& id : layout.columns) {
      cells.push_back(id);
      cells.push_back(id + "_state");
    }
  }
  return line_of(cells, layout.separator);
}

std::string csv_rows(const CsvLayout& layout, const DocumentOutcome& outcome) {
  return layout.rows == CsvLayout::Rows::fields ? field_rows(layout, outcome) : page_rows(layout, outcome);
}

}  // namespace inkfield::watch_folder
