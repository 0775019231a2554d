// Two keys, checked like the outputs'.
#include "adapters/hosts/watch_folder/outputs/filing_policy.h"

#include <Poco/NumberParser.h>
#include <Poco/Util/AbstractConfiguration.h>

#include <stdexcept>
#include <string>

namespace inkfield::watch_folder {

FilingPolicy filing_policy(const Poco::Util::AbstractConfiguration& view) {
  for (const auto& [section, only] : {std::pair{"review", "pictures"}, std::pair{"retention", "days"}}) {
    Poco::Util::AbstractConfiguration::Keys keys;
    view.keys(section, keys);
    for (const std::string& key : keys) {
      if (key != only) throw std::invalid_argument("unknown key " + std::string(section) + '.' + key + "; there is " + section + '.' + only);
    }
    if (view.hasProperty(section)) throw std::invalid_argument("unknown key " + std::string(section) + "; there is " + section + '.' + only);
  }
  FilingPolicy policy;
  const std::string pictures = view.getRawString("review.pictures", "yes");
  if (pictures != "yes" && pictures != "no") throw std::invalid_argument("review.pictures = " + pictures + ": there are yes and no");
  policy.review_pictures = pictures == "yes";
  const std::string days = view.getRawString("retention.days", "0");
  constexpr int kMostDays = 36'500;
  if (!Poco::NumberParser::tryParse(days, policy.retention_days) || policy.retention_days < 0 || policy.retention_days > kMostDays) {
    throw std::invalid_argument("retention.days = " + days + " is no whole number of days from 0 (never) to " + std::to_string(kMostDays));
  }
  return policy;
}

}  // namespace inkfield::watch_folder
