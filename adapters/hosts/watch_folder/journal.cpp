// Poco::Data over SQLite in WAL mode: a commit appends to the log, and a killed process leaves whole transactions only.
#include "adapters/hosts/watch_folder/journal.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/hosts/common/printable.h"
#include "adapters/hosts/watch_folder/claims.h"

namespace inkfield::watch_folder {

namespace fs = std::filesystem;
using namespace Poco::Data::Keywords;

namespace {

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS documents ("
    " number INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,"
    " content_hash TEXT NOT NULL DEFAULT '', hashed INTEGER NOT NULL DEFAULT 0, template_hash TEXT NOT NULL DEFAULT '',"
    " model_hash TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0,"
    " destination TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', filed_as TEXT NOT NULL DEFAULT '',"
    " duplicate_of TEXT NOT NULL DEFAULT '', claimed_at INTEGER NOT NULL DEFAULT 0, reading_at INTEGER NOT NULL DEFAULT 0,"
    " read_at INTEGER NOT NULL DEFAULT 0, filed_at INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS documents_by_content ON documents (folder, content_hash);"
    "CREATE INDEX IF NOT EXISTS documents_by_hashed ON documents (hashed);"
    "CREATE INDEX IF NOT EXISTS documents_by_state ON documents (state);";

std::int64_t now_s() { return std::time(nullptr); }

/// Letters, digits and - only: it becomes a folder's name on the share.
std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  std::string safe;
  for (const char* c = name.data(); *c != '\0' && safe.size() < 60; ++c) safe += std::isalnum(static_cast<unsigned char>(*c)) != 0 ? *c : '-';
  return safe.empty() ? "host" : safe;
}

}  // namespace

struct Journal::Database {
  explicit Database(const fs::path& file) : session("SQLite", file.string(), 10) {}
  std::mutex mutex;
  Poco::Data::Session session;

  /// Runs `work` with the session held; whatever goes wrong becomes a JournalError.
  template <class Work>
  auto with(Work&& work) {
    const std::lock_guard lock(mutex);
    try {
      return work(session);
    } catch (const Poco::Exception& error) {
      throw JournalError("the journal cannot be used: " + error.displayText());
    }
  }
  /// As with(), all or nothing.
  template <class Work>
  auto in_transaction(Work&& work) {
    return with([&](Poco::Data::Session& s) {
      s << "BEGIN IMMEDIATE", now;
      try {
        auto result = work(s);
        s << "COMMIT", now;
        return result;
      } catch (...) {
        try {
          s << "ROLLBACK", now;
        } catch (const Poco::Exception&) {  // SQLite has rolled back by itself
        }
        throw;
      }
    });
  }
};

Journal::Journal(const fs::path& state) {
  std::error_code error;
  fs::create_directories(state, error);
  const fs::path lock = state / "lock";
  lock_ = ::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (lock_ == -1) throw JournalError(lock.string() + ": " + std::generic_category().message(errno));
  // A service that was killed while it started a worker still holds its lock in the child until that runs its program.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    ::close(lock_);
    throw JournalError(state.string() + ": another service uses this state folder; give each its own (key state)");
  }
  const fs::path file = state / "journal.sqlite";
  try {
    Poco::Data::SQLite::Connector::registerConnector();
    database_ = std::make_unique<Database>(file);
    database_->with([&](Poco::Data::Session& s) {
      std::string mode;
      s << "PRAGMA journal_mode=WAL", into(mode), now;
      s << "PRAGMA synchronous=NORMAL", now;
      s << "PRAGMA cache_size=-512", now;  // KiB; by default 2 MiB, which looks like a leak for the first 4,000 documents
      std::string tables = kTables;
      for (std::size_t end = 0; (end = tables.find(';')) != std::string::npos; tables.erase(0, end + 1)) s << tables.substr(0, end), now;
      std::string owner = host_name() + '-' + random_id().substr(0, 12);
      s << "INSERT OR IGNORE INTO meta (key, value) VALUES ('owner', ?)", use(owner), now;
      s << "SELECT value FROM meta WHERE key = 'owner'", into(owner_), now;
    });
  } catch (const Poco::Exception& problem) {
    ::close(lock_);
    throw JournalError(file.string() + ": " + problem.displayText());
  } catch (const JournalError& problem) {
    ::close(lock_);
    throw JournalError(file.string() + ": " + problem.what());
  }
}

Journal::~Journal() {
  database_.reset();
  ::close(lock_);
}

