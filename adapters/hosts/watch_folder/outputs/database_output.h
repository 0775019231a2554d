// Results in three tables of an SQLite file or a PostgreSQL database, through Poco::Data: documents, pages, fields.
#pragma once

#include <memory>
#include <string>

#include "adapters/hosts/watch_folder/outputs/output.h"

namespace inkfield::watch_folder {

/// One transaction a document: all of it is there or nothing, and a document_id that is there already changes nothing. The
/// tables are made if they are missing. Every failure of the database is an OutputUnavailable: texts are cleaned before, so
/// nothing in a document can be what the database objects to.
class DatabaseOutput : public Output {
 public:
  /// The file is opened for each document, so that one moved away or put back is noticed.
  static std::unique_ptr<DatabaseOutput> sqlite(const std::string& file);

  /// `connection`: "host=... port=... dbname=... user=... password=...", and nothing else, for Poco hands nothing else on. One connection is
  /// kept; a lost one is made anew, once for each delivery. A server that falls silent without a word costs at most what the
  /// system's TCP takes to give up, a quarter of an hour on Linux.
  static std::unique_ptr<DatabaseOutput> postgresql(const std::string& connection);

  ~DatabaseOutput() override;
  void deliver(const DocumentOutcome& outcome) override;

 private:
  struct Database;
  explicit DatabaseOutput(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace inkfield::watch_folder
