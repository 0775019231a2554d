// Pictures of every step, written where the host asked for them.
#pragma once

#include <set>
#include <string>

#include "plugin/page/raster.h"

namespace inkfield::abi {

/// Writes into one existing folder and nowhere else, whatever the pictures are called.
class ExplainFolder {
 public:
  /// Throws Error(not_found) unless `folder` is a folder.
  explicit ExplainFolder(std::string folder);
  /// "date/crop" becomes date-crop.png; a second picture of that name date-crop-2.png. Throws
  /// Error(io_error).
  void write(const std::string& name, const page::GrayImage& picture);

 private:
  std::string folder_;
  std::set<std::string> used_;  ///< names written by this call
};

}  // namespace inkfield::abi
