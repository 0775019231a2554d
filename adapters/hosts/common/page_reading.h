// Reads every page of an image file through the plugin and says what became of each. Shared by the hosts, so that
// "could not be read" and "needs a person" mean the same everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <inkfield/inkfield.hpp>

namespace inkfield::hosts {

/// What became of one page.
struct PageRecord {
  std::string file;
  std::uint32_t page = 1;           ///< counted from 1
  std::uint32_t pages = 1;          ///< in the file; 1 if the file could not be opened
  std::optional<Result> result;     ///< nothing if the page could not be read
  inkfield_status status = INKFIELD_OK;
  std::string error;                ///< why there is no result; names neither file nor page
  bool while_reading = false;       ///< the failure came after the picture was decoded
};

/// How a host should treat a page. The order is the order of weight.
enum class Outcome { accepted, needs_person, unreadable, misconfigured };

/// misconfigured: the fault lies in what the host was told (a field id that the form lacks, a missing language), so
/// other pages will fare no better.
Outcome outcome_of(const PageRecord& record);

/// The page as one JSON object on one line: file, page, pages, error (null or {status, message}), result (null or
/// what the plugin's result_json gives).
std::string json_of(const PageRecord& record);

/// Names as in the result's schema.
const char* name_of_page_state(inkfield_page_state state);
const char* name_of_field_state(inkfield_field_state state);
const char* name_of_field_kind(inkfield_field_kind kind);

/// A message of the plugin without the `path: ` that it may begin with, for those who name the file themselves.
std::string without_path(const std::string& message, const std::string& path);

/// Opens the document again for each call of read_pages.
using OpenDocument = std::function<Document()>;
/// Options for one page of `pages`, both counted from 1.
using OptionsForPage = std::function<ReadOptions(std::uint32_t page, std::uint32_t pages)>;
/// Takes what became of a page. Returns false to stop.
using TakeRecord = std::function<bool(PageRecord)>;

/// Reads the pages in order and hands each to `take`; a file that cannot be opened gives one record. Failed calls of
/// the plugin become records; what `options` and `take` throw passes through. `file` is what the records call the
/// document, `path` what the plugin calls it: records' messages name neither.
void read_pages(Session& session, const std::string& file, const std::string& path, const OpenDocument& open,
                const OptionsForPage& options, const TakeRecord& take);

}  // namespace inkfield::hosts
