// What a database says, as text that a test can compare.
#pragma once

#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>

#include <cstddef>
#include <string>

namespace inkfield::tests {

/// The rows, a line each, with | between the columns. `connector` is one that is registered: "SQLite" or "PostgreSQL".
inline std::string database_answer(const std::string& connector, const std::string& connection, const std::string& question) {
  Poco::Data::Session session(connector, connection);
  const Poco::Data::RecordSet rows(session, question);
  std::string text;
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    for (std::size_t column = 0; column < rows.columnCount(); ++column) text += (column == 0 ? "" : "|") + rows.value(column, row).toString();
    text += '\n';
  }
  return text;
}

}  // namespace inkfield::tests
