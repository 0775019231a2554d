// What became of one document, as outputs, journal and workers hand it to each other: values only, no plugin types.
#pragma once

#include <string>
#include <vector>

namespace inkfield::watch_folder {

struct FieldOutcome {
  std::string id, kind, state, text, normalized, reason;
  double confidence = 0;
};

struct PageOutcome {
  int page = 0;  ///< counts from 1
  std::string state, form_id, reason;
  std::vector<FieldOutcome> fields;
  std::string json;  ///< the plugin's result object
};

enum class Destination { done, review, failed };

struct DocumentOutcome {
  std::string document_id;  ///< stable across restarts and retries
  std::string folder, name, content_hash;
  Destination destination = Destination::failed;
  std::vector<std::string> reasons;
  std::vector<PageOutcome> pages;
  std::string read_at;
};

}  // namespace inkfield::watch_folder
