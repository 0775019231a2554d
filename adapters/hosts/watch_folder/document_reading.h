// What became of a document as it lies beside its claim and, in the end, beside the image: from the pages that a worker read to a
// destination, reasons and the result file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/document_outcome.h"
#include "adapters/hosts/watch_folder/message.h"

namespace inkfield::watch_folder {

/// "done", "review" or "failed".
const char* name_of(Destination destination);

/// How a page counts for its document.
enum class PageWeight { accepted, needs_person, unreadable, misconfigured };

/// A page as a worker sends it.
struct PageReading {
  PageOutcome outcome;
  PageWeight weight = PageWeight::unreadable;
  std::uint32_t pages = 1;  ///< of the document
  std::string record;       ///< one JSON object: file, page, pages, error, result
};

struct DocumentReading {
  DocumentOutcome outcome;
  std::string duplicate_of;  ///< id of the document with the same content, if this one was not read for that
  std::string batch;         ///< the subfolder it was dropped into, where that names a batch
  std::string summary;       ///< for the log: counts, never what stands on the page
  std::vector<std::string> records;  ///< one JSON object a page, as they stand in the result file

  /// "done", "review", "failed" or "duplicate".
  [[nodiscard]] std::string word() const { return duplicate_of.empty() ? name_of(outcome.destination) : "duplicate"; }
};

/// Fills destination, reasons, pages and summary. `trouble`: why the document could not be read to its end, or "".
void conclude(DocumentReading& reading, std::vector<PageReading> pages, const std::string& trouble);

/// The result file: document_id, file, outcome, read_at, reasons, pages. One JSON object, its pages one a line. The id comes first, so that
/// a file is known for that document's by its beginning.
std::string result_json_of(const DocumentReading& reading);

/// How every result file of this document begins.
std::string beginning_of_result(const std::string& document_id);

Message message_of(const PageReading& page);
PageReading page_reading_of(MessageWalk& walk);
void append(Message& message, const PageOutcome& page);
PageOutcome page_outcome_of(MessageWalk& walk);

/// Written beside the claim: all or nothing, on disk when this returns. Throws std::system_error.
void save(const DocumentReading& reading, const std::filesystem::path& file);
/// Nothing if there is none or it is not whole.
std::optional<DocumentReading> saved_reading(const std::filesystem::path& file);

}  // namespace inkfield::watch_folder
