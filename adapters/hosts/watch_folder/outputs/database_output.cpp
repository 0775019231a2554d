// The same statements for both: ON CONFLICT DO NOTHING is known to SQLite from 3.24 and PostgreSQL from 9.5.
#include "adapters/hosts/watch_folder/outputs/database_output.h"

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Exception.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/outputs/outcome_text.h"

namespace inkfield::watch_folder {

using namespace Poco::Data::Keywords;

namespace {

/// How long a statement may wait for a lock or work: longer than any honest one needs, shorter than an operator's patience.
constexpr int kPatience_s = 20;

/// Poco tries so long to open a file that cannot be opened.
constexpr int kOpening_s = 1;

/// One row of a table, its texts ready to be bound.
struct FieldRow {
  int page = 0;
  int position = 0;
  std::string id, kind, state, text, normalized, reason;
  double confidence = 0;
};

const std::vector<const char*>& tables() {
  static const std::vector<const char*> kTables = {
      "CREATE TABLE IF NOT EXISTS documents (document_id TEXT PRIMARY KEY, folder TEXT NOT NULL, file TEXT NOT NULL, content_hash TEXT NOT NULL, "
      "outcome TEXT NOT NULL, reasons TEXT NOT NULL, pages INTEGER NOT NULL, read_at TEXT NOT NULL)",
      "CREATE TABLE IF NOT EXISTS pages (document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE, page INTEGER NOT NULL, "
      "state TEXT NOT NULL, form_id TEXT NOT NULL, reason TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (document_id, page))",
      "CREATE TABLE IF NOT EXISTS fields (document_id TEXT NOT NULL REFERENCES documents (document_id) ON DELETE CASCADE, page INTEGER NOT NULL, "
      "position INTEGER NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL, value TEXT NOT NULL, "
      "confidence DOUBLE PRECISION NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (document_id, page, position))",
  };
  return kTables;
}

/// Rolled back by going out of sight, unless committed. Poco's own Transaction logs and asks; this is all that is needed.
class Transaction {
 public:
  explicit Transaction(Poco::Data::Session& session) : session_(session) { session_.begin(); }
  ~Transaction() {
    if (done_) return;
    try {
      session_.rollback();
    } catch (const std::exception&) {
      // The connection is gone, and the transaction with it.
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    session_.commit();
    done_ = true;
  }

 private:
  Poco::Data::Session& session_;
  bool done_ = false;
};

void insert(Poco::Data::Session& session, const DocumentOutcome& outcome, bool dollar_marks) {
  // SQLite numbers its marks ?1, PostgreSQL $1.
  const auto sql = [&](std::string text) {
    if (dollar_marks) return text;
    for (char& c : text) {
      if (c == '$') c = '?';
    }
    return text;
  };
  std::string id = storable(outcome.document_id);
  std::string folder = storable(outcome.folder);
  std::string file = hosts::printable(outcome.name);
  std::string hash = storable(outcome.content_hash);
  std::string word = word_for(outcome.destination);
  std::string reasons = storable(joined_reasons(outcome));
  std::string read_at = storable(outcome.read_at);
  int count = static_cast<int>(outcome.pages.size());

  Transaction transaction(session);
  Poco::Data::Statement document(session);
  document << sql("INSERT INTO documents (document_id, folder, file, content_hash, outcome, reasons, pages, read_at) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (document_id) DO NOTHING RETURNING pages"),
      use(id), use(folder), use(file), use(hash), use(word), use(reasons), use(count), use(read_at);
  std::vector<int> returned;
  document, into(returned);
  document.execute();
  if (returned.empty()) return;  // there already, whole: it came in by one transaction

  for (const PageOutcome& page : outcome.pages) {
    int number = page.page;
    std::string state = storable(page.state);
    std::string form = storable(page.form_id);
    std::string reason = storable(page.reason);
    std::string json = storable(page.json);
    session << sql("INSERT INTO pages (document_id, page, state, form_id, reason, result) VALUES ($1, $2, $3, $4, $5, $6)"), use(id), use(number), use(state),
        use(form), use(reason), use(json), now;
    FieldRow row;
    row.page = number;
    for (const FieldOutcome& field : page.fields) {
      ++row.position;
      row.id = storable(field.id);
      row.kind = storable(field.kind);
      row.state = storable(field.state);
      row.text = storable(field.text);
      row.normalized = storable(field.normalized);
      row.reason = storable(field.reason);
      row.confidence = field.confidence;
      session << sql("INSERT INTO fields (document_id, page, position, field, kind, state, text, value, confidence, reason) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"),
          use(id), use(row.page), use(row.position), use(row.id), use(row.kind), use(row.state), use(row.text), use(row.normalized), use(row.confidence),
          use(row.reason), now;
    }
  }
  transaction.commit();
}

}  // namespace

struct DatabaseOutput::Database {
  virtual ~Database() = default;
  virtual void store(const DocumentOutcome& outcome) = 0;
};

DatabaseOutput::DatabaseOutput(std::unique_ptr<Database> database) : database_(std::move(database)) {}
DatabaseOutput::~DatabaseOutput() = default;

void DatabaseOutput::deliver(const DocumentOutcome& outcome) {
  if (outcome.document_id.empty()) throw std::invalid_argument("a document without an id cannot be delivered once");
  database_->store(outcome);
}

std::unique_ptr<DatabaseOutput> DatabaseOutput::sqlite(const std::string& file) {
  struct File : Database {
    explicit File(std::string path) : path_(std::move(path)) { Poco::Data::SQLite::Connector::registerConnector(); }
    void store(const DocumentOutcome& outcome) override {
      try {
        Poco::Data::Session session("SQLite", path_, kOpening_s);
        // FULL with a rollback journal: safe on every file system, and readers never meet a half document.
        session << "PRAGMA synchronous = FULL", now;
        session << "PRAGMA busy_timeout = " + std::to_string(kPatience_s * 1000), now;
        for (const char* table : tables()) session << table, now;
        insert(session, outcome, false);
      } catch (const Poco::Exception& error) {
        throw OutputUnavailable(path_ + ": " + error.displayText());
      }
    }
    std::string path_;
  };
  return std::unique_ptr<DatabaseOutput>(new DatabaseOutput(std::make_unique<File>(file)));
}

std::unique_ptr<DatabaseOutput> DatabaseOutput::postgresql(const std::string& connection) {
  struct Server : Database {
    explicit Server(std::string connection) : connection_(std::move(connection)) { Poco::Data::PostgreSQL::Connector::registerConnector(); }

    // Poco 1.11 never frees a connection that failed, and a server may be away for days: libpq is asked first.
    void probe() const {
      const std::unique_ptr<PGconn, decltype(&PQfinish)> tried(PQconnectdb((connection_ + " connect_timeout=" + std::to_string(kPatience_s)).c_str()), &PQfinish);
      if (tried && PQstatus(tried.get()) == CONNECTION_OK) return;
      std::string reason = tried ? PQerrorMessage(tried.get()) : "out of memory";
      std::replace(reason.begin(), reason.end(), '\n', ' ');
      throw OutputUnavailable("PostgreSQL: " + reason);
    }

    void connect() {
      probe();
      session_.emplace("PostgreSQL", connection_, kPatience_s);
      *session_ << "SET statement_timeout = '" + std::to_string(kPatience_s) + "s'", now;
      *session_ << "SET lock_timeout = '" + std::to_string(kPatience_s) + "s'", now;
      *session_ << "SET synchronous_commit = on", now;
      *session_ << "SET client_min_messages = warning", now;
      for (const char* table : tables()) *session_ << table, now;
    }

    void store(const DocumentOutcome& outcome) override {
      for (int attempt = 1;; ++attempt) {
        const bool kept = session_.has_value();
        try {
          if (!kept) connect();
          insert(*session_, outcome, true);
          return;
        } catch (const Poco::Exception& error) {
          session_.reset();
          // A kept connection may only have been the old server's.
          if (!kept || attempt > 1) throw OutputUnavailable("PostgreSQL: " + error.displayText());
        }
      }
    }
    std::string connection_;
    std::optional<Poco::Data::Session> session_;
  };
  return std::unique_ptr<DatabaseOutput>(new DatabaseOutput(std::make_unique<Server>(connection)));
}

}  // namespace inkfield::watch_folder
