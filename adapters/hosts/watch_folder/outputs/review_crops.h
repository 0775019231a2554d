// What a person needs who looks at a document in review/: a picture of each field in question, and a list of them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <inkfield/inkfield.h>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

/// Pixels of one page of the document, counted from 1; they must live until the next call. May throw.
using PageImage = std::function<inkfield_image(int page)>;

/// Makes `folder` with a PNG for every field whose state is review or failed, cut from the page upright with some of its surroundings,
/// and fields.json: [{"page":1,"field":"amount","state":"review","text":"12.50","confidence":0.81,"reason":"...","picture":"1-amount.png"}].
/// It appears by one rename, whole or not at all; a folder that is there already is left alone. A picture that cannot be cut
/// (no quad, the page cannot be decoded again) is "" in the list: the list is what matters. False if there is no such field, and
/// then no folder. Throws std::filesystem::filesystem_error or std::system_error (disk full); nothing stays then.
bool write_review_crops(const DocumentOutcome& outcome, const PageImage& page_image, const std::filesystem::path& folder);

}  // namespace inkfield::watch_folder
