// A stack of forms scanned in one go, with separator sheets between: where one document ends and the next begins.
#pragma once

#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

struct SeparatorSheet {
  std::string form_id;         ///< the template of the sheet; "": nothing is split
  std::string label_field;     ///< a field of it, such as its barcode, whose text names what follows; "": none
  bool keep = false;           ///< the sheet is the first page of what follows, instead of being dropped
  bool drop_blank_back = true; ///< a blank page right after the sheet is its back, scanned on both sides
};

struct BatchPart {
  std::string label;               ///< what the sheet before it says, if its label field was accepted; else ""
  std::vector<PageOutcome> pages;  ///< as they stand in the batch: their page numbers are the batch's
};

/// Documents in the order of the batch; none is empty. A page counts as a sheet only if it was read as that form, so a page
/// that could not be read stays with the document it lies in. Two sheets in a row, or one at an end, make no empty document.
std::vector<BatchPart> split_batch(const std::vector<PageOutcome>& pages, const SeparatorSheet& sheet);

}  // namespace inkfield::watch_folder
