// The words and texts that every output uses for an outcome, so that CSV, databases and commands say the same.
#pragma once

#include <string>
#include <string_view>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

/// "done", "review" or "failed".
const char* word_for(Destination destination);

/// UTF-8 without zero bytes: what is neither becomes U+FFFD. Databases refuse anything else.
std::string storable(std::string_view text);

/// Reasons in one text, "; " between them.
std::string joined_reasons(const DocumentOutcome& outcome);

/// Printed without the locale, four decimals: "0.9731".
std::string confidence_text(double confidence);

/// The whole outcome as one JSON object on one line: document_id, folder, file, content_hash, outcome, read_at, reasons, pages
/// (page, result: the plugin's object, or null).
std::string json_text(const DocumentOutcome& outcome);

}  // namespace inkfield::watch_folder
