// The rest of a folder's keys that are no outputs: pictures for review/, and how long done/ is kept.
#pragma once

namespace Poco::Util {
class AbstractConfiguration;
}

namespace inkfield::watch_folder {

struct FilingPolicy {
  bool review_pictures = true;  ///< review.pictures = yes or no
  int retention_days = 0;       ///< retention.days; 0: done/ is never emptied by the service
};

/// Throws std::invalid_argument naming the key: unknown below review or retention, or a bad value.
FilingPolicy filing_policy(const Poco::Util::AbstractConfiguration& folder_view);

}  // namespace inkfield::watch_folder
