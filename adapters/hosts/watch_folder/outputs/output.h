// Where results go besides the file beside the image. Each kind of output is one class behind this interface.
#pragma once

#include <stdexcept>

#include "adapters/hosts/watch_folder/document_outcome.h"

namespace inkfield::watch_folder {

class Output {
 public:
  virtual ~Output() = default;
  /// Makes the document's result visible there. The same document_id arriving again changes nothing. Throws OutputUnavailable (try later: disk full,
  /// database gone) or another std::exception (this document cannot be written; its reason).
  virtual void deliver(const DocumentOutcome& outcome) = 0;
};

class OutputUnavailable : public std::runtime_error {
  using runtime_error::runtime_error;
};

}  // namespace inkfield::watch_folder
