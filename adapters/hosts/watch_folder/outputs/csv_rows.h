// What stands in the rows of a CSV file, and how a cell is written. No files here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

struct CsvLayout {
  /// fields: one row a field, the same columns whatever the forms are. pages: one row a page, two columns (ID and ID_state) for
  /// each of `columns`.
  enum class Rows { fields, pages };
  Rows rows = Rows::fields;
  std::vector<std::string> columns;  ///< field ids, for pages only
  char separator = ',';              ///< , ; or a tab
};

/// A cell under RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it; a plain number such as
/// -12.50 is left alone, or nobody could add it up.
std::string csv_cell(std::string_view text, char separator);

/// The header's line with its CR LF. It follows from the layout alone, so it never changes with what is read.
std::string csv_header(const CsvLayout& layout);

/// Every row of one document, each with its CR LF. A page without fields and a document without pages have a row too: nothing
/// that was read is missing from the file.
std::string csv_rows(const CsvLayout& layout, const DocumentOutcome& outcome);

}  // namespace inkfield::watch_folder