void Journal::note_claimed(const std::string& document_id, const std::string& folder, const std::string& name) {
  database_->with([&](Poco::Data::Session& s) {
    std::string id = document_id, f = folder, n = hosts::printable(name);
    std::int64_t at = now_s();
    s << "INSERT OR IGNORE INTO documents (document_id, folder, name, state, claimed_at) VALUES (?, ?, ?, 'claimed', ?)", use(id), use(f), use(n),
        use(at), now;
  });
}

std::optional<std::string> Journal::begin_reading(const std::string& document_id, const std::string& folder, const std::string& hash,
                                                  const std::string& template_hash, const std::string& model_hash, bool mark_duplicates) {
  return database_->in_transaction([&](Poco::Data::Session& s) -> std::optional<std::string> {
    std::string id = document_id, f = folder, h = hash, t = template_hash, m = model_hash;
    std::int64_t at = now_s();
    // The order in which contents were first seen decides which of two is the copy, also after a restart between them.
    s << "UPDATE documents SET hashed = CASE WHEN content_hash = ? AND hashed > 0 THEN hashed ELSE (SELECT MAX(hashed) + 1 FROM documents) END,"
         " content_hash = ?, template_hash = ?, model_hash = ?, attempts = attempts + 1, reading_at = ?, state = 'reading' WHERE document_id = ?",
        use(h), use(h), use(t), use(m), use(at), use(id), now;
    if (!mark_duplicates) return std::nullopt;
    std::string original;
    s << "SELECT document_id FROM documents WHERE folder = ? AND content_hash = ? AND document_id <> ? AND state IN ('reading', 'read', 'done', 'review')"
         " AND hashed < (SELECT hashed FROM documents WHERE document_id = ?) ORDER BY hashed LIMIT 1",
        into(original), use(f), use(h), use(id), use(id), now;
    if (original.empty()) return std::nullopt;
    s << "UPDATE documents SET state = 'duplicate', destination = 'duplicate', duplicate_of = ? WHERE document_id = ?", use(original), use(id), now;
    return original;
  });
}

void Journal::note_read(const std::string& document_id, const std::string& destination, const std::string& reason, std::int64_t pages) {
  database_->with([&](Poco::Data::Session& s) {
    std::string id = document_id, d = destination, r = reason;
    std::int64_t p = pages, at = now_s();
    s << "UPDATE documents SET state = CASE WHEN state = 'duplicate' THEN state ELSE 'read' END, destination = ?, reason = ?, pages = ?, read_at = ?"
         " WHERE document_id = ?",
        use(d), use(r), use(p), use(at), use(id), now;
  });
}

void Journal::note_filed(const std::string& document_id, const std::string& destination, const std::string& filed_as) {
  database_->with([&](Poco::Data::Session& s) {
    std::string id = document_id, d = destination, d2 = destination, n = hosts::printable(filed_as);
    std::int64_t at = now_s();
    s << "UPDATE documents SET state = ?, destination = ?, filed_as = ?, filed_at = ? WHERE document_id = ?", use(d), use(d2), use(n), use(at), use(id), now;
  });
}

void Journal::note_given_up(const std::string& document_id) {
  database_->with([&](Poco::Data::Session& s) {
    std::string id = document_id;
    s << "UPDATE documents SET state = 'given up' WHERE document_id = ?", use(id), now;
  });
}

std::optional<JournalEntry> Journal::entry(const std::string& document_id) const {
  return database_->with([&](Poco::Data::Session& s) -> std::optional<JournalEntry> {
    JournalEntry e;
    std::string id = document_id;
    s << "SELECT document_id, folder, name, content_hash, template_hash, model_hash, state, filed_as, duplicate_of, reason, attempts"
         " FROM documents WHERE document_id = ?",
        into(e.document_id), into(e.folder), into(e.name), into(e.content_hash), into(e.template_hash), into(e.model_hash), into(e.state),
        into(e.filed_as), into(e.duplicate_of), into(e.reason), into(e.attempts), use(id), now;
    return e.document_id.empty() ? std::nullopt : std::optional(e);
  });
}

std::int64_t Journal::count(const std::string& state) const {
  return database_->with([&](Poco::Data::Session& s) {
    std::string wanted = state;
    std::int64_t n = 0;
    s << "SELECT COUNT(*) FROM documents WHERE state = ?", into(n), use(wanted), now;
    return n;
  });
}

void Journal::forget_after(std::int64_t days) {
  database_->with([&](Poco::Data::Session& s) {
    std::int64_t before = now_s() - days * 24 * 60 * 60;
    s << "DELETE FROM documents WHERE filed_at > 0 AND filed_at < ?", use(before), now;
  });
}

}  // namespace inkfield::watch_folder
