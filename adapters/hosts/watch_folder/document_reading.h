// Reads one document of a watched folder and says where it belongs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <inkfield/inkfield.hpp>

#include "adapters/hosts/watch_folder/document_outcome.h"
#include "adapters/hosts/watch_folder/settings.h"

namespace inkfield::watch_folder {

const char* name_of(Destination destination);

struct DocumentReading {
  bool interrupted = false;  ///< the service was told to stop; nothing else here means anything
  Destination destination = Destination::failed;
  std::vector<std::string> reasons;  ///< why it is not done, a line each; may hold what stands on the page
  std::string summary;               ///< for the log: counts, never what stands on the page
  std::vector<std::string> pages;    ///< JSON, one object a page
};

/// One watched folder's templates and network. One thread at a time.
class DocumentReader {
 public:
  using Log = std::function<void(inkfield_log_level, const std::string&)>;

  /// Throws SettingsError: the plugin cannot be loaded, no usable template, an unknown form, a bad network.
  DocumentReader(const Settings& settings, const FolderSettings& folder, const Log& log);

  /// Reads every page of `path`; `name` is what the document was called. `stopping` is asked while a page is read.
  /// Throws nothing but std::bad_alloc.
  DocumentReading read(const std::string& path, const std::string& name, const std::function<bool()>& stopping);

 private:
  Engine engine_;
  Session session_;
  std::string form_;
};

/// The result file: file, outcome, reasons, pages. One JSON object, its pages one a line.
std::string json_of(const DocumentReading& reading, const std::string& name, const std::string& read_at);

}  // namespace inkfield::watch_folder
